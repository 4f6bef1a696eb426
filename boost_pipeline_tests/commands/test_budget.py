"""`boost-pipeline budget` and `db rebuild`: what they print, and that no secret is in it."""

import json
from datetime import UTC, datetime

import psycopg
import pytest
from click.testing import CliRunner

from boost_pipeline.cli import main
from boost_pipeline.commands.budget import full_pass_points
from boost_pipeline.sample.github.server import GitHubEmulator
from boost_pipeline.sample.github.world import World
from boost_pipeline.settings import load_settings

TOKEN = "ghp_planted0secret1token2value3"


@pytest.fixture
def ran(warehouse, monkeypatch, tmp_path):
    """Run a command on a warehouse with some costs, and an emulated GitHub."""
    parts = psycopg.conninfo.conninfo_to_dict(warehouse.conninfo())
    place = f"host={parts['host']}&port={parts['port']}"
    address = f"postgresql://{parts['user']}@/{parts['dbname']}?{place}"
    with warehouse.transaction() as transaction:
        transaction.execute(
            "INSERT INTO repositories (owner, name, kind, github_id, issue_count, pull_request_count) "
            "VALUES ('boostorg', 'asio', 'boost', 1, 370, 290)"
        )
        for number, points in enumerate((9, 5, 7)):
            transaction.execute(
                "INSERT INTO source_costs "
                "VALUES (%s, 'github/issues', 'github', 10, %s, 2, 1, 0.5, 100, 20, false, %s)",
                (str(number), points, datetime(2026, 3, 1 + number, tzinfo=UTC)),
            )
    with GitHubEmulator(World(datetime(2026, 3, 1, tzinfo=UTC)), tokens={TOKEN: budget()}) as emulator:
        for name, value in {
            "DATABASE_URL": address,
            "BOOST_HOME": str(tmp_path),
            "GITHUB_API_URL": emulator.url,
            "GITHUB_TOKEN": TOKEN,
        }.items():
            monkeypatch.setenv(name, value)
        load_settings.cache_clear()
        yield lambda *arguments: CliRunner().invoke(main, arguments)
    load_settings.cache_clear()


def budget():
    from boost_pipeline.sample.github.limits import Budget

    return Budget(core=5000, graphql=4321)


def test_budgets_costs_and_forecast_fit_a_terminal_and_tell_no_secret(ran):
    result = ran("budget")

    assert result.exit_code == 0, result.output
    assert max(map(len, result.output.splitlines())) <= 80
    assert TOKEN not in result.output
    assert "4,321" in result.output
    assert "github/issues" in result.output


def test_a_script_gets_the_same_as_json(ran):
    told = json.loads(ran("budget", "--json").stdout)

    assert told["last"][0]["points"] == 7
    assert told["forecast"] == {"daily": {"github/issues": 7}, "full": {"boostorg": 23}}
    assert {one["resource"] for one in told["tokens"]} >= {"core", "graphql"}


def test_a_rebuild_without_pages_says_so_and_changes_nothing(ran):
    result = ran("db", "rebuild", "github")

    assert result.exit_code == 0, result.output
    assert "0 pages read" in result.output


def test_the_forecast_of_a_full_pass_is_what_its_pages_cost():
    assert full_pass_points(370, 290, 1000, 250) == 10 + 10 + 10 + 3
    assert full_pass_points(0, 0, 0, 0) == 4
