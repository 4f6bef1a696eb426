"""Tokens and their budgets: the primary limit per hour and resource, and a watch over the secondary one per minute.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

WINDOWS: Final = {"core": 3600, "graphql": 3600, "search": 60, "code_search": 60}
"""Resource → seconds until its budget is full again."""

PER_MINUTE: Final = {"core": 900, "graphql": 2000}
"""Resource → points that GitHub allows within any minute; a read costs one, a write five."""

_ANONYMOUS: Final = {"core": 60, "graphql": 0, "search": 10, "code_search": 0}


@dataclass(frozen=True, slots=True)
class Budget:
    """What a token may spend, in points for each window of a resource, and until when it is valid.

    Tokens of one `login` share one budget, as on github.com; without a login a token is a user of its own. `scopes` are
    what the token may read besides what is public.
    """

    core: int = 5000
    graphql: int = 5000
    search: int = 30
    code_search: int = 10
    login: str | None = None
    expires_at: float | None = None
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a budget stands; `reset` is in seconds of the epoch."""

    resource: str
    limit: int
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        """What is left."""
        return max(0, self.limit - self.used)


@dataclass(frozen=True, slots=True)
class Violation:
    """A minute with more points than the secondary limit allows."""

    at: float
    fingerprint: str
    resource: str
    points: int


@dataclass(slots=True)
class _Purse:
    used: dict[str, int] = field(default_factory=dict)
    reset: dict[str, float] = field(default_factory=dict)
    minute: dict[str, deque[tuple[float, int]]] = field(default_factory=dict)


def fingerprint(token: str | None) -> str:
    """Return what the log says in place of a token."""
    return sha256(token.encode()).hexdigest()[:8] if token else "anonymous"


class Limits:
    """All budgets. Not safe for threads: the server asks under its lock.

    `peaks` tells, for core and graphql, the most points that a token spent within any minute.
    """

    def __init__(self, tokens: Mapping[str, Budget], clock: Callable[[], float]) -> None:
        self.tokens = dict(tokens)
        self.violations: list[Violation] = []
        self.peaks: dict[str, int] = {}
        self._clock = clock
        self._purses: dict[str, _Purse] = {}

    def knows(self, token: str) -> bool:
        """Whether a token is valid now."""
        budget = self.tokens.get(token)
        return budget is not None and (budget.expires_at is None or self._clock() < budget.expires_at)

    def revoke(self, token: str) -> None:
        """Make a token invalid."""
        self.tokens.pop(token, None)

    def standing(self, token: str | None, resource: str) -> Standing:
        """Return where a budget stands; a window that is over is full again."""
        purse, now = self._purse(token), self._clock()
        if now >= purse.reset.get(resource, 0):
            purse.used[resource], purse.reset[resource] = 0, now + WINDOWS[resource]
        return Standing(resource, self._limit(token, resource), purse.used[resource], int(purse.reset[resource]))

    def spend(self, token: str | None, resource: str, points: int) -> Standing:
        """Take points from a budget."""
        self.standing(token, resource)
        self._purse(token).used[resource] += points
        return self.standing(token, resource)

    def exhaust(self, token: str | None, resource: str) -> None:
        """Take all that is left."""
        self.spend(token, resource, self.standing(token, resource).remaining)

    def count(self, token: str | None, resource: str, points: int) -> bool:
        """Count a request for the secondary limit; whether that is kept."""
        family = "graphql" if resource == "graphql" else "core"
        minute, now = self._purse(token).minute.setdefault(family, deque()), self._clock()
        minute.append((now, points))
        while minute[0][0] <= now - 60:
            minute.popleft()
        total = sum(points for _, points in minute)
        self.peaks[family] = max(total, self.peaks.get(family, 0))
        if total <= PER_MINUTE[family]:
            return True
        self.violations.append(Violation(now, fingerprint(token), family, total))
        return False

    def _limit(self, token: str | None, resource: str) -> int:
        limit: int = getattr(self.tokens[token], resource) if token in self.tokens else _ANONYMOUS[resource]
        return limit

    def _purse(self, token: str | None) -> _Purse:
        budget = self.tokens.get(token or "")
        return self._purses.setdefault((budget and budget.login) or token or "", _Purse())
