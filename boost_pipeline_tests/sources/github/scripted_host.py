"""An HTTP server on loopback that answers as a test wrote down: one `Reply` after the other, faults included."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    json: Any

    @property
    def token(self) -> str | None:
        """What came after "Bearer "."""
        value = self.headers.get("authorization")
        return None if value is None else value.removeprefix("Bearer ")


@dataclass(frozen=True)
class Reply:
    """What is answered.

    Attributes:
        status: of the answer.
        body: bytes as they are, or what becomes JSON.
        headers: of the answer.
        cut: send this many bytes of the body, and close the connection.
        fault: "reset" answers with a RST, "hang" not at all, "trickle" byte by byte, as long as the test runs.
        gzipped: whether the body is compressed.
        chunked: whether it is sent in chunks, without its length.
    """

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    fault: str | None = None
    gzipped: bool = False
    chunked: bool = False


Plan = Reply | Callable[[Asked], Reply]


class ScriptedHost(ThreadingHTTPServer):
    """Answers as planned.

    Attributes:
        plan: the next answers; when it is used up, `otherwise` is given.
        otherwise: see above.
        asked: the requests that came.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.plan: list[Plan] = []
        self.otherwise: Plan = Reply()
        self.asked: list[Asked] = []
        self.lock = threading.Lock()
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    @property
    def tokens(self) -> list[str | None]:
        return [asked.token for asked in self.asked]

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that go away are part of the plan."""


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedHost
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        host = self.server
        length = int(self.headers.get("Content-Length") or 0)
        sent = self.rfile.read(length)
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.loads(sent) if sent else None
        asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
        with host.lock:
            host.asked.append(asked)
            planned = host.plan.pop(0) if host.plan else host.otherwise
        self._send(planned(asked) if callable(planned) else planned)

    do_GET = do_POST = _answer  # noqa: N815 - http.server's names

    def _send(self, reply: Reply) -> None:
        if reply.fault == "hang":
            self.server.over.wait()
            self.close_connection = True
            return
        if reply.fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        if reply.status in (204, 304):
            body = b""
        headers = {"Content-Type": "application/json"} | reply.headers
        if reply.gzipped:
            body = gzip.compress(body)
            headers["Content-Encoding"] = "gzip"
        self.send_response(reply.status)
        for name, value in headers.items():
            self.send_header(name, value)
        if reply.chunked:
            self.send_header("Transfer-Encoding", "chunked")
            body = (
                b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:10], body[10:]) if part) + b"0\r\n\r\n"
            )
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if reply.fault == "trickle":
            for byte in body:
                self.wfile.write(bytes([byte]))
                if self.server.over.wait(0.01):
                    return
        self.wfile.write(body if reply.cut is None else body[: reply.cut])
        if reply.cut is not None:
            self.close_connection = True

    def send_header(self, keyword: str, value: str) -> None:
        """Send one header; a `Date` of the plan takes the place of the usual one."""
        if keyword == "Date" and any(line.startswith(b"Date: ") for line in self._headers_buffer):
            self._headers_buffer = [line for line in self._headers_buffer if not line.startswith(b"Date: ")]
        super().send_header(keyword, value)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def scripted_host() -> Iterator[ScriptedHost]:
    """Run a host; it is gone at the end."""
    with ScriptedHost() as host:
        thread = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield host
        finally:
            host.over.set()
            host.shutdown()
            thread.join()


def closed_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
