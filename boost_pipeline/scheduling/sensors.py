"""The sensors: new releases, and runs whose process is gone.

The failure of runs is told by `scheduling.alerts`.
"""

import time
from collections.abc import Iterator
from typing import Final

import dagster as dg

from boost_pipeline.boost.releases import SUPERPROJECT
from boost_pipeline.scheduling.jobs import Automation
from boost_pipeline.scheduling.pending import add_releases, offered_tags
from boost_pipeline.sources.git import GitMirrors
from boost_pipeline.warehouse.warehouse import Warehouse

LOST: Final = "The process of this run is gone: it was killed, or its machine."

_SECONDS_TO_START: Final = 30
"""A run says that it started a moment before it holds its lock."""


def release_sensor(
    automation: Automation, mirrors: GitMirrors, minutes: float, *, prereleases: bool = False
) -> dg.SensorDefinition | None:
    """Return the sensor `on_release`; None where no task waits for releases.

    Each tick asks the host for the superproject's tags, adds the partitions of new stable ones, and requests a run for
    each task and release that waits. A host that does not answer fails the tick, and nothing else.
    """
    if not automation.release_jobs:
        return None
    names = {group.release_job_name for group, _ in automation.release_jobs}

    @dg.sensor(
        name="on_release",
        jobs=[job for job in automation.jobs if job.name in names],
        minimum_interval_seconds=round(minutes * 60),
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Looks for new tags of boostorg/boost, and starts what waits for releases.",
    )
    def on_release(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        tags = offered_tags(automation.warehouse, lambda: mirrors.tags(SUPERPROJECT))
        with automation.warehouse.transaction() as transaction:
            add_releases(context.instance, transaction, tags, prereleases=prereleases)
        found = False
        for group, task in automation.release_jobs:
            for request in automation.release_requests(context.instance, group, task, "new", group.release_job_name):
                found = True
                yield request
        if not found:
            yield dg.SkipReason("No release waits.")

    return on_release


def lost_runs_sensor(warehouse: Warehouse) -> dg.SensorDefinition:
    """Return the sensor `lost_runs`: it ends runs that say they work while their process is gone.

    A run holds a lock in the warehouse as long as its process lives; Dagster's own launcher does not notice a machine
    that went down. Ended as failed, a lost run is retried by Dagster's `run_retries`.
    """

    @dg.sensor(
        name="lost_runs",
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Ends runs whose process is gone, so that none stays started for ever.",
    )
    def lost_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        statuses = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
        ended = []
        for record in context.instance.get_run_records(dg.RunsFilter(statuses=statuses)):
            if is_lost(record, warehouse):
                context.instance.report_run_failed(record.dagster_run, LOST)
                ended.append(record.dagster_run.run_id[:8])
        return dg.SkipReason(f"Ended: {', '.join(ended)}." if ended else "No run is lost.")

    return lost_runs


def is_lost(record: dg.RunRecord, warehouse: Warehouse) -> bool:
    """Tell whether a run that says that it works has no process any more."""
    started = record.start_time or time.time()
    return time.time() - started > _SECONDS_TO_START and not warehouse.is_held(run_lock(record.dagster_run.run_id))


def run_lock(run_id: str) -> str:
    """Return the name of the lock that a living run holds."""
    return f"run {run_id}"
