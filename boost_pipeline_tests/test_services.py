"""The services as an operator starts them, on an embedded server of their own: nothing is left when they stop."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from boost_pipeline.sample.github.server import SAMPLE_TOKEN
from boost_pipeline.settings import Settings
from boost_pipeline.warehouse.server import EmbeddedServer
from boost_pipeline_tests.commands.process import github

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent

pytestmark = pytest.mark.slow


@pytest.fixture
def environment(home, postgres_user, built_sample):
    """The environment of a platform on the sample, with an embedded server."""
    ours = {str(field.validation_alias) for field in Settings.model_fields.values()} | {"DAGSTER_HOME"}
    return {name: value for name, value in os.environ.items() if name not in ours} | {
        "BOOST_HOME": str(home),
        "BOOST_POSTGRES_USER": postgres_user,
        "BOOST_GIT_URL": built_sample.url,
        "BOOST_WEB_PORT": str(free_port()),
        "BOOST_REPORTS_PORT": str(free_port()),
        "GITHUB_API_URL": github().url,
        "GITHUB_TOKEN": SAMPLE_TOKEN,
        "PYTHONWARNINGS": "ignore",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def graphql(port: str, query: str):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql", json.dumps({"query": query}).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["data"]


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def until(condition, seconds=60):
    """Wait for a condition, and return what it returned."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if found := condition():
                return found
        except OSError:
            pass
        time.sleep(0.2)  # between looks at another process
    raise AssertionError("it did not come to pass")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_up_serves_and_stops_all_that_it_started(environment, home, postgres_user, number, tmp_path):
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [BIN / "boost-pipeline", "up"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        port = environment["BOOST_WEB_PORT"]
        until(
            lambda: graphql(port, "{repositoriesOrError{... on RepositoryConnection{nodes{name}}}}")[
                "repositoriesOrError"
            ]["nodes"]
        )
        until(lambda: graphql(port, "{instance{daemonHealth{allDaemonStatuses{healthy}}}}"))
        until(lambda: status(f"http://127.0.0.1:{environment['BOOST_REPORTS_PORT']}/dashboard/") == 404)
        until(lambda: log.read_text().count(" at http://127.0.0.1:") == 2)
        process.send_signal(number)
        process.wait(timeout=60)
    finally:
        process.kill()

    assert process.returncode == 0, log.read_text()
    told = log.read_text().splitlines()
    assert f"export DAGSTER_HOME={ROOT}" in told[0]
    assert any(line.endswith(f"The web UI is at http://127.0.0.1:{port}/") for line in told)
    assert any(
        line.endswith(f"The reports are at http://127.0.0.1:{environment['BOOST_REPORTS_PORT']}/") for line in told
    )
    assert [line for line in told if "INFO" in line or "DEBUG" in line] == []
    assert not EmbeddedServer(home / "postgres", user=postgres_user).status().running
    assert of_home(home) == []


@pytest.mark.parametrize("name", ["BOOST_WEB_PORT", "BOOST_REPORTS_PORT"])
def test_a_taken_port_is_told_in_one_line_and_nothing_is_started(environment, home, name):
    with socket.create_server(("127.0.0.1", int(environment[name]))):
        result = run("boost-pipeline", "up", environment=environment)

    assert result.returncode == 1
    assert f"Port {environment[name]} is taken" in result.stderr
    assert f"Set {name} to another." in result.stderr
    assert "Traceback" not in result.stderr
    assert not (home / "postgres").exists()


def test_dagsters_own_command_runs_a_group_with_nothing_exported_but_the_settings(environment, home, postgres_user):
    result = run(
        "dagster", "job", "execute", "-m", "boost_pipeline.definitions", "-j", "github", environment=environment
    )

    assert result.returncode == 0, result.stderr[-2000:]
    told = json.loads(run("boost-pipeline", "status", "--json", environment=environment).stdout)
    rows = {asset["asset"]: asset["rows"] for asset in told["assets"]}
    assert (rows["boost/releases"], rows["code/repositories"], rows["code/commits"]) == (13, 15, 1047)
    assert rows["github/issues"] > 0
    EmbeddedServer(home / "postgres", user=postgres_user).stop()


@pytest.mark.parametrize("noun", ["schedule", "sensor", "run", "job"])
def test_dagsters_own_lists_work_once_its_home_is_told_as_we_say_everywhere(noun, environment, home, postgres_user):
    for page in ("README.md", "docs/web-ui.md"):
        assert "export DAGSTER_HOME=$PWD" in (ROOT / page).read_text()

    result = run("dagster", noun, "list", environment=environment | {"DAGSTER_HOME": str(ROOT)})

    assert result.returncode == 0, result.stderr[-2000:]
    EmbeddedServer(home / "postgres", user=postgres_user).stop()


def test_the_server_that_a_command_starts_is_gone_when_it_ends(environment, home):
    for arguments in (("db", "upgrade"), ("status",), ("db", "psql", "--", "-c", "SELECT 1")):
        assert run("boost-pipeline", *arguments, environment=environment).returncode == 0
        assert of_home(home) == []


def test_a_server_that_was_started_by_name_stays_until_it_is_stopped(environment, home):
    assert run("boost-pipeline", "db", "start", environment=environment).stdout == "started\n"
    assert run("boost-pipeline", "status", environment=environment).returncode == 0
    assert run("boost-pipeline", "db", "status", environment=environment).returncode == 0
    assert run("boost-pipeline", "db", "stop", environment=environment).stdout == "stopped\n"
    assert run("boost-pipeline", "db", "status", environment=environment).returncode == 1
    assert of_home(home) == []


def run(command, *arguments, environment):
    return subprocess.run(
        [BIN / command, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )


def of_home(home):
    """The living processes that have to do with a home, by command line or environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(home).encode() in told and int(process.name) != os.getpid():
            found.append(told.replace(b"\0", b" ")[:200])
    return found
