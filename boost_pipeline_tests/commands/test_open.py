"""`boost-pipeline open`, as a person starts it."""

import os
import signal
import socket
import subprocess
import urllib.request

import pytest

from boost_pipeline_tests.commands.process import COMMAND, ROOT


@pytest.fixture
def with_dashboard(offline, tmp_path):
    (tmp_path / "home" / "reports" / "dashboard").mkdir(parents=True)
    (tmp_path / "home" / "reports" / "dashboard" / "index.html").write_text("<h1>Overview</h1>")
    return offline


def test_where_nothing_was_made_yet_one_line_says_how_to_make_it(offline):
    result = offline("open", "--no-browser")

    assert (result.returncode, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert "There is no dashboard yet. Make it: boost-pipeline collect run_boost_library_usage_dashboard" in line


def test_a_taken_port_that_was_asked_for_is_told(with_dashboard):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = with_dashboard("open", "--no-browser", "--port", port)

    assert result.returncode == 1
    assert result.stderr == f"Error: Port {port} is taken (Address already in use). Choose another.\n"


def test_the_browser_gets_the_dashboard_also_where_up_has_the_port_until_ctrl_c(with_dashboard, tmp_path):
    """The browser of this test is a script that tells through a pipe where it was led to."""
    os.mkfifo(tmp_path / "led")
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/led\n')
    browser.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environment = with_dashboard.environment | {
            "BOOST_REPORTS_PORT": str(taken.getsockname()[1]),
            "BROWSER": str(browser),
        }
        with subprocess.Popen(
            [COMMAND, "open"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            told = process.stdout.readline()
            url = told.removeprefix("The dashboard is at ").split(" ")[0]
            with urllib.request.urlopen(url, timeout=30) as answer:
                page = answer.read()
            led = (tmp_path / "led").read_text()
            process.send_signal(signal.SIGINT)
            rest, errors = process.communicate(timeout=60)

    assert led == f"{url}\n"
    assert page == b"<h1>Overview</h1>"
    assert url != f"http://127.0.0.1:{environment['BOOST_REPORTS_PORT']}/dashboard/"
    assert (process.returncode, rest, errors) == (0, "", "")
