"""What is asked of GitHub's GraphQL API: the texts of all queries.

Ids are asked for as `fullDatabaseId`: most no longer fit the 32 bits of `databaseId`. Every query asks for its own
cost, and has a name that the raw pages keep, by which `rebuild` knows it again.
"""

from __future__ import annotations

from collections.abc import Sequence

from boost_pipeline.collectors.github import timeline

INNER = {"labels": 100, "assignees": 20, "timelineItems": 100, "reviews": 100}
"""How many entries of an item's own lists come with the item; what is beyond is asked for by item."""

_COST = "rateLimit { cost }"
_PAGE = "pageInfo { hasNextPage endCursor }"

_ACTOR = """
fragment actor on Actor {
  __typename login avatarUrl
  ... on User { id databaseId name }
  ... on Bot { id databaseId }
  ... on Organization { id databaseId name }
  ... on Mannequin { id databaseId }
}
"""


def _labels(after: str = "") -> str:
    return f"labels(first: {INNER['labels']}{after}) {{ totalCount {_PAGE} nodes {{ name }} }}"


def _assignees(after: str = "") -> str:
    return f"assignees(first: {INNER['assignees']}{after}) {{ totalCount {_PAGE} nodes {{ ...actor }} }}"


def _reviews(after: str = "") -> str:
    return (
        f"reviews(first: {INNER['reviews']}{after}) {{ totalCount {_PAGE} nodes {{ id fullDatabaseId state body "
        "submittedAt updatedAt authorAssociation author { ...actor } commit { oid } } }"
    )


_ITEM = {
    "identity": "id fullDatabaseId number title body createdAt updatedAt locked",
    "closedAt": "closedAt",
    "authorAssociation": "authorAssociation",
    "author": "author { ...actor }",
    "milestone": "milestone { title }",
    "comments": "comments { totalCount }",
    "labels": _labels(),
    "assignees": _assignees(),
}

_ISSUE = _ITEM | {
    "state": "state",
    "stateReason": "stateReason(enableDuplicate: true)",
    "timelineItems": timeline.connection("Issue", INNER["timelineItems"]),
}

_PULL_REQUEST = _ITEM | {
    # Of another type than an issue's, which may not have the same name in a query for either.
    "state": "pullRequestState: state",
    "merge": "mergedAt isDraft baseRefName headRefName baseRefOid headRefOid additions deletions changedFiles",
    "mergedBy": "mergedBy { ...actor }",
    "mergeCommit": "mergeCommit { oid }",
    "reviews": _reviews(),
    "timelineItems": timeline.connection("PullRequest", INNER["timelineItems"]),
}

PARTS = frozenset(_ISSUE | _PULL_REQUEST) - {"identity", "state", "merge", "comments"}
"""The fields that an item's row does without: they are left out of a query where GitHub refuses them."""

_ORDER = "orderBy: {field: UPDATED_AT, direction: DESC}"


def _fragments(*, issues: bool, pull_requests: bool, without: frozenset[str]) -> str:
    def fragment(name: str, kind: str, fields: dict[str, str]) -> str:
        asked = " ".join(text for field, text in fields.items() if field not in without)
        return f"\nfragment {name} on {kind} {{ {asked} }}"

    text = fragment("issue", "Issue", _ISSUE) if issues else ""
    text += fragment("pullRequest", "PullRequest", _PULL_REQUEST) if pull_requests else ""
    return text + (_ACTOR if "...actor" in text else "")


def items(*, issues: bool, pull_requests: bool, without: frozenset[str] = frozenset()) -> str:
    """Return the query of one page of a repository's issues, pull requests or both, the last changed first.

    The fields in `without`, which are of `PARTS`, are not asked for.
    """
    variables = "$owner: String!, $name: String!"
    fields = ""
    if issues:
        variables += ", $issues: Int!, $issuesAfter: String"
        fields += (
            f"issues(first: $issues, after: $issuesAfter, {_ORDER}) {{ totalCount {_PAGE} nodes {{ ...issue }} }} "
        )
    if pull_requests:
        variables += ", $pullRequests: Int!, $pullRequestsAfter: String"
        fields += (
            f"pullRequests(first: $pullRequests, after: $pullRequestsAfter, {_ORDER}) "
            f"{{ totalCount {_PAGE} nodes {{ ...pullRequest }} }} "
        )
    text = (
        f"query WorkItems({variables}) {{ {_COST} repository(owner: $owner, name: $name) {{ databaseId {fields} }} }}"
    )
    return text + _fragments(issues=issues, pull_requests=pull_requests, without=without)


def items_by_number(numbers: Sequence[int], without: frozenset[str] = frozenset()) -> str:
    """Return the query of the items of these numbers, under the aliases n1, n2 and so on."""
    fields = " ".join(f"n{n}: issueOrPullRequest(number: {n}) {{ ...issue ...pullRequest }}" for n in numbers)
    return (
        f"query ItemsByNumber($owner: String!, $name: String!) {{ {_COST} "
        f"repository(owner: $owner, name: $name) {{ databaseId {fields} }} }}"
    ) + _fragments(issues=True, pull_requests=True, without=without)


PLACES = {
    field: (
        f"query Places($owner: String!, $name: String!, $first: Int!, $after: String) {{ {_COST} "
        f"repository(owner: $owner, name: $name) {{ {field}(first: $first, after: $after, {_ORDER}) "
        f"{{ totalCount {_PAGE} nodes {{ number updatedAt }} }} }} }}"
    )
    for field in ("issues", "pullRequests")
}
"""What page of `items` holds which numbers: for entries that GitHub does not give."""


def rest_of(item: str, connection: str) -> str:
    """Return the query of a further page of one list of one item (Issue or PullRequest), named `item` in the answer."""
    after = ", after: $after"
    if connection == "timelineItems":
        field = timeline.connection(item, INNER[connection], after)
    else:
        field = {"labels": _labels, "assignees": _assignees, "reviews": _reviews}[connection](after)
    one = f"item: {item[0].lower()}{item[1:]}(number: $number) {{ {field} }}"
    return (
        f"query RestOfItem($owner: String!, $name: String!, $number: Int!, $after: String!) {{ {_COST} "
        f"repository(owner: $owner, name: $name) {{ {one} }} }}{'' if connection == 'labels' else _ACTOR}"
    )


_FACTS = {
    "identity": "databaseId name owner { login }",
    "id": "id",
    "description": "description",
    "isFork": "isFork",
    "isArchived": "isArchived",
    "stargazerCount": "stargazerCount",
    "forkCount": "forkCount",
    "createdAt": "createdAt",
    "pushedAt": "pushedAt",
    "defaultBranchRef": "defaultBranchRef { name }",
    "licenseInfo": "licenseInfo { spdxId name url }",
    "languages": "languages(first: 50) { edges { size node { name } } }",
    "repositoryTopics": "repositoryTopics(first: 50) { nodes { topic { name } } }",
    "issues": f"issues(first: 1, {_ORDER}) {{ totalCount nodes {{ updatedAt number }} }}",
    "pullRequests": f"pullRequests(first: 1, {_ORDER}) {{ totalCount nodes {{ updatedAt number }} }}",
}

FACTS = frozenset(_FACTS) - {"identity"}
"""What the row of a repository does without."""


def _facts(without: frozenset[str]) -> str:
    return f"\nfragment facts on Repository {{ {' '.join(t for f, t in _FACTS.items() if f not in without)} }}"


def sweep(without: frozenset[str] = frozenset()) -> str:
    """Return the query of a page of an owner's repositories, with what tells whether their items changed."""
    return (
        f"query Repositories($owner: String!, $first: Int!, $after: String) {{ {_COST} repositoryOwner(login: $owner) "
        "{ repositories(first: $first, after: $after, orderBy: {field: NAME, direction: ASC}) "
        f"{{ totalCount {_PAGE} nodes {{ ...facts }} }} }} }}"
    ) + _facts(without)


def one_repository(without: frozenset[str] = frozenset()) -> str:
    """Return the query of the same of one repository."""
    return (
        f"query Repository($owner: String!, $name: String!) {{ {_COST} "
        f"repository(owner: $owner, name: $name) {{ ...facts }} }}"
    ) + _facts(without)


NUMBERS = {
    field: (
        f"query Numbers($owner: String!, $name: String!, $after: String) {{ {_COST} "
        f"repository(owner: $owner, name: $name) {{ {field}(first: 100, after: $after) "
        f"{{ totalCount {_PAGE} nodes {{ number }} }} }} }}"
    )
    for field in ("issues", "pullRequests")
}
"""The numbers that a repository has, of issues or of pull requests."""


def discussions(numbers: list[int]) -> str:
    """Return the query that tells which of `numbers` are discussions, under the aliases n1, n2 and so on."""
    fields = " ".join(f"n{number}: discussion(number: {number}) {{ number }}" for number in numbers)
    return (
        f"query Discussions($owner: String!, $name: String!) {{ {_COST} "
        f"repository(owner: $owner, name: $name) {{ {fields} }} }}"
    )


def commit_authors(commits: dict[str, list[str]]) -> str:
    """Return the query for the authors' accounts of commits, by "owner/name"; shas come as aliases c<sha>."""
    parts = []
    for place, (repository, shas) in enumerate(commits.items()):
        owner, name = repository.split("/")
        fields = " ".join(
            f'c{sha}: object(oid: "{sha}") {{ ... on Commit {{ author {{ user {{ ...actor }} }} }} }}' for sha in shas
        )
        parts.append(f'r{place}: repository(owner: "{owner}", name: "{name}") {{ {fields} }}')
    return f"query CommitAuthors {{ {_COST} {' '.join(parts)} }}{_ACTOR}"
