"""The sweep: the facts of all repositories, and what tells whether their items changed, for a few points.

What changed is decided by whoever reads items, by comparing with what it has read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from boost_pipeline.collectors.github import queries
from boost_pipeline.collectors.github.asking import ATTEMPTS, Lack, Told, Withheld, ask_for
from boost_pipeline.collectors.github.fields import BIG_INTEGER, Fields, OddField, Page
from boost_pipeline.collectors.github.item_reader import KINDS
from boost_pipeline.collectors.github.loading import load_unread
from boost_pipeline.collectors.github.scope import Repository, Scope
from boost_pipeline.collectors.github.shapes import Parts, Unread
from boost_pipeline.errors import SourceRefused
from boost_pipeline.sources.github import GitHub
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Transaction

PAGE = 37
"""Repositories in a query. Each is four requests, one for each of its lists: 37 are the most that one point buys."""

_FACTS = {
    "github_id": "databaseId",
    "node_id": "id",
    "description": "description",
    "is_fork": "isFork",
    "is_archived": "isArchived",
    "stars": "stargazerCount",
    "forks": "forkCount",
    "created_at": "createdAt",
    "pushed_at": "pushedAt",
    "license_id": "licenseInfo",
    "issue_count": "issues",
    "pull_request_count": "pullRequests",
}
"""Column → the part of the answer that tells it."""


class License(NamedTuple):
    """A licence as GitHub tells it."""

    spdx_id: str | None
    name: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """A repository as the sweep found it.

    Attributes:
        mark: of each kind of item, how many there are and which changed last, and when: another one means that there is
            something new. None where GitHub does not tell.
        unread: the facts that did not come; those that are stored stay.
    """

    owner: str
    name: str
    github_id: int
    node_id: str | None
    description: str | None
    is_fork: bool | None
    is_archived: bool | None
    stars: int | None
    forks: int | None
    created_at: datetime | None
    pushed_at: datetime | None
    default_branch: str | None
    license: License | None
    languages: tuple[tuple[str, int], ...]
    topics: tuple[str, ...]
    mark: dict[str, list[Any] | None]
    unread: tuple[Unread, ...]

    def lacks(self, part: str) -> bool:
        """Tell whether a part was not read."""
        return any(one.part.partition(".")[0] == part for one in self.unread)


@dataclass(slots=True)
class Sweep:
    """What a sweep found.

    Attributes:
        found: the repositories.
        problems: why it may not be all of them, a line each.
    """

    found: list[Swept] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def sweep(github: GitHub, scope: Scope) -> Sweep:
    """Ask for the repositories of a scope.

    Raises:
        SourceRefused: the owner, or a repository that the scope names, does not exist.
    """
    label = f"{scope.key('repositories')} {scope.owner}"
    if scope.repositories is None:
        return _all_of(github, scope.owner, label)
    return Sweep([_one(github, scope.owner, name, label) for name in scope.repositories])


def _one(github: GitHub, owner: str, name: str, label: str) -> Swept:
    def read(told: Told) -> Swept:
        if told.data.get("repository") is None:
            raise SourceRefused(f"GitHub has no repository {owner}/{name}, or the token may not read it.")
        return read_facts(told.data["repository"], (*refused, *told.lacks_below("repository")))

    variables, refused = {"owner": owner, "name": name}, list[Lack]()
    while True:
        without = frozenset(str(lack.path[0]) for lack in refused)
        try:
            return ask_for(read, github, queries.one_repository(without), variables, label=label)
        except Withheld as error:
            if not {str(part) for part in error.path[1:2]} <= queries.FACTS - without or len(error.path) < 2:
                raise
            refused.append(Lack(error.path[1:], "refused", str(error)))


def _all_of(github: GitHub, owner: str, label: str) -> Sweep:
    sweep, seen, total, after = Sweep(), 0, 0, None
    while True:
        page, entries = _page(github, owner, after, label, frozenset())
        seen, total = seen + len(entries), page.total
        for place, (node, lacks) in enumerate(entries, start=seen - len(entries) + 1):
            try:
                one = read_facts(node, lacks)
            except OddField as odd:
                told = lacks[0].told if lacks else f"{odd.path or 'it'}: {odd.told}"
                sweep.problems.append(f"repository {place} of {owner}, {_name(node)}, is not given: {told}")
            else:
                # A person's list also holds what they work on for others.
                if one.owner.lower() == owner.lower():
                    sweep.found.append(replace(one, owner=owner))
        if not page.has_next or page.end == after:
            break
        after = page.end
    if seen < total:
        sweep.problems.append(f"GitHub counts {total} repositories of {owner}, and lists {seen}")
    sweep.found = list({one.github_id: one for one in {one.name: one for one in sweep.found}.values()}.values())
    return sweep


def _page(
    github: GitHub, owner: str, after: str | None, label: str, without: frozenset[str]
) -> tuple[Page, list[tuple[Any, tuple[Lack, ...]]]]:
    """Return a page of repositories; those that come empty are asked for once more, without what GitHub refuses."""

    def read(told: Told) -> tuple[Page, list[tuple[Any, tuple[Lack, ...]]]]:
        if told.data.get("repositoryOwner") is None:
            raise SourceRefused(f"GitHub has no owner {owner!r}; check BOOST_GITHUB_OWNER.")
        page = Page.read(Fields.of(told.data["repositoryOwner"], "repositoryOwner"), "repositories")
        lacks = told.lacks_below("repositoryOwner", "repositories", "nodes")
        return page, [
            (node, tuple(found for lack in lacks if (found := lack.below(place)) is not None))
            for place, node in enumerate(page.nodes)
        ]

    variables = {"owner": owner, "first": PAGE, "after": after}
    for _ in range(ATTEMPTS):  # a whole repository hangs on three fields
        page, entries = ask_for(read, github, queries.sweep(without), variables, label=label)
        if not any(_is_odd(node) for node, lacks in entries if not lacks):
            break
    refused = frozenset(str(lack.path[0]) for node, lacks in entries if node is None for lack in lacks if lack.path)
    if refused and refused <= queries.FACTS - without:
        _, again = _page(github, owner, after, label, without | refused)
        for place, (node, lacks) in enumerate(entries):
            if node is None and place < len(again):
                entries[place] = (again[place][0], (*lacks, *again[place][1]))
    return page, entries


def _is_odd(node: object) -> bool:
    try:
        read_facts(node)
    except OddField:
        return True
    return False


def read_facts(node: object, lacks: Iterable[Lack] = ()) -> Swept:
    """Return a repository that a node of the sweep tells of.

    Raises:
        OddField: its id, name or owner is odd.
    """
    fields, parts = Fields.of(node), Parts(lacks)
    return Swept(
        owner=fields.object("owner").text("login"),
        name=fields.text("name"),
        github_id=fields.identity("databaseId"),
        node_id=parts.read(lambda: fields.text("id"), None),
        description=parts.read(lambda: fields.maybe_text("description"), None) or None,
        is_fork=parts.read(lambda: fields.flag("isFork"), None),
        is_archived=parts.read(lambda: fields.flag("isArchived"), None),
        stars=parts.read(lambda: fields.number("stargazerCount"), None),
        forks=parts.read(lambda: fields.number("forkCount"), None),
        created_at=parts.read(lambda: fields.time("createdAt"), None),
        pushed_at=parts.read(lambda: fields.maybe_time("pushedAt"), None),
        default_branch=parts.read(lambda: _named(fields.maybe_object("defaultBranchRef")), None),
        license=parts.read(lambda: _license(fields.maybe_object("licenseInfo")), None),
        languages=tuple(dict(_languages(fields, parts)).items()),
        topics=tuple(dict.fromkeys(parts.each(fields, "repositoryTopics", _topic))),
        mark={kind: parts.read(partial(_mark, fields, kind), None) for kind in KINDS},
        unread=parts.unread,
    )


def _named(fields: Fields | None) -> str | None:
    return fields.text("name") if fields else None


def _license(fields: Fields | None) -> License | None:
    if fields is None:
        return None
    spdx_id = fields.maybe_text("spdxId")
    return License(None if spdx_id in ("", "NOASSERTION") else spdx_id, fields.text("name"), fields.maybe_text("url"))


def _languages(fields: Fields, parts: Parts) -> Iterator[tuple[str, int]]:
    found = parts.read(lambda: fields.maybe_object("languages"), None)
    edges: list[Any] = parts.read(lambda: found.entries("edges"), []) if found else []
    for edge in edges:
        if edge is not None:
            one = parts.read(partial(_language, edge), None)
            yield from [one] if one else []


def _language(entry: object) -> tuple[str, int]:
    edge = Fields.of(entry, "languages.edges")
    return edge.object("node").text("name"), edge.number("size", BIG_INTEGER)


def _topic(entry: Fields) -> str:
    return entry.object("topic").text("name")[:250]


def _mark(fields: Fields, kind: str) -> list[Any]:
    connection = fields.object(kind)
    newest = next((Fields.of(node, connection.path) for node in connection.entries("nodes") if node is not None), None)
    if newest is None:
        return [connection.number("totalCount"), None, None]
    newest.time("updatedAt")  # as it came, so that a mark is equal to that of another day
    return [connection.number("totalCount"), newest.text("updatedAt"), newest.number("number")]


def _name(node: object) -> str:
    name = node.get("name") if isinstance(node, dict) else None
    return name if isinstance(name, str) else "whose name did not come"


def load(transaction: Transaction, scope: Scope, found: list[Swept], *, is_whole: bool = True) -> Changes:
    """Merge the facts of repositories with their languages, licences and topics, and move their cursors.

    What GitHub lists no more has no cursor any more, and is not asked for; its rows stay. Nothing tells that where the
    list is not whole.
    """
    if not found:
        return Changes()
    transaction.lock(scope.key("repositories"))
    _follow_renames(transaction, scope, found)
    known: dict[str, list[Any]] = {
        name: others
        for name, *others in transaction.rows(
            "SELECT name, kind, default_branch, github_id, node_id, description, is_fork, is_archived, stars, forks, "
            "created_at, pushed_at, license_id, issue_count, pull_request_count FROM repositories WHERE owner = %s",
            (scope.owner,),
        )
    }
    licences, changes = _load_licenses(transaction, found)
    rows = []
    for one in found:
        kind, branch, *stored = known.get(one.name, [scope.kind, None, *(None for _ in _FACTS)])
        branch = branch or one.default_branch  # git's word stands, where it was heard
        told = zip(_FACTS.values(), _facts(one, licences), stored, strict=True)
        facts = [before if value is None and one.lacks(part) else value for part, value, before in told]
        rows.append((one.owner, one.name, kind, branch, *facts))
    columns = ("owner", "name", "kind", "default_branch", *_FACTS)
    changes += transaction.merge("repositories", columns, rows, key=["owner", "name"])
    ids: dict[str, int] = dict(transaction.rows("SELECT name, id FROM repositories WHERE owner = %s", (scope.owner,)))
    changes += _load_languages(transaction, found, ids)
    topics = [(ids[one.name], topic) for one in found for topic in one.topics]
    within = {"repository_id": [ids[one.name] for one in found if not one.lacks("repositoryTopics")]}
    key = ["repository_id", "topic"]
    changes += transaction.merge("repository_topics", key, topics, key=key, within=within)
    for one in found:
        changes += load_unread(transaction, ids[one.name], "repositories", {0: one.unread})
    if is_whole:
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


def _facts(one: Swept, licences: dict[str, int]) -> tuple[object, ...]:
    return (
        one.github_id,
        one.node_id,
        one.description,
        one.is_fork,
        one.is_archived,
        one.stars,
        one.forks,
        one.created_at,
        one.pushed_at,
        licences[one.license.name] if one.license else None,
        *((one.mark[kind] or [None])[0] for kind in KINDS),
    )


def _follow_renames(transaction: Transaction, scope: Scope, found: list[Swept]) -> None:
    """Give rows whose repository has another name now that name.

    Where the catalogue has a row of the new name already, all that came from GitHub goes to that.
    """
    ids = {one.github_id: one.name for one in found}
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
    told = {one.license.name: one.license for one in found if one.license}
    changes = transaction.merge("licenses", License._fields, told.values(), key=["name"])
    return dict(transaction.rows("SELECT name, id FROM licenses")), changes


def _load_languages(transaction: Transaction, found: list[Swept], ids: dict[str, int]) -> Changes:
    told = [(ids[one.name], *language) for one in found for language in one.languages]
    changes = transaction.merge("languages", ["name"], [(name,) for name in {row[1] for row in told}], key=["name"])
    known: dict[str, int] = dict(transaction.rows("SELECT name, id FROM languages"))
    rows = [(repository, known[name], size) for repository, name, size in told]
    return changes + transaction.merge(
        "repository_languages",
        ["repository_id", "language_id", "bytes"],
        rows,
        key=["repository_id", "language_id"],
        within={"repository_id": [ids[one.name] for one in found if not one.lacks("languages")]},
    )
