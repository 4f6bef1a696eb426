"""Runs tasks, one after another, as Dagster runs that the instance records."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import dagster as dg
from dagster._core.instance.ref import InstanceRef

from boost_pipeline.boost.releases import SUPERPROJECT, read_tag
from boost_pipeline.collectors.due import due_by
from boost_pipeline.collectors.registry import Selection
from boost_pipeline.commands.ending import signals
from boost_pipeline.commands.plan import Job
from boost_pipeline.commands.report import Outcome, Report, log_started, unit_lines
from boost_pipeline.commands.terminal import display
from boost_pipeline.definitions import defs
from boost_pipeline.errors import BoostPipelineError, SettingsError
from boost_pipeline.instance import HomeComputeLogManager
from boost_pipeline.progress import shown_by
from boost_pipeline.reports.freshness import Due
from boost_pipeline.resources import open_mirrors
from boost_pipeline.scheduling import tags
from boost_pipeline.scheduling.pending import add_releases, note_none_waits, offered_tags, pending_releases
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


class CommandInstance(dg.DagsterInstance):
    """The instance as a command uses it: a run that Ctrl-C or SIGTERM ended is canceled.

    Dagster takes the end of its own process for a failure unless somebody asked for it in its web UI, and would start
    the run once more.
    """

    @classmethod
    def config_schema(cls) -> dict[str, Any]:
        """It takes no configuration; Dagster asks every class of this kind."""
        return {}

    @classmethod
    def config_defaults(cls, base_dir: str) -> Any:
        """Those of any instance."""
        return InstanceRef.config_defaults(base_dir)

    def handle_new_event(self, event: dg.EventLogEntry, **how: Any) -> None:
        """Store an event; see `DagsterInstance`."""
        told = event.dagster_event
        run = self.get_run_by_id(event.run_id) if told is not None and told.is_job_failure else None
        if run is not None and signals.received():
            self.report_run_canceled(run, "Stopped by a signal to the command that ran it.")
        else:
            super().handle_new_event(event, **how)


@contextmanager
def open_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """Open the Dagster instance; at the end, stop the embedded server if this process was its last user."""
    ours = {"instance_class": {"module": CommandInstance.__module__, "class": CommandInstance.__name__}}
    with Databases(settings).opened():
        ref = InstanceRef.from_dir(str(project_folder()), config_filename="dagster.yaml", overrides=ours)
        with dg.DagsterInstance.from_ref(ref) as instance:
            # Each of the hundreds of questions of a run would open a connection of its own. None is used for more than
            # some seconds, so that a server that was started again is soon a new one here as well.
            instance.optimize_for_webserver(statement_timeout=0, pool_recycle=5, max_overflow=20)
            if isinstance(instance.compute_log_manager, HomeComputeLogManager):
                instance.compute_log_manager.mirrored = False
            yield instance


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

    def note_none_waits(self, job: Job) -> None:
        """Record that no release waits for those assets of a job that only releases start."""
        for asset in self.partitioned(job.selection):
            if (due := self.due.get(asset)) and due.by_release:
                note_none_waits(self.instance, self.warehouse, asset)

    @cached_property
    def due(self) -> Mapping[str, Due]:
        """How often each asset is due by the schedule file."""
        return due_by(self.settings)

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
        return offered_tags(self.warehouse, lambda: open_mirrors(self.settings).tags(SUPERPROJECT))


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
            report.add(outcome)
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
        platform.note_none_waits(job)
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
    with _canceled_if_stopped(platform.instance) as run_id, shown_by(display()):
        result = platform.definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=platform.instance,
            asset_selection=[_key(asset) for asset in job.selection.assets],
            run_config=job.selection.run_config() | {"loggers": _SILENT},
            partition_key=first if first == last else None,
            tags=_tags(job, first, last),
            raise_on_error=False,
            run_id=run_id,
        )
        if signals.received():  # which Dagster took for itself, and tells only to what it was working on
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


@contextmanager
def _canceled_if_stopped(instance: dg.DagsterInstance) -> Iterator[str]:
    """Yield the id of a run to come; stopped before Dagster looks after signals, it is not left unfinished."""
    run_id = str(uuid4())
    try:
        yield run_id
    except KeyboardInterrupt:
        run = instance.get_run_by_id(run_id)
        if run is not None and not run.is_finished:
            instance.report_run_canceled(run, "Stopped by a signal to the command that ran it.")
        raise


def _tags(job: Job, first: str | None, last: str | None) -> dict[str, str]:
    told = {tags.COMMAND: job.command} | ({tags.GROUP: job.group} if job.group else {})
    if first is None or last is None:
        return told
    if first == last:
        return told | {tags.RELEASE: first}
    return told | {_RANGE_START: first, _RANGE_END: last}


def _key(asset: str) -> dg.AssetKey:
    return dg.AssetKey(asset.split("/"))


def _rows(result: dg.ExecuteInProcessResult) -> int:
    """Add up the rows that steps tell, those that failed included: what they wrote before is written."""
    told = [event.materialization.metadata for event in result.get_asset_materialization_events()]
    failures = [event.step_failure_data.user_failure_data for event in result.all_events if event.is_step_failure]
    told += [failure.metadata for failure in failures if failure is not None]
    return sum(
        value.value or 0
        for metadata in told
        for name, value in metadata.items()
        if name.startswith("rows ") and isinstance(value, dg.IntMetadataValue)
    )


def _errors(result: dg.ExecuteInProcessResult) -> Iterator[str]:
    """Yield why a run failed: its steps, or what kept it from having any, such as a database that is down."""
    found = list(step_errors(result.all_events))
    for step in found:
        yield from unit_lines(step.units) if step.units else [step.error]
    if not found:
        yield from (error_line(e.job_failure_data.error) for e in result.all_events if e.is_job_failure)
