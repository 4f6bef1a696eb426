"""What is not there: items that vanished, numbers that never were one, items that no page brought; with the reasons.

Vanished items are looked for where more are stored than GitHub counts, items that did not come where fewer are; the
reason for a number is asked for once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, LiteralString

from boost_pipeline.collectors.github import queries
from boost_pipeline.collectors.github.asking import Told, ask_for, is_of_all
from boost_pipeline.collectors.github.fields import Fields, OddField, Page
from boost_pipeline.collectors.github.item_reader import ABSENT, BY_NUMBER, KINDS, Read
from boost_pipeline.collectors.github.loading import load_unread
from boost_pipeline.collectors.github.scope import Repository, Scope, label
from boost_pipeline.collectors.github.shapes import ITEM, Unread, number_of
from boost_pipeline.errors import SourceError, SourceRefused
from boost_pipeline.sources.github import GitHub, Gone, Missing
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

logger = logging.getLogger("boost_pipeline")

_BATCH = 100

_STORED: dict[str, LiteralString] = {
    "issues": "SELECT number FROM issues WHERE repository_id = %s AND deleted_at IS NULL",
    "pullRequests": "SELECT number FROM pull_requests WHERE repository_id = %s AND deleted_at IS NULL",
}

_COUNTS: LiteralString = """
    SELECT r.issue_count, r.pull_request_count,
           (SELECT count(*) FROM issues i WHERE i.repository_id = r.id AND i.deleted_at IS NULL),
           (SELECT count(*) FROM pull_requests p WHERE p.repository_id = r.id AND p.deleted_at IS NULL),
           (SELECT count(*) FROM unread_parts u WHERE u.repository_id = r.id AND u.asset = 'issues' AND u.part = 'item'
            AND NOT EXISTS (SELECT FROM work_items w WHERE w.repository_id = r.id AND w.number = u.number))
    FROM repositories r WHERE r.id = %s
"""
"""Per repository: what GitHub counts of each kind, what is stored of each, and how many are known not to be given."""

_OPEN: LiteralString = """
    SELECT number FROM unread_parts WHERE repository_id = %s AND asset = 'issues' AND number > 0
    GROUP BY number ORDER BY md5(number || current_date::text)
"""
"""The items of which something is unread; in another order each day, so that none waits for ever."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A number without an item."""

    number: int
    reason: str
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class _Count:
    """How many of one kind GitHub counts, and how many are stored."""

    total: int | None
    stored: int


@dataclass
class Gaps:
    """Accounts for the numbers of one repository.

    `read` reads items by their numbers, and stores them.
    """

    github: GitHub
    warehouse: Warehouse
    scope: Scope
    repository: Repository
    read: Callable[[Sequence[int]], Read]
    changes: Changes = field(default_factory=Changes)

    def close(self, totals: Mapping[str, int | None], known: Mapping[str, int]) -> dict[str, int]:
        """Read what was not read, find what vanished, ask why numbers have no item, and record it.

        Args:
            totals: how many of each kind there were when the pass began; None where that is not known.
            known: how many of a kind an earlier pass did not find: they are not looked for again.

        Returns:
            How many of a kind are nowhere to be found.
        """
        self._read_open()
        unaccounted = self._unaccounted()
        if (short := self._short(totals)) and short != known:
            self._find(short, unaccounted)
            unaccounted = self._unaccounted()
        vanished = [number for kind in self._lessened() for number in self._vanished(kind)]
        self._mark([*vanished, *unaccounted])
        return self._short(totals)

    def _read_open(self) -> None:
        """Read again what has unread parts, as long as that helps."""
        waiting = self._numbers_of(_OPEN)
        for start in range(0, len(waiting), BY_NUMBER):
            batch = waiting[start : start + BY_NUMBER]
            read = self.read(batch)
            unread = {*read.lost, *(one.number for one in read.items if one.unread)}
            if unread.issuperset(batch):
                return

    def _find(self, short: Mapping[str, int], unaccounted: Sequence[int]) -> None:
        """Read the items that no page brought: those without a row or a reason, or else those that GitHub lists."""
        if sum(short.values()) <= len(unaccounted) <= _BATCH:
            self.read(unaccounted)
            return
        for kind in short:
            listed, _ = self._listed(kind)
            if missing := sorted(listed - set(self._numbers_of(_STORED[kind]))):
                logger.info("%s: %d %s are read by their numbers", self.repository.full_name, len(missing), kind)
                self.read(missing)

    def _vanished(self, kind: str) -> list[int]:
        listed, is_whole = self._listed(kind)
        return sorted(set(self._numbers_of(_STORED[kind])) - listed) if is_whole else []

    def _listed(self, kind: str) -> tuple[set[int], bool]:
        """Return the numbers that GitHub lists of a kind, and whether they are as many as it counts."""
        found: set[int] = set()
        after: str | None = None
        while True:
            page = self._ask(lambda repository: Page.read(repository, kind), queries.NUMBERS[kind], after=after)
            found |= {number for node in page.nodes if (number := _number(node)) is not None}
            if not page.has_next or page.end == after:
                return found, len(found) >= page.total
            after = page.end

    def _mark(self, numbers: Sequence[int]) -> None:
        if not numbers:
            return
        gaps, there, unread = list[Gap](), list[int](), dict[int, list[Unread]]()
        for number, found in self._explained(numbers):
            match found:
                case Gap():
                    gaps.append(found)
                case Unread():
                    unread[number] = [found]
                case None:
                    there.append(number)
        with self.warehouse.transaction() as transaction:
            self.changes += load_gaps(transaction, self.repository.id, gaps, datetime.now(UTC))
            if unread:
                self.changes += load_unread(transaction, self.repository.id, "issues", unread)
        if there:
            self.read(there)

    def _explained(self, numbers: Sequence[int]) -> Iterator[tuple[int, Gap | Unread | None]]:
        discussions: set[int] = set()
        for start in range(0, len(numbers), _BATCH):
            batch = numbers[start : start + _BATCH]
            found = self._ask(lambda repository: repository, queries.discussions(list(batch))).node
            discussions |= {number for number in batch if _number(found.get(f"n{number}")) == number}
        for number in numbers:
            yield number, Gap(number, "discussion") if number in discussions else self._reason(number)

    def _reason(self, number: int) -> Gap | Unread | None:
        """Ask REST, which tells a transferred issue (301) from a deleted one (410); None if it is there after all."""
        path = f"/repos/{self.repository.full_name}/issues/{number}"
        try:
            answer = self.github.get(path, label=label(self.scope, "gap", self.repository))
            body = Fields.of(answer.object())
            _, owner, name = f"//{body.text('repository_url')}".rsplit("/", 2)
            there = number_of(body)
        except Gone:
            return Gap(number, "deleted")
        except Missing:
            return Gap(number, "not_found")
        except SourceError as error:
            if is_of_all(error):
                raise
            logger.warning("%s#%d is not given: %s", self.repository.full_name, number, error)
            return Unread(ITEM, "refused" if isinstance(error, SourceRefused) else "unanswered", str(error))
        if (owner.lower(), name.lower()) == (self.repository.owner.lower(), self.repository.name.lower()):
            return None
        return Gap(number, "transferred", f"{owner}/{name}#{there}")

    def _ask(self, read: Callable[[Fields], Any], query: str, **variables: Any) -> Any:
        def shown(told: Told) -> Any:
            found = told.data.get("repository")
            if found is None:
                raise SourceRefused(f"GitHub does not show {self.repository.full_name}: is it gone or private?")
            return read(Fields.of(found))

        known = {"owner": self.repository.owner, "name": self.repository.name} | variables
        name = label(self.scope, "gaps", self.repository)
        return ask_for(shown, self.github, query, known, label=name, absent=ABSENT)

    def _numbers_of(self, query: LiteralString) -> list[int]:
        with self.warehouse.transaction() as transaction:
            return [number for (number,) in transaction.rows(query, (self.repository.id,))]

    def _unaccounted(self) -> list[int]:
        with self.warehouse.transaction() as transaction:
            return [number for (number,) in transaction.rows(UNACCOUNTED, {"id": self.repository.id})]

    def _counts(self) -> tuple[dict[str, _Count], int]:
        with self.warehouse.transaction() as transaction:
            ((issues, pulls, stored_issues, stored_pulls, lost),) = transaction.rows(_COUNTS, (self.repository.id,))
        return dict(zip(KINDS, (_Count(issues, stored_issues), _Count(pulls, stored_pulls)), strict=True)), lost

    def _lessened(self) -> list[str]:
        """Return the kinds of which more is stored than GitHub counts: something must have vanished."""
        counts, _ = self._counts()
        return [kind for kind, count in counts.items() if count.total is not None and count.stored > count.total]

    def _short(self, totals: Mapping[str, int | None]) -> dict[str, int]:
        """Return how many more GitHub counts than there are here, or known not to be given.

        What came since the pass began is for the next one, and what went since is not missed.
        """
        counts, lost = self._counts()
        short = {}
        for kind, count in counts.items():
            known = [total for total in (count.total, totals.get(kind)) if total is not None]
            if known and count.stored < min(known):
                short[kind] = min(known) - count.stored
        return short if sum(short.values()) > lost else {}


def _number(node: object) -> int | None:
    try:
        return number_of(Fields.of(node))
    except OddField:
        return None


UNACCOUNTED: LiteralString = """
    WITH known AS (
        SELECT number FROM issues WHERE repository_id = %(id)s
        UNION ALL SELECT number FROM pull_requests WHERE repository_id = %(id)s
        UNION ALL SELECT number FROM item_gaps WHERE repository_id = %(id)s
        UNION ALL SELECT number FROM unread_parts WHERE repository_id = %(id)s AND asset = 'issues' AND number > 0
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
