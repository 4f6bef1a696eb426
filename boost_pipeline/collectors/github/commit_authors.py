"""Whose account an author's address belongs to: each address of `commits` is resolved once, and the answer kept.

GitHub's own noreply addresses hold the account's id. For any other, GitHub is asked about one commit by it, many
commits in a query, which costs one point.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import LiteralString

from boost_pipeline.collectors.github import queries
from boost_pipeline.collectors.github.asking import Told, ask, is_of_all
from boost_pipeline.collectors.github.fields import Fields, OddField
from boost_pipeline.collectors.github.loading import load_accounts
from boost_pipeline.collectors.github.scope import Scope
from boost_pipeline.collectors.github.shapes import Account, account
from boost_pipeline.errors import SourceError
from boost_pipeline.sources.github import GitHub
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

logger = logging.getLogger("boost_pipeline")

BATCH = 80
"""Addresses in a query; GitHub works out so many commits well within its ten seconds."""

_NOREPLY = re.compile(r"(\d{1,15})\+([^@+\s]{1,250})@users\.noreply\.github\.com", re.IGNORECASE)

_UNKNOWN: LiteralString = """
    SELECT DISTINCT ON (c.author_email) c.author_email, c.sha, r.owner || '/' || r.name
    FROM commits c JOIN repositories r ON r.id = c.repository_id
    WHERE r.owner = %s AND r.github_id IS NOT NULL AND c.author_email <> '' AND length(c.author_email) <= 320
      AND NOT EXISTS (SELECT FROM commit_author_accounts k WHERE k.email = c.author_email)
    ORDER BY c.author_email, c.on_default_branch DESC, c.is_reachable DESC, c.committed_at DESC NULLS LAST, c.sha
"""
"""Addresses without an answer, each with the commit to ask about: best one that GitHub surely still has."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address, and a commit by it."""

    email: str
    sha: str
    repository: str


@dataclass
class CommitAuthors:
    """Resolves the addresses of one scope."""

    github: GitHub
    warehouse: Warehouse
    scope: Scope
    changes: Changes = field(default_factory=Changes)
    resolved: int = 0

    def run(self) -> None:
        """Resolve what is unknown; each batch is stored as it comes.

        Raises:
            SourceError: GitHub does not answer as promised. What was stored before stays.
        """
        with self.warehouse.transaction() as transaction:
            unknown = [Address(*row) for row in transaction.rows(_UNKNOWN, (self.scope.owner,))]
        by_id = [(address, found) for address in unknown if (found := _NOREPLY.fullmatch(address.email))]
        if by_id:
            with self.warehouse.transaction() as transaction:
                self.changes += _load_noreply(transaction, by_id)
        self.resolved += len(by_id)
        told = {address.email for address, _ in by_id}
        asked = sorted((a for a in unknown if a.email not in told), key=lambda a: (a.repository, a.email))
        for start in range(0, len(asked), BATCH):
            self._ask(asked[start : start + BATCH])

    def _ask(self, batch: Sequence[Address]) -> None:
        commits: dict[str, list[str]] = {}
        for address in batch:
            shas = commits.setdefault(address.repository, [])
            if address.sha not in shas:
                shas.append(address.sha)
        label = f"{self.scope.prefix}/commit_authors {self.scope.owner}"
        try:
            told = ask(
                self.github, queries.commit_authors(commits), {}, label=label, absent=("NOT_FOUND",), top_are_parts=True
            )
        except SourceError as error:
            if is_of_all(error):
                raise
            if len(batch) == 1:
                logger.warning("%s, its author is not given: %s", _where(batch[0].repository, batch[0].sha), error)
                return
            half = len(batch) // 2
            self._ask(batch[:half])
            self._ask(batch[half:])
            return
        found = dict(_authors(told, commits))
        rows = [(address, found[key]) for address in batch if (key := (address.repository, address.sha)) in found]
        with self.warehouse.transaction() as transaction:
            self.changes += _load(transaction, rows)
        self.resolved += len(rows)


def _authors(told: Told, commits: dict[str, list[str]]) -> Iterator[tuple[tuple[str, str], Account | None]]:
    """Yield (repository, sha) → account; what GitHub does not show, or shows odd, is left for another day."""
    for place, (repository, shas) in enumerate(commits.items()):
        shown = told.data.get(f"r{place}")
        for sha in shas if shown else ():
            try:
                if lacks := told.lacks_below(f"r{place}", f"c{sha}"):
                    logger.warning("%s, %s, %s: %s", _where(repository, sha), lacks[0].names, *lacks[0][1:])
                else:
                    yield (repository, sha), _author(Fields.of(shown), f"c{sha}")
            except OddField as odd:
                logger.warning("%s, its author is odd, %s: %s", _where(repository, sha), odd.path, odd.told)


def _author(repository: Fields, name: str) -> Account | None:
    """Return the account of a commit's author; None where GitHub knows nobody, or has the commit no more."""
    commit = repository.maybe_object(name)
    author = commit.maybe_object("author") if commit and commit.node else None
    return account(author.maybe_object("user")) if author else None


def _where(repository: str, sha: str) -> str:
    return f"{repository}, commit {sha[:10]}"


def _load(transaction: Transaction, rows: Sequence[tuple[Address, Account | None]]) -> Changes:
    ids, changes = load_accounts(transaction, (found for _, found in rows if found))
    linked = [
        (address.email, ids.of(found), "commit" if found else "none", address.sha, datetime.now(UTC))
        for address, found in rows
    ]
    return changes + _merge(transaction, linked)


def _load_noreply(transaction: Transaction, rows: Sequence[tuple[Address, re.Match[str]]]) -> Changes:
    """An address may hold a login of years ago: it names the account only if nothing else did."""
    known = dict(
        transaction.rows(
            "SELECT github_id, id FROM accounts WHERE github_id = ANY(%s)", ([int(found[1]) for _, found in rows],)
        )
    )
    new = {
        int(found[1]): Account(
            int(found[1]), None, found[2], None, "bot" if found[2].endswith("[bot]") else "user", None
        )
        for _, found in rows
        if int(found[1]) not in known
    }
    ids, changes = load_accounts(transaction, new.values())
    linked = [
        (
            address.email,
            known.get(int(found[1])) or ids.of(new[int(found[1])]),
            "noreply",
            None,
            datetime.now(UTC),
        )
        for address, found in rows
    ]
    return changes + _merge(transaction, linked)


def _merge(transaction: Transaction, rows: Sequence[tuple[object, ...]]) -> Changes:
    columns = ("email", "account_id", "evidence", "commit_sha", "found_at")
    return transaction.merge("commit_author_accounts", columns, rows, key=["email"])
