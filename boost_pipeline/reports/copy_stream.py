"""Rows of a relation as PostgreSQL's COPY sends them, in blocks, however many there are.

Written on libpq, through `psycopg.pq`: psycopg's own `copy` takes twice as long for each row, which for short rows is
more than PostgreSQL takes to make them (docs/decisions/0009-export-engine.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from selectors import EVENT_READ, DefaultSelector
from typing import TYPE_CHECKING, Final, NamedTuple

from boost_pipeline.reports.personal_data import ADDRESS, MASK
from boost_pipeline.reports.relations import Column, Relation

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq.abc import PGresult
    from psycopg.sql import Composable

_BLOCK = 1 << 18
# Nearly no text holds an address, and to look for the sign is cheaper than the expression.
_MASKED_TEXT: Final = "CASE WHEN strpos({0}, '@') > 0 THEN regexp_replace({0}, {1}, {2}, 'g') ELSE {0} END"
_MASKED_NAME: Final = (
    "CASE WHEN strpos({0}, '@') > 0 THEN regexp_replace({0}, {1}, {2}, 'g') "
    "WHEN {0} ~* '\\mat\\M' THEN shown_name({0}) ELSE {0} END"
)


class Block(NamedTuple):
    """Some whole rows."""

    rows: int
    data: bytearray
    """The rows, each ended by a line feed."""


def csv_rows(connection: psycopg.Connection, relation: Relation, *, header: bool) -> Iterator[Block]:
    """Yield the rows as CSV, each ended by a line feed, the names of the columns first if `header` asks so.

    A NULL is empty, an empty text is `""`; lists are JSON.
    """
    from psycopg.sql import SQL

    statement = SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER {}, ENCODING 'UTF8')")
    return _copy(connection, statement.format(_select(relation, _csv_value), SQL("true" if header else "false")))


def json_rows(connection: psycopg.Connection, relation: Relation, *, comma: bool) -> Iterator[Block]:
    """Yield the rows as JSON objects, each on a line of its own, and after a comma if `comma` asks so."""
    from psycopg.sql import SQL, Literal

    # JSON as PostgreSQL makes it holds no control character, so that nothing is quoted and each line is the object.
    statement = SQL(
        "COPY (SELECT {} || row_to_json(r)::text FROM ({}) r) "
        "TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02', ENCODING 'UTF8')"
    )
    return _copy(connection, statement.format(Literal("," if comma else ""), _select(relation, _json_value)))


def _select(relation: Relation, value: Callable[[Column], Composable]) -> Composable:
    from psycopg.sql import SQL, Identifier

    columns = (SQL("{} AS {}").format(value(column), Identifier(column.name)) for column in relation.columns)
    return SQL("SELECT {} FROM {}").format(SQL(", ").join(columns), Identifier("public", relation.name))


def _csv_value(column: Column) -> Composable:
    from psycopg.sql import SQL, Identifier

    return SQL("to_json({})").format(Identifier(column.name)) if column.is_array else _text_value(column)


def _json_value(column: Column) -> Composable:
    from psycopg.sql import SQL, Identifier

    # A json (not jsonb) value keeps its newlines.
    return SQL("{}::jsonb").format(Identifier(column.name)) if column.type == "json" else _text_value(column)


def _text_value(column: Column) -> Composable:
    from psycopg.sql import SQL, Identifier, Literal

    if not column.masked:
        return Identifier(column.name)
    masked = _MASKED_NAME if column.is_name else _MASKED_TEXT
    return SQL(masked).format(Identifier(column.name), Literal(ADDRESS), Literal(MASK))


def _copy(connection: psycopg.Connection, statement: Composable) -> Iterator[Block]:
    """Run a COPY … TO STDOUT; where it is not read to its end, the connection is closed."""
    from psycopg.pq import ExecStatus

    wire = connection.pgconn
    try:
        with DefaultSelector() as selector:
            selector.register(wire.socket, EVENT_READ)

            def wait() -> None:
                selector.select()
                wire.consume_input()

            wire.send_query(statement.as_bytes(connection))
            while wire.flush():
                wait()
            while wire.is_busy():
                wait()
            if _succeeded(wire.get_result()) == ExecStatus.COPY_OUT:
                yield from _blocks(wire.get_copy_data, wait)
                _succeeded(wire.get_result())
            while wire.get_result() is not None:
                pass
    except BaseException:
        connection.close()
        raise


def _succeeded(result: PGresult | None) -> int | None:
    """Return the status of a result, which is no error."""
    from psycopg.errors import error_from_result
    from psycopg.pq import ExecStatus

    if result is not None and result.status == ExecStatus.FATAL_ERROR:
        raise error_from_result(result)
    return None if result is None else result.status


def _blocks(get: Callable[[int], tuple[int, memoryview]], wait: Callable[[], None]) -> Iterator[Block]:
    """Yield what COPY sends: one message for each row. To keep the messages would cost more than to copy them."""
    rows, data = 0, bytearray()
    while True:
        length, line = get(1)
        if length > 0:
            rows += 1
            data += line
            if len(data) >= _BLOCK:
                yield Block(rows, data)
                rows, data = 0, bytearray()
        elif length == 0:
            wait()
        else:
            break
    if rows:
        yield Block(rows, data)
