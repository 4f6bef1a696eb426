"""A session of DuckDB that takes rows from PostgreSQL, as CSV through a pipe, in the same memory however many.

Here belongs what DuckDB must be told to read what PostgreSQL wrote; what it writes belongs to `export_formats`.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from boost_pipeline.errors import BoostPipelineError
from boost_pipeline.reports.copy_stream import csv_rows
from boost_pipeline.reports.relations import Column, Relation

if TYPE_CHECKING:
    import duckdb
    import psycopg

_LONGEST_ROW = 32 << 20
"""Bytes of CSV, and the size of the few buffers that DuckDB reads it with."""
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


class DuckDBSession:
    """DuckDB without a network, reading CSV from PostgreSQL through a pipe."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: list[_Reader] = []

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
        for reader in self._running:
            reader.stop()
        self._connection.close()

    def run(self, statement: str) -> None:
        """Run a statement without a result."""
        with told():
            self._connection.execute(statement)

    def read(self, connection: psycopg.Connection, relation: Relation, statement: Callable[[str], str]) -> None:
        """Run the statement that is made around a query for all rows of a relation, in the session's transaction."""
        self._send(connection, relation, statement, self._connection)
        self.finish()

    def start(self, connection: psycopg.Connection, relation: Relation, statement: Callable[[str], str]) -> None:
        """Send all rows to a statement of its own, which may still be at work on them when this returns.

        PostgreSQL sends the next relation meanwhile. No more than the last statement is left at work.
        """
        self._send(connection, relation, statement, self._connection.cursor())
        self.finish(but=1)

    def finish(self, but: int = 0) -> None:
        """Wait for the statements at work, `but` so many of the last ones."""
        while len(self._running) > but:
            self._running.pop(0).finish()

    def result(self, query: str, parameter: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query with one parameter."""
        with told():
            return self._connection.execute(query, [parameter]).fetchall()

    def _send(
        self,
        connection: psycopg.Connection,
        relation: Relation,
        statement: Callable[[str], str],
        reader_connection: duckdb.DuckDBPyConnection,
    ) -> None:
        source, sink = os.pipe()
        reader = _Reader(reader_connection, relation.name, statement(_rows_from(source, relation)), source)
        self._running.append(reader)
        reader.start()
        with suppress(BrokenPipeError), open(sink, "wb") as pipe:  # noqa: PTH123 - a descriptor
            try:
                pipe.writelines(block.data for block in csv_rows(connection, relation, header=False))
            except BaseException:
                reader.interrupt()  # before the end of the pipe, which it would take for the end of the rows
                raise


class _Reader(threading.Thread):
    """Runs a statement that reads from a pipe; closes the pipe, so that its writer does not wait for a failed one."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, relation: str, statement: str, source: int) -> None:
        super().__init__(name="export")
        self._connection = connection
        self._relation = relation
        self._statement = statement
        self._source = source
        self._error: Exception | None = None

    def interrupt(self) -> None:
        """Let the statement fail."""
        self._connection.interrupt()

    def stop(self) -> None:
        """End the statement, whatever it has written."""
        self.interrupt()
        self.join()

    def finish(self) -> None:
        """Wait for the statement; raise ExportError if DuckDB refused it."""
        self.join()
        if self._error is not None:
            raise ExportError(
                f"DuckDB refuses {self._relation}: {_line(self._error)}. Export it as csv or jsonl."
            ) from self._error

    def run(self) -> None:
        import duckdb

        try:
            self._connection.execute(self._statement)
        except duckdb.Error as error:
            self._error = error
        finally:
            os.close(self._source)


def _rows_from(source: int, relation: Relation) -> str:
    """Return the query that reads the CSV of a relation from a descriptor."""
    stored = {column.name: stored_type(column) for column in relation.columns}
    # A cast from text to a list reads DuckDB's own form of lists, not JSON.
    read = {name: "VARCHAR" if kind.endswith("[]") else kind for name, kind in stored.items()}
    columns = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in read.items())
    selected = ", ".join(f"{_value(name, kind)} AS {identifier(name)}" for name, kind in stored.items())
    return (  # only names and types from the catalogue, quoted
        f"SELECT {selected} FROM read_csv('/dev/fd/{source}', columns = {{{columns}}}, auto_detect = false, "  # noqa: S608
        "header = false, delim = ',', quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false, "
        # Left to itself it takes a carriage return within a text for the end of rows.
        f"new_line = '\\n', max_line_size = {_LONGEST_ROW}, buffer_size = {_LONGEST_ROW})"
    )


def _value(name: str, kind: str) -> str:
    if kind.endswith("[]"):
        structure = json.dumps([kind.removesuffix("[]")])
        return f"from_json_strict({identifier(name)}, {literal(structure)})"
    return identifier(name)


@contextmanager
def told() -> Iterator[None]:
    """Translate what DuckDB says of a failure."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise ExportError(f"DuckDB refuses: {_line(error)}. Export again, or as csv.") from error


def identifier(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """Return a text as SQL writes it."""
    return "'" + str(value).replace("'", "''") + "'"


def _line(error: Exception) -> str:
    """Return the first line of a message: DuckDB tells the whole row after it."""
    return str(error).strip().splitlines()[0].rstrip(".:")
