"""The source of a release's day, what became of its tag, what a graph does not know; the next run makes them anew."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "github_releases",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False, comment="The tag that it names, whether or not that exists."),
        sa.Column("github_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True, comment="Its title."),
        sa.Column("is_prerelease", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_github_releases_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("repository_id", "tag", name=op.f("pk_github_releases")),
        comment="What GitHub shows as releases of the superproject; releases.released_on is taken from it. Drafts are out.",
    )
    op.add_column(
        "releases",
        sa.Column(
            "released_on_source",
            sa.Text(),
            nullable=True,
            comment="history: Boost's version history; github: published there, in UTC; website: the state of boost.org.",
        ),
    )
    op.add_column(
        "releases",
        sa.Column(
            "deleted_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When its tag was found to be gone; the row is kept.",
        ),
    )
    op.add_column(
        "releases",
        sa.Column(
            "moved_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When its tag was last found on another commit than before.",
        ),
    )
    op.add_column(
        "releases",
        sa.Column("moved_from", sa.Text(), nullable=True, comment="The commit that it named before it moved."),
    )
    op.create_table(
        "head_dependencies",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False, comment="Its first day."),
        sa.Column("module_id", sa.BigInteger(), nullable=False),
        sa.Column("depends_on_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_head_dependencies_release_id_releases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["module_id"], ["modules.id"], name=op.f("fk_head_dependencies_module_id_modules")),
        sa.ForeignKeyConstraint(
            ["depends_on_id"], ["modules.id"], name=op.f("fk_head_dependencies_depends_on_id_modules")
        ),
        sa.PrimaryKeyConstraint("release_id", "month", "module_id", "depends_on_id", name=op.f("pk_head_dependencies")),
        comment="The dependencies of a head, which moves, as last read in each month, where all of it was read: pairs of "
        "modules, of headers and sources.",
    )
    op.add_column(
        "unknown_includes",
        sa.Column(
            "unread_module_id",
            sa.BigInteger(),
            sa.ForeignKey("modules.id", name=op.f("fk_unknown_includes_unread_module_id_modules")),
            nullable=True,
            comment="The module of this release whose header it is, but which was not read whole; NULL: no module has it.",
        ),
    )
    op.add_column(
        "module_graph",
        sa.Column(
            "is_known",
            sa.Boolean(),
            server_default=sa.true(),
            nullable=False,
            comment="All that it needs was read whole; else level, weight, direct, transitive, minima are no facts.",
        ),
    )
    op.execute("UPDATE module_graph SET is_known = false WHERE release_id IN (SELECT release_id FROM source_gaps)")
    op.execute("UPDATE releases SET released_on = NULL")
    op.create_check_constraint(
        op.f("ck_releases_released_on_source"), "releases", "released_on_source IN ('history', 'github', 'website')"
    )
    op.create_check_constraint(
        op.f("ck_releases_released_on"), "releases", "(released_on IS NULL) = (released_on_source IS NULL)"
    )
    op.alter_column(
        "releases",
        "released_on",
        comment="The day of the release, by released_on_source; NULL where no source knows it. Commits are older.",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_releases_released_on"), "releases", type_="check")
    op.drop_constraint(op.f("ck_releases_released_on_source"), "releases", type_="check")
    op.drop_table("head_dependencies")
    op.drop_column("module_graph", "is_known")
    op.drop_column("unknown_includes", "unread_module_id")
    for column in ("moved_from", "moved_at", "deleted_at", "released_on_source"):
        op.drop_column("releases", column)
    op.drop_table("github_releases")
    op.alter_column(
        "releases",
        "released_on",
        comment="The day of the release: known dates up to 1.53.0, whose commits all carry the date of the conversion "
        "from Subversion; the UTC day of the commit after that.",
    )
