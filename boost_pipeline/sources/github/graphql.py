"""What is special to GraphQL: an answer with status 200 whose `errors` say that it failed.

https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api. Errors about parts of the
data, as a repository that is not there, are no failure: they are handed on beside the data.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from boost_pipeline.sources.github import statuses
from boost_pipeline.sources.github.answers import GraphQLError, read_errors
from boost_pipeline.sources.github.failures import AGAIN, BadAnswer, Forbidden, QueryTimeout, QueryTooHeavy, Rejected
from boost_pipeline.sources.github.rate_limits import is_limit, is_secondary
from boost_pipeline.sources.github.statuses import Limit
from boost_pipeline.sources.github.transport import Exchange

_OPERATION = re.compile(r"^\s*(query|mutation|subscription)\b\s*(\w*)", re.MULTILINE)
_TIMEOUT = re.compile(r"something went wrong|timeout|timed? ?out", re.IGNORECASE)
_TOO_HEAVY = frozenset({"RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED"})
_LIMITS = frozenset({"RATE_LIMITED", "RATE_LIMIT"})
_FORBIDDEN = frozenset({"FORBIDDEN", "INSUFFICIENT_SCOPES"})


def query_name(query: str) -> str:
    """Return the name of a query; "" if it has none.

    Raises:
        ValueError: it is no query: the client only reads.
    """
    operations = _OPERATION.findall(re.sub(r"#.*", "", query))
    if any(kind != "query" for kind, _ in operations):
        raise ValueError("The client sends queries only, no mutations or subscriptions.")
    return operations[0][1] if operations else ""


def parse(exchange: Exchange, what: str) -> Any:
    """Return the JSON of an answer that ran into no limit by its status.

    Raises:
        QueryTimeout: GitHub gave up, and a server before it says so.
        BadAnswer, BoostPipelineError: as `statuses.read`; nothing but a 200 is an answer to a query.
    """
    if exchange.status in (502, 504):
        raise timeout(exchange, what)
    body = statuses.read(exchange, what)
    if body is None:
        raise BadAnswer(f"GitHub, {what}: a redirect or nothing ({exchange.status}); check GITHUB_API_URL.")
    return body


def limit(body: Any) -> Limit | None:
    """Return the limit that a query ran into, though the status is 200."""
    data = body.get("data") if isinstance(body, dict) else None
    for error in _errors(body):
        # What has data beside it, and a path into them, is one field's own trouble.
        if error.type in _LIMITS or is_secondary(error.message) or (not data and is_limit(error.message)):
            return Limit.secondary if is_secondary(error.message) else Limit.primary
    words = body.get("message") if isinstance(body, dict) and not data else None
    if is_limit(words):
        return Limit.secondary if is_secondary(words) else Limit.primary
    return None


def read(body: Any, exchange: Exchange, what: str) -> tuple[dict[str, Any], tuple[GraphQLError, ...]]:
    """Return the data, and the errors about parts of it.

    Raises:
        QueryTimeout: it took too long.
        QueryTooHeavy: it asks for too much.
        Forbidden, Rejected: GitHub does not accept it.
        BadAnswer: there is neither data nor an error.
    """
    if not isinstance(body, dict):
        raise BadAnswer(f"GitHub, {what}: the answer is no object{exchange.request_id}; {AGAIN}.")
    errors, data = tuple(_errors(body)), body.get("data")
    for error in errors:
        if error.type in _TOO_HEAVY:
            raise QueryTooHeavy(f"GitHub, {what}: too much for one query ({error.message}); ask for a smaller page.")
        if not error.type and not (error.path and isinstance(data, dict)) and _TIMEOUT.search(error.message):
            raise timeout(exchange, what)
    if isinstance(data, dict):
        return data, errors
    if not errors:
        raise BadAnswer(f"GitHub, {what}: neither data nor an error{exchange.request_id}; {AGAIN}.")
    reason = f"{errors[0].message}{exchange.request_id}"
    if any(error.type in _FORBIDDEN for error in errors):
        raise Forbidden(f"GitHub, {what}: not for this token ({reason}); give the token of GITHUB_TOKEN more rights.")
    raise Rejected(f"GitHub, {what}: not accepted ({reason}); a developer looks at the query.", exchange.status)


def timeout(exchange: Exchange, what: str) -> QueryTimeout:
    """Return the error for a query that GitHub did not finish."""
    return QueryTimeout(f"GitHub, {what}: not finished in time{exchange.request_id}; ask for a smaller page.")


def cost(body: Any) -> int:
    """Return what the query's `rateLimit { cost }` tells; 1, the least that a query costs, if it does not."""
    found: Any = body
    for name in ("data", "rateLimit", "cost"):
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, int) and 0 <= found <= 1_000_000 else 1


def _errors(body: Any) -> Sequence[GraphQLError]:
    return list(read_errors(body["errors"])) if isinstance(body, dict) and body.get("errors") else []
