"""`boost-pipeline check`: each thing that a run needs, and what is wrong with it."""

import json
import threading

import psycopg
import pytest

from boost_pipeline.commands import check
from boost_pipeline.errors import SettingsError
from boost_pipeline.settings import Settings
from boost_pipeline.warehouse.schema import HEAD
from boost_pipeline_tests.sources.git.http_host import HttpHost


def settings(**values: str) -> Settings:
    return Settings.model_validate(values)


def url(conninfo: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    return f"postgresql://{parts['user']}@/{parts['dbname']}?host={parts['host']}"


def states(checks) -> list[tuple[str, str]]:
    return [(each.name, each.state) for each in checks]


def test_all_is_checked_with_a_line_each_and_an_empty_database_stays_empty(cli):
    result = cli("check")

    assert result.returncode == 0, result.stdout
    assert [line.split()[:2] for line in result.stdout.splitlines()] == [
        ["ok", "settings"],
        ["ok", "git"],
        ["ok", "schedule"],
        ["ok", "tasks"],
        ["ok", "disk"],
        ["warning", "database"],
        ["ok", "sources"],
    ]
    assert f"`boost-pipeline db upgrade`, or else the next run, brings it to {HEAD}" in result.stdout
    with psycopg.connect(cli.environment["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,)


def test_one_failure_fails_the_command_and_a_script_reads_it(cli, schedule_file):
    broken = schedule_file("  github:\n    default_time: 16:10\n    tasks: 7\n")

    result = cli("check", "--json", DATABASE_URL="postgresql://boost:hunter2@127.0.0.1:1/boost", **broken)

    assert result.returncode == 1
    assert [(each["name"], each["state"]) for each in json.loads(result.stdout)] == [
        ("settings", "ok"),
        ("git", "ok"),
        ("schedule", "failed"),
        ("schedule", "failed"),
        ("disk", "ok"),
        ("database", "failed"),
        ("sources", "ok"),
    ]
    assert "hunter2" not in result.stdout + result.stderr


def test_a_wrong_setting_is_told_and_nothing_that_needs_it_is_tried(offline):
    result = offline("check", BOOST_WEB_PORT="x")

    assert result.returncode == 1
    assert [line.split()[:2] for line in result.stdout.splitlines()] == [["failed", "settings"], ["ok", "git"]]


def test_a_warning_of_the_schedule_is_shown_and_fails_nothing(schedule_file):
    file = schedule_file(
        """
  backwards:
    default_time: "00:05"
    tasks:
      - {command: run_boost_github_activity_tracker, schedule: daily}
      - {command: run_boost_library_tracker, schedule: daily}
      - {command: run_cppa_slack_tracker, schedule: daily}
"""
    )

    found = list(check.schedule(settings(**file)))

    assert [each.state for each in found if each.name == "schedule"] == ["warning", "warning", "ok"]
    assert "put it after that line" in found[0].told
    assert "no collector here yet" in found[1].told


@pytest.mark.parametrize(("step", "state"), [(HEAD, "ok"), ("0000", "warning"), ("9999", "failed")])
def test_the_schema_is_compared_with_that_of_the_code(empty_database, step, state):
    with psycopg.connect(empty_database) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num text)")
        connection.execute("INSERT INTO alembic_version VALUES (%s)", [step])

    found = check.database(settings(DATABASE_URL=url(empty_database)))

    assert found.state == state
    assert step in found.told


def test_an_embedded_server_that_does_not_run_is_not_started(tmp_path):
    found = check.database(settings(BOOST_HOME=str(tmp_path / "home"), DATABASE_URL=""))

    assert (found.state, "is not running" in found.told) == ("ok", True)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("version", ["", "git version 2.20.1"])
def test_git_that_is_missing_or_old_stops_a_run_before_it_starts(tmp_path, monkeypatch, version):
    if version:
        (tmp_path / "git").write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert check.git(tmp_path).state == "failed"
    with pytest.raises(SettingsError, match=r"install git 2\.30 or newer"):
        check.before_start(settings(BOOST_HOME=str(tmp_path)))


def test_little_space_is_a_warning(tmp_path, monkeypatch):
    monkeypatch.setattr(check, "_FREE_GIB", 10**9)

    found = check.disk(settings(BOOST_HOME=str(tmp_path / "not" / "yet")))

    assert (found.state, f"free at {tmp_path}" in found.told) == ("warning", True)


def test_a_home_that_is_a_file_fails(tmp_path):
    (tmp_path / "home").touch()

    assert check.disk(settings(BOOST_HOME=str(tmp_path / "home"))).state == "failed"


def test_a_host_that_is_not_there_fails(tmp_path):
    missing = settings(BOOST_HOME=str(tmp_path), BOOST_GIT_URL=(tmp_path / "nowhere").as_uri())

    assert states(check.sources(missing)) == [("sources", "failed")]


@pytest.fixture
def host(built_sample, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with HttpHost(built_sample.folder) as host:
        thread = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield host
        host.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("token", "required", "expected"),
    [
        ("", None, [("sources", "ok")]),
        ("secret", None, [("sources", "ok"), ("token", "ok")]),
        ("secret", "Basic other", [("sources", "failed")]),
    ],
)
def test_a_token_is_tried_on_the_host(host, tmp_path, token, required, expected):
    host.required = required

    found = list(check.sources(settings(BOOST_HOME=str(tmp_path), BOOST_GIT_URL=host.url, BOOST_GIT_TOKEN=token)))

    assert states(found) == expected
    assert not any("secret" in each.told for each in found)


def test_a_token_that_public_repositories_do_without_is_told_from_a_host_that_is_gone(host, tmp_path):
    host.status, host.failures = 401, 1  # what a host says to a token that has run out

    found = check.sources(settings(BOOST_HOME=str(tmp_path), BOOST_GIT_URL=host.url, BOOST_GIT_TOKEN="secret"))

    assert states(found) == [("sources", "ok"), ("token", "failed")]


def test_a_token_that_nothing_uses_is_a_warning(built_sample, tmp_path):
    found = check.sources(settings(BOOST_HOME=str(tmp_path), BOOST_GIT_URL=built_sample.url, BOOST_GIT_TOKEN="secret"))

    assert states(found) == [("sources", "ok"), ("token", "warning")]


def test_a_task_of_the_schedule_that_cannot_work_fails_the_check(cli):
    result = cli("check", GITHUB_TOKEN="")

    assert result.returncode == 1
    (line,) = [line for line in result.stdout.splitlines() if line.split()[1] == "tasks"]
    assert line.startswith("failed   tasks      run_boost_github_activity_tracker will fail: GitHub answers nobody")
    assert "set GITHUB_TOKEN" in line


def test_an_on_release_task_that_reads_nothing_by_release_is_a_warning(schedule_file):
    file = schedule_file(
        """
  github:
    default_time: "00:05"
    tasks:
      - {command: run_export, schedule: on_release}
"""
    )

    (warned, *_) = check.schedule(settings(**file))

    assert (warned.state, "schedule.yaml:6:9: run_export reads nothing release by release" in warned.told) == (
        "warning",
        True,
    )


def test_a_full_disk_fails_before_anything_starts(tmp_path, monkeypatch):
    monkeypatch.setattr(check, "_FULL_GIB", 10**9)

    with pytest.raises(SettingsError, match="Free some space"):
        check.before_start(settings(BOOST_HOME=str(tmp_path)))


def test_a_run_says_first_what_will_fail_and_does_the_rest(cli):
    result = cli("run", "--schedule", "daily", "--group", "github", GITHUB_TOKEN="")

    lines = [line.partition(" ")[2] for line in result.stderr.splitlines()]
    assert lines[0].startswith("run_boost_github_activity_tracker will fail: GitHub answers nobody without a token")
    assert result.returncode == 1
    assert [line.split()[:2] for line in result.stdout.splitlines()[1:]] == [
        ["run_boost_library_tracker", "succeeded"],
        ["run_boost_github_activity_tracker", "failed"],
    ]
