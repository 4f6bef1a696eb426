"""Answers of GitHub as rows: what an issue, a comment, an account is, whichever API told of it.

A field that a row cannot be without and that is odd costs the row; any other, and an entry of a list, itself alone.
Nothing here asks or stores; `rebuild` uses the same functions on raw pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, TypeVar

from boost_pipeline.collectors.github import timeline
from boost_pipeline.collectors.github.asking import Lack
from boost_pipeline.collectors.github.fields import INTEGER, Fields, OddField, text

GHOST_ID = 10137
"""The account that REST shows where the author's is gone; GraphQL shows null there."""

_KINDS = {"User": "user", "Bot": "bot", "Organization": "organization", "Mannequin": "mannequin"}
_STATES = {"issue": ("open", "closed"), "pull request": ("open", "closed", "merged")}
_VERDICTS = ("approved", "changes_requested", "commented", "dismissed")
_LONGEST_NAME = 250
"""Characters of a login or label; GitHub allows 39 and 50. What is longer would not fit an index."""


class Account(NamedTuple):
    """An account; `name` is None where the answer does not tell it."""

    github_id: int
    node_id: str | None
    login: str
    name: str | None
    kind: str
    avatar_url: str | None


class Event(NamedTuple):
    """An entry of a timeline."""

    node_id: str
    kind: str
    actor: Account | None
    created_at: datetime
    payload: dict[str, Any]


class Review(NamedTuple):
    """A submitted review."""

    github_id: int
    node_id: str
    author: Account | None
    author_association: str | None
    state: str
    body: str
    submitted_at: datetime
    updated_at: datetime
    commit_sha: str | None


class Merge(NamedTuple):
    """What a pull request has more than an issue."""

    merged_at: datetime | None
    merged_by: Account | None
    is_draft: bool
    base_ref: str
    head_ref: str
    base_sha: str
    head_sha: str
    merge_commit_sha: str | None
    additions: int
    deletions: int
    changed_files: int


class Unread(NamedTuple):
    """A part of an item that did not come, or came as nothing that can be stored.

    Attributes:
        part: the names that lead to it, such as "author", or ITEM.
        reason: refused, unanswered or damaged.
        told: GitHub's words, or what was odd.
    """

    part: str
    reason: str
    told: str


ITEM = "item"
"""The part that is all of an item: it has no row, or the one that it had before."""


class Truncated(NamedTuple):
    """A list of an item that was not read to its end."""

    connection: str
    read: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An issue, or with `merge` a pull request, with all that hangs on it but comments."""

    number: int
    github_id: int
    node_id: str
    title: str
    body: str
    state: str
    state_reason: str | None
    author: Account | None
    author_association: str | None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    is_locked: bool
    milestone: str | None
    comment_count: int
    labels: tuple[str, ...]
    assignees: tuple[Account, ...]
    events: tuple[Event, ...]
    merge: Merge | None = None
    reviews: tuple[Review, ...] = ()
    truncated: tuple[Truncated, ...] = ()
    unread: tuple[Unread, ...] = ()

    def accounts(self) -> Iterator[Account]:
        """Yield all that have to do with it."""
        merged_by = self.merge.merged_by if self.merge else None
        some = [
            self.author,
            merged_by,
            *self.assignees,
            *(e.actor for e in self.events),
            *(r.author for r in self.reviews),
        ]
        yield from (account for account in some if account)


class Comment(NamedTuple):
    """A comment; what only inline ones have is None for the others."""

    kind: str
    github_id: int
    node_id: str
    number: int
    author: Account | None
    author_association: str | None
    body: str
    created_at: datetime
    updated_at: datetime
    review_github_id: int | None
    in_reply_to: int | None
    path: str | None
    line: int | None
    commit_sha: str | None


T = TypeVar("T")


class Parts:
    """Reads the parts of a thing one by one, so that an odd one costs itself alone.

    `unread` collects what is not there, by its path: `lacks`, which GitHub told, and what turns out to be odd.
    """

    def __init__(self, lacks: Iterable[Lack] = ()) -> None:
        self._unread = {lack.names: Unread(lack.names, lack.reason, lack.told) for lack in lacks}

    @property
    def unread(self) -> tuple[Unread, ...]:
        """What was not read, sorted."""
        return tuple(sorted(self._unread.values()))

    def read(self, read: Callable[[], T], otherwise: T) -> T:
        """Return what `read` returns; `otherwise` where it finds something odd."""
        try:
            return read()
        except OddField as odd:
            self.note(Unread(odd.path, "damaged", odd.told))
            return otherwise

    def note(self, unread: Unread) -> None:
        """Add a part; what GitHub told of it, or of what is above it, stands."""
        if not any(unread.part == known or unread.part.startswith(f"{known}.") for known in self._unread):
            self._unread[unread.part] = unread

    def each(
        self, fields: Fields, name: str, read: Callable[[Fields], T | None], *, is_counted: bool = False
    ) -> list[T]:
        """Return what `read` makes of each entry of the list `name`; GitHub has null for what it may not show.

        With `is_counted`, the list has as many entries as it says.
        """
        entries: list[Any] = self.read(lambda: fields.object(name).entries("nodes"), [])
        total = self.read(lambda: fields.object(name).number("totalCount"), 0) if is_counted else 0
        if len(entries) < total:
            self.note(Unread(name, "damaged", f"{total} are counted, {len(entries)} came"))
        path = f"{fields.where(name)}.nodes"
        found = [self.read(partial(_entry, read, entry, path), None) for entry in entries if entry is not None]
        return [one for one in found if one is not None]


def _entry(read: Callable[[Fields], T | None], entry: object, path: str) -> T | None:
    return read(Fields.of(entry, path))


def account(fields: Fields | None) -> Account | None:
    """Return the account of an actor of GraphQL or a user of REST; None for the ghost, and what has no id."""
    if fields is None:
        return None
    is_rest = "node_id" in fields.node
    name_of_id = "id" if is_rest else "databaseId"
    if not fields.has(name_of_id):
        return None  # a kind of actor that has none, such as a user of an enterprise
    github_id = fields.identity(name_of_id)
    if github_id == GHOST_ID:
        return None
    kind = _KINDS.get(fields.text("type" if is_rest else "__typename"), "user")
    login = fields.text("login")[:_LONGEST_NAME]
    if kind == "bot" and not login.endswith("[bot]"):
        login += "[bot]"  # as REST writes it: GraphQL leaves it out
    return Account(
        github_id,
        fields.text("node_id" if is_rest else "id"),
        login,
        fields.text("name")[:_LONGEST_NAME] or None if fields.has("name") else None,
        kind,
        fields.text("avatar_url" if is_rest else "avatarUrl"),
    )


def item(node: object, *, lacks: Iterable[Lack] = (), truncated: tuple[Truncated, ...] = ()) -> Item:
    """Return the item that a node of `queries.items` tells of.

    Args:
        node: as it came.
        lacks: what GitHub did not give of it.
        truncated: the lists that were not read to their end.

    Raises:
        OddField: something without which there is no row is odd.
    """
    fields, parts = Fields.of(node), Parts(lacks)
    cut = {one.connection for one in truncated}
    is_pull_request = "headRefOid" in fields.node
    kind = "pull request" if is_pull_request else "issue"
    node_id = fields.text("id")
    return Item(
        number=number_of(fields),
        github_id=fields.identity("fullDatabaseId"),
        node_id=node_id,
        title=fields.text("title"),
        body=fields.text("body"),
        state=fields.word(state if (state := "pullRequestState") in fields.node else "state", _STATES[kind]),
        state_reason=None if is_pull_request else parts.read(lambda: _lower(fields.maybe_text("stateReason")), None),
        author=parts.read(lambda: account(fields.maybe_object("author")), None),
        author_association=parts.read(lambda: fields.text("authorAssociation"), None),
        created_at=fields.time("createdAt"),
        updated_at=fields.time("updatedAt"),
        closed_at=parts.read(lambda: fields.maybe_time("closedAt"), None),
        is_locked=fields.flag("locked"),
        milestone=parts.read(lambda: _title(fields.maybe_object("milestone")), None),
        comment_count=fields.object("comments").number("totalCount"),
        labels=tuple(dict.fromkeys(parts.each(fields, "labels", _label, is_counted="labels" not in cut))),
        assignees=_distinct(parts.each(fields, "assignees", account, is_counted="assignees" not in cut)),
        events=tuple(parts.each(fields, "timelineItems", lambda entry: _event(entry, node_id, parts))),
        merge=_merge(fields, parts) if is_pull_request else None,
        reviews=_reviews(fields, parts, is_counted="reviews" not in cut) if is_pull_request else (),
        truncated=truncated,
        unread=parts.unread,
    )


def number_of(fields: Fields) -> int:
    """Return the number of an item.

    Raises:
        OddField: it is none.
    """
    found = fields.number("number")
    if found < 1:
        raise OddField(fields.where("number"), "an item's number", found)
    return found


def comment(entry: object) -> Comment:
    """Return the comment that an entry of REST's /issues/comments or /pulls/comments tells of.

    Raises:
        OddField: it cannot be stored.
    """
    fields = Fields.of(entry, "comment")
    is_review = "pull_request_url" in fields.node
    return Comment(
        "review" if is_review else "issue",
        fields.identity("id"),
        fields.text("node_id"),
        number_of_comment(fields),
        account(fields.maybe_object("user")),
        fields.text("author_association") if fields.has("author_association") else None,
        fields.text("body") if fields.has("body") else "",
        fields.time("created_at"),
        fields.time("updated_at"),
        fields.identity("pull_request_review_id") if fields.has("pull_request_review_id") else None,
        fields.identity("in_reply_to_id") if fields.has("in_reply_to_id") else None,
        fields.text("path") if is_review else None,
        fields.number("line") if fields.has("line") else None,
        fields.text("commit_id") if is_review and fields.has("commit_id") else None,
    )


def number_of_comment(fields: Fields) -> int:
    """Return the number of the item that a comment of REST is on.

    Raises:
        OddField: its address has none.
    """
    name = "pull_request_url" if "pull_request_url" in fields.node else "issue_url"
    found = fields.text(name).rpartition("/")[2]
    if not found.isascii() or not found.isdecimal() or not 1 <= int(found) <= INTEGER:
        raise OddField(fields.where(name), "the address of an item", found)
    return int(found)


def _label(entry: Fields) -> str:
    return entry.text("name")[:_LONGEST_NAME]


def _distinct(accounts: list[Account]) -> tuple[Account, ...]:
    return tuple({account.github_id: account for account in accounts}.values())


def _reviews(fields: Fields, parts: Parts, *, is_counted: bool) -> tuple[Review, ...]:
    return tuple(parts.each(fields, "reviews", lambda entry: _review(entry, parts), is_counted=is_counted))


def _lower(word: str | None) -> str | None:
    return word.lower() if word else None


def _title(milestone: Fields | None) -> str | None:
    return milestone.text("title") if milestone else None


def _oid(commit: Fields | None) -> str | None:
    return commit.text("oid") if commit else None


def _merge(fields: Fields, parts: Parts) -> Merge:
    return Merge(
        fields.maybe_time("mergedAt"),
        parts.read(lambda: account(fields.maybe_object("mergedBy")), None),
        fields.flag("isDraft"),
        fields.text("baseRefName"),
        fields.text("headRefName"),
        fields.text("baseRefOid"),
        fields.text("headRefOid"),
        parts.read(lambda: _oid(fields.maybe_object("mergeCommit")), None),
        fields.number("additions"),
        fields.number("deletions"),
        fields.number("changedFiles"),
    )


def _review(fields: Fields, parts: Parts) -> Review | None:
    """Return a review; None for a pending one, which is its author's own, shown to nobody else."""
    if fields.maybe_time("submittedAt") is None:
        return None
    return Review(
        fields.identity("fullDatabaseId"),
        fields.text("id"),
        parts.read(lambda: account(fields.maybe_object("author")), None),
        parts.read(lambda: fields.text("authorAssociation"), None),
        fields.word("state", _VERDICTS),
        fields.text("body"),
        fields.time("submittedAt"),
        fields.time("updatedAt"),
        parts.read(lambda: _oid(fields.maybe_object("commit")), None),
    )


def _event(fields: Fields, item_id: str, parts: Parts) -> Event:
    """Return the event of an entry; a commit is known by its item and sha, and happens when it was committed."""
    kind = timeline.kind(fields.text("__typename"))
    if kind != "committed":
        return Event(
            fields.text("id"),
            kind,
            parts.read(lambda: account(fields.maybe_object("actor")), None),
            fields.time("createdAt"),
            _storable(timeline.payload(dict(fields.node))),
        )
    commit = fields.object("pushed")
    sha = commit.text("oid")
    author = parts.read(lambda: _user(commit.maybe_object("author")), None)
    return Event(f"{item_id}:{sha}", kind, author, commit.time("committedDate"), {"commit": sha})


def _user(author: Fields | None) -> Account | None:
    return account(author.maybe_object("user")) if author else None


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        return [_storable(inner) for inner in value]
    return {text(name): _storable(inner) for name, inner in value.items()} if isinstance(value, dict) else value
