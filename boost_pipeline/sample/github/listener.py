"""The HTTP/1.1 side of the emulator: connections, headers, bodies, and answers that break on purpose."""

from __future__ import annotations

import gzip
import socket
import struct
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from boost_pipeline.sample.github.faults import Fault
from boost_pipeline.sample.github.http import JSON, Reply, Request

Answer = Callable[[Request, str], tuple[Reply, bytes, Fault | None]]
"""Request and raw query → reply, body, and what the connection has to do to it."""

_COMPRESSED_FROM: Final = 1000
_CLOSE_WITH_RESET: Final = struct.pack("ii", 1, 0)


class Listener(ThreadingHTTPServer):
    """Listens on loopback, a thread for each connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, answer: Answer, clock: Callable[[], float], slow_seconds: float) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer = answer
        self.clock = clock
        self.slow_seconds = slow_seconds
        self._open: set[socket.socket] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self) -> None:
        """Close everything, connections that clients keep open too."""
        self.shutdown()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let a client that went away go; anything else is a fault of the emulator, and shows."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "github-emulator"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Listener

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Say nothing: the emulator keeps its own log."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate(self.server.clock() if timestamp is None else timestamp, usegmt=True)

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        path, base = parts.path, self.server.url
        if path == "/api/graphql":
            path = "/graphql"
        elif path.startswith("/api/v3/"):
            path, base = path.removeprefix("/api/v3"), f"{base}/api/v3"
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        request = Request(self.command, path, query, headers, body, base, _token(headers))
        reply, content, fault = self.server.answer(request, parts.query)
        self._write(reply, content, fault, gzipped="gzip" in headers.get("accept-encoding", ""))

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _handle  # noqa: N815

    def _write(self, reply: Reply, content: bytes, fault: Fault | None, *, gzipped: bool) -> None:
        if fault is Fault.RESET:
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CLOSE_WITH_RESET)
            self.connection.close()
            return
        if fault is Fault.SLOW:
            time.sleep(self.server.slow_seconds)
        kind = JSON
        if fault is Fault.WRONG_JSON:
            content = content[: len(content) // 2] or b"{"
        elif fault is Fault.HTML:
            content, kind = b"<html><body>Whoa there!</body></html>", "text/html"
        headers = dict(reply.headers)
        if content:
            headers["Content-Type"] = kind
        if gzipped and len(content) >= _COMPRESSED_FROM:
            headers["Content-Encoding"] = "gzip"
            content = gzip.compress(content, 1)
        if reply.status != 304:
            headers["Content-Length"] = str(len(content))
        self.send_response(reply.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if fault is Fault.TRUNCATE:
            self.close_connection = True
            content = content[: len(content) // 2]
        self.wfile.write(content)


def _token(headers: Mapping[str, str]) -> str | None:
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() in ("token", "bearer") and token.strip() else None
