"""How tasks ended: a log line for each start and end, and the summary of a batch."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from boost_pipeline.commands.terminal import print_table

logger = logging.getLogger("boost_pipeline")

_NUMBERS = ("duration", "rows written")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a task ended, for one release if it runs by release."""

    command: str
    result: Literal["succeeded", "failed", "skipped", "no release"]
    """"skipped" since another failed; "no release" waited for the task, which is no failure."""
    seconds: float = 0.0
    rows: int = 0
    """Rows inserted, updated and deleted."""
    errors: tuple[str, ...] = ()
    run_id: str | None = None
    group: str | None = None
    release: str | None = None


@dataclass
class Report:
    """How a batch of tasks ended."""

    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def succeeded(self) -> bool:
        """No task failed or was skipped."""
        return all(outcome.result in ("succeeded", "no release") for outcome in self.outcomes)


def log_started(command: str, group: str | None, release: str | None) -> None:
    """Log that a task starts."""
    extra = {"event": "started", "task": command, "group": group, "release": release}
    logger.info("%s: started", _named(command, release), extra=extra)


def log_ended(outcome: Outcome) -> None:
    """Log how a task ended, and a line for each of its errors."""
    name, extra = _named(outcome.command, outcome.release), _fields(outcome)
    match outcome.result:
        case "skipped":
            logger.warning("%s: skipped, since %s", name, "; ".join(outcome.errors), extra=extra)
            return
        case "no release":
            logger.info("%s: no release is pending", name, extra=extra)
            return
    level = logging.INFO if outcome.result == "succeeded" else logging.ERROR
    text = "%s: %s in %s, %d rows written"
    logger.log(level, text, name, outcome.result, duration(outcome.seconds), outcome.rows, extra=extra)
    for error in outcome.errors:
        told = {name: value for name, value in extra.items() if name in ("task", "group", "release", "run_id")}
        logger.error("%s: %s", name, error, extra=told)


def _fields(outcome: Outcome) -> dict[str, object]:
    return {
        "event": "finished" if outcome.result in ("succeeded", "failed") else "skipped",
        "task": outcome.command,
        "group": outcome.group,
        "release": outcome.release,
        "outcome": outcome.result,
        "seconds": round(outcome.seconds, 3),
        "rows": outcome.rows,
        "run_id": outcome.run_id,
    }


def _named(command: str, release: str | None) -> str:
    return f"{command} {release}" if release else command


def duration(seconds: float) -> str:
    """Return a duration as people read it.

    >>> duration(1.25), duration(3725)
    ('1.2 s', '1:02:05')
    """
    return f"{seconds:.1f} s" if seconds < 60 else str(timedelta(seconds=round(seconds)))


def print_report(report: Report) -> None:
    """Print a line for each task, with the version of its release if any task has one."""
    rows = [(o.command, o.result, duration(o.seconds), f"{o.rows:,}") for o in report.outcomes]
    columns: tuple[str, ...] = ("task", "outcome", "duration", "rows written")
    releases = [(o.release or "").removeprefix("boost-") for o in report.outcomes]
    if any(releases):
        columns = (*columns, "release")
        print_table(columns, [(*row, release) for row, release in zip(rows, releases, strict=True)], right=_NUMBERS)
    else:
        print_table(columns, rows, right=_NUMBERS)
