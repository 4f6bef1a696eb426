"""The client of the settings, given one by one: nothing here knows where they come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from boost_pipeline.errors import SettingsError
from boost_pipeline.redaction import Redactor
from boost_pipeline.sources.github.app_token import AppCredentials
from boost_pipeline.sources.github.client import GitHub
from boost_pipeline.sources.github.limits import Limits
from boost_pipeline.sources.github.pace import SharedPace
from boost_pipeline.sources.github.raw_pages import RawPages
from boost_pipeline.sources.github.requester import Wait
from boost_pipeline.sources.github.tokens import Token


def open_github(
    *,
    api_url: str = "https://api.github.com",
    token: str | None = None,
    scraping_tokens: Sequence[str] = (),
    write_token: str | None = None,
    app: AppCredentials | None = None,
    raw_folder: Path | None = None,
    raw_days: int | None = 90,
    points_per_minute: int = 900,
    concurrent: int = 4,
    max_wait_minutes: int = 65,
    pace_file: Path | None = None,
    redactor: Redactor | None = None,
    on_wait: Callable[[Wait], None] | None = None,
) -> GitHub:
    """Return a client; nothing is asked yet.

    Args:
        api_url: GITHUB_API_URL.
        token: GITHUB_TOKEN.
        scraping_tokens: GITHUB_TOKENS_SCRAPING; one that is given twice, here or as `token`, counts once.
        write_token: GITHUB_TOKEN_WRITE. No read takes it.
        app: GITHUB_APP_ID and what belongs to it.
        raw_folder: of the raw pages; None keeps none.
        raw_days: how long they are kept; None for ever, 0 keeps none.
        points_per_minute: BOOST_GITHUB_POINTS_PER_MINUTE.
        concurrent: requests at once.
        max_wait_minutes: BOOST_GITHUB_MAX_WAIT_MINUTES.
        pace_file: through which all processes of this machine keep the limit of points together; None: each by itself.
        redactor: learns all of these secrets, and those that GitHub issues.
        on_wait: called, from whatever thread, when work is to wait long.

    Raises:
        SettingsError: one of them cannot work.
    """
    labels: dict[str, str] = {}
    for label, value in [("GITHUB_TOKEN", token), *_numbered("GITHUB_TOKENS_SCRAPING", scraping_tokens)]:
        if value is not None and (stripped := value.strip()):
            labels.setdefault(stripped, label)
    tokens: list[Token | AppCredentials] = [Token(_sendable(value, label), label) for value, label in labels.items()]
    if write_token:
        label = "GITHUB_TOKEN_WRITE"
        tokens.append(Token(_sendable(write_token.strip(), label), label, writes=True))
    if app is not None:
        tokens.append(app)
    keeps = raw_folder is not None and raw_days != 0
    return GitHub(
        api_url=api_url,
        tokens=tokens,
        raw=RawPages(raw_folder, None if raw_days is None else timedelta(days=raw_days))
        if keeps and raw_folder
        else None,
        limits=Limits(
            points_per_minute=points_per_minute, concurrent=concurrent, max_wait=timedelta(minutes=max_wait_minutes)
        ),
        redactor=redactor,
        on_wait=on_wait,
        pace=SharedPace(pace_file) if pace_file else None,
    )


def app_credentials(
    app_id: str | None, installation_id: str | None, private_key: str | None, private_key_file: Path | None = None
) -> AppCredentials | None:
    """Return the app that the settings name, or None if they name none.

    Raises:
        SettingsError: only a part of it is set, or the file cannot be read.
    """
    if not (app_id or installation_id or private_key or private_key_file):
        return None
    if private_key_file is not None and not private_key:
        try:
            private_key = private_key_file.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "no text"
            raise SettingsError(
                f"GITHUB_APP_PRIVATE_KEY_FILE {private_key_file} cannot be read ({reason}); name the app's .pem file."
            ) from None
    if not (app_id and installation_id and private_key):
        raise SettingsError(
            "A GitHub App needs GITHUB_APP_ID, GITHUB_APP_INSTALLATION_ID and GITHUB_APP_PRIVATE_KEY or "
            "GITHUB_APP_PRIVATE_KEY_FILE; set all of them, or none."
        )
    return AppCredentials(app_id, installation_id, private_key)


def _numbered(label: str, values: Sequence[str]) -> list[tuple[str, str]]:
    return [(f"{label}[{number}]", value) for number, value in enumerate(values, start=1)]


def _sendable(value: str, label: str) -> str:
    if not value.isascii() or not value.isprintable() or " " in value:
        raise SettingsError(f"{label} holds characters that no token has; copy it anew.")
    return value
