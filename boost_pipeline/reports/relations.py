"""The tables and views that can leave the warehouse: columns, types, comments and keys, as the database tells them.

Which of their columns hold personal data belongs to `personal_data`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boost_pipeline.errors import UnknownName

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    type: str
    """PostgreSQL's name of the type: `bigint`, `timestamp with time zone`, `text[]`."""
    nullable: bool
    comment: str | None = None
    masked: bool = False
    """E-mail addresses in its text are replaced on the way out."""
    is_name: bool = False
    """It is the name of a person, which may hold an address."""

    @property
    def is_array(self) -> bool:
        """Its values are lists."""
        return self.type.endswith("[]")


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns that name a row of another table."""

    columns: tuple[str, ...]
    table: str
    referred: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or a view."""

    name: str
    is_view: bool
    comment: str | None
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()


def read_relations(connection: psycopg.Connection) -> dict[str, Relation]:
    """Return all tables and views of the schema, by name; whatever else the database holds is somebody else's."""
    from boost_pipeline.warehouse.tables import metadata
    from boost_pipeline.warehouse.views import described

    names = [*metadata.tables, *(view.name for view in described() if not view.is_function)]
    rows = connection.execute(
        """
        SELECT oid, relname, relkind = 'v', obj_description(oid, 'pg_class') FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v') AND relname = ANY(%s) ORDER BY relname
        """,
        [names],
    ).fetchall()
    columns, keys = _columns(connection), _keys(connection)
    return {
        name: Relation(name, is_view, comment, tuple(columns[oid]), **keys.get(oid, {}))
        for oid, name, is_view, comment in rows
    }


def choose(relations: Mapping[str, Relation], names: Sequence[str]) -> list[Relation]:
    """Return the relations of these names, each once; all tables where no name is given, as views follow from them.

    Raises:
        UnknownName: there is no table or view of that name.
    """
    for name in names:
        if name not in relations:
            near = difflib.get_close_matches(name, relations, n=1)
            told = f"did you mean {near[0]}?" if near else "docs/data-dictionary.md lists them."
            raise UnknownName(f"There is no table or view {name!r}; {told}")
    tables = [name for name, relation in relations.items() if not relation.is_view]
    return [relations[name] for name in dict.fromkeys(names or tables)]


def _columns(connection: psycopg.Connection) -> dict[int, list[Column]]:
    columns: dict[int, list[Column]] = {}
    for oid, name, type_name, nullable, comment in connection.execute(
        """
        SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
            col_description(a.attrelid, a.attnum)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attrelid, a.attnum
        """
    ):
        columns.setdefault(oid, []).append(Column(name, type_name, nullable, comment))
    return columns


def _keys(connection: psycopg.Connection) -> dict[int, dict[str, Any]]:
    keys: dict[int, dict[str, Any]] = {}
    for oid, kind, columns, table, referred in connection.execute(
        """
        SELECT k.conrelid, k.contype::text,
            ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (number, position)
                JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.position),
            (SELECT relname FROM pg_class WHERE oid = k.confrelid),
            ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (number, position)
                JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.position)
        FROM pg_constraint k
        WHERE k.connamespace = 'public'::regnamespace AND k.contype IN ('p', 'u', 'f') ORDER BY k.conname
        """
    ):
        known = keys.setdefault(oid, {"primary_key": (), "unique": (), "foreign_keys": ()})
        match kind:
            case "p":
                known["primary_key"] = tuple(columns)
            case "u":
                known["unique"] += (tuple(columns),)
            case _:
                known["foreign_keys"] += (ForeignKey(tuple(columns), table, tuple(referred)),)
    return keys
