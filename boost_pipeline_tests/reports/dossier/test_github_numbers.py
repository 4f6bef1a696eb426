"""What dossiers and months say of issues and pull requests equals the emulated GitHub that it was read from."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

import dagster as dg
import psycopg
import pytest

from boost_pipeline.reports.dossier.month import month_report
from boost_pipeline.reports.dossier.pages import html
from boost_pipeline.reports.dossier.reading import snapshot
from boost_pipeline.sample.github.model import PullRequest
from boost_pipeline.sample.github.script import sample_world
from boost_pipeline.sample.github.server import SAMPLE_TOKEN, GitHubEmulator
from boost_pipeline.sources.github import GitHub, Token
from boost_pipeline.warehouse.warehouse import Warehouse
from boost_pipeline_tests.collectors.conftest import Platform, open_platform
from boost_pipeline_tests.collectors.github.conftest import GITHUB, LIMITS, HastyClock, errors_of
from boost_pipeline_tests.conftest import database
from boost_pipeline_tests.reports.dossier.conftest import dossier, figures, table

STABLE = ["boost-1.61.0", "boost-1.69.0", "boost-1.70.0", "boost-1.71.0"]


@pytest.fixture(scope="module")
def with_github(collected, server, tmp_path_factory) -> Iterator[Platform]:
    """The sample with its GitHub."""
    template = psycopg.conninfo.conninfo_to_dict(collected.warehouse.conninfo())["dbname"]
    with (
        database(server, str(template)) as conninfo,
        open_platform(
            collected.sample.url, Warehouse(lambda: conninfo), tmp_path_factory.mktemp("with_github")
        ) as platform,
        GitHubEmulator(sample_world()) as emulator,
        GitHub(
            api_url=emulator.url, tokens=[Token(SAMPLE_TOKEN, "sample")], limits=LIMITS, clock=HastyClock()
        ) as github,
    ):
        result = dg.materialize(
            GITHUB.all(),
            instance=platform.instance,
            resources={"settings": platform.settings, "warehouse": platform.warehouse, "github": github},
            raise_on_error=False,
        )
        assert result.success, errors_of(result)
        yield platform


def work(repositories: set[str], first: date, end: date) -> dict[str, int]:
    """Count, in the world itself, what people opened, closed and merged in [first, end)."""
    world = sample_world()
    bots = {account.id for account in world.accounts.values() if account.kind == "Bot" or "[bot]" in account.login}
    items = [
        item
        for state in world.repositories.values()
        if state.facts.name in repositories
        for item in state.items.values()
        if item.author not in bots
    ]
    low, high = (datetime.combine(day, time(), UTC) for day in (first, end))

    def within(when: datetime | None) -> bool:
        return when is not None and low <= when < high

    pulls = [item for item in items if isinstance(item, PullRequest)]
    issues = [item for item in items if not isinstance(item, PullRequest)]
    return {
        "issues opened": sum(within(issue.created_at) for issue in issues),
        "issues closed": sum(within(issue.closed_at) for issue in issues),
        "pull requests opened": sum(within(pull.created_at) for pull in pulls),
        "pull requests merged": sum(within(pull.merged_at) for pull in pulls),
    }


@pytest.mark.parametrize("tag", STABLE)
def test_a_release_has_what_was_opened_closed_and_merged_between_its_day_and_the_one_before(with_github, tag):
    ((first, end),) = with_github.rows(
        "SELECT from_day, to_day FROM release_window((SELECT id FROM releases WHERE tag = %s))", tag
    )
    repositories = with_github.rows(
        "SELECT DISTINCT p.name FROM release_modules m JOIN releases r ON r.id = m.release_id "
        "JOIN repositories p ON p.id = m.repository_id WHERE r.tag = %s",
        tag,
    )
    truth = work({name for (name,) in repositories}, first, end)

    found = figures(dossier(with_github.warehouse, tag), "work")

    assert {label: found[label] for label in truth} == truth
    assert sum(truth.values()) > 0


@pytest.mark.parametrize("month", [date(2018, 11, 1), date(2019, 3, 1), date(2019, 10, 1)])
def test_a_month_has_what_was_opened_closed_and_merged_in_it(with_github, month):
    everything = {
        name
        for (name,) in with_github.rows("SELECT name FROM repositories WHERE kind IN ('superproject', 'boost', 'tool')")
    }
    truth = work(everything, month, month.replace(month=month.month + 1))
    with snapshot(with_github.warehouse) as transaction:
        rows = {row[0].lower(): row[1] for row in table(month_report(transaction, month), "numbers", "Counts")}

    assert {label: rows[label] for label in truth} == truth


def test_the_numbers_of_github_are_in_the_table_of_libraries(with_github):
    columns = [c.head for c in dossier(with_github.warehouse, "boost-1.71.0").section("updated").tables[0].columns]

    assert columns[-3:] == ["Issues opened", "Closed", "PRs merged"]


def test_the_page_names_no_address_of_an_account(with_github):
    addresses = [address for (address,) in with_github.rows("SELECT email FROM commit_author_accounts")]
    page = html(dossier(with_github.warehouse, "boost-1.71.0"))

    assert addresses
    assert not [address for address in addresses if address in page]
