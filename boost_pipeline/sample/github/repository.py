"""The state of one repository: its facts, and all that hangs on its numbers, in the orders that GitHub lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar

from boost_pipeline.sample.github.model import (
    Comment,
    Commit,
    Discussion,
    Event,
    Gap,
    Issue,
    Label,
    Milestone,
    Published,
    PullRequest,
    Repository,
    Review,
    ReviewComment,
)


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def number(self) -> int: ...


_T = TypeVar("_T", bound=_Numbered)
_S = TypeVar("_S")


class Thread(Generic[_T]):
    """Things that belong to items: in the order they came below each number, and each found by its id."""

    def __init__(self) -> None:
        self._things: dict[int, dict[int, _T]] = {}
        self._numbers: dict[int, int] = {}

    def put(self, thing: _T) -> _T:
        """Add a thing, or replace the one with its id."""
        self._things.setdefault(thing.number, {})[thing.id] = thing
        self._numbers[thing.id] = thing.number
        return thing

    def find(self, key: int) -> _T | None:
        """Return the thing with that id."""
        number = self._numbers.get(key)
        return None if number is None else self._things[number].get(key)

    def take(self, key: int) -> _T | None:
        """Remove and return the thing with that id."""
        number = self._numbers.pop(key, None)
        return None if number is None else self._things[number].pop(key, None)

    def of(self, number: int) -> Sequence[_T]:
        """Return what belongs to a number, oldest first."""
        return tuple(self._things.get(number, {}).values())

    def count(self, number: int) -> int:
        """Return how many things belong to a number."""
        return len(self._things.get(number, ()))

    def __iter__(self) -> Iterator[_T]:
        for things in self._things.values():
            yield from things.values()

    def __len__(self) -> int:
        return len(self._numbers)


class RepositoryState:
    """A repository with all that is in it. Whoever changes something calls `changed`, so that orders are made anew."""

    def __init__(self, facts: Repository) -> None:
        self.facts = facts
        self.labels: dict[int, Label] = {}
        self.milestones: dict[int, Milestone] = {}
        self.items: dict[int, Issue | PullRequest] = {}
        self.discussions: dict[int, Discussion] = {}
        self.gaps: dict[int, Gap] = {}
        self.comments: Thread[Comment] = Thread()
        self.reviews: Thread[Review] = Thread()
        self.review_comments: Thread[ReviewComment] = Thread()
        self.events: Thread[Event] = Thread()
        self.commits: dict[str, Commit] = {}
        self.releases: dict[int, Published] = {}
        self._orders: dict[object, list[Any]] = {}

    @property
    def next_number(self) -> int:
        """The number that the next issue, pull request or discussion takes."""
        return max((0, *self.items, *self.gaps, *self.discussions)) + 1

    def changed(self) -> None:
        """Forget the orders."""
        self._orders.clear()

    def ordered(self, name: object, things: Callable[[], list[_S]]) -> list[_S]:
        """Return a list that is kept under a name until something changes."""
        found = self._orders.get(name)
        if found is None:
            found = self._orders[name] = things()
        return found

    def issues(self) -> list[Issue]:
        """Return the issues that are no pull requests, by number."""
        return self.ordered(
            "issues", lambda: [item for _, item in sorted(self.items.items()) if not isinstance(item, PullRequest)]
        )

    def pulls(self) -> list[PullRequest]:
        """Return the pull requests, by number."""
        return self.ordered(
            "pulls", lambda: [item for _, item in sorted(self.items.items()) if isinstance(item, PullRequest)]
        )

    def label(self, name: str) -> Label | None:
        """Return the label of that name; case does not matter."""
        return next((label for label in self.labels.values() if label.name.lower() == name.lower()), None)

    def timeline(self, number: int) -> list[Event | Comment | Review]:
        """Return events, comments and submitted reviews of an item, in the order in which they happened."""
        things: list[Event | Comment | Review] = [*self.events.of(number), *self.comments.of(number)]
        things += [review for review in self.reviews.of(number) if review.state != "PENDING"]
        return sorted(things, key=moment)

    def decision(self, number: int) -> str | None:
        """Return what the reviews of a pull request come to: each reviewer's latest verdict counts."""
        latest = {r.author: r.state for r in self.reviews.of(number) if r.state in ("APPROVED", "CHANGES_REQUESTED")}
        return next((state for state in ("CHANGES_REQUESTED", "APPROVED") if state in latest.values()), None)


def moment(thing: Event | Comment | Review) -> tuple[int, int]:
    """Return when a thing of a timeline happened; ids decide between things of one second."""
    if isinstance(thing, Event):
        at = thing.at
    elif isinstance(thing, Review):
        at = thing.submitted_at or thing.created_at
    else:
        at = thing.created_at
    return int(at.timestamp()), thing.id
