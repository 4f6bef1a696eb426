"""The sweep: the facts of all repositories, and what tells whether their items changed, for a few points.

What changed is decided by whoever reads items, by comparing with what it has read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from boost_pipeline.collectors.github import queries
from boost_pipeline.collectors.github.asking import ask
from boost_pipeline.collectors.github.scope import Repository, Scope
from boost_pipeline.collectors.github.shapes import moment, nodes, text
from boost_pipeline.errors import SourceRefused
from boost_pipeline.sources.github import GitHub
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Transaction

PAGE = 37
"""Repositories in a query. Each is four requests, one for each of its lists: 37 are the most that one point buys."""

_FACTS = (
    "github_id",
    "node_id",
    "description",
    "is_fork",
    "is_archived",
    "stars",
    "forks",
    "created_at",
    "pushed_at",
    "license_id",
    "issue_count",
    "pull_request_count",
)


@dataclass(frozen=True, slots=True)
class Swept:
    """A repository as the sweep found it."""

    owner: str
    name: str
    facts: dict[str, Any]

    @property
    def mark(self) -> dict[str, list[Any]]:
        """How many items there are and which changed last, and when: another one means that there is something new."""
        return {
            "issues": _mark(self.facts["issues"]),
            "pullRequests": _mark(self.facts["pullRequests"]),
        }


def _mark(connection: dict[str, Any]) -> list[Any]:
    newest = next(iter(nodes(connection)), {})
    return [connection["totalCount"], newest.get("updatedAt"), newest.get("number")]


def sweep(github: GitHub, scope: Scope) -> Iterator[Swept]:
    """Ask for the repositories of a scope.

    Raises:
        SourceRefused: the owner, or a repository that the scope names, does not exist.
    """
    label = f"{scope.key('repositories')} {scope.owner}"
    if scope.repositories is None:
        yield from _all_of(github, scope.owner, label)
        return
    for name in scope.repositories:
        found = ask(github, queries.ONE_REPOSITORY, {"owner": scope.owner, "name": name}, label=label).get("repository")
        if found is None:
            raise SourceRefused(f"GitHub has no repository {scope.owner}/{name}, or the token may not read it.")
        yield Swept(scope.owner, found["name"], found)


def _all_of(github: GitHub, owner: str, label: str) -> Iterator[Swept]:
    after = None
    while True:
        variables = {"owner": owner, "first": PAGE, "after": after}
        found = ask(github, queries.SWEEP, variables, label=label).get("repositoryOwner")
        if found is None:
            raise SourceRefused(f"GitHub has no owner {owner!r}; check BOOST_GITHUB_OWNER.")
        page = found["repositories"]
        # A person's list also holds what they work on for others.
        own = [facts for facts in nodes(page) if facts["owner"]["login"].lower() == owner.lower()]
        yield from (Swept(owner, facts["name"], facts) for facts in own)
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def load(transaction: Transaction, scope: Scope, found: list[Swept]) -> Changes:
    """Merge the facts of repositories with their languages, licences and topics, and move their cursors.

    What GitHub lists no more has no cursor any more, and is not asked for; its rows stay.
    """
    if not found:
        return Changes()
    transaction.lock(scope.key("repositories"))
    _follow_renames(transaction, scope, found)
    known: dict[str, tuple[str, str | None]] = {
        name: (kind, branch)
        for name, kind, branch in transaction.rows(
            "SELECT name, kind, default_branch FROM repositories WHERE owner = %s", (scope.owner,)
        )
    }
    licences, changes = _load_licenses(transaction, found)
    rows = []
    for one in found:
        kind, branch = known.get(one.name, (scope.kind, None))
        branch = branch or (one.facts["defaultBranchRef"] or {}).get("name")  # git's word stands, where it was heard
        rows.append((one.owner, one.name, kind, branch, *_facts(one.facts, licences)))
    columns = ("owner", "name", "kind", "default_branch", *_FACTS)
    changes += transaction.merge("repositories", columns, rows, key=["owner", "name"])
    ids: dict[str, int] = dict(transaction.rows("SELECT name, id FROM repositories WHERE owner = %s", (scope.owner,)))
    changes += _load_languages(transaction, found, ids)
    topics = [
        (ids[one.name], text(topic["topic"]["name"])[:250])
        for one in found
        for topic in nodes(one.facts["repositoryTopics"])
    ]
    within = {"repository_id": [ids[one.name] for one in found]}
    key = ["repository_id", "topic"]
    changes += transaction.merge("repository_topics", key, dict.fromkeys(topics), key=key, within=within)
    transaction.execute(
        "DELETE FROM cursors WHERE asset = %s AND unit <> ALL(%s)",
        (scope.key("repositories"), [one.name for one in found]),
    )
    now = datetime.now(UTC)
    for one in found:
        transaction.move_cursor(scope.key("repositories"), one.name, one.mark, now)
    transaction.looked_at(scope.key("repositories"), {one.name: now for one in found})
    return changes


def repositories(transaction: Transaction, scope: Scope) -> dict[str, Repository]:
    """Return the repositories that the last sweep found, by name; those with the most items first."""
    rows = transaction.rows(
        "SELECT r.name, r.id FROM repositories r JOIN cursors c ON c.asset = %s AND c.unit = r.name WHERE r.owner = %s "
        "AND r.github_id IS NOT NULL ORDER BY r.issue_count + r.pull_request_count DESC, r.name",
        (scope.key("repositories"), scope.owner),
    )
    return {name: Repository(number, scope.owner, name) for name, number in rows}


def _facts(facts: dict[str, Any], licences: dict[str, int]) -> tuple[object, ...]:
    licence = facts["licenseInfo"]
    return (
        facts["databaseId"],
        facts["id"],
        text(facts["description"]) or None,
        facts["isFork"],
        facts["isArchived"],
        facts["stargazerCount"],
        facts["forkCount"],
        moment(facts["createdAt"]),
        moment(facts["pushedAt"]),
        licences[licence["name"]] if licence else None,
        facts["issues"]["totalCount"],
        facts["pullRequests"]["totalCount"],
    )


def _follow_renames(transaction: Transaction, scope: Scope, found: list[Swept]) -> None:
    """Give rows whose repository has another name now that name.

    Where the catalogue has a row of the new name already, all that came from GitHub goes to that.
    """
    ids = {one.facts["databaseId"]: one.name for one in found}
    stored = transaction.rows(
        "SELECT id, name, github_id FROM repositories WHERE owner = %s AND github_id = ANY(%s)",
        (scope.owner, list(ids)),
    )
    for number, name, github_id in stored:
        new = ids[github_id]
        if new == name:
            continue
        other = transaction.value("SELECT id FROM repositories WHERE owner = %s AND name = %s", (scope.owner, new))
        if other is None:
            transaction.execute("UPDATE repositories SET name = %s WHERE id = %s", (new, number))
        else:
            transaction.execute("UPDATE repositories SET github_id = NULL WHERE id = %s", (number,))
            _move_items(transaction, number, other)
        transaction.execute(
            "UPDATE cursors c SET unit = %s WHERE c.unit = %s AND c.asset = ANY(%s) AND NOT EXISTS "
            "(SELECT FROM cursors o WHERE o.asset = c.asset AND o.unit = %s)",
            (new, name, [scope.key(table) for table in ("repositories", "issues", "comments")], new),
        )


def _move_items(transaction: Transaction, old: int, new: int) -> None:
    """Reviews follow their pull requests by themselves."""
    both = (new, old)
    transaction.execute("UPDATE issues SET repository_id = %s WHERE repository_id = %s", both)
    transaction.execute("UPDATE pull_requests SET repository_id = %s WHERE repository_id = %s", both)
    transaction.execute("UPDATE comments SET repository_id = %s WHERE repository_id = %s", both)
    transaction.execute("UPDATE item_events SET repository_id = %s WHERE repository_id = %s", both)
    transaction.execute("UPDATE item_labels SET repository_id = %s WHERE repository_id = %s", both)
    transaction.execute("UPDATE item_assignees SET repository_id = %s WHERE repository_id = %s", both)
    transaction.execute("UPDATE item_gaps SET repository_id = %s WHERE repository_id = %s", both)


def _load_licenses(transaction: Transaction, found: list[Swept]) -> tuple[dict[str, int], Changes]:
    told = {one.facts["licenseInfo"]["name"]: one.facts["licenseInfo"] for one in found if one.facts["licenseInfo"]}
    rows = [
        (licence["spdxId"] if licence["spdxId"] not in ("", "NOASSERTION") else None, name, licence["url"])
        for name, licence in told.items()
    ]
    changes = transaction.merge("licenses", ["spdx_id", "name", "url"], rows, key=["name"])
    return dict(transaction.rows("SELECT name, id FROM licenses")), changes


def _load_languages(transaction: Transaction, found: list[Swept], ids: dict[str, int]) -> Changes:
    told = [
        (ids[one.name], edge["node"]["name"], edge["size"])
        for one in found
        for edge in (one.facts["languages"] or {}).get("edges") or ()
    ]
    changes = transaction.merge("languages", ["name"], [(name,) for name in {row[1] for row in told}], key=["name"])
    known: dict[str, int] = dict(transaction.rows("SELECT name, id FROM languages"))
    rows = [(repository, known[name], size) for repository, name, size in told]
    return changes + transaction.merge(
        "repository_languages",
        ["repository_id", "language_id", "bytes"],
        rows,
        key=["repository_id", "language_id"],
        within={"repository_id": [ids[one.name] for one in found]},
    )
