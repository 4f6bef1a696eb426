"""Reads how the platform stands, for `reports.health`: from Dagster's records, the schedule and the warehouse.

What failed counts until it worked: a later run of any kind that made the same assets mends it. A run that was canceled,
or is not at its end, mends only what it made.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import dagster as dg
from dagster._core.scheduler.instigation import InstigatorStatus
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionRecord,
    AssetCheckExecutionRecordStatus,
)

from boost_pipeline.errors import BoostPipelineError
from boost_pipeline.reports.freshness import Due, asset_freshness
from boost_pipeline.reports.health import (
    MENDS,
    AssetState,
    CheckResult,
    CheckState,
    Health,
    OpenFailure,
    Outcome,
    TaskState,
    Trouble,
)
from boost_pipeline.scheduling.pending import PARTITIONS, pending_releases
from boost_pipeline.scheduling.run_errors import StepError
from boost_pipeline.scheduling.run_records import FailedStep, Run, newest_runs
from boost_pipeline.scheduling.schedule import Group, Kind, Schedule, Task
from boost_pipeline.scheduling.schedule_file import Commands
from boost_pipeline.warehouse.warehouse import Warehouse

_EVALUATED = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}


@dataclass(frozen=True)
class HealthReader:
    """Reads how the platform stands.

    `assets` are the keys of all assets in the order in which Dagster runs them, `partitioned` those that have a
    partition for each release; `automations` the names of all schedules and sensors; `due` how often assets are.
    """

    schedule: Schedule
    commands: Commands
    assets: Sequence[str]
    partitioned: Collection[str]
    checks: Sequence[dg.AssetCheckKey]
    automations: Collection[str]
    warehouse: Warehouse
    due: Mapping[str, Due]

    def read(self, instance: dg.DagsterInstance) -> Health:
        """Return how it stands now.

        Raises:
            WarehouseError: the database cannot be read.
        """
        scheduled = [(_names(group), task.command) for group in self.schedule.groups for task in group.enabled()]
        runs = newest_runs(instance, self.warehouse, scheduled)
        failed = _FailedWork(self, instance)
        for run in runs:
            failed.take(run)
        checks = tuple(self._checks(instance, failed.crashed))
        failures = self._open_failures()
        off = self._switched_off(instance)
        wrong = {(check.asset, check.check) for check in checks if check.result is CheckResult.failed}
        tasks = [*self._scheduled(instance, runs, off), *self._by_hand(runs)]
        return Health(
            as_of=datetime.now(UTC),
            tasks=tuple(failed.judged(task, wrong) for task in tasks),
            failed_runs=tuple(failed.troubles),
            checks=checks,
            failures=failures,
            assets=tuple(self._assets(instance, failures)),
            off=off,
        )

    def mend(self, error: StepError, run: Run) -> str:
        """Return what to do about a failed step, or run."""
        if not run.commands:
            return f"{_mend(error)} Then run it again in the web UI: Runs, {run.run_id[:8]}, Re-execute."
        return _mend(error)

    def again(self, run: Run, command: str | None) -> str | None:
        """Return the command that does again what a run did; None if it was for none."""
        if command is None:
            return None
        for group in self.schedule.groups:
            for task in group.enabled():
                if task.command == command and run.group in _names(group):
                    if task.kind is Kind.on_release:
                        return f"boost-pipeline run --schedule on_release --group {group.name}"
                    return f"boost-pipeline collect {shlex.join([command, *task.args])}"
        return f"boost-pipeline collect {command}"

    def of_command(self, command: str) -> frozenset[str] | None:
        """Return the assets of a command, with the arguments that the schedule gives it; None if it is not known."""
        arguments = next((t.args for g in self.schedule.groups for t in g.tasks if t.command == command), ())
        try:
            selected: Any = self.commands.selects(command, arguments)
        except BoostPipelineError:
            return None
        return frozenset(selected.assets)

    def _scheduled(
        self, instance: dg.DagsterInstance, runs: Sequence[Run], off: Collection[str]
    ) -> Iterator[TaskState]:
        """Yield a state for each task of the schedule that is switched on, once in a group."""
        for group in self.schedule.groups:
            own = [run for run in runs if run.group in _names(group)]
            for command in dict.fromkeys(task.command for task in group.enabled()):
                tasks = [task for task in group.enabled() if task.command == command]
                waiting = self._waiting(instance, tasks)
                last = next((run for run in own if command in run.commands), None)
                is_off = all(_schedule_of(group, task) in off for task in tasks)
                yield self._state(group.name, command, last, waiting, is_off=is_off)

    def _by_hand(self, runs: Sequence[Run]) -> Iterator[TaskState]:
        """Yield the last run of each command, or choice of assets, that stands in no group of the schedule."""
        known = {name for group in self.schedule.groups for name in _names(group)}
        seen: set[str] = set()
        for run in runs:
            if run.group in known:
                continue
            for name in run.commands or (", ".join(sorted(run.assets)) or run.record.dagster_run.job_name,):
                if name not in seen:
                    seen.add(name)
                    yield self._state(None, name, run, (), is_off=False)

    def _state(
        self, group: str | None, command: str, run: Run | None, waiting: tuple[str, ...], *, is_off: bool
    ) -> TaskState:
        if run is None:
            outcome = Outcome.pending if waiting else Outcome.never
            return TaskState(group, command, outcome, waiting=waiting, is_off=is_off)
        outcome, error = self._became(run, command)
        return TaskState(
            group,
            command,
            Outcome.pending if outcome is Outcome.succeeded and waiting else outcome,
            run.at,
            run.release,
            error.error if error else None,
            self.mend(error, run) if error else None,
            self.again(run, command if run.commands else None) if error else None,
            run.run_id,
            waiting=waiting,
            is_off=is_off,
        )

    def _became(self, run: Run, command: str) -> tuple[Outcome, StepError | None]:
        """Return what became of a command in a run, which may be for several, and its first error."""
        if run.outcome not in (Outcome.failed, Outcome.running):
            return run.outcome, None
        several = len(run.commands) > 1
        selected = self.of_command(command) if several else None
        own = run.assets if selected is None else run.assets & selected
        for step in run.failed_steps:
            made = step.assets if step.check is None else (step.check.asset_key.to_user_string(),)
            if not several or own & set(made):
                return Outcome.failed, step.error
        if several and own and own <= run.made:
            return Outcome.succeeded, None
        if run.outcome is Outcome.running:
            return Outcome.running, None
        return (Outcome.skipped, None) if run.failed_steps else (Outcome.failed, run.error)

    def _waiting(self, instance: dg.DagsterInstance, tasks: Iterable[Task]) -> tuple[str, ...]:
        assets = {
            asset
            for task in tasks
            if task.kind is Kind.on_release
            for asset in self.of_command(task.command) or ()
            if asset in self.partitioned
        }
        return tuple(pending_releases(instance, self.warehouse, sorted(assets))) if assets else ()

    def _switched_off(self, instance: dg.DagsterInstance) -> tuple[str, ...]:
        if instance.schedule_storage is None:  # one that lives in memory
            return ()
        stopped = {state.name for state in instance.all_instigator_state() if state.status is InstigatorStatus.STOPPED}
        return tuple(sorted(stopped & set(self.automations)))

    def _checks(self, instance: dg.DagsterInstance, crashed: Mapping[dg.AssetCheckKey, _Crash]) -> Iterator[CheckState]:
        storage = instance.event_log_storage
        newest = storage.get_latest_asset_check_execution_by_key(list(self.checks))
        for key in sorted(self.checks, key=lambda key: (key.asset_key, key.name)):
            record = newest.get(key)
            if record is not None and record.status not in _EVALUATED:  # asked for, and not made
                record = next(iter(storage.get_asset_check_execution_history(key, limit=1, status=_EVALUATED)), None)
            found = _evaluated(key, record) if record else None
            crash = crashed.get(key)
            if crash and not (record and (record.run_id == crash.run_id or (found and found.at > crash.at))):
                told = f"It could not be made: {crash.error}"
                found = CheckState(key.asset_key.to_user_string(), key.name, CheckResult.failed, crash.at, told)
            if found is not None:
                yield found

    def _open_failures(self) -> tuple[OpenFailure, ...]:
        query = "SELECT asset, unit, category, error, attempts, last_seen FROM open_failures ORDER BY asset, unit"
        with self.warehouse.transaction() as transaction:
            return tuple(OpenFailure(*row) for row in transaction.rows(query))

    def _assets(self, instance: dg.DagsterInstance, failures: Sequence[OpenFailure]) -> Iterator[AssetState]:
        """Yield each asset by its group, but for those that no task names and that were never made."""
        named = {
            asset
            for group in self.schedule.groups
            for task in group.enabled()
            for asset in self.of_command(task.command) or ()
        }
        with self.warehouse.transaction() as transaction:
            fresh = {one.asset: one for one in asset_freshness(transaction, self.due, datetime.now(UTC))}
        keys = {asset: dg.AssetKey(asset.split("/")) for asset in self.assets}
        records = {record.asset_entry.asset_key: record for record in instance.get_asset_records(list(keys.values()))}
        for asset in sorted(self.assets, key=lambda asset: (asset.split("/")[0], self.assets.index(asset))):
            record = records.get(keys[asset])
            event = record.asset_entry.last_materialization_record if record else None
            own = sum(failure.asset == asset for failure in failures)
            if event is None and asset not in named and not own:
                continue
            materialization = event.asset_materialization if event else None
            rows = materialization.metadata.get("dagster/row_count") if materialization else None
            found = fresh.get(asset)
            yield AssetState(
                asset,
                rows.value if isinstance(rows, dg.IntMetadataValue) else None,
                self._partitions(instance, keys[asset]) if asset in self.partitioned else "",
                own,
                found.checked_at if found else None,
                found.changed_at if found else None,
                found.due.told if found and found.due else None,
                found.late_by if found else None,
            )

    @staticmethod
    def _partitions(instance: dg.DagsterInstance, key: dg.AssetKey) -> str:
        every = set(instance.get_dynamic_partitions(PARTITIONS))
        return f"{len(instance.get_materialized_partitions(key) & every)} of {len(every)}"


class _Crash(NamedTuple):
    run_id: str
    at: datetime
    error: str


class _FailedWork:
    """What runs failed to do and none did since; it is given them from the newest to the oldest."""

    def __init__(self, reader: HealthReader, instance: dg.DagsterInstance) -> None:
        self._reader, self._instance = reader, instance
        self._known = frozenset(reader.assets)
        self._settled: set[tuple[str, str | None]] = set()
        """Assets, each with the release it was made for, of which a newer run has the last word."""
        self.troubles: list[Trouble] = []
        self.crashed: dict[dg.AssetCheckKey, _Crash] = {}
        """The last run in which the step of a check failed, perhaps since it found something."""
        self._checks_of: dict[str, set[tuple[str, str]]] = {}
        """The checks that failed, by run."""

    def take(self, run: Run) -> None:
        """Take in what a run did that no newer one did."""
        if run.outcome not in (Outcome.succeeded, Outcome.failed, Outcome.running):
            return
        if run.outcome is not Outcome.succeeded:
            for step in run.failed_steps:
                self._take_step(run, step)
            if run.outcome is Outcome.failed and not run.failed_steps:
                self._add(run, run.error, (run.assets - run.made) or run.assets)  # without a rest, it ended in checks
        self._settled |= {(asset, run.release) for asset in run.made}

    def judged(self, task: TaskState, failed_checks: Collection[tuple[str, str]]) -> TaskState:
        """Return the task with whether what its run failed to do was done since."""
        if task.outcome is not Outcome.failed or task.run_id is None:
            return task
        failing = any(trouble.run_id == task.run_id for trouble in self.troubles)
        if failing or self._checks_of.get(task.run_id, set()) & set(failed_checks):
            return task
        return replace(task, is_mended=True, mend=None, again=None)

    def _take_step(self, run: Run, step: FailedStep) -> None:
        if step.check is None:
            self._add(run, step.error, frozenset(step.assets))
            return
        self.crashed.setdefault(step.check, _Crash(run.run_id, run.at, step.error.error))
        checked = (step.check.asset_key.to_user_string(), step.check.name)
        self._checks_of.setdefault(run.run_id, set()).add(checked)

    def _add(self, run: Run, error: StepError, assets: frozenset[str]) -> None:
        """Add what failed, unless it worked since."""
        failed = {(asset, run.release) for asset in assets & self._known} - self._settled
        self._settled |= failed
        failed = {(asset, release) for asset, release in failed if not self._made_since(asset, run)}
        if failed:
            command = self._command(run, {asset for asset, _ in failed})
            names = (run.group or "by hand", command or ", ".join(sorted(assets)), run.release)
            what = ", ".join(filter(None, names))
            mend, again = self._reader.mend(error, run), self._reader.again(run, command)
            self.troubles.append(Trouble("run", what, error.error, mend, run.at, again, run.run_id))

    def _command(self, run: Run, assets: Collection[str]) -> str | None:
        """Return the command of a run that makes these assets."""
        for command in run.commands:
            if len(run.commands) == 1 or (self._reader.of_command(command) or frozenset()) & set(assets):
                return command
        return None

    def _made_since(self, asset: str, run: Run) -> bool:
        """Tell whether a run that was not for a release alone made it for this one."""
        if run.release is None:
            return False
        keys = self._instance.get_dynamic_partitions(PARTITIONS)
        ends = [end for end in run.release.split(" … ") if end in keys]
        wanted = keys[keys.index(ends[0]) : keys.index(ends[-1]) + 1] if ends else [run.release]
        return all(
            self._instance.fetch_materializations(
                dg.AssetRecordsFilter(
                    dg.AssetKey(asset.split("/")), asset_partitions=[key], after_timestamp=run.at.timestamp()
                ),
                limit=1,
            ).records
            for key in wanted
        )


def _mend(error: StepError) -> str:
    if error.units:
        return "See the units that fail; the next run tries them again."
    return MENDS.get(error.category or "", "Do what the error says.")


def _evaluated(key: dg.AssetCheckKey, record: AssetCheckExecutionRecord) -> CheckState | None:
    said = record.evaluation
    if said is None or record.event is None:
        return None
    at = datetime.fromtimestamp(record.event.timestamp, UTC)
    return CheckState(key.asset_key.to_user_string(), key.name, _result(said), at, said.description or "")


def _result(said: dg.AssetCheckEvaluation) -> CheckResult:
    """Return what a check said; one that compared nothing proved nothing, whatever Dagster was told."""
    counted = [said.metadata.get(name) for name in ("checked", "problems")]
    if all(isinstance(count, dg.IntMetadataValue) and count.value == 0 for count in counted):
        return CheckResult.nothing
    if said.passed:
        return CheckResult.passed
    return CheckResult.failed if said.severity is dg.AssetCheckSeverity.ERROR else CheckResult.warning


def _names(group: Group) -> tuple[str, ...]:
    """Return what the tags of runs may call a group: the command line and Dagster's jobs differ where they must."""
    return tuple(dict.fromkeys((group.name, group.job_name)))


def _schedule_of(group: Group, task: Task) -> str:
    """Return the name of the Dagster schedule that starts a task."""
    if task.kind is Kind.interval:
        return f"interval_{task.minutes}min"
    return group.release_job_name if task.kind is Kind.on_release else group.job_name
