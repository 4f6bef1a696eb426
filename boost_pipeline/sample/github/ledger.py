"""How things are kept in a world, for the modules that tell what can happen to them."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha1
from typing import Any, TypeVar

from boost_pipeline.errors import UnknownName
from boost_pipeline.sample.github.model import Commit, Event, Gap, Item, Label, PullRequest, Signature
from boost_pipeline.sample.github.registry import Registry
from boost_pipeline.sample.github.repository import RepositoryState

_T = TypeVar("_T")

Who = str | int | None
"""A login, an id, or None for the ghost."""


class Ledger(Registry):
    """Items of repositories, and the one place where they are written.

    `edits_touch` tells whether a comment that is edited moves its item's `updated_at`.
    """

    edits_touch: bool = False

    def item(self, repository: str, number: int) -> Item:
        """Return an issue or a pull request.

        Raises:
            UnknownName: the repository has none of that number.
        """
        if (found := self.repository(repository).items.get(number)) is None:
            raise UnknownName(f"{repository} has neither an issue nor a pull request {number}.")
        return found

    def pull(self, repository: str, number: int) -> PullRequest:
        """Return a pull request.

        Raises:
            UnknownName: the number is not that of a pull request.
        """
        if not isinstance(found := self.item(repository, number), PullRequest):
            raise UnknownName(f"{repository} has an issue {number}, which is no pull request.")
        return found

    def _id(self, who: Who) -> int:
        return must(self.id_of(who), "The ghost can neither be assigned nor asked.")

    def _put(self, state: RepositoryState, item: Item) -> None:
        if item.number in state.items or item.number in state.discussions:
            raise UnknownName(f"{state.facts.full_name} has the number {item.number} already.")
        state.items[item.number] = item
        state.changed()

    def _touch(self, state: RepositoryState, number: int, /, **changes: Any) -> Item:
        item = must(state.items.get(number), f"{state.facts.full_name} has no item {number}.")
        state.items[number] = changed = replace(item, **({"updated_at": self.now} | changes))
        state.changed()
        return changed

    def _edited(self, state: RepositoryState, number: int) -> None:
        if self.edits_touch:
            self._touch(state, number)
        state.changed()

    def _event(self, state: RepositoryState, number: int, kind: str, actor: Who, **more: Any) -> Event:
        event = Event(
            id=self.new_id(),
            repository=state.facts.id,
            number=number,
            kind=kind,
            actor=self.id_of(actor),
            at=self.now,
            **more,
        )
        state.changed()
        return state.events.put(event)

    def _label(self, state: RepositoryState, number: int, name: str, actor: Who) -> Item:
        label = state.label(name)
        if label is None:
            key = self.new_id()
            label = state.labels[key] = Label(key, state.facts.id, name, sha1(name.encode()).hexdigest()[:6])  # noqa: S324
        self._event(state, number, "labeled", actor, label=label.id)
        item = must(state.items.get(number), f"{state.facts.full_name} has no item {number}.")
        return self._touch(state, number, labels=(*item.labels, label.id))

    def _forget(self, state: RepositoryState, number: int, gap: Gap | None) -> None:
        del state.items[number]
        for thread in (state.comments, state.events, state.reviews, state.review_comments):
            for thing in thread.of(number):
                thread.take(thing.id)
        if gap:
            state.gaps[number] = gap
        state.changed()

    def _make_commit(self, state: RepositoryState, author: Who, message: str) -> Commit:
        account = self.account(self.id_of(author))
        email = f"{account.id}+{account.login}@users.noreply.github.com" if account else "nobody@example.org"
        who = Signature(account.login if account else "nobody", email, self.now)
        sha = sha1(f"{state.facts.full_name} {message} {self.now}".encode(), usedforsecurity=False).hexdigest()
        return Commit(sha, state.facts.id, who, who, message)


def must(thing: _T | None, message: str) -> _T:
    """Return a thing that has to be there.

    Raises:
        UnknownName: it is not.
    """
    if thing is None:
        raise UnknownName(message)
    return thing
