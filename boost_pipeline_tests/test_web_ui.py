"""The web UI in a real browser, as an operator uses it: what it shows, starts, and switches off and on.

How a run ended is asked of Dagster's GraphQL; a page is asked only for what a person must see on it.
BOOST_SCREENSHOTS=docs/images writes the pictures of docs/web-ui.md anew.
"""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from boost_pipeline.sample.organisation import Sample
from boost_pipeline.settings import Settings
from boost_pipeline_tests.test_services import BIN, ROOT, free_port, graphql, until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
GROUPS = {
    "boost": {"boost/releases", "boost/libraries", "boost/headers", "boost/dependencies"},
    "code": {"code/repositories", "code/commits"},
}
COLLECTORS = (("run_boost_library_tracker",), ("run_boost_github_activity_tracker", "--skip-github"))
MILLISECONDS = 30_000
SECONDS_OF_A_BACKFILL = 180  # its daemon looks every 30 s, the queue of runs every 5 s

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="No Chromium: `apt-get install chromium` (Debian) brings it."),
]


@dataclass(frozen=True)
class Platform:
    """A running `boost-pipeline up` on a sample of its own."""

    port: str
    sample: Sample

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, query: str):
        """Return the one thing that a GraphQL query asks for."""
        (answer,) = graphql(self.port, f"{{{query}}}").values()
        return answer

    def runs(self, fields: str, tags: str = "") -> list[dict]:
        return self.ask(f"runsOrError(filter: {{tags: [{tags}]}}) {{... on Runs {{results {{{fields}}}}}}}")["results"]

    def outcome(self, run: str) -> str:
        """Wait for the end of a run, and return its status."""

        def ended():
            status = self.ask(f'runOrError(runId: "{run}") {{... on Run {{status}}}}')["status"]
            return status if status in ("SUCCESS", "FAILURE", "CANCELED") else None

        return until(ended, 120)

    def automations(self) -> dict[str, str]:
        """Return whether each schedule and sensor is RUNNING or STOPPED, by the path of its page."""
        (repository,) = self.ask(
            "repositoriesOrError {... on RepositoryConnection {nodes {"
            "schedules {name state: scheduleState {status}} sensors {name state: sensorState {status}}}}}"
        )["nodes"]
        return {
            f"/locations/boost_pipeline/{kind}/{automation['name']}": automation["state"]["status"]
            for kind in ("schedules", "sensors")
            for automation in repository[kind]
        }


@pytest.fixture(scope="module")
def platform(homes, postgres_user, built_sample, tmp_path_factory) -> Iterator[Platform]:
    """A platform that has collected everything once; the sample is a copy, which a test may damage and mend."""
    sample = built_sample.copy(tmp_path_factory.mktemp("sample") / "organisation")
    ours = {str(field.validation_alias) for field in Settings.model_fields.values()} | {"DAGSTER_HOME"}
    port = str(free_port())
    with homes() as home:
        environment = {name: value for name, value in os.environ.items() if name not in ours} | {
            "BOOST_HOME": str(home),
            "BOOST_POSTGRES_USER": postgres_user,
            "BOOST_GIT_URL": sample.url,
            "BOOST_WEB_PORT": port,
            "BOOST_REPORTS_PORT": str(free_port()),
            "PYTHONWARNINGS": "ignore",
        }
        for collector in COLLECTORS:
            subprocess.run([BIN / "boost-pipeline", "collect", *collector], cwd=ROOT, env=environment, check=True)
        with subprocess.Popen(
            [BIN / "boost-pipeline", "up"], cwd=ROOT, env=environment, start_new_session=True
        ) as process:
            platform = Platform(port, sample)
            try:
                until(lambda: platform.ask("repositoriesOrError {... on RepositoryConnection {nodes {name}}}")["nodes"])
                yield platform
            finally:
                process.send_signal(signal.SIGTERM)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as browser,
    ):
        yield browser


@pytest.fixture
def page(browser) -> Iterator[Page]:
    with browser.new_page(viewport={"width": 1400, "height": 900}) as page:
        page.set_default_timeout(MILLISECONDS)
        yield page


@pytest.fixture(scope="module", autouse=True)
def patience():
    expect.set_options(timeout=MILLISECONDS)
    yield
    expect.set_options(timeout=5_000)


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_of_the_asset_graph_shows_its_assets_and_no_others(platform, page, group):
    page.goto(f"{platform.url}/locations/boost_pipeline/asset-groups/{group}/lineage")

    for asset in GROUPS[group]:
        expect(node(page, asset)).to_contain_text(re.compile(r"[1-9] / \d Passed"))
    for asset in set().union(*GROUPS.values()) - GROUPS[group]:
        expect(node(page, asset)).to_have_count(0)


def test_the_asset_graph_shows_every_group(platform, page):
    groups = "%2C".join(f"global%40global%3A{group}" for group in GROUPS)
    page.goto(f"{platform.url}/asset-groups?expanded={groups}")

    for group in (*GROUPS, "github", "llvm", "reports"):
        expect(page.locator("svg").get_by_text(group, exact=True).first).to_be_visible()
    picture(page, "asset-graph")


def test_the_checks_of_an_asset_are_shown_with_their_results(platform, page):
    page.goto(f"{platform.url}/assets/code/commits?view=checks")

    checks = int(re.sub(r"\D", "", page.get_by_text(re.compile(r"^Checks \(\d+\)$")).inner_text()))
    expect(page.get_by_text("Succeeded", exact=True)).to_have_count(checks - 1)
    expect(page.get_by_text("pins_equal_tags").first).to_be_visible()  # a warning, of two pins of the sample
    expect(page.get_by_text("commits_equal_rev_list").first).to_be_visible()
    picture(page, "checks")


def test_materialize_runs_one_asset_to_its_success(platform, page):
    run = materialize(platform, page, "code/repositories")

    assert platform.outcome(run) == "SUCCESS"
    (made,) = platform.ask(
        f'runOrError(runId: "{run}") {{... on Run {{assetMaterializations {{assetKey {{path}}}}}}}}'
    )["assetMaterializations"]
    assert made["assetKey"]["path"] == ["code", "repositories"]
    page.goto(f"{platform.url}/runs/{run}")
    expect(page.get_by_text("Success", exact=True)).to_be_visible()


def test_all_releases_are_materialized_as_one_run(platform, page):
    backfills = "partitionBackfillsOrError {... on PartitionBackfills {results {id status}}}"
    before = {backfill["id"] for backfill in platform.ask(backfills)["results"]}
    releases = platform.ask(
        'assetNodeOrError(assetKey: {path: ["boost", "libraries"]}) {... on AssetNode {partitionKeys}}'
    )["partitionKeys"]

    page.goto(f"{platform.url}/assets/boost/libraries")
    page.locator("button:has-text('Materialize')").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Confirm").click()  # headers and dependencies come with it
    dialog.get_by_role("button", name="All", exact=True).click()
    expect(dialog.get_by_text(f"{len(releases)} partitions selected")).to_be_visible()
    dialog.get_by_role("button", name="Launch backfill").click()

    def ended():
        new = [backfill for backfill in platform.ask(backfills)["results"] if backfill["id"] not in before]
        return [backfill for backfill in new if backfill["status"].startswith(("COMPLETED", "FAILED", "CANCELED"))]

    (backfill,) = until(ended, SECONDS_OF_A_BACKFILL)
    (run,) = platform.runs(
        "status assetMaterializations {partition}", f'{{key: "dagster/backfill", value: "{backfill["id"]}"}}'
    )
    assert (backfill["status"], run["status"]) == ("COMPLETED_SUCCESS", "SUCCESS")
    assert len(releases) > 1
    assert sorted(made["partition"] for made in run["assetMaterializations"]) == sorted(3 * releases)


def test_every_schedule_and_sensor_is_listed_and_can_be_switched_off_and_on(platform, page):
    automations = platform.automations()
    assert "/locations/boost_pipeline/schedules/github" in automations

    page.goto(f"{platform.url}/automation")

    for path, status in automations.items():
        switch = toggle(page, path)
        expect(switch.get_by_role("checkbox")).to_be_checked(checked=status == "RUNNING")
        for wanted in ("STOPPED", "RUNNING") if status == "RUNNING" else ("RUNNING", "STOPPED"):
            switch.click()
            expect(switch.get_by_role("checkbox")).to_be_checked(checked=wanted == "RUNNING")
            until(lambda path=path, wanted=wanted: platform.automations()[path] == wanted)


def test_a_failed_run_shows_the_line_that_says_what_failed_and_what_to_do(platform, page):
    with moved_away(platform.sample.folder / "boost.git"):
        run = materialize(platform, page, "boost/releases")
        assert platform.outcome(run) == "FAILURE"

    page.goto(f"{platform.url}/runs/{run}")

    expect(page.get_by_text("Failure", exact=True)).to_be_visible()
    page.get_by_text("boost__releases", exact=True).first.click()
    line = page.get_by_text(re.compile(r"boost: gone, private or not for us \(.+\); check BOOST_GIT_URL")).first
    expect(line).to_be_in_viewport()


def materialize(platform: Platform, page: Page, asset: str) -> str:
    """Press Materialize on the page of an asset without partitions, and return the id of the run."""
    page.goto(f"{platform.url}/assets/{asset}")
    page.locator("button:has-text('Materialize')").first.click()
    told = page.get_by_text(re.compile(r"Launched run [0-9a-f]{8}")).first.inner_text()
    short = told.removeprefix("Launched run ")[:8]
    (run,) = [run["id"] for run in platform.runs("id") if run["id"].startswith(short)]
    return run


def node(page: Page, asset: str) -> Locator:
    """The link from an asset's node in a graph to its checks, which no stand-in for another group's asset has."""
    return page.locator(f"svg a[href='/assets/{asset}?view=checks']")


def toggle(page: Page, path: str) -> Locator:
    """The switch in the row of a schedule or sensor: its label, since the box itself is not drawn."""
    row = page.locator(f"a[href='{path}']").locator("xpath=ancestor::div[.//input[@type='checkbox']][1]")
    return row.locator("label").last  # the first one selects the row


@contextmanager
def moved_away(repository: Path) -> Iterator[None]:
    away = repository.rename(repository.with_suffix(".away"))
    try:
        yield
    finally:
        away.rename(repository)


def picture(page: Page, name: str) -> None:
    """Keep what the page shows, where BOOST_SCREENSHOTS names a folder for it."""
    if folder := os.environ.get("BOOST_SCREENSHOTS"):
        page.wait_for_load_state("networkidle")
        page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")
