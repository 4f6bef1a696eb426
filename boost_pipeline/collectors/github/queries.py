"""What is asked of GitHub's GraphQL API: the texts of all queries.

Ids are asked for as `fullDatabaseId`: most no longer fit the 32 bits of `databaseId`. Every query asks for its own
cost, and has a name that the raw pages keep, by which `rebuild` knows it again.
"""

from __future__ import annotations

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


_ITEM = f"""
  id fullDatabaseId number title body state createdAt updatedAt closedAt locked authorAssociation
  author {{ ...actor }}
  milestone {{ title }}
  comments {{ totalCount }}
  {_labels()}
  {_assignees()}
"""

_ISSUES = f"""
fragment issue on Issue {{
  {_ITEM}
  stateReason(enableDuplicate: true)
  {timeline.connection("Issue", INNER["timelineItems"])}
}}
"""

_PULL_REQUESTS = f"""
fragment pullRequest on PullRequest {{
  {_ITEM}
  mergedAt mergedBy {{ ...actor }} isDraft baseRefName headRefName baseRefOid headRefOid mergeCommit {{ oid }}
  additions deletions changedFiles
  {_reviews()}
  {timeline.connection("PullRequest", INNER["timelineItems"])}
}}
"""

_ORDER = "orderBy: {field: UPDATED_AT, direction: DESC}"


def items(*, issues: bool, pull_requests: bool) -> str:
    """Return the query of one page of a repository's issues, pull requests or both, the last changed first."""
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
    return text + _ACTOR + (_ISSUES if issues else "") + (_PULL_REQUESTS if pull_requests else "")


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


_FACTS = """
fragment facts on Repository {
  databaseId id name owner { login } description isFork isArchived stargazerCount forkCount createdAt pushedAt
  defaultBranchRef { name }
  licenseInfo { spdxId name url }
  languages(first: 50) { edges { size node { name } } }
  repositoryTopics(first: 50) { nodes { topic { name } } }
  issues(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) { totalCount nodes { updatedAt number } }
  pullRequests(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) { totalCount nodes { updatedAt number } }
}
"""

SWEEP = (
    f"query Repositories($owner: String!, $first: Int!, $after: String) {{ {_COST} repositoryOwner(login: $owner) "
    "{ repositories(first: $first, after: $after, "
    "orderBy: {field: NAME, direction: ASC}) "
    f"{{ {_PAGE} nodes {{ ...facts }} }} }} }}{_FACTS}"
)
"""All repositories of an owner, with what tells whether their items changed."""

ONE_REPOSITORY = (
    f"query Repository($owner: String!, $name: String!) {{ {_COST} "
    f"repository(owner: $owner, name: $name) {{ ...facts }} }}{_FACTS}"
)

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
