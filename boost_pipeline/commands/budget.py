"""What `boost-pipeline budget` tells: what is left of GitHub's budgets, what the last runs cost, what the next will."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, LiteralString

import click

from boost_pipeline.collectors.github.planning import page_sizes
from boost_pipeline.collectors.github.sweep import PAGE
from boost_pipeline.commands.terminal import print_table
from boost_pipeline.errors import SourceError
from boost_pipeline.resources import open_client
from boost_pipeline.settings import Settings
from boost_pipeline.sources.github import TokenBudget
from boost_pipeline.warehouse.databases import Databases
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

RUNS = 7
"""Daily runs that the forecast is the median of."""

_LAST: LiteralString = """
    SELECT DISTINCT ON (asset) asset, finished_at, requests, points, not_modified, retries, slept_seconds, items
    FROM source_costs WHERE source = 'github' ORDER BY asset, finished_at DESC
"""

_DAILY: LiteralString = """
    SELECT asset, percentile_disc(0.5) WITHIN GROUP (ORDER BY points) FROM (
        SELECT asset, points, row_number() OVER (PARTITION BY asset ORDER BY finished_at DESC) AS place
        FROM source_costs WHERE source = 'github' AND NOT is_full
    ) recent WHERE place <= %s GROUP BY asset ORDER BY asset
"""

_SIZES: LiteralString = """
    SELECT r.owner, coalesce(r.issue_count, 0), coalesce(r.pull_request_count, 0), coalesce(c.issue, 0),
           coalesce(c.review, 0)
    FROM repositories r LEFT JOIN (
        SELECT repository_id, count(*) FILTER (WHERE kind = 'issue') AS issue,
               count(*) FILTER (WHERE kind = 'review') AS review FROM comments GROUP BY repository_id
    ) c ON c.repository_id = r.id
    WHERE r.github_id IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class LastCost:
    """What the last run of an asset cost."""

    asset: str
    finished_at: datetime
    requests: int
    points: int
    not_modified: int
    retries: int
    slept_seconds: float
    items: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """Points that runs will cost: a daily one by asset, as far as there were any; a full one by owner."""

    daily: dict[str, int]
    full: dict[str, int]


def print_budget(settings: Settings, *, as_json: bool) -> None:
    """Print all of it; secrets are not among it.

    Raises:
        SettingsError: a token, the app or GITHUB_API_URL cannot work.
    """
    budgets, trouble = _budgets(settings)
    with Databases(settings).opened() as databases, Warehouse(databases.warehouse).transaction() as transaction:
        last = [LastCost(*row) for row in transaction.rows(_LAST)]
        forecast = forecast_of(transaction)
    if as_json:
        told = {"tokens": [asdict(one) for one in budgets], "last": [asdict(one) for one in last]}
        click.echo(json.dumps(told | {"forecast": asdict(forecast), "error": trouble}, default=str))
        return
    if trouble:
        click.echo(trouble, err=True)
    print_table(
        ("token", "budget", "left", "of", "full again (UTC)"), [_budget_row(one) for one in budgets], right=_NUMBERS
    )
    click.echo()
    rows = [
        (
            one.asset,
            f"{one.finished_at:%m-%d %H:%M}",
            f"{one.points:,}",
            f"{one.requests:,}",
            f"{one.not_modified:,}",
            f"{one.items:,}",
        )
        for one in last
    ]
    print_table(("last run of", "at (UTC)", "points", "requests", "304", "items"), rows, right=_NUMBERS)
    click.echo()
    daily = [("next daily run", asset, f"{points:,}") for asset, points in forecast.daily.items()]
    full = [("a full pass", owner, f"{points:,}") for owner, points in forecast.full.items()]
    print_table(("forecast", "of", "points"), [*daily, *full], right=_NUMBERS)


_NUMBERS = ("left", "of", "points", "requests", "304", "items")


def _budgets(settings: Settings) -> tuple[list[TokenBudget], str | None]:
    """Ask for the budgets; where GitHub does not answer, tell why, and what is known."""
    with open_client(settings) as client:
        try:
            return client.refresh_budget(), None
        except SourceError as error:
            return client.budget(), str(error)


def _budget_row(budget: TokenBudget) -> tuple[str, ...]:
    if budget.rejected:
        return budget.token, str(budget.resource), "rejected", "", ""
    left = "?" if budget.remaining is None else f"{budget.remaining:,}"
    limit = "?" if budget.limit is None else f"{budget.limit:,}"
    again = budget.set_aside_until or budget.reset_at
    return budget.token, str(budget.resource), left, limit, f"{again:%H:%M}" if again else ""


def forecast_of(transaction: Transaction) -> Forecast:
    """Return the forecast: of the daily run from the last ones, of a full pass from the numbers of items."""
    daily: dict[str, Any] = dict(transaction.rows(_DAILY, (RUNS,)))
    full: dict[str, int] = {}
    repositories: dict[str, int] = {}
    for owner, issues, pulls, comments, inline in transaction.rows(_SIZES):
        full[owner] = full.get(owner, 0) + full_pass_points(issues, pulls, comments, inline)
        repositories[owner] = repositories.get(owner, 0) + 1
    return Forecast(daily, {owner: points + _pages(repositories[owner], PAGE) for owner, points in full.items()})


def full_pass_points(issues: int, pull_requests: int, comments: int, inline_comments: int) -> int:
    """Return what reading a repository whole costs, the sweep apart.

    >>> full_pass_points(370, 290, 1000, 0)
    31
    """
    items = _pages(issues, page_sizes(issues=True, pull_requests=False).issues)
    items += _pages(pull_requests, page_sizes(issues=False, pull_requests=True).pull_requests)
    return max(1, items) + _pages(comments, 100) + _pages(inline_comments, 100)


def _pages(count: int, size: int) -> int:
    return max(1, -(-count // size))
