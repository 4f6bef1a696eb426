"""Bulk writes: COPY into a staging table, then one merge; only rows that differ are written.

Measured in `docs/performance.md`. Values go as COPY's text; types are those of the target's columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg
from psycopg.sql import SQL, Composable, Identifier, Placeholder

from boost_pipeline.warehouse.changes import Changes, Row

_CHUNK = 2**17
"""Characters that are sent at once: psycopg would send each text by itself, and wait."""


def copy(connection: psycopg.Connection, table: str, columns: Sequence[str], rows: Iterable[Row | str]) -> int:
    """COPY `rows` straight into `table`; return their number. A row whose key exists is an error.

    A text among `rows` is one row or many in COPY's text format, as `warehouse.copy_text` makes them.
    """
    statement = SQL("COPY {} ({}) FROM STDIN").format(Identifier(table), _names(columns))
    with connection.cursor() as cursor:
        with cursor.copy(statement) as writer:
            texts, size = [], 0
            for row in rows:
                if not isinstance(row, str):
                    writer.write_row(row)
                    continue
                texts.append(row)
                size += len(row)
                if size > _CHUNK:
                    writer.write("".join(texts))
                    texts, size = [], 0
            writer.write("".join(texts))
        return cursor.rowcount


def stage(connection: psycopg.Connection, table: str, columns: Sequence[str], rows: Iterable[Row | str]) -> str:
    """As `copy`, but into a temporary table with `columns` of `table`; return its name. It lives until the commit."""
    name = f"staging_{table}"
    connection.execute(SQL("DROP TABLE IF EXISTS {}").format(Identifier("pg_temp", name)))
    connection.execute(
        SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            Identifier(name), _names(columns), Identifier("public", table)
        )
    )
    copy(connection, name, columns, rows)
    return name


def merge(
    connection: psycopg.Connection,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Row | str],
    *,
    key: Sequence[str],
    within: Mapping[str, Any] | None = None,
) -> Changes:
    """Insert `rows` into `table`; update those whose `key` is there and whose values differ.

    With `within`, `rows` are the whole truth about the rows where those columns have those values (a list: any
    of them); the others of them are deleted. Two rows with one key are an error. The same again changes nothing.
    """
    staging = Identifier(stage(connection, table, columns, rows))
    target = Identifier("public", table)
    same = _all("t.{0} = s.{0}", key)
    deleted = updated = 0
    if within is not None:
        deleted = connection.execute(
            SQL("DELETE FROM {} t WHERE {} AND NOT EXISTS (SELECT FROM {} s WHERE {})").format(
                target, _all("t.{0} = ANY({1})", within), staging, same
            ),
            {column: value if isinstance(value, list) else [value] for column, value in within.items()},
        ).rowcount
    values = [column for column in columns if column not in key]
    if values:
        updated = connection.execute(
            SQL("UPDATE {} t SET {} FROM {} s WHERE {} AND ROW({}) IS DISTINCT FROM ROW({})").format(
                target,
                SQL(", ").join(SQL("{0} = s.{0}").format(Identifier(c)) for c in values),
                staging,
                same,
                SQL(", ").join(SQL("t.{}").format(Identifier(c)) for c in values),
                SQL(", ").join(SQL("s.{}").format(Identifier(c)) for c in values),
            )
        ).rowcount
    # The anti-join spares known rows a speculative insert; ON CONFLICT is for a row that another transaction
    # inserted meanwhile.
    inserted = connection.execute(
        SQL("INSERT INTO {} ({}) SELECT {} FROM {} s WHERE NOT EXISTS (SELECT FROM {} t WHERE {}) {}").format(
            target, _names(columns), _names(columns), staging, target, same, _on_conflict(key, values)
        )
    ).rowcount
    return Changes(inserted, updated, deleted)


def _on_conflict(key: Sequence[str], values: Sequence[str]) -> Composable:
    if not values:
        return SQL("ON CONFLICT ({}) DO NOTHING").format(_names(key))
    assignments = SQL(", ").join(SQL("{0} = EXCLUDED.{0}").format(Identifier(c)) for c in values)
    return SQL("ON CONFLICT ({}) DO UPDATE SET {}").format(_names(key), assignments)


def _names(columns: Iterable[str]) -> Composable:
    return SQL(", ").join(map(Identifier, columns))


def _all(condition: str, columns: Iterable[str]) -> Composable:
    template = SQL(condition)
    return SQL(" AND ").join(template.format(Identifier(c), Placeholder(c)) for c in columns)
