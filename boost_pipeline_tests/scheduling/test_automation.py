"""The jobs, schedules and sensors that a schedule file asks for, on toy assets and a real warehouse."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg
import pytest

from boost_pipeline.sample.organisation import release
from boost_pipeline.scheduling import tags
from boost_pipeline.scheduling.jobs import Automation
from boost_pipeline.scheduling.pending import PARTITIONS, add_releases, pending_releases, remember_set_up
from boost_pipeline.scheduling.schedule_file import parse_schedule
from boost_pipeline.scheduling.sensors import lost_runs_sensor, release_sensor, run_lock
from boost_pipeline.sources.git import GitMirrors

RELEASES = dg.DynamicPartitionsDefinition(name=PARTITIONS)
ASSETS = {"alpha": ("x/a",), "beta": ("x/b",), "docs": ("x/docs",), "news": ("x/news",)}


@dataclass(frozen=True)
class Selected:
    assets: tuple[str, ...]
    args: tuple[str, ...]

    def run_config(self):
        return {"ops": {"x__a": {"config": {"args": list(self.args)}}}} if self.assets == ("x/a",) else {"ops": {}}


class Toys:
    """Four collectors: two plain ones, and two whose asset is partitioned by release."""

    def known(self):
        return ASSETS.keys()

    def coming(self):
        return set()

    def selects(self, command, args):
        return Selected(ASSETS[command], tuple(args))


class Options(dg.Config):
    args: list[str] = []  # noqa: RUF012 - a dagster.Config copies its defaults


@dg.asset(key=["x", "a"])
def a(config: Options) -> None:
    """A plain asset with options."""


@dg.asset(key=["x", "b"])
def b() -> None:
    """A plain asset."""


@dg.asset(key=["x", "docs"], partitions_def=RELEASES)
def docs() -> None:
    """An asset of releases."""


@dg.asset(key=["x", "news"], partitions_def=RELEASES)
def news() -> None:
    """Another one."""


@pytest.fixture
def instance():
    with dg.instance_for_test() as instance:
        yield instance


@pytest.fixture
def automated(warehouse):
    def make(text):
        schedule = parse_schedule(text, Toys())
        by_release = {"x/docs", "x/news"}
        return Automation(schedule, Toys(), ["x/a", "x/b", *sorted(by_release)], by_release, warehouse, {"x/docs"})

    return make


def definitions(automation, sensors=()):
    return dg.Definitions(
        assets=[a, b, docs, news], jobs=automation.jobs, schedules=automation.schedules, sensors=list(sensors)
    )


@dataclass(frozen=True)
class Tick:
    """What a schedule answered."""

    run_requests: list[dg.RunRequest]
    skip_message: str | None


def tick(automation, name, at, instance):
    """What the schedule of this name asks for at a moment."""
    schedule = definitions(automation).resolve_schedule_def(name)
    with dg.build_schedule_context(instance=instance, scheduled_execution_time=at) as context:
        found = list(schedule(context))
    skipped = [each.skip_message for each in found if isinstance(each, dg.SkipReason)]
    return Tick([each for each in found if isinstance(each, dg.RunRequest)], skipped[0] if skipped else None)


def keys(request):
    return [key.to_user_string() for key in request.asset_selection]


GROUP = """
groups:
  main:
    default_time: "06:50"
    tasks:
      - {command: alpha, schedule: daily, args: ["--one"]}
      - {command: beta, schedule: weekly, "on": monday}
      - {command: beta, schedule: monthly, "on": 31}
      - {command: docs, schedule: on_release}
"""
MONDAY, TUESDAY, LAST = (datetime(2026, 2, day, 6, 50, tzinfo=UTC) for day in (2, 3, 28))


def test_a_group_is_a_job_and_a_schedule_at_its_time_and_a_second_pair_for_releases(automated):
    automation = automated(GROUP)

    assert [job.name for job in automation.jobs] == ["main", "main_on_release"]
    assert [(s.name, s.cron_schedule, s.execution_timezone) for s in automation.schedules] == [
        ("main", "50 6 * * *", "UTC"),
        ("main_on_release", "50 6 * * *", "UTC"),
    ]


@pytest.mark.parametrize(("at", "expected"), [(MONDAY, ["x/a", "x/b"]), (TUESDAY, ["x/a"]), (LAST, ["x/a", "x/b"])])
def test_a_tick_asks_for_what_is_due_on_its_own_date(automated, instance, at, expected):
    (request,) = tick(automated(GROUP), "main", at, instance).run_requests

    assert keys(request) == expected
    assert request.tags[tags.GROUP] == "main"
    assert request.run_config["ops"] == {"x__a": {"config": {"args": ["--one"]}}}


def test_the_same_tick_makes_the_same_run_key(automated, instance):
    first, again = (tick(automated(GROUP), "main", MONDAY, instance).run_requests[0].run_key for _ in range(2))

    assert first == again


def test_the_same_command_twice_is_two_runs_and_equal_ones_are_one(automated, instance):
    text = GROUP.replace(
        "- {command: beta, schedule: weekly",
        "- {command: alpha, schedule: daily, args: ['--two']}\n"
        "      - {command: alpha, schedule: daily, args: ['--one']}\n      - {command: beta, schedule: weekly",
    )

    requests = tick(automated(text), "main", TUESDAY, instance).run_requests

    assert [request.run_config["ops"]["x__a"]["config"]["args"] for request in requests] == [["--one"], ["--two"]]
    assert [int(request.tags["dagster/priority"]) for request in requests] == [0, -1]


def test_an_order_that_dagster_would_not_keep_is_cut_into_runs(automated, instance):
    text = """
groups:
  main:
    default_time: "06:50"
    tasks:
      - {command: beta, schedule: daily}
      - {command: alpha, schedule: daily}
"""
    requests = tick(automated(text), "main", MONDAY, instance).run_requests

    assert [keys(request) for request in requests] == [["x/b"], ["x/a"]]


def test_a_day_without_a_task_is_skipped_with_its_reason(automated, instance):
    text = 'groups: {main: {default_time: "06:50", tasks: [{command: beta, schedule: weekly, on: monday}]}}'

    result = tick(automated(text), "main", TUESDAY, instance)

    assert result.run_requests == []
    assert result.skip_message == "No task of main is due on 2026-02-03."


def test_stop_on_failure_of_a_group_is_a_tag_of_its_runs(automated, instance):
    text = GROUP.replace('default_time: "06:50"', 'default_time: "06:50"\n    stop_on_failure: true')

    (request,) = tick(automated(text), "main", TUESDAY, instance).run_requests

    assert request.tags[tags.STOP_ON_FAILURE] == "true"


INTERVALS = """
groups:
  one:
    default_time: "00:00"
    tasks: [{command: alpha, schedule: interval, minutes: 45}]
  two:
    default_time: "00:00"
    tasks: [{command: beta, schedule: interval, minutes: 45}, {command: beta, schedule: interval, minutes: 7}]
"""


def test_there_is_one_schedule_for_each_distinct_interval_over_all_groups(automated):
    automation = automated(INTERVALS)

    assert [schedule.name for schedule in automation.schedules] == ["interval_7min", "interval_45min"]


def test_a_tick_of_an_interval_runs_the_tasks_of_all_its_groups(automated, instance):
    at = datetime(2026, 2, 2, 1, 30, tzinfo=UTC)

    requests = tick(automated(INTERVALS), "interval_45min", at, instance).run_requests

    assert [(request.tags[tags.GROUP], keys(request)) for request in requests] == [("one", ["x/a"]), ("two", ["x/b"])]


def test_an_interval_runs_once_for_each_exact_tick_whatever_woke_it(automated, instance):
    automation = automated(INTERVALS)
    minutes = [datetime(2026, 2, 2, hour, minute, tzinfo=UTC) for hour in range(2) for minute in range(60)]

    found = {tick(automation, "interval_7min", at, instance).run_requests[0].run_key for at in minutes}

    # The minutes since 1970 that 7 divides, and the tick before the first of these two hours.
    start = int(minutes[0].timestamp()) // 60
    exact = range(start - start % 7, start + 120, 7)
    assert found == {f"interval_7min:two:{datetime.fromtimestamp(n * 60, UTC):%Y-%m-%dT%H:%M}:0" for n in exact}


# Releases


def known_releases(instance, *names):
    instance.add_dynamic_partitions(PARTITIONS, [f"boost-{name}" for name in names])


def materialised(instance, key, name):
    instance.report_runless_asset_event(dg.AssetMaterialization(dg.AssetKey(key), partition=f"boost-{name}"))


def test_a_fresh_platform_starts_with_the_newest_release_and_not_with_ninety(warehouse, instance):
    known_releases(instance, "1.9.0", "1.90.0", "1.89.0")

    assert pending_releases(instance, warehouse, ["x/docs"]) == ["boost-1.90.0"]


def test_a_release_waits_for_each_asset_by_itself(warehouse, instance):
    known_releases(instance, "1.90.0")
    materialised(instance, ["x", "docs"], "1.90.0")

    assert pending_releases(instance, warehouse, ["x/docs"]) == []
    assert pending_releases(instance, warehouse, ["x/news"]) == ["boost-1.90.0"]


def test_a_beta_waits_only_where_the_settings_ask_for_it(warehouse, instance):
    tags = ["boost-1.89.0", "boost-1.90.0.beta1", "boost-1.90.0", "boost-1.91.0.beta1", "boost-1.91.0-rc1", "website"]
    with warehouse.transaction() as transaction:
        assert add_releases(instance, transaction, tags, prereleases=False) == ["boost-1.89.0", "boost-1.90.0"]
        assert add_releases(instance, transaction, tags, prereleases=True) == [
            "boost-1.90.0.beta1",
            "boost-1.91.0.beta1",
            "boost-1.91.0-rc1",
        ]


def test_of_a_fresh_platform_that_asks_for_betas_the_newest_stable_and_what_came_after_it_wait(warehouse, instance):
    with warehouse.transaction() as transaction:
        tags = ["boost-1.89.0", "boost-1.90.0.beta1", "boost-1.90.0", "boost-1.91.0.beta1"]
        add_releases(instance, transaction, tags, prereleases=True)

    assert pending_releases(instance, warehouse, ["x/docs"]) == ["boost-1.90.0", "boost-1.91.0.beta1"]


def test_a_release_task_that_can_never_run_is_warned_of(automated):
    automation = automated(GROUP.replace("{command: docs, schedule", "{command: beta, schedule"))

    assert automation.warnings == ["line 9: beta reads nothing release by release, so on_release never starts it"]


def test_two_new_releases_wait_the_older_version_first(warehouse, instance):
    known_releases(instance, "1.90.0")
    pending_releases(instance, warehouse, ["x/docs"])
    known_releases(instance, "1.92.0", "1.91.0")

    assert pending_releases(instance, warehouse, ["x/docs"]) == ["boost-1.90.0", "boost-1.91.0", "boost-1.92.0"]


def test_a_patch_release_of_an_older_line_waits_too(warehouse, instance):
    known_releases(instance, "1.65.0", "1.90.0")
    pending_releases(instance, warehouse, ["x/docs"])
    known_releases(instance, "1.65.1")

    assert "boost-1.65.1" in pending_releases(instance, warehouse, ["x/docs"])


def test_what_was_known_at_set_up_is_put_on_record_once(warehouse, instance):
    with warehouse.transaction() as transaction:
        remember_set_up(transaction, ["boost-1.89.0", "boost-1.90.0"])
        remember_set_up(transaction, ["boost-1.89.0", "boost-1.90.0", "boost-1.91.0"])
    known_releases(instance, "1.89.0", "1.90.0", "1.91.0")

    assert pending_releases(instance, warehouse, ["x/docs"]) == ["boost-1.90.0", "boost-1.91.0"]


def test_the_batch_of_a_group_asks_again_each_day_for_what_still_waits(automated, instance):
    automation = automated(GROUP)
    known_releases(instance, "1.90.0")

    requests = [tick(automation, "main_on_release", at, instance).run_requests for at in (MONDAY, TUESDAY)]

    assert [[request.partition_key for request in each] for each in requests] == [["boost-1.90.0"]] * 2
    assert requests[0][0].run_key != requests[1][0].run_key
    assert requests[0][0].tags[tags.RELEASE] == "boost-1.90.0"
    materialised(instance, ["x", "docs"], "1.90.0")
    assert tick(automation, "main_on_release", TUESDAY, instance).skip_message == "No release waits for main."


def test_each_day_on_which_no_release_waits_is_a_look_at_what_only_releases_start(automated, instance, warehouse):
    def looks():
        with warehouse.transaction() as transaction:
            return transaction.rows("SELECT asset FROM freshness")

    automation = automated(GROUP)
    known_releases(instance, "1.90.0")
    tick(automation, "main_on_release", MONDAY, instance)
    assert looks() == []
    materialised(instance, ["x", "docs"], "1.90.0")

    tick(automation, "main_on_release", TUESDAY, instance)

    assert looks() == [("x/docs",)]
    event = instance.get_latest_materialization_event(dg.AssetKey(["x", "docs"])).asset_materialization
    assert event.metadata["nothing new"].value is False  # the first look
    assert event.tags["dagster/data_version"]


def test_a_release_that_a_run_works_on_is_not_asked_for_again(automated, instance):
    automation = automated(GROUP)
    known_releases(instance, "1.90.0")
    (request,) = tick(automation, "main_on_release", MONDAY, instance).run_requests
    job = definitions(automation).resolve_job_def("main_on_release")
    instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED, tags=dict(request.tags))

    assert tick(automation, "main_on_release", TUESDAY, instance).run_requests == []


# Sensors


@pytest.fixture
def mirrors(built_sample, tmp_path):
    return GitMirrors(tmp_path / "mirrors", built_sample.copy(tmp_path / "organisation").url, attempts=1)


def evaluate(sensor, automation, instance):
    """Run a sensor as the daemon does; return its run requests and its reason to skip."""
    defs = definitions(automation, [sensor])
    with dg.build_sensor_context(instance=instance, definitions=defs) as context:
        found = list(sensor(context) or [])
    return [each for each in found if isinstance(each, dg.RunRequest)]


TWO_GROUPS = """
groups:
  one:
    default_time: "00:00"
    tasks: [{command: docs, schedule: on_release}]
  two:
    default_time: "00:00"
    tasks: [{command: news, schedule: on_release}]
"""


def test_the_release_sensor_adds_partitions_and_asks_for_the_newest_release_in_each_group(automated, instance, mirrors):
    automation = automated(TWO_GROUPS)
    sensor = release_sensor(automation, mirrors, 15)

    requests = evaluate(sensor, automation, instance)

    assert sensor.minimum_interval_seconds == 900
    assert "boost-1.61.0" in instance.get_dynamic_partitions(PARTITIONS)
    assert "boost-1.69.0-beta1" not in instance.get_dynamic_partitions(PARTITIONS)
    assert [(request.job_name, request.partition_key) for request in requests] == [
        ("one_on_release", "boost-1.71.0"),
        ("two_on_release", "boost-1.71.0"),
    ]


def test_a_new_tag_reaches_each_task_with_a_run_key_of_its_own(automated, instance, built_sample, tmp_path):
    sample = built_sample.copy(tmp_path / "organisation")
    automation = automated(TWO_GROUPS)
    sensor = release_sensor(automation, GitMirrors(tmp_path / "mirrors", sample.url, attempts=1), 15)
    evaluate(sensor, automation, instance)
    for asset in ("docs", "news"):
        materialised(instance, ["x", asset], "1.71.0")
    release(sample, "boost-1.72.0")

    requests = evaluate(sensor, automation, instance)

    assert [request.run_key for request in requests] == [
        "one:docs:boost-1.72.0:new",
        "two:news:boost-1.72.0:new",
    ]


def test_a_host_that_does_not_answer_fails_the_tick_loudly_and_is_on_record_until_it_does(
    automated, instance, warehouse, mirrors, tmp_path
):
    automation = automated(TWO_GROUPS)
    nowhere = GitMirrors(tmp_path / "nothing", (tmp_path / "nowhere").as_uri(), attempts=1)

    with pytest.raises(Exception, match="boost"):
        evaluate(release_sensor(automation, nowhere, 15), automation, instance)

    assert open_failures(warehouse) == [("scheduling/on_release", "new tags")]
    evaluate(release_sensor(automation, mirrors, 15), automation, instance)
    assert open_failures(warehouse) == []


def open_failures(warehouse):
    with warehouse.transaction() as transaction:
        return transaction.rows("SELECT asset, unit FROM open_failures")


def test_no_sensor_stands_where_no_task_waits_for_releases(automated, mirrors):
    assert release_sensor(automated(INTERVALS), mirrors, 15) is None


# Runs whose process is gone


def started_run(automation, instance):
    job = definitions(automation).resolve_job_def("main")
    run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTING)
    instance.report_dagster_event(start_event(run), run.run_id)
    return run


def start_event(run):
    from dagster._core.events import DagsterEventType

    return dg.DagsterEvent(event_type_value=DagsterEventType.RUN_START.value, job_name=run.job_name)


def test_a_run_whose_lock_nobody_holds_is_ended_after_its_time_to_start(automated, instance, warehouse, monkeypatch):
    automation = automated(GROUP)
    lost, living = started_run(automation, instance), started_run(automation, instance)
    later = time.time() + 300

    with warehouse.held(run_lock(living.run_id)):
        evaluate_lost(warehouse, instance)
        assert {run.status for run in instance.get_runs()} == {dg.DagsterRunStatus.STARTED}
        monkeypatch.setattr("boost_pipeline.scheduling.sensors.time.time", lambda: later)
        evaluate_lost(warehouse, instance)

    assert instance.get_run_by_id(lost.run_id).status is dg.DagsterRunStatus.FAILURE
    assert instance.get_run_by_id(living.run_id).status is dg.DagsterRunStatus.STARTED


def evaluate_lost(warehouse, instance):
    with dg.build_sensor_context(instance=instance) as context:
        return lost_runs_sensor(warehouse)(context)


def test_a_lock_is_held_until_its_block_ends(warehouse):
    with warehouse.held("run x", "group y"):
        assert warehouse.is_held("run x")
        assert warehouse.is_held("group y")

    assert not warehouse.is_held("run x")
