"""One request and its answer over HTTP: pooled connections, bounded reading, and the library's errors as ours.

Nothing is asked twice here, no redirect is followed, and no status judged: see `client` and `statuses`.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from boost_pipeline.errors import SettingsError
from boost_pipeline.sources.github.failures import AGAIN, BadAnswer, Elsewhere, NoAnswer, TooLong, plain
from boost_pipeline.sources.github.limits import Limits

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

_CHUNK = 64 * 1024
_HEADERS = {
    "Accept": "application/vnd.github+json",
    "Accept-Encoding": "gzip",
    "X-GitHub-Api-Version": "2022-11-28",
}

Parameters = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request's answer.

    Attributes:
        url: that was asked, with its parameters.
        status: of the answer.
        headers: by name, in any case.
        body: unpacked.
        received: bytes of the body as they came over the wire.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    received: int

    @property
    def request_id(self) -> str:
        """GitHub's name for the request, as part of a message; "" if it gives none."""
        found = self.headers.get("X-GitHub-Request-Id", "")
        return f" (request {found})" if found.replace(":", "").isalnum() and len(found) < 100 else ""


class Transport:
    """Connections to the API; threads may share them."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()

    def send(
        self,
        method: str,
        url: str,
        *,
        what: str,
        authorization: str | None,
        params: Parameters | None = None,
        payload: Mapping[str, Any] | None = None,
        etag: str | None = None,
    ) -> Exchange:
        """Send one request and read all of its answer.

        Args:
            method: GET or POST.
            url: of the API.
            what: names the request in messages.
            authorization: value of the header.
            params: added to the URL.
            payload: sent as JSON.
            etag: of what we have; the answer is then a 304 if nothing changed.

        Raises:
            NoAnswer: none came in time.
            BadAnswer: it ended before its end.
            TooLong: it has no end in sight.
            Elsewhere: the parameters cannot be sent.
            SettingsError: the connection cannot be trusted, or no connection can be made by these settings.
        """

        def authorize(request: PreparedRequest) -> PreparedRequest:
            # As a callable, since requests would put a password of ~/.netrc over the header.
            if authorization is not None:
                request.headers["Authorization"] = authorization
            return request

        from requests import RequestException
        from urllib3.exceptions import HTTPError

        try:
            answer = self._opened().request(
                method,
                url,
                params=dict(params) if params else None,
                json=payload,
                headers={"If-None-Match": etag} if etag else None,
                auth=authorize,
                timeout=(self._limits.connect_timeout, self._limits.read_timeout),
                allow_redirects=False,
                stream=True,
            )
            with answer:
                packed = self._read(answer, what)
        except (RequestException, HTTPError, OSError, UnicodeError) as error:
            failure = _failure(error, what)
        else:
            body = self._unpack(packed, answer.headers.get("Content-Encoding", ""), what)
            return Exchange(answer.url, answer.status_code, answer.headers, body, len(packed))
        raise failure  # outside of the block, as the library's error holds the request with its token

    def close(self) -> None:
        """Close idle connections."""
        with self._lock:
            if "_session" in self.__dict__:
                self._session.close()

    def _read(self, answer: Response, what: str) -> bytes:
        deadline = time.monotonic() + self._limits.body_timeout
        packed = bytearray()
        # As bytes come: whoever waits for a whole chunk does not see how slowly it fills.
        while chunk := answer.raw.read1(_CHUNK, decode_content=False):
            packed += chunk
            if len(packed) > self._limits.max_body:
                raise self._too_long(what)
            if time.monotonic() > deadline:
                raise NoAnswer(f"GitHub, {what}: the answer trickles, and was given up; {AGAIN}.")
        return bytes(packed)

    def _unpack(self, packed: bytes, encoding: str, what: str) -> bytes:
        if encoding.lower() in ("", "identity") or not packed:
            return packed
        if encoding.lower() != "gzip":
            raise BadAnswer(f"GitHub, {what}: the answer is packed by {plain(encoding)}, not gzip; {AGAIN}.")
        unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            body = unpacker.decompress(packed, self._limits.max_body + 1)
        except zlib.error:
            raise BadAnswer(f"GitHub, {what}: the packed answer is damaged; {AGAIN}.") from None
        if len(body) > self._limits.max_body:
            raise self._too_long(what)
        if not unpacker.eof:
            raise BadAnswer(f"GitHub, {what}: the answer broke off; {AGAIN}.")
        return body

    def _too_long(self, what: str) -> TooLong:
        return TooLong(f"GitHub, {what}: the answer has more than {self._limits.max_body >> 20} MiB; ask for less.")

    def _opened(self) -> Session:
        with self._lock:
            return self._session

    @cached_property
    def _session(self) -> Session:
        # All of them are slow to import, and of no use where nothing is asked.
        from http.cookiejar import DefaultCookiePolicy
        from importlib.metadata import version

        import requests
        from requests.adapters import HTTPAdapter

        class UnredirectedSession(requests.Session):
            def get_redirect_target(self, _answer: Response) -> None:
                """Nowhere: it would be read even where it is not to be followed, and it may be no URL at all."""

        adapter = HTTPAdapter(pool_maxsize=self._limits.concurrent, max_retries=0)
        session = UnredirectedSession()
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        session.headers.update(_HEADERS | {"User-Agent": f"boost-pipeline/{version('boost-pipeline')}"})
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        return session


def _failure(error: Exception, what: str) -> Exception:
    """Return an error of the HTTP library as one of ours."""
    from requests import exceptions as http
    from urllib3 import exceptions as pool  # of what is read from the connection itself

    match error:
        case http.SSLError():
            mend = "check GITHUB_API_URL, or set REQUESTS_CA_BUNDLE"
            return SettingsError(f"GitHub, {what}: the host has no certificate that can be trusted; {mend}.")
        case pool.ProtocolError():
            return BadAnswer(f"GitHub, {what}: the answer broke off; {AGAIN}.")
        case UnicodeError():
            return Elsewhere(f"GitHub, {what}: it cannot be written as a URL; a developer looks at the request.")
        case ValueError():  # no URL, no header, no proxy
            mend = "check GITHUB_API_URL, the tokens and the proxy"
            return SettingsError(f"GitHub, {what}: no request can be made ({type(error).__name__}); {mend}.")
        case http.Timeout() | pool.TimeoutError():
            return NoAnswer(f"GitHub, {what}: no answer in time; {AGAIN}.")
    return NoAnswer(f"GitHub, {what}: no connection ({_reason(error)}); {AGAIN}.")


def _reason(error: BaseException) -> str:
    """Name the kind of a failed connection: the text of the error itself may hold more than a line, and addresses."""
    text = str(error)
    for words in ("Name or service not known", "name resolution", "getaddrinfo", "NameResolutionError"):
        if words in text:
            return "the host's name is unknown"
    if "refused" in text:
        return "refused"
    return "reset" if "reset" in text or "aborted" in text else type(error).__name__
