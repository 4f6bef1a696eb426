"""The embedded server, as one process sees it."""

import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from boost_pipeline.errors import ServerError
from boost_pipeline.warehouse.postgres_cluster import Cluster
from boost_pipeline.warehouse.server import EmbeddedServer, ServerAddress

Beside = Callable[[str], EmbeddedServer]
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def ask(server: EmbeddedServer, query: str) -> object:
    with psycopg.connect(server.ensure().conninfo("postgres")) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


@pytest.fixture
def own(home: Path, postgres_user: str) -> EmbeddedServer:
    """A server of the test's own, whose cluster is not made yet."""
    return EmbeddedServer(home / "postgres", user=postgres_user)


@pytest.fixture
def beside(stopped: EmbeddedServer, home: Path, postgres_user: str) -> Iterator[Beside]:
    """Make a server in a folder of that name, on a cluster that is made already."""
    servers = []

    def make(name: str) -> EmbeddedServer:
        (home / name).mkdir(parents=True)
        (home / name / "data").symlink_to(stopped.status().data_folder)
        servers.append(EmbeddedServer(home / name, user=postgres_user))
        return servers[-1]

    yield make
    for server in servers:
        server.stop()


def test_naming_a_server_makes_nothing(own: EmbeddedServer, home: Path) -> None:
    status = own.status()

    assert (status.running, status.pid, status.version, status.size) == (False, None, None, 0)
    assert not own.stop()
    assert not own.release_and_stop_if_unused()
    assert list(home.iterdir()) == []


def test_ensure_returns_when_the_server_answers_and_again_with_the_same_one(stopped: EmbeddedServer) -> None:
    assert stopped.ensure() == stopped.ensure()
    assert ask(stopped, "SELECT 1") == 1
    assert ask(stopped, "SELECT pg_postmaster_start_time()") == ask(stopped, "SELECT pg_postmaster_start_time()")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("listen_addresses", ""),
        ("unix_socket_permissions", "0700"),
        ("data_checksums", "on"),
        ("fsync", "on"),
        ("server_encoding", "UTF8"),
        ("max_connections", "200"),
        ("timezone", "UTC"),
        ("logging_collector", "on"),
    ],
)
def test_the_cluster_is_set_up_as_promised(server: EmbeddedServer, setting: str, value: str) -> None:
    assert ask(server, f"SELECT current_setting('{setting}')") == value


def test_text_sorts_by_code_point_and_case_is_unicode(server: EmbeddedServer) -> None:
    assert ask(server, "SELECT 'Z' < 'a' AND upper('ä') = 'Ä'") is True


@linux
def test_no_process_of_the_server_listens_on_tcp(server: EmbeddedServer) -> None:
    pid = server.status().pid
    try:
        sockets = {str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir()}
    except PermissionError:
        pytest.skip("root of this container may not look at another user's sockets")
    listening = {
        f"socket:[{line.split()[9]}]"
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    }

    assert sockets
    assert not sockets & listening


def test_nobody_but_the_owner_can_enter_data_and_socket(server: EmbeddedServer) -> None:
    status = server.status()

    for folder in (status.data_folder, status.socket_folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not status.data_folder.parent.stat().st_mode & 0o007


def test_status_tells_what_runs(stopped: EmbeddedServer) -> None:
    with psycopg.connect(stopped.ensure().conninfo("postgres")):
        up = stopped.status()
    stopped.stop()
    down = stopped.status()

    assert up.running
    assert up.pid is not None
    assert up.clients == 1
    assert up.version is not None
    assert down.version == up.version.split(".")[0]
    assert (down.running, down.pid, down.clients) == (False, None, 0)
    assert down.size > 10 << 20


def test_stop_says_whether_it_had_anything_to_stop(stopped: EmbeddedServer) -> None:
    stopped.ensure()

    assert stopped.stop()
    assert not stopped.stop()
    assert not (stopped.status().data_folder / "postmaster.pid").exists()


def test_a_stopped_server_comes_back_with_its_data(stopped: EmbeddedServer) -> None:
    with psycopg.connect(stopped.ensure().conninfo("postgres")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
    stopped.stop()

    assert ask(stopped, "SELECT number FROM kept") == 42


def test_a_server_that_somebody_ensured_stops_with_its_last_user(stopped: EmbeddedServer) -> None:
    stopped.ensure()

    assert stopped.release_and_stop_if_unused()
    assert not stopped.status().running
    assert not stopped.release_and_stop_if_unused()


def test_a_started_server_is_kept_until_it_is_stopped(stopped: EmbeddedServer) -> None:
    stopped.ensure()

    assert stopped.start()
    assert not stopped.start()
    assert not stopped.release_and_stop_if_unused()
    assert stopped.status().kept
    assert stopped.stop()
    assert not stopped.status().kept


@linux
def test_a_process_holds_one_lease_however_often_and_from_wherever_it_asks(stopped: EmbeddedServer) -> None:
    with ThreadPoolExecutor(8) as threads:
        addresses = set(threads.map(lambda _: stopped.ensure(), range(16)))

    assert len(addresses) == 1
    assert stopped.status().leases == 1
    assert stopped.release_and_stop_if_unused()
    assert stopped.status().leases == 0


def test_a_home_that_was_deleted_starts_empty(own: EmbeddedServer, home: Path) -> None:
    own.ensure()
    own.stop()
    shutil.rmtree(home / "postgres")

    assert ask(own, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    assert own.release_and_stop_if_unused()


def test_a_home_that_was_moved_keeps_its_data(own: EmbeddedServer, home: Path, postgres_user: str) -> None:
    with psycopg.connect(own.ensure().conninfo("postgres")) as connection:
        connection.execute("CREATE TABLE here AS SELECT 42 AS number")
    own.stop()
    (home / "postgres").rename(home / "elsewhere")
    moved = EmbeddedServer(home / "elsewhere", user=postgres_user)
    try:
        assert ask(moved, "SELECT number FROM here") == 42
    finally:
        moved.stop()


@pytest.mark.parametrize("name", ["it's 100% a:b@c?d=e&f#g \\h", "ä" * 80, "a,b", 'a"b$HOME`c'])
def test_any_folder_name_works_for_psycopg_and_sqlalchemy(beside: Beside, name: str) -> None:
    address = beside(name).ensure()
    with psycopg.connect(address.conninfo("postgres"), autocommit=True) as connection:
        connection.execute('CREATE DATABASE "x y/z%"')
        for driver in ("psycopg", "psycopg2"):
            engine = sqlalchemy.create_engine(address.url("x y/z%", driver))
            with engine.connect() as connected:
                assert connected.scalar(sqlalchemy.text("SELECT current_user || current_database()")) == "boostx y/z%"
            engine.dispose()
        connection.execute('DROP DATABASE "x y/z%"')


def test_an_address_quotes_the_name_of_the_database() -> None:
    address = ServerAddress(Path("/a b"))

    assert psycopg.conninfo.conninfo_to_dict(address.conninfo("it's \\ one"))["dbname"] == "it's \\ one"
    assert sqlalchemy.make_url(address.url("x y/z%?", "psycopg")).database == "x y/z%?"
    assert address.url("boost", "psycopg") == "postgresql+psycopg://boost@/boost?host=/a%20b&port=5432"


def test_a_path_too_long_for_a_socket_gets_one_elsewhere_while_the_server_runs(beside: Beside, home: Path) -> None:
    server = beside("deep" * 30)
    address = server.ensure()

    assert len(str(address.socket_folder)) < 90
    assert stat.S_IMODE(address.socket_folder.stat().st_mode) == 0o700
    assert (home / ("deep" * 30) / "socket").readlink() == address.socket_folder
    server.stop()
    assert not address.socket_folder.exists()


def test_a_socket_that_vanished_is_made_anew(beside: Beside) -> None:
    server = beside("deep" * 30)
    before = server.ensure().socket_folder
    shutil.rmtree(before)

    assert ask(server, "SELECT 1") == 1
    assert server.ensure().socket_folder != before


def test_variables_of_postgresql_in_the_environment_do_not_lead_astray(
    stopped: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGPORT": "1", "PGDATA": "/nowhere", "PGUSER": "nobody", "PGHOST": "nowhere.invalid"}.items():
        monkeypatch.setenv(name, value)

    assert ask(stopped, "SELECT current_user") == "boost"


def test_a_server_with_no_connection_left_counts_as_up(own: EmbeddedServer) -> None:
    with psycopg.connect(own.ensure().conninfo("postgres"), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET max_connections = 5")
        connection.execute("ALTER SYSTEM SET superuser_reserved_connections = 0")
        connection.execute("ALTER SYSTEM SET max_wal_senders = 0")
    own.stop()
    conninfo = own.ensure().conninfo("postgres")
    pid = own.status().pid
    connections = [psycopg.connect(conninfo) for _ in range(5)]
    try:
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(conninfo)
        own.ensure()
    finally:
        for connection in connections:
            connection.close()
    assert own.status().pid == pid


def test_a_start_that_fails_ends_in_one_line_with_the_reason_and_the_log(own: EmbeddedServer) -> None:
    own.ensure()
    own.stop()
    with (own.status().data_folder / "postgresql.conf").open("a") as conf:
        conf.write("nonsense = 1\n")

    with pytest.raises(
        ServerError, match=r"does not start: configuration file .* contains errors \(see .*start\.log\)"
    ):
        own.ensure()


def test_a_data_folder_that_is_no_cluster_is_left_alone(own: EmbeddedServer, home: Path) -> None:
    (home / "postgres" / "data").mkdir(parents=True)
    (home / "postgres" / "data" / "letter.txt").write_text("precious")

    with pytest.raises(ServerError, match="holds files but no PostgreSQL cluster"):
        own.ensure()
    assert (home / "postgres" / "data" / "letter.txt").read_text() == "precious"


def test_data_that_a_link_has_lost_are_not_replaced_by_an_empty_cluster(own: EmbeddedServer, home: Path) -> None:
    (home / "postgres").mkdir()
    (home / "postgres" / "data").symlink_to(home / "gone" / "data")

    with pytest.raises(ServerError, match="is gone: restore it"):
        own.ensure()
    (home / "postgres" / "data").unlink()


def test_data_may_lie_on_another_disk_behind_a_link(own: EmbeddedServer, home: Path) -> None:
    (home / "big").mkdir()
    (home / "postgres").mkdir()
    (home / "postgres" / "data").symlink_to(Path("..", "big", "data"))

    assert ask(own, "SELECT 1") == 1
    assert (home / "big" / "data" / "PG_VERSION").exists()
    own.stop()
    (home / "postgres" / "data").unlink()


def test_a_folder_that_cannot_be_made_ends_in_one_line(home: Path, postgres_user: str) -> None:
    (home / "file").touch()

    with pytest.raises(ServerError, match="cannot be managed") as error:
        EmbeddedServer(home / "file" / "postgres", user=postgres_user).ensure()
    assert "\n" not in str(error.value)


def test_a_full_disk_ends_in_one_line_that_says_so(home: Path, postgres_user: str) -> None:
    disk = home / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m,mode=711", "none", disk]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("may not mount a small disk here: run the tests as root, in a container with SYS_ADMIN")
    server = EmbeddedServer(disk / "postgres", user=postgres_user)
    try:
        with pytest.raises(ServerError, match=r"(?i)no space left"):
            server.ensure()
        assert not (disk / "postgres" / "data").exists()
        assert list((disk / "postgres").glob("data.new-*")) == []
    finally:
        server.release_and_stop_if_unused()
        subprocess.run(["umount", disk], check=True)


def test_psql_is_at_hand(server: EmbeddedServer) -> None:
    answer = subprocess.run([server.client(), "--version"], capture_output=True, text=True, check=True)

    assert answer.stdout.startswith("psql (PostgreSQL)")


def test_a_cluster_that_was_not_made_has_no_version(home: Path) -> None:
    assert Cluster(home / "data", home).version is None
