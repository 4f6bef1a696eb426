"""Repositories: facts, languages, topics, labels, milestones, commits, and the lists of what they hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

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
from boost_pipeline.sample.github.model import Account, Commit, Discussion, Issue, Item, PullRequest
from boost_pipeline.sample.github.repository import RepositoryState

connection_types(
    ["Repository", "Issue", "PullRequest", "Language", "RepositoryTopic", "Label", "Milestone", "Discussion"]
)

attributes(
    "Repository",
    id="facts.node_id",
    databaseId="facts.id",
    name="facts.name",
    nameWithOwner="facts.full_name",
    description="facts.description",
    isFork="facts.is_fork",
    isArchived="facts.is_archived",
    stargazerCount="facts.stars",
    forkCount="facts.forks",
    createdAt="facts.created_at",
    updatedAt="facts.updated_at",
    pushedAt="facts.pushed_at",
    licenseInfo="facts.license",
)
constants("Repository", isPrivate=False, isDisabled=False, isLocked=False, isEmpty=False, visibility="PUBLIC")
constants("Repository", hasIssuesEnabled=True, hasDiscussionsEnabled=True)
field("Repository", "url")(lambda state, _: f"https://github.com/{state.facts.full_name}")
field("Repository", "resourcePath")(lambda state, _: f"/{state.facts.full_name}")
field("Repository", "owner")(lambda state, info: info.context.world.login(state.facts.owner))
field("Repository", "primaryLanguage")(lambda state, _: next((name for name, _ in state.facts.languages), None))
field("Repository", "defaultBranchRef")(lambda state, _: (state, state.facts.default_branch))

field("Ref", "id")(lambda ref, _: node_id("REF", ref[0].facts.id, f"refs/heads/{ref[1]}"))
field("Ref", "name")(lambda ref, _: ref[1])
field("Ref", "prefix")(lambda *_: "refs/heads/")

attributes("License", key="key", spdxId="spdx_id", name="name", url="url")
field("License", "id")(lambda licence, _: f"MDc6TGljZW5zZ{licence.key}")

attributes("Label", id="node_id", name="name", color="color", description="description")
attributes("Milestone", id="node_id", number="number", title="title", createdAt="created_at")
constants("Milestone", state="OPEN")
field("Milestone", "creator")(lambda milestone, info: info.context.world.account(milestone.creator))

field("Language", "id")(lambda name, _: f"MDg6TGFuZ3VhZ2U{name.encode().hex()}")
field("Language", "name")(lambda name, _: name)
field("LanguageConnection", "nodes")(lambda page, _: [name for name, _ in page.nodes])
field("LanguageConnection", "totalSize")(lambda page, _: sum(size for _, size in page.listing.things))
field("LanguageEdge", "node")(lambda edge, _: edge[1][0])
field("LanguageEdge", "size")(lambda edge, _: edge[1][1])
field("RepositoryTopic", "id")(lambda topic, _: f"MDE1OlJlcG9zaXRvcnlUb3BpY{topic.encode().hex()}")
field("RepositoryTopic", "topic")(lambda topic, _: topic)
field("Topic", "id")(lambda topic, _: f"MDU6VG9waWM{topic.encode().hex()}")
field("Topic", "name")(lambda topic, _: topic)

attributes(
    "Commit",
    id="node_id",
    oid="sha",
    message="message",
    author="author",
    committer="committer",
    authoredDate="author.at",
    committedDate="committer.at",
)
field("Commit", "abbreviatedOid")(lambda commit, _: commit.sha[:7])
field("Commit", "messageHeadline")(lambda commit, _: commit.message.partition("\n")[0])
attributes("Tag", id="node_id", oid="sha", name="name")
field("Tag", "abbreviatedOid")(lambda tag, _: tag.sha[:7])
connection_types(["Commit"])


@connection("Commit", "authors")
def _authors(commit: Commit, _: Any) -> Listing:
    others = [type(commit.author)(name, email, commit.author.at) for name, email in commit.co_authors]
    return first_ones([commit.author, *others])


@connection("Commit", "parents")
def _parents(commit: Commit, info: Any) -> Listing:
    state = state_of(commit, info)
    return first_ones(state.commits[sha] for sha in commit.parents if sha in state.commits)


@field("Query", "repository", "owner", "name", "followRenames")
def _repository(_: Any, info: Any, owner: str, name: str, follow_renames: bool = True) -> RepositoryState:  # noqa: FBT001, FBT002
    state: RepositoryState | None = info.context.world.find(owner, name, follow=follow_renames)
    if state is None or state.facts.blocked:
        raise info.context.not_found(f"Could not resolve to a Repository with the name '{owner}/{name}'.")
    return state


@field("User Organization", "repository", "name", "followRenames")
def _own_repository(account: Account, info: Any, name: str, follow_renames: bool = True) -> RepositoryState | None:  # noqa: FBT001, FBT002
    state: RepositoryState | None = info.context.world.find(account.login, name, follow=follow_renames)
    return state


_REPOSITORY_ORDERS: Final[Mapping[str | None, Callable[[RepositoryState], Any]]] = {
    "CREATED_AT": lambda state: int(state.facts.created_at.timestamp()),
    "UPDATED_AT": lambda state: int(state.facts.updated_at.timestamp()),
    "PUSHED_AT": lambda state: int(state.facts.pushed_at.timestamp()),
    "NAME": lambda state: state.facts.name.lower(),
    "STARGAZERS": lambda state: state.facts.stars,
    None: lambda state: state.facts.id,
}


@connection("User Organization", "repositories", "orderBy", "isFork", "isArchived", "privacy", "visibility")
def _repositories(
    account: Account,
    info: Any,
    *,
    order_by: dict[str, str] | None = None,
    is_fork: bool | None = None,
    is_archived: bool | None = None,
    privacy: str | None = None,
    visibility: str | None = None,
) -> Listing:
    value = _REPOSITORY_ORDERS[order_by["field"] if order_by else None]

    def key(state: RepositoryState) -> tuple[Any, int]:
        return value(state), state.facts.id

    found = [
        state
        for state in info.context.world.repositories.values()
        if state.facts.owner == account.login
        and not state.facts.blocked
        and is_fork in (None, state.facts.is_fork)
        and is_archived in (None, state.facts.is_archived)
        and "PRIVATE" not in (privacy, visibility)
    ]
    return Listing(sorted(found, key=key), key, _descending(order_by))


def _descending(order_by: dict[str, str] | None) -> bool:
    return order_by is not None and order_by["direction"] == "DESC"


@connection("Repository", "languages", "orderBy")
def _languages(state: RepositoryState, _: Any, *, order_by: dict[str, str] | None = None) -> Listing:
    return Listing(
        sorted(state.facts.languages, key=lambda language: (language[1], language[0])),
        lambda language: (language[1], language[0]),
        order_by is None or _descending(order_by),
    )


@connection("Repository", "repositoryTopics")
def _topics(state: RepositoryState, _: Any) -> Listing:
    return first_ones(state.facts.topics)


@connection("Repository", "labels")
def _all_labels(state: RepositoryState, _: Any) -> Listing:
    return Listing(sorted(state.labels.values(), key=lambda label: label.id), lambda label: (label.id,))


@connection("Repository", "milestones")
def _milestones(state: RepositoryState, _: Any) -> Listing:
    return first_ones(state.milestones.values())


# ---- what a repository holds ----


def _by_number(item: Issue | Discussion) -> tuple[int, int]:
    return int(item.created_at.timestamp()), item.number


def _by_update(item: Issue | Discussion) -> tuple[int, int]:
    return int(item.updated_at.timestamp()), item.number


def _comments_key(state: RepositoryState) -> Any:
    return lambda item: (state.comments.count(item.number), item.number)


def _items(state: RepositoryState, kind: str, order_by: dict[str, str] | None) -> Listing:
    """Return issues or pull requests in an order that is made once and kept until something changes."""
    name = order_by["field"] if order_by else "CREATED_AT"
    key = {"CREATED_AT": _by_number, "UPDATED_AT": _by_update}.get(name) or _comments_key(state)
    things = state.issues if kind == "issues" else state.pulls
    ordered = state.ordered((kind, name), lambda: sorted(things(), key=key))
    return Listing(ordered, key, _descending(order_by))


def _state(item: Item) -> str:
    return "MERGED" if isinstance(item, PullRequest) and item.merged_at else item.state.upper()


def _only(listing: Listing, wanted: Any) -> Listing:
    return Listing([item for item in listing.things if wanted(item)], listing.key, listing.descending)


@connection("Repository", "issues", "orderBy", "states", "labels", "filterBy")
def _issues(
    state: RepositoryState,
    _: Any,
    *,
    order_by: dict[str, str] | None = None,
    states: list[str] | None = None,
    labels: list[str] | None = None,
    filter_by: dict[str, Any] | None = None,
) -> Listing:
    listing = _items(state, "issues", order_by)
    filters = filter_by or {}
    states, labels = filters.get("states", states), filters.get("labels", labels)
    since: datetime | None = filters.get("since")
    if since:
        listing = _only(listing, lambda item: item.updated_at >= since)
    return _chosen(listing, state, states, labels)


@connection("Repository", "pullRequests", "orderBy", "states", "labels", "baseRefName", "headRefName")
def _pull_requests(
    state: RepositoryState,
    _: Any,
    *,
    order_by: dict[str, str] | None = None,
    states: list[str] | None = None,
    labels: list[str] | None = None,
    base_ref_name: str | None = None,
    head_ref_name: str | None = None,
) -> Listing:
    listing = _items(state, "pulls", order_by)
    if base_ref_name is not None:
        listing = _only(listing, lambda pull: pull.base_ref == base_ref_name)
    if head_ref_name is not None:
        listing = _only(listing, lambda pull: pull.head_ref == head_ref_name)
    return _chosen(listing, state, states, labels)


def _chosen(listing: Listing, state: RepositoryState, states: list[str] | None, labels: list[str] | None) -> Listing:
    if states is not None:
        listing = _only(listing, lambda item: _state(item) in states)
    if labels is not None:
        wanted = {found.id for name in labels if (found := state.label(name))}
        listing = _only(listing, lambda item: wanted & set(item.labels))
    return listing


@connection("Repository", "discussions", "orderBy")
def _discussions(state: RepositoryState, _: Any, *, order_by: dict[str, str] | None = None) -> Listing:
    key = _by_number if order_by and order_by["field"] == "CREATED_AT" else _by_update
    return Listing(sorted(state.discussions.values(), key=key), key, order_by is None or _descending(order_by))


@field("Repository", "issue", "number")
def _issue(state: RepositoryState, info: Any, number: int) -> Issue:
    return _numbered(state, info, number, "an Issue", lambda item: not isinstance(item, PullRequest))


@field("Repository", "pullRequest", "number")
def _pull_request(state: RepositoryState, info: Any, number: int) -> Issue:
    return _numbered(state, info, number, "a PullRequest", lambda item: isinstance(item, PullRequest))


@field("Repository", "issueOrPullRequest", "number")
def _either(state: RepositoryState, info: Any, number: int) -> Issue:
    return _numbered(state, info, number, "an issue or pull request", bool)


def _numbered(state: RepositoryState, info: Any, number: int, what: str, fits: Any) -> Issue:
    item = state.items.get(number)
    if item is None or not fits(item):
        raise info.context.not_found(f"Could not resolve to {what} with the number of {number}.")
    return item


@field("Repository", "discussion", "number")
def _discussion(state: RepositoryState, info: Any, number: int) -> Discussion:
    if number not in state.discussions:
        raise info.context.not_found(f"Could not resolve to a Discussion with the number of {number}.")
    return state.discussions[number]


@field("Repository", "object", "oid", "expression")
def _object(state: RepositoryState, _: Any, oid: str | None = None, expression: str | None = None) -> Commit | None:
    return state.commits.get((oid or expression or "").lower())
