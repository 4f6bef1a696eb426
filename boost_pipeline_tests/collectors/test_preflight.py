"""What will make a task fail is known from its arguments, the settings, and whether its hosts let us in."""

import socket
from collections.abc import Iterator

import pytest

from boost_pipeline.collectors.preflight import troubles
from boost_pipeline.collectors.registry import COLLECTORS, Commands
from boost_pipeline.settings import Settings

APP = {"GITHUB_APP_ID": "1", "GITHUB_APP_INSTALLATION_ID": "2", "GITHUB_APP_PRIVATE_KEY": "key"}
PUBLISHING = {"BOOST_DASHBOARD_PUBLISH_URL": "http://127.0.0.1:PORT/site.git"}


@pytest.fixture
def port(monkeypatch) -> Iterator[int]:
    """Of a host that lets everybody in."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as host:
        yield host.getsockname()[1]


@pytest.fixture
def foreseen(port, tmp_path):
    """What is foreseen of a command on hosts that let us in, under these settings besides."""

    def look(command: str, *arguments: str, **values: str) -> list[str]:
        given = {
            "BOOST_HOME": str(tmp_path),
            "BOOST_GIT_URL": f"http://127.0.0.1:{port}",
            "GITHUB_API_URL": f"http://127.0.0.1:{port}",
            "GITHUB_TOKEN": "token",
        } | {name: value.replace("PORT", str(port)) for name, value in values.items()}
        return list(troubles(Commands().selects(command, arguments), Settings.model_validate(given)))

    return look


@pytest.mark.parametrize("command", COLLECTORS)
def test_nothing_is_foreseen_where_all_is_there(foreseen, command):
    assert foreseen(command) == []


@pytest.mark.parametrize("command", ["run_boost_github_activity_tracker", "run_clang_github_tracker"])
def test_github_needs_a_token_or_an_app(foreseen, command):
    (told,) = foreseen(command, GITHUB_TOKEN="")

    assert "set GITHUB_TOKEN" in told
    assert foreseen(command, GITHUB_TOKEN="", GITHUB_TOKENS_SCRAPING="one") == []
    assert foreseen(command, GITHUB_TOKEN="", **APP) == []


def test_what_asks_github_nothing_needs_no_token(foreseen):
    assert foreseen("run_boost_github_activity_tracker", "--skip-github", GITHUB_TOKEN="") == []
    assert foreseen("run_on_release_sync", GITHUB_TOKEN="") == []
    assert len(foreseen("run_on_release_sync", "--with-github", GITHUB_TOKEN="")) == 1


def test_a_host_that_lets_nobody_in_is_told_with_the_setting_that_names_it(foreseen):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        closed = gone.getsockname()[1]

    (told,) = foreseen("run_boost_library_tracker", BOOST_GIT_URL=f"http://127.0.0.1:{closed}")
    assert told == "127.0.0.1 cannot be reached (Connection refused); look to the network, or to BOOST_GIT_URL"
    (told,) = foreseen("run_clang_github_tracker", GITHUB_API_URL=f"http://127.0.0.1:{closed}")
    assert "GITHUB_API_URL" in told


def test_behind_a_proxy_it_is_the_proxy_that_must_let_us_in(foreseen, port, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")

    assert foreseen("run_boost_library_tracker", BOOST_GIT_URL="http://nowhere.invalid/boostorg") == []


def test_a_dashboard_that_cannot_be_published_is_told_unless_it_is_not_to_be(foreseen):
    command = "run_boost_library_usage_dashboard"

    (found,) = foreseen(command, **PUBLISHING)

    assert "set GITHUB_TOKEN_WRITE" in found
    assert foreseen(command, "--skip-publish", **PUBLISHING) == []
    assert foreseen(command, **PUBLISHING, GITHUB_TOKEN_WRITE="secret") == []


def test_a_folder_that_cannot_be_made_is_told(foreseen, tmp_path):
    (tmp_path / "file").touch()

    for command in ("run_export", "run_monthly_report", "run_boost_library_usage_dashboard"):
        (told,) = foreseen(command, "--out", str(tmp_path / "file" / "below"))
        assert f"{tmp_path / 'file'} is a file" in told
        assert foreseen(command, "--out", str(tmp_path / "new" / "below")) == []


def test_a_secret_in_an_address_is_not_told(foreseen):
    (told,) = foreseen(
        "run_boost_library_usage_dashboard", BOOST_DASHBOARD_PUBLISH_URL="https://u:hunter2@nowhere.invalid/x.git"
    )

    assert "hunter2" not in told
    assert "nowhere.invalid" in told
