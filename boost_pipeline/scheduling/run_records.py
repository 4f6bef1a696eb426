"""What each run of Dagster's records did: for whom, how it ended, which of its assets were made and which steps failed.

The events of a run are read only where they are asked for: a run that succeeded made all of its assets.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

import dagster as dg

from boost_pipeline.reports.health import Outcome
from boost_pipeline.scheduling import tags
from boost_pipeline.scheduling.run_errors import StepError, end_error, planned_assets, planned_checks, step_errors
from boost_pipeline.scheduling.sensors import LOST, is_lost
from boost_pipeline.warehouse.warehouse import Warehouse

_NEWEST: Final = 500
"""So many runs are looked at, and of each task that is not among them the last."""

_RANGE: Final = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
_OUTCOMES: Final = {
    dg.DagsterRunStatus.SUCCESS: Outcome.succeeded,
    dg.DagsterRunStatus.FAILURE: Outcome.failed,
    dg.DagsterRunStatus.STARTED: Outcome.running,
    dg.DagsterRunStatus.CANCELING: Outcome.canceled,
    dg.DagsterRunStatus.CANCELED: Outcome.canceled,
}
"""The others have not begun."""


@dataclass(frozen=True)
class FailedStep:
    """A step that failed, and what it was to make: assets, or a check."""

    assets: tuple[str, ...]
    check: dg.AssetCheckKey | None
    error: StepError


@dataclass(frozen=True)
class Run:
    """One run."""

    instance: dg.DagsterInstance
    record: dg.RunRecord
    outcome: Outcome

    @property
    def run_id(self) -> str:
        """Dagster's key of it."""
        return self.record.dagster_run.run_id

    @property
    def at(self) -> datetime:
        """When it ended; while it has not, when it started or was asked for."""
        moment = self.record.end_time or self.record.start_time or self.record.create_timestamp.timestamp()
        return datetime.fromtimestamp(moment, UTC)

    @property
    def group(self) -> str | None:
        """The tag of its group."""
        return self.record.dagster_run.tags.get(tags.GROUP)

    @property
    def commands(self) -> tuple[str, ...]:
        """The collectors that it was for."""
        return tuple(filter(None, self.record.dagster_run.tags.get(tags.COMMAND, "").split(",")))

    @property
    def release(self) -> str | None:
        """The release that it was for, or the first and last of several."""
        told = self.record.dagster_run.tags
        if all(end in told for end in _RANGE):
            return " … ".join(told[end] for end in _RANGE)
        return told.get(tags.RELEASE) or told.get("dagster/partition")

    @cached_property
    def assets(self) -> frozenset[str]:
        """What it was to make."""
        chosen = self.record.dagster_run.asset_selection
        if chosen:  # a run of a whole job has none
            return frozenset(key.to_user_string() for key in chosen)
        return frozenset(asset for assets in planned_assets(self._events).values() for asset in assets)

    @cached_property
    def made(self) -> frozenset[str]:
        """The assets of the steps that succeeded."""
        if self.outcome is Outcome.succeeded:
            return self.assets
        done = {event.step_key for event in self._events if event.is_step_success}
        return frozenset(asset for step, all_ in planned_assets(self._events).items() if step in done for asset in all_)

    @cached_property
    def failed_steps(self) -> tuple[FailedStep, ...]:
        """The steps that failed; those of a canceled run did not, they were ended."""
        if self.outcome not in (Outcome.failed, Outcome.running):
            return ()
        assets, checks = planned_assets(self._events), planned_checks(self._events)
        return tuple(
            FailedStep(tuple(assets.get(error.step, ())), checks.get(error.step), error)
            for error in step_errors(self._events)
        )

    @cached_property
    def error(self) -> StepError:
        """Why it failed, if no step of it did."""
        if self.record.dagster_run.status is not dg.DagsterRunStatus.FAILURE:
            return StepError("", LOST)
        ends = self.instance.get_records_for_run(self.run_id, of_type=dg.DagsterEventType.RUN_FAILURE).records
        return end_error(ends[-1].event_log_entry.get_dagster_event()) if ends else StepError("", "failed")

    @cached_property
    def _events(self) -> list[dg.DagsterEvent]:
        kinds = {
            dg.DagsterEventType.STEP_FAILURE,
            dg.DagsterEventType.STEP_SUCCESS,
            dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED,
            dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED,
        }
        found = self.instance.get_records_for_run(self.run_id, of_type=kinds).records
        return [record.event_log_entry.get_dagster_event() for record in found]


def newest_runs(
    instance: dg.DagsterInstance, warehouse: Warehouse, tasks: Iterable[tuple[Collection[str], str]]
) -> Sequence[Run]:
    """Return the newest runs, and the last of each of `tasks`, the newest first.

    Args:
        instance: whose runs.
        warehouse: holds the locks of those that work.
        tasks: the names that a group may have in tags, and a command of it.
    """
    found = {record.storage_id: record for record in instance.get_run_records(limit=_NEWEST)}
    if len(found) == _NEWEST:
        for groups, command in tasks:
            found |= {record.storage_id: record for record in _last(instance, groups, command)}
    return [Run(instance, record, _outcome(record, warehouse)) for _, record in sorted(found.items(), reverse=True)]


def _last(instance: dg.DagsterInstance, groups: Collection[str], command: str) -> Sequence[dg.RunRecord]:
    told = (values for key, values in instance.get_run_tags(tag_keys=[tags.COMMAND]) if key == tags.COMMAND)
    holding = [value for values in told for value in values if command in value.split(",")]
    if not holding:
        return []
    return instance.get_run_records(dg.RunsFilter(tags={tags.GROUP: [*groups], tags.COMMAND: holding}), limit=1)


def _outcome(record: dg.RunRecord, warehouse: Warehouse) -> Outcome:
    outcome = _OUTCOMES.get(record.dagster_run.status, Outcome.queued)
    return Outcome.failed if outcome is Outcome.running and is_lost(record, warehouse) else outcome
