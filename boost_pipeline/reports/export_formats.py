"""The forms that rows leave in: JSON, JSON lines and CSV as PostgreSQL writes them, Parquet and DuckDB by DuckDB.

A writer puts relations into a folder, one after another, and then counts what the finished files hold. It neither
knows what is exported nor why. Memory stays the same whatever the size: rows go through a pipe.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol, Self

from boost_pipeline.errors import BoostPipelineError
from boost_pipeline.reports.copy_stream import Block, csv_rows, json_rows
from boost_pipeline.reports.relations import Column, Relation

if TYPE_CHECKING:
    import duckdb
    import psycopg

DATABASE_FILE: Final = "boost.duckdb"
_STORAGE_VERSION = "v1.0.0"
"""The oldest DuckDB that reads our file: the newest form would shut out every older one."""
_LONGEST_ROW = 32 << 20
"""Bytes of CSV, and the size of the few buffers that DuckDB reads it with."""
_ROW_GROUP = 64 << 20
"""Bytes of a Parquet row group, which is held in memory until it is full."""
_ROWS_OF_A_GROUP = 16384
"""Rows of a row group of a DuckDB table, which is held in memory until it is full; not bounded by bytes."""
_MEMORY = "384MB"
_TYPES = {
    "boolean": "BOOLEAN",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double precision": "DOUBLE",
    "numeric": "DOUBLE",
    "date": "DATE",
    "timestamp without time zone": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMPTZ",
    "uuid": "UUID",
    "json": "JSON",
    "jsonb": "JSON",
}
"""Types of DuckDB by PostgreSQL's; all others are text."""


class ExportError(BoostPipelineError):
    """What was written is not what the warehouse holds, or cannot be written at all."""

    category = "export"


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


def stored_type(column: Column) -> str:
    """Return the type of DuckDB, and so of Parquet, that a column is stored as.

    >>> stored_type(Column("parents", "text[]", nullable=False))
    'VARCHAR[]'
    """
    if column.is_array:
        return f"{_scalar_type(column.type.removesuffix('[]'))}[]"
    return _scalar_type(column.type)


def _scalar_type(name: str) -> str:
    decimal = re.fullmatch(r"numeric\((\d+),(\d+)\)", name)
    if decimal and int(decimal[1]) <= 38:
        return f"DECIMAL({decimal[1]},{decimal[2]})"
    return _TYPES.get("numeric" if decimal else name, "VARCHAR")


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


class _DuckDBSession:
    """DuckDB without a network, reading CSV from PostgreSQL through a pipe."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Self:
        import duckdb

        self._connection = duckdb.connect(
            config={
                "threads": min(4, os.cpu_count() or 1),
                "memory_limit": _MEMORY,
                "temp_directory": str(self.folder / ".spilled"),
                "preserve_insertion_order": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        self.run("SET enable_progress_bar = false")  # it would write to standard output
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def run(self, statement: str) -> None:
        """Run a statement without a result."""
        with _told():
            self._connection.execute(statement)

    def read(self, connection: psycopg.Connection, relation: Relation, statement: Callable[[str], str]) -> None:
        """Run the statement that is made around a query for all rows of a relation."""
        source, sink = os.pipe()
        reader = _Reader(self._connection, statement(_rows_from(source, relation)), source)
        reader.start()
        try:
            with suppress(BrokenPipeError), open(sink, "wb") as pipe:  # noqa: PTH123 - a descriptor
                _write_all(pipe, csv_rows(connection, relation, header=False))
        except BaseException:
            self._connection.interrupt()
            raise
        finally:
            reader.join()
        if reader.error is not None:
            told = f"DuckDB refuses {relation.name}: {_line(reader.error)}. Export it as csv or jsonl."
            raise ExportError(told) from reader.error


class _Reader(threading.Thread):
    """Runs a statement that reads from a pipe; closes the pipe, so that its writer does not wait for a failed one."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, statement: str, source: int) -> None:
        super().__init__(name="export")
        self._connection = connection
        self._statement = statement
        self._source = source
        self.error: Exception | None = None

    def run(self) -> None:
        import duckdb

        try:
            self._connection.execute(self._statement)
        except duckdb.Error as error:
            self.error = error
        finally:
            os.close(self._source)


class _ParquetFiles:
    """A Parquet file for each relation."""

    def __init__(self, folder: Path) -> None:
        self._session = _DuckDBSession(folder)

    def __enter__(self) -> Self:
        self._session.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._session.__exit__(*error)

    def write(self, connection: psycopg.Connection, relation: Relation) -> str:
        file = self._path(relation)
        options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE_BYTES {_ROW_GROUP}"
        self._session.read(connection, relation, lambda rows: f"COPY ({rows}) TO {_literal(file)} ({options})")
        return file.name

    def count(self, relations: Sequence[Relation]) -> list[int]:
        files = [str(self._path(relation)) for relation in relations]
        return _numbers(":memory:", "SELECT num_rows FROM parquet_file_metadata(?)", files)

    def _path(self, relation: Relation) -> Path:
        return self._session.folder / f"{relation.name}.parquet"


class _DuckDBFile:
    """One DuckDB database with a table for each relation, with comments."""

    def __init__(self, folder: Path) -> None:
        self._session = _DuckDBSession(folder)
        self._path = folder / DATABASE_FILE

    def __enter__(self) -> Self:
        self._session.__enter__()
        options = f"STORAGE_VERSION {_literal(_STORAGE_VERSION)}, ROW_GROUP_SIZE {_ROWS_OF_A_GROUP}"
        self._session.run(f"ATTACH {_literal(self._path)} AS boost ({options})")
        self._session.run("USE boost; BEGIN")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:  # what is still in memory goes to the file
                self._session.run("COMMIT; USE memory; DETACH boost")
        finally:
            self._session.__exit__()

    def write(self, connection: psycopg.Connection, relation: Relation) -> str:
        table = _identifier(relation.name)
        self._session.read(connection, relation, lambda rows: f"CREATE TABLE {table} AS {rows}")
        comments = [(f"TABLE {table}", relation.comment)]
        comments += [(f"COLUMN {table}.{_identifier(c.name)}", c.comment) for c in relation.columns]
        for thing, comment in comments:
            if comment:
                self._session.run(f"COMMENT ON {thing} IS {_literal(comment)}")
        return self._path.name

    def count(self, relations: Sequence[Relation]) -> list[int]:
        tables = [relation.name for relation in relations]
        return _numbers(str(self._path), "SELECT count(*) FROM query_table(?)", tables)


def _rows_from(source: int, relation: Relation) -> str:
    """Return the query that reads the CSV of a relation from a descriptor."""
    stored = {column.name: stored_type(column) for column in relation.columns}
    # A cast from text to a list reads DuckDB's own form of lists, not JSON.
    read = {name: "VARCHAR" if kind.endswith("[]") else kind for name, kind in stored.items()}
    columns = ", ".join(f"{_literal(name)}: {_literal(kind)}" for name, kind in read.items())
    selected = ", ".join(f"{_value(name, kind)} AS {_identifier(name)}" for name, kind in stored.items())
    return (  # only names and types from the catalogue, quoted
        f"SELECT {selected} FROM read_csv('/dev/fd/{source}', columns = {{{columns}}}, auto_detect = false, "  # noqa: S608
        "header = false, delim = ',', quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false, "
        # Left to itself it takes a carriage return within a text for the end of rows.
        f"new_line = '\\n', max_line_size = {_LONGEST_ROW}, buffer_size = {_LONGEST_ROW})"
    )


def _value(name: str, kind: str) -> str:
    if kind.endswith("[]"):
        structure = json.dumps([kind.removesuffix("[]")])
        return f"from_json_strict({_identifier(name)}, {_literal(structure)})"
    return _identifier(name)


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


def _numbers(database: str, query: str, parameters: Sequence[str]) -> list[int]:
    import duckdb

    with _told(), duckdb.connect(database, read_only=database != ":memory:") as connection:
        connection.execute("SET enable_progress_bar = false")
        rows = [connection.execute(query, [parameter]).fetchone() for parameter in parameters]
    return [0 if row is None else int(row[0]) for row in rows]


@contextmanager
def _told() -> Iterator[None]:
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise ExportError(f"DuckDB refuses: {_line(error)}. Export again, or as csv.") from error


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _line(error: Exception) -> str:
    """Return the first line of a message: DuckDB tells the whole row after it."""
    return str(error).strip().splitlines()[0].rstrip(".:")
