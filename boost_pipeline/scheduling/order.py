"""The order of a file against the order that Dagster gives to the assets of one run.

Within a run Dagster follows the dependencies of assets first, then a number that each asset has, the same in all
runs. So the file's order needs such numbers, and where it contradicts a dependency its author is told.
"""

from collections.abc import Collection, Mapping

from boost_pipeline.scheduling.schedule import Group, Kind, Problem, Schedule, Task
from boost_pipeline.scheduling.schedule_file import Commands
from boost_pipeline.scheduling.wording import shown


def places(schedule: Schedule, commands: Commands) -> dict[str, int]:
    """Return for each asset the place in the file, from 0, of the first enabled task that selects it."""
    found: dict[str, int] = {}
    tasks = [task for group in schedule.groups for task in group.enabled()]
    for place, task in enumerate(tasks):
        for asset in commands.selects(task.command, task.args).assets:
            found.setdefault(asset, place)
    return found


def order_warnings(schedule: Schedule, commands: Commands, upstream: Mapping[str, Collection[str]]) -> list[Problem]:
    """Return a warning for each task that stands before the only one in its group that feeds it.

    `upstream` holds, for an asset, all those it is made from, near and far. Dagster runs these first within a run,
    whatever the file says. Tasks that never run together are not compared.
    """
    warnings = []
    for group in schedule.groups:
        tasks = [task for task in group.enabled() if task.kind is not Kind.interval]
        assets = [set(commands.selects(task.command, task.args).assets) for task in tasks]
        needs = [{need for asset in own for need in upstream.get(asset, ())} - own for own in assets]
        for here, task in enumerate(tasks):
            for later in range(here + 1, len(tasks)):
                missing = (needs[here] & assets[later]).difference(*assets[:here])
                if missing and not needs[later] & assets[here] and _meet(task, tasks[later]):
                    warnings.append(_order_warning(group, task, tasks[later], missing))
    return warnings


def _meet(one: Task, other: Task) -> bool:
    if (one.kind is Kind.on_release) != (other.kind is Kind.on_release):
        return False
    return one.kind is not Kind.weekly or other.kind is not Kind.weekly or one.weekday == other.weekday


def _order_warning(group: Group, consumer: Task, producer: Task, assets: set[str]) -> Problem:
    names = ", ".join(sorted(assets))
    message = (
        f"{consumer.command} of group {shown(group.name)} reads {names}, which {producer.command} makes"
        f" on line {producer.line}; put it after that line"
    )
    return Problem(consumer.line, consumer.column, message)
