"""Messages about failures for Slack, Discord or any other webhook: what each service is sent, and the sending.

What failed, and how far a webhook was told, belongs to `scheduling.alerts`. A webhook's URL is a secret: whoever has it
can write to the channel. So no error names it, and what the HTTP library would log about it is not logged.

Formats: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and
https://docs.discord.com/developers/resources/webhook#execute-webhook.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from boost_pipeline.errors import SourceRefused, SourceUnavailable

if TYPE_CHECKING:
    from requests import Response, Session

_CONNECT, _READ = 5, 10  # seconds
_LONGEST_WAIT: Final = 5  # seconds that a service may ask us to wait
_LONGEST_ERROR, _LONGEST_NAME = 300, 100  # characters: a line with all of them escaped fits into any message
_TRY_LATER: Final = frozenset({429, 500, 502, 503, 504})


class Service(StrEnum):
    """Who understands which message."""

    slack = "slack"
    discord = "discord"
    webhook = "webhook"
    """Any other: it gets JSON."""


_NAMES: Final = {
    Service.slack: ("The Slack webhook", "SLACK_WEBHOOK_URL"),
    Service.discord: ("The Discord webhook", "DISCORD_WEBHOOK_URL"),
    Service.webhook: ("The webhook", "BOOST_WEBHOOK_URL"),
}
_LIMITS: Final = {Service.slack: 40_000, Service.discord: 2_000, Service.webhook: 40_000}
"""The longest text of one message, in UTF-16 code units: the services' own limits, and ours for the others."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that failed, once or several times."""

    group: str | None
    task: str | None
    asset: str | None
    """The failed asset, or step; None if the run failed outside of all steps."""
    error: str
    times: int
    last: datetime
    link: str
    """The page of the last run that failed with it."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted in one go, and which alerts it tells."""

    payload: dict[str, Any]
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where alerts go."""

    service: Service
    url: str = field(repr=False)

    def messages(self, alerts: Sequence[Alert]) -> list[Message]:
        """Return messages that tell all alerts in their order, as few as the service's limit allows."""
        room = _LIMITS[self.service] - _length(_title(alerts))
        parts: list[list[Alert]] = []
        left = 0
        for alert in alerts:
            length = 1 + _length(_line(self.service, alert))
            if length > left:
                parts.append([])
                left = room
            parts[-1].append(alert)
            left -= length
        return [Message(_payload(self.service, part), tuple(part)) for part in parts]

    def post(self, message: Message) -> None:
        """Send one message; it may take half a minute where nobody answers.

        Raises:
            SourceUnavailable: no answer, or one that says to come back later.
            SourceRefused: the service does not take it: the URL is wrong or was withdrawn.
        """
        import requests  # slow to import, and of no use where nothing fails

        name, setting = _NAMES[self.service]
        later = "it is told again at the next check."
        try:
            with _unlogged(), _session() as session, _answer(session, self.url, message.payload) as answer:
                status = answer.status_code
        except requests.Timeout:
            raise SourceUnavailable(f"{name} did not answer in time; {later}") from None
        except requests.exceptions.SSLError:
            raise SourceUnavailable(f"{name} has no TLS certificate that can be trusted; {later}") from None
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema):
            raise SourceRefused(f"{name} has no valid address: mend {setting}, which is an http(s) URL.") from None
        except requests.RequestException:
            raise SourceUnavailable(f"{name} cannot be reached; {later}") from None
        if status in _TRY_LATER:
            raise SourceUnavailable(f"{name} answered {status}; {later}")
        if 300 <= status < 400:
            raise SourceRefused(f"{name} answered {status}, a redirect, which is not followed: mend {setting}.")
        if not 200 <= status < 300:
            raise SourceRefused(f"{name} answered {status}: see whether it still exists, and mend {setting}.")


def _answer(session: Session, url: str, payload: dict[str, Any]) -> Response:
    return session.post(
        url,
        json=payload,
        timeout=(_CONNECT, _READ),
        allow_redirects=False,
        stream=True,  # the text of the answer is not read, however long it is
    )


def _payload(service: Service, alerts: Sequence[Alert]) -> dict[str, Any]:
    text = "\n".join([_title(alerts), *(_line(service, alert) for alert in alerts)])
    match service:
        case Service.slack:
            return {"text": text, "unfurl_links": False, "unfurl_media": False}
        case Service.discord:
            suppress_embeds = 1 << 2
            return {"content": text, "allowed_mentions": {"parse": []}, "flags": suppress_embeds}
        case Service.webhook:
            return {"text": text, "failures": [asdict(a) | {"last": a.last.isoformat()} for a in alerts]}


def _title(alerts: Sequence[Alert]) -> str:
    total = sum(alert.times for alert in alerts)
    return f"boost-pipeline: {total} failure{'' if total == 1 else 's'}"


def _line(service: Service, alert: Alert) -> str:
    names = [_escape(service, _plain(n, _LONGEST_NAME)) for n in (alert.group, alert.task, alert.asset) if n]
    error = _escape(service, _plain(alert.error, _LONGEST_ERROR))
    often = f" ({alert.times} times, last {alert.last:%Y-%m-%d %H:%M} UTC)" if alert.times > 1 else ""
    link = f"<{alert.link.replace('&', '&amp;')}>" if service is Service.slack else alert.link
    return f"• {' · '.join(names)}: {error}{often} {link}"


def _plain(text: str, longest: int) -> str:
    """Return the text as one short line of visible characters: no control, direction or surrogate characters."""
    visible = (" " if unicodedata.category(character)[0] == "C" else character for character in text)
    line = " ".join("".join(visible).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _escape(service: Service, text: str) -> str:
    """Return the text so that the service shows it as it is: no mark-up, no links, nobody called by it."""
    match service:
        case Service.slack:
            text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("`", "'")
        case Service.discord:
            text = re.sub(r"([\\`*_~|<>\[\]])", r"\\\1", text)
        case Service.webhook:
            return text
    return text.replace("@", "@\N{ZERO WIDTH SPACE}")


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _session() -> Session:
    """Return a session that asks once more where the service is overloaded.

    A broken connection is left to the next check: the message may have arrived.
    """
    import requests  # as above
    from requests.adapters import HTTPAdapter
    from urllib3 import Retry

    retries = Retry(
        total=1,
        connect=0,
        read=0,
        redirect=0,
        other=0,
        status_forcelist=_TRY_LATER,
        allowed_methods={"POST"},
        retry_after_max=_LONGEST_WAIT,
        raise_on_status=False,
    )
    session = requests.Session()
    session.mount("https://", HTTPAdapter(max_retries=retries))
    session.mount("http://", HTTPAdapter(max_retries=retries))
    return session


_posting: ContextVar[bool] = ContextVar("_posting", default=False)


def _is_loggable(_record: logging.LogRecord) -> bool:
    return not _posting.get()


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep urllib3 from logging the paths that this thread posts to."""
    for name in ("urllib3.connectionpool", "urllib3.util.retry"):
        logging.getLogger(name).addFilter(_is_loggable)  # adding it again changes nothing
    token = _posting.set(True)
    try:
        yield
    finally:
        _posting.reset(token)
