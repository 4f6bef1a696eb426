"""Items as GitHub gives them: by pages or by number, with their lists read to the ends, and what it does not give.

A page that GitHub does not finish is asked for in smaller pieces, down to the one entry that it never finishes. Nothing
here is stored.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from boost_pipeline.collectors.github import queries
from boost_pipeline.collectors.github.asking import Lack, PartMissing, Told, Withheld, ask_for, is_of_all
from boost_pipeline.collectors.github.fields import Fields, OddField, Page
from boost_pipeline.collectors.github.planning import PageSizes, page_sizes
from boost_pipeline.collectors.github.scope import Repository, Scope, label
from boost_pipeline.collectors.github.shapes import ITEM, Item, Truncated, Unread, item, number_of
from boost_pipeline.errors import SourceError, SourceRefused
from boost_pipeline.sources.github import BadAnswer, GitHub, QueryTooHeavy, TooLong

logger = logging.getLogger("boost_pipeline")

KINDS = ("issues", "pullRequests")
LISTS = ("labels", "assignees", "timelineItems", "reviews")
"""The lists of an item, as far as its kind has them."""

INNER_PAGES = 50
"""Further pages of one list of one item; what is longer is recorded as truncated."""

BY_NUMBER = 16
"""Items in a query by number, as many as one point buys."""


class Entry(NamedTuple):
    """An entry of a page of items, as it came, and what GitHub did not give of it."""

    value: Any
    lacks: tuple[Lack, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemsPage:
    """A page of one kind of item.

    Attributes:
        entries: of the page.
        total: how many items of the kind there are, as GitHub counts.
        end: GitHub's mark of its last entry.
        has_next: there is more.
    """

    entries: Sequence[Entry]
    total: int
    end: str | None
    has_next: bool


@dataclass(slots=True)
class Read:
    """What was read.

    Attributes:
        items: whole, but for the parts that each tells as unread.
        lost: what of an item makes that there is no row of it, by number.
        absent: numbers that are no item.
    """

    items: list[Item] = field(default_factory=list)
    lost: dict[int, Unread] = field(default_factory=dict)
    absent: list[int] = field(default_factory=list)

    def add(self, other: Read) -> None:
        """Take in what another was read as well."""
        self.items += other.items
        self.lost |= other.lost
        self.absent += other.absent

    @property
    def is_whole(self) -> bool:
        """Nothing is unread."""
        return not self.lost and not any(one.unread for one in self.items)


@dataclass(frozen=True, slots=True)
class ItemReader:
    """Asks for the items of one repository."""

    github: GitHub
    scope: Scope
    repository: Repository
    inner_pages: int = INNER_PAGES

    def page(self, after: Mapping[str, str | None]) -> dict[str, ItemsPage | Unread]:
        """Return the page of each kind that follows a mark; or why there is none, though the repository is there.

        Raises:
            SourceError: GitHub does not answer for the repository as promised.
        """
        return self._page(after, page_sizes(issues="issues" in after, pull_requests="pullRequests" in after))

    def by_number(self, numbers: Sequence[int]) -> Read:
        """Return the items of these numbers."""
        read = Read()
        for start in range(0, len(numbers), BY_NUMBER):
            read.add(self._batch(numbers[start : start + BY_NUMBER], frozenset(), ()))
        return read

    def whole(self, kind: str, entries: Iterable[Entry]) -> Read:
        """Return what entries of pages are, with their lists read to the ends."""
        read = Read()
        for entry in entries:
            try:
                read.items.append(self._whole(kind, entry))
            except OddField as odd:
                self._lose(read, kind, entry, odd)
        return read

    def _page(self, after: Mapping[str, str | None], sizes: PageSizes) -> dict[str, ItemsPage | Unread]:
        while True:
            try:
                found = self._ask_page(after, sizes, frozenset())
            except (QueryTooHeavy, PartMissing, BadAnswer, TooLong, OddField) as error:
                if sizes.is_smallest:
                    return self._smallest(after, error)
            except Withheld as error:
                if len(error.path) < 2:
                    raise
                if len(after) > 1:
                    return self._one_by_one(after, None)
                return dict.fromkeys(after, Unread(next(iter(after)), "refused", str(error)))
            else:
                if sizes.is_smallest or not _has_unanswered(found.values()):
                    return dict(found)
            sizes = sizes.smaller()
            logger.info("%s: smaller pages, as GitHub does not finish larger ones", self.repository.full_name)

    def _smallest(self, after: Mapping[str, str | None], error: SourceError) -> dict[str, ItemsPage | Unread]:
        """Go past an entry that GitHub never finishes; which it is, a page of numbers tells."""
        if len(after) > 1:
            return self._one_by_one(after, 1)
        ((kind, place),) = after.items()
        try:
            page = self._places(kind, place, 1)
        except OddField as odd:
            return {kind: Unread(kind, "damaged", f"{odd.path}: {odd.told}")}
        lack = Lack((), "unanswered", str(error))
        return {kind: _items_page(page, [Entry(node, (lack,)) for node in page.nodes])}

    def _one_by_one(self, after: Mapping[str, str | None], size: int | None) -> dict[str, ItemsPage | Unread]:
        found: dict[str, ItemsPage | Unread] = {}
        for kind, place in after.items():
            sizes = page_sizes(issues=kind == "issues", pull_requests=kind == "pullRequests")
            if size is not None:
                sizes = PageSizes(min(size, sizes.issues), min(size, sizes.pull_requests))
            found |= self._page({kind: place}, sizes)
        return found

    def _ask_page(
        self, after: Mapping[str, str | None], sizes: PageSizes, without: frozenset[str]
    ) -> dict[str, ItemsPage]:
        query = queries.items(issues="issues" in after, pull_requests="pullRequests" in after, without=without)
        variables: dict[str, Any] = {}
        for kind, size in zip(KINDS, (sizes.issues, sizes.pull_requests), strict=True):
            if kind in after:
                variables |= {kind: size, f"{kind}After": after[kind]}

        def read(told: Told) -> dict[str, ItemsPage]:
            repository = self._shown(told)
            return {kind: _read_page(told, repository, kind) for kind in after}

        found = ask_for(read, self.github, query, self._variables(variables), label=self._label("items"))
        return {kind: self._filled(kind, page, after[kind], without) for kind, page in found.items()}

    def _filled(self, kind: str, page: ItemsPage, after: str | None, without: frozenset[str]) -> ItemsPage:
        """Return a page with its empty entries asked for once more, without the fields that GitHub refuses."""
        empty = [place for place, entry in enumerate(page.entries) if entry.value is None]
        if not empty:
            return page
        size, lacks = len(page.entries), [lack for place in empty for lack in page.entries[place].lacks]
        fields = frozenset(str(lack.path[0]) for lack in lacks if lack.path)
        if fields and all(lack.path for lack in lacks) and fields <= queries.PARTS - without:
            sizes = PageSizes(size * (kind == "issues"), size * (kind == "pullRequests"))
            again = self._ask_page({kind: after}, sizes, without | fields)[kind].entries
        else:
            again = [Entry(node) for node in self._places(kind, after, size).nodes]
        entries = list(page.entries)
        for place in empty:
            if place < len(again):
                entries[place] = Entry(again[place].value, (*entries[place].lacks, *again[place].lacks))
        return replace(page, entries=entries)

    def _places(self, kind: str, after: str | None, first: int) -> Page:
        def read(told: Told) -> Page:
            return Page.read(self._shown(told), kind)

        variables = self._variables({"first": first, "after": after})
        return ask_for(read, self.github, queries.PLACES[kind], variables, label=self._label("places"))

    def _batch(self, numbers: Sequence[int], without: frozenset[str], known: tuple[Lack, ...]) -> Read:
        query = queries.items_by_number(numbers, without)
        try:
            told = ask_for(
                self._checked, self.github, query, self._variables({}), label=self._label("by_number"), absent=ABSENT
            )
        except SourceError as error:
            if is_of_all(error):
                raise
            if len(numbers) == 1:
                return Read(lost={numbers[0]: Unread(ITEM, "unanswered", str(error))})
            half = len(numbers) // 2
            read = self._batch(numbers[:half], without, known)
            read.add(self._batch(numbers[half:], without, known))
            return read
        read, again = Read(), dict[frozenset[str], list[int]]()
        for number in numbers:
            entry = Entry(told.data["repository"].get(f"n{number}"), told.lacks_below("repository", f"n{number}"))
            fields = frozenset(str(lack.path[0]) for lack in entry.lacks if lack.path)
            if entry.value is not None:
                read.add(self.whole(_kind(entry.value), [entry._replace(lacks=(*known, *entry.lacks))]))
            elif not entry.lacks:
                read.absent.append(number)
            elif fields and fields <= queries.PARTS - without:
                again.setdefault(fields, []).append(number)
            else:
                lack = entry.lacks[0]
                read.lost[number] = Unread(ITEM, lack.reason, f"{lack.names}: {lack.told}" if lack.path else lack.told)
        for fields, those in again.items():
            lacks = tuple(lack for lack in told.lacks if lack.path[1:2] == (f"n{those[0]}",))
            seen = tuple(lack._replace(path=lack.path[2:]) for lack in lacks)
            read.add(self._batch(those, without | fields, (*known, *seen)))
        return read

    def _checked(self, told: Told) -> Told:
        self._shown(told)
        return told

    def _whole(self, kind: str, entry: Entry) -> Item:
        """Return an item with its lists read to their ends."""
        fields, lacks, truncated = Fields.of(entry.value, ""), list(entry.lacks), list[Truncated]()
        value = dict(fields.node)
        for connection in LISTS:
            if not isinstance(value.get(connection), dict):
                continue  # refused, or not of this kind; what is odd is told where it is read
            try:
                page = Page.read(fields, connection)
            except OddField as odd:
                lacks.append(Lack(tuple(odd.path.split(".")), "damaged", odd.told))
                continue
            entries, total = list(page.nodes), page.total
            for _ in range(self.inner_pages if page.has_next else 0):
                try:
                    page, missing = self._rest(number_of(fields), kind, connection, page)
                except SourceError as error:
                    if is_of_all(error):
                        raise
                    lacks.append(Lack((connection,), "unanswered", str(error)))
                    break
                entries += page.nodes
                lacks += missing
                if not page.has_next:
                    break
            else:
                if page.has_next:
                    truncated.append(Truncated(connection, len(entries), total))
            value[connection] = {"nodes": entries, "totalCount": total}
        return item(value, lacks=lacks, truncated=tuple(truncated))

    def _rest(self, number: int, kind: str, connection: str, page: Page) -> tuple[Page, tuple[Lack, ...]]:
        def read(told: Told) -> tuple[Page, tuple[Lack, ...]]:
            found = self._shown(told).maybe_object("item")
            if found is None:
                raise SourceRefused(f"GitHub lost {self.repository.full_name}#{number} while it was read; try again.")
            following = Page.read(found, connection)
            if following.has_next and following.end == page.end:
                raise OddField(f"{connection}.pageInfo.endCursor", "another mark", page.end)
            return following, told.lacks_below("repository", "item")

        query = queries.rest_of("Issue" if kind == "issues" else "PullRequest", connection)
        variables = self._variables({"number": number, "after": page.end})
        return ask_for(read, self.github, query, variables, label=self._label("rest"))

    def _lose(self, read: Read, kind: str, entry: Entry, odd: OddField) -> None:
        refused = next((lack for lack in entry.lacks if lack.reason != "damaged"), None)
        told = f"{odd.path}: {odd.told}" if odd.path else odd.told
        lost = Unread(ITEM, "damaged", told) if refused is None else Unread(ITEM, refused.reason, refused.told)
        try:
            read.lost[number_of(Fields.of(entry.value))] = lost
        except OddField:
            name = entry.value.get("id") if isinstance(entry.value, dict) else None
            logger.warning(
                "%s, an entry %s of %s is left out: %s; it is looked for by its number.",
                self.repository.full_name,
                name if isinstance(name, str) else "without an id",
                kind,
                told,
            )

    def _shown(self, told: Told) -> Fields:
        found = told.data.get("repository")
        if found is None:
            raise SourceRefused(f"GitHub does not show {self.repository.full_name}: is it gone or private?")
        return Fields.of(found)

    def _variables(self, more: Mapping[str, Any]) -> dict[str, Any]:
        return {"owner": self.repository.owner, "name": self.repository.name, **more}

    def _label(self, what: str) -> str:
        return label(self.scope, what, self.repository)


ABSENT = ("NOT_FOUND",)
"""What is asked for by its number may be no item, or none any more."""


def _read_page(told: Told, repository: Fields, kind: str) -> ItemsPage:
    page = Page.read(repository, kind)
    lacks = told.lacks_below("repository", kind, "nodes")
    entries = [
        Entry(node, tuple(found for lack in lacks if (found := lack.below(place)) is not None))
        for place, node in enumerate(page.nodes)
    ]
    return _items_page(page, entries)


def _items_page(page: Page, entries: Sequence[Entry]) -> ItemsPage:
    return ItemsPage(entries, page.total, page.end, page.has_next)


def _has_unanswered(pages: Collection[ItemsPage]) -> bool:
    return any(lack.reason == "unanswered" for page in pages for entry in page.entries for lack in entry.lacks)


def _kind(value: object) -> str:
    return "pullRequests" if isinstance(value, dict) and "headRefOid" in value else "issues"
