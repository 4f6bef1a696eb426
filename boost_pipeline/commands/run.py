"""Runs tasks, one after another, as Dagster runs that the instance records."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import FrameType

import dagster as dg

from boost_pipeline.boost.releases import SUPERPROJECT, read_tag
from boost_pipeline.collectors.registry import Selection
from boost_pipeline.commands.plan import Job
from boost_pipeline.commands.report import Outcome, Report, log_ended, log_started
from boost_pipeline.commands.terminal import display
from boost_pipeline.definitions import defs
from boost_pipeline.errors import BoostPipelineError, SettingsError
from boost_pipeline.progress import shown_by
from boost_pipeline.resources import open_mirrors
from boost_pipeline.scheduling import tags
from boost_pipeline.scheduling.pending import add_releases, pending_releases
from boost_pipeline.scheduling.run_errors import error_line, step_errors
from boost_pipeline.settings import Settings
from boost_pipeline.warehouse.databases import Databases
from boost_pipeline.warehouse.warehouse import Warehouse

logger = logging.getLogger("boost_pipeline")

_RANGE_START, _RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
_SILENT = {"console": {"config": {"log_level": "CRITICAL"}}}
"""Dagster's own lines stay in the instance, where the web UI shows them."""


def project_folder() -> Path:
    """Return the folder of `dagster.yaml`: the current one, or that of this checkout."""
    for folder in (Path.cwd(), Path(__file__).parents[2]):
        if (folder / "dagster.yaml").is_file():
            return folder
    raise SettingsError("There is no dagster.yaml here. Run this in the folder of the repository.")


@contextmanager
def open_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """Open the Dagster instance; at the end, stop the embedded server if this process was its last user."""
    with (
        Databases(settings).opened(),
        dg.DagsterInstance.from_config(str(project_folder()), "dagster.yaml") as instance,
    ):
        # Each of the hundreds of questions of a run would open a connection of its own. None is used for more than some
        # seconds, so that a server that was started again is soon a new one here as well.
        instance.optimize_for_webserver(statement_timeout=0, pool_recycle=5, max_overflow=20)
        yield instance


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does, so that everything that was started is stopped."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@dataclass(frozen=True)
class Platform:
    """What tasks run on."""

    settings: Settings
    definitions: dg.Definitions
    instance: dg.DagsterInstance
    warehouse: Warehouse

    def partitioned(self, selection: Selection) -> list[str]:
        """Return the assets of a selection that have a partition for each release."""
        graph = self.definitions.resolve_asset_graph()
        return [asset for asset in selection.assets if graph.get(_key(asset)).partitions_def is not None]

    def pending(self, job: Job) -> list[str]:
        """Return the known releases that wait for a job, oldest version first."""
        return pending_releases(self.instance, self.warehouse, self.partitioned(job.selection))

    def look_for_releases(self) -> None:
        """Ask the host, once in a batch, for stable releases that are not known yet; they are from then on.

        Raises:
            SourceError: the host does not answer as promised.
        """
        offered = self._offered
        with self.warehouse.transaction() as transaction:
            new = add_releases(self.instance, transaction, offered, prereleases=self.settings.release_prereleases)
        if new:
            logger.info("New releases: %s", ", ".join(new))

    @cached_property
    def _offered(self) -> list[str]:
        return open_mirrors(self.settings).tags(SUPERPROJECT)


@contextmanager
def open_platform(settings: Settings) -> Iterator[Platform]:
    """Open all that tasks need; at the end, stop the embedded server if this process was its last user."""
    with open_instance(settings) as instance:
        yield Platform(settings, defs, instance, Warehouse(Databases(settings).warehouse))


def upstream(definitions: dg.Definitions) -> dict[str, set[str]]:
    """Return for each asset all those that it is made from, near and far."""
    graph = definitions.resolve_asset_graph()
    found: dict[str, set[str]] = {}
    for key in graph.toposorted_asset_keys:
        parents = {parent.to_user_string() for parent in graph.get(key).parent_keys}
        found[key.to_user_string()] = parents.union(*(found.get(parent, set()) for parent in parents))
    return found


def run_jobs(jobs: Sequence[Job], platform: Platform, *, stop_on_failure: bool = False) -> Report:
    """Run jobs in order; a failed one stops what follows in its group, or with `stop_on_failure` in all, if asked to.

    The releases that wait for a job are asked for when it is its turn, as one before it may have found or read them. A
    host that cannot be asked fails the jobs that wait for releases, and no other.
    """
    report = Report()
    failed: list[Job] = []
    for job in jobs:
        for release, told in _releases(job, platform, _culprit(job, failed, everywhere=stop_on_failure)):
            culprit = _culprit(job, failed, everywhere=stop_on_failure)
            if told is not None:
                outcome = told
            elif culprit is not None:
                outcome = _skipped(job, culprit, release)
            else:
                log_started(job.command, job.group, release)
                outcome = _run(job, release, platform)
            log_ended(outcome)
            report.outcomes.append(outcome)
            if outcome.result == "failed":
                failed.append(job)
    return report


def _culprit(job: Job, failed: Sequence[Job], *, everywhere: bool) -> str | None:
    """Return the command whose failure keeps a job from running."""
    return next((f.command for f in failed if everywhere or (job.stop_on_failure and f.group == job.group)), None)


def _skipped(job: Job, culprit: str, release: str | None) -> Outcome:
    return Outcome(job.command, "skipped", errors=(f"{culprit} failed",), group=job.group, release=release)


def _releases(job: Job, platform: Platform, culprit: str | None) -> Iterator[tuple[str | None, Outcome | None]]:
    """Yield each release to run a job for; with an outcome if there is nothing to run, or no telling."""
    if not job.on_release or culprit is not None:
        yield _told_range(job.partitions), None
        return
    try:
        platform.look_for_releases()
        pending = platform.pending(job)
    except BoostPipelineError as error:
        yield None, Outcome(job.command, "failed", errors=(str(error),), group=job.group)
        return
    if not pending:
        yield None, Outcome(job.command, "no release", group=job.group)
    yield from ((release, None) for release in pending)


def _told_range(partitions: Sequence[str]) -> str | None:
    """Return how a report names what a run makes: a release, or the first and last of several."""
    if len(partitions) < 2:
        return next(iter(partitions), None)
    return f"{partitions[0]} … {partitions[-1].removeprefix('boost-')}"


def _version(tag: str) -> tuple[int, int, int, int, int, str]:
    return read_tag(tag).order


def _run(job: Job, release: str | None, platform: Platform) -> Outcome:
    started = time.monotonic()
    first, last = (job.partitions[0], job.partitions[-1]) if job.partitions else (release, release)
    with shown_by(display(platform.settings)):
        result = platform.definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=platform.instance,
            asset_selection=[_key(asset) for asset in job.selection.assets],
            run_config=job.selection.run_config() | {"loggers": _SILENT},
            partition_key=first if first == last else None,
            tags=_tags(job, first, last),
            raise_on_error=False,
        )
    if _interrupted(result):
        raise KeyboardInterrupt
    return Outcome(
        job.command,
        "succeeded" if result.success else "failed",
        time.monotonic() - started,
        _rows(result),
        tuple(_errors(result)),
        result.run_id,
        job.group,
        release,
    )


def _tags(job: Job, first: str | None, last: str | None) -> dict[str, str]:
    told = {tags.COMMAND: job.command} | ({tags.GROUP: job.group} if job.group else {})
    if first is None or last is None:
        return told
    if first == last:
        return told | {tags.RELEASE: first}
    return told | {_RANGE_START: first, _RANGE_END: last}


def _key(asset: str) -> dg.AssetKey:
    return dg.AssetKey(asset.split("/"))


def _interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Say whether Ctrl-C or SIGTERM ended the run: Dagster records that as a failure of a step, or of the run."""
    errors = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
    errors += [event.job_failure_data.error for event in result.all_events if event.is_job_failure]
    while errors := [error for error in errors if error is not None]:
        if any(error.cls_name == "DagsterExecutionInterruptedError" for error in errors):
            return True
        errors = [error.cause for error in errors]
    return False


def _rows(result: dg.ExecuteInProcessResult) -> int:
    total = 0
    for event in result.get_asset_materialization_events():
        for name, value in event.materialization.metadata.items():
            if name.startswith("rows ") and isinstance(value, dg.IntMetadataValue):
                total += value.value or 0
    return total


def _errors(result: dg.ExecuteInProcessResult) -> Iterator[str]:
    """Yield why a run failed: its steps, or what kept it from having any, such as a database that is down."""
    found = list(step_errors(result.all_events))
    for step in found:
        yield from (step.error, *step.units)
    if not found:
        yield from (error_line(e.job_failure_data.error) for e in result.all_events if e.is_job_failure)
