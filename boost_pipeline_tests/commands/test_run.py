"""`boost-pipeline run`: what its flags mean, in real processes.

Numbers in brackets are the behaviours of boost-data-collector's own tests that apply here.
"""

import json
import signal
import subprocess
import sys
import time

import psycopg
import pytest

from boost_pipeline.sample.organisation import new_commits
from boost_pipeline.warehouse.schema import HEAD
from boost_pipeline_tests.commands.process import COMMAND, ROOT, Cli, table
from boost_pipeline_tests.conftest import database

DAILY = """
  {name}:
    default_time: "00:05"
    stop_on_failure: {stop}
    tasks:
      - {{command: run_boost_library_tracker, schedule: daily}}
      - {{command: run_boost_github_activity_tracker, schedule: daily, args: [--library, config]}}
"""


@pytest.fixture(scope="module")
def ran(server, platform_template, built_sample, tmp_path_factory):
    """A command that has run the batch of the group github once, logging JSON, on a sample of its own."""
    sample = built_sample.copy(tmp_path_factory.mktemp("sample") / "organisation")
    with database(server, platform_template) as conninfo:
        cli = Cli(conninfo, tmp_path_factory.mktemp("home"), sample.url)
        cli.sample = sample
        cli.result = cli("run", "--schedule", "default", "--group", "github", LOG_FORMAT="json")
        cli.log = [json.loads(line) for line in cli.result.stderr.splitlines() if line.startswith("{")]
        yield cli


def test_default_with_a_group_runs_its_batch(ran):
    """(43, 45, 46, 62, 63)"""
    assert ran.result.returncode == 0, ran.result.stderr
    assert [row[:2] for row in table(ran.result.stdout)] == [
        ["run_boost_library_tracker", "succeeded"],
        ["run_boost_github_activity_tracker", "succeeded"],
        ["collect_boost_libraries", "no"],
    ]


def test_the_first_line_of_the_log_has_the_version_in_the_message_and_as_a_field(ran):
    """(44)"""
    assert ran.log[0]["version"] in ran.log[0]["message"]


def test_each_task_logs_its_start_and_its_end_as_json_with_all_fields(ran):
    events = [line for line in ran.log if "event" in line]

    assert [(line["event"], line["task"], line["group"]) for line in events] == [
        ("started", "run_boost_library_tracker", "github"),
        ("finished", "run_boost_library_tracker", "github"),
        ("started", "run_boost_github_activity_tracker", "github"),
        ("finished", "run_boost_github_activity_tracker", "github"),
        ("skipped", "collect_boost_libraries", "github"),
    ]
    ended = events[1]
    assert {"time", "level", "message", "release", "outcome", "seconds", "rows", "run_id"} <= ended.keys()
    assert (ended["outcome"], ended["level"]) == ("succeeded", "info")
    assert ended["rows"] > 0
    assert ended["seconds"] > 0


def test_every_run_carries_its_group(ran):
    assert ran.rows("SELECT DISTINCT value FROM run_tags WHERE key = 'boost/group'") == [("github",)]
    assert ran.rows(
        "SELECT count(*) FROM runs WHERE run_id NOT IN (SELECT run_id FROM run_tags WHERE key = 'boost/group')"
    ) == [(0,)]


def test_a_release_reaches_a_task_that_waits_for_it_once(ran):
    git = ["git", "-C", str(ran.sample.folder / "boost.git")]
    subprocess.run([*git, "tag", "boost-1.72.0", "boost-1.71.0^{}"], check=True)

    rehearsed = ran("run", "--schedule", "on_release", "--group", "github", "--dry-run")
    first = ran("run", "--schedule", "on_release", "--group", "github")
    again = ran("run", "--schedule", "on_release", "--group", "github")

    assert table(rehearsed.stdout) == [["github", "collect_boost_libraries", "none", "known"]]
    assert (first.returncode, again.returncode) == (0, 0), first.stderr
    assert [(row[1], row[-1]) for row in table(first.stdout)] == [("succeeded", "1.72.0")]
    assert "collect_boost_libraries: no release is pending" in again.stderr
    made = "SELECT asset_key FROM event_logs WHERE dagster_event_type = 'ASSET_MATERIALIZATION' AND partition = "
    assert sorted(ran.rows(made + "'boost-1.72.0'")) == [
        ('["boost", "dependencies"]',),
        ('["boost", "headers"]',),
        ('["boost", "libraries"]',),
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "either --schedule"),  # (47)
        (("--schedule", "daily", "--all"), "either --schedule"),
        (("--all", "--group", "github"), "either --schedule"),
        (("--schedule", "default"), "--schedule default needs --group"),  # (48)
        (("--schedule", "weekly"), "--schedule weekly needs --day-of-week"),  # (49)
        (("--schedule", "monthly"), "--schedule monthly needs --day-of-month"),  # (50)
        (("--schedule", "interval"), "--schedule interval needs --interval-minutes"),  # (51)
        (("--schedule", "monthly", "--day-of-month", "32"), "--day-of-month cannot be 32: it is from 1 to 31."),  # (52)
        (("--schedule", "weekly", "--day-of-week", "noday"), '--day-of-week cannot be "noday"'),
        (("--schedule", "interval", "--interval-minutes", "x"), "'x' is not a valid integer"),
        (("--schedule", "daily", "--group", "gihub"), 'did you mean "github"?'),
    ],
)
def test_a_missing_or_wrong_flag_is_named_and_is_wrong_usage(offline, arguments, told):
    result = offline("run", *arguments)

    assert result.returncode == 2
    assert told in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    "arguments",
    [
        (
            "--schedule",
            "weekly",
            "--group",
            "github",
            "--day-of-week",
            "mon",
            "--stop-on-failure",
            "--strict",
        ),  # (58, 59)
        ("--schedule", "monthly", "--day-of-month", "15"),  # (60)
        ("--schedule", "interval", "--interval-minutes", "30"),  # (61)
    ],
)
def test_where_no_task_is_due_a_line_says_so_and_no_server_is_started(offline, tmp_path, arguments):
    """(53)"""
    result = offline("run", *arguments)

    assert (result.returncode, result.stdout) == (0, "No task is due.\n")
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("flags", [("--strict",), ()])
def test_a_missing_schedule_file_is_an_error_strict_or_not(offline, flags):
    """(56)"""
    result = offline("run", "--schedule", "daily", *flags, BOOST_COLLECTOR_SCHEDULE_YAML="/nowhere/schedule.yaml")

    assert result.returncode == 1
    assert "/nowhere/schedule.yaml cannot be read" in result.stderr


def test_a_dry_run_prints_what_would_run_and_starts_nothing(offline, schedule_file, tmp_path):
    groups = """
  catalogue:
    default_time: "00:05"
    tasks:
      - {command: run_boost_library_tracker, schedule: daily, args: [--version, 1.70.0]}
      - {command: collect_boost_libraries, schedule: on_release}
      - {command: run_cppa_slack_tracker, schedule: daily}
"""
    result = offline("run", "--all", "--dry-run", **schedule_file(groups))

    assert table(result.stdout) == [
        ["catalogue", "run_boost_library_tracker", "--version", "1.70.0"],
        ["catalogue", "collect_boost_libraries", "each", "that", "waits"],
    ]
    assert result.stderr.count("run_cppa_slack_tracker has no collector here yet") == 1
    assert not (tmp_path / "home").exists()


def test_a_group_that_stops_on_failure_stops_alone(ran, server, built_sample, schedule_file, tmp_path):
    """(54, 55)"""
    sample = new_commits(built_sample.copy(tmp_path / "organisation"), "config", 1).sample
    (sample.folder / "config.git").rename(sample.folder / "config.aside")
    groups = DAILY.format(name="stops", stop="true") + DAILY.format(name="goes_on", stop="false")

    with ran.copy(server, tmp_path / "home") as cli:
        result = cli("run", "--schedule", "daily", BOOST_GIT_URL=sample.url, **schedule_file(groups))

    assert result.returncode == 1
    assert [row[1] for row in table(result.stdout)] == ["failed", "skipped", "failed", "failed"]
    assert "run_boost_github_activity_tracker: skipped, since run_boost_library_tracker failed" in result.stderr


def test_an_order_against_the_dependencies_is_a_warning_at_the_start(prepared, schedule_file):
    groups = """
  backwards:
    default_time: "00:05"
    tasks:
      - {command: run_boost_github_activity_tracker, schedule: daily}
      - {command: run_boost_library_tracker, schedule: daily}
      - {command: collect_boost_libraries, schedule: on_release}
"""
    result = prepared("run", "--schedule", "on_release", **schedule_file(groups))

    assert result.returncode == 0, result.stderr
    assert result.stderr.count("which run_boost_library_tracker makes on line 7; put it after that line") == 1


def test_a_host_that_does_not_answer_fails_what_waits_for_releases(prepared, tmp_path):
    nowhere = (tmp_path / "nowhere").as_uri()
    result = prepared("run", "--schedule", "on_release", "--group", "github", BOOST_GIT_URL=nowhere)

    assert result.returncode == 1
    assert [row[:2] for row in table(result.stdout)] == [["collect_boost_libraries", "failed"]]
    assert "nowhere" in result.stderr
    assert "Traceback" not in result.stderr
    status = prepared("status", "--check")
    assert status.returncode == 1
    assert "- scheduling/on_release, new tags, " in status.stdout


def test_help_of_run_needs_no_dagster():
    code = "import sys\nfrom boost_pipeline.cli import main\nmain(['run', '--help'], standalone_mode=False)\n"
    code += "sys.exit('dagster' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True).returncode == 0


def test_a_run_that_cannot_begin_says_why(ran):
    """The database refuses what the run needs before any step of it."""
    with psycopg.connect(ran.environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        try:
            result = ran("run", "--schedule", "daily")
        finally:
            connection.execute("UPDATE alembic_version SET version_num = %s", [HEAD])

    assert result.returncode == 1
    assert "The database is at schema 9999, which this code" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_that_waits_for_another_of_its_group(ran, number):
    waiting = """
        SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database
        WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
    """
    with psycopg.connect(ran.environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtextextended('group github', 0))")
        command = [COMMAND, "run", "--schedule", "daily"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=ran.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        while process.poll() is None and connection.execute(waiting).fetchone() == (0,):
            time.sleep(0.05)  # between looks at another process
        process.send_signal(number)
        _, stderr = process.communicate(timeout=60)

    assert process.returncode == 128 + number
    assert stderr.splitlines()[-1] == "Stopped."
    assert "run_boost_github_activity_tracker: started" not in stderr
