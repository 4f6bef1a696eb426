"""`boost-pipeline backfill`: older releases, by name or all that are missing."""

import pytest

from boost_pipeline_tests.commands.process import Cli, table
from boost_pipeline_tests.conftest import database

DONE = "SELECT DISTINCT partition FROM event_logs WHERE dagster_event_type = 'ASSET_MATERIALIZATION' ORDER BY 1"


@pytest.fixture(scope="module")
def filled(server, platform_template, built_sample, tmp_path_factory):
    """A command that, on an empty platform, has read one release by name and then all that were missing."""
    with database(server, platform_template) as conninfo:
        cli = Cli(conninfo, tmp_path_factory.mktemp("home"), built_sample.url)
        cli.named = cli("backfill", "1.70.0")
        cli.done_by_name = [partition for (partition,) in cli.rows(DONE) if partition]
        cli.all = cli("backfill", "--all")
        yield cli


def test_a_release_that_is_named_is_read_and_no_other(filled):
    assert filled.named.returncode == 0, filled.named.stderr
    assert filled.done_by_name == ["boost-1.70.0"]
    assert table(filled.named.stdout)[-1][-1] == "1.70.0"


def test_all_reads_what_is_missing_with_one_run_for_neighbours(filled):
    assert filled.all.returncode == 0, filled.all.stderr
    assert "5 of 6 releases are to be read" in filled.all.stderr
    assert [" ".join(row[5:]) for row in table(filled.all.stdout)] == [
        "",
        "1.52.0 … 1.69.0",
        "1.71.0",
    ]
    assert len([partition for (partition,) in filled.rows(DONE) if partition]) == 6


def test_a_release_that_was_read_is_read_again_if_it_is_named(filled):
    assert "0 of 6 releases are to be read" in filled("backfill", "--all").stderr
    assert "1 of 6 releases are to be read" in filled("backfill", "1.70.0").stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ((), 2, "Name releases, or give --all; not both."),
        (("--all", "1.70.0"), 2, "Name releases, or give --all; not both."),
        (("latest",), 2, "'latest' is not a Boost version"),
        (("--all", "--collector", "nonsense"), 2, "There is no collector 'nonsense'"),
        (("--all", "--collector", "run_boost_github_activity_tracker"), 2, "keeps nothing by release"),
        (("1.99.0",), 1, "There is no release boost-1.99.0; the newest is boost-1.71.0."),
    ],
)
def test_a_mistake_is_told_in_words(filled, arguments, code, told):
    result = filled("backfill", *arguments)

    assert (result.returncode, told in result.stderr) == (code, True), result.stderr
