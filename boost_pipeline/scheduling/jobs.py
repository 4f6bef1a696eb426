"""The Dagster jobs and schedules that a schedule file asks for: one of each for every group.

What is due when belongs to `scheduling.due`; which assets a command means is asked of the commands it is given.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import dagster as dg

from boost_pipeline.scheduling.due import is_due, passes
from boost_pipeline.scheduling.schedule import Group, Kind, Schedule, Task
from boost_pipeline.scheduling.schedule_file import Commands

GROUP_TAG = "boost/group"


class Selects(Protocol):
    """What a command with its arguments asks for."""

    @property
    def assets(self) -> tuple[str, ...]:
        """Keys of assets."""
        ...

    def run_config(self) -> dict[str, Any]:
        """Options in Dagster's form."""
        ...


def jobs_and_schedules(schedule: Schedule, commands: Commands) -> tuple[list[Any], list[dg.ScheduleDefinition]]:
    """Return a job and a schedule for each group that has a task with a time of day."""
    jobs, schedules = [], []
    for group in schedule.groups:
        timed = [task for task in group.tasks if task.enabled and task.kind not in (Kind.interval, Kind.on_release)]
        if not timed:
            continue
        daily = [task for task in timed if task.kind is Kind.daily] or timed
        job = dg.define_asset_job(
            group.name,
            selection=dg.AssetSelection.assets(*asset_keys(timed, commands)),
            config=run_config(daily, commands),
            tags={GROUP_TAG: group.name},
            description="In this order: " + ", ".join(task.command for task in timed),
        )
        jobs.append(job)
        schedules.append(_schedule(group, timed, job, commands))
    return jobs, schedules


def _schedule(group: Group, tasks: list[Task], job: Any, commands: Commands) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=group.name,
        job=job,
        cron_schedule=f"{group.default_time.minute} {group.default_time.hour} * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"The tasks of {group.name} that are due on the day of the tick.",
    )
    def requests(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        day = context.scheduled_execution_time.date()
        due = [task for task in tasks if is_due(task, day)]
        for number, batch in enumerate(passes(due, commands)):
            yield dg.RunRequest(
                run_key=f"{group.name}:{day}:{number}",
                asset_selection=[dg.AssetKey(key) for key in asset_keys(batch, commands)],
                run_config=run_config(batch, commands),
                tags={GROUP_TAG: group.name},
            )
        if not due:
            yield dg.SkipReason(f"No task of {group.name} is due on {day}.")

    return requests


def asset_keys(tasks: Iterable[Task], commands: Commands) -> list[list[str]]:
    """Return the keys of all assets that the tasks mean, each once."""
    keys = {key: None for task in tasks for key in selection(task, commands).assets}
    return [key.split("/") for key in keys]


def run_config(tasks: Iterable[Task], commands: Commands) -> dict[str, Any]:
    """Return the options of all tasks in one configuration; for an asset that two tasks name, the first's."""
    ops: dict[str, Any] = {}
    for task in tasks:
        for op, options in selection(task, commands).run_config().get("ops", {}).items():
            ops.setdefault(op, options)
    return {"ops": ops}


def selection(task: Task, commands: Commands) -> Selects:
    """Return what a task asks for."""
    selected: Selects = commands.selects(task.command, task.args)  # type: ignore[assignment]  # the caller's own
    return selected
