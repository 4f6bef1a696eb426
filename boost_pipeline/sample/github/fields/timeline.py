"""Timelines: what happened to an item, as typed events in the order of time."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from boost_pipeline.sample.github.connections import Listing
from boost_pipeline.sample.github.fields import attributes, connection, connection_types, constants, field, state_of
from boost_pipeline.sample.github.fields.items import commit_of, lock_reason
from boost_pipeline.sample.github.ids import node_id
from boost_pipeline.sample.github.model import Comment, Event, Issue, Item, PullRequest, Review
from boost_pipeline.sample.github.repository import moment

connection_types(["IssueTimelineItems", "PullRequestTimelineItems"])

EVENT_TYPES: Final = {
    "added_to_project": "AddedToProjectEvent",
    "assigned": "AssignedEvent",
    "automatic_base_change_failed": "AutomaticBaseChangeFailedEvent",
    "automatic_base_change_succeeded": "AutomaticBaseChangeSucceededEvent",
    "base_ref_changed": "BaseRefChangedEvent",
    "base_ref_deleted": "BaseRefDeletedEvent",
    "base_ref_force_pushed": "BaseRefForcePushedEvent",
    "closed": "ClosedEvent",
    "comment_deleted": "CommentDeletedEvent",
    "connected": "ConnectedEvent",
    "convert_to_draft": "ConvertToDraftEvent",
    "converted_to_discussion": "ConvertedToDiscussionEvent",
    "cross-referenced": "CrossReferencedEvent",
    "demilestoned": "DemilestonedEvent",
    "deployed": "DeployedEvent",
    "disconnected": "DisconnectedEvent",
    "head_ref_deleted": "HeadRefDeletedEvent",
    "head_ref_force_pushed": "HeadRefForcePushedEvent",
    "head_ref_restored": "HeadRefRestoredEvent",
    "labeled": "LabeledEvent",
    "locked": "LockedEvent",
    "marked_as_duplicate": "MarkedAsDuplicateEvent",
    "mentioned": "MentionedEvent",
    "merged": "MergedEvent",
    "milestoned": "MilestonedEvent",
    "moved_columns_in_project": "MovedColumnsInProjectEvent",
    "pinned": "PinnedEvent",
    "ready_for_review": "ReadyForReviewEvent",
    "referenced": "ReferencedEvent",
    "removed_from_project": "RemovedFromProjectEvent",
    "renamed": "RenamedTitleEvent",
    "reopened": "ReopenedEvent",
    "review_dismissed": "ReviewDismissedEvent",
    "review_request_removed": "ReviewRequestRemovedEvent",
    "review_requested": "ReviewRequestedEvent",
    "subscribed": "SubscribedEvent",
    "transferred": "TransferredEvent",
    "unassigned": "UnassignedEvent",
    "unlabeled": "UnlabeledEvent",
    "unlocked": "UnlockedEvent",
    "unmarked_as_duplicate": "UnmarkedAsDuplicateEvent",
    "unpinned": "UnpinnedEvent",
    "unsubscribed": "UnsubscribedEvent",
    "user_blocked": "UserBlockedEvent",
}
"""REST's word for an event → GraphQL's type."""

PREFIXES: Final = {kind: re.sub("[a-z]", "", name) for kind, name in EVENT_TYPES.items()}
"""REST's word → the prefix of its node ids, the capitals of the type."""

_ALL = " ".join(EVENT_TYPES.values())


def _item(event: Event, info: Any) -> Item:
    found: Item = state_of(event, info).items[event.number]
    return found


def _other(event: Event, info: Any) -> Item | None:
    """Return the source of a cross-reference; one that moved away is still found."""
    world, place = info.context.world, event.other
    while place and (gap := world.repositories[place[0]].gaps.get(place[1])):
        place = gap.to
    found: Item | None = place and world.repositories[place[0]].items.get(place[1])
    return found or _item(event, info)


def _pull(event: Event, info: Any) -> PullRequest:
    item = _item(event, info)
    assert isinstance(item, PullRequest)
    return item


attributes(_ALL, createdAt="at")
field(_ALL, "id")(lambda event, _: event_node_id(event))
field(_ALL, "actor")(lambda event, info: info.context.world.account(event.actor))

_NUMBERED = "BaseRefChangedEvent CommentDeletedEvent MentionedEvent ReviewDismissedEvent"
field(_NUMBERED, "databaseId")(lambda event, _: event.id if event.id < 1 << 31 else None)
field("LabeledEvent UnlabeledEvent", "label")(lambda event, info: state_of(event, info).labels[event.label])
field("AssignedEvent UnassignedEvent", "assignee")(lambda event, info: info.context.world.account(event.account))
field("AssignedEvent UnassignedEvent", "user")(
    lambda event, info: (
        account if (account := info.context.world.account(event.account)) and account.kind == "User" else None
    )
)
field("ClosedEvent ReopenedEvent", "stateReason")(lambda event, _: event.text and event.text.upper())
field("ClosedEvent", "closer")(
    lambda event, info: _other(event, info) if event.other else commit_of(event, event.commit, info)
)
field("MergedEvent", "mergeRefName")(lambda event, info: _pull(event, info).base_ref)
field("MergedEvent ReferencedEvent PullRequestCommit", "commit")(
    lambda event, info: commit_of(event, event.commit, info)
)
field("ReferencedEvent", "commitRepository")(state_of)
constants("ReferencedEvent", isCrossRepository=False, isDirectReference=True)
field("ReferencedEvent", "subject")(_item)
field("RenamedTitleEvent", "previousTitle")(lambda event, _: event.before)
field("RenamedTitleEvent", "currentTitle")(lambda event, _: event.after)
field("ReviewRequestedEvent ReviewRequestRemovedEvent", "requestedReviewer")(
    lambda event, info: info.context.world.account(event.account)
)
_FORCED = "HeadRefForcePushedEvent BaseRefForcePushedEvent"
field(_FORCED, "beforeCommit")(lambda event, info: commit_of(event, event.before, info))
field(_FORCED, "afterCommit")(lambda event, info: commit_of(event, event.after, info))
field("BaseRefChangedEvent", "previousRefName")(lambda event, _: event.before)
field("BaseRefChangedEvent", "currentRefName")(lambda event, _: event.after)
field("HeadRefDeletedEvent", "headRefName")(lambda event, info: _pull(event, info).head_ref)
field("TransferredEvent", "fromRepository")(lambda event, info: info.context.world.repositories.get(event.other[0]))
field("MilestonedEvent DemilestonedEvent", "milestoneTitle")(lambda event, _: event.text)
field("CrossReferencedEvent", "source")(_other)
field("CrossReferencedEvent", "target")(_item)
field("CrossReferencedEvent", "isCrossRepository")(lambda event, _: event.other[0] != event.repository)
field("CrossReferencedEvent", "referencedAt")(lambda event, _: event.at)
constants("CrossReferencedEvent", willCloseTarget=False)
field("ConvertedToDiscussionEvent", "discussion")(
    lambda event, info: state_of(event, info).discussions.get(event.other[1])
)
field("LockedEvent", "lockReason")(lambda event, _: lock_reason(event.text))
field("ReviewDismissedEvent", "dismissalMessage")(lambda event, _: event.text)
field("ReviewDismissedEvent", "previousReviewState")(lambda event, _: event.before)
field("ReviewDismissedEvent", "review")(lambda event, info: state_of(event, info).reviews.find(event.review))
field("CommentDeletedEvent", "deletedCommentAuthor")(lambda event, info: info.context.world.account(event.account))
field("PullRequestCommit", "id")(lambda event, _: node_id("PURC", event.repository, event.commit))
field("PullRequestCommit MergedEvent ReviewRequestedEvent", "pullRequest")(_item)

_TIMELINES = "IssueTimelineItemsConnection PullRequestTimelineItemsConnection"
field(_TIMELINES, "totalCount")(lambda page, _: page.listing.more["total"])
field(_TIMELINES, "filteredCount")(lambda page, _: page.between)
field(_TIMELINES, "pageCount")(lambda page, _: len(page.nodes))
field(_TIMELINES, "updatedAt")(lambda page, _: page.listing.more["updated_at"])


def event_node_id(event: Event) -> str:
    """Return the node id of an event."""
    return node_id(PREFIXES.get(event.kind, "EV"), event.repository, event.number, event.id)


def type_of(thing: Event | Comment | Review) -> str:
    """Return the GraphQL type of a thing of a timeline."""
    if isinstance(thing, Comment):
        return "IssueComment"
    if isinstance(thing, Review):
        return "PullRequestReview"
    return "PullRequestCommit" if thing.kind == "committed" else EVENT_TYPES[thing.kind]


@connection("Issue PullRequest", "timelineItems", "itemTypes", "since", "skip")
def _timeline(
    item: Issue | PullRequest,
    info: Any,
    *,
    item_types: list[str] | None = None,
    since: datetime | None = None,
    skip: int = 0,
) -> Listing:
    everything = [thing for thing in state_of(item, info).timeline(item.number) if _told(thing, item)]
    things = everything
    if item_types is not None:
        wanted = {"".join(word.capitalize() for word in name.split("_")) for name in item_types}
        things = [thing for thing in things if type_of(thing) in wanted]
    if since is not None:
        things = [thing for thing in things if moment(thing)[0] >= since.timestamp()]
    return Listing(things[skip:], moment, more={"total": len(everything), "updated_at": item.updated_at})


def _told(thing: Event | Comment | Review, item: Item) -> bool:
    """Whether GraphQL has a type for it; and an issue has no commits, even if it was a pull request's number."""
    return not isinstance(thing, Event) or thing.kind in EVENT_TYPES or isinstance(item, PullRequest)
