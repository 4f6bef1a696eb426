"""GitHub Apps: a signed assertion (JWT) of the app is exchanged for an installation's token, valid for an hour.

The shape and the times of the assertion are checked as GitHub does; the signature is checked only where the test
gives a `verify` of its own, because that needs a library for RSA.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from boost_pipeline.sample.github.http import Reply, Request, error
from boost_pipeline.sample.github.limits import Budget, Limits

_PATH: Final = re.compile(r"/app/installations/(\d+)/access_tokens")
_VALID_SECONDS: Final = 3600
_LONGEST_ASSERTION: Final = 600
_CLOCK_SKEW: Final = 60


@dataclass(slots=True)
class Apps:
    """The installations of an app, and the tokens that they got."""

    installations: dict[int, Budget]
    limits: Limits
    clock: Callable[[], float]
    issued: list[str] = field(default_factory=list)

    def is_for(self, request: Request) -> bool:
        """Whether a request is answered here, by an app and not by a token."""
        return request.method == "POST" and _PATH.fullmatch(request.path) is not None

    def answer(self, request: Request) -> Reply | None:
        """Issue a token; None for any other request."""
        found = _PATH.fullmatch(request.path)
        if found is None or request.method != "POST":
            return None
        if problem := self._problem(request.token or ""):
            return replace(error(401, problem), points=0)
        budget = self.installations.get(int(found[1]))
        if budget is None:
            return replace(error(404, "Not Found"), points=0)
        expires = int(self.clock()) + _VALID_SECONDS
        token = f"ghs_sample{found[1]}x{len(self.issued)}"
        self.issued.append(token)
        login = budget.login or f"installation {found[1]}"
        self.limits.tokens[token] = replace(budget, expires_at=expires, login=login)
        told = {
            "token": token,
            "expires_at": f"{datetime.fromtimestamp(expires, UTC):%Y-%m-%dT%H:%M:%SZ}",
            "permissions": {"issues": "read", "metadata": "read", "pull_requests": "read"},
            "repository_selection": "all",
        }
        return Reply(201, told, points=0)

    def _problem(self, assertion: str) -> str | None:
        """Return what is wrong with an assertion, in GitHub's words."""
        try:
            head, claims = (_read(part) for part in assertion.split(".")[:2])
        except ValueError:
            return "A JSON web token could not be decoded"
        if assertion.count(".") != 2 or head.get("alg") != "RS256" or "iss" not in claims:
            return "A JSON web token could not be decoded"
        now, issued, expires = self.clock(), claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int) or issued > now + _CLOCK_SKEW:
            return "'Issued at' claim ('iat') must be an Integer in the past"
        if not isinstance(expires, int) or expires <= now:
            return "'Expiration time' claim ('exp') must be a numeric value in the future"
        if expires > now + _LONGEST_ASSERTION + _CLOCK_SKEW:
            return "'Expiration time' claim ('exp') is too far in the future"
        return None


def _read(part: str) -> dict[str, Any]:
    try:
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except binascii.Error as error_:
        raise ValueError(part) from error_
    if not isinstance(value, dict):
        raise ValueError(part)  # noqa: TRY004 - all that is not readable is one thing here
    return value
