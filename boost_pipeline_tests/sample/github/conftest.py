"""The emulator over the sample, and a plain client of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from boost_pipeline.sample.github.limits import Budget
from boost_pipeline.sample.github.script import sample_world
from boost_pipeline.sample.github.server import SAMPLE_TOKEN, GitHubEmulator
from boost_pipeline.sample.github.world import World
from boost_pipeline.sample.releases import END


class Client:
    """requests, with a token and short names."""

    def __init__(self, emulator: GitHubEmulator, token: str | None = SAMPLE_TOKEN) -> None:
        self.emulator = emulator
        self.session = requests.Session()
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **headers: str) -> requests.Response:
        """Get a path or a URL; redirects are not followed."""
        url = path if path.startswith("http") else self.emulator.url + path
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.get(url, headers=headers, allow_redirects=False, timeout=20)

    def pages(self, path: str) -> list[Any]:
        """Get a list and all its further pages."""
        found: list[Any] = []
        url: str | None = path
        while url:
            answer = self.get(url)
            assert answer.status_code == 200, answer.text
            found += answer.json()
            url = answer.links.get("next", {}).get("url")
        return found

    def post(self, query: str, **variables: Any) -> requests.Response:
        """Send a GraphQL query."""
        body = {"query": query, "variables": variables}
        return self.session.post(self.emulator.graphql_url, json=body, timeout=20)

    def ask(self, query: str, **variables: Any) -> Any:
        """Return the data of a GraphQL answer that has no errors."""
        answer = self.post(query, **variables).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def refused(self, query: str, **variables: Any) -> dict[str, Any]:
        """Return the only error of a GraphQL answer."""
        (error,) = self.post(query, **variables).json()["errors"]
        return error

    def close(self) -> None:
        self.session.close()


def tiny_world() -> World:
    """Return a world with one repository, for tests of what is around the content."""
    world = World(END)
    world.add_account("janedoe")
    world.add_repository("config", topics=("boost",))
    for number in range(60):
        world.add_issue("config", f"Issue {number + 1}", "janedoe", body="Words. " * 20)
    return world


@pytest.fixture
def world() -> World:
    """The sample, for a test that changes it."""
    return sample_world()


@pytest.fixture(scope="session")
def sample_github() -> Iterator[GitHubEmulator]:
    """The emulator over the sample, for tests that only read."""
    tokens = {SAMPLE_TOKEN: Budget(scopes=frozenset({"read:org"}))}
    with GitHubEmulator(sample_world(), tokens=tokens) as emulator:
        yield emulator


@pytest.fixture
def client(sample_github: GitHubEmulator) -> Iterator[Client]:
    """A client of the shared emulator."""
    client = Client(sample_github)
    yield client
    client.close()


@pytest.fixture
def github(world: World) -> Iterator[Client]:
    """A client of an emulator of the test's own."""
    with GitHubEmulator(world) as emulator:
        client = Client(emulator)
        yield client
        client.close()
