"""Looks: when each asset and unit was last looked at, whether it had changed or not."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "freshness",
        sa.Column("asset", sa.Text(), nullable=False, comment="The asset's key: code/commits."),
        sa.Column(
            "checked_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When all of it was last looked at without a failure; NULL: never.",
        ),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="The last look that wrote anything, whole or not; NULL: none did.",
        ),
        sa.Column("version", sa.Text(), nullable=True, comment="Dagster's data version: another one, other data."),
        sa.PrimaryKeyConstraint("asset", name=op.f("pk_freshness")),
        comment="When each asset was last looked at, and when its data last changed.",
    )
    op.create_table(
        "looks",
        sa.Column("asset", sa.Text(), nullable=False, comment="The asset's key: code/commits."),
        sa.Column("unit", sa.Text(), nullable=False, comment="A repository, a release."),
        sa.Column(
            "checked_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When its source was last asked, whether there was anything new or not.",
        ),
        sa.PrimaryKeyConstraint("asset", "unit", name=op.f("pk_looks")),
        comment="When an asset last looked at each unit.",
    )
    # What is known of the time before: a cursor that moved was looked at then.
    known = "FROM cursors WHERE unit <> '*' AND asset NOT LIKE 'scheduling/%'"
    op.execute(f"INSERT INTO looks SELECT asset, unit, completed_at {known}")
    op.execute(
        f"INSERT INTO freshness SELECT asset, max(completed_at), max(completed_at), max(completed_at)::text {known} "
        "GROUP BY asset"
    )


def downgrade() -> None:
    op.drop_table("looks")
    op.drop_table("freshness")
