"""The accounts and repositories of the emulated GitHub: how they are found, and what can happen to them.

Names are looked up as GitHub does: whatever their case, and by old names of repositories too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from threading import RLock
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from boost_pipeline.errors import UnknownName
from boost_pipeline.sample.github.model import Account, Published, Repository
from boost_pipeline.sample.github.repository import RepositoryState

_P = ParamSpec("_P")
_R = TypeVar("_R")
_S = TypeVar("_S", bound="Registry")

FIRST_ID: Final = 2_147_483_000
"""Ids start just below 2**31, so that most of them do not fit GraphQL's Int, as on github.com today."""

_NOREPLY: Final = re.compile(r"(\d+)\+[^@]+@users\.noreply\.github\.com", re.IGNORECASE)


def act(method: Callable[Concatenate[_S, _P], _R]) -> Callable[Concatenate[_S, _P], _R]:
    """Mark a method as something that happens: it takes the lock, and one second."""

    @wraps(method)
    def happen(self: _S, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        with self.guard:
            self.now += timedelta(seconds=1)
            return method(self, *args, **kwargs)

    return happen


class Registry:
    """Accounts and repositories. `now` is the time at which the next thing happens; set it as you like."""

    def __init__(self, now: datetime, owner: str = "boostorg") -> None:
        self.guard = RLock()
        self.now = now.astimezone(UTC).replace(microsecond=0)
        self.accounts: dict[int, Account] = {}
        self.repositories: dict[int, RepositoryState] = {}
        self.old_names: dict[str, int] = {}
        self._names: dict[str, int] = {}
        self._logins: dict[str, int] = {}
        self._emails: dict[str, int] = {}
        self._next_id = FIRST_ID
        self._next_account = 100_000
        self.owner = self.add_account(owner, kind="Organization", name=owner.title()).login

    def new_id(self) -> int:
        """Return an id that nothing has; a later thing has a higher one."""
        self._next_id += 1
        return self._next_id

    # ---- accounts ----

    def account(self, key: int | None) -> Account | None:
        """Return the account with that id, or None where it is gone."""
        return None if key is None else self.accounts.get(key)

    def login(self, login: str) -> Account | None:
        """Return the account that has that login now."""
        return self.account(self._logins.get(login.lower()))

    def email(self, address: str) -> Account | None:
        """Return the account that an address belongs to, the id inside GitHub's own noreply addresses first."""
        if found := _NOREPLY.fullmatch(address):
            return self.account(int(found[1]))
        return self.account(self._emails.get(address.lower()))

    def id_of(self, login: str | int | None) -> int | None:
        """Return the id of a login; ids and None stay what they are.

        Raises:
            UnknownName: nobody has that login.
        """
        if not isinstance(login, str):
            return login
        if (found := self.login(login)) is None:
            raise UnknownName(f"The emulated GitHub has no account {login!r}; add it first.")
        return found.id

    @act
    def add_account(
        self,
        login: str,
        *,
        kind: str = "User",
        name: str | None = None,
        emails: tuple[str, ...] = (),
        id: int | None = None,  # noqa: A002 - GitHub's word
        created_at: datetime | None = None,
    ) -> Account:
        """Add an account; a login that somebody gave up may be taken by another one."""
        if self.login(login):
            raise UnknownName(f"The login {login!r} is taken; rename its account first.")
        self._next_account += id is None
        account = Account(id or self._next_account, login, kind, created_at or self.now, name, emails)
        self.accounts[account.id] = account
        self._logins[login.lower()] = account.id
        self._emails |= dict.fromkeys((email.lower() for email in emails), account.id)
        return account

    @act
    def rename_login(self, login: str, new: str) -> Account:
        """Give an account another login; its id stays, and nothing else is touched."""
        account = self._account(login)
        if self.login(new):
            raise UnknownName(f"The login {new!r} is taken; rename its account first.")
        del self._logins[login.lower()]
        self._logins[new.lower()] = account.id
        self.accounts[account.id] = renamed = replace(account, login=new)
        return renamed

    @act
    def delete_account(self, login: str) -> None:
        """Delete an account; what it wrote stays, and is by the ghost from now on."""
        account = self._account(login)
        del self._logins[login.lower()], self.accounts[account.id]

    def _account(self, login: str) -> Account:
        return self.accounts[self.id_of(login) or 0]

    # ---- repositories ----

    def find(self, owner: str, name: str, *, follow: bool = True) -> RepositoryState | None:
        """Return the repository of that name, or the one that had it before (`follow`)."""
        full = f"{owner}/{name}".lower()
        key = self._names.get(full) or (self.old_names.get(full) if follow else None)
        return None if key is None else self.repositories[key]

    def repository(self, name: str) -> RepositoryState:
        """Return a repository of the organization.

        Raises:
            UnknownName: there is none of that name.
        """
        if (found := self.find(self.owner, name)) is None:
            raise UnknownName(f"The emulated GitHub has no repository {name!r}; add it first.")
        return found

    @act
    def add_repository(self, name: str, /, *, created_at: datetime | None = None, **facts: Any) -> RepositoryState:
        """Add a repository; `facts` are fields of `Repository`."""
        born = created_at or self.now
        given: dict[str, Any] = {"owner": self.owner, "updated_at": born, "pushed_at": born} | facts
        key = len(self.repositories) + 7_590_000
        state = RepositoryState(Repository(id=key, name=name, created_at=born, **given))
        self.repositories[state.facts.id] = state
        self._names[state.facts.full_name.lower()] = state.facts.id
        return state

    @act
    def edit_repository(self, name: str, /, **facts: Any) -> Repository:
        """Change facts: description, topics, license, is_archived, blocked, …; it is updated now."""
        return self._set(self.repository(name), **facts)

    @act
    def publish_release(
        self, name: str, tag: str, author: str, published_at: datetime | None, *, is_prerelease: bool = False
    ) -> Published:
        """Add a release of a tag, published at that time; a draft without one."""
        state = self.repository(name)
        made = Published(
            self.new_id(), state.facts.id, tag, self.id_of(author), self.now, published_at, is_prerelease=is_prerelease
        )
        state.releases[made.id] = made
        return made

    @act
    def star(self, name: str, count: int = 1) -> Repository:
        """Add stars (take them away below zero); GitHub counts that as an update of the repository."""
        state = self.repository(name)
        return self._set(state, stars=state.facts.stars + count)

    @act
    def push_to(self, name: str) -> Repository:
        """Say that somebody pushed to a branch."""
        return self._set(self.repository(name), pushed_at=self.now)

    @act
    def rename_repository(self, name: str, new: str) -> Repository:
        """Rename; the old name leads to the repository until another one takes it."""
        state = self.repository(name)
        old = state.facts.full_name.lower()
        self.old_names[old] = self._names.pop(old)
        facts = self._set(state, name=new)
        self._names[facts.full_name.lower()] = facts.id
        return facts

    def _set(self, state: RepositoryState, /, **facts: Any) -> Repository:
        state.facts = replace(state.facts, **({"updated_at": self.now} | facts))
        state.changed()
        return state.facts
