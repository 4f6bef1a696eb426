"""What GitHub did not give, part by part."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unread_parts",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "asset", sa.Text(), nullable=False, comment="Which step asked: repositories, issues, comments or releases."
        ),
        sa.Column("number", sa.Integer(), nullable=False, comment="The item's number; 0: the repository itself."),
        sa.Column(
            "part",
            sa.Text(),
            nullable=False,
            comment="The names that lead to it in GitHub's answer, such as author; item: all of the item.",
        ),
        sa.Column(
            "reason",
            sa.Text(),
            nullable=False,
            comment="refused: not for this token; unanswered: GitHub failed each time; damaged: nothing that can be "
            "stored; unlisted: counted, but in no list.",
        ),
        sa.Column("told", sa.Text(), nullable=False, comment="GitHub's words, or what was odd."),
        sa.CheckConstraint(
            "asset IN ('repositories', 'issues', 'comments', 'releases')", name=op.f("ck_unread_parts_asset")
        ),
        sa.CheckConstraint(
            "reason IN ('refused', 'unanswered', 'damaged', 'unlisted')", name=op.f("ck_unread_parts_reason")
        ),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_unread_parts_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("repository_id", "asset", "number", "part", name=op.f("pk_unread_parts")),
        comment="Parts that GitHub did not give; what was stored of them before stays. The next run asks again.",
    )


def downgrade() -> None:
    op.drop_table("unread_parts")
