"""What `boost-pipeline run` will do: the tasks that its flags mean, as jobs in their order.

Nothing here starts anything, asks a database or imports Dagster. How jobs are run belongs to `run`.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from boost_pipeline.collectors.registry import Commands, Selection
from boost_pipeline.commands.terminal import print_table
from boost_pipeline.scheduling.due import distinct
from boost_pipeline.scheduling.schedule import Group, Kind, Problem, Schedule, Task

Batch = tuple[Group, Sequence[Task]]


@dataclass(frozen=True, slots=True)
class Job:
    """One task to run: its command, the group that it stands in, and what it asks for.

    `on_release` means once for each release that waits for its assets. `partitions` are what a backfill makes in one
    run: releases that follow each other among Dagster's partitions. `stop_on_failure` is that of the group.
    """

    command: str
    group: str | None
    selection: Selection
    args: tuple[str, ...] = ()
    on_release: bool = False
    stop_on_failure: bool = False
    partitions: tuple[str, ...] = ()


def jobs_of(batches: Iterable[Batch], commands: Commands) -> list[Job]:
    """Return the jobs of the due tasks of each group; of equal ones in a group only the first."""
    return [_job(group, task, commands) for group, tasks in batches for task in _once(tasks, commands)]


def jobs_of_all(schedule: Schedule, commands: Commands) -> list[Job]:
    """Return a job for each task of the file that is switched on; of equal ones in the file only the first."""
    once = {id(task) for task in _once([task for group in schedule.groups for task in group.enabled()], commands)}
    return jobs_of([(g, [task for task in g.enabled() if id(task) in once]) for g in schedule.groups], commands)


def _once(tasks: Sequence[Task], commands: Commands) -> list[Task]:
    """Leave out repetitions, but not of what waits for a release: that may run for many of them, or not at all."""
    waiting = [task for task in tasks if task.kind is Kind.on_release]
    others = [task for task in tasks if task.kind is not Kind.on_release]
    kept = {id(task) for task in (*distinct(waiting, commands), *distinct(others, commands))}
    return [task for task in tasks if id(task) in kept]


def _job(group: Group, task: Task, commands: Commands) -> Job:
    return Job(
        task.command,
        group.name,
        commands.selects(task.command, task.args),
        task.args,
        task.kind is Kind.on_release,
        group.stop_on_failure,
    )


def warning_lines(warnings: Iterable[Problem], path: Path) -> list[str]:
    """Return the warnings about a schedule file, each once, as compilers print theirs."""
    name = str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
    return [warning.told(name) for warning in sorted(set(warnings))]


def print_plan(jobs: Sequence[Job], pending: Callable[[Job], Sequence[str]] | None) -> None:
    """Print what would run; `pending` tells the known releases that wait, if they can be asked for."""
    rows = []
    for job in jobs:
        releases = [""]
        if job.on_release:
            releases = list(pending(job)) or ["none known"] if pending else ["each that waits"]
        rows += [(job.group or "", job.command, shlex.join(job.args), release) for release in releases]
    print_table(("group", "task", "arguments", "release"), rows)
