"""The forms that rows leave in: JSON, JSON lines and CSV as PostgreSQL writes them, Parquet and DuckDB by DuckDB.

A writer puts relations into a folder, one after another, and then counts what the finished files hold. It neither
knows what is exported nor why. Memory stays the same whatever the size: rows go through a pipe.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol, Self

from boost_pipeline.reports.copy_stream import Block, csv_rows, json_rows
from boost_pipeline.reports.duckdb_session import DuckDBSession, ExportError, identifier, literal, told
from boost_pipeline.reports.relations import Relation

if TYPE_CHECKING:
    import psycopg

DATABASE_FILE: Final = "boost.duckdb"
_STORAGE_VERSION = "v1.0.0"
"""The oldest DuckDB that reads our file: the newest form would shut out every older one."""
_ROW_GROUP = 64 << 20
"""Bytes of a Parquet row group, which is held in memory until it is full."""
_ROWS_OF_A_GROUP = 16384
"""Rows of a row group of a DuckDB table, which is held in memory until it is full; not bounded by bytes."""


class Format(StrEnum):
    """What rows are written as."""

    json = "json"
    """One array for each relation."""
    jsonl = "jsonl"
    """One object a line."""
    csv = "csv"
    parquet = "parquet"
    duckdb = "duckdb"
    """One database for all."""


class Writer(Protocol):
    """Writes relations into a folder."""

    def write(self, connection: psycopg.Connection, relation: Relation) -> str:
        """Write all rows of a relation; return the name of the file in the folder."""
        ...

    def count(self, relations: Sequence[Relation]) -> list[int]:
        """Return how many rows of each relation the closed files hold."""
        ...

    def __enter__(self) -> Self:
        """Start."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files."""
        ...


def writer(form: Format, folder: Path) -> Writer:
    """Return the writer of a form into an existing folder."""
    match form:
        case Format.parquet:
            return _ParquetFiles(folder)
        case Format.duckdb:
            return _DuckDBFile(folder)
        case _:
            return _TextFiles(form, folder)


class _TextFiles:
    """A text file for each relation, in PostgreSQL's own words."""

    def __init__(self, form: Format, folder: Path) -> None:
        self._form = form
        self._folder = folder
        self._written: dict[str, tuple[int, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def write(self, connection: psycopg.Connection, relation: Relation) -> str:
        with self._path(relation).open("wb") as file:
            rows = self._rows(connection, relation, file)
            self._written[relation.name] = rows, file.tell()
        return self._path(relation).name

    def _rows(self, connection: psycopg.Connection, relation: Relation, file: BinaryIO) -> int:
        match self._form:
            case Format.csv:
                return _write_all(file, csv_rows(connection, relation, header=True)) - 1
            case Format.jsonl:
                return _write_all(file, json_rows(connection, relation, comma=False))
            case _:
                file.write(b"[\n")
                rows = _write_all(file, _first_comma_blanked(json_rows(connection, relation, comma=True)))
                file.write(b"]\n")
                return rows

    def count(self, relations: Sequence[Relation]) -> list[int]:
        for relation in relations:
            _, size = self._written[relation.name]
            found = self._path(relation).stat().st_size
            if found != size:
                raise ExportError(f"{self._path(relation).name} has {found} bytes of {size}. Export again.")
        return [self._written[relation.name][0] for relation in relations]

    def _path(self, relation: Relation) -> Path:
        return self._folder / f"{relation.name}.{self._form}"


class _ParquetFiles:
    """A Parquet file for each relation."""

    def __init__(self, folder: Path) -> None:
        self._session = DuckDBSession(folder)
        self._rows: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._session.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._session.finish()
                files = [str(path) for path in self._session.folder.glob("*.parquet")]
                query = "SELECT file_name, num_rows FROM parquet_file_metadata(?)"
                self._rows = dict(self._session.result(query, files)) if files else {}
        finally:
            self._session.__exit__()

    def write(self, connection: psycopg.Connection, relation: Relation) -> str:
        file = self._path(relation)
        # Level 1 takes a quarter less time for commits than the usual 3, and makes files 4 % larger.
        options = f"FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE_BYTES {_ROW_GROUP}"
        self._session.start(connection, relation, lambda rows: f"COPY ({rows}) TO {literal(file)} ({options})")
        return file.name

    def count(self, relations: Sequence[Relation]) -> list[int]:
        return [self._rows[str(self._path(relation))] for relation in relations]

    def _path(self, relation: Relation) -> Path:
        return self._session.folder / f"{relation.name}.parquet"


class _DuckDBFile:
    """One DuckDB database with a table for each relation, with comments."""

    def __init__(self, folder: Path) -> None:
        self._session = DuckDBSession(folder)
        self._path = folder / DATABASE_FILE

    def __enter__(self) -> Self:
        self._session.__enter__()
        options = f"STORAGE_VERSION {literal(_STORAGE_VERSION)}, ROW_GROUP_SIZE {_ROWS_OF_A_GROUP}"
        self._session.run(f"ATTACH {literal(self._path)} AS boost ({options})")
        self._session.run("USE boost; BEGIN")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:  # what is still in memory goes to the file
                self._session.run("COMMIT; USE memory; DETACH boost")
        finally:
            self._session.__exit__()

    def write(self, connection: psycopg.Connection, relation: Relation) -> str:
        table = identifier(relation.name)
        self._session.read(connection, relation, lambda rows: f"CREATE TABLE {table} AS {rows}")
        comments = [(f"TABLE {table}", relation.comment)]
        comments += [(f"COLUMN {table}.{identifier(c.name)}", c.comment) for c in relation.columns]
        for thing, comment in comments:
            if comment:
                self._session.run(f"COMMENT ON {thing} IS {literal(comment)}")
        return self._path.name

    def count(self, relations: Sequence[Relation]) -> list[int]:
        import duckdb

        with told(), duckdb.connect(str(self._path), read_only=True) as connection:
            connection.execute("SET enable_progress_bar = false")
            query = "SELECT count(*) FROM query_table(?)"
            rows = [connection.execute(query, [relation.name]).fetchone() for relation in relations]
        return [0 if row is None else int(row[0]) for row in rows]


def _write_all(file: BinaryIO, blocks: Iterable[Block]) -> int:
    """Write the blocks; return how many rows they held."""
    rows = 0
    for block in blocks:
        file.write(block.data)
        rows += block.rows
    return rows


def _first_comma_blanked(blocks: Iterable[Block]) -> Iterator[Block]:
    for number, block in enumerate(blocks):
        if number == 0:
            block.data[:1] = b" "
        yield block
