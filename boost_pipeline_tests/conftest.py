"""Fixtures for all tests: a real PostgreSQL server, and homes to make more of them in."""

import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from boost_pipeline.sample.organisation import Sample, build
from boost_pipeline.warehouse import schema
from boost_pipeline.warehouse.server import EmbeddedServer
from boost_pipeline.warehouse.warehouse import Warehouse


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Commands turn the package's logger to standard error for good; a test must not see what another one did."""
    logger = logging.getLogger("boost_pipeline")
    before = logger.handlers[:], logger.level, logger.propagate
    yield
    logger.handlers[:], logger.level, logger.propagate = before


@pytest.fixture(scope="session")
def postgres_user() -> Iterator[str]:
    """The system user that runs PostgreSQL where root runs the tests; it is gone afterwards."""
    user = f"boost-test-{os.getpid()}"
    yield user
    if os.geteuid() == 0:
        subprocess.run(["userdel", user], capture_output=True)


LONGEST = ("commands", "collectors", "reports", "warehouse")
"""Folders whose files take longest, after those of this folder; what begins last should be short."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hand out the longest files first, drills before all, so that no worker is left alone with one at the end."""
    drills = {item.path for item in items if item.get_closest_marker("slow")}

    def rank(item: pytest.Item) -> int:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if item.path in drills:
            return -1
        return 0 if folder == item.path.name else LONGEST.index(folder) + 1 if folder in LONGEST else len(LONGEST) + 1

    items.sort(key=rank)


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: tests wait for processes, servers and each other's locks."""
    return (os.cpu_count() or 1) + 1


Homes = Callable[[], AbstractContextManager[Path]]


@pytest.fixture(scope="session")
def homes(postgres_user: str) -> Homes:
    """Make an empty BOOST_HOME; the server in it is stopped, and all of it removed, at the end of the `with`."""
    return partial(_home, postgres_user)


@contextmanager
def _home(user: str, folder: Path | None = None) -> Iterator[Path]:
    # pytest's own folders, and perhaps TMPDIR, are closed to the user that runs PostgreSQL for root.
    home = Path(tempfile.mkdtemp(prefix="boost-test-", dir=folder or ("/tmp" if os.geteuid() == 0 else None)))
    home.chmod(0o711)
    try:
        yield home
    finally:
        EmbeddedServer(home / "postgres", user=user).stop()
        shutil.rmtree(home)


@pytest.fixture
def home(homes: Homes) -> Iterator[Path]:
    """An empty BOOST_HOME of the test's own."""
    with homes() as home:
        yield home


@pytest.fixture(scope="session")
def server(postgres_user: str) -> Iterator[EmbeddedServer]:
    """A running embedded server, one for the whole session; in memory where there is room for its files.

    Most tests copy a database of 300 files, which takes ten times as long on a disk.
    """
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 4 << 30
    with _home(postgres_user, memory if roomy else None) as home:
        server = EmbeddedServer(home / "postgres", user=postgres_user)
        with psycopg.connect(server.ensure().conninfo("postgres"), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET max_wal_size = '256MB'")
            connection.execute("SELECT pg_reload_conf()")
        yield server


@pytest.fixture(scope="session")
def migrated_template(server: EmbeddedServer) -> str:
    """The name of a database at this code's schema, which others are copies of."""
    address = server.ensure()
    with psycopg.connect(address.conninfo("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE template_migrated")
    schema.upgrade(address.conninfo("template_migrated"))
    return "template_migrated"


@pytest.fixture(scope="session")
def platform_template(server: EmbeddedServer, migrated_template: str) -> str:
    """The name of a migrated database with one of Dagster's tables beside it, see `database`."""
    # A fifth of a second of import, for tests of the command alone.
    from dagster_postgres import DagsterPostgresStorage

    with psycopg.connect(server.ensure().conninfo("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE template_platform TEMPLATE {migrated_template}")
        connection.execute("CREATE DATABASE template_platform_dagster")
    DagsterPostgresStorage(server.ensure().url("template_platform_dagster", "psycopg2"))
    return "template_platform"


@pytest.fixture
def empty_database(server: EmbeddedServer) -> Iterator[str]:
    """The connection string of a database without any table."""
    with database(server, "template1") as conninfo:
        yield conninfo


@pytest.fixture
def warehouse(server: EmbeddedServer, migrated_template: str) -> Iterator[Warehouse]:
    """A warehouse with empty tables."""
    with database(server, migrated_template) as conninfo:
        yield Warehouse(lambda: conninfo)


@contextmanager
def database(server: EmbeddedServer, template: str) -> Iterator[str]:
    """Make a database that is a copy of another, and of Dagster's if there is one beside it; drop both at the end."""
    name = f"test_{uuid4().hex[:12]}"
    address = server.ensure()
    with psycopg.connect(address.conninfo("postgres"), autocommit=True) as connection:
        for suffix in ("", "_dagster"):
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", [template + suffix]).fetchall():
                made, original = Identifier(name + suffix), Identifier(template + suffix)
                connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(made, original))
        yield address.conninfo(name)
        for database in (name, f"{name}_dagster"):
            connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(database)))


@pytest.fixture(scope="session")
def built_sample(tmp_path_factory) -> Sample:
    """The sample as built, which no test may change."""
    return build(tmp_path_factory.mktemp("sample") / "organisation")
