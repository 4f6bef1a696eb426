"""How often each asset is due, from the tasks of the schedule file that select it, and the policy that tells Dagster.

An asset is late when it was not looked at for as long as its most frequent task lasts at most, and a grace: for the
run itself, and for waiting until its group has its turn. A look that found nothing new counts; a failed one does not.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Final, Protocol

import dagster as dg

from boost_pipeline.reports.freshness import Due
from boost_pipeline.scheduling.schedule import Kind, Schedule, Task

_DAY: Final = timedelta(days=1)
GRACE: Final = timedelta(hours=6)
"""Of a task that has a time of day: the longest first read of a source is some hours."""
SHORT_GRACE: Final = timedelta(hours=1)
"""Of a task that repeats within the day."""

_EVERY: Final = {
    Kind.daily: _DAY,
    Kind.weekly: 7 * _DAY,
    # The longest month: a task of the 31st runs on the last day of shorter ones.
    Kind.monthly: 31 * _DAY,
    # Each day at its group's time a look is recorded, unless a release still waits.
    Kind.on_release: _DAY,
}


class Selects(Protocol):
    """What a command with its arguments asks for."""

    @property
    def assets(self) -> tuple[str, ...]:
        """Keys of assets."""
        ...

    @property
    def is_whole(self) -> bool:
        """It asks for all of each asset, not for some releases, repositories or a time."""
        ...


class Commands(Protocol):
    """The commands that a task names."""

    def selects(self, command: str, args: Sequence[str]) -> Selects:
        """Return what a command with these arguments asks for."""
        ...


def due_times(schedule: Schedule, commands: Commands, by_release: Collection[str]) -> dict[str, Due]:
    """Return how often each asset is due that a task selects; of several tasks the most frequent counts.

    A task that asks for a part makes nothing due, as it never checks the whole. A task that waits for releases makes
    only the assets due that are kept `by_release`, and these only if no other task looks at them.
    """
    found: dict[str, Due] = {}
    for group in schedule.groups:
        for task in group.enabled():
            selected = commands.selects(task.command, task.args)
            is_by_release = task.kind is Kind.on_release
            for asset in selected.assets:
                if asset in by_release if is_by_release else selected.is_whole:
                    found[asset] = _sooner(found.get(asset), _due(task))
    return found


def _due(task: Task) -> Due:
    if task.kind is Kind.interval:
        return Due(timedelta(minutes=task.minutes or 0), SHORT_GRACE)
    return Due(_EVERY[task.kind], GRACE, by_release=task.kind is Kind.on_release)


def _sooner(one: Due | None, other: Due) -> Due:
    if one is None or one.by_release:
        return other
    return one if other.by_release or one.every <= other.every else other


def policy(due: Due) -> dg.FreshnessPolicy:
    """Return the policy of an asset that is due so often."""
    return dg.FreshnessPolicy.time_window(fail_window=due.every + due.grace, warn_window=due.every + due.grace / 2)


def with_policies(assets: Sequence[dg.AssetsDefinition], due: Mapping[str, Due]) -> list[dg.AssetsDefinition]:
    """Return the assets with a freshness policy for each that is due; no other has one."""

    def given(spec: dg.AssetSpec) -> dg.AssetSpec:
        one = due.get(spec.key.to_user_string())
        return spec if one is None else spec.replace_attributes(freshness_policy=policy(one))

    return [asset.map_asset_specs(given) for asset in assets]
