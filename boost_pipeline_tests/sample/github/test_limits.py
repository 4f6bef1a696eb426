"""Budgets, conditional requests, tokens, and the watch over the secondary limit."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from boost_pipeline.sample.github.limits import Budget
from boost_pipeline.sample.github.server import SAMPLE_TOKEN, GitHubEmulator
from boost_pipeline.sample.github.world import World
from boost_pipeline_tests.sample.github.conftest import Client, tiny_world

CONFIG = "/repos/boostorg/config"
NOW = 1_571_000_000.0


@pytest.fixture
def world() -> World:
    return tiny_world()


class Clock:
    """Time that stands until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def emulator(world: World, clock: Clock) -> Iterator[GitHubEmulator]:
    tokens = {
        SAMPLE_TOKEN: Budget(core=5, graphql=3),
        "same-person": Budget(core=5, login="janedoe"),
        "same-person-too": Budget(core=5, login="janedoe"),
    }
    with GitHubEmulator(world, tokens=tokens, clock=clock) as emulator:
        yield emulator


@pytest.fixture
def github(emulator: GitHubEmulator) -> Iterator[Client]:
    client = Client(emulator)
    yield client
    client.close()


def test_each_request_takes_a_point_until_none_is_left_and_an_hour_gives_them_back(github: Client, clock: Clock):
    left = [github.get(CONFIG).headers["X-RateLimit-Remaining"] for _ in range(5)]
    refused = github.get(CONFIG)

    assert left == ["4", "3", "2", "1", "0"]
    assert (refused.status_code, refused.headers["X-RateLimit-Remaining"]) == (403, "0")
    assert "rate limit exceeded" in refused.json()["message"]
    assert "Retry-After" not in refused.headers
    assert int(refused.headers["X-RateLimit-Reset"]) == NOW + 3600
    clock.now += 3600
    assert github.get(CONFIG).status_code == 200


def test_the_budget_of_graphql_is_another_one_and_its_end_comes_with_status_200(github: Client):
    answers = [github.post("{ viewer { login } }") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200] * 4
    assert answers[3].json()["errors"][0]["type"] == "RATE_LIMITED"
    assert answers[3].headers["X-RateLimit-Remaining"] == "0"
    assert github.get(CONFIG).headers["X-RateLimit-Remaining"] == "4"


def test_asking_for_the_budget_is_free(github: Client):
    for _ in range(9):
        found = github.get("/rate_limit").json()

    assert found["resources"]["core"] == {"limit": 5, "used": 0, "remaining": 5, "reset": NOW + 3600}
    assert found["resources"]["search"]["limit"] == 30
    assert found["rate"] == found["resources"]["core"]


def test_two_tokens_of_one_person_share_a_budget(emulator: GitHubEmulator):
    for token in ("same-person", "same-person-too", "same-person"):
        client = Client(emulator, token)
        answer = client.get(CONFIG)
        client.close()

    assert answer.headers["X-RateLimit-Remaining"] == "2"


def test_what_did_not_change_is_304_and_free(github: Client):
    first = github.get(CONFIG)
    again = github.get(CONFIG, If_None_Match=first.headers["ETag"])

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["X-RateLimit-Remaining"] == first.headers["X-RateLimit-Remaining"]
    assert [call.points for call in github.emulator.calls] == [1, 0]


def test_what_changed_is_sent_again(github: Client, world: World):
    first = github.get(CONFIG)
    world.star("config")
    again = github.get(CONFIG, If_None_Match=first.headers["ETag"])

    assert again.status_code == 200
    assert again.json()["stargazers_count"] == first.json()["stargazers_count"] + 1


def test_another_token_has_other_etags(github: Client, emulator: GitHubEmulator):
    other = Client(emulator, "same-person")
    answer = other.get(CONFIG, If_None_Match=github.get(CONFIG).headers["ETag"])
    other.close()

    assert answer.status_code == 200


def test_without_a_token_there_is_a_small_budget_and_no_graphql(emulator: GitHubEmulator):
    nobody = Client(emulator, None)
    answer, refused = nobody.get(CONFIG), nobody.post("{ viewer { login } }")
    nobody.close()

    assert answer.headers["X-RateLimit-Limit"] == "60"
    assert refused.status_code == 401


def test_an_unknown_token_is_refused(emulator: GitHubEmulator):
    stranger = Client(emulator, "stolen")
    answers = [stranger.get(CONFIG), stranger.post("{ viewer { login } }")]
    stranger.close()

    assert [(a.status_code, a.json()["message"]) for a in answers] == [(401, "Bad credentials")] * 2


def test_a_client_must_say_who_it_is(github: Client):
    assert github.get(CONFIG, User_Agent="").status_code == 403


def test_more_than_900_points_in_a_minute_are_noted(world: World, clock: Clock):
    with GitHubEmulator(world, tokens={"t": Budget()}, clock=clock) as emulator:
        for number in range(901):
            clock.now += 0.06
            emulator.limits.count("t", "core", 1)
            assert bool(emulator.violations) == (number == 900)

        assert emulator.violations[0].points == emulator.limits.peaks["core"] == 901
        clock.now += 61
        assert emulator.limits.count("t", "core", 1)


def test_where_the_secondary_limit_is_enforced_the_request_is_refused(world: World, clock: Clock):
    with GitHubEmulator(world, clock=clock, enforce_secondary=True) as emulator:
        client = Client(emulator)
        for _ in range(900):
            emulator.limits.count(SAMPLE_TOKEN, "core", 1)
        answer = client.get(CONFIG)
        client.close()

    assert answer.status_code == 403
    assert "secondary rate limit" in answer.json()["message"]
    assert answer.headers["Retry-After"]


def test_the_log_tells_each_request_without_its_token(github: Client):
    github.get(f"{CONFIG}/issues?per_page=1")
    github.post("{ viewer { login } }")
    rest, graphql = github.emulator.calls

    assert (rest.method, rest.path, rest.query, rest.status, rest.points) == (
        "GET",
        f"{CONFIG}/issues",
        "per_page=1",
        200,
        1,
    )
    assert (graphql.method, graphql.path, graphql.resource) == ("POST", "/graphql", "graphql")
    assert SAMPLE_TOKEN not in repr(github.emulator.calls)
    assert github.emulator.points == {"core": 1, "graphql": 1}


def test_requests_at_once_are_counted_and_all_are_answered(world: World):
    with GitHubEmulator(world) as emulator:

        def read(_: int) -> list[int]:
            client = Client(emulator)
            found = [client.get(f"{CONFIG}/issues?state=all&per_page=100").status_code for _ in range(10)]
            client.close()
            return found

        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(read, range(4)))

    assert found == [[200] * 10] * 4
    assert 1 <= emulator.most_at_once <= 4
    assert len({call.number for call in emulator.calls}) == 40
