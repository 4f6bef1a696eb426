"""Serves the reports of BOOST_HOME to a browser of this machine: files of one folder, read only, on loopback.

What is served was made of the world's texts, so that nothing is left to a page's good will: it runs no script but its
own files, is framed nowhere, and is read by no other site. A browser that was led here under a name that is not ours
(DNS rebinding) is refused.
"""

from __future__ import annotations

import os
import re
import shutil
import socketserver
import stat
import sys
from collections.abc import Collection
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote_to_bytes, urlsplit

from boost_pipeline.errors import SettingsError

LOOPBACK: Final = "127.0.0.1"
OWN_NAMES: Final = frozenset({LOOPBACK, "localhost", "::1"})

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_UNKNOWN: Final = "application/octet-stream"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Inline style, as reports bring their style sheet and charts set theirs."""
_POLICY_OF_PDF: Final = "frame-ancestors 'none'"
"""A browser shows a PDF by pages of its own, which a stricter policy would take apart."""
_SECONDS_OF_A_REQUEST: Final = 30
_START: Final = "dashboard/"
_FIRST_PAGE: Final = ("dashboard", "index.html")
_NOTHING_YET: Final = (
    "There is no dashboard yet. Make it: boost-pipeline collect run_boost_library_usage_dashboard; "
    "or where nothing was collected: boost-pipeline run --schedule daily"
)


class ReportsServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Answers GET and HEAD for the regular files below a folder; a folder's page is its index.html.

    Neither what begins with a dot nor what a symbolic link leads out to is there, and no folder is listed.

    Args:
        folder: that of the reports; it need not exist yet.
        port: on 127.0.0.1; 0 takes a free one.
        names: hosts that a proxy in front is reached under, besides those of this machine.

    Raises:
        SettingsError: the port is taken.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, folder: Path, port: int, names: Collection[str] = ()) -> None:
        self.folder = folder
        self.names = OWN_NAMES | {name.lower() for name in names}
        try:
            super().__init__((LOOPBACK, port), _Handler)
        except OSError as error:
            raise SettingsError(f"Port {port} is taken ({error.strerror}). Choose another.") from error

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{LOOPBACK}:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Let a browser that went away go quietly; anything else is a fault of ours, and told."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    """One request for one connection, which leaves no room for a second one smuggled into the first."""

    server: ReportsServer
    timeout = _SECONDS_OF_A_REQUEST

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _refuse(self) -> None:
        self._end(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET, HEAD"})

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_CONNECT = _refuse  # noqa: N815

    def _answer(self, *, with_body: bool) -> None:
        if not self._is_for_us():
            self._end(HTTPStatus.MISDIRECTED_REQUEST, told="Not under this name. BOOST_REPORTS_URL tells it to us.")
            return
        path = self.path.split("?", 1)[0].split("#", 1)[0]
        if path == "/":
            self._end(HTTPStatus.FOUND, {"Location": _START})  # relative, as a proxy may have put us below a path
            return
        parts = _parts(path)
        found = _found(self.server.folder, parts) if parts else None
        if found is None:
            self._end(HTTPStatus.NOT_FOUND, told=_NOTHING_YET if parts == _FIRST_PAGE else None)
        elif found.is_dir():
            self._end(HTTPStatus.MOVED_PERMANENTLY, {"Location": f"{quote(parts[-1], safe='')}/"})
        else:
            self._send(found, with_body=with_body)

    def _is_for_us(self) -> bool:
        """Tell whether the browser believes that it talks to us: each of the Host headers must be a name of ours."""
        hosts = self.headers.get_all("Host", [])
        return len(hosts) == 1 and _host_name(hosts[0]) in self.server.names

    def _send(self, path: Path, *, with_body: bool) -> None:
        try:
            # Without waiting, and the thing itself: what is there may have become a pipe or a link meanwhile.
            file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")
        except OSError:
            self._end(HTTPStatus.NOT_FOUND)
            return
        with file:
            told = os.fstat(file.fileno())
            if not stat.S_ISREG(told.st_mode):
                self._end(HTTPStatus.NOT_FOUND)
                return
            kind = _TYPES.get(path.suffix.lower(), _UNKNOWN)
            self.send_response(HTTPStatus.OK)
            self._headers(
                {
                    "Content-Type": kind,
                    "Content-Length": str(told.st_size),
                    "Last-Modified": formatdate(told.st_mtime, usegmt=True),
                },
                _POLICY_OF_PDF if path.suffix.lower() == ".pdf" else _POLICY,
            )
            if with_body:
                shutil.copyfileobj(file, self.wfile)

    def _end(self, status: HTTPStatus, headers: dict[str, str] | None = None, *, told: str | None = None) -> None:
        """Answer with a status and a line; nothing of the request is repeated."""
        body = b"" if self.command == "HEAD" else f"{told or status.phrase}\n".encode()
        self.send_response(status)
        self._headers({"Content-Type": _TYPES[".txt"], "Content-Length": str(len(body)), **(headers or {})}, _POLICY)
        self.wfile.write(body)

    def _headers(self, headers: dict[str, str], policy: str) -> None:
        every = {
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": policy,
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
        }
        for name, value in (headers | every).items():
            self.send_header(name, value)
        self.end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer to what is no request at all as to any other: http.server's page would have none of our headers."""
        del message, explain
        self._end(HTTPStatus(code))

    def version_string(self) -> str:
        """Say who answers, and not on which Python."""
        return "boost-pipeline"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing: a page that is not there is seen in the browser."""


def require_dashboard(folder: Path) -> None:
    """Raise SettingsError if there is no page that a reader could start on."""
    if not folder.joinpath(*_FIRST_PAGE).is_file():
        raise SettingsError(f"{folder}: {_NOTHING_YET}")


def _host_name(host: str) -> str:
    """Return the name in a Host header, in small letters; "" if it is none."""
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:/?#@\\\s\[\]]+))(?::\d{0,5})?", host)
    return (match[1] or match[2]).lower() if match else ""


def _parts(path: str) -> tuple[str, ...]:
    """Return the names of an absolute path, decoded once; a folder's page last; () if it is none."""
    if not path.startswith("/"):
        return ()
    try:
        names = unquote_to_bytes(path).decode("utf-8").split("/")[1:]
    except UnicodeDecodeError:
        return ()
    if names[-1] == "":
        names[-1] = "index.html"
    return tuple(names) if all(map(_is_name, names)) else ()


def _is_name(name: str) -> bool:
    """Tell whether it is one name: not "", ".", ".." or hidden, without a backslash or control character."""
    return bool(name) and not name.startswith(".") and "\\" not in name and name.isprintable()


def _found(folder: Path, parts: tuple[str, ...]) -> Path | None:
    """Return what a path leads to, with no link left in it; None if that is not in the folder, or is not there."""
    try:
        root = folder.resolve(strict=True)
        found = root.joinpath(*parts).resolve(strict=True)
        has_page = found.is_file() or (found / "index.html").is_file()
    except (OSError, RuntimeError):  # RuntimeError is a circle of links
        return None
    return found if has_page and found.is_relative_to(root) else None


def main() -> None:
    """Serve for `up`, as it says on the command line: the folder, the port, and the URL of a proxy in front."""
    folder, port, url = sys.argv[1:]
    with ReportsServer(Path(folder), int(port), [urlsplit(url).hostname or LOOPBACK]) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
