"""An organisation as large as boostorg, made up, to measure what a collector costs.

The numbers of items are skewed as the real ones are: a few repositories have thousands, most have dozens. Texts are
shared by many items, so that all of it fits in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from boost_pipeline.sample.github.model import (
    Comment,
    Commit,
    Event,
    Issue,
    Label,
    PullRequest,
    Review,
    ReviewComment,
    Signature,
)
from boost_pipeline.sample.github.repository import RepositoryState
from boost_pipeline.sample.github.world import World

START: Final = datetime(2013, 12, 1, tzinfo=UTC)
END: Final = datetime(2026, 9, 1, tzinfo=UTC)
_LABELS: Final = ("bug", "enhancement", "documentation", "question", "wontfix")
_INLINE_SHARE: Final = 0.25
"""The share of all comments that are inline comments of reviews."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there shall be; `comments` counts those on items and inline ones together."""

    repositories: int = 180
    pulls: int = 22_000
    issues: int = 14_000
    comments: int = 150_000
    people: int = 4_000


def large_world(size: Size = Size(), *, seed: int = 0) -> World:
    """Return a world of that size; the same seed gives the same world."""
    chance = Random(seed)  # noqa: S311 - content, no secrets
    world = World(START, "boostorg")
    people = [world.add_account(f"person-{number:04}").id for number in range(size.people)]
    people.append(world.add_account("dependabot[bot]", kind="Bot").id)
    shares = [1 / (rank + 3) ** 1.15 for rank in range(size.repositories)]
    pulls, issues = _split(size.pulls, shares), _split(size.issues, shares)
    inline = int(size.comments * _INLINE_SHARE)
    remarks = _tails(chance, size.pulls + size.issues, size.comments - inline)
    inlines = _tails(chance, size.pulls, inline)
    writer = _Writer(world, chance, people, remarks, inlines)
    for rank in range(size.repositories):
        writer.repository(f"library_{rank:03}", pulls[rank], issues[rank])
    world.now = END
    return world


def _split(total: int, shares: Sequence[float]) -> list[int]:
    """Split a number by shares, exactly."""
    whole, found, rest = sum(shares), [], 0.0
    for share in shares:
        rest += total * share / whole
        found.append(int(rest + 1e-6))
        rest -= found[-1]
    found[0] += total - sum(found)
    return found


def _tails(chance: Random, count: int, total: int) -> list[int]:
    """Return how many comments each item has: most a few, some more than a page."""
    weights = [chance.paretovariate(1.3) - 0.8 for _ in range(count)]
    found = _split(total, [min(weight, 400) for weight in weights])
    chance.shuffle(found)
    return found


class _Writer:
    """Writes items straight into repositories, without the events that a world's own methods would leave."""

    def __init__(self, world: World, chance: Random, people: list[int], remarks: list[int], inlines: list[int]) -> None:
        self._world, self._chance, self._people = world, chance, people
        self._remarks, self._inlines = remarks, inlines
        self._bodies = [chance.choice(_WORDS) * chance.randint(1, 40) for _ in range(500)]
        self._state: RepositoryState

    def repository(self, name: str, pulls: int, issues: int) -> None:
        """Write a repository."""
        chance, world = self._chance, self._world
        self._state = state = world.add_repository(
            name, created_at=START, stars=chance.randint(10, 2000), forks=chance.randint(5, 500), topics=("cpp",)
        )
        key = state.facts.id
        for label in _LABELS:
            number = world.new_id()
            state.labels[number] = Label(number, key, label, "d73a4a")
        kinds = [True] * pulls + [False] * issues
        chance.shuffle(kinds)
        step = (END - START - timedelta(days=40)) / max(1, len(kinds))
        for place, is_pull in enumerate(kinds):
            when = (START + step * place).replace(microsecond=0)
            if is_pull:
                self._pull(place + 1, when)
            else:
                self._issue(place + 1, when)
        state.changed()

    def _someone(self) -> int | None:
        # The square root of a uniform number: some people do most of it.
        place = int(self._chance.random() ** 2.5 * len(self._people))
        return None if self._chance.random() < 0.005 else self._people[place]

    def _issue(self, number: int, when: datetime) -> None:
        chance, is_closed = self._chance, self._chance.random() < 0.7
        last = self._talk(number, when)
        closed = last + timedelta(days=chance.randint(1, 30)) if is_closed else None
        self._state.items[number] = Issue(
            id=self._world.new_id(),
            repository=self._state.facts.id,
            number=number,
            title=f"Something about {number}",
            body=chance.choice(self._bodies),
            author=self._someone(),
            created_at=when,
            updated_at=closed or last,
            state="closed" if closed else "open",
            state_reason="completed" if closed else None,
            closed_at=closed,
            closed_by=self._people[0] if closed else None,
            labels=(chance.choice(tuple(self._state.labels)),) if chance.random() < 0.4 else (),
        )
        if closed:
            self._event(number, "closed", closed, text="completed")

    def _pull(self, number: int, when: datetime) -> None:
        chance, state, author = self._chance, self._state, self._someone()
        head, base, landing = (f"{chance.getrandbits(160):040x}" for _ in range(3))
        self._event(number, "committed", when, commit=head)
        last = self._review(number, self._talk(number, when), head)
        merged = last + timedelta(hours=chance.randint(1, 300)) if chance.random() < 0.75 else None
        state.items[number] = PullRequest(
            id=self._world.new_id(),
            pull_id=self._world.new_id(),
            repository=state.facts.id,
            number=number,
            title=f"Change {number}",
            body=chance.choice(self._bodies),
            author=author,
            created_at=when,
            updated_at=merged or last,
            state="closed" if merged else "open",
            closed_at=merged,
            closed_by=self._people[0] if merged else None,
            merged_at=merged,
            merged_by=self._people[0] if merged else None,
            merge_commit_sha=landing if merged else None,
            base_sha=base,
            head_sha=head,
            head_owner=None,
            additions=chance.randint(1, 500),
            deletions=chance.randint(0, 200),
            changed_files=chance.randint(1, 20),
        )
        if merged:
            self._event(number, "merged", merged, commit=landing)
            self._event(number, "closed", merged)
            who = Signature("GitHub", "noreply@github.com", merged)
            state.commits[landing] = Commit(landing, state.facts.id, who, who, f"Merge pull request #{number}")

    def _event(self, number: int, kind: str, when: datetime, **more: str) -> None:
        self._state.events.put(
            Event(
                id=self._world.new_id(),
                repository=self._state.facts.id,
                number=number,
                kind=kind,
                actor=self._someone(),
                at=when,
                commit=more.get("commit"),
                text=more.get("text"),
            )
        )

    def _talk(self, number: int, when: datetime) -> datetime:
        """Write the comments of an item; return when the last one came."""
        for _ in range(self._remarks.pop()):
            when += timedelta(minutes=self._chance.randint(5, 3000))
            self._state.comments.put(
                Comment(
                    id=self._world.new_id(),
                    repository=self._state.facts.id,
                    number=number,
                    author=self._someone(),
                    body=self._chance.choice(self._bodies),
                    created_at=when,
                    updated_at=when,
                )
            )
        return when

    def _review(self, number: int, when: datetime, head: str) -> datetime:
        """Write the reviews of a pull request; return when the last one came."""
        inline = self._inlines.pop()
        reviews = max(1 if inline else 0, self._chance.choice((0, 1, 1, 1, 2)))
        for place in range(reviews):
            when += timedelta(minutes=self._chance.randint(5, 3000))
            review = Review(
                id=self._world.new_id(),
                repository=self._state.facts.id,
                number=number,
                author=self._someone(),
                body="",
                state=self._chance.choice(("APPROVED", "COMMENTED", "CHANGES_REQUESTED")),
                commit=head,
                created_at=when,
                updated_at=when,
                submitted_at=when,
            )
            self._state.reviews.put(review)
            for _ in range(inline if place == 0 else 0):
                self._inline(review)
        return when

    def _inline(self, review: Review) -> None:
        self._state.review_comments.put(
            ReviewComment(
                id=self._world.new_id(),
                repository=review.repository,
                number=review.number,
                review=review.id,
                author=review.author,
                body=self._chance.choice(_WORDS),
                path="include/boost/library.hpp",
                line=12,
                original_line=12,
                commit=review.commit,
                original_commit=review.commit,
                created_at=review.created_at,
                updated_at=review.created_at,
            )
        )


_WORDS: Final = (
    "This does not compile with the newest compiler. ",
    "I think that the interface should stay as it is. ",
    "Could you add a test for that? ",
    "`boost::shared_ptr<T>` is enough here. ",
)
