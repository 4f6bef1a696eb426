"""Operations: how far each asset has read each unit, when it looked, what failed, and what an API was asked."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Double, Integer, Table, Text
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

freshness = Table(
    "freshness",
    metadata,
    Column("asset", Text, primary_key=True, comment="The asset's key: code/commits."),
    Column(
        "checked_at",
        DateTime(timezone=True),
        comment="When all of it was last looked at without a failure; NULL: never.",
    ),
    Column(
        "changed_at",
        DateTime(timezone=True),
        comment="The last look that wrote anything, whole or not; NULL: none did.",
    ),
    Column("version", Text, comment="Dagster's data version: another one, other data."),
    comment="When each asset was last looked at, and when its data last changed.",
)

looks = Table(
    "looks",
    metadata,
    Column("asset", Text, primary_key=True, comment="The asset's key: code/commits."),
    Column("unit", Text, primary_key=True, comment="A repository, a release."),
    Column(
        "checked_at",
        DateTime(timezone=True),
        nullable=False,
        comment="When its source was last asked, whether there was anything new or not.",
    ),
    comment="When an asset last looked at each unit.",
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

source_costs = Table(
    "source_costs",
    metadata,
    Column("run_id", Text, primary_key=True, comment="Dagster's."),
    Column("asset", Text, primary_key=True),
    Column("source", Text, primary_key=True, comment="The API: github."),
    Column("requests", Integer, nullable=False),
    Column("points", Integer, nullable=False, comment="Of the primary limits: REST's requests and GraphQL's cost."),
    Column("not_modified", Integer, nullable=False, comment="Answers 304, which cost no point."),
    Column("retries", Integer, nullable=False),
    Column("slept_seconds", Double, nullable=False, comment="Waiting for limits, and between retries."),
    Column("bytes", BigInteger, nullable=False, comment="Of the answers' bodies."),
    Column("items", Integer, nullable=False, comment="Rows read: issues, pull requests, comments …"),
    Column("is_full", Boolean, nullable=False, comment="It read everything, not what changed."),
    Column("finished_at", DateTime(timezone=True), nullable=False),
    comment="What each run of an asset cost at an API.",
)

etags = Table(
    "etags",
    metadata,
    Column("url", Text, primary_key=True, comment="Path and parameters of the request."),
    Column("etag", Text, nullable=False, comment="After a fingerprint of the token that it holds for."),
    Column("read_at", DateTime(timezone=True), nullable=False),
    comment="Validators of conditional requests.",
)
