"""A git host on loopback: git's own http-backend behind a server that can refuse, fail and hang."""

import os
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class HttpHost(ThreadingHTTPServer):
    """Serves the repositories of a folder.

    Attributes:
        required: the value of the Authorization header without which it answers 401.
        status: answers this instead, `failures` times; 0 of them means always.
        hangs_at: takes a request whose path or body holds this, and never answers.
        hanging: set once it hangs.
        left: set when the client of a hanging request is gone.
        answered: set once a request was refused with `status`.
        authorizations: the Authorization header of each request.
    """

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.required: str | None = None
        self.status: int | None = None
        self.failures = 0
        self.hangs_at: bytes | None = None
        self.hanging = threading.Event()
        self.left = threading.Event()
        self.answered = threading.Event()
        self.authorizations: list[str | None] = []
        self._hanging: list[socket.socket] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def hold(self, connection: socket.socket) -> None:
        self._hanging.append(connection)
        self.hanging.set()

    def release(self) -> None:
        """Break the connections that hang, and let the others be answered."""
        self.hangs_at = None
        for client in self._hanging:
            client.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: HttpHost

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _answer(self, body: bytes) -> None:
        host = self.server
        host.authorizations.append(self.headers["Authorization"])
        if host.hangs_at is not None and host.hangs_at in self.path.encode() + body:
            host.hold(self.connection)
            self.rfile.read(1)  # until the client closes the connection
            host.left.set()
            self.close_connection = True
        elif host.status is not None:
            self._refuse(host.status)
            host.answered.set()
            host.failures -= 1
            if host.failures == 0:
                host.status = None
        elif host.required is not None and self.headers["Authorization"] != host.required:
            self._refuse(401)
        else:
            self._serve(body)

    def _refuse(self, status: int) -> None:
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="test"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _serve(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        environment = {
            "GIT_PROJECT_ROOT": str(self.server.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        answer = subprocess.run(
            ["git", "http-backend"], input=body, stdout=subprocess.PIPE, env=os.environ | environment
        ).stdout
        head, _, content = answer.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        self.send_response(int(headers.pop("Status", "200 OK").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""
