"""Answers of GitHub as rows: what an issue, a comment, an account is, whichever API told of it.

Nothing here asks or stores; `rebuild` uses the same functions on raw pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from boost_pipeline.collectors.github import timeline
from boost_pipeline.errors import SourceCorrupt

GHOST_ID = 10137
"""The account that REST shows where the author's is gone; GraphQL shows null there."""

_KINDS = {"User": "user", "Bot": "bot", "Organization": "organization", "Mannequin": "mannequin"}
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
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


def text(value: str | None) -> str:
    """Return a text as PostgreSQL can keep it: NUL bytes are dropped, halves of surrogate pairs replaced.

    >>> text("a" + chr(0) + "b"), text(None)
    ('ab', '')
    """
    return _UNSTORABLE.sub(lambda found: "" if found[0] == "\0" else "\ufffd", value or "")


def moment(value: str | None) -> datetime | None:
    """Return a time of the API as an aware one."""
    return datetime.fromisoformat(value) if value else None


def time(value: str | None) -> datetime:
    """Return a time that must be there.

    Raises:
        SourceCorrupt: it is not.
    """
    found = moment(value)
    if found is None:
        raise SourceCorrupt("GitHub gave a thing without its time; read its field with a newer boost-pipeline.")
    return found


def account(node: Mapping[str, Any] | None) -> Account | None:
    """Return the account of an actor of GraphQL or a user of REST; None for the ghost, and what has no id."""
    if node is None:
        return None
    github_id = node.get("databaseId") or (node.get("id") if "node_id" in node else None)
    if not isinstance(github_id, int) or github_id == GHOST_ID:
        return None
    kind = _KINDS.get(node.get("__typename") or node.get("type") or "", "user")
    login = text(node["login"])[:_LONGEST_NAME]
    if kind == "bot" and not login.endswith("[bot]"):
        login += "[bot]"  # as REST writes it: GraphQL leaves it out
    name = node.get("name")
    return Account(
        github_id,
        node.get("node_id") or node.get("id"),
        login,
        text(name)[:_LONGEST_NAME] if name else None,
        kind,
        node.get("avatarUrl") or node.get("avatar_url"),
    )


def item(node: Mapping[str, Any], *, truncated: tuple[Truncated, ...] = ()) -> Item:
    """Return the item that a node of `queries.items` tells of."""
    is_pull_request = "headRefOid" in node
    return Item(
        number=node["number"],
        github_id=int(node["fullDatabaseId"]),
        node_id=node["id"],
        title=text(node["title"]),
        body=text(node["body"]),
        state=node["state"].lower(),
        state_reason=(node.get("stateReason") or "").lower() or None,
        author=account(node["author"]),
        author_association=node["authorAssociation"],
        created_at=time(node["createdAt"]),
        updated_at=time(node["updatedAt"]),
        closed_at=moment(node["closedAt"]),
        is_locked=node["locked"],
        milestone=text(node["milestone"]["title"]) if node["milestone"] else None,
        comment_count=node["comments"]["totalCount"],
        labels=tuple(dict.fromkeys(text(label["name"])[:_LONGEST_NAME] for label in nodes(node["labels"]))),
        assignees=_accounts(nodes(node["assignees"])),
        events=tuple(found for entry in nodes(node["timelineItems"]) if (found := _event(entry, node["id"]))),
        merge=_merge(node) if is_pull_request else None,
        reviews=tuple(_reviews(node)) if is_pull_request else (),
        truncated=truncated,
    )


def nodes(connection: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return the entries of a list; GitHub has null for what it may not show."""
    return [node for node in (connection or {}).get("nodes") or () if node]


def comment(entry: Mapping[str, Any]) -> Comment:
    """Return the comment that an entry of REST's /issues/comments or /pulls/comments tells of."""
    is_review = "pull_request_url" in entry
    return Comment(
        "review" if is_review else "issue",
        entry["id"],
        entry["node_id"],
        int(entry["pull_request_url" if is_review else "issue_url"].rsplit("/", 1)[1]),
        account(entry["user"]),
        entry.get("author_association"),
        text(entry.get("body")),
        time(entry["created_at"]),
        time(entry["updated_at"]),
        entry.get("pull_request_review_id"),
        entry.get("in_reply_to_id"),
        text(entry["path"]) if is_review else None,
        entry.get("line"),
        entry.get("commit_id") if is_review else None,
    )


def _accounts(found: list[dict[str, Any]]) -> tuple[Account, ...]:
    return tuple({known.github_id: known for node in found if (known := account(node))}.values())


def _merge(node: Mapping[str, Any]) -> Merge:
    return Merge(
        moment(node["mergedAt"]),
        account(node["mergedBy"]),
        node["isDraft"],
        text(node["baseRefName"]),
        text(node["headRefName"]),
        node["baseRefOid"],
        node["headRefOid"],
        node["mergeCommit"]["oid"] if node["mergeCommit"] else None,
        node["additions"],
        node["deletions"],
        node["changedFiles"],
    )


def _reviews(node: Mapping[str, Any]) -> Iterator[Review]:
    for review in nodes(node["reviews"]):
        if review["submittedAt"]:  # a pending one is its author's own, shown to nobody else
            yield Review(
                int(review["fullDatabaseId"]),
                review["id"],
                account(review["author"]),
                review["authorAssociation"],
                review["state"].lower(),
                text(review["body"]),
                time(review["submittedAt"]),
                time(review["updatedAt"]),
                review["commit"]["oid"] if review["commit"] else None,
            )


def _event(node: Mapping[str, Any], item_id: str) -> Event | None:
    """Return the event of an entry; a commit is known by its item and sha, and happens when it was committed."""
    kind = timeline.kind(node["__typename"])
    if kind != "committed":
        told = timeline.payload(dict(node))
        return Event(node["id"], kind, account(node["actor"]), time(node["createdAt"]), _storable(told))
    commit = node["pushed"]
    author = account((commit["author"] or {}).get("user"))
    return Event(f"{item_id}:{commit['oid']}", kind, author, time(commit["committedDate"]), {"commit": commit["oid"]})


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return text(value)
    return {name: _storable(inner) for name, inner in value.items()} if isinstance(value, dict) else value
