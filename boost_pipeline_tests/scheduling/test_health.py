"""How the platform stands, of Dagster's records: what failed counts until it worked, and everything has its word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from dagster._core.execution.plan.objects import StepSuccessData
from dagster._core.remote_origin import (
    InProcessCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    InstigatorType,
    ScheduleInstigatorData,
)
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from boost_pipeline.collectors.checks import asset_check, verdict
from boost_pipeline.errors import SettingsError, SourceUnavailable
from boost_pipeline.reports.freshness import Due
from boost_pipeline.reports.health import CheckResult, Health, Outcome, TaskState, Verdict
from boost_pipeline.scheduling import run_records, sensors
from boost_pipeline.scheduling.health import HealthReader
from boost_pipeline.scheduling.pending import PARTITIONS
from boost_pipeline.scheduling.schedule_file import parse_schedule
from boost_pipeline.warehouse.warehouse import Warehouse
from boost_pipeline_tests.scheduling.worlds import Collectors

SCHEDULE = """
groups:
  main:
    default_time: "06:50"
    tasks:
      - {command: alpha, schedule: daily}
      - {command: beta, schedule: daily, args: ["--limit", "3"]}
      - {command: docs, schedule: on_release}
  boost-docs:
    default_time: "07:00"
    tasks:
      - {command: gamma, schedule: monthly, "on": 3}
"""
COMMANDS = Collectors(
    alpha=("x/a",), beta=("x/b", "x/c"), docs=("x/docs",), gamma=("y/d",), others=("z/never",), all=("x/a", "x/b")
)
NO_TOKEN = SettingsError("GitHub answers nobody without a token; set GITHUB_TOKEN.")
ASSETS = ["x/a", "x/b", "x/c", "x/docs", "y/d", "z/never"]


@dataclass
class World:
    """A platform of toys: assets that fail as they are told to, and a check of x/a."""

    warehouse: Warehouse
    instance: dg.DagsterInstance
    broken: dict[str, Exception] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    checked: int = 9
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR
    check_error: Exception | None = None
    due: dict[str, Due] = field(default_factory=dict)

    def run(self, *keys: str, release: str | None = None, **tags: str) -> str:
        """Run some assets in one run, with the check of x/a if it is among them; return its id."""
        assets = [self._asset(key) for key in ASSETS]
        options = {"selection": [dg.AssetKey(key.split("/")) for key in keys], "partition_key": release}
        told = {f"boost/{name}": value for name, value in tags.items()} | (
            {"boost/release": release} if release else {}
        )
        run = dg.materialize(
            [*assets, self._check()], instance=self.instance, raise_on_error=False, tags=told, **options
        )
        return run.run_id

    def health(self) -> Health:
        return self.reader().read(self.instance)

    def reader(self) -> HealthReader:
        schedule = parse_schedule(SCHEDULE, COMMANDS)
        (check,) = self._check().check_keys
        automations = ["main", "main_on_release", "boost_docs", "on_release"]
        return HealthReader(schedule, COMMANDS, ASSETS, {"x/docs"}, [check], automations, self.warehouse, self.due)

    def task(self, command: str) -> TaskState:
        (found,) = (task for task in self.health().tasks if task.task == command)
        return found

    def errors(self) -> list[tuple[str, str]]:
        return [(trouble.what, trouble.error) for trouble in self.health().troubles]

    def _asset(self, key: str) -> dg.AssetsDefinition:
        partitions = dg.DynamicPartitionsDefinition(name=PARTITIONS) if key == "x/docs" else None

        @dg.asset(key=key.split("/"), partitions_def=partitions)
        def made() -> dg.MaterializeResult[None]:
            if key in self.broken:
                raise self.broken[key]
            return dg.MaterializeResult(metadata={"dagster/row_count": 7})

        return made

    def _check(self) -> dg.AssetChecksDefinition:
        @asset_check(asset=["x", "a"], name="equals")
        def equals() -> dg.AssetCheckResult:
            if self.check_error:
                raise self.check_error
            return verdict(self.problems, self.checked, severity=self.severity)

        return equals


@pytest.fixture
def world(warehouse) -> Iterator[World]:
    with dg.instance_for_test() as instance:
        yield World(warehouse, instance)


def test_a_platform_on_which_nothing_ran_is_not_fine(world):
    health = world.health()

    assert health.verdict is Verdict.empty
    assert health.line == "Nothing has run yet. Start with: boost-pipeline run --schedule daily"
    assert {task.outcome for task in health.tasks} == {Outcome.never}


def test_where_all_succeeded_the_verdict_is_fine(world):
    world.run("x/a", group="main", command="alpha")

    health = world.health()

    assert (health.verdict, health.troubles) == (Verdict.fine, ())
    assert health.line == "Fine: no run, no check and no unit fails."
    assert world.task("alpha").outcome is Outcome.succeeded


def test_a_failed_run_is_wrong_and_tells_task_error_and_mend(world):
    world.broken["x/b"] = NO_TOKEN
    run = world.run("x/b", "x/c", group="main", command="beta")

    health = world.health()

    (trouble,) = health.troubles
    assert (trouble.kind, trouble.what, trouble.error) == ("run", "main, beta", str(NO_TOKEN))
    assert trouble.mend == "Change the setting in .env or the environment."
    assert (trouble.again, trouble.run_id) == ("boost-pipeline collect beta --limit 3", run)
    assert health.line == "Wrong: 1 failed run."
    task = world.task("beta")
    assert (task.outcome, task.error, task.again) == (Outcome.failed, str(NO_TOKEN), trouble.again)


def test_a_failure_counts_until_its_task_succeeds_whoever_runs_it(world):
    world.broken["x/b"] = NO_TOKEN
    world.run("x/b", "x/c", group="main", command="beta")
    world.run("x/a", group="main", command="alpha")
    assert world.health().verdict is Verdict.wrong

    world.broken.clear()
    world.run("x/b", "x/c", command="beta")

    assert world.health().verdict is Verdict.fine
    assert [(t.group, t.told) for t in world.health().tasks if t.task == "beta"] == [
        ("main", "failed, mended since"),
        (None, "succeeded"),
    ]


def test_a_run_that_made_only_a_part_of_what_failed_mends_only_that(world):
    world.broken |= {"x/b": NO_TOKEN, "x/c": NO_TOKEN}
    world.run("x/b", "x/c", group="main", command="beta")
    del world.broken["x/b"]
    world.run("x/b")

    assert world.errors() == [("main, beta", str(NO_TOKEN))]


def test_a_run_of_which_several_steps_failed_is_one_failed_run(world):
    world.broken |= {"x/b": NO_TOKEN, "x/c": NO_TOKEN}
    world.run("x/b", "x/c", group="main", command="beta")

    assert len(world.health().troubles) == 2
    assert world.health().line == "Wrong: 1 failed run."


def test_a_run_of_several_tasks_is_told_task_by_task(world):
    world.broken["x/b"] = NO_TOKEN
    world.run("x/a", "x/b", "x/c", group="main", command="alpha,beta")

    assert [(task.task, task.outcome) for task in world.health().tasks[:2]] == [
        ("alpha", Outcome.succeeded),
        ("beta", Outcome.failed),
    ]
    assert world.errors() == [("main, beta", str(NO_TOKEN))]


def test_a_run_without_a_task_is_told_by_its_assets_and_run_again_in_the_web_ui(world):
    world.broken["y/d"] = SourceUnavailable("host.example does not answer.")
    run = world.run("y/d")

    (trouble,) = world.health().troubles
    assert (trouble.what, trouble.again) == ("by hand, y/d", None)
    assert trouble.mend.endswith(f"Then run it again in the web UI: Runs, {run[:8]}, Re-execute.")


def test_an_error_that_is_not_ours_is_to_be_reported(world):
    world.broken["x/a"] = ZeroDivisionError("division by zero")
    world.run("x/a", group="main", command="alpha")

    (trouble,) = world.health().troubles
    assert trouble.error == "ZeroDivisionError: division by zero"
    assert trouble.mend.startswith("Report it")


def test_a_failed_release_is_mended_by_that_release_and_no_other(world):
    world.instance.add_dynamic_partitions(PARTITIONS, ["boost-1.90.0", "boost-1.91.0"])
    world.broken["x/docs"] = NO_TOKEN
    world.run("x/docs", release="boost-1.90.0", group="main", command="docs")
    world.broken.clear()
    world.run("x/docs", release="boost-1.91.0", group="main", command="docs")

    assert world.errors() == [("main, docs, boost-1.90.0", str(NO_TOKEN))]
    (trouble,) = world.health().troubles
    assert trouble.again == "boost-pipeline run --schedule on_release --group main"

    world.run("x/docs", release="boost-1.90.0")
    assert world.errors() == []


def test_a_release_that_waits_is_pending_and_not_wrong(world):
    world.run("x/a", group="main", command="alpha")
    world.instance.add_dynamic_partitions(PARTITIONS, ["boost-1.90.0"])

    assert (world.task("docs").told, world.task("docs").waiting) == ("pending", ("boost-1.90.0",))
    assert world.health().verdict is Verdict.fine


def test_a_canceled_run_is_no_failed_one_and_mends_nothing(world):
    world.broken["x/a"] = NO_TOKEN
    world.run("x/a", group="main", command="alpha")
    started(world, "x/a", group="main", command="alpha", end=dg.DagsterEventType.RUN_CANCELED)

    assert world.task("alpha").outcome is Outcome.canceled
    assert world.errors() == [("main, alpha", str(NO_TOKEN))]

    world.broken.clear()
    world.run("x/a")
    assert world.health().verdict is Verdict.warning
    assert world.health().warnings == ("main, alpha: its last run was canceled.",)


def test_a_run_that_works_is_running(world):
    started(world, "x/a", group="main", command="alpha")

    assert world.task("alpha").outcome is Outcome.running
    assert world.health().line == "Fine: no run, no check and no unit fails. 1 task is running."


def test_a_run_whose_process_is_gone_has_failed(world, monkeypatch):
    started(world, "x/a", group="main", command="alpha")
    monkeypatch.setattr(sensors, "_SECONDS_TO_START", -1)

    assert world.errors() == [("main, alpha", "The process of this run is gone: it was killed, or its machine.")]


def test_a_run_that_was_lost_after_its_assets_were_made_has_failed(world):
    started(world, "x/a", group="main", command="alpha", made=["x__a"], end=dg.DagsterEventType.RUN_FAILURE)

    assert [trouble.what for trouble in world.health().troubles] == ["main, alpha"]
    assert world.task("alpha").told == "failed"


def test_what_failed_already_in_a_run_that_works_is_failed(world):
    """As the dashboard sees the run that it is made by."""
    seen = {}

    @dg.asset(key=["x", "a"])
    def fails() -> None:
        raise NO_TOKEN

    @dg.asset(key=["x", "b"], deps=[dg.AssetKey(["y", "d"])])
    def looks(context: dg.AssetExecutionContext) -> None:
        seen["health"] = world.reader().read(context.instance)

    @dg.asset(key=["y", "d"])
    def works() -> None: ...

    tags = {"boost/group": "main", "boost/command": "alpha,beta"}
    dg.materialize([fails, looks, works], instance=world.instance, raise_on_error=False, tags=tags)

    health = seen["health"]
    assert [task.outcome for task in health.tasks[:2]] == [Outcome.failed, Outcome.running]
    assert health.line == "Wrong: 1 failed run. 1 task is running."


def test_a_failed_check_is_wrong_until_it_passes(world):
    world.problems = ["asio has 5, git counts 6"]
    world.run("x/a", group="main", command="alpha")

    (trouble,) = world.health().troubles
    assert (trouble.kind, trouble.what, trouble.error) == ("check", "x/a, equals", "asio has 5, git counts 6")
    assert world.health().line == "Wrong: 1 failed check."
    assert world.task("alpha").error == "x/a fails its check equals: asio has 5, git counts 6"

    world.problems = []
    world.run("x/a")
    assert world.health().verdict is Verdict.fine
    assert world.task("alpha").told == "failed, mended since"


def test_a_check_that_fails_with_a_warning_is_not_wrong(world):
    world.problems, world.severity = ["asio lacks a licence"], dg.AssetCheckSeverity.WARN
    world.run("x/a", group="main", command="alpha")

    health = world.health()

    assert (health.verdict, health.troubles) == (Verdict.warning, ())
    assert health.warnings == ("x/a, equals: asio lacks a licence",)
    assert health.line == "Fine, with 1 warning: no run, no check and no unit fails."
    assert world.task("alpha").outcome is Outcome.succeeded


def test_a_check_that_compared_nothing_has_a_word_of_its_own(world):
    world.checked = 0
    world.run("x/a", group="main", command="alpha")

    (check,) = world.health().checks
    assert (check.result, str(check.result)) == (CheckResult.nothing, "nothing to check")
    assert world.health().verdict is Verdict.fine


def test_a_check_that_was_not_made_since_its_asset_failed_keeps_what_it_said(world):
    world.run("x/a", group="main", command="alpha")
    world.broken["x/a"] = NO_TOKEN
    world.run("x/a", group="main", command="alpha")

    (check,) = world.health().checks
    assert check.result is CheckResult.passed


def test_a_check_that_cannot_be_made_is_failed(world):
    world.run("x/a", group="main", command="alpha")
    world.check_error = SourceUnavailable("host.example does not answer.")
    world.run("x/a", group="main", command="alpha")

    assert world.errors() == [("x/a, equals", "It could not be made: host.example does not answer.")]

    world.check_error = None
    world.run("x/a")
    assert world.errors() == []


def test_a_unit_that_fails_is_wrong_with_the_mend_of_its_kind(world):
    with world.warehouse.transaction() as transaction:
        transaction.fail("x/a", "asio", "rate_limit", "All budgets are spent.", datetime(2026, 3, 1, tzinfo=UTC))
    world.run("x/a", group="main", command="alpha")

    (trouble,) = world.health().troubles
    assert (trouble.kind, trouble.what, trouble.error) == ("unit", "x/a, asio", "All budgets are spent.")
    assert "the next run tries again" in trouble.mend
    assert world.health().line == "Wrong: 1 failing unit."


def test_a_schedule_that_was_switched_off_says_so(world):
    world.run("x/a", group="main", command="alpha")
    switch_off(world.instance, "main")

    health = world.health()

    assert [(task.task, task.told) for task in health.tasks] == [
        ("alpha", "succeeded, switched off"),
        ("beta", "never, switched off"),
        ("docs", "never"),
        ("gamma", "never"),
    ]
    assert health.off == ("main",)
    assert health.verdict is Verdict.warning


def test_the_last_run_of_a_task_is_found_behind_many_of_others(world, monkeypatch):
    world.broken["y/d"] = NO_TOKEN
    world.run("y/d", group="boost_docs", command="gamma")
    for _ in range(3):
        world.run("x/a", group="main", command="alpha")
    monkeypatch.setattr(run_records, "_NEWEST", 2)

    assert world.task("gamma").outcome is Outcome.failed
    assert world.errors() == [("boost_docs, gamma", str(NO_TOKEN))]


def test_an_asset_that_was_not_looked_at_in_its_time_is_wrong_and_says_how_late_it_is(world):
    day = timedelta(days=1)
    world.due = {"x/a": Due(day, day / 4), "x/b": Due(7 * day, day / 4)}
    world.run("x/a", "x/b")
    with world.warehouse.transaction() as transaction:
        for asset in world.due:
            transaction.looked(asset, datetime.now(UTC) - 3 * day, changed=True)

    health = world.health()

    assert health.verdict is Verdict.wrong
    assert world.errors() == [("x/a", "It is daily, and 2 days late.")]
    assert "1 late asset" in health.line


def test_assets_stand_by_group_without_those_that_were_never_set_up(world):
    world.run("x/b")

    found = {asset.asset: asset for asset in world.health().assets}

    assert list(found) == ["x/a", "x/b", "x/c", "x/docs", "y/d"]
    assert (found["x/b"].rows, found["x/a"].checked_at, found["x/docs"].partitions) == (7, None, "0 of 0")
    world.run("z/never")
    assert [asset.asset for asset in world.health().assets][-1] == "z/never"


def test_all_of_it_can_be_told_to_a_script(world):
    world.broken["x/b"] = NO_TOKEN
    world.run("x/b", group="main", command="beta")

    told = world.health().as_json()

    assert told["verdict"] == "wrong"
    assert told["troubles"][0]["error"] == str(NO_TOKEN)
    assert datetime.fromisoformat(told["troubles"][0]["at"]).tzinfo is not None
    assert told["tasks"][1]["outcome"] == "failed"


def started(
    world: World, *keys: str, made: Sequence[str] = (), end: dg.DagsterEventType | None = None, **tags: str
) -> None:
    """Have a run on record that started, made these steps, and perhaps ended."""
    job = dg.Definitions(assets=[world._asset(key) for key in ASSETS]).resolve_implicit_global_asset_job_def()
    run = world.instance.create_run_for_job(
        job,
        tags={f"boost/{name}": value for name, value in tags.items()},
        asset_selection={dg.AssetKey(key.split("/")) for key in keys},
    )
    steps = [(dg.DagsterEventType.STEP_SUCCESS, step, StepSuccessData(duration_ms=1.0)) for step in made]
    for kind, step, data in [(dg.DagsterEventType.RUN_START, None, None), *steps, (end, None, None)]:
        if kind is not None:
            event = dg.DagsterEvent(kind.value, run.job_name, step_key=step, event_specific_data=data)
            world.instance.report_dagster_event(event, run.run_id)


def switch_off(instance: dg.DagsterInstance, name: str) -> None:
    """Have on record that somebody switched a schedule off in the web UI."""
    target = LoadableTargetOrigin(executable_path="python", module_name="boost_pipeline.definitions")
    origin = RemoteRepositoryOrigin(InProcessCodeLocationOrigin(target), "__repository__")
    state = InstigatorState(
        RemoteInstigatorOrigin(origin, name),
        InstigatorType.SCHEDULE,
        InstigatorStatus.STOPPED,
        ScheduleInstigatorData("50 6 * * *"),
    )
    instance.add_instigator_state(state)
