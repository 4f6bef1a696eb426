"""What the status of an answer means: a body to be used, a limit, or an error to be raised.

https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api. What is special to GraphQL belongs to
`graphql`.
"""

from __future__ import annotations

import json
from enum import Enum
from typing import Any

from boost_pipeline.sources.github.failures import (
    AGAIN,
    BadAnswer,
    Forbidden,
    Gone,
    LegallyBlocked,
    NoAnswer,
    NotFound,
    Rejected,
    plain,
)
from boost_pipeline.sources.github.rate_limits import RateLimitHeaders, is_limit, is_secondary
from boost_pipeline.sources.github.transport import Exchange

REDIRECTS = frozenset({301, 302, 307, 308})
MISSING = frozenset({404, 410, 451})

_WORDS = 1000
"""Bytes of an answer without JSON in which the words of a limit are looked for."""


class Limit(Enum):
    """Why a request was not even tried."""

    primary = "the hourly budget is spent"
    secondary = "too many requests in a short time"


def limit(exchange: Exchange, told: RateLimitHeaders) -> Limit | None:
    """Return the limit that the request ran into, if it was one: by its status, its headers, or its words."""
    if exchange.status not in (403, 429):
        return None
    if told.retry_at is not None:
        return Limit.secondary
    words = message(exchange) or plain(exchange.body[:_WORDS].decode(errors="replace"))
    if told.window is not None and told.window.remaining == 0 and not is_secondary(words):
        return Limit.primary
    return Limit.secondary if exchange.status == 429 or is_limit(words) else None


def read(exchange: Exchange, what: str, *, conditional: bool = False) -> Any:
    """Return the JSON of an answer; None where it has no body: redirects, 204, 304.

    Args:
        exchange: the answer; it ran into no limit, and was no 401.
        what: names the request in messages.
        conditional: whether the request had an ETag, so that a 304 is an answer.

    Raises:
        Missing, Forbidden, Rejected: GitHub does not give it.
        NoAnswer: a 5xx, or a 202: it is not ready.
        BadAnswer: the body is no JSON object or list.
    """
    status = exchange.status
    if status in REDIRECTS or status == 204 or (status == 304 and conditional):
        return None
    if status == 202:
        raise NoAnswer(f"GitHub, {what}: it is still being worked out (202){exchange.request_id}; {AGAIN}.")
    if 200 <= status < 300:
        return _container(exchange, what)
    raise _failure(exchange, what)


def parse(body: bytes) -> Any:
    """Parse JSON.

    Raises:
        ValueError: it is none, or nested or spelled so that no API would send it.
    """
    try:
        return json.loads(body.decode(), parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def message(exchange: Exchange) -> str:
    """Return GitHub's own words for an error, as one line; "" if there are none."""
    try:
        found = parse(exchange.body)
    except ValueError:
        return ""
    words = found.get("message") if isinstance(found, dict) else None
    return plain(words) if isinstance(words, str) else ""


def _container(exchange: Exchange, what: str) -> Any:
    try:
        found = parse(exchange.body)
    except ValueError:
        raise BadAnswer(f"GitHub, {what}: the answer is no JSON{exchange.request_id}; {AGAIN}.") from None
    if not isinstance(found, dict | list):
        raise BadAnswer(f"GitHub, {what}: the answer is neither object nor list{exchange.request_id}; {AGAIN}.")
    return found


def _failure(exchange: Exchange, what: str) -> Exception:
    status, said = exchange.status, message(exchange)
    reason = f"{status}{f', {said}' if said else ''}{exchange.request_id}"
    match status:
        case 404:
            return NotFound(f"GitHub, {what}: not there, or not for this token ({reason}); see whether it was deleted.")
        case 410:
            return Gone(f"GitHub, {what}: deleted or switched off ({reason}); nothing is to be done.")
        case 451:
            return LegallyBlocked(f"GitHub, {what}: blocked for legal reasons ({reason}); nothing is to be done.")
        case 403:
            return Forbidden(
                f"GitHub, {what}: not for this token ({reason}); give the token of GITHUB_TOKEN more rights."
            )
        case 408:
            return NoAnswer(f"GitHub, {what}: no answer in time ({reason}); {AGAIN}.")
        case _ if status >= 500:
            return NoAnswer(f"GitHub, {what}: the host failed ({reason}); {AGAIN}.")
        case _ if 400 <= status < 500:
            return Rejected(f"GitHub, {what}: not accepted ({reason}); a developer looks at the request.", status)
    return BadAnswer(f"GitHub, {what}: an answer with status {reason} was not expected; see the API's version.")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
