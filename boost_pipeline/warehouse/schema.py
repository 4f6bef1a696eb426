"""The schema's version: brings a database up to this code, once, whoever starts first.

The tables are in `warehouse.tables`, the steps in `warehouse.migrations`, what is computed in `warehouse.views`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from boost_pipeline.errors import SchemaError
from boost_pipeline.warehouse import views

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0008"
"""The newest step. A constant, so that a start on a current database need not import Alembic."""

_LOCK = 0x626F_6F73_7401
"""Key of the advisory lock that lets one process migrate at a time."""

OLDEST_SERVER = 150000
"""PostgreSQL 15, as psycopg tells versions."""


def current(connection: psycopg.Connection) -> str | None:
    """Return the step that the database is at; None where it has none of our tables."""
    found = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if found is None or found[0] is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def upgrade(conninfo: str, target: str = "head") -> bool:
    """Bring the database at `conninfo` up to this code; return whether a step was run.

    Raises:
        SchemaError: the server is too old, or the database was made by newer code.
        psycopg.Error: the database cannot be reached or refuses.
    """
    with psycopg.connect(conninfo, autocommit=True) as connection:
        if connection.info.server_version < OLDEST_SERVER:
            raise SchemaError(
                f"PostgreSQL {connection.info.server_version // 10000} is too old: use 15 or newer, "
                "or leave DATABASE_URL unset for the embedded server."
            )
        if target == "head" and _is_current(connection):
            return False
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        before = current(connection)
        if target == "head" and _is_current(connection):
            return False
        with connection.transaction():
            views.drop(connection)
        _migrate(conninfo, before, target)
        if target == "head":
            with connection.transaction():
                views.create(connection)
        return current(connection) != before


def _is_current(connection: psycopg.Connection) -> bool:
    return current(connection) == HEAD and views.are_current(connection)


def _migrate(conninfo: str, before: str | None, target: str) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    with _alembic(conninfo) as config:
        known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
        if before is not None and before not in known:
            raise SchemaError(
                f"The database is at schema {before}, which this code (schema {HEAD}) does not know: "
                "it was made by a newer boost-pipeline. Update the code, or use another database."
            )
        downward = target != "head" and before is not None and (target == "base" or target < before)
        (command.downgrade if downward else command.upgrade)(config, target)


@contextmanager
def _alembic(conninfo: str) -> Iterator[Config]:
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        yield config
        connection.commit()
