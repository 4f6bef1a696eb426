"""How often an asset is due follows from the schedule file, and when it is late from that."""

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from boost_pipeline.collectors.registry import KEPT_BY_RELEASE, Commands
from boost_pipeline.reports.freshness import Due, asset_freshness, late_by
from boost_pipeline.scheduling.freshness import due_times, policy, with_policies
from boost_pipeline.scheduling.pending import PARTITIONS, note_none_waits
from boost_pipeline.scheduling.schedule_file import parse_schedule

NOW = datetime(2026, 3, 1, 6, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def due(*tasks: str) -> dict[str, Due]:
    lines = "".join(f"      - {{{task}}}\n" for task in tasks)
    text = f'groups:\n  github:\n    default_time: "00:05"\n    tasks:\n{lines}'
    return due_times(parse_schedule(text, Commands()), Commands(), KEPT_BY_RELEASE)


@pytest.mark.parametrize(
    ("when", "every", "told"),
    [
        ("schedule: daily", DAY, "daily"),
        ("schedule: weekly, on: monday", 7 * DAY, "weekly"),
        ("schedule: monthly, on: 31", 31 * DAY, "monthly"),
        ("schedule: interval, minutes: 45", timedelta(minutes=45), "every 45 min"),
    ],
)
def test_an_asset_is_due_as_often_as_its_task(when, every, told):
    (one,) = due(f"command: run_export, {when}").values()

    assert (one.every, one.told) == (every, told)


def test_of_several_tasks_the_most_frequent_counts():
    monthly, daily = ("command: run_export, schedule: monthly, on: 3", "command: run_export, schedule: daily")

    assert due(monthly, daily) == due(daily, monthly) == due(daily)


def test_what_no_task_names_or_is_switched_off_is_never_due():
    assert due("command: run_export, schedule: daily, enabled: false") == {}


def test_a_task_that_asks_for_a_part_makes_nothing_due():
    assert due('command: run_export, schedule: daily, args: ["--table", "commits"]') == {}


def test_a_task_that_waits_for_releases_makes_due_what_is_kept_by_release_and_nothing_else():
    found = due("command: run_on_release_sync, schedule: on_release")

    assert found.keys() == KEPT_BY_RELEASE
    assert {one.told for one in found.values()} == {"each release"}


def test_a_daily_task_goes_before_one_that_waits_for_releases():
    found = due(
        "command: run_on_release_sync, schedule: on_release", "command: run_boost_library_tracker, schedule: daily"
    )

    assert found["boost/libraries"].told == "daily"
    assert found["reports/release"].told == "each release"


@pytest.mark.parametrize(
    ("when", "ago", "late"),
    [
        ("schedule: daily", 29 * HOUR, None),
        ("schedule: daily", 31 * HOUR, 7 * HOUR),
        ("schedule: weekly, on: monday", 2 * DAY, None),
        ("schedule: weekly, on: monday", 8 * DAY, DAY),
        ("schedule: monthly, on: 3", 2 * DAY, None),
        ("schedule: monthly, on: 3", 33 * DAY, 2 * DAY),
        ("schedule: interval, minutes: 30", HOUR, None),
        ("schedule: interval, minutes: 30", 2 * HOUR, HOUR * 3 / 2),
    ],
)
def test_an_asset_that_was_not_looked_at_within_its_time_is_late_and_no_other(when, ago, late):
    (one,) = due(f"command: run_export, {when}").values()

    assert late_by(one, NOW - ago, NOW) == late


def test_dagster_fails_an_asset_when_we_call_it_late():
    (one,) = due("command: run_export, schedule: daily").values()

    found = policy(one)

    assert isinstance(found, dg.FreshnessPolicy)
    assert found == dg.FreshnessPolicy.time_window(fail_window=30 * HOUR, warn_window=27 * HOUR)
    assert late_by(one, NOW - 30 * HOUR, NOW) is None
    assert late_by(one, NOW - 30 * HOUR - timedelta(seconds=1), NOW) is not None


def test_only_assets_that_are_due_have_a_policy():
    @dg.asset(key=["reports", "exports"])
    def exports() -> None: ...

    @dg.asset
    def other() -> None: ...

    made = with_policies([exports, other], due("command: run_export, schedule: daily"))

    assert [bool(spec.freshness_policy) for asset in made for spec in asset.specs] == [True, False]


def test_every_asset_that_was_looked_at_or_is_scheduled_says_how_fresh_it_is(warehouse):
    scheduled = due(
        "command: run_export, schedule: daily",
        "command: run_monthly_report, schedule: monthly, on: 3",
        "command: run_boost_library_usage_dashboard, schedule: daily",
    )
    with warehouse.transaction() as transaction:
        transaction.looked("reports/exports", NOW - 3 * DAY)
        transaction.looked("reports/monthly", NOW - 3 * DAY)
        transaction.looked("code/commits", NOW - 90 * DAY)
        found = asset_freshness(transaction, scheduled, NOW)

    assert [(one.asset, one.told) for one in found] == [
        ("code/commits", "not scheduled"),
        ("reports/dashboard", "never looked at"),
        ("reports/exports", "late by 2 days"),
        ("reports/monthly", "on time"),
    ]


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def test_that_no_release_waits_is_a_look(warehouse, instance):
    instance.add_dynamic_partitions(PARTITIONS, ["boost-1.80.0"])
    materialised(instance, "boost-1.80.0")

    assert note_none_waits(instance, warehouse, "reports/release")

    event = instance.get_latest_materialization_event(dg.AssetKey(["reports", "release"]))
    assert event.asset_materialization.description == "No release waits for it."
    assert event.asset_materialization.partition is None
    with warehouse.transaction() as transaction:
        (one,) = asset_freshness(transaction, {}, NOW)
    assert one.checked_at is not None


def test_while_a_release_waits_its_asset_is_not_checked(warehouse, instance):
    instance.add_dynamic_partitions(PARTITIONS, ["boost-1.80.0"])
    materialised(instance, "boost-1.80.0")
    with warehouse.transaction() as transaction:
        transaction.looked("reports/release", NOW)
    note_none_waits(instance, warehouse, "reports/release")
    instance.add_dynamic_partitions(PARTITIONS, ["boost-1.81.0"])
    before = looked_at(warehouse)

    assert not note_none_waits(instance, warehouse, "reports/release")

    assert looked_at(warehouse) == before


def test_where_no_release_is_known_none_was_waited_for(warehouse, instance):
    assert not note_none_waits(instance, warehouse, "reports/release")


def materialised(instance, tag):
    key = dg.AssetKey(["reports", "release"])
    instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=tag))


def looked_at(warehouse):
    with warehouse.transaction() as transaction:
        return transaction.rows("SELECT asset, checked_at FROM freshness")
