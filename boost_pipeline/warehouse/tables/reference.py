"""Reference: what is owned once and read by all domains."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from boost_pipeline.warehouse.tables.metadata import metadata

languages = Table(
    "languages",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    comment="One row per programming language, as GitHub names them.",
)

licenses = Table(
    "licenses",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("spdx_id", Text, unique=True, comment="NULL: SPDX has none for it, or GitHub does not recognise it."),
    Column("name", Text, nullable=False, unique=True),
    Column("url", Text),
    comment="One row per licence, as GitHub recognises them.",
)

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
        comment="superproject; boost: a module below libs/; tool: a module below tools/ or at the top level; "
        "other: of the same owner, but no submodule; llvm: of the LLVM project.",
    ),
    Column("default_branch", Text, comment="Where the remote's HEAD points; NULL until the mirror was made."),
    Column("github_id", BigInteger, unique=True, comment="GitHub's databaseId: it stays when the name changes."),
    Column("node_id", Text, comment="NULL, as all that follows, until GitHub was asked."),
    Column("description", Text),
    Column("is_fork", Boolean),
    Column("is_archived", Boolean),
    Column("stars", Integer),
    Column("forks", Integer),
    Column("created_at", DateTime(timezone=True)),
    Column("pushed_at", DateTime(timezone=True)),
    Column("license_id", BigInteger, ForeignKey("licenses.id")),
    Column("issue_count", Integer, comment="Issues, open and closed, as GitHub counted them when last asked."),
    Column("pull_request_count", Integer, comment="Pull requests, all states, as GitHub counted them when last asked."),
    UniqueConstraint("owner", "name"),
    CheckConstraint("kind IN ('superproject', 'boost', 'tool', 'other', 'llvm')", name="kind"),
    comment="One row per git repository that any release of Boost, or the head of a branch of the superproject, names, "
    "and those that only GitHub knows.",
)

repository_languages = Table(
    "repository_languages",
    metadata,
    Column("repository_id", BigInteger, ForeignKey("repositories.id"), primary_key=True),
    Column("language_id", BigInteger, ForeignKey("languages.id"), primary_key=True),
    Column("bytes", BigInteger, nullable=False, comment="Of the default branch, as GitHub's linguist counts."),
    comment="The languages that a repository is written in.",
)

repository_topics = Table(
    "repository_topics",
    metadata,
    Column("repository_id", BigInteger, ForeignKey("repositories.id"), primary_key=True),
    Column("topic", Text, primary_key=True),
    comment="The topics that a repository is tagged with on GitHub.",
)
