"""The headers in which GitHub tells its limits, and what a refused request has run into.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api. Times are told by GitHub's clock, which
the header `Date` shows; they are turned into times of ours, as ours may be wrong by minutes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Final

_LONGEST = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LIMIT = re.compile(r"rate.?limit|abuse detection|too many requests", re.IGNORECASE)
_SECONDARY = re.compile(r"secondary rate.?limit|abuse detection", re.IGNORECASE)
_SECONDS = re.compile(r"([0-9]{1,12})(\.[0-9]{0,12})?", re.ASCII)


class Resource(StrEnum):
    """What has a budget of its own."""

    core = "core"
    search = "search"
    code_search = "code_search"
    graphql = "graphql"

    @classmethod
    def of_path(cls, path: str) -> Resource:
        """Return the resource that a REST request is counted to."""
        if path.startswith("/search/code"):
            return cls.code_search
        return cls.search if path.startswith("/search/") else cls.core


_RESOURCES: Final[dict[str, Resource]] = {resource.value: resource for resource in Resource}


@dataclass(frozen=True, slots=True)
class Window:
    """A budget: so many of so many points are left until it is filled up again."""

    limit: int
    remaining: int
    reset_at: datetime


@dataclass(frozen=True, slots=True)
class RateLimitHeaders:
    """What the headers of one answer say.

    Attributes:
        resource: the budget that the request was counted to; None if the host does not say.
        window: the state of that budget; None if the host has no limits.
        retry_at: when we may ask again, by `Retry-After`.
    """

    resource: Resource | None
    window: Window | None
    retry_at: datetime | None

    @classmethod
    def read(cls, headers: Mapping[str, str], now: datetime) -> RateLimitHeaders:
        """Read the headers of an answer that came at `now`; what makes no sense counts as not said."""
        there = _date(headers.get("Date", "")) or now
        limit, remaining, reset = (_number(headers.get(f"X-RateLimit-{n}")) for n in ("Limit", "Remaining", "Reset"))
        window = None
        if remaining is not None and reset is not None:
            window = Window(remaining if limit is None else limit, remaining, reset_time(reset, now, there))
        resource = _RESOURCES.get(headers.get("X-RateLimit-Resource", ""))
        return cls(resource, window, _retry_at(headers.get("Retry-After", ""), now, there))


def read_budgets(body: Any, headers: Mapping[str, str], now: datetime) -> dict[Resource, Window]:
    """Read the answer of GET /rate_limit; what makes no sense is left out."""
    there = _date(headers.get("Date", "")) or now
    resources = body.get("resources") if isinstance(body, dict) else None
    found = {}
    for resource in Resource:
        entry = resources.get(resource.value) if isinstance(resources, dict) else None
        if isinstance(entry, dict):
            limit, remaining, reset = (_number(str(entry.get(name))) for name in ("limit", "remaining", "reset"))
            if limit is not None and remaining is not None and reset is not None:
                found[resource] = Window(limit, remaining, reset_time(reset, now, there))
    return found


def is_limit(message: object) -> bool:
    """Tell whether GitHub's words are those of a limit: with them it means one, whatever the headers say."""
    return isinstance(message, str) and _LIMIT.search(message) is not None


def is_secondary(message: object) -> bool:
    """Tell whether GitHub's words are those of a secondary limit, for it does not always send a header."""
    return isinstance(message, str) and _SECONDARY.search(message) is not None


def reset_time(epoch: int, now: datetime, there: datetime) -> datetime:
    """Return when, by our clock, it is `epoch` by one that now shows `there`."""
    return now + _bounded(timedelta(seconds=epoch) - (there - _EPOCH))


def _retry_at(value: str, now: datetime, there: datetime) -> datetime | None:
    if seconds := _SECONDS.fullmatch(value.strip()):
        part = 1 if (seconds[2] or "").strip(".0") else 0  # a part of a second is a whole one
        return now + _bounded(timedelta(seconds=int(seconds[1]) + part))
    date = _date(value)
    return None if date is None else now + _bounded(date - there)


def _number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 13 else None


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _bounded(wait: timedelta) -> timedelta:
    return min(max(wait, timedelta(0)), _LONGEST)
