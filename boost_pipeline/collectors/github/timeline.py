"""The timeline of an item: which events are read, the fields of each, and the row that becomes of one.

Left out are comments and reviews, which have tables of their own, and what tells nothing of the work: subscriptions,
mentions, projects.
"""

from __future__ import annotations

import re
from typing import Any

_WHO = "{ __typename ... on Actor { login } ... on User { databaseId } ... on Bot { databaseId } }"
_REVIEWER = "{ __typename ... on User { login databaseId } ... on Bot { login databaseId } ... on Team { slug } }"
_ITEM = (
    "{ __typename ... on Issue { number repository { nameWithOwner } } "
    "... on PullRequest { number repository { nameWithOwner } } }"
)
_CLOSER = "{ __typename ... on Commit { oid } ... on PullRequest { number repository { nameWithOwner } } }"

_BOTH = {
    "AssignedEvent": f"assignee {_WHO}",
    "UnassignedEvent": f"assignee {_WHO}",
    "LabeledEvent": "label { name }",
    "UnlabeledEvent": "label { name }",
    "MilestonedEvent": "milestoneTitle",
    "DemilestonedEvent": "milestoneTitle",
    "RenamedTitleEvent": "previousTitle currentTitle",
    "ClosedEvent": f"stateReason closer {_CLOSER}",
    "ReopenedEvent": "stateReason",
    "LockedEvent": "lockReason",
    "UnlockedEvent": "",
    "CrossReferencedEvent": f"isCrossRepository willCloseTarget source {_ITEM}",
    "ReferencedEvent": "isCrossRepository isDirectReference commit { oid } commitRepository { nameWithOwner }",
    "CommentDeletedEvent": "deletedCommentAuthor { login }",
    "TransferredEvent": "fromRepository { nameWithOwner }",
    "ConvertedToDiscussionEvent": "discussion { number }",
}
_PULL_REQUEST = {
    "MergedEvent": "mergeRefName commit { oid }",
    "ReviewRequestedEvent": f"requestedReviewer {_REVIEWER}",
    "ReviewRequestRemovedEvent": f"requestedReviewer {_REVIEWER}",
    "ReviewDismissedEvent": "dismissalMessage previousReviewState review { fullDatabaseId }",
    "ReadyForReviewEvent": "",
    "ConvertToDraftEvent": "",
    "HeadRefForcePushedEvent": "beforeCommit { oid } afterCommit { oid }",
    "HeadRefDeletedEvent": "headRefName",
    "HeadRefRestoredEvent": "",
    "BaseRefChangedEvent": "previousRefName currentRefName",
    "BaseRefForcePushedEvent": "beforeCommit { oid } afterCommit { oid }",
}
_COMMITS = "PullRequestCommit"

EVENTS = {"Issue": _BOTH, "PullRequest": _BOTH | _PULL_REQUEST}
"""By the kind of item: the types of events, each with its own fields."""


def connection(item: str, first: int, after: str = "") -> str:
    """Return the field that asks for the timeline of an item (Issue or PullRequest)."""
    types = ", ".join(_snake(name).upper() for name in EVENTS[item])
    fields = [f"... on {name} {{ createdAt actor {{ ...actor }} {own} }}" for name, own in EVENTS[item].items()]
    if item == "PullRequest":
        types += f", {_snake(_COMMITS).upper()}"
        fields.append(
            f"... on {_COMMITS} {{ pushed: commit {{ oid committedDate author {{ user {{ ...actor }} }} }} }}"
        )
    nodes = f"nodes {{ __typename ... on Node {{ id }} {' '.join(fields)} }}"
    return (
        f"timelineItems(first: {first}{after}, itemTypes: [{types}]) "
        f"{{ totalCount pageInfo {{ hasNextPage endCursor }} {nodes} }}"
    )


def kind(typename: str) -> str:
    """Return the kind of event that is stored.

    >>> kind("HeadRefForcePushedEvent"), kind("PullRequestCommit")
    ('head_ref_force_pushed', 'committed')
    """
    return "committed" if typename == _COMMITS else _snake(typename.removesuffix("Event"))


def payload(node: dict[str, Any]) -> dict[str, Any]:
    """Return what an event has to tell beside who and when, in the words of its fields, without what is empty.

    >>> payload({"__typename": "LabeledEvent", "id": "LE_1", "createdAt": "…", "actor": None, "label": {"name": "bug"}})
    {'label': 'bug'}
    """
    told = {_snake(name): _plain(value) for name, value in node.items() if name not in _COMMON}
    return {name: value for name, value in told.items() if value is not None}


_COMMON = {"__typename", "id", "createdAt", "actor"}


def _plain(value: Any) -> Any:
    """Shorten an object with one telling field to that field, and give the others the words of the tables."""
    if not isinstance(value, dict):
        return value
    told = {_snake(name): _plain(inner) for name, inner in value.items() if name not in ("__typename", "author")}
    told = {name: inner for name, inner in told.items() if inner is not None and name != "committed_date"}
    if not told:
        return None
    return next(iter(told.values())) if len(told) == 1 else told


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
