"""The timeline of an item: which events are read, the fields of each, and the row that becomes of one.

Left out are comments and reviews, which have tables of their own, and what tells nothing of the work: subscriptions,
mentions, projects.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from boost_pipeline.collectors.github.fields import Fields, OddField

_WHO = "{ __typename ... on Actor { login } ... on User { databaseId } ... on Bot { databaseId } }"
_REVIEWER = "{ __typename ... on User { login databaseId } ... on Bot { login databaseId } }"
"""No field of a team: those need a token with the scope read:org."""

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

    Raises:
        OddField: none of this type was asked for.
    """
    if typename != _COMMITS and typename not in EVENTS["PullRequest"]:
        raise OddField("timelineItems.nodes.__typename", "a type of event", typename)
    return "committed" if typename == _COMMITS else _snake(typename.removesuffix("Event"))


def payload(node: dict[str, Any]) -> dict[str, Any]:
    """Return what an event has to tell beside who and when, in the words of its fields, without what is empty.

    Raises:
        OddField: a field is absent, or of another type than its name promises.

    >>> payload({"__typename": "LabeledEvent", "id": "LE_1", "createdAt": "…", "actor": None, "label": {"name": "bug"}})
    {'label': 'bug'}
    """
    path = "timelineItems.nodes"
    fields = Fields(node, path)
    for name in _own_fields(node["__typename"]):
        fields.asked(name)
    own = {name: value for name, value in node.items() if name not in _COMMON}
    told = {_snake(name): _plain(value, name, f"{path}.{name}") for name, value in own.items()}
    return {name: value for name, value in told.items() if value is not None}


@cache
def _own_fields(typename: str) -> tuple[str, ...]:
    """Return the names of the fields that only this type of event is asked for."""
    own = EVENTS["PullRequest"][typename]
    while "{" in own:
        own = re.sub(r"\{[^{}]*\}", "", own)
    return tuple(own.split())


_COMMON = {"__typename", "id", "createdAt", "actor"}


_NUMBERS = ("number", "databaseId", "fullDatabaseId")
_FLAGS = ("isCrossRepository", "isDirectReference", "willCloseTarget")


def _plain(value: Any, name: str, path: str) -> Any:
    """Shorten an object with one telling field to that field, and give the others the words of the tables."""
    if not isinstance(value, dict):
        wanted = int if name in _NUMBERS else bool if name in _FLAGS else str
        if value is not None and not (isinstance(value, wanted) or (wanted is int and str(value).isdecimal())):
            raise OddField(path, f"{'a number' if wanted is int else 'a flag' if wanted is bool else 'a text'}", value)
        return value
    told = {_snake(n): _plain(v, n, f"{path}.{n}") for n, v in value.items() if n not in ("__typename", "author")}
    told = {n: v for n, v in told.items() if v is not None and n != "committed_date"}
    if not told:
        return None
    return next(iter(told.values())) if len(told) == 1 else told


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
