"""Operations: how far each asset has read each unit, and what failed."""

from sqlalchemy import Column, DateTime, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from boost_pipeline.warehouse.tables.metadata import metadata

cursors = Table(
    "cursors",
    metadata,
    Column("asset", Text, primary_key=True, comment="The asset's key: code/commits."),
    Column("unit", Text, primary_key=True, comment="A repository, a release, a list: what is done in one transaction."),
    Column("position", JSONB, nullable=False, comment="What was read; written in the transaction that wrote the rows."),
    Column("completed_at", DateTime(timezone=True), nullable=False, comment="When the position last changed."),
    comment="How far an asset has read one source, for one unit.",
)

failures = Table(
    "failures",
    metadata,
    Column("asset", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("category", Text, nullable=False, comment="network, permission, corrupt, database, validation, unknown …"),
    Column("error", Text, nullable=False, comment="The newest error, in one line."),
    Column("first_seen", DateTime(timezone=True), nullable=False, comment="Start of this row of failures."),
    Column("last_seen", DateTime(timezone=True), nullable=False),
    Column("attempts", Integer, nullable=False, comment="Failed runs in a row."),
    Column("resolved_at", DateTime(timezone=True), comment="When it worked again; NULL while it is open."),
    comment="Units that failed: a unit is tried again by each run until it works.",
)
