"""One pass over the items of one repository: issues and pull requests, the last changed first, until what is known.

A pass ends at what changed before the newest item of the last complete pass, less an overlap: whatever changes while
we read is newer than that, and is found by the next pass. The place that a pass has reached is stored with the rows of
each page, so that a pass that was killed goes on from there.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from boost_pipeline.collectors.github import queries
from boost_pipeline.collectors.github.asking import PlaceLost, ask
from boost_pipeline.collectors.github.loading import close_gaps, load_accounts, load_items
from boost_pipeline.collectors.github.planning import PageSizes, page_sizes
from boost_pipeline.collectors.github.scope import Repository, Scope
from boost_pipeline.collectors.github.shapes import Item, Truncated, item, nodes, time
from boost_pipeline.errors import SourceRefused
from boost_pipeline.sources.github import GitHub, QueryTooHeavy
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

logger = logging.getLogger("boost_pipeline")

OVERLAP = timedelta(minutes=10)
"""GitHub's own clocks differ, and what is written may show late; reading twice changes nothing."""

INNER_PAGES = 50
"""Further pages of one list of one item; what is longer is recorded as truncated."""

KINDS = ("issues", "pullRequests")
_TYPES = {"issues": "Issue", "pullRequests": "PullRequest"}


@dataclass(frozen=True, slots=True)
class Window:
    """Which items to read; with bounds, or of everything, cursors are not asked.

    Attributes:
        full: everything, whatever was read before.
        since: only what changed at this time or later.
        until: only what changed before this time.
    """

    full: bool = False
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_bounded(self) -> bool:
        """A pass within bounds is not complete, so that it moves no cursor."""
        return self.since is not None or self.until is not None


@dataclass(slots=True)
class Stream:
    """How far the pass over one kind of item is; all of it is stored in the cursor.

    Attributes:
        floor: the pass ends at what changed before; None: it reads everything.
        newest: when the newest item changed, as the pass began.
        after: GitHub's mark of the last page that was stored.
        is_done: there is no more to read.
    """

    floor: str | None
    newest: str | None = None
    after: str | None = None
    is_done: bool = False

    def take(self, page: Mapping[str, Any], window: Window) -> Iterator[dict[str, Any]]:
        """Yield the items of a page that are wanted, and move on."""
        found = nodes(page)
        if self.newest is None and found:
            # By GitHub's clock; by ours where an item claims to come from the future, and would hide all others.
            self.newest = (min(datetime.now(UTC), time(found[0]["updatedAt"])) - OVERLAP).isoformat()
        floor = datetime.fromisoformat(self.floor) if self.floor else None
        for node in found:
            changed = time(node["updatedAt"])
            if floor is not None and changed < floor:
                self.is_done = True
                return
            if window.until is None or changed < window.until:
                yield node
        self.after = page["pageInfo"]["endCursor"]
        self.is_done = not page["pageInfo"]["hasNextPage"]


@dataclass
class Pass:
    """A pass over one repository."""

    github: GitHub
    warehouse: Warehouse
    scope: Scope
    repository: Repository
    window: Window
    inner_pages: int = INNER_PAGES
    changes: Changes = field(default_factory=Changes)
    written: Counter[str] = field(default_factory=Counter)
    """Rows by table."""
    items: int = 0

    @property
    def asset(self) -> str:
        """The asset whose cursor it moves."""
        return self.scope.key("issues")

    def run(self, position: dict[str, Any] | None, mark: dict[str, Any]) -> bool:
        """Read what changed since `position`, the stored cursor, until all that the sweep's `mark` promises is here.

        Returns:
            Whether everything was read, not only what changed.

        Raises:
            SourceError: GitHub does not answer as promised. What was stored before stays, with its cursor.
        """
        position = dict(position or {})
        running = position.get("pass")
        is_resumed = running is not None
        if running is None or self.window.is_bounded or (self.window.full and not _is_full(running)):
            running, is_resumed = {"mark": mark, "streams": self._begin(position, mark)}, False
        try:
            streams = self._read(position, running)
        except PlaceLost:
            if not is_resumed:
                raise
            logger.info("%s: GitHub does not know the place of the last pass any more", self.repository.full_name)
            running, is_resumed = {"mark": mark, "streams": self._begin(position, mark)}, False
            streams = self._read(position, running)
        is_full = all(stream.floor is None for stream in streams.values())
        if not self.window.is_bounded:
            self._complete(position, running["mark"], streams)
            if is_resumed and running["mark"] != mark:
                self.run(position, mark)  # what changed since the pass began that was killed
        return is_full

    def _read(self, position: dict[str, Any], running: dict[str, Any]) -> dict[str, Stream]:
        """Read page by page to the end of a pass, of which each page is stored; return how far that is."""
        streams = {kind: Stream(**state) for kind, state in running["streams"].items()}
        while open_ := [kind for kind, stream in streams.items() if not stream.is_done]:
            found = self._page(open_, streams)
            read = [self._whole(node, kind) for kind in open_ for node in streams[kind].take(found[kind], self.window)]
            running["streams"] = {kind: _state(stream) for kind, stream in streams.items()}
            totals = {kind: found[kind]["totalCount"] for kind in open_}
            self._store(read, position | {"pass": running}, totals)
        return streams

    def _begin(self, position: dict[str, Any], mark: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """Return a stream for each kind that changed since its last complete pass."""
        streams = {}
        for kind in KINDS:
            since = position.get(kind)
            if self.window.is_bounded:
                streams[kind] = _state(Stream(self.window.since.isoformat() if self.window.since else None))
            elif self.window.full or since is None or position.get("mark", {}).get(kind) != mark[kind]:
                streams[kind] = _state(Stream(None if self.window.full else since))
        return streams

    def _page(self, kinds: list[str], streams: dict[str, Stream]) -> dict[str, Any]:
        sizes = page_sizes(issues="issues" in kinds, pull_requests="pullRequests" in kinds)
        while True:
            try:
                return self._ask(sizes, kinds, streams)
            except QueryTooHeavy:
                if sizes.is_smallest:
                    raise
                sizes = sizes.smaller()
                logger.info("%s: smaller pages, as GitHub does not finish larger ones", self.repository.full_name)

    def _ask(self, sizes: PageSizes, kinds: list[str], streams: dict[str, Stream]) -> dict[str, Any]:
        query = queries.items(issues="issues" in kinds, pull_requests="pullRequests" in kinds)
        variables: dict[str, Any] = {"owner": self.repository.owner, "name": self.repository.name}
        for kind, size in zip(KINDS, (sizes.issues, sizes.pull_requests), strict=True):
            if kind in kinds:
                variables |= {kind: size, f"{kind}After": streams[kind].after}
        found = ask(self.github, query, variables, label=label(self.scope, "items", self.repository)).get("repository")
        if found is None:
            raise SourceRefused(f"GitHub does not show {self.repository.full_name}: is it gone or private?")
        return dict(found)

    def _whole(self, node: dict[str, Any], kind: str) -> Item:
        """Return an item with its lists read to their ends."""
        truncated = []
        for connection in ("labels", "assignees", "timelineItems", "reviews"):
            page = node.get(connection)
            if page is None:
                continue
            for _ in range(self.inner_pages):
                if not page["pageInfo"]["hasNextPage"]:
                    break
                page = self._rest(node["number"], kind, connection, page["pageInfo"]["endCursor"])
                node[connection]["nodes"] += page["nodes"]
            if page["pageInfo"]["hasNextPage"]:
                truncated.append(Truncated(connection, len(node[connection]["nodes"]), node[connection]["totalCount"]))
        return item(node, truncated=tuple(truncated))

    def _rest(self, number: int, kind: str, connection: str, after: str) -> dict[str, Any]:
        query = queries.rest_of(_TYPES[kind], connection)
        variables = {"owner": self.repository.owner, "name": self.repository.name, "number": number, "after": after}
        found = ask(self.github, query, variables, label=label(self.scope, "rest", self.repository)).get("repository")
        if not found or not found["item"]:
            raise SourceRefused(f"GitHub lost {self.repository.full_name}#{number} while it was read; try again.")
        return dict(found["item"][connection])

    def _store(self, read: list[Item], position: dict[str, Any], totals: dict[str, int]) -> None:
        # Apart, as other repositories' pages wait for new accounts until they are committed.
        with self.warehouse.transaction() as transaction:
            self.changes += load_accounts(transaction, (who for one in read for who in one.accounts()))[1]
        with self.warehouse.transaction() as transaction:
            self.changes += load_items(transaction, self.repository.id, read)
            self.changes += close_gaps(transaction, self.repository.id, [one.number for one in read])
            self.items += len(read)
            self.written += transaction.written
            transaction.execute(
                "UPDATE repositories SET issue_count = coalesce(%s, issue_count), "
                "pull_request_count = coalesce(%s, pull_request_count) WHERE id = %s",
                (totals.get("issues"), totals.get("pullRequests"), self.repository.id),
            )
            if not self.window.is_bounded:
                self._move(transaction, position)

    def _complete(self, position: dict[str, Any], mark: dict[str, Any], streams: dict[str, Stream]) -> None:
        position.pop("pass", None)
        position |= {kind: stream.newest or stream.floor for kind, stream in streams.items()} | {"mark": mark}
        with self.warehouse.transaction() as transaction:
            self._move(transaction, position)

    def _move(self, transaction: Transaction, position: dict[str, Any]) -> None:
        transaction.move_cursor(self.asset, self.repository.name, position, datetime.now(UTC))


def is_new(position: dict[str, Any] | None, mark: dict[str, Any]) -> bool:
    """Tell whether a repository has anything that a complete pass has not read."""
    return position is None or "pass" in position or position.get("mark") != mark


def label(scope: Scope, what: str, repository: Repository) -> str:
    """Return the label of raw pages: "github/items boostorg/asio"."""
    return f"{scope.prefix}/{what} {repository.full_name}"


def _is_full(running: Mapping[str, Any]) -> bool:
    return len(running["streams"]) == len(KINDS) and all(s["floor"] is None for s in running["streams"].values())


def _state(stream: Stream) -> dict[str, Any]:
    return {name: getattr(stream, name) for name in ("floor", "newest", "after", "is_done")}
