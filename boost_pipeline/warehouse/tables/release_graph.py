"""Release graph: source files, what they include, and the dependencies of modules, one release at a time, from git."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from boost_pipeline.warehouse.tables.metadata import metadata

_KINDS = "kind IN ('header', 'source', 'test')"


def _module_of_release() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["release_id", "module_id"], ["release_modules.release_id", "release_modules.module_id"], ondelete="CASCADE"
    )


def _other_module(column: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["release_id", column], ["release_modules.release_id", "release_modules.module_id"], ondelete="CASCADE"
    )


source_folders = Table(
    "source_folders",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("module_id", BigInteger, ForeignKey("modules.id"), nullable=False),
    Column("digest", Text, nullable=False, comment="SHA-1 of the columns after it: equal ones are one row."),
    Column("kind", Text, nullable=False, comment="header: below include/; source: below src/; test: below test/."),
    Column(
        "paths",
        ARRAY(Text),
        nullable=False,
        comment="The files, without those of folders within, from the module's repository: include/boost/any.hpp.",
    ),
    Column("include_paths", ARRAY(Text), comment="Of headers: what one writes between < and >. NULL for other files."),
    Column("blob_shas", ARRAY(Text), nullable=False, comment="The files' contents, as git names them."),
    Column("file_count", Integer, Computed("cardinality(paths)", persisted=True), nullable=False),
    CheckConstraint(_KINDS, name="kind"),
    UniqueConstraint("module_id", "digest"),
    comment="The header, source or test files of one folder of a module, once for all releases that have the same.",
)

release_folders = Table(
    "release_folders",
    metadata,
    Column("release_id", BigInteger, primary_key=True),
    Column("module_id", BigInteger, primary_key=True),
    Column("folder_id", BigInteger, ForeignKey("source_folders.id"), primary_key=True, index=True),
    _module_of_release(),
    comment="Which folders a module has at the commit that the release pins; the view source_files lists their files.",
)

blob_includes = Table(
    "blob_includes",
    metadata,
    Column("blob_sha", Text, primary_key=True),
    Column("targets", ARRAY(Text), nullable=False, comment="What it includes, in order, without < > or quotes."),
    Column(
        "commented",
        ARRAY(Text),
        nullable=False,
        comment="Targets that stand in comments and strings only: boostdep counts them, a compiler does not.",
    ),
    Column(
        "spliced",
        ARRAY(Text),
        nullable=False,
        comment="The targets whose directive boostdep does not see: continued lines, comments within, include_next.",
    ),
    Column("macros", ARRAY(Text), nullable=False, comment="Operands of computed includes: BOOST_PP_ITERATE()."),
    Column("line_count", Integer, nullable=False),
    Column("byte_count", BigInteger, nullable=False),
    comment="The include directives of a file's content, read once for all releases that hold it.",
)

source_gaps = Table(
    "source_gaps",
    metadata,
    Column("release_id", BigInteger, primary_key=True),
    Column("module_id", BigInteger, primary_key=True),
    Column("kind", Text, primary_key=True, comment="missing_commit, missing_repository, missing_blob."),
    Column("detail", Text, nullable=False, comment="What is missing: one line."),
    _module_of_release(),
    comment="Modules of a release whose files are not all here, so that its graph is partial.",
)

dependencies = Table(
    "dependencies",
    metadata,
    Column("release_id", BigInteger, primary_key=True),
    Column("module_id", BigInteger, primary_key=True, comment="The module that includes."),
    Column("depends_on_id", BigInteger, primary_key=True, comment="The module whose header is included."),
    Column("kind", Text, primary_key=True, comment="What includes: header, source or test files."),
    Column(
        "include_count",
        Integer,
        nullable=False,
        comment="Pairs of file and header; 0 where all stand in comments or strings: boostdep's edge, no compiler's.",
    ),
    Column("boostdep_count", Integer, nullable=False, comment="The pairs that boostdep sees, reading line by line."),
    Column("witnesses", JSONB, nullable=False, comment='The first five: [{"file": path, "header": include path}].'),
    CheckConstraint(_KINDS, name="kind"),
    _module_of_release(),
    _other_module("depends_on_id"),
    comment="One row per pair of modules of a release of which one includes a header of the other.",
)

unknown_includes = Table(
    "unknown_includes",
    metadata,
    Column("release_id", BigInteger, primary_key=True),
    Column("module_id", BigInteger, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("target", Text, primary_key=True, comment="A path below boost/ that no module of the release owns."),
    Column("include_count", Integer, nullable=False, comment="Files that include it; 0: in comments or strings only."),
    Column("boostdep_count", Integer, nullable=False),
    Column("file", Text, nullable=False, comment="The first of the files, by path."),
    Column(
        "unread_module_id",
        BigInteger,
        ForeignKey("modules.id"),
        comment="The module of this release whose header it is, but which was not read whole; NULL: no module has it.",
    ),
    CheckConstraint(_KINDS, name="kind"),
    _module_of_release(),
    comment="Includes of boost/ headers that exist in no module of the release: long dead, optional, or generated.",
)

module_graph = Table(
    "module_graph",
    metadata,
    Column("release_id", BigInteger, primary_key=True),
    Column("module_id", BigInteger, primary_key=True),
    Column(
        "level",
        Integer,
        nullable=False,
        comment="0 without dependencies, else one more than the highest of them; the members of a cycle share one.",
    ),
    Column("weight", Integer, nullable=False, comment="As boostdep's weight report has it: see boost/module_graph.py."),
    Column("direct", Integer, nullable=False, comment="Modules that it includes."),
    Column("transitive", Integer, nullable=False, comment="Modules that it needs, directly or through others."),
    Column("dependents", Integer, nullable=False, comment="Modules that include it."),
    Column("transitive_dependents", Integer, nullable=False, comment="Modules that need it."),
    Column("cycle", Integer, comment="Number of the strongly connected component of more than one module; else NULL."),
    Column("cxxstd", Text, comment="The C++ standard that its own libraries need: the highest of them; NULL: unsaid."),
    Column("effective_cxxstd", Text, comment="The highest of its own and of all that it needs."),
    Column("raised_by_id", BigInteger, comment="The nearest module that makes it higher than its own; NULL: none."),
    Column(
        "is_known",
        Boolean,
        nullable=False,
        server_default=true(),
        comment="All that it needs was read whole; else level, weight, direct, transitive, minima are no facts.",
    ),
    _module_of_release(),
    _other_module("raised_by_id"),
    comment="Where a module stands in the graph of a release; headers and sources count, tests do not.",
)

head_dependencies = Table(
    "head_dependencies",
    metadata,
    Column("release_id", BigInteger, ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True),
    Column("month", Date, primary_key=True, comment="Its first day."),
    Column("module_id", BigInteger, ForeignKey("modules.id"), primary_key=True),
    Column("depends_on_id", BigInteger, ForeignKey("modules.id"), primary_key=True),
    comment="The dependencies of a head, which moves, as last read in each month, where all of it was read: pairs of "
    "modules, of headers and sources.",
)

dependency_weights = Table(
    "dependency_weights",
    metadata,
    Column("release_id", BigInteger, primary_key=True),
    Column("module_id", BigInteger, primary_key=True),
    Column("depends_on_id", BigInteger, primary_key=True),
    Column(
        "pull_weight",
        Integer,
        nullable=False,
        comment="Modules that the module would no longer need, if it stopped including this one alone.",
    ),
    _module_of_release(),
    _other_module("depends_on_id"),
    comment="What each dependency of a release costs: one row per pair that headers or sources make.",
)
