"""Tokens, what is left of their budgets, and which of them a request takes.

How a limit is told is known to `rate_limits`; how an app gets its token, to `app_token`.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from boost_pipeline.sources.github.failures import TokenRejected
from boost_pipeline.sources.github.rate_limits import RateLimitHeaders, Resource, Window
from boost_pipeline.sources.github.transport import Exchange

ANONYMOUS = "anonymous"
_MARGIN = timedelta(seconds=1)  # GitHub tells whole seconds
_JITTER = timedelta(seconds=5)  # that the reset of one and the same window moves by
_SECONDARY_WAIT = timedelta(seconds=60)  # "wait for at least one minute", then exponentially longer
_LONGEST_SECONDARY_WAIT = timedelta(minutes=16)


@dataclass(frozen=True, slots=True)
class Token:
    """A personal access token.

    Attributes:
        value: the secret.
        label: names it for people: the setting that it comes from.
        writes: whether it is kept for writing; no read takes it.
    """

    value: str = field(repr=False)
    label: str
    writes: bool = False


Post = Callable[[str, str], Exchange]
"""Posts to a path of the API with the given Authorization header."""


@runtime_checkable
class Renewing(Protocol):
    """A credential whose token changes, such as that of a GitHub App."""

    @property
    def label(self) -> str:
        """Names it for people."""
        ...

    @property
    def fingerprint(self) -> str:
        """Of the token in use; "" if there is none yet."""
        ...

    def value(self, post: Post, now: datetime) -> str:
        """Return a token that is good for some minutes."""
        ...

    def forget(self) -> None:
        """Have a new token fetched for the next request."""
        ...


@dataclass(frozen=True, slots=True)
class TokenBudget:
    """What is left of one budget of one token.

    Attributes:
        token: its label.
        fingerprint: tells tokens apart without telling the token.
        resource: core, search, code_search or graphql.
        limit: points in an hour (a minute for searches); None as long as GitHub has not told.
        remaining: points that are left; None as `limit`.
        reset_at: when the budget is filled up; None as `limit`.
        set_aside_until: no request takes the token before that, because of a secondary limit.
        rejected: GitHub does not accept the token.
    """

    token: str
    fingerprint: str
    resource: Resource
    limit: int | None
    remaining: int | None
    reset_at: datetime | None
    set_aside_until: datetime | None
    rejected: bool


@dataclass(slots=True, eq=False)
class Holder:
    """A credential and what we know of it; None is nobody: requests without a token."""

    credential: Token | Renewing | None
    windows: dict[Resource, Window] = field(default_factory=dict)
    in_flight: dict[Resource, int] = field(default_factory=dict)
    set_aside_until: datetime | None = None
    throttled: int = 0
    refusals: int = 0
    rejected: bool = False

    @property
    def label(self) -> str:
        """For people."""
        return self.credential.label if self.credential else ANONYMOUS

    @property
    def fingerprint(self) -> str:
        """Tells tokens apart without telling the token."""
        match self.credential:
            case None:
                return ANONYMOUS
            case Token(value=value):
                return fingerprint(value)
            case other:
                return other.fingerprint

    def left(self, resource: Resource, now: datetime) -> float:
        """Return how many points may still be spent; infinity where nothing is known."""
        window = self.windows.get(resource)
        if window is None or window.reset_at <= now:
            return float("inf")
        return window.remaining

    def free_at(self, resource: Resource, now: datetime) -> datetime:
        """Return when a request may take it."""
        free = self.set_aside_until or now
        if self.left(resource, now) <= 0:
            free = max(free, self.windows[resource].reset_at)
        return max(free, now)

    def learn(self, resource: Resource, window: Window) -> None:
        """Take in what an answer told; answers of one window may come in any order."""
        known = self.windows.get(resource)
        if known is not None and abs(window.reset_at - known.reset_at) <= _JITTER:
            window = Window(window.limit, min(window.remaining, known.remaining), max(window.reset_at, known.reset_at))
        elif known is not None and window.reset_at < known.reset_at:
            return
        self.windows[resource] = window


@dataclass(frozen=True, slots=True)
class Lease:
    """A token that one request has taken, until it is given back."""

    holder: Holder
    resource: Resource
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Spent:
    """No token is to be had now.

    Attributes:
        until: when the first one comes back.
        is_asked: GitHub asked for that pause; else the budget is spent.
    """

    until: datetime
    is_asked: bool


class TokenPool:
    """The tokens of one client; threads may share it."""

    def __init__(self, credentials: Sequence[Token | Renewing]) -> None:
        readers = [c for c in credentials if not (isinstance(c, Token) and c.writes)]
        self._holders = [Holder(credential) for credential in readers] or [Holder(None)]
        self._changed = threading.Condition()

    @property
    def is_anonymous(self) -> bool:
        """Whether there is no token at all."""
        return self._holders[0].credential is None

    @property
    def holders(self) -> Sequence[Holder]:
        """All that may be used for reading, rejected ones included."""
        return tuple(self._holders)

    @property
    def has_accepted(self) -> bool:
        """Whether there is still a token, or none is needed."""
        with self._changed:
            return not all(holder.rejected for holder in self._holders)

    def take(self, resource: Resource, now: datetime, preferred: str | None = None) -> Lease | Spent:
        """Take the token with the most budget left, or tell when there will be one.

        A budget counts without what is under way, so that threads do not overdraw it.

        Args:
            resource: that the request is counted to.
            now: by our clock.
            preferred: fingerprint of the token to take if it can be had at all.

        Raises:
            TokenRejected: GitHub accepts none of them.
        """
        with self._changed:
            while True:
                accepted = [holder for holder in self._holders if not holder.rejected]
                if not accepted:
                    raise TokenRejected(self._all_rejected())
                free = [holder for holder in accepted if holder.free_at(resource, now) <= now]
                if not free:
                    first = min(accepted, key=lambda holder: holder.free_at(resource, now))
                    until = first.free_at(resource, now)
                    return Spent(until + _MARGIN, is_asked=first.set_aside_until == until)
                spare = {id(h): h.left(resource, now) - h.in_flight.get(resource, 0) for h in free}
                best = max(free, key=lambda h: (h.fingerprint == preferred and spare[id(h)] > 0, spare[id(h)]))
                if spare[id(best)] > 0:
                    return _lease(best, resource, now)
                self._changed.wait()  # what is under way will tell what is left

    def check_out(self, holder: Holder, resource: Resource, now: datetime) -> Lease:
        """Take one token, whatever is left of it."""
        with self._changed:
            return _lease(holder, resource, now)

    def give_back(self, lease: Lease, told: RateLimitHeaders | None = None) -> None:
        """End a lease, with what the answer told, if one came."""
        with self._changed:
            lease.holder.in_flight[lease.resource] -= 1
            if told is not None and told.window is not None:
                lease.holder.learn(told.resource or lease.resource, told.window)
            self._changed.notify_all()

    def accepted(self, lease: Lease) -> None:
        """Note that the token worked."""
        with self._changed:
            lease.holder.refusals = 0
            if lease.holder.set_aside_until is None or lease.holder.set_aside_until <= lease.taken_at:
                lease.holder.throttled = 0

    def spent(self, lease: Lease, window: Window) -> None:
        """Set the token aside for its resource until the budget is filled up."""
        with self._changed:
            lease.holder.windows[lease.resource] = Window(window.limit, 0, window.reset_at)

    def throttled(self, lease: Lease, now: datetime, retry_at: datetime | None) -> None:
        """Set the token aside for everything, because of a secondary limit; the longer, the more often in a row."""
        with self._changed:
            holder = lease.holder
            known = holder.set_aside_until
            if known is not None and known > lease.taken_at:  # another answer to the same burst of requests
                holder.set_aside_until = max(known, retry_at or known)
                return
            longer = 2 ** min(holder.throttled, 10)
            holder.throttled += 1
            least = now + min((_SECONDARY_WAIT if retry_at is None else _MARGIN) * longer, _LONGEST_SECONDARY_WAIT)
            holder.set_aside_until = max(least, retry_at or least)

    def refused(self, lease: Lease) -> bool:
        """Note a 401, and tell whether the token is rejected for good; one that can be renewed has a second chance."""
        with self._changed:
            holder = lease.holder
            holder.refusals += 1
            holder.rejected = holder.rejected or isinstance(holder.credential, Token | None) or holder.refusals > 1
            return holder.rejected

    def reject(self, holder: Holder) -> None:
        """Never take this token again."""
        with self._changed:
            holder.rejected = True

    def learn(self, holder: Holder, windows: Mapping[Resource, Window]) -> None:
        """Take in budgets that were asked for; they replace what was known."""
        with self._changed:
            holder.windows.update(windows)
            self._changed.notify_all()

    def budget(self) -> list[TokenBudget]:
        """Return what is known of every budget of every token."""
        with self._changed:
            return [_budget(holder, resource) for holder in self._holders for resource in Resource]

    def _all_rejected(self) -> str:
        if self.is_anonymous:
            return "GitHub wants a token, and there is none; set GITHUB_TOKEN."
        labels = ", ".join(holder.label for holder in self._holders)
        return f"GitHub accepts none of the tokens ({labels}); they expired or were withdrawn: set new ones."


def fingerprint(secret: str) -> str:
    """Return eight characters that tell tokens apart; they are too many and too random to be guessed from these."""
    return hashlib.sha256(secret.encode()).hexdigest()[:8]


def _lease(holder: Holder, resource: Resource, now: datetime) -> Lease:
    holder.in_flight[resource] = holder.in_flight.get(resource, 0) + 1
    return Lease(holder, resource, now)


def _budget(holder: Holder, resource: Resource) -> TokenBudget:
    window = holder.windows.get(resource)
    return TokenBudget(
        token=holder.label,
        fingerprint=holder.fingerprint,
        resource=resource,
        limit=window.limit if window else None,
        remaining=window.remaining if window else None,
        reset_at=window.reset_at if window else None,
        set_aside_until=holder.set_aside_until,
        rejected=holder.rejected,
    )
