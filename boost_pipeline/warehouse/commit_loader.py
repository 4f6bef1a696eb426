"""Loads the commits of one repository: rows of three tables, kept together, streamed in batches.

A commit that is there is there with all its files and trailers, since one transaction holds all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from boost_pipeline.warehouse.warehouse import Transaction

BATCH = 5_000
"""Rows held in memory before they are written."""

LONGEST_PATH = 2000
"""Bytes of a path that surely fit an index entry, whose limit is a third of a page (2704 bytes)."""

_COMMIT_COLUMNS = (
    "id",
    "repository_id",
    "sha",
    "parents",
    "author_name",
    "author_email",
    "authored_at",
    "author_utc_offset",
    "committer_name",
    "committer_email",
    "committed_at",
    "landed_at",
    "subject",
    "message",
    "is_merge",
    "is_reachable",
    "on_default_branch",
    "files_changed",
    "additions",
    "deletions",
    "first_release_id",
)
FILE_COLUMNS = ("commit_id", "path", "previous_path", "status", "additions", "deletions")
_TRAILER_COLUMNS = ("commit_id", "position", "token", "value")

FileRow = tuple[str, str | None, str, int | None, int | None]
"""path, previous_path, status, additions, deletions: a row of commit_files without its commit."""


class Commit(Protocol):
    """What is loaded of a commit, whoever read it; `author_offset` is in minutes east of UTC."""

    @property
    def sha(self) -> str: ...  # noqa: D102
    @property
    def parents(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def author_name(self) -> str: ...  # noqa: D102
    @property
    def author_email(self) -> str: ...  # noqa: D102
    @property
    def authored_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def author_offset(self) -> int: ...  # noqa: D102
    @property
    def committer_name(self) -> str: ...  # noqa: D102
    @property
    def committer_email(self) -> str: ...  # noqa: D102
    @property
    def committed_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def subject(self) -> str: ...  # noqa: D102
    @property
    def message(self) -> str: ...  # noqa: D102
    @property
    def trailers(self) -> Sequence[tuple[str, str]]: ...  # noqa: D102
    @property
    def files(self) -> Sequence[FileRow]: ...  # noqa: D102


class Place(NamedTuple):
    """Where a commit stands in its repository's history."""

    on_default_branch: bool
    landed_at: datetime | None
    first_release_id: int | None


@dataclass
class CommitLoader:
    """Writes commits that the table does not hold; known ones are left alone."""

    transaction: Transaction
    repository_id: int
    written: int = 0
    """Rows written so far, over the three tables."""
    commits: int = 0
    """Commits written so far."""
    _batch: list[tuple[Commit, Place]] = field(default_factory=list)
    _rows: int = 0
    _is_first: bool | None = None
    """Nothing was stored of the repository before: no commit of it can be known."""

    def add(self, commit: Commit, place: Place) -> None:
        """Take one commit; it is written with its batch."""
        self._batch.append((commit, place))
        self._rows += 1 + len(commit.files)
        if self._rows >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what was added since the last time."""
        batch, self._batch, self._rows = self._batch, [], 0
        known = self._known([commit.sha for commit, _ in batch])
        new = [(commit, place) for commit, place in batch if commit.sha not in known]
        if not new:
            return
        ids = self.transaction.rows(
            "SELECT nextval(pg_get_serial_sequence('commits', 'id')) FROM generate_series(1, %s)", (len(new),)
        )
        numbered = [(number, commit, place) for (number,), (commit, place) in zip(ids, new, strict=True)]
        copied = self.transaction.copy(
            "commits",
            _COMMIT_COLUMNS,
            (self._row(number, commit, place) for number, commit, place in numbered),
        )
        self.commits += copied
        self.written += copied
        self.written += self.transaction.copy(
            "commit_files",
            FILE_COLUMNS,
            ((number, *_bounded(file)) for number, commit, _ in numbered for file in commit.files),
        )
        self.written += self.transaction.copy(
            "commit_trailers",
            _TRAILER_COLUMNS,
            (
                (number, position, token, value)
                for number, commit, _ in numbered
                for position, (token, value) in enumerate(commit.trailers)
            ),
        )

    def _known(self, shas: list[str]) -> set[str]:
        if self._is_first is None:
            query = "SELECT NOT EXISTS (SELECT FROM commits WHERE repository_id = %s)"
            self._is_first = bool(self.transaction.value(query, (self.repository_id,)))
        if self._is_first:
            return set()
        query = "SELECT sha FROM commits WHERE repository_id = %s AND sha = ANY(%s)"
        return {sha for (sha,) in self.transaction.rows(query, (self.repository_id, shas))}

    def _row(self, number: int, commit: Commit, place: Place) -> tuple[object, ...]:
        files = commit.files
        return (
            number,
            self.repository_id,
            commit.sha,
            list(commit.parents),
            commit.author_name,
            commit.author_email,
            commit.authored_at,
            commit.author_offset,
            commit.committer_name,
            commit.committer_email,
            commit.committed_at,
            place.landed_at,
            commit.subject,
            commit.message,
            len(commit.parents) > 1,
            True,
            place.on_default_branch,
            len(files),
            sum(file[3] or 0 for file in files),
            sum(file[4] or 0 for file in files),
            place.first_release_id,
        )


def _bounded(file: FileRow) -> FileRow:
    return file if len(file[0]) <= LONGEST_PATH // 4 else (bounded_path(file[0]), *file[1:])


def bounded_path(path: str) -> str:
    """Return `path`, shortened if it is over `LONGEST_PATH` bytes, with a digest of the whole at its end.

    >>> bounded_path("include/boost/config.hpp")
    'include/boost/config.hpp'
    """
    data = path.encode()
    if len(data) <= LONGEST_PATH:
        return path
    digest = hashlib.sha256(data).hexdigest()
    return data[: LONGEST_PATH - len(digest) - 1].decode(errors="ignore") + "~" + digest
