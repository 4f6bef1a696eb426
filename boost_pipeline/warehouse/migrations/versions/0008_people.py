"""Which person each author of a commit is; co-authors found without reading all trailers; what is no library lacks none."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "author_identities",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="As committed."),
        sa.Column(
            "person",
            sa.Text(),
            nullable=False,
            comment="The same for all identities of one person: a digest of the first of their addresses.",
        ),
        sa.Column("shown_name", sa.Text(), nullable=False, comment="The name without an address in it."),
        sa.Column("is_bot", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("email", "name", name=op.f("pk_author_identities")),
        comment="Every name and address that a commit, or a Co-authored-by trailer, was written by, and whose it is. "
        "Made anew by code/commits and github/accounts.",
    )
    op.execute(
        "DELETE FROM metadata_problems p USING modules m WHERE m.id = p.module_id AND p.kind = 'missing_file' "
        "AND m.name IN ('headers', 'numeric')"
    )
    op.create_index(
        "ix_commit_trailers_co_authors",
        "commit_trailers",
        ["commit_id"],
        postgresql_where=sa.text("lower(token) = 'co-authored-by'"),
    )


def downgrade() -> None:
    op.drop_index("ix_commit_trailers_co_authors", "commit_trailers")
    op.drop_table("author_identities")
