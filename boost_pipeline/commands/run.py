"""Runs tasks, one after another, as Dagster runs that the instance records."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import dagster as dg

from boost_pipeline.collectors.registry import Selection
from boost_pipeline.commands.terminal import display, print_table
from boost_pipeline.errors import SettingsError
from boost_pipeline.progress import shown_by
from boost_pipeline.settings import Settings
from boost_pipeline.warehouse.databases import Databases

logger = logging.getLogger("boost_pipeline")

_SILENT = {"console": {"config": {"log_level": "CRITICAL"}}}
"""Dagster's own lines stay in the instance, where the web UI shows them."""


@dataclass(frozen=True, slots=True)
class Job:
    """One task to run: its command, the group that it stands in, and what it asks for."""

    command: str
    group: str | None
    selection: Selection


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a task ended."""

    command: str
    result: str
    """succeeded, failed, skipped."""
    seconds: float = 0.0
    rows: int = 0
    """Rows inserted, updated and deleted."""
    errors: tuple[str, ...] = ()
    run_id: str | None = None


@dataclass
class Report:
    """How a batch of tasks ended."""

    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def succeeded(self) -> bool:
        """Every task succeeded."""
        return all(outcome.result == "succeeded" for outcome in self.outcomes)


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


def run_jobs(
    jobs: Sequence[Job], definitions: dg.Definitions, instance: dg.DagsterInstance, *, stop_on_failure: bool = False
) -> Report:
    """Run `jobs` in order; a failed one does not stop the rest unless `stop_on_failure`."""
    report = Report()
    failed: str | None = None
    for job in jobs:
        if failed is not None and stop_on_failure:
            logger.warning("%s: skipped, since %s failed", job.command, failed)
            report.outcomes.append(Outcome(job.command, "skipped", errors=(f"{failed} failed",)))
            continue
        logger.info("%s: started", job.command)
        outcome = _run(job, definitions, instance)
        level = logging.INFO if outcome.result == "succeeded" else logging.ERROR
        logger.log(level, "%s: %s in %s", job.command, outcome.result, _duration(outcome.seconds))
        for error in outcome.errors:
            logger.error("%s: %s", job.command, error)
        report.outcomes.append(outcome)
        failed = failed or (job.command if outcome.result == "failed" else None)
    return report


def _run(job: Job, definitions: dg.Definitions, instance: dg.DagsterInstance) -> Outcome:
    started = time.monotonic()
    with shown_by(display()):
        result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance,
            asset_selection=[dg.AssetKey(key.split("/")) for key in job.selection.assets],
            run_config=job.selection.run_config() | {"loggers": _SILENT},
            tags={"boost/command": job.command} | ({"boost/group": job.group} if job.group else {}),
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
    )


def _interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Say whether Ctrl-C or SIGTERM ended the run: Dagster records that as the failure of a step."""
    failures = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
    return any(error is not None and error.cls_name == "DagsterExecutionInterruptedError" for error in failures)


def _rows(result: dg.ExecuteInProcessResult) -> int:
    total = 0
    for event in result.get_asset_materialization_events():
        for name, value in event.materialization.metadata.items():
            if name.startswith("rows ") and isinstance(value, dg.IntMetadataValue):
                total += value.value or 0
    return total


def _errors(result: dg.ExecuteInProcessResult) -> Iterator[str]:
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            if data.user_failure_data is not None and data.user_failure_data.description:
                yield data.user_failure_data.description
                failed: Any = data.user_failure_data.metadata.get("failed")
                if failed is not None:
                    yield from (f"{unit}: {line}" for unit, line in failed.data.items())
            else:
                messages = []
                error = data.error
                while error is not None:
                    messages.append(" ".join(error.message.split()))
                    error = error.cause
                yield _told(messages)


def _told(messages: Sequence[str]) -> str:
    """Return the message of our own error among a chain of causes, without its class; the innermost if none is ours."""
    for message in messages:
        name, separator, rest = message.partition(": ")
        if separator and name.startswith("boost_pipeline."):
            return rest
    return messages[-1] if messages else "failed without an error"


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else str(timedelta(seconds=round(seconds)))


def print_report(report: Report) -> None:
    """Print a line for each task."""
    print_table(
        ("task", "outcome", "duration", "rows written"),
        [(o.command, o.result, _duration(o.seconds), f"{o.rows:,}") for o in report.outcomes],
        right=("duration", "rows written"),
    )
