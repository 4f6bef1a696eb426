"""The comments of one repository, by REST, for issues and pull requests at once: in the order of their last change.

The cursor is the time of change of the last comment of the last full page. It stands still until a hundred more have
changed; so the request of an idle day is the one of the day before, and its answer a 304, which costs no point. An
edited comment moves to the end, and is read again. Of an item with a comment that cannot be stored, all are read again,
by this run and the next; where not even its item is known, the cursor stands still before it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from boost_pipeline.collectors.github.asking import is_of_all
from boost_pipeline.collectors.github.fields import Fields, OddField
from boost_pipeline.collectors.github.items import OVERLAP, Window
from boost_pipeline.collectors.github.loading import load_comments, load_unread, mark_deleted_comments
from boost_pipeline.collectors.github.scope import Repository, Scope, label
from boost_pipeline.collectors.github.shapes import Comment, Unread, comment, number_of_comment
from boost_pipeline.errors import SourceError
from boost_pipeline.sources.github import GitHub, Gone
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

logger = logging.getLogger("boost_pipeline")

PATHS = {"issue": "/repos/{}/issues/comments", "review": "/repos/{}/pulls/comments"}
"""By the kind of comment."""

_OF_ITEM = {"issue": "/repos/{}/issues/{}/comments", "review": "/repos/{}/pulls/{}/comments"}
"""By the kind of comment: all of one item."""

_PARTS = {"issue": "comments", "review": "reviewComments"}
"""How unread_parts names them."""

PAGE = 100


@dataclass(slots=True)
class Odd:
    """Comments of a list that cannot be stored.

    Attributes:
        found: what is odd about one of each item, by the item's number.
        is_lost: there are some whose item is not known.
    """

    found: dict[int, str] = field(default_factory=dict)
    is_lost: bool = False


def read_comments(entries: list[Any], name: str) -> tuple[list[Comment], Odd]:
    """Return the comments that entries of REST tell of, and what of them cannot be stored.

    Args:
        entries: of a page.
        name: of the repository, for the log.
    """
    comments, odd = list[Comment](), Odd()
    for entry in entries:
        try:
            comments.append(comment(entry))
        except OddField as error:
            number = _number(entry)
            where = f"{name}#{number}" if number else name
            told = f"{error.path}: {error.told}"
            logger.warning("%s, a comment is left out, %s", where, told)
            if number:
                odd.found[number] = told
            else:
                odd.is_lost = True
    return comments, odd


def _number(entry: object) -> int | None:
    try:
        return number_of_comment(Fields.of(entry))
    except OddField:
        return None


@dataclass
class Comments:
    """Reads the comments of one repository."""

    github: GitHub
    warehouse: Warehouse
    scope: Scope
    repository: Repository
    window: Window
    changes: Changes = field(default_factory=Changes)
    read: int = 0
    _odd: dict[tuple[str, int], str] = field(default_factory=dict)
    """What cannot be stored of the lists: kind of comment and number of the item → what is odd."""

    @property
    def asset(self) -> str:
        """The asset whose cursor is moved."""
        return self.scope.key("comments")

    def run(self) -> None:
        """Read what changed, of both kinds; then, whole, the comments of items that have fewer or more than counted.

        Raises:
            SourceError: GitHub does not answer as promised. What was stored before stays, with its cursor.
        """
        position, etags = self._start()
        for kind in PATHS:
            try:
                self._read(kind, position.get(kind), etags)
            except Gone:
                logger.info("%s has no %s comments: that is switched off there", self.repository.full_name, kind)
        if not self.window.is_bounded:
            again = [("issue", number) for number in self._unequal()]
            for kind, number in dict.fromkeys([*again, *self._odd, *self._unread()]):
                self._read_item(kind, number)

    def _read(self, kind: str, since: str | None, known: dict[str, str]) -> None:
        path = PATHS[kind].format(self.repository.full_name)
        page, etags, held = 1, dict[str, str](), False
        while True:
            url = f"{path}?since={since}&page={page}"
            params = {"sort": "updated", "direction": "asc", "per_page": str(PAGE), "page": str(page)}
            params |= {"since": since} if since else {}
            answer = self.github.get(path, params, etag=known.get(url), label=self._label)
            if answer.not_modified:
                etags[url] = known[url]
                page += 1
                if f"{path}?since={since}&page={page}" not in known:
                    return
                continue
            found, odd = read_comments(answer.entries(), self.repository.full_name)
            self._odd |= {(kind, number): told for number, told in odd.found.items()}
            held = held or odd.is_lost
            is_last = answer.next_url is None
            reached = since if is_last or held else _reached(found, since)
            if reached == since:
                # More than a page changed at once: there is no way on but by pages, each with an ETag of its own.
                # A last page that is full may stay as it is when another follows: it gets none.
                keeps = answer.etag and not held and not (is_last and len(answer.entries()) == PAGE)
                etags |= {url: answer.etag} if answer.etag and keeps else {}
                page += 1
            else:
                since, page, etags = reached, 1, {}
            self._store(kind, found, since, (path, etags) if is_last else None)
            if is_last or (self.window.until and found and found[-1].updated_at >= self.window.until):
                return

    def _start(self) -> tuple[dict[str, str | None], dict[str, str]]:
        """Return where to begin, by kind, and the ETags of the requests that may come first."""
        if self.window.since:
            return dict.fromkeys(PATHS, _written(self.window.since)), {}
        if self.window.full:
            return {}, {}
        paths = [PATHS[kind].format(self.repository.full_name) for kind in PATHS]
        with self.warehouse.transaction() as transaction:
            position: dict[str, str | None] = transaction.cursor(self.asset, self.repository.name) or {}
            etags = transaction.rows("SELECT url, etag FROM etags WHERE split_part(url, '?', 1) = ANY(%s)", (paths,))
        return position, dict(etags)

    @property
    def _label(self) -> str:
        return label(self.scope, "comments", self.repository)

    def _store(
        self, kind: str, found: list[Comment], reached: str | None, etags: tuple[str, dict[str, str]] | None
    ) -> None:
        until = self.window.until
        wanted = [one for one in found if until is None or one.updated_at < until]
        with self.warehouse.transaction() as transaction:
            self.changes += load_comments(transaction, self.repository.id, wanted)
            self.read += len(wanted)
            if self.window.is_bounded:
                return
            transaction.lock(f"{self.asset} {self.repository.name}")
            position = transaction.cursor(self.asset, self.repository.name) or {}
            if position.get(kind) != reached or kind not in position:
                transaction.move_cursor(self.asset, self.repository.name, position | {kind: reached}, datetime.now(UTC))
            if etags:
                _keep_etags(transaction, *etags)

    def _unequal(self) -> list[int]:
        """Return the numbers of items whose comments here are not as many as GitHub counted."""
        with self.warehouse.transaction() as transaction:
            rows = transaction.rows(
                """
                SELECT i.number FROM (
                    SELECT number, comment_count FROM issues WHERE repository_id = %(id)s AND deleted_at IS NULL
                    UNION ALL
                    SELECT number, comment_count FROM pull_requests WHERE repository_id = %(id)s AND deleted_at IS NULL
                ) i LEFT JOIN (
                    SELECT number, count(*) AS count FROM comments
                    WHERE repository_id = %(id)s AND kind = 'issue' AND deleted_at IS NULL GROUP BY number
                ) c USING (number)
                WHERE i.comment_count <> coalesce(c.count, 0) ORDER BY i.number
                """,
                {"id": self.repository.id},
            )
        return [number for (number,) in rows]

    def _unread(self) -> list[tuple[str, int]]:
        """Return the items of which an earlier run could not store a comment, and its kind."""
        with self.warehouse.transaction() as transaction:
            rows = transaction.rows(
                "SELECT part, number FROM unread_parts WHERE repository_id = %s AND asset = 'comments' ORDER BY 2, 1",
                (self.repository.id,),
            )
        return [(kind, number) for part, number in rows for kind, name in _PARTS.items() if name == part]

    def _read_item(self, kind: str, number: int) -> None:
        """Read all comments of one kind on one item; what is unread of it is recorded, or no longer."""
        path = _OF_ITEM[kind].format(self.repository.full_name, number)
        what = item_label(self.scope, self.repository) if kind == "issue" else self._label
        found, problem = list[Comment](), ""
        try:
            for answer in self.github.pages(path, {"per_page": str(PAGE)}, label=what):
                comments, odd = read_comments(answer.entries(), self.repository.full_name)
                found += comments
                problem = problem or next(iter(odd.found.values()), "its item is not told" if odd.is_lost else "")
        except SourceError as error:
            if is_of_all(error):
                raise
            logger.warning("%s#%d, its comments are not given: %s", self.repository.full_name, number, error)
            problem = str(error)
        with self.warehouse.transaction() as transaction:
            if kind == "issue" and not problem:
                self.changes += load_whole(transaction, self.repository.id, number, found, datetime.now(UTC))
            else:
                self.changes += load_comments(transaction, self.repository.id, found)
            self.changes += self._record(transaction, kind, number, problem)
        self.read += len(found)

    def _record(self, transaction: Transaction, kind: str, number: int, problem: str) -> Changes:
        rows = transaction.rows(
            "SELECT part, reason, told FROM unread_parts WHERE repository_id = %s AND asset = 'comments' "
            "AND number = %s AND part <> %s",
            (self.repository.id, number, _PARTS[kind]),
        )
        unread = [Unread(*row) for row in rows]
        unread += [Unread(_PARTS[kind], "damaged", problem)] if problem else []
        return load_unread(transaction, self.repository.id, "comments", {number: unread})


def item_label(scope: Scope, repository: Repository) -> str:
    """Return the label of raw pages with all comments of one item."""
    return label(scope, "item_comments", repository)


def load_whole(
    transaction: Transaction, repository_id: int, number: int, found: list[Comment], at: datetime
) -> Changes:
    """Merge all comments of an item, mark those that are gone, and take their number for GitHub's."""
    changes = load_comments(transaction, repository_id, found)
    deleted = mark_deleted_comments(transaction, repository_id, number, [one.github_id for one in found], at)
    parameters = (len(found), repository_id, number)
    counted = transaction.execute(
        "UPDATE issues SET comment_count = %s WHERE repository_id = %s AND number = %s", parameters
    )
    counted += transaction.execute(
        "UPDATE pull_requests SET comment_count = %s WHERE repository_id = %s AND number = %s", parameters
    )
    return changes + Changes(updated=deleted + counted)


def _reached(found: list[Comment], since: str | None) -> str | None:
    """Return the cursor after a page of several: its last comment, unless others as new as that may still show."""
    if not found:
        return since
    last = min(found[-1].updated_at, datetime.now(UTC) - OVERLAP)
    if since is not None and last <= datetime.fromisoformat(since):
        return since
    return _written(last)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _keep_etags(transaction: Transaction, path: str, etags: dict[str, str]) -> None:
    """Keep the ETags of the requests for the end of a list in place of those before."""
    transaction.execute("DELETE FROM etags WHERE split_part(url, '?', 1) = %s AND url <> ALL(%s)", (path, list(etags)))
    rows = [(url, etag, datetime.now(UTC)) for url, etag in etags.items()]
    transaction.merge("etags", ["url", "etag", "read_at"], rows, key=["url"])
