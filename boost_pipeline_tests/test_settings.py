"""Settings: one typed class, listed for people in .env.example."""

import re
from pathlib import Path

import pytest

from boost_pipeline.errors import SettingsError
from boost_pipeline.settings import Settings, load_settings, redactor

EXAMPLE = Path(__file__).parents[1] / ".env.example"


def test_env_example_lists_every_setting_and_no_other():
    listed = set(re.findall(r"^#([A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE))

    assert listed == {str(field.validation_alias) for field in Settings.model_fields.values()}


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """A folder without .env, and no setting in the environment."""
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias), raising=False)
    load_settings.cache_clear()
    yield monkeypatch
    load_settings.cache_clear()


def test_env_example_shows_the_defaults(environment):
    shown = dict(re.findall(r"^#([A-Z_]+)=(.+)$", EXAMPLE.read_text(), re.MULTILINE))
    settings = Settings()
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if text := shown.get(str(field.validation_alias)):
            assert str(value) == (str(Path(text).absolute()) if isinstance(value, Path) else text)


def test_the_environment_wins_over_env(environment, tmp_path):
    (tmp_path / ".env").write_text("BOOST_WEB_PORT=4000\nBOOST_GIT_TIMEOUT=5\n")
    environment.setenv("BOOST_WEB_PORT", "5000")

    settings = load_settings()

    assert (settings.web_port, settings.git_timeout) == (5000, 5)


def test_an_empty_value_of_the_environment_unsets_what_env_says(environment, tmp_path):
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql://example.org/boost\n")
    environment.setenv("DATABASE_URL", "")

    assert load_settings().database_url is None


def test_a_wrong_value_is_told_by_name_and_not_repeated(environment):
    environment.setenv("BOOST_WEB_PORT", "hunter2")

    with pytest.raises(SettingsError, match="BOOST_WEB_PORT: Input should be a valid integer") as error:
        load_settings()

    assert "hunter2" not in str(error.value)


def test_secrets_do_not_show(environment):
    environment.setenv("DATABASE_URL", "postgresql://user:hunter2@example.org/boost")
    environment.setenv("BOOST_GIT_TOKEN", "hunter2")

    assert "hunter2" not in repr(load_settings())


def test_tokens_are_read_by_comma_and_an_empty_list_is_none(environment):
    environment.setenv("GITHUB_TOKENS_SCRAPING", " one, two ,,")
    assert [token.get_secret_value() for token in load_settings().github_scraping_tokens] == ["one", "two"]

    load_settings.cache_clear()
    environment.setenv("GITHUB_TOKENS_SCRAPING", "")
    assert load_settings().github_scraping_tokens == ()


def test_all_secrets_are_known_to_what_blots_them_out(environment):
    for name in ("GITHUB_TOKEN", "GITHUB_TOKENS_SCRAPING", "GITHUB_APP_PRIVATE_KEY", "BOOST_GIT_TOKEN"):
        environment.setenv(name, f"hunter2-{name}")
    environment.setenv("GITHUB_APP_ID", "1")
    environment.setenv("GITHUB_APP_INSTALLATION_ID", "2")

    told = redactor().redact(" ".join(load_settings().secrets()))

    assert "hunter2" not in told
    assert told.count("***") == 4


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOOST_GIT_URL", "github.com/boostorg"),
        ("BOOST_GIT_URL", "--upload-pack=touch /tmp/x"),
        ("BOOST_GIT_URL", "https://github.com/boost org"),
        ("BOOST_GIT_URL", ""),
        ("BOOST_GITHUB_OWNER", "boostorg/boost"),
        ("BOOST_GITHUB_OWNER", ""),
        ("BOOST_GIT_JOBS", "0"),
        ("BOOST_GIT_TIMEOUT", "-1"),
        ("BOOST_GIT_TIMEOUT", "99999999999"),
        ("BOOST_GIT_ATTEMPTS", "0"),
        ("BOOST_GIT_SWEEP_DAYS", "-1"),
        ("BOOST_GIT_SWEEP_DAYS", "9999999999"),
        ("BOOST_GIT_TOKEN", "two words"),
        ("GITHUB_API_URL", "api.github.com"),
        ("GITHUB_API_URL", "ftp://api.github.com"),
        ("GITHUB_API_URL", "https://[::1"),
        ("GITHUB_TOKEN", "to\nken"),
        ("GITHUB_TOKENS_SCRAPING", "one,tw o"),
        ("GITHUB_APP_ID", "1"),
        ("BOOST_GITHUB_RAW_DAYS", "-1"),
        ("BOOST_GITHUB_RAW_DAYS", "9999999999"),
        ("BOOST_GITHUB_POINTS_PER_MINUTE", "0"),
        ("BOOST_GITHUB_JOBS", "17"),
        ("BOOST_GITHUB_MAX_WAIT_MINUTES", "-1"),
        ("BOOST_COLLECTOR_SCHEDULE_STRICT", "perhaps"),
        ("BOOST_RELEASE_CHECK_MINUTES", "0"),
        ("BOOST_DASHBOARD_PUBLISH_URL", "--upload-pack=x"),
        ("BOOST_DASHBOARD_PUBLISH_URL", "here and there"),
        ("BOOST_DASHBOARD_PUBLISH_BRANCH", "a..b"),
        ("BOOST_DASHBOARD_PUBLISH_BRANCH", "-f"),
        ("BOOST_DASHBOARD_PUBLISH_BRANCH", ""),
        ("BOOST_GRAPH_LEVEL_STEP", "-1"),
        ("BOOST_GRAPH_EDGE_PERCENT", "x"),
        ("BOOST_WEB_PORT", "0"),
        ("BOOST_WEB_URL", "boost.example.org"),
        ("BOOST_WEB_URL", "javascript:alert(1)"),
        ("BOOST_REPORTS_PORT", "65536"),
        ("BOOST_REPORTS_URL", "file:///reports"),
        ("SLACK_WEBHOOK_URL", "hooks.slack.com/x"),
        ("DISCORD_WEBHOOK_URL", "https://"),
        ("BOOST_WEBHOOK_URL", "https://x y"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_value_that_cannot_be_is_told_by_the_name_of_its_setting(environment, name, value):
    environment.setenv(name, value)

    with pytest.raises(SettingsError, match=name) as error:
        load_settings()

    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOOST_GIT_URL", "git@github.com:boostorg"),
        ("BOOST_GIT_URL", "ssh://git@github.com/boostorg"),
        ("BOOST_GIT_URL", "file:///srv/git/a%20b"),
        ("GITHUB_API_URL", "https://github.example.org/api/v3"),
        ("BOOST_REPORTS_URL", "https://boost.example.org/reports"),
        ("BOOST_DASHBOARD_PUBLISH_BRANCH", "gh-pages"),
        ("BOOST_GITHUB_RAW_DAYS", "0"),
        ("GITHUB_TOKEN", " token "),
    ],
)
def test_a_value_that_can_be_is_taken(environment, name, value):
    environment.setenv(name, value)

    load_settings()
