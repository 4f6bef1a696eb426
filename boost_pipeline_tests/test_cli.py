"""The command, as a person or a script meets it: real processes, real exit codes."""

import json
import os
import re
import signal
import socket
import subprocess
import sys

import psycopg
import pytest

from boost_pipeline.sample.organisation import new_commits
from boost_pipeline.warehouse.schema import HEAD
from boost_pipeline_tests.commands.process import COMMAND, ROOT, Cli, stalled_git
from boost_pipeline_tests.conftest import database


@pytest.fixture
def cli(server, platform_template, built_sample, tmp_path):
    """A command whose databases have all tables and no row."""
    with database(server, platform_template) as conninfo:
        yield Cli(conninfo, tmp_path / "home", built_sample.url)


@pytest.fixture
def offline(tmp_path):
    """A command that has no database: its embedded server would have to be started."""
    return Cli(None, tmp_path / "home", (tmp_path / "nowhere").as_uri())


@pytest.fixture(scope="module")
def ran(server, built_sample, tmp_path_factory):
    """A command that, on an empty database, has run the daily tasks once, with what it printed."""
    with database(server, "template1") as conninfo:
        cli = Cli(conninfo, tmp_path_factory.mktemp("home"), built_sample.url)
        cli.result = cli("run", "--schedule", "daily")
        yield cli


def test_help_answers_without_dagster():
    heavy = "{'dagster', 'sqlalchemy', 'psycopg', 'pydantic'}"
    code = f"""
import sys
from boost_pipeline.cli import main
main(["--help"], standalone_mode=False)
print(sorted({{name.split(".")[0] for name in sys.modules}} & {heavy}))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "The data platform for the Boost C++ libraries." in result.stdout
    assert result.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_after_a_collector_is_of_that_collector(flag):
    told = subprocess.run([COMMAND, "collect", "run_export", flag], cwd=ROOT, capture_output=True, text=True)

    assert told.returncode == 0
    assert told.stdout.startswith("Usage: boost-pipeline collect run_export [OPTIONS]")
    assert "--with-emails" in told.stdout


def test_every_command_has_an_example_in_its_help():
    from boost_pipeline.cli import main

    commands = [main, *main.commands.values(), *main.commands["db"].commands.values()]
    assert [c.name for c in commands if "Example:" not in (c.help or "") and c.name != "db"] == []


def test_a_run_names_each_task_with_outcome_duration_and_rows(ran):
    assert ran.result.returncode == 0, ran.result.stderr
    first, *rest = ran.result.stdout.splitlines()
    assert first.split() == ["task", "outcome", "duration", "rows", "written"]
    assert [line.split()[:2] for line in rest] == [
        ["run_boost_library_tracker", "succeeded"],
        ["run_boost_github_activity_tracker", "succeeded"],
        ["run_export", "succeeded"],
        ["run_boost_library_usage_dashboard", "succeeded"],
    ]


def test_a_run_logs_start_and_end_of_each_task_in_plain_lines(ran):
    lines = ran.result.stderr.splitlines()

    assert any(line.endswith("run_boost_library_tracker: started") for line in lines)
    assert any("run_boost_library_tracker: succeeded in " in line for line in lines)
    assert "\x1b" not in ran.result.stderr


def test_tables_fit_eighty_columns(ran):
    assert max(map(len, (ran.result.stdout + ran("status").stdout + ran("collectors").stdout).splitlines())) <= 80


def test_runs_are_recorded_in_the_instance_that_dagsters_own_commands_use(ran):
    query = "SELECT status, count(*) FROM runs GROUP BY status"
    url = ran.environment["DATABASE_URL"].replace("?", "_dagster?")
    with psycopg.connect(url) as connection:
        assert connection.execute(query).fetchall() == [("SUCCESS", 4)]


def test_status_tells_each_asset_for_people_and_for_scripts(ran):
    assert "code/commits" in ran("status").stdout

    told = json.loads(ran("status", "--json").stdout)
    names = {asset["asset"] for asset in told["assets"]}
    assert {"boost/releases", "boost/dependencies", "code/commits", "github/issues", "reports/dashboard"} <= names
    never = {asset["asset"] for asset in told["assets"] if not asset["checked_at"]}
    assert {name for name in never if not name.startswith("llvm/")} == {"reports/monthly", "reports/release"}
    assert told["failures"] == []


def test_one_release_can_be_collected_by_name(ran):
    result = ran("collect", "run_boost_library_tracker", "--version", "1.70.0")

    assert result.returncode == 0, result.stderr


def test_the_sql_client_takes_what_follows_the_dashes(ran):
    result = ran("db", "psql", "--", "-At", "-c", "SELECT count(*) FROM repositories")

    assert (result.returncode, result.stdout) == (0, "15\n")


def test_the_schema_can_be_upgraded_by_hand(empty_database, tmp_path):
    cli = Cli(empty_database, tmp_path / "home", tmp_path.as_uri())

    assert cli("db", "upgrade").stdout == f"The schema is at {HEAD}.\n"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("collect", "run_boost_libary_tracker"), 2, "did you mean 'run_boost_library_tracker'?"),
        (("collect", "run_boost_library_tracker", "--versoin", "1"), 2, "No such option"),
        (("collect", "run_boost_library_tracker", "--version", "latest"), 2, "'latest' is not a Boost version"),
        (("collect", "run_boost_library_tracker", "--version", "boost-1.99.0"), 1, "There is no release boost-1.99.0"),
        (("collect", "run_boost_github_activity_tracker", "--library", "confg"), 1, "did you mean 'config'?"),
        (("run", "--schedule", "daily", "--group", "gihub"), 2, 'did you mean "github"?'),
        (("run", "--schedule", "hourly"), 2, "hourly"),
        (("run",), 2, "--schedule"),
        (("nonsense",), 2, "nonsense"),
        (("db", "start"), 1, "DATABASE_URL names a server of its own"),
    ],
)
def test_a_mistake_is_told_in_words_with_its_exit_code(ran, arguments, code, told):
    result = ran(*arguments)

    assert result.returncode == code
    assert told in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"DATABASE_URL": "postgresql://boost:hunter2@127.0.0.1:1/boost"}, "at 127.0.0.1 cannot be used"),
        ({"DATABASE_URL": "mysql://boost:hunter2@127.0.0.1/boost"}, "DATABASE_URL is not a PostgreSQL address"),
        ({"BOOST_DAGSTER_DATABASE_URL": "postgresql://boost:hunter2@127.0.0.1:1/x"}, "cannot be used"),
        ({"BOOST_WEB_PORT": "hunter2"}, "BOOST_WEB_PORT"),
        ({"BOOST_COLLECTOR_SCHEDULE_YAML": "/nowhere/schedule.yaml"}, "/nowhere/schedule.yaml"),
        ({"BOOST_GIT_URL": "http://127.0.0.1:1"}, "127.0.0.1"),
        ({"BOOST_GIT_URL": "file:///nowhere"}, "boost"),
    ],
)
def test_a_wrong_setting_is_told_in_one_line_without_its_secret(cli, environment, told):
    result = cli("run", "--schedule", "daily", **environment)

    assert result.returncode == 1
    assert told in result.stderr
    assert "hunter2" not in result.stderr + result.stdout
    assert "Traceback" not in result.stderr


def test_a_broken_schedule_is_told_with_its_line(cli, tmp_path):
    broken = tmp_path / "schedule.yaml"
    broken.write_text("groups:\n  github:\n    default_time: 16:10\n    tasks: []\n")

    result = cli("run", "--schedule", "daily", BOOST_COLLECTOR_SCHEDULE_YAML=str(broken))

    assert result.returncode == 1
    assert "schedule.yaml:3:" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_read_only_database_is_told_and_nothing_is_lost(ran):
    with psycopg.connect(ran.environment["DATABASE_URL"], autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        try:
            result = ran("run", "--schedule", "daily")
        finally:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")

    assert result.returncode == 1
    assert "is read-only" in result.stderr
    assert "Traceback" not in result.stderr


def test_debug_shows_the_traceback(cli):
    result = cli("--debug", "run", "--schedule", "daily", DATABASE_URL="mysql://x/y")

    assert "Traceback" in result.stderr


def test_a_failed_task_fails_the_command_and_spares_the_next(ran, server, built_sample, tmp_path):
    sample = new_commits(built_sample.copy(tmp_path / "organisation"), "config", 1).sample
    (sample.folder / "config.git").rename(sample.folder / "config.aside")

    with ran.copy(server, tmp_path / "home") as cli:
        result = cli("run", "--schedule", "daily", "--group", "github", BOOST_GIT_URL=sample.url)

    assert result.returncode == 1
    assert [line.split()[1] for line in result.stdout.splitlines()[1:]] == ["failed", "failed"]
    assert "Traceback" not in result.stderr
    gone, affected = lines(result, "gone, private or not for us"), lines(result, "failed units: ")
    assert len(gone) == 1, result.stderr
    assert [line.split(": ", 1)[1] for line in affected] == [
        "boost/libraries: failed units: config",
        "boost/headers: failed units: config",
        "code/commits: failed units: config",
    ]


def lines(result, told):
    """What a command wrote, line by line, as far as it has these words."""
    return [line for line in (result.stderr + result.stdout).splitlines() if told in line]


def test_a_missing_token_is_foretold_once_and_told_once(ran):
    result = ran("collect", "run_boost_github_activity_tracker", GITHUB_TOKEN="")

    assert result.returncode == 1
    foretold, told = lines(result, "set GITHUB_TOKEN")
    assert "will fail" in foretold
    assert "will fail" not in told


@pytest.mark.parametrize(
    "url", ["postgresql://boost@127.0.0.1:1/boost", "mysql://boost@127.0.0.1/boost"], ids=["down", "wrong"]
)
def test_a_database_that_cannot_be_used_is_told_in_one_line_and_nothing_else_is(offline, url):
    result = offline("run", "--schedule", "daily", DATABASE_URL=url)

    assert (result.returncode, result.stdout, len(result.stderr.splitlines())) == (1, "", 1)
    assert result.stderr.startswith("Error: ")


CUT_OFF = [
    ("--help",),
    ("collectors",),
    ("schedule", "--days", "366"),
    ("run", "--schedule", "daily", "--dry-run"),
    ("status",),
    ("graph", "1.71.0"),
    ("budget",),
    ("export", "--table", "releases"),
    ("db", "status"),
]


LOGGED = re.compile(r"\d\d:\d\d:\d\d (boost-pipeline |export as json: )")


@pytest.mark.parametrize("arguments", CUT_OFF, ids=lambda arguments: arguments[0])
def test_output_that_nobody_reads_any_more_ends_quietly(ran, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        result = subprocess.run(
            [COMMAND, *arguments], cwd=ROOT, env=ran.environment, stdout=writing, stderr=subprocess.PIPE, text=True
        )
    finally:
        os.close(writing)

    assert result.returncode == 141
    assert [line for line in result.stderr.splitlines() if not LOGGED.match(line)] == []


def test_output_that_is_cut_off_after_its_first_line_ends_quietly(ran):
    """It is more than a pipe holds; Python that buffers nothing would not notice."""
    with subprocess.Popen(
        [COMMAND, "schedule", "--days", "366", "--json"],
        cwd=ROOT,
        env=ran.environment | {"PYTHONUNBUFFERED": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.read(10)
        process.stdout.close()

        assert (process.wait(60), process.stderr.read()) == (141, b"")


def test_stop_on_failure_skips_the_rest_and_names_the_failed_one(cli, built_sample, tmp_path):
    sample = built_sample.copy(tmp_path / "organisation")
    (sample.folder / "config.git").rename(sample.folder / "config.aside")

    result = cli("run", "--schedule", "daily", "--group", "github", "--stop-on-failure", BOOST_GIT_URL=sample.url)

    assert result.returncode == 1
    assert [line.split()[1] for line in result.stdout.splitlines()[1:]] == ["failed", "skipped"]
    assert "run_boost_github_activity_tracker: skipped, since run_boost_library_tracker failed" in result.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_a_run_and_leaves_nothing_running(cli, number):
    """The host of the repositories accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as host:
        process = subprocess.Popen(
            [COMMAND, "run", "--schedule", "daily"],
            cwd=ROOT,
            env=cli.environment | {"BOOST_GIT_URL": f"http://127.0.0.1:{host.getsockname()[1]}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        host.accept()[0].close()  # the glance whether somebody is there at all
        connection, _ = host.accept()
        with connection:
            process.send_signal(number)
            output, _ = process.communicate(timeout=30)

    assert process.returncode == 128 + number
    assert output.splitlines()[-1] == "Stopped."
    assert members(process.pid) == []
    assert ended(cli) == (["CANCELED"], 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cancels_a_run_whose_threads_wait_for_git(cli, built_sample, tmp_path, number):
    with stalled_git(built_sample, tmp_path) as (url, wait):
        process = subprocess.Popen(
            [COMMAND, "run", "--schedule", "daily"],
            cwd=ROOT,
            env=cli.environment | {"BOOST_GIT_URL": url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait()
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=60)

    assert (process.returncode, stdout) == (128 + number, "")
    assert stderr.splitlines()[-1] == "Stopped."
    assert not re.search("Traceback|failed|Error", stderr)
    assert ended(cli) == (["CANCELED"], 0)


def ended(cli):
    """The status of each run, and how many are told as failed: alerts, and Dagster's retries, ask for these."""
    runs = [status for (status,) in cli.rows("SELECT status FROM runs")]
    failures = cli.rows("SELECT count(*) FROM event_logs WHERE dagster_event_type = 'PIPELINE_FAILURE'")
    return runs, failures[0][0]


def members(group: int) -> list[str]:
    """The living processes of a process group."""
    found = subprocess.run(["ps", "-eo", "pgid=,stat=,args="], capture_output=True, text=True, check=True)
    rows = [line.split(None, 2) for line in found.stdout.splitlines()]
    return [row[2] for row in rows if int(row[0]) == group and not row[1].startswith("Z")]
