"""The token of a GitHub App's installation: fetched with a signed statement, renewed before it expires.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from boost_pipeline.errors import SettingsError
from boost_pipeline.sources.github.failures import BadAnswer, TokenRejected
from boost_pipeline.sources.github.statuses import message, read
from boost_pipeline.sources.github.tokens import Post, fingerprint

_RENEW_BEFORE = timedelta(minutes=5)
_DRIFT, _LIFETIME = timedelta(seconds=60), timedelta(minutes=9)  # GitHub allows ten minutes, and advises the minute


@dataclass(frozen=True, slots=True)
class AppCredentials:
    r"""A GitHub App that is installed on the organisation.

    Attributes:
        app_id: its number or client id.
        installation_id: of the installation.
        private_key: PEM; "\n" may stand for the ends of lines.
    """

    app_id: str
    installation_id: str
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Issued:
    token: str = field(repr=False)
    expires_at: datetime


class AppToken:
    """The installation's token; threads may share it.

    Args:
        credentials: of the app.
        learn: called with each new token, so that no log shows it.
    """

    def __init__(self, credentials: AppCredentials, learn: Callable[[str], None]) -> None:
        self._credentials = credentials
        self._learn = learn
        self._lock = threading.Lock()
        self._issued: _Issued | None = None

    @property
    def label(self) -> str:
        """Names the app for people."""
        return f"GitHub App {self._credentials.app_id}"

    @property
    def fingerprint(self) -> str:
        """Of the token in use; "" if there is none yet."""
        return fingerprint(self._issued.token) if self._issued else ""

    def value(self, post: Post, now: datetime) -> str:
        """Return a token that is good for some minutes.

        Raises:
            TokenRejected: GitHub does not know the app, its key or its installation.
            SettingsError: the private key is none.
            NoAnswer, BadAnswer: none was to be had; it may be the next time.
        """
        with self._lock:
            if self._issued is None or self._issued.expires_at - now < _RENEW_BEFORE:
                self._issued = self._fetch(post, now)
                self._learn(self._issued.token)
            return self._issued.token

    def forget(self) -> None:
        """Have a new token fetched: the one we have was not accepted."""
        with self._lock:
            self._issued = None

    def _fetch(self, post: Post, now: datetime) -> _Issued:
        number = self._credentials.installation_id
        if not number.isascii() or not number.isdecimal():
            raise SettingsError("GITHUB_APP_INSTALLATION_ID is no number; the app's page on GitHub shows it.")
        path = f"/app/installations/{number}/access_tokens"
        exchange = post(path, f"Bearer {self._statement(now)}")
        if exchange.status in (401, 403, 404):
            raise TokenRejected(
                f"GitHub gives {self.label} no token ({exchange.status}, {message(exchange) or 'no reason given'}); "
                "check GITHUB_APP_ID, GITHUB_APP_INSTALLATION_ID and GITHUB_APP_PRIVATE_KEY."
            )
        return _issued(read(exchange, path), path)

    def _statement(self, now: datetime) -> str:
        import jwt  # slow to import, and needed for apps only

        claims = {"iat": now - _DRIFT, "exp": now + _LIFETIME, "iss": self._credentials.app_id}
        key = self._credentials.private_key.replace("\\n", "\n")
        try:
            return jwt.encode(claims, key, algorithm="RS256")
        except (jwt.InvalidKeyError, ValueError, TypeError):
            pass
        raise SettingsError("GITHUB_APP_PRIVATE_KEY is no RSA private key; give the .pem file that GitHub made.")


def _issued(body: Any, path: str) -> _Issued:
    token, expires = (body.get(name) if isinstance(body, dict) else None for name in ("token", "expires_at"))
    try:
        if isinstance(token, str) and token and token.isascii() and token.isprintable() and isinstance(expires, str):
            return _Issued(token, datetime.fromisoformat(expires).astimezone(UTC))
    except ValueError:
        pass
    raise BadAnswer(f"GitHub, {path}: no token and its end came; the next run tries again.")
