"""A session of pytest: it starts wherever the product does, and leaves nothing behind, however it ends."""

import json
import os
import pwd
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from boost_pipeline_tests import leftovers
from boost_pipeline_tests.conftest import DEVELOPMENT

ROOT = Path(__file__).parents[1]
ENDLESS = "boost_pipeline_tests/endless.py"
SMALL = "boost_pipeline_tests/boost/test_releases.py"
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's /proc: run the tests on Linux")


WARNS = """
import importlib, sys, warnings
from pathlib import Path

warnings.warn(f"{__name__} goes", DeprecationWarning)
here = str(Path(__file__).parent)
at = sys.path.index(here)
del sys.path[at], sys.modules[__name__]
importlib.import_module(__name__)
sys.path.insert(at, here)
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]


def environment(**variables: str) -> dict[str, str]:
    """The environment of a session that knows nothing of this one's."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")} | variables


def pytest_says(*arguments: str, **variables: str) -> tuple[int, str]:
    """The exit code and the output of a session."""
    done = subprocess.run(
        command(*arguments), cwd=ROOT, env=environment(**variables), capture_output=True, text=True, timeout=300
    )
    return done.returncode, done.stdout + done.stderr


@contextmanager
def endless(
    folder: Path, tests: dict[str, str], *arguments: str, after: str | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A session in which each of the tests, by the file that it writes, waits; `after` would come then."""
    paths = [f"{ENDLESS}::{test}" for test in [*tests.values(), *([after] if after else [])]]
    session = subprocess.Popen(
        command(*arguments, *paths),
        cwd=ROOT,
        env=environment(ENDLESS=str(folder)),
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        deadline = time.monotonic() + 120
        while not all((folder / f"{name}.json").exists() for name in tests):
            assert session.poll() is None, session.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)  # between looks at another process
        yield session
    finally:
        session.kill()
        session.communicate()


def made(folder: Path) -> list[dict]:
    return [json.loads(path.read_text()) for path in folder.glob("*.json")]


def left(folder: Path) -> list[str]:
    """What there still is of all that the tests of a session have written down."""
    segments = {line.split()[1] for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]}
    users = {entry.pw_name for entry in pwd.getpwall()}
    found = []
    for one in made(folder):
        found += [f"process {pid}" for pid in one.get("processes", []) if leftovers.is_alive(pid)]
        found += [f"segment {number}" for number in one.get("segments", []) if number in segments]
        found += [path for path in one["folders"] if Path(path).exists()]
        found += [f"user {one['user']}"] if one.get("user") in users else []
        found += [str(path) for path in Path("/tmp").glob(f"boost-test-{one['maker']}-*")]
    return found


def kinds(found: list[str]) -> set[str]:
    return {"folder" if line.startswith("/") else line.split()[0] for line in found}


ALL_KINDS = {"process", "segment", "folder"} | ({"user"} if os.geteuid() == 0 else set())
TAKING = {"takes": "test_takes_the_end_for_its_own"}
WAITING = {"waits-1": "test_waits[1]", "waits-2": "test_waits[2]"}
WORKERS = ("-n2", "--dist=load")
ALONE = ("-p", "no:xdist")


@linux
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(
    ("tests", "arguments"),
    [({"waits-1": "test_waits[1]"}, ALONE), (WAITING, WORKERS)],
    ids=["alone", "workers"],
)
def test_a_session_ended_by_a_signal_leaves_nothing_behind(tmp_path, number, tests, arguments):
    with endless(tmp_path, tests, *arguments) as session:
        assert kinds(left(tmp_path)) == ALL_KINDS

        session.send_signal(number)
        said, _ = session.communicate(timeout=60)

    assert left(tmp_path) == []
    assert session.returncode == pytest.ExitCode.INTERRUPTED, said


@linux
@pytest.mark.slow
def test_the_next_session_removes_what_one_that_was_killed_has_left(tmp_path):
    with endless(tmp_path, WAITING, *WORKERS) as session:
        assert kinds(left(tmp_path)) == ALL_KINDS
        os.killpg(session.pid, signal.SIGKILL)
        session.communicate(timeout=60)

    assert pytest_says("--collect-only", SMALL)[0] == 0
    assert left(tmp_path) == []


@linux
def test_a_session_leaves_alone_what_a_living_one_has_made(tmp_path):
    with endless(tmp_path, TAKING, *ALONE) as session:
        before = left(tmp_path)
        assert kinds(before) == {"folder"}

        assert pytest_says("--collect-only", SMALL)[0] == 0
        assert left(tmp_path) == before
        session.terminate()
        session.communicate(timeout=60)
    assert left(tmp_path) == []


def test_no_test_begins_after_the_signal_though_one_takes_it_for_its_own(tmp_path):
    with endless(tmp_path, TAKING, *ALONE, after="test_is_never_reached") as session:
        session.terminate()
        said, _ = session.communicate(timeout=60)

    assert not (tmp_path / "reached").exists()
    assert "SIGTERM" in said


def test_tests_run_without_xdist():
    code, said = pytest_says("-p", "no:xdist", SMALL)

    assert code == 0, said


def test_tests_run_in_parallel_by_default():
    code, said = pytest_says("-vv", SMALL)

    assert code == 0, said
    assert re.search(r"\[gw\d\] ", said)


@pytest.mark.slow
def test_a_package_for_development_that_cannot_be_imported_skips_its_own_tests(tmp_path):
    for name in DEVELOPMENT:
        (tmp_path / f"{name}.py").write_text("raise OSError('no libfoo')\n")
    code, said = pytest_says("-p", "no:xdist", "-p", "no:hypothesispytest", "--collect-only", PYTHONPATH=str(tmp_path))

    assert code == 0, said
    assert "hypothesis cannot be imported (no libfoo): `make setup` installs it" in said
    assert "reports/site/test_browser.py" in said
    assert "test_cli.py::" in said


@pytest.mark.slow
def test_a_package_that_warns_when_it_is_imported_loses_no_test(tmp_path):
    for name in ("playwright", "pypdf", "duckdb", "scipy"):
        (tmp_path / f"{name}.py").write_text(WARNS)
    code, said = pytest_says("-p", "no:xdist", "--collect-only", PYTHONPATH=str(tmp_path))

    assert code == 0, said
    assert "DeprecationWarning: playwright goes" in said
    assert "reports/site/test_browser.py::" in said


def test_a_warning_of_a_test_is_an_error(tmp_path):
    code, said = pytest_says("-p", "no:xdist", f"{ENDLESS}::test_warns", ENDLESS=str(tmp_path))

    assert code == pytest.ExitCode.TESTS_FAILED
    assert "DeprecationWarning: gone soon" in said
