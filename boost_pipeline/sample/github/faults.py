"""What goes wrong, decided by the number of the request alone, so that a failing test fails again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from types import MappingProxyType


class Fault(StrEnum):
    """A thing that can go wrong with an answer."""

    ERROR_500 = "500"
    ERROR_502 = "502"
    ERROR_503 = "503"
    ERROR_504 = "504"
    RESET = "reset"
    """The work is done and paid for, then the connection is closed without an answer."""
    TRUNCATE = "truncate"
    """The body ends early; Content-Length says so."""
    WRONG_JSON = "wrong json"
    """200 with half a document, complete as far as HTTP can tell."""
    HTML = "html"
    """200 with the page of a proxy."""
    ERRORS = "errors"
    """GraphQL: 200 with errors and no data. REST: as 502."""
    PARTIAL = "partial"
    """GraphQL: 200 with an error beside the data, whose last top-level field is null. REST: as 502."""
    ACCEPTED = "202"
    """202 with an empty object: ask again later."""
    SLOW = "slow"
    """The right answer, after `slow_seconds`."""
    SECONDARY = "secondary"
    """403 with Retry-After in seconds."""
    SECONDARY_DATE = "secondary date"
    """429 with Retry-After as a date."""
    SECONDARY_BARE = "secondary bare"
    """403 without any header that tells how long."""
    SECONDARY_200 = "secondary 200"
    """GraphQL: the secondary limit as an error of a 200 answer. REST: as SECONDARY."""
    LIMIT_BARE = "limit bare"
    """403 with the words of the hourly limit, while the headers tell of a budget that is left."""
    EXHAUST = "exhaust"
    """The budget of this token and resource is empty from this request on."""
    REVOKE = "revoke"
    """The token is invalid from this request on."""


_SERVER_ERRORS = (Fault.ERROR_500, Fault.ERROR_502, Fault.ERROR_503, Fault.ERROR_504)


@dataclass(frozen=True, slots=True)
class Refused:
    """A field of GraphQL that is not given: null with an error, or what is above it where it may not be null.

    Attributes:
        field: Such as "PullRequest.author" or "Repository.licenseInfo".
        kind: GitHub's type of the error: FORBIDDEN, SAML, NOT_FOUND, SERVICE_UNAVAILABLE; "" where it tells none.
        numbers: Of these items, repositories or commits only (item number, name, sha); of all without any.
        message: GitHub's words.
    """

    field: str
    kind: str = "FORBIDDEN"
    numbers: frozenset[int | str] = frozenset()
    message: str = "Resource not accessible by personal access token"

    def meets(self, thing: object) -> bool:
        """Tell whether it is about this object."""
        facts = getattr(thing, "facts", thing)
        names = {getattr(facts, name, None) for name in ("number", "name", "sha")}
        return not self.numbers or not self.numbers.isdisjoint(names)


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Shares of requests that go wrong, and requests that do for sure; requests count from 1.

    Attributes:
        seed: Another seed, other victims.
        server_errors: The share of requests that get 500, 502, 503 or 504.
        resets, truncations, wrong_json, errors, accepted, slow, secondary: Shares of the faults of those names.
        at: Request number → what happens to it, whatever the shares say.
        revoked: Token → how many requests it may make before it is invalid.
        retry_after: Seconds that the secondary limit asks for.
        slow_seconds: How long a slow answer takes.
        refused: Fields that are never given.
        heaviest: GraphQL queries that may return more nodes than this time out with 502, as large ones do.
    """

    seed: int = 0
    server_errors: float = 0
    resets: float = 0
    truncations: float = 0
    wrong_json: float = 0
    errors: float = 0
    accepted: float = 0
    slow: float = 0
    secondary: float = 0
    at: Mapping[int, Fault] = field(default_factory=lambda: MappingProxyType({}))
    revoked: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    retry_after: int = 1
    slow_seconds: float = 0.2
    refused: tuple[Refused, ...] = ()
    heaviest: int | None = None

    def fault(self, number: int) -> Fault | None:
        """Return what goes wrong with a request."""
        if number in self.at:
            return self.at[number]
        chance = Random(f"{self.seed} {number}")  # noqa: S311 - faults, no secrets
        mark = chance.random()
        for share, kinds in (
            (self.server_errors, _SERVER_ERRORS),
            (self.resets, (Fault.RESET,)),
            (self.truncations, (Fault.TRUNCATE,)),
            (self.wrong_json, (Fault.WRONG_JSON, Fault.HTML)),
            (self.errors, (Fault.ERRORS, Fault.PARTIAL)),
            (self.accepted, (Fault.ACCEPTED,)),
            (self.slow, (Fault.SLOW,)),
            (self.secondary, (Fault.SECONDARY, Fault.SECONDARY_DATE, Fault.SECONDARY_BARE, Fault.SECONDARY_200)),
        ):
            if mark < share:
                return chance.choice(kinds)
            mark -= share
        return None
