"""Every asset records each look: what was checked and found nothing is no change, and what failed is no check."""

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from boost_pipeline.collectors import dashboard, exports
from boost_pipeline.collectors.registry import Commands
from boost_pipeline.sample.organisation import new_commits
from boost_pipeline.scheduling.health import HealthReader
from boost_pipeline.scheduling.schedule import Schedule
from boost_pipeline_tests.collectors.conftest import ASSETS, Platform

COLLECTED = (
    "boost/releases",
    "boost/libraries",
    "boost/headers",
    "boost/dependencies",
    "code/repositories",
    "code/commits",
)
REPORTS = ("reports/dashboard", "reports/exports")
GRAPH = AssetGraph.from_assets([*ASSETS, dashboard.dashboard, exports.exports])


def run(platform: Platform, *keys: str, **ops) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [*ASSETS, dashboard.dashboard, exports.exports],
        selection=dg.AssetSelection.assets(*[key.split("/") for key in keys]),
        instance=platform.instance,
        resources={
            "settings": platform.settings,
            "warehouse": platform.warehouse,
            "mirrors": platform.mirrors,
            "health": HealthReader(Schedule(()), Commands(), (), (), (), (), platform.warehouse, due={}),
        },
        run_config={"ops": {op: {"config": config} for op, config in ops.items()}},
        raise_on_error=False,
    )


def times(platform: Platform) -> dict:
    """Return when each asset was checked and changed, and the version of its data."""
    rows = platform.rows("SELECT asset, checked_at, changed_at, version FROM freshness")
    return {asset: tuple(facts) for asset, *facts in rows}


def told(platform: Platform, key: str) -> tuple[str, float]:
    """Return the data version that Dagster has of an asset, and when it was last materialised."""
    event = platform.instance.get_latest_materialization_event(dg.AssetKey(key.split("/")))
    return event.asset_materialization.tags["dagster/data_version"], event.timestamp


@pytest.fixture
def twice(collected_copy):
    """A platform on which nothing has happened between two runs, with what each asset said after either."""
    platform = collected_copy
    assert run(platform, *COLLECTED, *REPORTS).success
    first = times(platform), {key: told(platform, key) for key in (*COLLECTED, *REPORTS)}
    assert run(platform, *COLLECTED, *REPORTS).success
    return platform, first, (times(platform), {key: told(platform, key) for key in (*COLLECTED, *REPORTS)})


def test_a_look_that_finds_nothing_moves_what_was_checked_and_not_what_changed(twice):
    _, (before, told_before), (after, told_after) = twice

    for key in (*COLLECTED, *REPORTS):
        assert after[key][0] > before[key][0], key
        assert after[key][1:] == before[key][1:], key
        assert told_after[key][0] == told_before[key][0] == after[key][2], key
        assert told_after[key][1] > told_before[key][1], key


def test_what_is_made_of_data_that_did_not_change_stays_in_step(twice):
    platform = twice[0]
    assert run(platform, *COLLECTED).success

    resolver = CachingStaleStatusResolver(platform.instance, GRAPH, LoadingContextForTest(platform.instance))

    assert {key: resolver.get_status(dg.AssetKey(key.split("/"))) for key in REPORTS} == dict.fromkeys(
        REPORTS, StaleStatus.FRESH
    )


def test_what_changed_at_the_source_changes_the_assets_that_it_belongs_to_and_no_other(collected_copy):
    platform = collected_copy
    assert run(platform, *COLLECTED).success
    before = times(platform)
    new_commits(platform.sample, "config")

    assert run(platform, *COLLECTED).success

    changed = {key for key, (_, changed, _) in times(platform).items() if changed != before[key][1]}
    assert "code/commits" in changed
    assert "code/repositories" not in changed


def test_a_failed_look_is_no_check_and_what_it_wrote_is_a_change(collected_copy):
    platform = collected_copy
    assert run(platform, "code/repositories", "code/commits").success
    before = times(platform)["code/commits"]
    new_commits(new_commits(platform.sample, "config").sample, "geometry")
    (platform.sample.folder / "config.git").rename(platform.sample.folder / "config.aside")

    assert not run(platform, "code/commits").success

    checked_at, changed_at, version = times(platform)["code/commits"]
    assert checked_at == before[0]
    assert changed_at > before[1]
    assert version != before[2]


def test_a_look_at_a_part_is_no_check(collected_copy):
    platform = collected_copy
    assert run(platform, "code/commits").success
    before = times(platform)["code/commits"]

    assert run(platform, "code/commits", code__commits={"libraries": ["config"]}).success
    assert run(platform, *COLLECTED[1:4], boost__by_release={"versions": ["boost-1.71.0"]}).success

    assert times(platform)["code/commits"] == before
    ((config,), (geometry,)) = platform.rows(
        "SELECT checked_at > %s FROM looks WHERE asset = 'code/commits' AND unit IN ('config', 'geometry') "
        "ORDER BY unit",
        before[0],
    )
    assert (config, geometry) == (True, False)


def test_what_a_killed_run_wrote_is_noticed_by_the_next(collected_copy):
    platform = collected_copy
    assert run(platform, "code/commits").success
    before = times(platform)["code/commits"]
    platform.rows(
        "UPDATE cursors SET completed_at = now() WHERE asset = 'code/commits' AND unit = 'config' RETURNING 1"
    )

    assert run(platform, "code/commits").success

    assert times(platform)["code/commits"][2] != before[2]
