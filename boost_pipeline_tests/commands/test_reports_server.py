"""The reports on loopback: what is answered, what is not there, and what a browser is forbidden."""

import os
import socket
import threading
from http.client import HTTPConnection
from pathlib import Path

import pytest

from boost_pipeline.commands.reports_server import ReportsServer
from boost_pipeline.errors import SettingsError

PDF = b"%PDF-1.7\n"


@pytest.fixture
def folder(tmp_path) -> Path:
    """Reports, with things beside and among them that nobody may read."""
    (tmp_path / "secret.txt").write_text("hunter2")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "index.html").write_text("hunter2")
    reports = tmp_path / "reports"
    for name, content in {
        "dashboard/index.html": b"<h1>Overview</h1>",
        "dashboard/libraries/bind~ref.html": b"<h1>bind/ref</h1>",
        "dashboard/assets/style.css": b"p {}",
        "dashboard/assets/charts.js": b"1",
        "dashboard/manifest.json": b"{}",
        "dashboard/notes.md": b"# Notes",
        "dashboard/picture.svg": b"<svg/>",
        "dashboard/strange.bin": b"\0",
        "releases/boost-1.90.0/dossier.pdf": PDF,
        ".dashboard.building-1/index.html": b"hunter2",
        "dashboard/.git": b"hunter2",
        "dashboard/a b/index.html": b"<h1>a b</h1>",
    }.items():
        (reports / name).parent.mkdir(parents=True, exist_ok=True)
        (reports / name).write_bytes(content)
    (reports / "dashboard" / "leaving.html").symlink_to(tmp_path / "secret.txt")
    (reports / "dashboard" / "leaving").symlink_to(tmp_path / "outside")
    (reports / "dashboard" / "staying.html").symlink_to("index.html")
    (reports / "dashboard" / "circle").symlink_to("circle")
    (reports / "dashboard" / "nowhere").symlink_to("gone")
    os.mkfifo(reports / "dashboard" / "pipe.html")
    return reports


@pytest.fixture
def server(folder):
    with ReportsServer(folder, 0, ["boost.example.org"]) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def ask(server):
    """Ask for a path exactly as written; return status, headers and body."""

    def request(path: str, method: str = "GET", **headers: str):
        connection = HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        try:
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    return request


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/dashboard/", "text/html; charset=utf-8", b"<h1>Overview</h1>"),
        ("/dashboard/index.html?x=1", "text/html; charset=utf-8", b"<h1>Overview</h1>"),
        ("/dashboard/libraries/bind~ref.html", "text/html; charset=utf-8", b"<h1>bind/ref</h1>"),
        ("/dashboard/libraries/bind%7Eref.html", "text/html; charset=utf-8", b"<h1>bind/ref</h1>"),
        ("/dashboard/a%20b/", "text/html; charset=utf-8", b"<h1>a b</h1>"),
        ("/dashboard/assets/style.css", "text/css; charset=utf-8", b"p {}"),
        ("/dashboard/assets/charts.js", "text/javascript; charset=utf-8", b"1"),
        ("/dashboard/manifest.json", "application/json", b"{}"),
        ("/dashboard/notes.md", "text/markdown; charset=utf-8", b"# Notes"),
        ("/dashboard/picture.svg", "image/svg+xml", b"<svg/>"),
        ("/dashboard/strange.bin", "application/octet-stream", b"\0"),
        ("/dashboard/staying.html", "text/html; charset=utf-8", b"<h1>Overview</h1>"),
        ("/releases/boost-1.90.0/dossier.pdf", "application/pdf", PDF),
    ],
)
def test_a_file_is_answered_with_its_type_that_no_browser_guesses_anew(ask, path, kind, body):
    status, headers, answered = ask(path)

    assert (status, headers["Content-Type"], answered) == (200, kind, body)
    assert headers["Content-Length"] == str(len(body))
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/dashboard/../../secret.txt",
        "/dashboard/..%2f..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/dashboard/%2E%2E/%2e%2e/secret.txt",
        "/%252e%252e/secret.txt",
        "/..\\secret.txt",
        "/..%5csecret.txt",
        "/dashboard/./index.html",
        "/dashboard//index.html",
        "/dashboard/index.html%00.txt",
        "/dashboard/%00",
        "/dashboard/%ff%fe",
        "/dashboard/%0d%0aX-Evil:%201/",
        "/dashboard/leaving.html",
        "/dashboard/leaving/",
        "/dashboard/leaving/index.html",
        "/dashboard/leaving",
        "/dashboard/circle",
        "/dashboard/nowhere",
        "/dashboard/pipe.html",
        "/dashboard/.git",
        "/.dashboard.building-1/",
        "/.dashboard.building-1/index.html",
        "/dashboard/index.html/",
        "/dashboard/index.html/index.html",
        "/dashboard/missing.html",
        "/" + "a" * 5000,
        "http://127.0.0.1/dashboard/",
        "dashboard/",
        "*",
    ],
)
def test_nothing_else_is_there(ask, path):
    status, headers, body = ask(path)

    assert (status, body) == (404, b"Not Found\n")
    assert "X-Evil" not in headers


def test_an_absolute_path_of_the_machine_is_looked_for_in_the_folder_alone(ask, folder):
    assert ask(str(folder / "dashboard" / "index.html"))[0] == 404
    assert ask(f"/{folder.parent}/secret.txt")[0] == 404


@pytest.mark.parametrize("path", ["/dashboard/assets/", "/dashboard/assets", "/dashboard/libraries/", "/releases/"])
def test_a_folder_without_a_page_is_not_listed(ask, path):
    assert ask(path)[0] == 404


def test_the_root_and_a_folder_lead_to_their_pages_wherever_a_proxy_put_us(ask):
    for path, place in (("/", "dashboard/"), ("/dashboard", "dashboard/"), ("/dashboard/a%20b", "a%20b/")):
        status, headers, _ = ask(path)
        assert (status // 100, headers["Location"]) == (3, place)
    assert ask("//dashboard")[1]["Location"] == "dashboard/"


def test_head_tells_the_headers_alone(ask):
    status, headers, body = ask("/dashboard/", "HEAD")

    assert (status, headers["Content-Length"], body) == (200, "17", b"")
    assert ask("/missing", "HEAD")[::2] == (404, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"])
def test_nothing_but_reading_is_allowed(ask, method):
    status, headers, _ = ask("/dashboard/", method)

    assert (status, headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:3001", "localhost", "LocalHost:9", "[::1]:3001", "boost.example.org"]
)
def test_it_answers_under_its_own_names(ask, host):
    assert ask("/dashboard/", Host=host)[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:3001",
        "evil.example@127.0.0.1",
        "127.0.0.1@evil.example",
        "127.0.0.1:x",
        "127.0.0.1:3001:1",
        "[::1",
        "localhost evil.example",
    ],
)
def test_a_browser_that_was_led_here_under_another_name_gets_nothing(ask, host):
    status, _, body = ask("/dashboard/", Host=host)

    assert status == 421
    assert b"Overview" not in body


@pytest.mark.parametrize(
    "request_head",
    [
        b"GET /dashboard/ HTTP/1.0\r\n\r\n",
        b"GET /dashboard/ HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
    ],
)
def test_no_host_and_two_hosts_are_no_name_of_ours(server, request_head):
    with socket.create_connection(server.server_address) as connection:
        connection.sendall(request_head)
        answer = connection.makefile("rb").read()

    assert b" 421 " in answer.splitlines()[0]
    assert b"Overview" not in answer


@pytest.mark.parametrize("request_head", [b"\x16\x03\x01\r\n\r\n", b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n"])
def test_what_is_no_request_is_refused_with_our_headers(server, request_head):
    with socket.create_connection(server.server_address) as connection:
        connection.sendall(request_head)
        answer = connection.makefile("rb").read()

    assert b"Content-Security-Policy" in answer or not answer.startswith(b"HTTP/")
    assert b"BREW" not in answer


def test_a_second_request_in_the_body_of_the_first_is_not_answered(server):
    inner = b"GET /dashboard/assets/style.css HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(server.server_address) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n" + inner)
        answer = connection.makefile("rb").read()

    assert answer.count(b"HTTP/1.") == 1
    assert b"p {}" not in answer


def test_a_page_runs_only_scripts_of_its_own_and_stands_in_no_frame(ask):
    for path in ("/dashboard/", "/dashboard/picture.svg", "/missing"):
        headers = ask(path)[1]
        policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
        assert (policy["default-src"], policy["script-src"]) == ("'none'", "'self'")
        assert (policy["frame-ancestors"], policy["base-uri"], policy["form-action"]) == ("'none'",) * 3
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_only_this_machine_reaches_it_and_a_taken_port_is_told(server):
    assert server.server_address[0] == "127.0.0.1"
    with pytest.raises(SettingsError, match=f"Port {server.server_address[1]} is taken"):
        ReportsServer(server.folder, server.server_address[1])


def test_a_folder_that_is_not_there_yet_is_served_once_it_is(tmp_path):
    with ReportsServer(tmp_path / "reports", 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            assert status(server, "/dashboard/") == 404
            (tmp_path / "reports" / "dashboard").mkdir(parents=True)
            (tmp_path / "reports" / "dashboard" / "index.html").write_text("made")
            assert status(server, "/dashboard/") == 200
        finally:
            server.shutdown()
            thread.join()


def status(server: ReportsServer, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    connection.request("GET", path)
    with connection.getresponse() as answer:
        return answer.status
