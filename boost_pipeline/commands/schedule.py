"""`boost-pipeline schedule`: the calendar of schedule.yaml, for people and for scripts, without Dagster."""

from __future__ import annotations

import json
import shlex
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import click

from boost_pipeline.collectors.registry import Commands
from boost_pipeline.commands.plan import warning_lines
from boost_pipeline.commands.terminal import print_table
from boost_pipeline.scheduling.due import Occurrence, calendar
from boost_pipeline.scheduling.schedule import Schedule, Task
from boost_pipeline.scheduling.schedule_file import read_schedule
from boost_pipeline.settings import Settings

_FEWEST: Final = 3
"""Moments that are told as a period rather than one by one."""


def print_calendar(settings: Settings, start: datetime, days: int, *, as_json: bool) -> None:
    """Print what starts from `start` on (aware) in so many days; what repeats once, with its days or its minutes.

    Raises:
        ScheduleError: the schedule file is missing or wrong.
    """
    schedule = read_schedule(settings.schedule_file, Commands())
    timed, repeated = _split(schedule, start, days)
    warnings = warning_lines(schedule.warnings, settings.schedule_file)
    if as_json:
        told = {"occurrences": _told(timed), "intervals": _told(repeated), "warnings": warnings}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for warning in warnings:
        click.echo(f"Warning: {warning}", err=True)
    if not timed and not repeated:
        click.echo(f"Nothing is due in {days} days from {start:%Y-%m-%d %H:%M} UTC.")
    if timed:
        equal: dict[tuple[str, str, str], list[datetime]] = defaultdict(list)
        for each in timed:
            equal[f"{each.at:%H:%M}", each.group.name, "\n".join(_lines(each))].append(each.at)
        rows = [("\n".join(_period(moments)), group, tasks) for (_, group, tasks), moments in equal.items()]
        print_table(("time (UTC)", "group", "tasks"), rows)
    if repeated:
        rows = [(f"every {each.minutes} min", each.group.name, "\n".join(_lines(each))) for each in repeated]
        if timed:
            click.echo()
        print_table(("interval", "group", "tasks"), rows)


def _split(schedule: Schedule, start: datetime, days: int) -> tuple[list[Occurrence], list[Occurrence]]:
    """Return what starts at a time of day, and the first tick of each interval of each group."""
    timed: list[Occurrence] = []
    first: dict[tuple[str, int], Occurrence] = {}
    for each in calendar(schedule, start, days):
        if each.minutes is None:
            timed.append(each)
        else:
            first.setdefault((each.group.name, each.minutes), each)
    return timed, list(first.values())


def _period(moments: Sequence[datetime]) -> Iterator[str]:
    """Yield the lines that tell moments of one time of day, in their order: each, or what they have in common."""
    first, last = moments[0], moments[-1]
    for days, name in ((1, "day"), (7, f"{first:%A}")):
        every = [first + timedelta(days=n) for n in range(0, (last - first).days + 1, days)]
        left_out = sorted(set(every) - set(moments))
        if len(moments) >= _FEWEST and set(moments) <= set(every) and len(left_out) * 4 <= len(moments):
            yield f"every {name} at {first:%H:%M}"
            yield f"{first:%Y-%m-%d} … {last:%Y-%m-%d}"
            yield from (f"but not {moment:%Y-%m-%d}" for moment in left_out)
            return
    yield from (f"{moment:%a %Y-%m-%d %H:%M}" for moment in moments)


def _lines(occurrence: Occurrence) -> list[str]:
    return [
        *(_line(task) for task in occurrence.tasks),
        *(f"{_line(task)} (each new release)" for task in occurrence.on_release),
    ]


def _line(task: Task) -> str:
    return shlex.join((task.command, *task.args))


def _told(occurrences: Sequence[Occurrence]) -> list[dict[str, Any]]:
    return [
        {
            "at": each.at.isoformat(),
            "group": each.group.name,
            "minutes": each.minutes,
            "tasks": [{"command": task.command, "schedule": task.kind, "args": task.args} for task in each.tasks],
            "on_release": [{"command": task.command, "args": task.args} for task in each.on_release],
        }
        for each in occurrences
    ]
