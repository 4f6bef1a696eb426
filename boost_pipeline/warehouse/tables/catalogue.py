"""Catalogue: releases, modules, libraries and their metadata, one release at a time, from git."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY

from boost_pipeline.warehouse.tables.metadata import metadata

releases = Table(
    "releases",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column(
        "tag",
        Text,
        nullable=False,
        unique=True,
        comment="The tag's name, for example boost-1.90.0; of a head the branch: develop.",
    ),
    Column(
        "kind",
        Text,
        nullable=False,
        comment="stable, beta, rc (release candidate), other: any other tag; head: a moving branch.",
    ),
    Column("major", Integer, comment="NULL, as minor and patch, where the tag names no version."),
    Column("minor", Integer),
    Column("patch", Integer),
    Column("prerelease", Text, comment="What follows the version in the tag: beta1, rc2."),
    Column(
        "commit_sha",
        Text,
        nullable=False,
        comment="The commit of the superproject; annotated tags are peeled; a head's moves.",
    ),
    Column("committed_at", DateTime(timezone=True), comment="Committer date of that commit."),
    Column("tagged_at", DateTime(timezone=True), comment="Date of an annotated tag; NULL for a lightweight one."),
    Column(
        "released_on",
        Date,
        comment="The day of the release, by released_on_source; NULL where no source knows it. Commits are older.",
    ),
    Column("previous_id", BigInteger, ForeignKey("releases.id"), comment="The stable release before it, by version."),
    Column(
        "released_on_source",
        Text,
        comment="history: Boost's version history; github: published there, in UTC; website: the state of boost.org.",
    ),
    Column("deleted_at", DateTime(timezone=True), comment="When its tag was found to be gone; the row is kept."),
    Column("moved_at", DateTime(timezone=True), comment="When its tag was last found on another commit than before."),
    Column("moved_from", Text, comment="The commit that it named before it moved."),
    CheckConstraint("kind IN ('stable', 'beta', 'rc', 'other', 'head')", name="kind"),
    CheckConstraint("released_on_source IN ('history', 'github', 'website')", name="released_on_source"),
    CheckConstraint("(released_on IS NULL) = (released_on_source IS NULL)", name="released_on"),
    comment="One row per tag of the superproject boostorg/boost, and one for each of its heads develop and master.",
)

modules = Table(
    "modules",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True, comment="The path below libs/, or the whole path elsewhere."),
    comment="One row per module: a submodule of the superproject. A library is an entry of a meta/libraries.json.",
)

release_modules = Table(
    "release_modules",
    metadata,
    Column("release_id", BigInteger, ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True),
    Column("module_id", BigInteger, ForeignKey("modules.id"), primary_key=True),
    Column("repository_id", BigInteger, ForeignKey("repositories.id"), nullable=False),
    Column("path", Text, nullable=False, comment="Where the superproject mounts it: libs/numeric/conversion."),
    Column("commit_sha", Text, nullable=False, comment="The commit that the release pins (the gitlink)."),
    comment="One row per module of a release, as .gitmodules and the gitlinks of its commit say.",
)

libraries = Table(
    "libraries",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("key", Text, nullable=False, unique=True, comment="The key in libraries.json: the library's identity."),
    Column("name", Text, nullable=False, comment="The name in the newest collected release."),
    Column("aliases", ARRAY(Text), nullable=False, comment="Other keys that the same library had in older releases."),
    comment="One row per library over all releases.",
)

library_versions = Table(
    "library_versions",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("library_id", BigInteger, ForeignKey("libraries.id"), nullable=False),
    Column("release_id", BigInteger, ForeignKey("releases.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("module_id", BigInteger, nullable=False, comment="The module whose repository held the entry."),
    Column("key", Text, nullable=False, comment="The key as this release wrote it."),
    Column("metadata_path", Text, nullable=False, comment="The file below the module: meta/libraries.json."),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("documentation", Text, comment="As written: a file, a folder, a fragment or an absolute path."),
    Column("cxxstd", Text, comment="The C++ standard that it needs at least: 98, 03, 11, 14, 17, 20."),
    Column("status", Text, comment="deprecated, hidden, unreleased; NULL for most."),
    Column("std", ARRAY(Text), nullable=False, comment="Where it went into the standard: tr1, proposal, c++17."),
    Column("added_in", Text, comment="The version that it joined Boost in, as the library says itself."),
    UniqueConstraint("library_id", "release_id"),
    ForeignKeyConstraint(
        ["release_id", "module_id"], ["release_modules.release_id", "release_modules.module_id"], ondelete="CASCADE"
    ),
    comment="One row per library and release that lists it.",
)

library_people = Table(
    "library_people",
    metadata,
    Column("library_version_id", BigInteger, ForeignKey("library_versions.id", ondelete="CASCADE"), primary_key=True),
    Column("role", Text, primary_key=True, comment="author or maintainer."),
    Column("position", SmallInteger, primary_key=True, comment="Order in the file, from 0."),
    Column("raw", Text, nullable=False, comment="The text that named the person; one text may name several."),
    Column("name", Text, nullable=False),
    Column("email", Text, comment="With the -at- forms undone; NULL where none is given."),
    CheckConstraint("role IN ('author', 'maintainer')", name="role"),
    comment="Authors and maintainers of a library in a release.",
)

library_categories = Table(
    "library_categories",
    metadata,
    Column("library_version_id", BigInteger, ForeignKey("library_versions.id", ondelete="CASCADE"), primary_key=True),
    Column("category", Text, primary_key=True, comment="In the one spelling of the web site."),
    Column("raw", Text, nullable=False, comment="As the library wrote it."),
    comment="Categories of a library in a release.",
)

metadata_problems = Table(
    "metadata_problems",
    metadata,
    Column("release_id", BigInteger, ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True),
    Column("module_id", BigInteger, ForeignKey("modules.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("detail", Text, primary_key=True, comment="Where, and what: one line."),
    comment="What is known to be missing or wrong in the metadata of a release: gaps are listed, not hidden.",
)
