"""The release graph: source files, includes, dependencies; moving heads as releases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blob_includes",
        sa.Column("blob_sha", sa.Text(), nullable=False),
        sa.Column(
            "targets",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="What it includes, in order, without < > or quotes.",
        ),
        sa.Column(
            "commented",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="Targets that stand in comments and strings only: boostdep counts them, a compiler does not.",
        ),
        sa.Column(
            "spliced",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="The targets whose directive boostdep does not see: continued lines, comments within, include_next.",
        ),
        sa.Column(
            "macros",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="Operands of computed includes: BOOST_PP_ITERATE().",
        ),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("blob_sha", name=op.f("pk_blob_includes")),
        comment="The include directives of a file's content, read once for all releases that hold it.",
    )
    op.create_table(
        "dependencies",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("module_id", sa.BigInteger(), nullable=False, comment="The module that includes."),
        sa.Column("depends_on_id", sa.BigInteger(), nullable=False, comment="The module whose header is included."),
        sa.Column("kind", sa.Text(), nullable=False, comment="What includes: header, source or test files."),
        sa.Column(
            "include_count",
            sa.Integer(),
            nullable=False,
            comment="Pairs of file and header; 0 where all stand in comments or strings: boostdep's edge, no compiler's.",
        ),
        sa.Column(
            "boostdep_count",
            sa.Integer(),
            nullable=False,
            comment="The pairs that boostdep sees, reading line by line.",
        ),
        sa.Column(
            "witnesses",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment='The first five: [{"file": path, "header": include path}].',
        ),
        sa.CheckConstraint("kind IN ('header', 'source', 'test')", name=op.f("ck_dependencies_kind")),
        sa.ForeignKeyConstraint(
            ["release_id", "depends_on_id"],
            ["release_modules.release_id", "release_modules.module_id"],
            name=op.f("fk_dependencies_release_id_depends_on_id_release_modules"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "module_id"],
            ["release_modules.release_id", "release_modules.module_id"],
            name=op.f("fk_dependencies_release_id_module_id_release_modules"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "module_id", "depends_on_id", "kind", name=op.f("pk_dependencies")),
        comment="One row per pair of modules of a release of which one includes a header of the other.",
    )
    op.create_table(
        "dependency_weights",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("module_id", sa.BigInteger(), nullable=False),
        sa.Column("depends_on_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "pull_weight",
            sa.Integer(),
            nullable=False,
            comment="Modules that the module would no longer need, if it stopped including this one alone.",
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "depends_on_id"],
            ["release_modules.release_id", "release_modules.module_id"],
            name=op.f("fk_dependency_weights_release_id_depends_on_id_release_modules"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "module_id"],
            ["release_modules.release_id", "release_modules.module_id"],
            name=op.f("fk_dependency_weights_release_id_module_id_release_modules"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "module_id", "depends_on_id", name=op.f("pk_dependency_weights")),
        comment="What each dependency of a release costs: one row per pair that headers or sources make.",
    )
    op.create_table(
        "module_graph",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("module_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "level",
            sa.Integer(),
            nullable=False,
            comment="0 without dependencies, else one more than the highest of them; the members of a cycle share one.",
        ),
        sa.Column(
            "weight",
            sa.Integer(),
            nullable=False,
            comment="As boostdep's weight report has it: see boost/module_graph.py.",
        ),
        sa.Column("direct", sa.Integer(), nullable=False, comment="Modules that it includes."),
        sa.Column(
            "transitive", sa.Integer(), nullable=False, comment="Modules that it needs, directly or through others."
        ),
        sa.Column("dependents", sa.Integer(), nullable=False, comment="Modules that include it."),
        sa.Column("transitive_dependents", sa.Integer(), nullable=False, comment="Modules that need it."),
        sa.Column(
            "cycle",
            sa.Integer(),
            nullable=True,
            comment="Number of the strongly connected component of more than one module; else NULL.",
        ),
        sa.Column(
            "cxxstd",
            sa.Text(),
            nullable=True,
            comment="The C++ standard that its own libraries need: the highest of them; NULL: unsaid.",
        ),
        sa.Column(
            "effective_cxxstd", sa.Text(), nullable=True, comment="The highest of its own and of all that it needs."
        ),
        sa.Column(
            "raised_by_id",
            sa.BigInteger(),
            nullable=True,
            comment="The nearest module that makes it higher than its own; NULL: none.",
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "module_id"],
            ["release_modules.release_id", "release_modules.module_id"],
            name=op.f("fk_module_graph_release_id_module_id_release_modules"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "raised_by_id"],
            ["release_modules.release_id", "release_modules.module_id"],
            name=op.f("fk_module_graph_release_id_raised_by_id_release_modules"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "module_id", name=op.f("pk_module_graph")),
        comment="Where a module stands in the graph of a release; headers and sources count, tests do not.",
    )
    op.create_table(
        "source_files",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("module_id", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False, comment="Below the module's repository: include/boost/any.hpp."),
        sa.Column(
            "include_path",
            sa.Text(),
            nullable=True,
            comment="Of a header: what one writes between < and >. NULL for other files.",
        ),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="header: below include/; source: below src/; test: below test/."
        ),
        sa.Column("blob_sha", sa.Text(), nullable=False, comment="The file's content, as git names it."),
        sa.CheckConstraint("kind IN ('header', 'source', 'test')", name=op.f("ck_source_files_kind")),
        sa.ForeignKeyConstraint(
            ["release_id", "module_id"],
            ["release_modules.release_id", "release_modules.module_id"],
            name=op.f("fk_source_files_release_id_module_id_release_modules"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "module_id", "path", name=op.f("pk_source_files")),
        comment="One row per header, source and test file of a module at the commit that the release pins.",
    )
    op.create_table(
        "source_gaps",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("module_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="missing_commit, missing_repository, missing_blob."),
        sa.Column("detail", sa.Text(), nullable=False, comment="What is missing: one line."),
        sa.ForeignKeyConstraint(
            ["release_id", "module_id"],
            ["release_modules.release_id", "release_modules.module_id"],
            name=op.f("fk_source_gaps_release_id_module_id_release_modules"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "module_id", "kind", name=op.f("pk_source_gaps")),
        comment="Modules of a release whose files are not all here, so that its graph is partial.",
    )
    op.create_table(
        "unknown_includes",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("module_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "target", sa.Text(), nullable=False, comment="A path below boost/ that no module of the release owns."
        ),
        sa.Column(
            "include_count",
            sa.Integer(),
            nullable=False,
            comment="Files that include it; 0: in comments or strings only.",
        ),
        sa.Column("boostdep_count", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False, comment="The first of the files, by path."),
        sa.CheckConstraint("kind IN ('header', 'source', 'test')", name=op.f("ck_unknown_includes_kind")),
        sa.ForeignKeyConstraint(
            ["release_id", "module_id"],
            ["release_modules.release_id", "release_modules.module_id"],
            name=op.f("fk_unknown_includes_release_id_module_id_release_modules"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "module_id", "kind", "target", name=op.f("pk_unknown_includes")),
        comment="Includes of boost/ headers that exist in no module of the release: long dead, optional, or generated.",
    )
    op.alter_column(
        "releases",
        "tag",
        existing_type=sa.TEXT(),
        comment="The tag's name, for example boost-1.90.0; of a head the branch: develop.",
        existing_comment="The tag's name, for example boost-1.90.0.",
        existing_nullable=False,
    )
    op.alter_column(
        "releases",
        "kind",
        existing_type=sa.TEXT(),
        comment="stable, beta, rc (release candidate), other: any other tag; head: a moving branch.",
        existing_comment="stable, beta, rc (release candidate), or other: any other tag.",
        existing_nullable=False,
    )
    op.alter_column(
        "releases",
        "commit_sha",
        existing_type=sa.TEXT(),
        comment="The commit of the superproject; annotated tags are peeled; a head's moves.",
        existing_comment="The commit of the superproject; annotated tags are peeled.",
        existing_nullable=False,
    )
    op.create_table_comment(
        "releases",
        "One row per tag of the superproject boostorg/boost, and one for each of its heads develop and master.",
        existing_comment="One row per tag of the superproject boostorg/boost.",
        schema=None,
    )
    op.drop_constraint(op.f("ck_releases_kind"), "releases", type_="check")
    op.create_check_constraint(
        op.f("ck_releases_kind"), "releases", "kind IN ('stable', 'beta', 'rc', 'other', 'head')"
    )


def downgrade() -> None:

    op.create_table_comment(
        "releases",
        "One row per tag of the superproject boostorg/boost.",
        existing_comment="One row per tag of the superproject boostorg/boost, and one for each of its heads develop and master.",
        schema=None,
    )
    op.alter_column(
        "releases",
        "commit_sha",
        existing_type=sa.TEXT(),
        comment="The commit of the superproject; annotated tags are peeled.",
        existing_comment="The commit of the superproject; annotated tags are peeled; a head's moves.",
        existing_nullable=False,
    )
    op.alter_column(
        "releases",
        "kind",
        existing_type=sa.TEXT(),
        comment="stable, beta, rc (release candidate), or other: any other tag.",
        existing_comment="stable, beta, rc (release candidate), other: any other tag; head: a moving branch.",
        existing_nullable=False,
    )
    op.alter_column(
        "releases",
        "tag",
        existing_type=sa.TEXT(),
        comment="The tag's name, for example boost-1.90.0.",
        existing_comment="The tag's name, for example boost-1.90.0; of a head the branch: develop.",
        existing_nullable=False,
    )
    op.drop_table("unknown_includes")
    op.drop_table("source_gaps")
    op.drop_table("source_files")
    op.drop_table("module_graph")
    op.drop_table("dependency_weights")
    op.drop_table("dependencies")
    op.drop_table("blob_includes")
    op.execute("DELETE FROM releases WHERE kind = 'head'")
    op.drop_constraint(op.f("ck_releases_kind"), "releases", type_="check")
    op.create_check_constraint(op.f("ck_releases_kind"), "releases", "kind IN ('stable', 'beta', 'rc', 'other')")
