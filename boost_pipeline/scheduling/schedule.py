"""A schedule in memory: groups of tasks, in the order of the file.

Here belongs what a valid schedule is made of. How it is read, with all that can be wrong in a file, is
`schedule_file`; which tasks are due on a day is `due`.
"""

import datetime as dt
import keyword
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

# The order of datetime.date.weekday().
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LAST_DAY: Final = 31
LONGEST_INTERVAL: Final = 180  # minutes
# The job that runs the tasks of a group that wait for releases is named after the group's.
RELEASE_SUFFIX: Final = "_on_release"

# Dagster refuses these as the name of a job, and Python's keywords too (dagster._core.definitions.utils).
_REFUSED_JOBS: Final = frozenset(
    {"context", "conf", "config", "meta", "arg_dict", "dict", "input_arg_dict", "output_arg_dict"}
    | {"int", "str", "float", "bool", "input", "output", "type"}
)


class Kind(StrEnum):
    """When a task runs: at its group's time on some days, every so many minutes, or for each new Boost release."""

    daily = "daily"
    weekly = "weekly"
    monthly = "monthly"
    interval = "interval"
    on_release = "on_release"


class Problem(NamedTuple):
    """A mistake in the file, or what its author should know; line and column count from 1."""

    line: int
    column: int
    message: str

    def told(self, name: str) -> str:
        """Return the problem as compilers print it, which editors turn into links.

        >>> Problem(12, 7, "the list of tasks is missing").told("schedule.yaml")
        'schedule.yaml:12:7: the list of tasks is missing'
        """
        return f"{name}:{self.line}:{self.column}: {self.message}"


@dataclass(frozen=True, slots=True)
class Task:
    """One entry of a group: a collector, when it runs, and its arguments.

    `weekday` (0 is Monday, as in datetime) is set for weekly tasks only, `day` (1 to 31) for monthly and `minutes`
    (1 to 180) for interval tasks. `line` and `column` are where the file has it.
    """

    command: str
    kind: Kind
    weekday: int | None = None
    day: int | None = None
    minutes: int | None = None
    enabled: bool = True
    args: tuple[str, ...] = ()
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks that run one after another, in this order, at one time of day (UTC); disabled ones are among them."""

    name: str
    default_time: dt.time
    tasks: tuple[Task, ...] = ()
    stop_on_failure: bool = False
    line: int = 0

    @property
    def job_name(self) -> str:
        """The name of the group's Dagster job: the group's own, with `_` for what Dagster does not take.

        >>> Group("boost-docs", dt.time(16, 20)).job_name
        'boost_docs'
        """
        name = re.sub(r"[^A-Za-z0-9_]", "_", self.name)
        return f"{name}_" if name in _REFUSED_JOBS or keyword.iskeyword(name) else name

    @property
    def release_job_name(self) -> str:
        """The name of the Dagster job of the group's on_release tasks."""
        return self.job_name + RELEASE_SUFFIX

    def enabled(self, *kinds: Kind) -> tuple[Task, ...]:
        """Return the tasks that are switched on, in file order; with `kinds`, only those of these kinds."""
        return tuple(task for task in self.tasks if task.enabled and (not kinds or task.kind in kinds))


@dataclass(frozen=True, slots=True)
class Schedule:
    """All groups in file order, and what the author of the file should know although it works."""

    groups: tuple[Group, ...]
    warnings: tuple[Problem, ...] = ()

    @property
    def intervals(self) -> tuple[int, ...]:
        """The distinct minutes of all interval tasks that are switched on, ascending."""
        tasks = (task for group in self.groups for task in group.enabled(Kind.interval))
        return tuple(sorted({task.minutes for task in tasks if task.minutes is not None}))


def read_weekday(text: str) -> int | None:
    """Return the number of a weekday, named in full or by three letters in any case, or None for another word.

    >>> read_weekday("Mon"), read_weekday("SUNDAY"), read_weekday("tues")
    (0, 6, None)
    """
    word = text.strip().lower()
    return next((number for number, name in enumerate(WEEKDAYS) if word in {name, name[:3]}), None)
