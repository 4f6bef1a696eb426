"""What `boost-pipeline status` prints: the verdict, what to mend, the last runs by group, and the assets."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Final

import click

from boost_pipeline.commands.terminal import print_table
from boost_pipeline.reports.freshness import lasting
from boost_pipeline.reports.health import AssetState, Health, TaskState, Trouble, Verdict
from boost_pipeline.settings import Settings

_WIDTH: Final = 80
_MOST: Final = 20
"""Lines of one kind; --json has all."""
_COLOURS: Final = {Verdict.fine: "green", Verdict.warning: "yellow", Verdict.wrong: "red", Verdict.empty: "yellow"}


def print_status(settings: Settings, *, as_json: bool) -> bool:
    """Print how the platform stands; return whether something has run and nothing is wrong."""
    from boost_pipeline.commands.run import open_instance
    from boost_pipeline.definitions import health_reader

    with open_instance(settings) as instance:
        health = health_reader.read(instance)
    if as_json:
        click.echo(json.dumps(health.as_json(), ensure_ascii=False))
    else:
        print_health(health)
    return health.verdict in (Verdict.fine, Verdict.warning)


def print_health(health: Health) -> None:
    """Print it for a person, in lines of at most 80 columns."""
    click.secho(_wrapped(health.line), fg=_COLOURS[health.verdict], bold=True)
    _print_troubles(health.troubles)
    for warning in health.warnings[:_MOST]:
        click.secho(_wrapped(f"Warning: {warning}"), fg="yellow")
    _print_more(len(health.warnings))
    click.echo()
    _print_tasks(health.tasks)
    if health.assets:
        click.echo()
        _print_assets(health.assets, health.as_of)


def _ago(moment: datetime | None, now: datetime) -> str:
    """Return how long ago it was; "just now" for less than a minute."""
    if moment is None:
        return "never"
    return f"{lasting(now - moment)} ago" if now - moment >= timedelta(minutes=1) else "just now"


def _print_troubles(troubles: Sequence[Trouble]) -> None:
    """Print each trouble; what mends several that follow each other, once after them."""
    for trouble, following in zip_longest(troubles[:_MOST], troubles[1:_MOST]):
        click.echo(_wrapped(f"- {trouble.what}{f', {trouble.at:%Y-%m-%d %H:%M} UTC' if trouble.at else ''}"))
        click.secho(_wrapped(f"  {trouble.error}"), fg="red")
        mend = (trouble.mend, trouble.again)
        if following is None or (following.mend, following.again) != mend:
            click.echo(_wrapped(f"  Mend: {trouble.mend}"))
            if trouble.again:
                click.echo(_wrapped(f"  Then: {trouble.again}"))
    _print_more(len(troubles))


def _print_more(count: int) -> None:
    if count > _MOST:
        click.echo(f"And {count - _MOST} more; --json lists all.")


def _print_tasks(tasks: Sequence[TaskState]) -> None:
    rows, before = [], None
    for task in tasks:
        group = task.group or "by hand"
        if group != before:
            rows.append((group, "", ""))
            before = group
        at = f"{task.at:%Y-%m-%d %H:%M}" if task.at else ""
        rows.append((f"  {_plain(task.task)}", task.told, at))
    print_table(("task", "last run", "at (UTC)"), rows)
    for task in tasks:
        if task.waiting:
            click.echo(_wrapped(f"{task.task} is to run for {', '.join(task.waiting)}."))


def _print_assets(assets: Sequence[AssetState], now: datetime) -> None:
    print_table(
        ("asset", "checked", "changed", "due", "rows", "releases", "failing"),
        [
            (
                asset.asset,
                _ago(asset.checked_at, now),
                _ago(asset.changed_at, now),
                f"{asset.due or ''}{', late' if asset.late_by is not None else ''}",
                "" if asset.rows is None else f"{asset.rows:,}",
                asset.partitions,
                str(asset.open_failures or ""),
            )
            for asset in assets
        ],
        right=("rows", "failing"),
    )


def _wrapped(text: str) -> str:
    lead = text[: len(text) - len(text.lstrip())]
    return textwrap.fill(_plain(text), _WIDTH, initial_indent=lead, subsequent_indent="  ", break_on_hyphens=False)


def _plain(text: str) -> str:
    """Return the text on one line, without what a terminal would obey."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
