"""What a run prints where it works, such as below `up`: a line when it starts, one when it ends, and what went wrong.

Everything else that Dagster has to say of a run is in the instance, where the web UI shows it. Dagster takes a logger
only for a run whose configuration names it; for others, such as an asset materialised by hand, it prints all it has.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import dagster as dg

from boost_pipeline.scheduling import tags
from boost_pipeline.scheduling.run_errors import StepError, step_errors

NAME: Final = "console"
"""As Dagster calls the logger in whose place ours stands."""
CHOSEN: Final[dict[str, Any]] = {NAME: {"config": {}}}
"""What the configuration of a run says under `loggers`."""

_ENDS = {
    dg.DagsterEventType.RUN_SUCCESS: "succeeded",
    dg.DagsterEventType.RUN_FAILURE: "failed",
    dg.DagsterEventType.RUN_CANCELED: "was canceled",
}


@dg.logger({"log_level": dg.Field(str, default_value="DEBUG"), "name": dg.Field(str, default_value="boost_pipeline")})
def run_log(context: dg.InitLoggerContext) -> logging.Logger:
    """Print a run's start, end, warnings and errors to standard error. The options are those of Dagster's own."""
    made = logging.Logger(context.logger_config["name"])  # noqa: LOG001 - of this run alone, as Dagster makes its own
    made.addHandler(_Lines(context.logger_config["log_level"]))
    return made


@dataclass
class _Tally:
    """What the last line of a run tells."""

    started: float = field(default_factory=time.monotonic)
    rows: int = 0


@cache
def _tally(_run_id: str) -> _Tally:
    """Return that of a run, which has a logger for each of its parts; a process works on one run."""
    return _Tally()


class _Lines(logging.Handler):
    """Prints what of a run is worth a line."""

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        told: Any = record.dagster_meta  # type: ignore[attr-defined] # Dagster's mark on each of a run's records
        event: dg.DagsterEvent | None = told["dagster_event"]
        if event is not None:
            lines = _lines(event, _tally(told["run_id"]))
        else:
            lines = [told["orig_message"]] if record.levelno >= logging.WARNING else []
        at = time.strftime("%H:%M:%S", time.localtime(record.created))
        for line in lines:
            print(f"{at} {_name(told['job_tags'], told['job_name'])}: {line}", file=sys.stderr, flush=True)  # noqa: T201


def _lines(event: dg.DagsterEvent, tally: _Tally) -> list[str]:
    """Return the lines that an event is worth, and count what the last of them tells."""
    match event.event_type:
        case dg.DagsterEventType.RUN_START:
            tally.started = time.monotonic()
            return ["started"]
        case dg.DagsterEventType.ASSET_MATERIALIZATION:
            metadata = event.step_materialization_data.materialization.metadata
            counts = [value for name, value in metadata.items() if name.startswith("rows ")]
            tally.rows += sum(one.value or 0 for one in counts if isinstance(one, dg.IntMetadataValue))
        case dg.DagsterEventType.STEP_FAILURE:
            return [line for step in step_errors([event]) for line in _errors(step)]
        case kind if kind in _ENDS:
            return [f"{_ENDS[kind]} in {time.monotonic() - tally.started:.1f} s, {tally.rows} rows written"]
    return []


def _errors(step: StepError) -> Iterator[str]:
    """Yield the error of a step, which tells the first unit, and the other units that failed in it."""
    yield step.error
    yield from (f"{one.asset}, {one.unit}: {one.error}" for one in step.units[1:])


def _name(run_tags: dict[str, str], job: str | None) -> str:
    """Return how a run is named: by its tasks and release, as `run` does, or by its job."""
    task = run_tags.get(tags.COMMAND, job or "run").replace(",", ", ")
    return f"{task} {run_tags[tags.RELEASE]}" if tags.RELEASE in run_tags else task
