"""Source files by folder, once for all releases that have the same; the next run reads them again from git."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("source_files")
    op.create_table(
        "source_folders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("module_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "digest", sa.Text(), nullable=False, comment="SHA-1 of the columns after it: equal ones are one row."
        ),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="header: below include/; source: below src/; test: below test/."
        ),
        sa.Column(
            "paths",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="The files, without those of folders within, from the module's repository: include/boost/any.hpp.",
        ),
        sa.Column(
            "include_paths",
            postgresql.ARRAY(sa.Text()),
            nullable=True,
            comment="Of headers: what one writes between < and >. NULL for other files.",
        ),
        sa.Column(
            "blob_shas",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="The files' contents, as git names them.",
        ),
        sa.Column("file_count", sa.Integer(), sa.Computed("cardinality(paths)", persisted=True), nullable=False),
        sa.CheckConstraint("kind IN ('header', 'source', 'test')", name=op.f("ck_source_folders_kind")),
        sa.ForeignKeyConstraint(["module_id"], ["modules.id"], name=op.f("fk_source_folders_module_id_modules")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_folders")),
        sa.UniqueConstraint("module_id", "digest", name=op.f("uq_source_folders_module_id_digest")),
        comment="The header, source or test files of one folder of a module, once for all releases that have the same.",
    )
    op.create_table(
        "release_folders",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("module_id", sa.BigInteger(), nullable=False),
        sa.Column("folder_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["folder_id"], ["source_folders.id"], name=op.f("fk_release_folders_folder_id_source_folders")
        ),
        sa.ForeignKeyConstraint(
            ["release_id", "module_id"],
            ["release_modules.release_id", "release_modules.module_id"],
            name=op.f("fk_release_folders_release_id_module_id_release_modules"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "module_id", "folder_id", name=op.f("pk_release_folders")),
        comment="Which folders a module has at the commit that the release pins; "
        "the view source_files lists their files.",
    )
    op.create_index(op.f("ix_release_folders_folder_id"), "release_folders", ["folder_id"], unique=False)


def downgrade() -> None:
    op.drop_table("release_folders")
    op.drop_table("source_folders")
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
