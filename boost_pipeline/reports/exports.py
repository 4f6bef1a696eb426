"""Exports: the whole warehouse, or chosen tables and views, as files that explain and prove themselves.

An export is a folder: the data in one of the forms of `export_formats`, and what `export_manifest` says of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from boost_pipeline.progress import track
from boost_pipeline.reports.duckdb_session import ExportError
from boost_pipeline.reports.export_formats import Format, writer
from boost_pipeline.reports.export_manifest import Exported, describe, digests, is_export
from boost_pipeline.reports.personal_data import without_emails
from boost_pipeline.reports.publication import published
from boost_pipeline.reports.relations import Relation, choose, read_relations
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

if TYPE_CHECKING:
    import psycopg

BOOKKEEPING: Final = frozenset({"cursors", "looks", "freshness", "failures", "source_costs", "etags"})
"""Tables that a run writes although nothing is new."""


@dataclass(frozen=True, slots=True)
class Export:
    """What was exported."""

    folder: Path
    format: Format
    snapshot_at: datetime
    """Later changes are not in it."""
    reads: dict[str, datetime | None]
    """When each source was last read: releases, commits, github; None: never."""
    rows: dict[str, int]
    """By table or view."""
    files: dict[str, str]
    """The name of the file in the folder, by table or view."""
    bytes: dict[str, int]
    """By name of the file; manifest and licence are among them."""
    version: str
    """A digest of the files of data, but for those that hold our own bookkeeping alone."""

    @property
    def as_of(self) -> datetime | None:
        """When the source was last read that was read the longest ago; None: nothing was."""
        return min(filter(None, self.reads.values()), default=None)


def default_folder(home: Path, form: Format) -> Path:
    """Return where exports of a form go below BOOST_HOME."""
    return home / "exports" / form


def export(
    warehouse: Warehouse, form: Format, folder: Path, tables: Sequence[str] = (), *, emails: bool = False
) -> Export:
    """Write tables and views of the warehouse, all as of one moment, into `folder`, which replaces an older export.

    Args:
        warehouse: what to export.
        form: of the data.
        folder: appears whole or not at all; another's folder is not touched.
        tables: names of tables and views; without any, all tables.
        emails: include e-mail addresses.

    Raises:
        UnknownName: there is no table or view of that name.
        PublicationError: `folder` is not ours to replace, or its place cannot be written.
        ExportError: what was written is not what the warehouse holds, or the disk is full.
        WarehouseError: the database cannot be read.
    """
    with warehouse.transaction() as transaction:
        snapshot_at = _freeze(transaction)
        reads = _reads(transaction)
        chosen = choose(read_relations(transaction.connection), tables)
        try:
            with published(folder, is_export) as aside:
                exported = _write(transaction.connection, form, aside, chosen, emails=emails)
                revision = transaction.value("SELECT version_num FROM alembic_version")
                sizes = describe(
                    aside, form, exported, snapshot_at=snapshot_at, reads=reads, revision=revision, emails=emails
                )
        except OSError as error:
            raise ExportError(
                f"{folder} cannot be written: {error.strerror}. Free space, or choose another."
            ) from error
    rows = {one.relation.name: one.rows for one in exported}
    files = {one.relation.name: one.file for one in exported}
    return Export(folder, form, snapshot_at, reads, rows, files, sizes, _version(folder, files))


def _version(folder: Path, files: dict[str, str]) -> str:
    found = digests(folder)
    data = sorted({file for table, file in files.items() if table not in BOOKKEEPING})
    return hashlib.sha256("\n".join(f"{file} {found[file]}" for file in data).encode()).hexdigest()[:16]


def _freeze(transaction: Transaction) -> datetime:
    """Let all that follows see one moment; return it. Values are written in the same words on every server."""
    transaction.freeze()
    transaction.execute(
        "SET LOCAL DateStyle = 'ISO'; SET LOCAL IntervalStyle = 'iso_8601'; "
        "SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1"
    )
    moment: datetime = transaction.value("SELECT statement_timestamp()")
    return moment.astimezone(UTC)


def _reads(transaction: Transaction) -> dict[str, datetime | None]:
    names = ("releases", "commits", "github")
    ((*times,),) = transaction.rows("SELECT releases_as_of, commits_as_of, github_as_of FROM data_as_of")
    return {name: at and at.astimezone(UTC) for name, at in zip(names, times, strict=True)}


def _write(
    connection: psycopg.Connection, form: Format, folder: Path, chosen: Sequence[Relation], *, emails: bool
) -> list[Exported]:
    """Write the relations, and hold the finished files against the snapshot."""
    kept = [relation if emails else without_emails(relation) for relation in chosen]
    files = {}
    with writer(form, folder) as out, track(f"export as {form}", len(kept)) as advance:
        for relation in kept:
            files[relation.name] = out.write(connection, relation)
            advance(relation.name)
    exported = []
    for whole, relation, written in zip(chosen, kept, out.count(kept), strict=True):
        file, rows = files[relation.name], _count(connection, relation)
        if written != rows:
            raise ExportError(f"{relation.name} has {rows} rows, {file} {written}. Export again.")
        names = {column.name for column in relation.columns}
        left_out = tuple(column.name for column in whole.columns if column.name not in names)
        exported.append(Exported(relation, file, rows, left_out))
    return exported


def _count(connection: psycopg.Connection, relation: Relation) -> int:
    from psycopg.sql import SQL, Identifier

    query = SQL("SELECT count(*) FROM {}").format(Identifier("public", relation.name))
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
