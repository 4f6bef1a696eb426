"""A webhook on loopback that keeps what it is sent, and can refuse."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "T000-hunter2"


class WebhookHost(ThreadingHTTPServer):
    """Takes messages.

    Attributes:
        messages: what was taken, in order.
        requests: how many requests came, taken or not.
        answers: the statuses of the next answers; after them it takes everything.
        headers: sent with each answer.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.messages: list[dict[str, Any]] = []
        self.requests = 0
        self.answers: list[int] = []
        self.headers: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/services/{SECRET}"

    @property
    def lines(self) -> list[str]:
        """The lines of all messages, without their titles."""
        return [line for message in self.messages for line in message["text"].splitlines()[1:]]


class _Handler(BaseHTTPRequestHandler):
    server: WebhookHost

    def do_POST(self) -> None:
        host = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        host.requests += 1
        status = host.answers.pop(0) if host.answers else 200
        if status == 200:
            host.messages.append(json.loads(body))
        self.send_response(status)
        for name, value in host.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def webhook_host() -> Iterator[WebhookHost]:
    """Run a webhook; it is gone at the end."""
    with WebhookHost() as host:
        thread = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield host
        finally:
            host.shutdown()
            thread.join()
