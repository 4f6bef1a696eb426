"""Medians of durations in which what has not ended yet counts: Kaplan-Meier estimates, by SciPy, into a table.

What is waited for, and what is left out, is told in METRICS; the SQL views of `20_work_items.sql` say who answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString

from boost_pipeline.collectors.github.scope import Scope
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Transaction

_COLUMNS = ("metric", "scope", "repository_id", "items", "censored", "excluded", "median_hours", "as_of")

METRICS: dict[str, LiteralString] = {
    # Until it was merged. One that was closed unmerged waited until then, and was not merged.
    "change_request_duration": """
        SELECT w.repository_id, w.created_at, w.merged_at, w.closed_at FROM work_items w
        WHERE w.item = 'pull_request' AND NOT w.by_bot
    """,
    # Until it was closed, merged or not.
    "change_request_closing": """
        SELECT w.repository_id, w.created_at, w.closed_at, NULL FROM work_items w
        WHERE w.item = 'pull_request' AND NOT w.by_bot
    """,
    "issue_resolution": """
        SELECT w.repository_id, w.created_at, w.closed_at, NULL FROM work_items w
        WHERE w.item = 'issue' AND NOT w.by_bot
    """,
    # Until somebody answered. One that was closed before waited until then, and was not answered.
    "issue_first_response": """
        SELECT f.repository_id, f.created_at, f.responded_at, f.closed_at FROM first_responses f WHERE f.item = 'issue'
    """,
    "change_request_first_response": """
        SELECT f.repository_id, f.created_at, f.responded_at, f.closed_at FROM first_responses f
        WHERE f.item = 'pull_request'
    """,
}
"""Each metric's observations: repository, beginning, the end that is waited for, what ends the wait without it."""

_EXCLUDED: LiteralString = """
    SELECT repository_id, count(*) FROM (
        SELECT repository_id, deleted_at, author_id FROM issues WHERE %(issues)s
        UNION ALL SELECT repository_id, deleted_at, author_id FROM pull_requests WHERE NOT %(issues)s
    ) i LEFT JOIN accounts a ON a.id = i.author_id
    WHERE i.deleted_at IS NOT NULL OR is_bot(a.kind, a.login) GROUP BY repository_id
"""


def estimate(transaction: Transaction, scope: Scope) -> Changes:
    """Compute all metrics for each repository of the scope's owner and for all together; replace what was there.

    The estimates are as of the newest change that is stored: the same rows give the same estimates.
    """
    repositories: dict[int, str] = dict(
        transaction.rows("SELECT id, owner || '/' || name FROM repositories WHERE owner = %s", (scope.owner,))
    )
    as_of = transaction.value(
        "SELECT max(w.updated_at) FROM work_items w WHERE w.repository_id = ANY(%s)", (list(repositories),)
    )
    changes = Changes()
    if as_of is None:
        return changes
    for metric, query in METRICS.items():
        observed: dict[int, list[tuple[Any, ...]]] = {}
        for repository_id, *times in transaction.rows(query):
            observed.setdefault(repository_id, []).append(tuple(times))
        excluded: dict[int, int] = dict(transaction.rows(_EXCLUDED, {"issues": metric.startswith("issue")}))
        mine = {number: observed[number] for number in sorted(repositories.keys() & observed.keys())}
        rows = [
            (metric, repositories[number], number, *_estimate(times, as_of, excluded.get(number, 0)))
            for number, times in mine.items()
        ]
        together = [times for every in mine.values() for times in every]
        left_out = sum(excluded.get(number, 0) for number in repositories)
        rows.append((metric, scope.owner, None, *_estimate(together, as_of, left_out)))
        names = [scope.owner, *repositories.values()]
        changes += transaction.merge(
            "duration_estimates", _COLUMNS, rows, key=["metric", "scope"], within={"metric": metric, "scope": names}
        )
    return changes


def _estimate(times: Sequence[tuple[Any, ...]], as_of: datetime, excluded: int) -> tuple[object, ...]:
    ended, censored = [], []
    for began, end, given_up in times:
        if end is not None:
            ended.append(_hours(began, end))
        else:
            censored.append(_hours(began, given_up or as_of))
    return len(times), len(censored), excluded, kaplan_meier_median(ended, censored), as_of


def kaplan_meier_median(ended: Sequence[float], censored: Sequence[float]) -> float | None:
    """Return the time by which half have ended, where the censored ones have not ended by their time.

    None while the estimate does not come down to a half.
    """
    if not ended:
        return None
    # Half a second of import, for this one asset.
    from scipy.stats import CensoredData, ecdf  # type: ignore[import-untyped]  # its stubs are a package of their own

    survival = ecdf(CensoredData(uncensored=ended, right=censored)).sf
    below = survival.quantiles[survival.probabilities <= 0.5 + 1e-12]
    return float(below[0]) if below.size else None


def _hours(began: datetime, end: datetime) -> float:
    return max(0.0, (end - began).total_seconds() / 3600)
