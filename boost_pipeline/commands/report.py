"""How tasks ended: a log line for each start and end, and the summary of a batch."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

from boost_pipeline.commands.terminal import print_table

if TYPE_CHECKING:
    from boost_pipeline.scheduling.run_errors import UnitError

logger = logging.getLogger("boost_pipeline")

_NUMBERS = ("duration", "rows written")
_MOST: Final = 10
"""Failed units of an asset, and their errors, that are told one by one; the status tells all."""


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
    _told: set[str] = field(default_factory=set)
    """The errors that were logged: one that meets several tasks is told once."""

    def add(self, outcome: Outcome) -> None:
        """Take a task that ended, and log how."""
        self.outcomes.append(outcome)
        log_ended(outcome, self._told)

    @property
    def succeeded(self) -> bool:
        """No task failed or was skipped."""
        return all(outcome.result in ("succeeded", "no release") for outcome in self.outcomes)


def log_started(command: str, group: str | None, release: str | None) -> None:
    """Log that a task starts."""
    extra = {"event": "started", "task": command, "group": group, "release": release}
    logger.info("%s: started", _named(command, release), extra=extra)


def log_ended(outcome: Outcome, told: set[str]) -> None:
    """Log how a task ended, and a line for each of its errors that is not among those that were told before."""
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
    errors = list(dict.fromkeys(outcome.errors))
    new = [error for error in errors if error not in told]
    told.update(new)
    for line in new or (["for a reason that is told above"] if errors else []):
        fields = {name: value for name, value in extra.items() if name in ("task", "group", "release", "run_id")}
        logger.error("%s: %s", name, line, extra=fields)


def unit_lines(failed: Sequence[UnitError]) -> Iterator[str]:
    """Yield a line for each asset, with its units that failed, and then each error once, with its unit."""
    units: dict[str, list[str]] = defaultdict(list)
    for each in failed:
        units[each.asset].append(each.unit)
    for asset, names in units.items():
        yield f"{asset}: failed units: {', '.join(names[:_MOST])}{_more(len(names))}"
    errors = dict.fromkeys(e.error if e.error.startswith(f"{e.unit}: ") else f"{e.unit}: {e.error}" for e in failed)
    yield from list(errors)[:_MOST]
    if more := _more(len(errors)):
        yield f"{more.strip()} errors; `boost-pipeline status` tells all"


def _more(count: int) -> str:
    return f" … and {count - _MOST} more" if count > _MOST else ""


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
    if failed := sum(outcome.result == "failed" for outcome in report.outcomes):
        told = "failed task: the reason is" if failed == 1 else "failed tasks: the reasons are"
        logger.error("%d %s above, and in `boost-pipeline status`", failed, told)
