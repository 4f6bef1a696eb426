"""Which tasks are due, and how they are cut into runs: pure functions of a schedule and a day.

Nothing here knows the clock: the day or the moment is an argument, so that a late tick is judged by its own date.
"""

import calendar as months
import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from boost_pipeline.errors import ScheduleError, UnknownName
from boost_pipeline.scheduling.intervals import ticks
from boost_pipeline.scheduling.schedule import LAST_DAY, LONGEST_INTERVAL, Group, Kind, Schedule, Task, read_weekday
from boost_pipeline.scheduling.schedule_file import Commands
from boost_pipeline.scheduling.wording import nearest, shown

DEFAULT: Final = "default"
"""What `--schedule` calls the batch of a group: all its tasks that are due today, whatever their kind."""

_MINUTE: Final = dt.timedelta(minutes=1)
_LONGEST_CALENDAR: Final = 366 * 1000  # days


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What one group starts at one moment (UTC).

    `tasks` are due then. `on_release` are the tasks that join them if a release waits for them. `minutes` is the
    interval that ticks, or None at the group's own time.
    """

    at: dt.datetime
    group: Group
    tasks: tuple[Task, ...]
    on_release: tuple[Task, ...] = ()
    minutes: int | None = None


def is_due(task: Task, day: dt.date) -> bool:
    """Tell whether a task runs at its group's time on this day.

    A day that the month does not have means its last. What waits for a release or repeats within the day is not due
    on a day, and neither is a disabled task.
    """
    if not task.enabled:
        return False
    match task.kind:
        case Kind.daily:
            return True
        case Kind.weekly:
            return task.weekday == day.weekday()
        case Kind.monthly:
            return _day_in(task, day) == day.day
        case _:
            return False


def _day_in(task: Task, month: dt.date) -> int | None:
    return task.day and min(task.day, months.monthrange(month.year, month.month)[1])


def resolve(
    schedule: Schedule,
    kind: Kind | str,
    *,
    group: str | None = None,
    day_of_week: str | None = None,
    day_of_month: int | None = None,
    interval_minutes: int | None = None,
    today: dt.date,
) -> list[tuple[Group, list[Task]]]:
    """Return the tasks that `boost-pipeline run --schedule KIND` means, by group in file order.

    A kind means its tasks, of all groups or of one: weekly those of `day_of_week`, interval those of exactly
    `interval_minutes`, monthly those whose day, in the month of `today`, is `day_of_month`. The kind "default" means
    what the group starts at its time today, with all its on_release tasks; whether a release waits for them is for
    the caller to ask. A value that the kind does not need is not looked at.

    Raises:
        ScheduleError: a value that the kind needs is missing or cannot be; the text names its flag.
        UnknownName: there is no group of that name.
    """
    if kind == DEFAULT and group is None:
        raise ScheduleError("--schedule default needs --group: name the group whose batch is meant.")
    wanted = _wanted(str(kind), day_of_week, day_of_month, interval_minutes, today)
    groups = schedule.groups if group is None else [_named(schedule, group)]
    found = [(each, [task for task in each.enabled() if wanted(task)]) for each in groups]
    return [(each, tasks) for each, tasks in found if tasks]


def _wanted(
    kind: str, day_of_week: str | None, day_of_month: int | None, interval_minutes: int | None, today: dt.date
) -> Callable[[Task], bool]:
    match kind:
        case Kind.daily | Kind.on_release:
            return lambda task: task.kind == kind
        case Kind.weekly:
            weekday = _weekday(day_of_week)
            return lambda task: task.weekday == weekday
        case Kind.monthly:
            day = _number("monthly", "--day-of-month", day_of_month, LAST_DAY)
            return lambda task: _day_in(task, today) == day
        case Kind.interval:
            minutes = _number("interval", "--interval-minutes", interval_minutes, LONGEST_INTERVAL)
            return lambda task: task.minutes == minutes
        case "default":
            return lambda task: task.kind is Kind.on_release or is_due(task, today)
        case _:
            raise ScheduleError(f"--schedule cannot be {shown(kind)}: it is one of {', '.join([*Kind, DEFAULT])}.")


def _named(schedule: Schedule, name: str) -> Group:
    by_name = {group.name: group for group in schedule.groups}
    if name not in by_name:
        near = nearest(name, by_name)
        mend = f"did you mean {shown(near)}?" if near else f"there are {', '.join(map(shown, by_name))}."
        raise UnknownName(f"The schedule has no group {shown(name)}; {mend}")
    return by_name[name]


def _weekday(text: str | None) -> int:
    if text is None:
        raise ScheduleError("--schedule weekly needs --day-of-week, such as monday.")
    weekday = read_weekday(text)
    if weekday is None:
        raise ScheduleError(f"--day-of-week cannot be {shown(text)}: it is a day such as monday or mon.")
    return weekday


def _number(kind: str, flag: str, value: int | None, highest: int) -> int:
    if value is None:
        raise ScheduleError(f"--schedule {kind} needs {flag}, from 1 to {highest}.")
    if not 1 <= value <= highest:
        raise ScheduleError(f"{flag} cannot be {value}: it is from 1 to {highest}.")
    return value


def distinct(tasks: Iterable[Task], commands: Commands) -> list[Task]:
    """Return the tasks without those whose command, assets and options equal one before them."""
    found: dict[Hashable, Task] = {}
    for task in tasks:
        found.setdefault((task.command, commands.selects(task.command, task.args)), task)
    return list(found.values())


def passes(tasks: Iterable[Task], commands: Commands, places: Mapping[str, int] | None = None) -> list[list[Task]]:
    """Cut tasks into as few runs as possible, in their order, with an asset at most once in a run.

    Dagster orders the assets of a run by one number for each asset, the same in all runs. With these numbers as
    `places` (lower is earlier; `order.places` makes them) a run also ends where they would not keep the order.
    """
    runs: list[list[Task]] = []
    assets: set[str] = set()
    for task in tasks:
        wanted = set(commands.selects(task.command, task.args).assets)
        if not runs or assets & wanted or not _follows(wanted, assets, places or {}):
            runs.append([])
            assets = set()
        runs[-1].append(task)
        assets |= wanted
    return runs


def _follows(wanted: set[str], before: set[str], places: Mapping[str, int]) -> bool:
    first, last = (sorted(places[asset] for asset in assets if asset in places) for assets in (wanted, before))
    return not (first and last) or last[-1] < first[0]


def calendar(schedule: Schedule, start: dt.datetime, days: int) -> Iterator[Occurrence]:
    """Yield what starts from `start` (aware) on for so many days, in the order of time, then of the file.

    Groups whose tasks only wait for releases come with no `tasks`: they look for releases at that time.
    """
    start = start.astimezone(dt.UTC)
    length = dt.timedelta(days=min(days, _LONGEST_CALENDAR))
    last = min(start.toordinal() + length.days, dt.date.max.toordinal())
    for ordinal in range(start.toordinal(), last + 1):
        midnight = dt.datetime.combine(dt.date.fromordinal(ordinal), dt.time(), dt.UTC)
        of_the_day = [occurrence for group in schedule.groups for occurrence in _of_the_day(group, midnight)]
        of_the_day.sort(key=lambda occurrence: occurrence.at)
        yield from (each for each in of_the_day if dt.timedelta() <= each.at - start < length)


def _of_the_day(group: Group, midnight: dt.datetime) -> Iterator[Occurrence]:
    due = tuple(task for task in group.tasks if is_due(task, midnight.date()))
    on_release = group.enabled(Kind.on_release)
    if due or on_release:
        at = midnight.replace(hour=group.default_time.hour, minute=group.default_time.minute)
        yield Occurrence(at, group, due, on_release)
    by_minutes: dict[int, list[Task]] = {}
    for task in group.enabled(Kind.interval):
        by_minutes.setdefault(task.minutes or 0, []).append(task)
    for minutes, tasks in by_minutes.items():
        moments = (midnight + number * _MINUTE for number in range(24 * 60))
        yield from (Occurrence(at, group, tuple(tasks), (), minutes) for at in moments if ticks(minutes, at))
