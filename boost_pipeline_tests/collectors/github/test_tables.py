"""What the tables hold, compared with the emulated GitHub itself."""

import pytest

from boost_pipeline.sample.github.days import advance
from boost_pipeline.sample.github.script import sample_world
from boost_pipeline_tests.collectors.github.conftest import CHECKS
from boost_pipeline_tests.collectors.github.truth import expected, stored


def assert_equal(platform):
    found = stored(platform)
    for table, rows in expected(platform.world).items():
        if table == "events":  # what a forced push threw away, GitHub shows no more; here it stays
            assert rows <= found[table], table
        else:
            assert found[table] == rows, table


def test_the_tables_hold_all_of_the_sample_and_nothing_else(platforms):
    with platforms(sample_world()) as platform:
        platform.collect()

        assert_equal(platform)
        assert stored(platform)["events"] == expected(platform.world)["events"]


def test_all_checks_pass_on_the_sample(platforms):
    with platforms(sample_world()) as platform:
        result = platform.materialize(checks=CHECKS)

        evaluations = result.get_asset_check_evaluations()
        assert result.success
        not_passed = {found.check_name: found.description for found in evaluations if not found.passed}
        assert not_passed == {"addresses_are_resolved": "nothing to check"}, "there are no commits here"
        assert len(evaluations) == len(CHECKS)


def test_a_second_run_writes_nothing_and_costs_only_the_sweep(collected):
    again = collected.collect()

    assert again["rows"] == 0
    assert again["points"] == 1


@pytest.mark.parametrize("days", [2, 6])
def test_what_happens_on_later_days_is_brought_as_well(platforms, days):
    with platforms(sample_world()) as platform:
        platform.collect()
        for day in range(days):
            advance(platform.world, day)
            platform.collect()

        assert_equal(platform)


def test_only_repositories_that_changed_are_read(collected):
    collected.world.comment("asio", 1, "cy", "Me too.")
    before = len(collected.emulator.calls)

    collected.collect()

    asked = [call for call in collected.emulator.calls[before:] if call.resource == "graphql"]
    assert len(asked) == 2, "the sweep, and one page of asio"


def test_an_account_that_is_gone_leaves_what_it_wrote(platform, world):
    world.comment("asio", 1, "cy", "I leave.")
    world.delete_account("cy")
    platform.collect()

    assert ("I leave.", None) in platform.rows("SELECT body, author_id FROM comments")


def test_the_costs_of_a_run_are_kept_by_asset(collected):
    costs = collected.rows("SELECT asset, requests, points, not_modified, items, is_full FROM source_costs ORDER BY 1")

    assert costs == [
        ("github/comments", 4, 4, 0, 2, True),
        ("github/issues", 2, 2, 0, 4, True),
        ("github/repositories", 1, 1, 0, 2, False),
    ]


def test_without_a_token_the_run_fails_with_a_line_that_names_the_setting(platforms, world):
    from boost_pipeline.sources.github import GitHub
    from boost_pipeline_tests.collectors.github.conftest import errors_of

    with platforms(world) as platform, GitHub(api_url=platform.emulator.url, tokens=[]) as anonymous:
        platform.github = anonymous

        result = platform.materialize()

    assert not result.success
    (error,) = errors_of(result)
    assert "set GITHUB_TOKEN" in error
