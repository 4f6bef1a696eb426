"""What a person sees at a terminal, in a real process with a pseudo-terminal: bars, log lines, Ctrl-C."""

import re

import pytest

from boost_pipeline_tests.commands.process import Cli, stalled_git
from boost_pipeline_tests.commands.screen import Screen, at_a_terminal
from boost_pipeline_tests.conftest import database

TRACKER = ("collect", "run_boost_library_tracker")
BAR = re.compile(r"[━─]")


@pytest.fixture(scope="module")
def seen(server, platform_template, built_sample, tmp_path_factory):
    """What a window of 80 columns has shown when a run has ended."""
    with database(server, platform_template) as conninfo:
        cli = Cli(conninfo, tmp_path_factory.mktemp("home"), built_sample.url)
        code, written = at_a_terminal(cli, *TRACKER)
    assert code == 0, written
    screen = Screen(80)
    screen.feed(written)
    return screen


def test_a_bar_shows_while_a_step_works_fits_the_window_and_is_gone_at_the_end(seen):
    bars = [row for row in seen.erased if BAR.search(row)]

    assert {bar.split()[0] for bar in bars} >= {"repositories", "releases", "headers", "graphs"}
    assert all(re.search(r"\d+/\d+ \d:\d\d:\d\d", bar) for bar in bars)
    assert max(map(len, bars)) <= 80
    assert not BAR.search("".join(seen.rows))


def test_log_lines_stand_whole_above_the_bar(seen):
    told = [row.rstrip() for row in seen.rows if row.strip()]

    assert re.fullmatch(r"\d\d:\d\d:\d\d boost-pipeline \S+", told[0])
    assert re.fullmatch(r"\d\d:\d\d:\d\d run_boost_library_tracker: started", told[1])
    assert re.fullmatch(r"\d\d:\d\d:\d\d run_boost_library_tracker: succeeded in .* rows written", told[2])
    assert [row.split()[0] for row in told[3:]] == ["task", "run_boost_library_tracker"]


@pytest.mark.parametrize(
    "environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"LOG_FORMAT": "json"}], ids=["no color", "dumb", "json"]
)
def test_who_wants_no_bar_gets_lines(prepared, environment):
    code, written = at_a_terminal(prepared, "export", "--table", "releases", **environment)

    assert code == 0, written
    assert "export as json: 1 of 1 in " in written
    assert not BAR.search(written)
    assert "\x1b[2K" not in written


def test_ctrl_c_pressed_twice_prints_one_line_and_cancels_the_run(prepared, built_sample, tmp_path):
    with stalled_git(built_sample, tmp_path) as (url, wait):

        def press(keys):
            wait()
            keys(b"\x03")
            keys(b"\x03")

        code, written = at_a_terminal(prepared, *TRACKER, meanwhile=press, BOOST_GIT_URL=url)

    screen = Screen(80)
    screen.feed(written)
    told = [row.replace("^C", "").strip() for row in screen.rows]
    assert code == 130
    assert [row for row in told if row and not re.search(r" boost-pipeline |: started$", row)] == ["Stopped."]
    assert prepared.rows("SELECT status FROM runs") == [("CANCELED",)]
