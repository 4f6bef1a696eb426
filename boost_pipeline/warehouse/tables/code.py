"""Code: the whole git history of every repository."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from boost_pipeline.warehouse.tables.metadata import metadata

commits = Table(
    "commits",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("repository_id", BigInteger, ForeignKey("repositories.id"), nullable=False),
    Column("sha", Text, nullable=False),
    Column("parents", ARRAY(Text), nullable=False, comment="In git's order; empty for a root."),
    Column("author_name", Text, nullable=False, comment="As committed: no .mailmap is applied."),
    Column("author_email", Text, nullable=False),
    Column("authored_at", DateTime(timezone=True), comment="NULL where the commit holds no date that can be kept."),
    Column("author_utc_offset", SmallInteger, nullable=False, comment="Minutes east of UTC on the author's clock."),
    Column("committer_name", Text, nullable=False),
    Column("committer_email", Text, nullable=False),
    Column("committed_at", DateTime(timezone=True), comment="NULL where the commit holds no date that can be kept."),
    Column(
        "landed_at",
        DateTime(timezone=True),
        comment="Committer date of the first-parent commit that brought it to the default branch; NULL off it.",
    ),
    Column("subject", Text, nullable=False, comment="The first paragraph of the message on one line."),
    Column("message", Text, nullable=False, comment="The whole message; git ends it at a NUL byte, if it holds one."),
    Column("is_merge", Boolean, nullable=False, comment="It has more than one parent."),
    Column("is_reachable", Boolean, nullable=False, comment="False once no branch, tag or release holds it any more."),
    Column("on_default_branch", Boolean, nullable=False),
    Column(
        "files_changed", Integer, nullable=False, comment="Rows in commit_files; 0 for merges, as git log shows them."
    ),
    Column("additions", BigInteger, nullable=False, comment="Lines added over its files; binary files count 0."),
    Column("deletions", BigInteger, nullable=False),
    Column(
        "first_release_id",
        BigInteger,
        ForeignKey("releases.id", ondelete="SET NULL"),
        comment="The first stable release, by version, whose pinned commit of this repository contains it.",
    ),
    UniqueConstraint("repository_id", "sha"),
    comment="One row per commit of all branches, tags and releases of every repository; a rewritten history stays.",
)

commit_files = Table(
    "commit_files",
    metadata,
    Column("commit_id", BigInteger, ForeignKey("commits.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "path",
        Text,
        primary_key=True,
        comment="Quoted as git quotes it where it is not UTF-8; shortened, with a digest at the end, past 2000 bytes.",
    ),
    Column("previous_path", Text, comment="Where a rename came from."),
    Column("status", Text, nullable=False, comment="A added, M modified, D deleted, R renamed, T type changed."),
    Column("additions", Integer, comment="NULL for a binary file."),
    Column("deletions", Integer, comment="NULL for a binary file."),
    CheckConstraint("status IN ('A', 'M', 'D', 'R', 'T')", name="status"),
    comment="One row per file that a commit changes (git log --raw --numstat -M); merges have none.",
)

commit_trailers = Table(
    "commit_trailers",
    metadata,
    Column("commit_id", BigInteger, ForeignKey("commits.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, comment="Order in the message, from 0."),
    Column("token", Text, nullable=False, comment="Co-authored-by, Signed-off-by, …, as written."),
    Column("value", Text, nullable=False),
    Index("ix_commit_trailers_co_authors", "commit_id", postgresql_where=text("lower(token) = 'co-authored-by'")),
    comment="The trailers of commit messages, as git interpret-trailers finds them.",
)

refs = Table(
    "refs",
    metadata,
    Column("repository_id", BigInteger, ForeignKey("repositories.id"), primary_key=True),
    Column("name", Text, primary_key=True, comment="The full name: refs/heads/develop."),
    Column("kind", Text, nullable=False, comment="branch or tag."),
    Column("sha", Text, nullable=False, comment="The object that the ref names; a tag object for annotated tags."),
    Column("commit_sha", Text, comment="The commit behind it; NULL where a tag names no commit."),
    CheckConstraint("kind IN ('branch', 'tag')", name="kind"),
    comment="The branches and tags of every repository as of the last pass.",
)

author_identities = Table(
    "author_identities",
    metadata,
    Column("email", Text, primary_key=True),
    Column("name", Text, primary_key=True, comment="As committed."),
    Column(
        "person",
        Text,
        nullable=False,
        comment="The same for all identities of one person: a digest of the first of their addresses.",
    ),
    Column("shown_name", Text, nullable=False, comment="The name without an address in it."),
    Column("is_bot", Boolean, nullable=False),
    comment="Every name and address that a commit, or a Co-authored-by trailer, was written by, and whose it is. "
    "Made anew by code/commits and github/accounts.",
)
