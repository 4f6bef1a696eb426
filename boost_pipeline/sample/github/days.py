"""Later days on the emulated GitHub: the same day does the same things to the same world.

A day opens, answers, edits, closes and merges in some repositories, and now and then does what is rare.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from boost_pipeline.sample.content import choose
from boost_pipeline.sample.github.model import Issue, Item, PullRequest
from boost_pipeline.sample.github.repository import RepositoryState
from boost_pipeline.sample.github.world import World

Rare = Callable[[World, RepositoryState, int], None]


def advance(world: World, day: int, repositories: int = 3, *, at: datetime | None = None) -> tuple[str, ...]:
    """Let a day of activity happen; return the repositories that something happened in.

    Args:
        world: Whatever world; it is changed.
        day: The number of the day, which decides what happens.
        repositories: How many repositories something happens in.
        at: When; by default 24 hours after the world's last moment.
    """
    world.now = at or world.now + timedelta(days=1)
    people = sorted(account.login for account in world.accounts.values() if account.kind == "User")
    states = [state for state in world.repositories.values() if len(state.items) > 2 and not state.facts.is_archived]
    states.sort(key=lambda state: choose(range(1 << 30), "order", day, state.facts.id))
    for state in states[:repositories]:
        _routine(world, state, day, people)
    touched = [state.facts.name for state in states[:repositories]]
    if states:
        _RARE[day % len(_RARE)](world, states[0], day)
    return tuple(touched)


def _routine(world: World, state: RepositoryState, day: int, people: Sequence[str]) -> None:
    name = state.facts.name

    def someone(*key: object) -> str:
        return choose(people, day, name, *key)

    opened = world.add_issue(name, f"Found on day {day}", someone("opens"), body=f"Day {day}", labels=("bug",))
    old = _some(state, day, "old")
    world.comment(name, old.number, someone("answers"), f"A word on day {day}")
    comments = [comment for number in sorted(state.items) for comment in state.comments.of(number)]
    if comments:
        world.edit_comment(name, choose(comments, day, "edit").id, f"Edited on day {day}")
    world.label(name, opened.number, "triaged", someone("labels"))
    open_pulls = [pull for pull in state.pulls() if pull.state == "open"]
    if open_pulls and day % 2:
        world.merge(name, open_pulls[0].number, someone("merges"))
    pull = world.add_pull_request(name, f"Change of day {day}", someone("changes"))
    world.review(name, pull.number, someone("reviews"), "APPROVED", "Good.", lines=[("a.hpp", 1, f"Day {day}")])
    open_issues = [issue for issue in state.issues() if issue.state == "open" and issue.number != opened.number]
    if open_issues:
        world.close(name, open_issues[0].number, someone("closes"))
    world.star(name)


def _some(state: RepositoryState, *key: object) -> Item:
    return state.items[choose(sorted(state.items), *key)]


def _oldest_issue(state: RepositoryState) -> Issue:
    return next(item for item in state.issues())


def _transfer(world: World, state: RepositoryState, day: int) -> None:
    others = sorted(other.facts.name for other in world.repositories.values() if other is not state)
    world.transfer(state.facts.name, _oldest_issue(state).number, choose(others, day), None)


def _delete(world: World, state: RepositoryState, _: int) -> None:
    world.delete(state.facts.name, _oldest_issue(state).number)


def _rename_login(world: World, state: RepositoryState, day: int) -> None:
    item = next(item for item in state.items.values() if (by := world.account(item.author)) and by.kind == "User")
    login = world.accounts[item.author or 0].login
    world.rename_login(login, f"{login}-{day}")
    world.add_account(login)


def _convert(world: World, state: RepositoryState, _: int) -> None:
    world.convert_to_discussion(state.facts.name, _oldest_issue(state).number, None)


def _force_push(world: World, state: RepositoryState, _: int) -> None:
    pull = next((pull for pull in state.pulls() if pull.state == "open"), None)
    if isinstance(pull, PullRequest):
        world.force_push(state.facts.name, pull.number, None)


def _rename_repository(world: World, state: RepositoryState, day: int) -> None:
    world.rename_repository(state.facts.name, f"{state.facts.name}-{day}")


_RARE: tuple[Rare, ...] = (_force_push, _transfer, _delete, _rename_login, _convert, _rename_repository)
