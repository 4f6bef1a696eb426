"""A GitHub App gets tokens for an hour, if its assertion is well made."""

from __future__ import annotations

import base64
import json

import pytest
import requests

from boost_pipeline.sample.github.limits import Budget
from boost_pipeline.sample.github.server import GitHubEmulator
from boost_pipeline.sample.github.world import World
from boost_pipeline_tests.sample.github.conftest import tiny_world

NOW = 1_571_000_000


@pytest.fixture
def world() -> World:
    return tiny_world()


def assertion(head: dict | None = None, **claims: object) -> str:
    """Return a JWT whose signature is not looked at."""
    claims = {"iss": "12345", "iat": NOW - 60, "exp": NOW + 540} | claims
    parts = [json.dumps(part).encode() for part in (head or {"alg": "RS256", "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in [*parts, b"signature"])


def ask(emulator: GitHubEmulator, jwt: str, installation: int = 7) -> requests.Response:
    url = f"{emulator.url}/app/installations/{installation}/access_tokens"
    return requests.post(url, headers={"Authorization": f"Bearer {jwt}"}, timeout=9)


def test_an_installation_gets_a_token_that_is_valid_for_an_hour(world: World):
    time = [NOW]
    with GitHubEmulator(world, installations={7: Budget(core=9)}, clock=lambda: time[0]) as emulator:
        issued = ask(emulator, assertion())
        headers = {"Authorization": f"token {issued.json()['token']}"}
        first = requests.get(f"{emulator.url}/repos/boostorg/config", headers=headers, timeout=9)
        time[0] += 3600
        late = requests.get(f"{emulator.url}/repos/boostorg/config", headers=headers, timeout=9)

    assert (issued.status_code, issued.json()["expires_at"]) == (201, "2019-10-13T21:53:20Z")
    assert (first.status_code, first.headers["X-RateLimit-Limit"]) == (200, "9")
    assert late.status_code == 401


def test_two_tokens_of_an_installation_share_its_budget(world: World):
    with GitHubEmulator(world, installations={7: Budget(core=9)}, clock=lambda: NOW) as emulator:
        for _ in range(2):
            headers = {"Authorization": f"token {ask(emulator, assertion()).json()['token']}"}
            answer = requests.get(f"{emulator.url}/repos/boostorg/config", headers=headers, timeout=9)

    assert answer.headers["X-RateLimit-Remaining"] == "7"


@pytest.mark.parametrize(
    "jwt",
    [
        "no jwt",
        assertion({"alg": "none"}),
        assertion(iat=NOW + 600),
        assertion(exp=NOW - 1),
        assertion(exp=NOW + 3600),
        assertion(exp="soon"),
        assertion().rpartition(".")[0],
    ],
)
def test_an_assertion_that_is_not_well_made_is_refused(world: World, jwt):
    with GitHubEmulator(world, installations={7: Budget()}, clock=lambda: NOW) as emulator:
        assert ask(emulator, jwt).status_code == 401


def test_an_unknown_installation_is_not_found(world: World):
    with GitHubEmulator(world, installations={7: Budget()}, clock=lambda: NOW) as emulator:
        assert ask(emulator, assertion(), installation=8).status_code == 404
