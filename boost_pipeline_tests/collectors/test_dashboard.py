"""`reports/dashboard` as an asset: its options, what Dagster is shown, and what the checks said."""

import subprocess

import dagster as dg
import pytest

from boost_pipeline.collectors.checks import asset_check, verdict
from boost_pipeline.collectors.dashboard import dashboard
from boost_pipeline.collectors.registry import Commands
from boost_pipeline.scheduling.health import HealthReader
from boost_pipeline.scheduling.schedule import Schedule
from boost_pipeline.settings import Settings
from boost_pipeline_tests.reports.site.worlds import fill

COMMITS = ["code", "commits"]


@dg.asset(key=COMMITS)
def commits() -> None: ...


@asset_check(asset=COMMITS)
def commits_are_all_here() -> dg.AssetCheckResult:
    return verdict([], 9)


@asset_check(asset=COMMITS)
def commits_are_of_today() -> dg.AssetCheckResult:
    return verdict(["asio has 5, git counts 6"], 9)


CHECKS = [commits_are_all_here, commits_are_of_today]


@pytest.fixture
def materialize(warehouse, tmp_path):
    """Materialise the asset, after one with a check, under these settings and options."""

    def run(settings=None, **options):
        settings = Settings.model_validate({"BOOST_HOME": str(tmp_path / "home"), **(settings or {})})
        keys = [key for check in CHECKS for key in check.check_keys]
        health = HealthReader(
            Schedule(()), Commands(), ["code/commits", "reports/dashboard"], (), keys, (), warehouse, {}
        )
        resources = {"settings": settings, "warehouse": warehouse, "health": health}
        with dg.DagsterInstance.ephemeral() as instance:
            dg.materialize([commits, *CHECKS], instance=instance, raise_on_error=False)
            return dg.materialize(
                [dashboard],
                instance=instance,
                resources=resources,
                run_config={"ops": {"reports__dashboard": {"config": options}}},
                raise_on_error=False,
            )

    return run


def test_the_dashboard_is_built_below_the_home_and_shown_in_dagster(materialize, warehouse, tmp_path):
    fill(warehouse, ["config", "core"])

    run = materialize()

    assert run.success
    folder = tmp_path / "home" / "reports" / "dashboard"
    (materialization,) = run.asset_materializations_for_node("reports__dashboard")
    shown = {name: value.value for name, value in materialization.metadata.items()}
    assert shown["folder"] == str(folder)
    assert shown["open"] == "http://127.0.0.1:3001/dashboard/"
    assert (shown["pages"], shown["pages made anew"]) == (9, 9)
    assert "| Libraries in the newest release | 2 |" in shown["preview"]
    assert "published" not in shown


def test_the_link_to_it_begins_as_the_settings_say_and_is_a_path_where_nobody_serves_it(materialize, tmp_path):
    for options, told in (
        ({}, "https://boost.example.org/reports/dashboard/"),
        ({"out": str(tmp_path / "out")}, str(tmp_path / "out" / "index.html")),
    ):
        run = materialize({"BOOST_REPORTS_URL": "https://boost.example.org/reports/"}, **options)
        (materialization,) = run.asset_materializations_for_node("reports__dashboard")
        assert materialization.metadata["open"].value == told


def test_what_the_checks_said_is_on_the_page_of_health(materialize, tmp_path):
    materialize(out=str(tmp_path / "out"))

    page = (tmp_path / "out" / "health.html").read_text()
    assert "commits_are_all_here" in page
    assert "9 checked" in page
    assert "2 in all, 1 of them proofs that passed" in page


def test_what_is_wrong_heads_the_page_of_health_and_the_first_page(materialize, tmp_path):
    materialize(out=str(tmp_path / "out"))

    told = "Wrong: 1 failed check."
    for name in ("health.html", "index.html"):
        page = (tmp_path / "out" / name).read_text()
        assert page.index(told) < page.index("<h2>" if name == "health.html" else 'class="figures"')
    health = (tmp_path / "out" / "health.html").read_text()
    mend = health[health.index('id="mend"') :]
    assert "<b>code/commits, commits_are_of_today</b>: asio has 5, git counts 6" in mend


def test_it_is_published_where_the_settings_say_unless_the_run_says_no(materialize, warehouse, tmp_path):
    fill(warehouse, ["config"])
    origin = tmp_path / "origin.git"
    subprocess.run(["git", "init", "--quiet", "--bare", origin], check=True)
    settings = {"BOOST_DASHBOARD_PUBLISH_URL": origin.as_uri(), "BOOST_DASHBOARD_PUBLISH_BRANCH": "pages"}

    assert materialize(settings, skip_publish=True).success
    assert not branches(origin)
    run = materialize(settings)

    assert run.success
    assert branches(origin) == ["pages"]
    (materialization,) = run.asset_materializations_for_node("reports__dashboard")
    assert "on pages of file://" in materialization.metadata["published"].value


def test_a_folder_of_somebody_else_turns_the_run_red(materialize, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")

    assert not materialize(out=str(tmp_path)).success
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def branches(origin):
    command = ["git", "for-each-ref", "--format=%(refname:short)", "refs/heads"]
    return subprocess.run(command, cwd=origin, check=True, capture_output=True, text=True).stdout.split()
