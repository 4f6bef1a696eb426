"""The views and functions of the warehouse, one .sql file per domain: what may be computed is computed there.

They hold no data, so no migration carries them: whenever a database is brought up to this code they are dropped and
made again, in the order of the files' names. A note on Alembic's table says which ones a database has. psycopg is
imported by the functions that need it, as pages ask for the comments alone.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from boost_pipeline.errors import SchemaError

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composed

_CREATED = re.compile(r"^CREATE (VIEW|FUNCTION) (\w+)", re.MULTILINE)
_COMMENT = re.compile(r"^COMMENT ON (?:VIEW|FUNCTION) (\w+) IS\s+'((?:[^']|'')*)';", re.MULTILINE)


class View(NamedTuple):
    """A view or function: its name, whether it is a function, the domain (the file's first line), its formula."""

    name: str
    is_function: bool
    domain: str
    comment: str


@cache
def described() -> tuple[View, ...]:
    """Return all of them in the order in which they are made."""
    found = []
    for text in _texts():
        comments = {name: comment.replace("''", "'") for name, comment in _COMMENT.findall(text)}
        domain = text.splitlines()[0].removeprefix("--").strip()
        found += [View(name, kind == "FUNCTION", domain, comments[name]) for kind, name in _CREATED.findall(text)]
    return tuple(found)


def are_current(connection: psycopg.Connection) -> bool:
    """Tell whether the database has the views of this code."""
    return _noted(connection).get("digest") == _digest()


def drop(connection: psycopg.Connection) -> None:
    """Remove the views and functions that the database has of this or other code, which a migration must not trip over.

    Raises:
        SchemaError: something that is not ours was built on one of them.
    """
    from psycopg.errors import DependentObjectsStillExist
    from psycopg.sql import SQL

    noted = _noted(connection)
    try:
        if noted.get("views"):
            connection.execute(SQL("DROP VIEW IF EXISTS {}").format(_identifiers(noted["views"])))
        if noted.get("functions"):
            connection.execute(SQL("DROP FUNCTION IF EXISTS {}").format(_identifiers(noted["functions"])))
    except DependentObjectsStillExist as error:
        raise SchemaError(
            f"A view of yours stands on one of ours, which must change: {' '.join(str(error).split())[:300]} "
            "Drop it, run boost-pipeline db upgrade, and make it again."
        ) from error
    if noted:
        connection.execute("COMMENT ON TABLE alembic_version IS NULL")


def create(connection: psycopg.Connection) -> None:
    """Make them all, and note which ones they are."""
    from psycopg.sql import SQL, Literal

    for text in _texts():
        connection.execute(text.encode())
    note = {"digest": _digest(), "views": _names(functions=False), "functions": _names(functions=True)}
    connection.execute(SQL("COMMENT ON TABLE alembic_version IS {}").format(Literal(json.dumps(note))))


def _noted(connection: psycopg.Connection) -> dict[str, Any]:
    """Return what `create` noted in the database; nothing where it never ran."""
    row = connection.execute("SELECT obj_description(to_regclass('alembic_version'), 'pg_class')").fetchone()
    return json.loads(row[0]) if row and row[0] else {}


@cache
def _texts() -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.sql")))


@cache
def _digest() -> str:
    return hashlib.sha256("\n".join(_texts()).encode()).hexdigest()


def _names(*, functions: bool) -> list[str]:
    return [view.name for view in described() if view.is_function is functions]


def _identifiers(names: list[str]) -> Composed:
    from psycopg.sql import SQL, Identifier

    return SQL(", ").join(map(Identifier, names))
