"""How the platform stands: what ran last, what is wrong now, and what mends it. The one definition of "wrong".

The command `status`, its exit code and the dashboard all show this; `scheduling.health` reads it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Literal

from boost_pipeline.reports.freshness import lasting

NOTHING: Final = "nothing to check"
"""What a check says that had nothing to compare: it passed no proof, and found no fault."""

_WELL: Final = "no run, no check and no unit fails"
_AGAIN: Final = "the next run tries again"
MENDS: Final = {
    "network": f"Nothing, if it passes: {_AGAIN}. If it stays, see what `boost-pipeline check` says of the host.",
    "rate_limit": f"Nothing: {_AGAIN}. `boost-pipeline budget` tells what is left and what runs cost.",
    "permission": "See whether it is gone, renamed or private, or give the token the right to read it.",
    "auth": "Renew the token in the settings; `boost-pipeline check` tells whether it is taken.",
    "settings": "Change the setting in .env or the environment.",
    "schedule": "Mend the line in schedule.yaml.",
    "host": "Mend the repository over there, as the error says; the mirror keeps what it has.",
    "corrupt": f"Nothing, as a rule: {_AGAIN}, from a fresh copy. If it stays, look at the source.",
    "database": "See whether the server runs and its disk has room: `boost-pipeline db status`.",
    "validation": "Look at what the error names: the source holds what was not expected there.",
    "unknown": "Report it, with the stack trace that the run has in the web UI.",
}
"""What to do about a failure, by the category of its error (`errors`)."""


Kind = Literal["run", "check", "late", "unit"]
"""What it is that is wrong."""


class Outcome(StrEnum):
    """What became of the last run of a task."""

    succeeded = "succeeded"
    failed = "failed"
    running = "running"
    queued = "queued"
    canceled = "canceled"
    """Somebody ended it."""
    skipped = "skipped"
    """What it needs failed before it, in the same run."""
    pending = "pending"
    """A release waits for it."""
    never = "never"


class CheckResult(StrEnum):
    """What a check of an asset last said."""

    passed = "passed"
    warning = "warning"
    """It failed, with the severity WARN."""
    failed = "failed"
    nothing = NOTHING


class Verdict(StrEnum):
    """How it all stands."""

    fine = "fine"
    warning = "warning"
    """Nothing has failed, but something should be looked at."""
    wrong = "wrong"
    empty = "empty"
    """Nothing has run yet."""


@dataclass(frozen=True, slots=True)
class TaskState:
    """The last run of a task of the schedule, or of one that was started by hand."""

    group: str | None
    """None: by hand."""
    task: str
    """The command; of a run without one, its assets."""
    outcome: Outcome = Outcome.never
    at: datetime | None = None
    """When the run ended; while it has not, when it started or was asked for."""
    release: str | None = None
    """What the run was for, if it was for a release."""
    error: str | None = None
    mend: str | None = None
    again: str | None = None
    """What runs it again."""
    run_id: str | None = None
    is_mended: bool = False
    """A later run did what this one failed to do."""
    waiting: tuple[str, ...] = ()
    """The releases that wait for the task."""
    is_off: bool = False
    """The schedule of its group was switched off in the web UI."""

    @property
    def told(self) -> str:
        """The outcome in words: "failed, mended since", "failed, 1 pending", "succeeded, switched off"."""
        words = [str(self.outcome)]
        if self.is_mended:
            words.append("mended since")
        if self.waiting and self.outcome is not Outcome.pending:
            words.append(f"{len(self.waiting)} pending")
        if self.is_off:
            words.append("switched off")
        return ", ".join(words)


@dataclass(frozen=True, slots=True)
class CheckState:
    """A check that was made: whether our rows equal an outside truth."""

    asset: str
    check: str
    result: CheckResult
    at: datetime
    description: str


@dataclass(frozen=True, slots=True)
class AssetState:
    """How the tables of an asset stand."""

    asset: str
    rows: int | None
    """Rows of its main table when it was last made; None: it has none, or was never made."""
    partitions: str
    """Materialised partitions of all, for a partitioned asset: "88 of 90"."""
    open_failures: int
    checked_at: datetime | None = None
    """When all of it was last looked at without a failure, whether or not there was anything new; None: never."""
    changed_at: datetime | None = None
    due: str | None = None
    """How often the schedule looks at it, in words: "daily"; None: no task does."""
    late_by: timedelta | None = None
    """How long ago a look was due that did not come."""


@dataclass(frozen=True, slots=True)
class OpenFailure:
    """A unit that failed when it was last tried; the next run tries it again."""

    asset: str
    unit: str
    category: str
    error: str
    attempts: int
    """In a row."""
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong now."""

    kind: Kind
    what: str
    error: str
    mend: str
    at: datetime | None
    again: str | None = None
    """The command that tries it again once it is mended."""
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """All of it, as of one moment."""

    as_of: datetime
    tasks: tuple[TaskState, ...]
    """In the order of the schedule, then those by hand."""
    failed_runs: tuple[Trouble, ...]
    """What runs failed to do and none did since; what its checks found is not among it."""
    checks: tuple[CheckState, ...]
    failures: tuple[OpenFailure, ...]
    assets: tuple[AssetState, ...]
    """By group; without those that no task names and that were never made."""
    off: tuple[str, ...] = ()
    """The schedules and sensors that were switched off in the web UI."""

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """All that is wrong: failed runs, failed checks of severity ERROR, late assets, units that fail."""
        return (*self.failed_runs, *self._failed_checks(), *self._late(), *self._units())

    @property
    def warnings(self) -> tuple[str, ...]:
        """What should be looked at and is not wrong."""
        canceled = (t for t in self.tasks if t.outcome is Outcome.canceled)
        checks = (check for check in self.checks if check.result is CheckResult.warning)
        return (
            *(f"{check.asset}, {check.check}: {check.description}" for check in checks),
            *(f"{_named(task)}: its last run was canceled." for task in canceled),
            *(f"{name} is switched off; switch it on in the web UI, on the page Automation." for name in self.off),
        )

    @property
    def verdict(self) -> Verdict:
        """How it all stands, in a word."""
        if self.troubles:
            return Verdict.wrong
        if not any(task.run_id for task in self.tasks):
            return Verdict.empty
        return Verdict.warning if self.warnings else Verdict.fine

    @property
    def line(self) -> str:
        """The verdict in a line, with what works now."""
        told = self.judgement
        running = sum(task.outcome is Outcome.running for task in self.tasks)
        return f"{told} {_count(running, 'task is', 'tasks are')} running." if running else told

    def as_json(self) -> dict[str, Any]:
        """Return all of it for a script: times as ISO 8601 in UTC, durations in seconds."""
        told = {"verdict": self.verdict, "line": self.line, "troubles": self.troubles, "warnings": self.warnings}
        plain = {name: getattr(self, name) for name in ("as_of", "tasks", "checks", "failures", "assets", "off")}
        found: dict[str, Any] = _plain(told | plain)
        return found

    @property
    def judgement(self) -> str:
        """The verdict in a line."""
        match self.verdict:
            case Verdict.empty:
                return "Nothing has run yet. Start with: boost-pipeline run --schedule daily"
            case Verdict.fine:
                return f"Fine: {_WELL}."
            case Verdict.warning:
                return f"Fine, with {_count(len(self.warnings), 'warning', 'warnings')}: {_WELL}."
            case Verdict.wrong:
                found = Counter(trouble.kind for trouble in (*self._failed_checks(), *self._late(), *self._units()))
                found["run"] = len({trouble.run_id for trouble in self.failed_runs})
                words: dict[Kind, tuple[str, str]] = {
                    "run": ("failed run", "failed runs"),
                    "check": ("failed check", "failed checks"),
                    "late": ("late asset", "late assets"),
                    "unit": ("failing unit", "failing units"),
                }
                return f"Wrong: {', '.join(_count(found[kind], *word) for kind, word in words.items() if found[kind])}."

    def _failed_checks(self) -> Iterator[Trouble]:
        for check in self.checks:
            if check.result is CheckResult.failed:
                mend = "Read it again, as docs/operations.md says below Mending. If it fails still, report it."
                yield Trouble("check", f"{check.asset}, {check.check}", check.description, mend, check.at)

    def _late(self) -> Iterator[Trouble]:
        for asset in self.assets:
            if asset.late_by is not None:
                error = f"It is {asset.due}, and {lasting(asset.late_by)} late."
                mend = "See whether `boost-pipeline up` runs, and whether its schedule is switched on."
                yield Trouble("late", asset.asset, error, mend, asset.checked_at)

    def _units(self) -> Iterator[Trouble]:
        for one in self.failures:
            mend = MENDS.get(one.category, MENDS["unknown"])
            yield Trouble("unit", f"{one.asset}, {one.unit}", one.error, mend, one.last_seen)


def _named(task: TaskState) -> str:
    return ", ".join(filter(None, [task.group or "by hand", task.task, task.release]))


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case _ if hasattr(value, "__dataclass_fields__"):
            return _plain(asdict(value))
        case _:
            return value
