"""Where the databases are: the server of DATABASE_URL, or the embedded one; the warehouse and Dagster's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from boost_pipeline.errors import SettingsError, WarehouseError
from boost_pipeline.settings import Settings

if TYPE_CHECKING:
    from boost_pipeline.warehouse.server import EmbeddedServer

WAREHOUSE = "boost"
DAGSTER = "boost_dagster"


@dataclass(frozen=True)
class Databases:
    """The two databases of this platform. Nothing is opened or started before it is asked for."""

    settings: Settings
    _created: set[str] = field(default_factory=set)

    @cached_property
    def embedded(self) -> EmbeddedServer | None:
        """The embedded server; None where DATABASE_URL names another."""
        if self.settings.database_url is not None:
            return None
        from boost_pipeline.warehouse.server import EmbeddedServer

        return EmbeddedServer(
            self.settings.postgres, bin_folder=self.settings.postgres_bin, user=self.settings.postgres_user
        )

    def warehouse(self) -> str:
        """Return psycopg's connection string of the warehouse; starts the embedded server if need be."""
        if self.embedded is None:
            return _conninfo("DATABASE_URL", self._external())
        address = self.embedded.ensure()
        self._create(address.conninfo("postgres"), WAREHOUSE)
        return address.conninfo(WAREHOUSE)

    def dagster(self) -> str:
        """Return SQLAlchemy's URL of Dagster's storage, on psycopg2: dagster-postgres breaks on psycopg 3."""
        from sqlalchemy import make_url

        if self.settings.dagster_database_url is not None:
            secret = self.settings.dagster_database_url.get_secret_value()
            self._create(_conninfo("BOOST_DAGSTER_DATABASE_URL", secret), str(make_url(_plain(secret)).database))
            url = make_url(_plain(secret))
        elif self.embedded is None:
            conninfo = self.warehouse()
            url = make_url(_plain(self._external()))
            url = url.set(database=f"{url.database or WAREHOUSE}_dagster")
            self._create(conninfo, str(url.database))
        else:
            address = self.embedded.ensure()
            self._create(address.conninfo("postgres"), DAGSTER)
            url = make_url(address.url(DAGSTER, "psycopg2"))
        return url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)

    @contextmanager
    def opened(self) -> Iterator[Databases]:
        """Use the databases inside the block; after it, stop the embedded server unless others use or keep it."""
        try:
            yield self
        finally:
            if self.embedded is not None:
                self.embedded.release_and_stop_if_unused()

    def _external(self) -> str:
        assert self.settings.database_url is not None
        return self.settings.database_url.get_secret_value()

    def _create(self, conninfo: str, name: str) -> None:
        if name in self._created:
            return
        import psycopg
        from psycopg.sql import SQL, Identifier

        from boost_pipeline.warehouse.warehouse import told

        with told(conninfo), psycopg.connect(conninfo, autocommit=True) as connection:
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchall():
                try:
                    connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
                except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                    pass  # another process was first
                except psycopg.errors.InsufficientPrivilege:
                    raise WarehouseError(
                        f"The user of DATABASE_URL may not create the database {name}, which Dagster's storage needs: "
                        "create it, or set BOOST_DAGSTER_DATABASE_URL."
                    ) from None
        self._created.add(name)


def _plain(url: str) -> str:
    """Undo the forms that other tools use for the same address: postgres://, postgresql+driver://."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql{separator}{rest}" if scheme.split("+")[0] in ("postgres", "postgresql") else url


def _conninfo(setting: str, url: str) -> str:
    """Return the connection string that psycopg understands.

    Raises:
        SettingsError: it is no PostgreSQL URL. The URL is not repeated, as it may hold a password.
    """
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    mend = f"{setting} is not a PostgreSQL address: write postgresql://user:password@host:5432/database."
    plain = _plain(url)
    if not plain.startswith("postgresql://"):
        raise SettingsError(mend)
    try:
        parts = conninfo_to_dict(plain)
    except ProgrammingError:
        raise SettingsError(mend) from None
    if not all(port.isdigit() for port in str(parts.get("port", "5432")).split(",")):
        raise SettingsError(mend)
    defaults = {"dbname": WAREHOUSE, "connect_timeout": "10", "application_name": "boost-pipeline"}
    return make_conninfo(plain, **{name: value for name, value in defaults.items() if name not in parts})
