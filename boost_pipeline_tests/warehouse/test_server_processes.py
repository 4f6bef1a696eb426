"""The embedded server, shared by processes that come, go, race and die."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from boost_pipeline.warehouse.server import EmbeddedServer
from boost_pipeline_tests.conftest import Homes

SCRIPT = """
import sys
from pathlib import Path
import filelock, psycopg
from boost_pipeline.warehouse.server import EmbeddedServer

server = EmbeddedServer(Path(sys.argv[1]), user=sys.argv[2])
print("ready", flush=True)
for line in sys.stdin:
    print(getattr(server, line.strip())(), flush=True)
"""


class Process:
    """Another Python process, which calls the methods of a server that we name."""

    def __init__(self, folder: Path, user: str) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, folder, user],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            cwd=Path(__file__).parents[2],
        )
        assert self.answer() == "ready"

    def ask(self, method: str) -> None:
        assert self._popen.stdin is not None
        self._popen.stdin.write(f"{method}\n")
        self._popen.stdin.flush()

    def answer(self) -> str:
        assert self._popen.stdout is not None
        line = self._popen.stdout.readline()
        if not line:
            pytest.fail(f"the process died: {self._popen.communicate()[1]}")
        return line.strip()

    def call(self, method: str) -> str:
        self.ask(method)
        return self.answer()

    def interrupt(self) -> None:
        """Do what the terminal does at Ctrl-C: signal the whole process group."""
        os.killpg(self._popen.pid, signal.SIGINT)
        self._popen.wait()

    def kill(self) -> None:
        self._popen.kill()
        self._popen.communicate()


Start = Callable[[], Process]


@pytest.fixture
def server(stopped: EmbeddedServer) -> EmbeddedServer:
    """A server that nobody uses yet."""
    return stopped


@pytest.fixture
def start(server: EmbeddedServer, postgres_user: str) -> Iterator[Start]:
    """Start another process for the same server."""
    with processes(server.status().data_folder.parent, postgres_user) as start:
        yield start


@contextmanager
def processes(folder: Path, user: str) -> Iterator[Start]:
    with ExitStack() as stack:

        def start() -> Process:
            process = Process(folder, user)
            stack.callback(process.kill)
            return process

        yield start


def ensure_at_once(racers: list[Process]) -> None:
    for racer in racers:
        racer.ask("ensure")
    for racer in racers:
        assert "ServerAddress" in racer.answer()


def kill_postmaster(server: EmbeddedServer) -> int:
    pid = server.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def noted_pid(server: EmbeddedServer) -> int | None:
    """Return what a server that may be starting wrote into its pid file."""
    try:
        return int((server.status().data_folder / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, IndexError):
        return None


def wait_for_another_start(server: EmbeddedServer, killed: int) -> int:
    wait_for(lambda: noted_pid(server) not in (None, killed))
    return noted_pid(server) or killed


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.002)


def test_the_first_to_leave_does_not_stop_the_server_and_the_last_one_does(
    server: EmbeddedServer, start: Start
) -> None:
    first, last = start(), start()
    ensure_at_once([first, last])

    assert first.call("release_and_stop_if_unused") == "False"
    assert server.status().running
    assert last.call("release_and_stop_if_unused") == "True"
    assert not server.status().running


def test_a_kept_server_outlives_the_process_that_started_it(server: EmbeddedServer, start: Start) -> None:
    process = start()

    assert process.call("start") == "True"
    assert process.call("release_and_stop_if_unused") == "False"
    process.kill()
    assert server.status().running


def test_a_killed_user_does_not_hold_the_server(server: EmbeddedServer, start: Start) -> None:
    process = start()
    process.call("ensure")
    process.kill()

    server.ensure()
    assert server.release_and_stop_if_unused()


def test_a_user_that_comes_while_the_last_one_stops_the_server_gets_a_new_one(
    server: EmbeddedServer, start: Start
) -> None:
    first, second = start(), start()
    for _ in range(5):
        first.call("ensure")
        first.ask("release_and_stop_if_unused")
        second.ask("ensure")
        first.answer()
        assert "ServerAddress" in second.answer()
        assert server.status().running
        second.call("release_and_stop_if_unused")


def test_a_forked_child_is_a_user_of_its_own(server: EmbeddedServer) -> None:
    script = f"""
import os, sys
from pathlib import Path
from boost_pipeline.warehouse.server import EmbeddedServer
server = EmbeddedServer(Path({str(server.status().data_folder.parent)!r}))
server.ensure()
read, write = os.pipe()
if os.fork() == 0:
    os.close(write)
    os.read(read, 1)
    server.ensure()
    print("child", server.release_and_stop_if_unused(), flush=True)
    os._exit(0)
print("parent", server.release_and_stop_if_unused(), flush=True)
os.close(write)
os.wait()
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=Path(__file__).parents[2])

    assert said.stderr == ""
    assert said.stdout.splitlines() == ["parent False", "child True"]


def test_ctrl_c_in_the_terminal_of_the_starter_does_not_reach_the_server(server: EmbeddedServer, start: Start) -> None:
    starter = start()
    starter.call("ensure")
    pid = server.status().pid
    starter.interrupt()

    server.ensure()
    assert server.status().pid == pid


def test_a_backend_that_outlives_a_killed_server_does_not_keep_the_next_one_from_starting(
    server: EmbeddedServer,
) -> None:
    conninfo = server.ensure().conninfo("postgres")
    with (
        psycopg.connect(conninfo) as busy,
        psycopg.connect(conninfo, autocommit=True) as other,
        ThreadPoolExecutor(1) as thread,
    ):
        # A loop that never waits never learns that the postmaster is gone.
        query = thread.submit(busy.execute, "DO $$ BEGIN LOOP END LOOP; END $$")
        active = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND state = 'active'"
        wait_for(lambda: other.execute(active, [busy.info.backend_pid]).fetchone() == (1,))
        kill_postmaster(server)
        server.ensure()

        assert isinstance(query.exception(timeout=60), psycopg.OperationalError)


def test_a_killed_initdb_leaves_nothing(homes: Homes, postgres_user: str) -> None:
    with homes() as home, processes(home / "postgres", postgres_user) as start:
        process = start()
        process.ask("ensure")
        wait_for(lambda: any((home / "postgres").glob("data.new-*/PG_VERSION")))
        process.kill()
        server = EmbeddedServer(home / "postgres", user=postgres_user)
        server.ensure()
        server.stop()
        server.ensure()  # an initdb without a parent may have been at work while the first one tidied up
        server.release_and_stop_if_unused()

        assert list((home / "postgres").glob("data.new-*")) == []


@pytest.mark.slow
def test_eight_processes_at_once_on_an_empty_home_get_one_server(homes: Homes, postgres_user: str) -> None:
    with homes() as home, processes(home / "postgres", postgres_user) as start:
        racers = [start() for _ in range(8)]
        ensure_at_once(racers)
        pids = {word for racer in racers for word in racer.call("status").split(", ") if word.startswith("pid=")}

        assert len(pids) == 1
        assert [racer.call("release_and_stop_if_unused") for racer in racers] == ["False"] * 7 + ["True"]


@pytest.mark.slow
def test_killed_over_and_over_the_server_comes_back_with_all_that_was_committed(
    server: EmbeddedServer, start: Start
) -> None:
    with psycopg.connect(server.ensure().conninfo("postgres")) as connection:
        connection.execute("CREATE TABLE rounds (number int)")
    racers = [start() for _ in range(4)]
    for number in range(3):
        with psycopg.connect(server.ensure().conninfo("postgres")) as connection:
            connection.execute("INSERT INTO rounds VALUES (%s)", [number])
        kill_postmaster(server)
        ensure_at_once(racers)

        with psycopg.connect(server.ensure().conninfo("postgres")) as connection:
            rows = connection.execute("SELECT number FROM rounds ORDER BY number").fetchall()
        assert rows == [(earlier,) for earlier in range(number + 1)]


@pytest.mark.slow
def test_a_server_killed_again_while_several_restart_it_comes_back(server: EmbeddedServer, start: Start) -> None:
    server.ensure()
    racers = [start() for _ in range(4)]
    for _ in range(5):
        killed = kill_postmaster(server)
        for racer in racers:
            racer.ask("ensure")

        with suppress(ProcessLookupError):
            os.kill(wait_for_another_start(server, killed), signal.SIGKILL)
        for racer in racers:
            assert "ServerAddress" in racer.answer()
        server.ensure()

    assert server.status().running


@pytest.mark.slow
def test_recovery_from_a_crash_is_waited_for_even_if_who_began_it_was_killed(
    server: EmbeddedServer, start: Start
) -> None:
    with psycopg.connect(server.ensure().conninfo("postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE filled AS SELECT n, repeat('x', 200) FROM generate_series(1, 1500000) n")
    killed = kill_postmaster(server)
    starter = start()
    starter.ask("ensure")
    began = wait_for_another_start(server, killed)
    starter.kill()
    server.ensure()

    assert server.status().pid == began
    with psycopg.connect(server.ensure().conninfo("postgres")) as connection:
        assert connection.execute("SELECT count(*) FROM filled").fetchone() == (1500000,)
