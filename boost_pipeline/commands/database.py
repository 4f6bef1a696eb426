"""What `boost-pipeline db` does."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from boost_pipeline.errors import SettingsError, WarehouseError
from boost_pipeline.settings import Settings
from boost_pipeline.warehouse.databases import Databases
from boost_pipeline.warehouse.schema import HEAD
from boost_pipeline.warehouse.server import EmbeddedServer
from boost_pipeline.warehouse.warehouse import Warehouse


def embedded_server(settings: Settings) -> EmbeddedServer:
    """Return the embedded server.

    Raises:
        SettingsError: DATABASE_URL names another, which is not ours to start or stop.
    """
    server = Databases(settings).embedded
    if server is None:
        raise SettingsError("DATABASE_URL names a server of its own: start and stop it where it runs.")
    return server


def upgrade(settings: Settings) -> str:
    """Bring the warehouse to this code's schema; return the schema's version."""
    with Databases(settings).opened() as databases:
        Warehouse(databases.warehouse).conninfo()
    return HEAD


def psql(settings: Settings, arguments: Sequence[str]) -> int:
    """Run PostgreSQL's own client on the warehouse; return its exit code.

    Raises:
        WarehouseError: there is no psql.
    """
    with Databases(settings).opened() as databases:
        environment, address = _without_password(Warehouse(databases.warehouse).conninfo())
        client = str(databases.embedded.client()) if databases.embedded else shutil.which("psql")
        if client is None:
            raise WarehouseError("There is no psql on PATH. Install PostgreSQL's client.")
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for psql, which ends a query with it
        try:
            return subprocess.run([client, address, *arguments], env=environment, check=False).returncode
        finally:
            signal.signal(signal.SIGINT, before)


def _without_password(conninfo: str) -> tuple[dict[str, str], str]:
    """Move the password from the command line, which others can see, into the environment."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    parts = conninfo_to_dict(conninfo)
    password = parts.pop("password", None)
    environment = dict(os.environ) | ({"PGPASSWORD": str(password)} if password else {})
    return environment, make_conninfo("", **{name: str(value) for name, value in parts.items()})


def print_status(settings: Settings, *, as_json: bool) -> int:
    """Print where the database is and how it does; return the exit code: 0 if it can be used, 1 if not."""
    status = _status(settings)
    if as_json:
        click.echo(json.dumps(status))
    else:
        for name, value in status.items():
            click.echo(f"{name.replace('_', ' '):14}{value}")
    return 0 if status["running"] else 1


def _status(settings: Settings) -> dict[str, object]:
    databases = Databases(settings)
    if databases.embedded is None:
        with Warehouse(databases.warehouse).transaction() as transaction:
            version = transaction.value("SHOW server_version")
            size = transaction.value("SELECT pg_size_pretty(pg_database_size(current_database()))")
        return {"server": "DATABASE_URL", "running": True, "version": version, "size": size, "schema": HEAD}
    found = databases.embedded.status()
    return {"server": "embedded"} | {
        name: str(value) if isinstance(value, Path) else value for name, value in asdict(found).items()
    }
