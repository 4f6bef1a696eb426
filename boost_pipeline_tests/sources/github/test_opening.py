"""The client of the settings: which tokens count, and what is told of settings that cannot work."""

import os
import subprocess
import sys

import pytest

from boost_pipeline.errors import SettingsError
from boost_pipeline.redaction import Redactor
from boost_pipeline.sources.github import AppCredentials, Resource, app_credentials, open_github


def labels(github) -> list[str]:
    return [budget.token for budget in github.budget() if budget.resource == Resource.core]


def test_a_token_that_is_given_twice_counts_once():
    github = open_github(token="ghp_one", scraping_tokens=["ghp_two", " ghp_one ", "", "ghp_two"])

    assert labels(github) == ["GITHUB_TOKEN", "GITHUB_TOKENS_SCRAPING[1]"]


def test_without_any_token_there_is_nobody():
    assert labels(open_github(write_token="ghp_write")) == ["anonymous"]


def test_an_app_stands_beside_the_tokens():
    app = AppCredentials("12", "34", "key")

    assert labels(open_github(token="ghp_one", app=app)) == ["GITHUB_TOKEN", "GitHub App 12"]


@pytest.mark.parametrize("token", ["ghp\u20ac", "ghp one", "ghp\none"])
def test_a_token_that_cannot_be_sent_is_told_without_itself(token):
    with pytest.raises(SettingsError, match="GITHUB_TOKEN holds characters that no token has") as raised:
        open_github(token=token)

    assert token not in str(raised.value)


def test_raw_pages_are_kept_if_there_is_a_folder_and_a_time(world, host, tmp_path):
    for days, kept in ((0, False), (90, True), (None, True)):
        with open_github(api_url=host.url, raw_folder=tmp_path / str(days), raw_days=days) as github:
            assert (github.get("/x").page is not None) == kept


def test_every_secret_is_made_known_to_the_redactor():
    redactor = Redactor()
    app = AppCredentials("12", "34", "-key-of-the-app-")

    open_github(token="token-1", scraping_tokens=["token-2"], write_token="token-3", app=app, redactor=redactor)

    assert redactor.redact("token-1 token-2 token-3 -key-of-the-app- token-4") == "*** *** *** *** token-4"


def test_no_app_is_no_error_and_a_part_of_one_is(tmp_path):
    key = tmp_path / "app.pem"
    key.write_text("PEM")

    assert app_credentials(None, None, None) is None
    assert app_credentials("1", "2", None, key) == AppCredentials("1", "2", "PEM")
    for part in (("1", None, None, None), (None, None, "PEM", None), ("1", "2", None, None), (None, "2", "PEM", key)):
        with pytest.raises(SettingsError, match="A GitHub App needs GITHUB_APP_ID"):
            app_credentials(*part)


def test_a_key_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(SettingsError, match=r"GITHUB_APP_PRIVATE_KEY_FILE .* cannot be read \(No such file"):
        app_credentials("1", "2", None, tmp_path / "none.pem")


def test_opening_a_client_imports_nothing_that_is_slow():
    program = (
        "import sys; from boost_pipeline.sources.github import open_github; open_github(token='ghp_x');"
        "slow = ('requests', 'urllib3', 'tenacity', 'jwt', 'cryptography', 'zstandard');"
        "print([name for name in slow if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=dict(os.environ))

    assert (done.stdout.strip(), done.stderr) == ("[]", "")
