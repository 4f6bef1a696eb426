"""Reference: what is owned once and read by all domains."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Table, Text, UniqueConstraint

from boost_pipeline.warehouse.tables.metadata import metadata

repositories = Table(
    "repositories",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("owner", Text, nullable=False, comment="The owner, as GitHub names it: boostorg."),
    Column(
        "name", Text, nullable=False, comment="The repository's name below its owner, from the URL of the submodule."
    ),
    Column(
        "kind",
        Text,
        nullable=False,
        comment="superproject; boost: a module below libs/; tool: a module below tools/ or at the top level.",
    ),
    Column("default_branch", Text, comment="Where the remote's HEAD points; NULL until the mirror was made."),
    UniqueConstraint("owner", "name"),
    CheckConstraint("kind IN ('superproject', 'boost', 'tool')", name="kind"),
    comment="One row per git repository that any release of Boost, or the head of a branch of the superproject, names.",
)
