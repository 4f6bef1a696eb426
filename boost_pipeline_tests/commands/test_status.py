"""`boost-pipeline status`: what is wrong is told wherever a person looks, and its exit code says so."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import psycopg
import pytest

from boost_pipeline.commands.run import open_instance
from boost_pipeline.commands.status import print_health
from boost_pipeline.reports.health import AssetState, Health, OpenFailure, Outcome, TaskState, Trouble
from boost_pipeline.scheduling.alerts import failure_alerts
from boost_pipeline.settings import Settings, load_settings
from boost_pipeline_tests.commands.process import COMMAND, ROOT, Cli
from boost_pipeline_tests.conftest import database
from boost_pipeline_tests.sources.webhook_host import webhook_host

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
NO_TOKEN = "GitHub's GraphQL API answers nobody without a token; set GITHUB_TOKEN."


@pytest.fixture(scope="module")
def collected(server, platform_template, built_sample, tmp_path_factory) -> Iterator[Cli]:
    """A command that has run the daily groups on the sample, with a token."""
    with database(server, platform_template) as conninfo:
        cli = Cli(conninfo, tmp_path_factory.mktemp("home"), built_sample.url)
        cli.result = cli("run", "--schedule", "daily")
        assert cli.result.returncode == 0, cli.result.stderr
        yield cli


@pytest.fixture
def broken(collected, server, tmp_path) -> Iterator[Cli]:
    """The same, for a test that breaks something."""
    with collected.copy(server, tmp_path / "home") as cli:
        yield cli


_GAPS = ("metadata_gaps", "pins_equal_tags")
"""Checks that warn of what the sample's own sources lack."""


def test_where_all_is_green_the_verdict_says_fine_and_the_exit_code_is_0(collected):
    result = collected("status", "--check")

    assert result.returncode == 0, result.stdout
    assert result.stdout.startswith(
        "Fine, with 2 warnings: no run, no check and no unit fails.\nWarning: boost/libraries, metadata_gaps: "
    )
    told = json.loads(collected("status", "--json").stdout)
    assert (told["verdict"], told["troubles"]) == ("warning", [])
    assert {check["result"] for check in told["checks"] if check["check"] not in _GAPS} == {"passed"}
    page = health_page(collected)
    assert "Fine, with 2 warnings: no run, no check and no unit fails. 1 task is running." in page
    assert 'class="verdict warn"' in page


def test_before_anything_ran_the_exit_code_is_1(prepared):
    result = prepared("status", "--check")

    assert result.returncode == 1
    assert result.stdout.startswith("Nothing has run yet. Start with: boost-pipeline run --schedule daily\n")
    assert "llvm/" not in result.stdout


def test_a_run_without_a_token_is_told_wherever_a_person_looks(prepared, alerts):
    with alerts(prepared) as told:
        run = prepared("run", "--schedule", "daily", GITHUB_TOKEN="")
        assert run.returncode == 1
        assert told() == [("github", "run_boost_github_activity_tracker", NO_TOKEN)]

    plain = prepared("status")
    assert plain.returncode == 0
    checked = prepared("status", "--check")
    assert checked.returncode == 1
    verdict, failed, *rest = checked.stdout.splitlines()
    assert verdict == "Wrong: 1 failed run."
    assert failed.startswith("- github, run_boost_github_activity_tracker, ")
    assert rest[:3] == [
        f"  {NO_TOKEN}",
        "  Mend: Change the setting in .env or the environment.",
        "  Then: boost-pipeline collect run_boost_github_activity_tracker",
    ]
    as_json = json.loads(prepared("status", "--json").stdout)
    assert [(trouble["kind"], trouble["error"]) for trouble in as_json["troubles"]] == [("run", NO_TOKEN)]
    outcomes = {task["task"]: task["outcome"] for task in as_json["tasks"]}
    assert outcomes["run_boost_github_activity_tracker"] == "failed"
    assert outcomes["run_boost_library_tracker"] == "succeeded"
    page = health_page(prepared)
    assert page.index("Wrong: 1 failed run. 1 task is running.") < page.index("<h2>Freshness</h2>")
    assert NO_TOKEN.replace("'", "&#39;") in page
    assert "Nothing that is known" not in page
    assert "Wrong: 1 failed run." in dashboard(prepared, "index.html")


def test_a_failed_check_is_told_wherever_a_person_looks(broken, alerts):
    lose_a_commit(broken)

    with alerts(broken) as told:
        run = broken("run", "--schedule", "daily")
        failures = told()

    assert run.returncode == 1
    assert "code/commits fails its check commits_equal_rev_list: " in run.stderr
    assert [row.split()[1] for row in run.stdout.splitlines()[1:]] == ["succeeded", "failed", "succeeded", "succeeded"]
    assert {group for group, _, _ in failures} == {"github"}
    assert any("code/commits fails its check commits_equal_rev_list: " in error for _, _, error in failures)
    status = broken("status", "--check")
    assert status.returncode == 1
    assert status.stdout.startswith("Wrong: ")
    assert "- code/commits, commits_equal_rev_list, " in status.stdout
    page = health_page(broken)
    assert "commits_equal_rev_list</b>: " in page
    assert 'class="verdict bad"' in page


@pytest.mark.slow
def test_dagsters_own_command_fails_for_a_failed_check_too(broken):
    lose_a_commit(broken)

    command = [COMMAND.parent / "dagster", "job", "execute", "-m", "boost_pipeline.definitions", "-j", "github"]
    result = subprocess.run(command, cwd=ROOT, env=broken.environment, capture_output=True, text=True, timeout=180)

    assert result.returncode == 1
    assert "code/commits fails its check commits_equal_rev_list: " in result.stderr


def test_status_fits_80_columns_whatever_names_and_errors_are(capsys):
    print_health(WORST)

    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    assert "\x1b[2J" not in printed
    assert "And 6 more; --json lists all." in printed


DAY = timedelta(days=1)
LONG = "an_asset/" + "with_a_very_long_name_" * 5
WORST = Health(
    as_of=AT,
    tasks=(
        TaskState("a-group-with-a-long-name", "run_a_collector_with_quite_a_long_name_indeed", Outcome.failed, AT),
        TaskState(None, LONG, Outcome.pending, waiting=tuple(f"boost-1.{minor}.0" for minor in range(20)), is_off=True),
    ),
    failed_runs=(Trouble("run", LONG, "x" * 300 + " \x1b[2J " + "words " * 90, "Mend it. " * 20, AT, None, "1"),),
    checks=(),
    failures=tuple(OpenFailure("code/commits", f"unit{n}", "network", "no answer", 3, AT) for n in range(24)),
    assets=(AssetState(LONG, 123_456_789, "88 of 90", 24, AT - 400 * DAY, AT - 999 * DAY, "every 45 min", 400 * DAY),),
)


@pytest.fixture
def alerts(monkeypatch) -> Callable[[Cli], AbstractContextManager[Callable[[], list[tuple[str, str, str]]]]]:
    """Watch the runs of a command with an alert sensor; the function given returns group, task, error of the alerts."""

    @contextmanager
    def watch(cli: Cli) -> Iterator[Callable[[], list[tuple[str, str, str]]]]:
        for name, value in cli.environment.items():
            monkeypatch.setenv(name, value)
        load_settings.cache_clear()
        with webhook_host() as host, open_instance(load_settings()) as instance:
            (sensor,) = failure_alerts(Settings.model_validate({"BOOST_WEBHOOK_URL": host.url}))
            first = sensor(dg.build_sensor_context(instance=instance))

            def told() -> list[tuple[str, str, str]]:
                sensor(dg.build_sensor_context(instance=instance, cursor=first.cursor))
                failures = [failure for message in host.messages for failure in message["failures"]]
                return [(failure["group"], failure["task"], failure["error"]) for failure in failures]

            yield told

    yield watch
    load_settings.cache_clear()


def lose_a_commit(cli: Cli) -> None:
    with psycopg.connect(cli.environment["DATABASE_URL"]) as connection:
        connection.execute("DELETE FROM commits WHERE id = (SELECT max(id) FROM commits)")


def health_page(cli: Cli) -> str:
    return dashboard(cli, "health.html")


def dashboard(cli: Cli, page: str) -> str:
    return (Path(cli.environment["BOOST_HOME"]) / "reports" / "dashboard" / page).read_text(encoding="utf-8")
