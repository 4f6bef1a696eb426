"""Fixtures for all tests: a real PostgreSQL server, and homes to make more of them in."""

import logging
import os
import shutil
import signal
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from boost_pipeline.sample.organisation import Sample, build
from boost_pipeline.warehouse import schema
from boost_pipeline.warehouse.server import EmbeddedServer
from boost_pipeline.warehouse.warehouse import Warehouse
from boost_pipeline_tests import leftovers

WARNINGS = (
    "error",
    # Dagster's own code and its dependencies, none of it ours to mend.
    "ignore::DeprecationWarning:dagster.*",
    "ignore::DeprecationWarning:google.*",
    "ignore:.*`backfill_policy`:Warning",
    # Two sessions at once tidy up the same old folders.
    "ignore:.*rm_rf:pytest.PytestWarning",
)
"""What a warning means while a test runs. Before that it is only shown: an import must not end the whole session."""

DEVELOPMENT = frozenset({"githubkit", "githubkit_schemas", "hypothesis", "jsonschema", "playwright", "pypdf"})
"""What only tests import. Without one its tests are skipped; what the product imports must be there."""

COMPLAINTS = pytest.StashKey[list[str]]()


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Spread the files over workers, where pytest-xdist is loaded and the command line says nothing else."""
    if config.pluginmanager.hasplugin("xdist") and not hasattr(config, "workerinput"):
        option = config.option
        if option.numprocesses is None and option.dist == "no" and not (option.tx or option.distload):
            option.numprocesses = "auto"
            option.dist = "loadfile"
            option.loadscopereorder = False


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: tests wait for processes, servers and each other's locks."""
    return (os.cpu_count() or 1) + 1


def pytest_configure(config: pytest.Config) -> None:
    """Remove what killed sessions left, and mark what this one will make."""
    with suppress(Exception):  # whatever the import of Hypothesis raises, its tests are skipped, with the reason
        from hypothesis import settings

        settings.register_profile("any speed", deadline=None)  # no test depends on how fast the machine is
        settings.load_profile("any speed")
    os.environ[leftovers.MAKER] = str(os.getpid())
    config.stash[COMPLAINTS] = [] if hasattr(config, "workerinput") else leftovers.sweep()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let SIGTERM and SIGINT end the session as it ends by itself: what tests have made is removed."""
    is_worker = hasattr(session.config, "workerinput")

    def end(number: int, _frame: object) -> None:
        # Workers are told twice or thrice: by us, by the terminal, by xdist. The impatient may press Ctrl-C again.
        signal.signal(signal.SIGTERM, lambda *_: None)
        signal.signal(signal.SIGINT, (lambda *_: None) if is_worker else signal.default_int_handler)
        session.shouldstop = signal.Signals(number).name  # in case that a test takes the exception for its own
        for pid in leftovers.processes(os.getpid()):
            os.kill(pid, signal.SIGTERM)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what tests left, and in the controlling process what killed workers did."""
    config.stash[COMPLAINTS] += leftovers.remove(os.getpid())
    if not hasattr(config, "workerinput"):
        for complaint in config.stash[COMPLAINTS] + leftovers.sweep():
            print(complaint)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Skip a file of tests whose package for development is missing, or raises whatever it likes when imported."""
    report = yield
    if report.failed and (why := _unimportable(report.call.excinfo.value)):
        report.outcome, report.longrepr = "skipped", (str(report.nodeid), 0, f"Skipped: {why}")
        del report.call
    return report


def _unimportable(error: BaseException) -> str | None:
    """Return what is to be told if the import of a package for development raised an error, or let one through."""
    error = error.__cause__ or error  # pytest wraps some
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__) if frame.f_code.co_name == "<module>"]
    imported = [str(frame.f_globals.get("__name__")).partition(".")[0] for frame in frames]
    imported += [error.name or ""] if isinstance(error, ModuleNotFoundError) else []
    for name in imported:
        if name in DEVELOPMENT:
            return f"{name} cannot be imported ({' '.join(str(error).split())[:200]}): `make setup` installs it"
    return None


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Commands turn the package's logger to standard error for good; a test must not see what another one did."""
    logger = logging.getLogger("boost_pipeline")
    before = logger.handlers[:], logger.level, logger.propagate
    yield
    logger.handlers[:], logger.level, logger.propagate = before


@pytest.fixture(scope="session")
def postgres_user() -> str:
    """The system user that runs PostgreSQL where root runs the tests; it is gone with the session."""
    return leftovers.user()


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
    for item in items:
        item.add_marker(pytest.mark.filterwarnings(*WARNINGS), append=False)


Homes = Callable[[], AbstractContextManager[Path]]


@pytest.fixture(scope="session")
def homes() -> Homes:
    """Make an empty BOOST_HOME; the servers in it are stopped, and all of it removed, at the end of the `with`."""
    return _home


@contextmanager
def _home(place: Path | None = None) -> Iterator[Path]:
    home = leftovers.folder(place)
    try:
        yield home
    finally:
        leftovers.empty(home)
        home.rmdir()


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
    memory = leftovers.SHARED_MEMORY
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 4 << 30
    with _home(memory if roomy else None) as home:
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
