"""One pass over the items of one repository: issues and pull requests, the last changed first, until what is known.

A pass ends at what changed before the newest item of the last complete pass, less an overlap: whatever changes while
we read is newer than that, and is found by the next pass. The place that a pass has reached is stored with the rows of
each page, so that a pass that was killed goes on from there. It is complete once all that GitHub counts is accounted
for, wherever its pages end.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from boost_pipeline.collectors.github.asking import PartMissing, PlaceLost
from boost_pipeline.collectors.github.fields import Fields, OddField
from boost_pipeline.collectors.github.gaps import Gaps
from boost_pipeline.collectors.github.item_reader import INNER_PAGES, KINDS, Entry, ItemReader, ItemsPage, Read
from boost_pipeline.collectors.github.loading import close_gaps, load_accounts, load_items, load_unread
from boost_pipeline.collectors.github.scope import Repository, Scope
from boost_pipeline.collectors.github.shapes import ITEM, Item, Unread
from boost_pipeline.sources.github import GitHub
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

logger = logging.getLogger("boost_pipeline")

OVERLAP = timedelta(minutes=10)
"""GitHub's own clocks differ, and what is written may show late; reading twice changes nothing."""

_LINES = 5
"""What is unread of a page is told in so many lines of the log; the table unread_parts has all of it."""


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
        withheld: why GitHub gives none of this kind.
        is_broken: the last page was nothing that could be read.
    """

    floor: str | None
    newest: str | None = None
    after: str | None = None
    is_done: bool = False
    withheld: str | None = None
    is_broken: bool = False

    def take(self, page: ItemsPage, window: Window) -> Iterator[Entry]:
        """Yield the entries of a page that are wanted, and move on."""
        floor = datetime.fromisoformat(self.floor) if self.floor else None
        for entry in page.entries:
            changed = _changed(entry)
            if self.newest is None and changed is not None:
                # By GitHub's clock; by ours where an item claims to come from the future, and would hide all others.
                self.newest = (min(datetime.now(UTC), changed) - OVERLAP).isoformat()
            if floor is not None and changed is not None and changed < floor:
                self.is_done = True
                return
            if window.until is None or changed is None or changed < window.until:
                yield entry
        # A mark that leads to the same page again would lead there for ever.
        self.is_done = not page.has_next or page.end == self.after
        self.after = page.end

    def end(self, why: Unread) -> None:
        """Note that no page is to be had."""
        self.is_done = True
        if why.reason == "refused":
            self.withheld = why.told
        else:
            self.is_broken = True


def _changed(entry: Entry) -> datetime | None:
    try:
        return Fields.of(entry.value).time("updatedAt")
    except OddField:
        return None


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

    @property
    def _reader(self) -> ItemReader:
        return ItemReader(self.github, self.scope, self.repository, self.inner_pages)

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
        is_full = bool(streams) and all(stream.floor is None for stream in streams.values())
        if not self.window.is_bounded:
            self._complete(position, running["mark"], streams)
            if is_resumed and running["mark"] != mark:
                self.run(position, mark)  # what changed since the pass began that was killed
        return is_full

    def _read(self, position: dict[str, Any], running: dict[str, Any]) -> dict[str, Stream]:
        """Read page by page to the end of a pass, of which each page is stored; return how far that is."""
        streams = {kind: Stream(**state) for kind, state in running["streams"].items()}
        while open_ := {kind: stream.after for kind, stream in streams.items() if not stream.is_done}:
            read, totals = Read(), {}
            for kind, page in self._reader.page(open_).items():
                if isinstance(page, Unread):
                    streams[kind].end(page)
                    logger.warning("%s, %s are not given: %s", self.repository.full_name, kind, page.told)
                    continue
                read.add(self._reader.whole(kind, streams[kind].take(page, self.window)))
                totals[kind] = page.total
            running["streams"] = {kind: _state(stream) for kind, stream in streams.items()}
            self._store(read, position | {"pass": running}, totals)
        return streams

    def _begin(self, position: dict[str, Any], mark: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """Return a stream for each kind that changed since its last complete pass."""
        streams = {}
        for kind in KINDS:
            since = position.get(kind)
            if self.window.is_bounded:
                streams[kind] = _state(Stream(self.window.since.isoformat() if self.window.since else None))
            elif self.window.full or since is None or _differs(position, mark, kind):
                streams[kind] = _state(Stream(None if self.window.full else since))
        return streams

    def _read_by_number(self, numbers: Sequence[int]) -> Read:
        """Read items that pages did not bring, and store them."""
        read = self._reader.by_number(numbers)
        self._store(read)
        return read

    def _store(
        self, read: Read, position: dict[str, Any] | None = None, totals: Mapping[str, int] | None = None
    ) -> None:
        """Store what was read; with the place that the pass has reached, if pages were."""
        from psycopg.errors import DataError, IntegrityError  # psycopg is only needed by a run

        try:
            self._store_all(read, position, totals or {})
        except (DataError, IntegrityError):
            # One of them does not fit: only that one is lost.
            lost = self._store_each(read.items)
            self._store_all(Read(lost=read.lost | lost, absent=read.absent), position, totals or {})
        self._tell(read)

    def _store_all(self, read: Read, position: dict[str, Any] | None, totals: Mapping[str, int]) -> None:
        # Apart, as other repositories' pages wait for new accounts until they are committed.
        with self.warehouse.transaction() as transaction:
            accounts = load_accounts(transaction, (who for one in read.items for who in one.accounts()))[1]
        self.changes += accounts
        with self.warehouse.transaction() as transaction:
            changes = load_items(transaction, self.repository.id, read.items)
            changes += close_gaps(transaction, self.repository.id, [one.number for one in read.items])
            unread: dict[int, list[Unread]] = {number: [] for number in read.absent}
            unread |= {number: [lost] for number, lost in read.lost.items()}
            if unread:
                changes += load_unread(transaction, self.repository.id, "issues", unread)
            transaction.execute(
                "UPDATE repositories SET issue_count = coalesce(%s, issue_count), "
                "pull_request_count = coalesce(%s, pull_request_count) WHERE id = %s",
                (totals.get("issues"), totals.get("pullRequests"), self.repository.id),
            )
            if position is not None and not self.window.is_bounded:
                self._move(transaction, position)
        self.changes += changes
        self.written += transaction.written
        self.items += len(read.items)

    def _store_each(self, items: Sequence[Item]) -> dict[int, Unread]:
        from psycopg.errors import DataError, IntegrityError  # psycopg is only needed by a run

        lost = {}
        for one in items:
            try:
                self._store_all(Read([one]), None, {})
            except (DataError, IntegrityError) as error:
                lost[one.number] = Unread(ITEM, "damaged", " ".join(str(error).split()))
                self._tell(Read(lost={one.number: lost[one.number]}))
        return lost

    def _tell(self, read: Read) -> None:
        parts = [(number, lost) for number, lost in read.lost.items()]
        parts += [(one.number, unread) for one in read.items for unread in one.unread]
        for number, unread in parts[:_LINES]:
            where = "" if unread.part == ITEM else f", {unread.part}"
            logger.warning("%s#%d%s, %s: %s", self.repository.full_name, number, where, unread.reason, unread.told)
        if len(parts) > _LINES:
            logger.warning("%s: %d more parts are not given", self.repository.full_name, len(parts) - _LINES)

    def _complete(self, position: dict[str, Any], mark: dict[str, Any], streams: dict[str, Stream]) -> None:
        """Account for all that GitHub counts, and move the cursor as far as that was read.

        Raises:
            PartMissing: something is not to be found; the next pass reads its kind anew. Where that finds no more, the
                count is taken for wrong, and recorded as a gap.
        """
        before: dict[str, int] = position.get("short", {})
        gaps = Gaps(self.github, self.warehouse, self.scope, self.repository, self._read_by_number)
        short = gaps.close({kind: found[0] if found else None for kind, found in mark.items()}, before)
        self.changes += gaps.changes
        self.written["item_gaps"] += gaps.changes.total
        withheld = {kind: told for kind, told in position.get("withheld", {}).items() if kind not in streams}
        withheld |= {kind: stream.withheld for kind, stream in streams.items() if stream.withheld}
        short = {kind: count for kind, count in short.items() if kind not in withheld}
        anew = {kind for kind, count in short.items() if before.get(kind) != count}
        open_ = anew | {kind for kind, stream in streams.items() if stream.is_broken}
        position.pop("pass", None)
        position |= {kind: stream.newest or stream.floor for kind, stream in streams.items() if kind not in open_}
        for kind in anew:
            position.pop(kind, None)
        position["mark"] = {kind: found for kind, found in mark.items() if kind not in open_}
        for name, told in (("short", short), ("withheld", withheld)):
            position.pop(name, None)
            position |= {name: told} if told else {}
        unread = [Unread(kind, "refused", told) for kind, told in withheld.items()]
        unread += [
            Unread(kind, "unlisted", f"{count} more are counted than are to be found")
            for kind, count in short.items()
            if kind not in anew
        ]
        with self.warehouse.transaction() as transaction:
            self.changes += load_unread(transaction, self.repository.id, "issues", {0: unread})
            self._move(transaction, position)
        if open_:
            missing = ", ".join(f"{count} of its {kind}" for kind, count in short.items() if kind in anew)
            raise PartMissing(
                f"GitHub counts more of {self.repository.full_name} than it gives: {missing or ', '.join(open_)} "
                "did not come; the next run reads them anew."
            )

    def _move(self, transaction: Transaction, position: dict[str, Any]) -> None:
        transaction.move_cursor(self.asset, self.repository.name, position, datetime.now(UTC))


def is_new(position: dict[str, Any] | None, mark: dict[str, Any]) -> bool:
    """Tell whether a repository has anything that a complete pass has not read."""
    return position is None or "pass" in position or any(_differs(position, mark, kind) for kind in KINDS)


def _differs(position: Mapping[str, Any], mark: Mapping[str, Any], kind: str) -> bool:
    """Tell whether a kind of item changed since the last complete pass, or may have: GitHub does not always tell."""
    return mark[kind] is None or position.get("mark", {}).get(kind) != mark[kind]


def _is_full(running: Mapping[str, Any]) -> bool:
    return len(running["streams"]) == len(KINDS) and all(s["floor"] is None for s in running["streams"].values())


def _state(stream: Stream) -> dict[str, Any]:
    return asdict(stream)
