"""Issues, pull requests and discussions, with their comments, reviews and review threads."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from boost_pipeline.sample.github.connections import Listing
from boost_pipeline.sample.github.fields import (
    attributes,
    connection,
    connection_types,
    constants,
    field,
    first_ones,
    state_of,
)
from boost_pipeline.sample.github.ids import node_id
from boost_pipeline.sample.github.model import (
    Commit,
    Issue,
    PullRequest,
    Review,
    ReviewComment,
    ReviewThread,
    Signature,
)

connection_types(["IssueComment", "PullRequestReview", "PullRequestReviewComment", "PullRequestReviewThread"])
connection_types(["ReviewRequest", "PullRequestCommit"])

_ITEMS = "Issue PullRequest"
_REMARKS = "IssueComment PullRequestReview PullRequestReviewComment"
_WRITTEN = f"{_ITEMS} {_REMARKS}"
_LARGEST_INT = 2**31 - 1


def _small(number: int) -> int | None:
    """Return a database id where GraphQL's Int can hold it; `fullDatabaseId` always has it."""
    return number if number <= _LARGEST_INT else None


def commit_of(thing: Any, sha: str | None, info: Any) -> Commit | None:
    """Return the commit of that id in a thing's repository; of one that is not there, only the id is told."""
    if not sha:
        return None
    found: Commit | None = state_of(thing, info).commits.get(sha)
    return found or unknown_commit(thing.repository, sha)


def unknown_commit(repository: int, sha: str) -> Commit:
    """Return a commit of which only the id is known."""
    nobody = Signature("GitHub", "noreply@github.com", datetime(2008, 1, 1, tzinfo=UTC))
    return Commit(sha, repository, nobody, nobody, "")


def lock_reason(reason: str | None) -> str | None:
    """Return GraphQL's word for REST's reason of a lock: TOO_HEATED for "too heated"."""
    return reason and re.sub("[- ]", "_", reason).upper()


def _path(thing: Any, info: Any) -> str:
    state = state_of(thing, info)
    if isinstance(thing, Issue):
        kind, anchor = ("pull" if isinstance(thing, PullRequest) else "issues"), ""
    elif isinstance(thing, Review):
        kind, anchor = "pull", f"#pullrequestreview-{thing.id}"
    elif isinstance(thing, ReviewComment):
        kind, anchor = "pull", f"#discussion_r{thing.id}"
    elif hasattr(thing, "category"):
        kind, anchor = "discussions", ""
    else:
        pull = isinstance(state.items[thing.number], PullRequest)
        kind, anchor = ("pull" if pull else "issues"), f"#issuecomment-{thing.id}"
    return f"/{state.facts.full_name}/{kind}/{thing.number}{anchor}"


attributes(
    f"{_WRITTEN} Discussion",
    id="node_id",
    body="body",
    createdAt="created_at",
    publishedAt="created_at",
    updatedAt="updated_at",
)
attributes(_WRITTEN, authorAssociation="association", lastEditedAt="edited_at")
constants("Discussion", authorAssociation="NONE", lastEditedAt=None)
field(f"{_WRITTEN} Discussion", "author")(lambda thing, info: info.context.world.account(thing.author))
field(f"{_WRITTEN} Discussion", "bodyText")(lambda thing, _: thing.body)
field(_WRITTEN, "editor")(lambda thing, info: info.context.world.account(thing.author) if thing.edited_at else None)
field(f"{_WRITTEN} Discussion", "repository")(state_of)
field(f"{_WRITTEN} Discussion", "url")(lambda thing, info: f"https://github.com{_path(thing, info)}")
field(f"{_WRITTEN} Discussion", "resourcePath")(_path)
field(f"Issue {_REMARKS} Discussion", "databaseId")(lambda thing, _: _small(thing.id))
field(f"Issue {_REMARKS}", "fullDatabaseId")(lambda thing, _: str(thing.id))
field("PullRequest", "databaseId")(lambda pull, _: _small(pull.pull_id))
field("PullRequest", "fullDatabaseId")(lambda pull, _: str(pull.pull_id))
constants(_REMARKS, isMinimized=False, minimizedReason=None)

attributes(
    f"{_ITEMS} Discussion",
    number="number",
    title="title",
)
attributes(_ITEMS, closedAt="closed_at", locked="locked")
field(_ITEMS, "closed")(lambda item, _: item.state == "closed")
field(_ITEMS, "activeLockReason")(
    lambda item, _: item.lock_reason and item.lock_reason.replace("-", "_").replace(" ", "_").upper()
)
field(_ITEMS, "milestone")(lambda item, info: state_of(item, info).milestones.get(item.milestone))
field("Issue", "state")(lambda issue, _: issue.state.upper())
field("Discussion", "category")(lambda told, _: told)
constants("Discussion", closed=False, closedAt=None, locked=False, isAnswered=False)
field("DiscussionCategory", "id")(lambda told, _: node_id("DIC", told.repository, 1))
field("DiscussionCategory", "name")(lambda told, _: told.category)

attributes(
    "PullRequest",
    isDraft="is_draft",
    mergedAt="merged_at",
    baseRefName="base_ref",
    headRefName="head_ref",
    baseRefOid="base_sha",
    headRefOid="head_sha",
    additions="additions",
    deletions="deletions",
    changedFiles="changed_files",
)
field("PullRequest", "state")(lambda pull, _: "MERGED" if pull.merged_at else pull.state.upper())
field("PullRequest", "merged")(lambda pull, _: pull.merged_at is not None)
field("PullRequest", "mergedBy")(lambda pull, info: info.context.world.account(pull.merged_by))
field("PullRequest", "mergeCommit")(lambda pull, info: commit_of(pull, pull.merge_commit_sha, info))
field("PullRequest", "reviewDecision")(lambda pull, info: state_of(pull, info).decision(pull.number))
field("PullRequest", "isCrossRepository")(lambda pull, info: pull.head_owner != state_of(pull, info).facts.owner)
field("PullRequest", "headRepositoryOwner")(lambda pull, info: info.context.world.login(pull.head_owner or ""))
field("PullRequest", "totalCommentsCount")(
    lambda pull, info: (
        state_of(pull, info).comments.count(pull.number) + state_of(pull, info).review_comments.count(pull.number)
    )
)

attributes("PullRequestReview", state="state", submittedAt="submitted_at")
field("PullRequestReview", "commit")(lambda review, info: commit_of(review, review.commit, info))
field("PullRequestReview PullRequestReviewComment PullRequestReviewThread", "pullRequest")(
    lambda thing, info: state_of(thing, info).items[thing.number]
)
field("IssueComment", "pullRequest")(
    lambda thing, info: item if isinstance(item := state_of(thing, info).items[thing.number], PullRequest) else None
)

attributes("PullRequestReviewComment", path="path", line="line", originalLine="original_line", diffHunk="diff_hunk")
field("PullRequestReviewComment", "position")(lambda comment, _: comment.line and 1)
constants("PullRequestReviewComment", originalPosition=1, startLine=None, originalStartLine=None)
field("PullRequestReviewComment", "outdated")(lambda comment, _: comment.line is None)
constants("PullRequestReviewComment PullRequestReviewThread", subjectType="LINE")
field("PullRequestReviewComment", "commit")(lambda comment, info: commit_of(comment, comment.commit, info))
field("PullRequestReviewComment", "originalCommit")(
    lambda comment, info: commit_of(comment, comment.original_commit, info)
)
field("PullRequestReviewComment", "replyTo")(
    lambda comment, info: comment.in_reply_to and state_of(comment, info).review_comments.find(comment.in_reply_to)
)
field("PullRequestReviewComment", "pullRequestReview")(
    lambda comment, info: state_of(comment, info).reviews.find(comment.review)
)
field("PullRequestReviewComment", "state")(
    lambda comment, info: (
        "PENDING"
        if (review := state_of(comment, info).reviews.find(comment.review)) and review.state == "PENDING"
        else "SUBMITTED"
    )
)

attributes("PullRequestReviewThread", id="node_id", path="first.path", line="first.line")
attributes("PullRequestReviewThread", originalLine="first.original_line")
constants("PullRequestReviewThread", isResolved=False)
field("PullRequestReviewThread", "isCollapsed")(lambda thread, _: thread.first.line is None)
field("PullRequestReviewThread", "isOutdated")(lambda thread, _: thread.first.line is None)
constants("PullRequestReviewThread", resolvedBy=None)

field("ReviewRequest", "id")(lambda asked, _: node_id("RR", *asked))
constants("ReviewRequest", databaseId=None)
field("ReviewRequest", "requestedReviewer")(lambda asked, info: info.context.world.account(asked[2]))
constants("ReviewRequest", asCodeOwner=False)


@field("Issue", "stateReason", "enableDuplicate")
def _state_reason(issue: Issue, _: Any, enable_duplicate: bool = False) -> str | None:  # noqa: FBT001, FBT002
    if issue.state_reason == "duplicate" and not enable_duplicate:
        return "NOT_PLANNED"
    return issue.state_reason and issue.state_reason.upper()


@connection(_ITEMS, "labels")
def _labels(item: Issue, info: Any) -> Listing:
    state = state_of(item, info)
    return first_ones(state.labels[key] for key in item.labels)


@connection(_ITEMS, "comments", "orderBy")
def _comments(item: Issue, info: Any, *, order_by: dict[str, str] | None = None) -> Listing:
    if order_by is None:
        return Listing(state_of(item, info).comments.of(item.number), _by_id)
    comments = sorted(state_of(item, info).comments.of(item.number), key=_by_update)
    return Listing(comments, _by_update, order_by["direction"] == "DESC")


def _by_id(thing: Any) -> tuple[int]:
    return (thing.id,)


def _by_update(thing: Any) -> tuple[int, int]:
    return int(thing.updated_at.timestamp()), thing.id


@connection("PullRequest", "reviews", "states")
def _reviews(pull: PullRequest, info: Any, *, states: list[str] | None = None) -> Listing:
    reviews = state_of(pull, info).reviews.of(pull.number)
    # A pending review is seen by its author alone.
    shown = [r for r in reviews if r.state != "PENDING" and (states is None or r.state in states)]
    return Listing(shown, _by_id)


@connection("PullRequestReview", "comments")
def _review_comments(review: Review, info: Any) -> Listing:
    comments = state_of(review, info).review_comments.of(review.number)
    return Listing([comment for comment in comments if comment.review == review.id], _by_id)


@connection("PullRequest", "reviewThreads")
def _threads(pull: PullRequest, info: Any) -> Listing:
    comments = state_of(pull, info).review_comments.of(pull.number)
    return Listing([ReviewThread(comment) for comment in comments if comment.in_reply_to is None], _by_id)


@connection("PullRequestReviewThread", "comments")
def _thread_comments(thread: ReviewThread, info: Any) -> Listing:
    comments = state_of(thread, info).review_comments.of(thread.number)
    return Listing([comment for comment in comments if thread.id in (comment.id, comment.in_reply_to)], _by_id)


@connection("PullRequest", "reviewRequests")
def _review_requests(pull: PullRequest, _: Any) -> Listing:
    return first_ones((pull.repository, pull.pull_id, account) for account in pull.reviewers)


@connection("PullRequest", "commits")
def _commits(pull: PullRequest, info: Any) -> Listing:
    events = state_of(pull, info).events.of(pull.number)
    return Listing([event for event in events if event.kind == "committed"], _by_id)
