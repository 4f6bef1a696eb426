"""How waits show: in the bar of a terminal, in place of what is worked on, until they end."""

import threading
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from boost_pipeline import resources
from boost_pipeline.commands import terminal
from boost_pipeline.progress import Waits
from boost_pipeline.settings import Settings
from boost_pipeline.sources.github import Aborted
from boost_pipeline_tests.sources.github.scripted_host import Reply, scripted_host

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
IN_AN_HOUR, AN_HOUR_AGO = (datetime.now(UTC) + timedelta(hours=hours) for hours in (1, -1))


class ToldWaits(Waits):
    """Waits that tell when the first of them is told."""

    def __init__(self) -> None:
        super().__init__()
        self.is_told = threading.Event()

    def tell(self, reason: str, until: datetime) -> None:
        super().tell(reason, until)
        self.is_told.set()


@pytest.fixture
def waits(monkeypatch) -> ToldWaits:
    """What the bars show, and the client of the settings tells."""
    waits = ToldWaits()
    monkeypatch.setattr(terminal, "waits", waits)
    monkeypatch.setattr(resources, "waits", waits)
    return waits


def last_bar(width: int = 160) -> str:
    """Return the bar of work under way, as a terminal of that width shows it."""
    screen = StringIO()
    console = Console(file=screen, force_terminal=True, width=width, color_system=None)
    with terminal.Bars(console).track("boostorg: comments", 180) as advance:
        advance("asio")
        screen.seek(0)
        screen.truncate()
    return screen.getvalue()


def test_a_wait_is_told_with_its_end_until_then():
    waits = Waits()
    waits.tell("Spent", NOW + timedelta(minutes=5))

    assert waits.told(NOW) == "Spent; going on at 12:05:00 UTC"
    assert waits.told(NOW + timedelta(minutes=5)) is None


def test_a_short_wait_does_not_hide_a_long_one_and_a_later_one_follows_it():
    waits = Waits()
    waits.tell("Spent", NOW + timedelta(minutes=5))
    waits.tell("Paused", NOW + timedelta(minutes=1))

    assert waits.told(NOW) == "Spent; going on at 12:05:00 UTC"

    waits.tell("Paused", NOW + timedelta(minutes=9))

    assert waits.told(NOW + timedelta(minutes=6)) == "Paused; going on at 12:09:00 UTC"


def test_a_bar_shows_the_work_where_nothing_is_waited_for(waits):
    waits.tell("Spent", AN_HOUR_AGO)

    assert "boostorg: comments" in last_bar()


def test_a_bar_shows_what_the_work_waits_for(waits):
    waits.tell("Spent", IN_AN_HOUR)

    assert f"Spent; going on at {IN_AN_HOUR:%H:%M:%S} UTC" in last_bar()
    assert "boostorg: comments" not in last_bar()


@pytest.mark.parametrize("width", [160, 80, 60, 40, 20])
def test_a_bar_is_one_line_that_fits_with_its_counts(waits, width):
    row = last_bar(width).split("\x1b[2K")[1].split("\n")[0].split("\x1b")[0]

    assert "1/180 0:00:00" in row
    assert len(row) <= width


@pytest.mark.parametrize("width", [160, 80, 40])
def test_a_wait_is_one_line_that_fits(waits, width):
    waits.tell("GitHub: it asks for a pause", IN_AN_HOUR)

    row = last_bar(width).split("\x1b[2K")[1].split("\n")[0].split("\x1b")[0]

    assert row.startswith("GitHub: it asks for a pause")
    assert len(row) <= width


def test_what_a_terminal_would_obey_is_not_shown(capsys):
    terminal.print_table(("name",), [("a\x1b[31mb",)])

    assert "\x1b" not in capsys.readouterr().out


def test_the_wait_of_a_request_to_github_shows_in_the_bar_while_it_lasts(waits, tmp_path):
    aborted: list[Aborted] = []
    with scripted_host() as host:
        host.otherwise = Reply(403, {"message": "API rate limit exceeded"}, {"Retry-After": "1800"})
        environment = {"BOOST_HOME": str(tmp_path), "GITHUB_API_URL": host.url, "GITHUB_TOKEN": "ghp_one"}
        with resources.open_client(Settings.model_validate(environment)) as github:

            def ask() -> None:
                with pytest.raises(Aborted) as raised:
                    github.get("/x")
                aborted.append(raised.value)

            worker = threading.Thread(target=ask)
            worker.start()
            assert waits.is_told.wait(10)
            bar = last_bar()
            github.abort()
            worker.join(10)

    assert "GitHub: it asks for a pause; going on at " in bar
    assert aborted
