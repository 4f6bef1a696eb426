"""The spine: repositories, catalogue, code, operations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cursors",
        sa.Column("asset", sa.Text(), nullable=False, comment="The asset's key: code/commits."),
        sa.Column(
            "unit",
            sa.Text(),
            nullable=False,
            comment="A repository, a release, a list: what is done in one transaction.",
        ),
        sa.Column(
            "position",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="What was read; written in the transaction that wrote the rows.",
        ),
        sa.Column(
            "completed_at", sa.DateTime(timezone=True), nullable=False, comment="When the position last changed."
        ),
        sa.PrimaryKeyConstraint("asset", "unit", name=op.f("pk_cursors")),
        comment="How far an asset has read one source, for one unit.",
    )
    op.create_table(
        "failures",
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column(
            "category",
            sa.Text(),
            nullable=False,
            comment="network, permission, corrupt, database, validation, unknown …",
        ),
        sa.Column("error", sa.Text(), nullable=False, comment="The newest error, in one line."),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False, comment="Start of this row of failures."),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="Failed runs in a row."),
        sa.Column(
            "resolved_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it worked again; NULL while it is open.",
        ),
        sa.PrimaryKeyConstraint("asset", "unit", name=op.f("pk_failures")),
        comment="Units that failed: a unit is tried again by each run until it works.",
    )
    op.create_table(
        "libraries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="The key in libraries.json: the library's identity."),
        sa.Column("name", sa.Text(), nullable=False, comment="The name in the newest collected release."),
        sa.Column(
            "aliases",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="Other keys that the same library had in older releases.",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_libraries")),
        sa.UniqueConstraint("key", name=op.f("uq_libraries_key")),
        comment="One row per library over all releases.",
    )
    op.create_table(
        "modules",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="The path below libs/, or the whole path elsewhere."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_modules")),
        sa.UniqueConstraint("name", name=op.f("uq_modules_name")),
        comment="One row per module: a submodule of the superproject. A library is an entry of a meta/libraries.json.",
    )
    op.create_table(
        "releases",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False, comment="The tag's name, for example boost-1.90.0."),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="stable, beta, rc (release candidate), or other: any other tag."
        ),
        sa.Column(
            "major", sa.Integer(), nullable=True, comment="NULL, as minor and patch, where the tag names no version."
        ),
        sa.Column("minor", sa.Integer(), nullable=True),
        sa.Column("patch", sa.Integer(), nullable=True),
        sa.Column("prerelease", sa.Text(), nullable=True, comment="What follows the version in the tag: beta1, rc2."),
        sa.Column(
            "commit_sha",
            sa.Text(),
            nullable=False,
            comment="The commit of the superproject; annotated tags are peeled.",
        ),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=True, comment="Committer date of that commit."),
        sa.Column(
            "tagged_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Date of an annotated tag; NULL for a lightweight one.",
        ),
        sa.Column(
            "released_on",
            sa.Date(),
            nullable=True,
            comment="The day of the release: known dates up to 1.53.0, whose commits all carry the date of the conversion from Subversion; the UTC day of the commit after that.",
        ),
        sa.Column("previous_id", sa.BigInteger(), nullable=True, comment="The stable release before it, by version."),
        sa.CheckConstraint("kind IN ('stable', 'beta', 'rc', 'other')", name=op.f("ck_releases_kind")),
        sa.ForeignKeyConstraint(["previous_id"], ["releases.id"], name=op.f("fk_releases_previous_id_releases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sa.UniqueConstraint("tag", name=op.f("uq_releases_tag")),
        comment="One row per tag of the superproject boostorg/boost.",
    )
    op.create_table(
        "repositories",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False, comment="The owner, as GitHub names it: boostorg."),
        sa.Column(
            "name",
            sa.Text(),
            nullable=False,
            comment="The repository's name below its owner, from the URL of the submodule.",
        ),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="superproject; boost: a module below libs/; tool: a module below tools/ or at the top level.",
        ),
        sa.Column(
            "default_branch",
            sa.Text(),
            nullable=True,
            comment="Where the remote's HEAD points; NULL until the mirror was made.",
        ),
        sa.CheckConstraint("kind IN ('superproject', 'boost', 'tool')", name=op.f("ck_repositories_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repositories")),
        sa.UniqueConstraint("owner", "name", name=op.f("uq_repositories_owner_name")),
        comment="One row per git repository that any release of Boost, or the head of a branch of the superproject, names.",
    )
    op.create_table(
        "commits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("sha", sa.Text(), nullable=False),
        sa.Column("parents", postgresql.ARRAY(sa.Text()), nullable=False, comment="In git's order; empty for a root."),
        sa.Column("author_name", sa.Text(), nullable=False, comment="As committed: no .mailmap is applied."),
        sa.Column("author_email", sa.Text(), nullable=False),
        sa.Column(
            "authored_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="NULL where the commit holds no date that can be kept.",
        ),
        sa.Column(
            "author_utc_offset", sa.SmallInteger(), nullable=False, comment="Minutes east of UTC on the author's clock."
        ),
        sa.Column("committer_name", sa.Text(), nullable=False),
        sa.Column("committer_email", sa.Text(), nullable=False),
        sa.Column(
            "committed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="NULL where the commit holds no date that can be kept.",
        ),
        sa.Column(
            "landed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Committer date of the first-parent commit that brought it to the default branch; NULL off it.",
        ),
        sa.Column("subject", sa.Text(), nullable=False, comment="The first paragraph of the message on one line."),
        sa.Column(
            "message",
            sa.Text(),
            nullable=False,
            comment="The whole message; git ends it at a NUL byte, if it holds one.",
        ),
        sa.Column("is_merge", sa.Boolean(), nullable=False, comment="It has more than one parent."),
        sa.Column(
            "is_reachable",
            sa.Boolean(),
            nullable=False,
            comment="False once no branch, tag or release holds it any more.",
        ),
        sa.Column("on_default_branch", sa.Boolean(), nullable=False),
        sa.Column(
            "files_changed",
            sa.Integer(),
            nullable=False,
            comment="Rows in commit_files; 0 for merges, as git log shows them.",
        ),
        sa.Column(
            "additions", sa.BigInteger(), nullable=False, comment="Lines added over its files; binary files count 0."
        ),
        sa.Column("deletions", sa.BigInteger(), nullable=False),
        sa.Column(
            "first_release_id",
            sa.BigInteger(),
            nullable=True,
            comment="The first stable release, by version, whose pinned commit of this repository contains it.",
        ),
        sa.ForeignKeyConstraint(
            ["first_release_id"],
            ["releases.id"],
            name=op.f("fk_commits_first_release_id_releases"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_commits_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commits")),
        sa.UniqueConstraint("repository_id", "sha", name=op.f("uq_commits_repository_id_sha")),
        comment="One row per commit of all branches, tags and releases of every repository; a rewritten history stays.",
    )
    op.create_table(
        "metadata_problems",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("module_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, comment="Where, and what: one line."),
        sa.ForeignKeyConstraint(["module_id"], ["modules.id"], name=op.f("fk_metadata_problems_module_id_modules")),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_metadata_problems_release_id_releases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", "module_id", "kind", "detail", name=op.f("pk_metadata_problems")),
        comment="What is known to be missing or wrong in the metadata of a release: gaps are listed, not hidden.",
    )
    op.create_table(
        "refs",
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="The full name: refs/heads/develop."),
        sa.Column("kind", sa.Text(), nullable=False, comment="branch or tag."),
        sa.Column(
            "sha", sa.Text(), nullable=False, comment="The object that the ref names; a tag object for annotated tags."
        ),
        sa.Column(
            "commit_sha", sa.Text(), nullable=True, comment="The commit behind it; NULL where a tag names no commit."
        ),
        sa.CheckConstraint("kind IN ('branch', 'tag')", name=op.f("ck_refs_kind")),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_refs_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("repository_id", "name", name=op.f("pk_refs")),
        comment="The branches and tags of every repository as of the last pass.",
    )
    op.create_table(
        "release_modules",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("module_id", sa.BigInteger(), nullable=False),
        sa.Column("repository_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "path", sa.Text(), nullable=False, comment="Where the superproject mounts it: libs/numeric/conversion."
        ),
        sa.Column("commit_sha", sa.Text(), nullable=False, comment="The commit that the release pins (the gitlink)."),
        sa.ForeignKeyConstraint(["module_id"], ["modules.id"], name=op.f("fk_release_modules_module_id_modules")),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_release_modules_release_id_releases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["repository_id"], ["repositories.id"], name=op.f("fk_release_modules_repository_id_repositories")
        ),
        sa.PrimaryKeyConstraint("release_id", "module_id", name=op.f("pk_release_modules")),
        comment="One row per module of a release, as .gitmodules and the gitlinks of its commit say.",
    )
    op.create_table(
        "commit_files",
        sa.Column("commit_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "path",
            sa.Text(),
            nullable=False,
            comment="Quoted as git quotes it where it is not UTF-8; shortened, with a digest at the end, past 2000 bytes.",
        ),
        sa.Column("previous_path", sa.Text(), nullable=True, comment="Where a rename came from."),
        sa.Column(
            "status", sa.Text(), nullable=False, comment="A added, M modified, D deleted, R renamed, T type changed."
        ),
        sa.Column("additions", sa.Integer(), nullable=True, comment="NULL for a binary file."),
        sa.Column("deletions", sa.Integer(), nullable=True, comment="NULL for a binary file."),
        sa.CheckConstraint("status IN ('A', 'M', 'D', 'R', 'T')", name=op.f("ck_commit_files_status")),
        sa.ForeignKeyConstraint(
            ["commit_id"], ["commits.id"], name=op.f("fk_commit_files_commit_id_commits"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("commit_id", "path", name=op.f("pk_commit_files")),
        comment="One row per file that a commit changes (git log --raw --numstat -M); merges have none.",
    )
    op.create_table(
        "commit_trailers",
        sa.Column("commit_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="Order in the message, from 0."),
        sa.Column("token", sa.Text(), nullable=False, comment="Co-authored-by, Signed-off-by, …, as written."),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commit_id"], ["commits.id"], name=op.f("fk_commit_trailers_commit_id_commits"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("commit_id", "position", name=op.f("pk_commit_trailers")),
        comment="The trailers of commit messages, as git interpret-trailers finds them.",
    )
    op.create_table(
        "library_versions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("library_id", sa.BigInteger(), nullable=False),
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("module_id", sa.BigInteger(), nullable=False, comment="The module whose repository held the entry."),
        sa.Column("key", sa.Text(), nullable=False, comment="The key as this release wrote it."),
        sa.Column(
            "metadata_path", sa.Text(), nullable=False, comment="The file below the module: meta/libraries.json."
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column(
            "documentation",
            sa.Text(),
            nullable=True,
            comment="As written: a file, a folder, a fragment or an absolute path.",
        ),
        sa.Column(
            "cxxstd",
            sa.Text(),
            nullable=True,
            comment="The C++ standard that it needs at least: 98, 03, 11, 14, 17, 20.",
        ),
        sa.Column("status", sa.Text(), nullable=True, comment="deprecated, hidden, unreleased; NULL for most."),
        sa.Column(
            "std",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="Where it went into the standard: tr1, proposal, c++17.",
        ),
        sa.Column(
            "added_in",
            sa.Text(),
            nullable=True,
            comment="The version that it joined Boost in, as the library says itself.",
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["libraries.id"], name=op.f("fk_library_versions_library_id_libraries")
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "module_id"],
            ["release_modules.release_id", "release_modules.module_id"],
            name=op.f("fk_library_versions_release_id_module_id_release_modules"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_library_versions_release_id_releases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library_versions")),
        sa.UniqueConstraint("library_id", "release_id", name=op.f("uq_library_versions_library_id_release_id")),
        comment="One row per library and release that lists it.",
    )
    op.create_index(op.f("ix_library_versions_release_id"), "library_versions", ["release_id"], unique=False)
    op.create_table(
        "library_categories",
        sa.Column("library_version_id", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False, comment="In the one spelling of the web site."),
        sa.Column("raw", sa.Text(), nullable=False, comment="As the library wrote it."),
        sa.ForeignKeyConstraint(
            ["library_version_id"],
            ["library_versions.id"],
            name=op.f("fk_library_categories_library_version_id_library_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("library_version_id", "category", name=op.f("pk_library_categories")),
        comment="Categories of a library in a release.",
    )
    op.create_table(
        "library_people",
        sa.Column("library_version_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False, comment="author or maintainer."),
        sa.Column("position", sa.SmallInteger(), nullable=False, comment="Order in the file, from 0."),
        sa.Column(
            "raw", sa.Text(), nullable=False, comment="The text that named the person; one text may name several."
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True, comment="With the -at- forms undone; NULL where none is given."),
        sa.CheckConstraint("role IN ('author', 'maintainer')", name=op.f("ck_library_people_role")),
        sa.ForeignKeyConstraint(
            ["library_version_id"],
            ["library_versions.id"],
            name=op.f("fk_library_people_library_version_id_library_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("library_version_id", "role", "position", name=op.f("pk_library_people")),
        comment="Authors and maintainers of a library in a release.",
    )


def downgrade() -> None:
    op.drop_table("library_people")
    op.drop_table("library_categories")
    op.drop_index(op.f("ix_library_versions_release_id"), table_name="library_versions")
    op.drop_table("library_versions")
    op.drop_table("commit_trailers")
    op.drop_table("commit_files")
    op.drop_table("release_modules")
    op.drop_table("refs")
    op.drop_table("metadata_problems")
    op.drop_table("commits")
    op.drop_table("repositories")
    op.drop_table("releases")
    op.drop_table("modules")
    op.drop_table("libraries")
    op.drop_table("failures")
    op.drop_table("cursors")
