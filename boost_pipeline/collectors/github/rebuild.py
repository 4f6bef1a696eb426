"""The tables of work items from raw pages, with the network off: by the shapes and loads that read them first.

Pages are taken in the order in which they came, so that the last state of everything wins. What no page tells of is
left as it is, since pages are kept for a time only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

from boost_pipeline.collectors.github.comments import load_whole
from boost_pipeline.collectors.github.gaps import mark_gone
from boost_pipeline.collectors.github.items import KINDS
from boost_pipeline.collectors.github.loading import load_comments, load_items
from boost_pipeline.collectors.github.scope import Scope
from boost_pipeline.collectors.github.shapes import Comment, Item, Truncated, comment, item, nodes
from boost_pipeline.sources.github import RawPage
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

_LISTS = ("labels", "assignees", "timelineItems", "reviews")

_EMPTY: tuple[LiteralString, ...] = (
    "DELETE FROM reviews t USING repositories r WHERE r.id = t.repository_id AND r.owner = %s",
    "DELETE FROM pull_requests t USING repositories r WHERE r.id = t.repository_id AND r.owner = %s",
    "DELETE FROM issues t USING repositories r WHERE r.id = t.repository_id AND r.owner = %s",
    "DELETE FROM comments t USING repositories r WHERE r.id = t.repository_id AND r.owner = %s",
    "DELETE FROM item_events t USING repositories r WHERE r.id = t.repository_id AND r.owner = %s",
    "DELETE FROM item_labels t USING repositories r WHERE r.id = t.repository_id AND r.owner = %s",
    "DELETE FROM item_assignees t USING repositories r WHERE r.id = t.repository_id AND r.owner = %s",
    "DELETE FROM truncated_connections t USING repositories r WHERE r.id = t.repository_id AND r.owner = %s",
)
"""Gaps stay, as do accounts: they are referred to from elsewhere."""


@dataclass
class _Page:
    """A page of items that further pages of their lists may follow."""

    nodes: list[dict[str, Any]]
    followed: set[tuple[int, str]] = field(default_factory=set)

    def extend(self, number: int, rest: dict[str, Any]) -> None:
        """Add a further page of one list of one item."""
        for node in self.nodes:
            for connection in _LISTS:
                if node["number"] == number and connection in rest and connection in node:
                    node[connection]["nodes"] += rest[connection]["nodes"]
                    node[connection]["pageInfo"] = rest[connection]["pageInfo"]
                    self.followed.add((number, connection))

    def items(self) -> list[Item]:
        """Return the items whose lists are here as far as they were wanted.

        One whose list goes on, and was never followed, was not taken when it was read: it had not changed, or the run
        was killed, and read it again later.
        """
        found = []
        for node in self.nodes:
            open_ = [c for c in _LISTS if c in node and node[c]["pageInfo"]["hasNextPage"]]
            if all((node["number"], connection) in self.followed for connection in open_):
                truncated = (Truncated(c, len(node[c]["nodes"]), node[c]["totalCount"]) for c in open_)
                found.append(item(node, truncated=tuple(truncated)))
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
            elif page.status == 200 and not _has_failed(page):
                match kind:
                    case "items":
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
        data = page.body.get("data") or {}
        listed = nodes((data.get("repositoryOwner") or {}).get("repositories"))
        for facts in [*listed, *([data["repository"]] if data.get("repository") else [])]:
            self._name(f"{facts['owner']['login']}/{facts['name']}", facts["databaseId"])

    def _name(self, name: str, github_id: int) -> None:
        number = self.transaction.value("SELECT id FROM repositories WHERE github_id = %s", (github_id,))
        if number is not None:
            self._ids[name] = number

    def _items(self, name: str, page: RawPage) -> None:
        self._flush(name)
        found = page.body["data"]["repository"]
        if found:
            self._name(name, found["databaseId"])
            self._pages[name] = _Page([node for kind in KINDS for node in nodes(found.get(kind))])

    def _rest(self, name: str, page: RawPage) -> None:
        found = (page.body["data"]["repository"] or {}).get("item")
        if found and name in self._pages:
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
            found = [comment(entry) for entry in page.body]
            load_comments(self.transaction, self._ids[name], found)
            self.counts["comments"] += len(found)

    def _item_comments(self, name: str, page: RawPage) -> None:
        number = int(page.request.path.rsplit("/", 2)[1])
        found = [comment(entry) for entry in page.body]
        whole = found if page.request.params.get("page", "1") == "1" else [*self._whole.get((name, number), []), *found]
        self._whole[(name, number)] = whole
        if name in self._ids:
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


def _has_failed(page: RawPage) -> bool:
    """Tell whether only a part of a GraphQL answer came; it was asked for again."""
    return isinstance(page.body, dict) and bool(page.body.get("errors"))
