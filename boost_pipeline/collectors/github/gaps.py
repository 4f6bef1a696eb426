"""What is no more: items that vanished, and numbers that never were one, each with the reason.

Vanished items are looked for where more are stored than GitHub counts; the reason for a number is asked for once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString

from boost_pipeline.collectors.github import queries
from boost_pipeline.collectors.github.asking import ask
from boost_pipeline.collectors.github.items import label
from boost_pipeline.collectors.github.scope import Repository, Scope
from boost_pipeline.collectors.github.shapes import nodes
from boost_pipeline.errors import SourceRefused
from boost_pipeline.sources.github import GitHub, Gone, Missing
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

_BATCH = 100

_STORED: dict[str, LiteralString] = {
    "issues": "SELECT number FROM issues WHERE repository_id = %(id)s AND deleted_at IS NULL",
    "pullRequests": "SELECT number FROM pull_requests WHERE repository_id = %(id)s AND deleted_at IS NULL",
}
_HAS_MORE: dict[str, LiteralString] = {
    "issues": """
        SELECT count(i.id) > max(r.issue_count) FROM repositories r JOIN issues i ON i.repository_id = r.id
        WHERE r.id = %(id)s AND i.deleted_at IS NULL
    """,
    "pullRequests": """
        SELECT count(p.id) > max(r.pull_request_count) FROM repositories r
        JOIN pull_requests p ON p.repository_id = r.id WHERE r.id = %(id)s AND p.deleted_at IS NULL
    """,
}
"""More is stored than GitHub counted: after a complete pass, something must have vanished."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A number without an item."""

    number: int
    reason: str
    moved_to: str | None = None


@dataclass
class Gaps:
    """Accounts for the numbers of one repository."""

    github: GitHub
    warehouse: Warehouse
    scope: Scope
    repository: Repository

    def close(self) -> Changes:
        """Find what vanished, ask why numbers have no item, and record it."""
        parameters = {"id": self.repository.id}
        with self.warehouse.transaction() as transaction:
            lessened = [field for field, query in _HAS_MORE.items() if transaction.value(query, parameters)]
            unaccounted = [number for (number,) in transaction.rows(UNACCOUNTED, parameters)]
        vanished = [number for field in lessened for number in self._vanished(field)]
        return self._mark([*vanished, *unaccounted])

    def _vanished(self, field: str) -> list[int]:
        there = set(self._numbers(field))
        with self.warehouse.transaction() as transaction:
            stored = {number for (number,) in transaction.rows(_STORED[field], {"id": self.repository.id})}
        return sorted(stored - there)

    def _numbers(self, field: str) -> Iterator[int]:
        after = None
        while True:
            found = self._ask(queries.NUMBERS[field], after=after)[field]
            yield from (node["number"] for node in nodes(found))
            if not found["pageInfo"]["hasNextPage"]:
                return
            after = found["pageInfo"]["endCursor"]

    def _mark(self, numbers: Sequence[int]) -> Changes:
        if not numbers:
            return Changes()
        gaps = list(self._explained(numbers))
        with self.warehouse.transaction() as transaction:
            return load_gaps(transaction, self.repository.id, gaps, datetime.now(UTC))

    def _explained(self, numbers: Sequence[int]) -> Iterator[Gap]:
        discussions: set[int] = set()
        for start in range(0, len(numbers), _BATCH):
            found = self._ask(queries.discussions(list(numbers[start : start + _BATCH])))
            discussions |= {node["number"] for node in found.values() if node}
        for number in numbers:
            gap = Gap(number, "discussion") if number in discussions else self._reason(number)
            if gap is not None:
                yield gap

    def _reason(self, number: int) -> Gap | None:
        """Ask REST, which tells a transferred issue (301) from a deleted one (410); None if it is there after all."""
        path = f"/repos/{self.repository.full_name}/issues/{number}"
        try:
            answer = self.github.get(path, label=label(self.scope, "gap", self.repository))
        except Gone:
            return Gap(number, "deleted")
        except Missing:
            return Gap(number, "not_found")
        body = answer.object()
        _, owner, name = body["repository_url"].rsplit("/", 2)
        if (owner.lower(), name.lower()) == (self.repository.owner.lower(), self.repository.name.lower()):
            return None
        return Gap(number, "transferred", f"{owner}/{name}#{body['number']}")

    def _ask(self, query: str, **variables: Any) -> dict[str, Any]:
        known = {"owner": self.repository.owner, "name": self.repository.name} | variables
        name = label(self.scope, "gaps", self.repository)
        found = ask(self.github, query, known, label=name, absent=("NOT_FOUND",)).get("repository")
        if found is None:
            raise SourceRefused(f"GitHub does not show {self.repository.full_name}: is it gone or private?")
        return dict(found)


UNACCOUNTED: LiteralString = """
    WITH known AS (
        SELECT number FROM issues WHERE repository_id = %(id)s
        UNION ALL SELECT number FROM pull_requests WHERE repository_id = %(id)s
        UNION ALL SELECT number FROM item_gaps WHERE repository_id = %(id)s
    )
    SELECT n FROM generate_series(1, (SELECT max(number) FROM known)) AS n
    WHERE n NOT IN (SELECT number FROM known) ORDER BY n
"""
"""The numbers of a repository up to its highest that are neither an item nor a known gap."""


def load_gaps(transaction: Transaction, repository_id: int, gaps: Sequence[Gap], at: datetime) -> Changes:
    """Record gaps, and mark their items as deleted, with all that hangs on them."""
    rows = [(repository_id, gap.number, gap.reason, gap.moved_to, at) for gap in gaps]
    columns = ("repository_id", "number", "reason", "moved_to", "found_at")
    changes = transaction.merge("item_gaps", columns, rows, key=["repository_id", "number"])
    return changes + mark_gone(transaction, repository_id)


def mark_gone(transaction: Transaction, repository_id: int) -> Changes:
    """Mark the items that are gaps now, and their comments."""
    gone: LiteralString = (
        " t SET deleted_at = g.found_at FROM item_gaps g WHERE g.repository_id = t.repository_id "
        "AND g.number = t.number AND t.deleted_at IS NULL AND t.repository_id = %s"
    )
    parameters = (repository_id,)
    updated = transaction.execute("UPDATE issues" + gone, parameters)
    updated += transaction.execute("UPDATE pull_requests" + gone, parameters)
    updated += transaction.execute("UPDATE comments" + gone, parameters)
    return Changes(updated=updated)
