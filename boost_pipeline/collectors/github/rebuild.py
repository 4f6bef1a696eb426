"""The tables of work items from raw pages, with the network off: by the shapes and loads that read them first.

Pages are taken in the order in which they came, so that the last state of everything wins. What no page tells of is
left as it is, since pages are kept for a time only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

from boost_pipeline.collectors.github.asking import Lack, lacks
from boost_pipeline.collectors.github.comments import Odd, load_whole, read_comments
from boost_pipeline.collectors.github.fields import OddField
from boost_pipeline.collectors.github.gaps import mark_gone
from boost_pipeline.collectors.github.item_reader import KINDS, LISTS
from boost_pipeline.collectors.github.loading import load_comments, load_items
from boost_pipeline.collectors.github.scope import Scope
from boost_pipeline.collectors.github.shapes import Comment, Item, Truncated, item
from boost_pipeline.collectors.github.sweep import read_facts
from boost_pipeline.sources.github import RawPage, read_errors
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

_EMPTY: tuple[LiteralString, ...] = (
    "DELETE FROM reviews t USING repositories r WHERE r.id = t.repository_id AND r.owner = %s",
    "DELETE FROM pull_requests t USING repositories r WHERE r.id = t.repository_id AND r.owner = %s",
    "DELETE FROM issues t USING repositories r WHERE r.id = t.repository_id AND r.owner = %s",
    "DELETE FROM comments t USING repositories r WHERE r.id = t.repository_id AND r.owner = %s",
    "DELETE FROM item_events t USING repositories r WHERE r.id = t.repository_id AND r.owner = %s",
    "DELETE FROM item_labels t USING repositories r WHERE r.id = t.repository_id AND r.owner = %s",
    "DELETE FROM item_assignees t USING repositories r WHERE r.id = t.repository_id AND r.owner = %s",
    "DELETE FROM unread_parts t USING repositories r WHERE r.id = t.repository_id AND r.owner = %s AND t.number > 0",
    "DELETE FROM truncated_connections t USING repositories r WHERE r.id = t.repository_id AND r.owner = %s",
)
"""Gaps stay, as do accounts: they are referred to from elsewhere."""


@dataclass
class _Node:
    """An item of a page, the lists of which were followed, and what was not given of it."""

    value: dict[str, Any]
    lacks: tuple[Lack, ...]
    followed: set[str] = field(default_factory=set)

    def is_open(self, connection: str) -> bool:
        """Tell whether a list of it goes on."""
        return bool(_dig(self.value, connection, "pageInfo", "hasNextPage"))

    def extend(self, connection: str, rest: Any) -> None:
        """Add a further page of one of its lists."""
        more, here = _dig(rest, "nodes"), _dig(self.value, connection, "nodes")
        if isinstance(more, list) and isinstance(here, list):
            here += more
            self.value[connection]["pageInfo"] = _dig(rest, "pageInfo")
            self.followed.add(connection)


@dataclass
class _Page:
    """A page of items that further pages of their lists may follow."""

    nodes: list[_Node]

    def extend(self, number: int, rest: dict[str, Any]) -> None:
        """Add a further page of one list of one item."""
        for node in self.nodes:
            for connection in LISTS:
                if node.value.get("number") == number and connection in rest:
                    node.extend(connection, rest[connection])

    def items(self) -> list[Item]:
        """Return the items whose lists are here as far as they were wanted.

        One whose list goes on, and was never followed, was not taken when it was read: it had not changed, or the run
        was killed, and read it again later.
        """
        found = []
        for node in self.nodes:
            open_ = [connection for connection in LISTS if node.is_open(connection)]
            if not node.followed.issuperset(open_):
                continue
            cut = (Truncated(c, len(node.value[c]["nodes"]), int(node.value[c]["totalCount"])) for c in open_)
            try:
                found.append(item(node.value, lacks=node.lacks, truncated=tuple(cut)))
            except OddField:
                continue  # as when it was read
        return found


@dataclass
class Rebuild:
    """Replays the pages of one scope inside one transaction."""

    transaction: Transaction
    scope: Scope
    counts: Counter[str] = field(default_factory=Counter)
    _ids: dict[str, int] = field(default_factory=dict)
    """The name that a repository had → its row."""
    _pages: dict[str, _Page] = field(default_factory=dict)
    _whole: dict[tuple[str, int], list[Comment]] = field(default_factory=dict)

    def run(self, pages: Iterable[RawPage]) -> None:
        """Load what the pages tell."""
        for page in pages:
            self.counts["pages"] += 1
            kind, _, name = page.request.label.removeprefix(f"{self.scope.prefix}/").partition(" ")
            if kind == "repositories":
                self._learn(page)
            elif page.status == 200:
                match kind:
                    case "items" | "by_number":
                        self._items(name, page)
                    case "rest":
                        self._rest(name, page)
                    case "comments":
                        self._comments(name, page)
                    case "item_comments":
                        self._item_comments(name, page)
        for name in list(self._pages):
            self._flush(name)
        for number in set(self._ids.values()):
            mark_gone(self.transaction, number)

    def _learn(self, page: RawPage) -> None:
        """Learn which repository had which name at the time."""
        listed = _dig(page.body, "data", "repositoryOwner", "repositories", "nodes")
        for node in [*(listed if isinstance(listed, list) else []), _dig(page.body, "data", "repository")]:
            try:
                facts = read_facts(node)
            except OddField:
                continue  # as when it was read
            self._name(f"{facts.owner}/{facts.name}", facts.github_id)

    def _name(self, name: str, github_id: int) -> None:
        number = self.transaction.value("SELECT id FROM repositories WHERE github_id = %s", (github_id,))
        if number is not None:
            self._ids[name] = number

    def _items(self, name: str, page: RawPage) -> None:
        self._flush(name)
        found = _dig(page.body, "data", "repository")
        if isinstance(found, dict):
            if isinstance(found.get("databaseId"), int):
                self._name(name, found["databaseId"])
            missing = lacks(list(read_errors(page.body["errors"]))) if page.body.get("errors") else ()
            self._pages[name] = _Page([node for path in _places(found) if (node := _node(found, path, missing))])

    def _rest(self, name: str, page: RawPage) -> None:
        found = _dig(page.body, "data", "repository", "item")
        if isinstance(found, dict) and name in self._pages:
            self._pages[name].extend(page.request.params["number"], found)

    def _flush(self, name: str) -> None:
        page = self._pages.pop(name, None)
        if page is not None and name in self._ids:
            items = page.items()
            load_items(self.transaction, self._ids[name], items)
            self.counts["items"] += len(items)

    def _comments(self, name: str, page: RawPage) -> None:
        self._flush(name)
        if name in self._ids:
            found, _ = _read_comments(page, name)
            load_comments(self.transaction, self._ids[name], found)
            self.counts["comments"] += len(found)

    def _item_comments(self, name: str, page: RawPage) -> None:
        number = int(page.request.path.rsplit("/", 2)[1])
        found, odd = _read_comments(page, name)
        whole = found if page.request.params.get("page", "1") == "1" else [*self._whole.get((name, number), []), *found]
        self._whole[(name, number)] = whole
        if name in self._ids:
            if odd.found or odd.is_lost:  # nothing is gone because it cannot be stored
                load_comments(self.transaction, self._ids[name], found)
            else:
                self._take_whole(name, number, whole, page.fetched_at)
            self.counts["comments"] += len(found)

    def _take_whole(self, name: str, number: int, whole: list[Comment], at: datetime) -> None:
        """Take what is here of an item's comments for all; a further page puts right what this one marks as gone."""
        load_whole(self.transaction, self._ids[name], number, whole, at)


def rebuild(warehouse: Warehouse, pages: Iterable[RawPage], scope: Scope, *, empty: bool = False) -> Counter[str]:
    """Load the raw pages of a scope again; return how many pages, items and comments they held.

    Args:
        warehouse: whose tables.
        pages: `RawPages.replay` of the scope's prefix, in their order.
        scope: the instance of the assets.
        empty: remove all rows first, those as well that no page is kept of any more.
    """
    with warehouse.transaction() as transaction:
        if empty:
            for statement in _EMPTY:
                transaction.execute(statement, (scope.owner,))
        replaying = Rebuild(transaction, scope)
        replaying.run(pages)
    return replaying.counts


def _dig(value: Any, *path: str) -> Any:
    """Return what is there at the end of a path; None where it does not lead so far."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _places(repository: dict[str, Any]) -> Iterator[tuple[str | int, ...]]:
    """Yield the paths to the items of a page: those of its lists, or those that were asked for by number."""
    for kind in KINDS:
        listed = _dig(repository, kind, "nodes")
        yield from ((kind, "nodes", place) for place in range(len(listed) if isinstance(listed, list) else 0))
    yield from ((name,) for name in repository if name[:1] == "n" and name[1:].isdecimal())


def _node(repository: dict[str, Any], path: tuple[str | int, ...], missing: tuple[Lack, ...]) -> _Node | None:
    value: Any = repository
    for part in path:
        value = value[part]
    if not isinstance(value, dict):
        return None
    return _Node(value, tuple(below for lack in missing if (below := lack.below("repository", *path)) is not None))


def _read_comments(page: RawPage, name: str) -> tuple[list[Comment], Odd]:
    return read_comments(page.body if isinstance(page.body, list) else [], name)
