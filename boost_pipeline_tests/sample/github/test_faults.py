"""What goes wrong, and that the same plan goes wrong in the same places."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

import pytest
import requests

from boost_pipeline.sample.github.faults import Fault, FaultPlan, Refused
from boost_pipeline.sample.github.limits import Budget
from boost_pipeline.sample.github.server import SAMPLE_TOKEN, GitHubEmulator
from boost_pipeline.sample.github.world import World
from boost_pipeline_tests.sample.github.conftest import Client, tiny_world

CONFIG = "/repos/boostorg/config"
VIEWER = "{ rateLimit { cost } viewer { login } }"


@pytest.fixture
def world() -> World:
    return tiny_world()


@contextmanager
def broken(world: World, **plan: object) -> Iterator[Client]:
    """A client of an emulator whose first request goes wrong, or as the plan says."""
    with GitHubEmulator(world, faults=FaultPlan(**plan), clock=lambda: 1_571_000_000.0) as emulator:
        client = Client(emulator)
        yield client
        client.close()


@pytest.mark.parametrize("fault", [Fault.ERROR_500, Fault.ERROR_502, Fault.ERROR_503, Fault.ERROR_504])
def test_a_server_error_costs_nothing_and_the_next_request_is_well(world: World, fault):
    with broken(world, at={1: fault}) as client:
        assert client.get(CONFIG).status_code == int(fault)
        assert client.get(CONFIG).headers["X-RateLimit-Used"] == "1"


def test_a_reset_connection_has_no_answer_but_was_paid_for(world: World):
    with broken(world, at={1: Fault.RESET}) as client:
        with pytest.raises(requests.ConnectionError):
            client.get(CONFIG)

        assert client.get(CONFIG).headers["X-RateLimit-Used"] == "2"
        assert [call.status for call in client.emulator.calls] == [0, 200]


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_truncated_body_is_shorter_than_promised(world: World, encoding):
    with broken(world, at={1: Fault.TRUNCATE}) as client, pytest.raises(requests.RequestException):
        client.get(CONFIG, Accept_Encoding=encoding)


@pytest.mark.parametrize("fault", [Fault.WRONG_JSON, Fault.HTML])
def test_a_body_that_is_no_json_comes_with_status_200(world: World, fault):
    with broken(world, at={1: fault}) as client:
        answer = client.get(CONFIG)

        assert answer.status_code == 200
        with pytest.raises(json.JSONDecodeError):
            json.loads(answer.text)


def test_the_secondary_limit_says_how_long_in_seconds_as_a_date_or_not_at_all(world: World):
    kinds = {1: Fault.SECONDARY, 2: Fault.SECONDARY_DATE, 3: Fault.SECONDARY_BARE}
    with broken(world, at=kinds, retry_after=42) as client:
        answers = [client.get(CONFIG) for _ in kinds]

    assert [answer.status_code for answer in answers] == [403, 429, 403]
    assert all("secondary rate limit" in answer.json()["message"] for answer in answers)
    assert all(answer.headers["X-RateLimit-Remaining"] != "0" for answer in answers)
    assert answers[0].headers["Retry-After"] == "42"
    assert parsedate_to_datetime(answers[1].headers["Retry-After"]).timestamp() == 1_571_000_042
    assert "Retry-After" not in answers[2].headers


def test_graphql_may_break_with_status_200(world: World):
    with broken(world, at={1: Fault.ERRORS, 2: Fault.PARTIAL, 3: Fault.SECONDARY_200}) as client:
        whole, part, limited = (client.post(VIEWER).json() for _ in range(3))

    assert whole["data"] is None
    assert (part["data"]["rateLimit"], part["data"]["viewer"]) == ({"cost": 1}, None)
    assert part["errors"][0]["path"] == ["viewer"]
    assert "secondary rate limit" in limited["errors"][0]["message"]


def test_a_query_that_asks_for_too_much_at_once_times_out_and_a_smaller_one_does_not(world: World):
    query = '{ repository(owner: "boostorg", name: "config") { issues(first: %d) { nodes { id } } } }'
    with broken(world, heaviest=50) as client:
        answers = [client.post(query % size) for size in (51, 50)]

    assert [answer.status_code for answer in answers] == [502, 200]


def test_202_has_nothing_in_it(world: World):
    with broken(world, at={1: Fault.ACCEPTED}) as client:
        answer = client.get(CONFIG)

    assert (answer.status_code, answer.json()) == (202, {})


def test_a_token_may_be_revoked_after_some_requests(world: World):
    with broken(world, revoked={SAMPLE_TOKEN: 2}) as client:
        assert [client.get(CONFIG).status_code for _ in range(4)] == [200, 200, 401, 401]


def test_a_budget_may_end_early(world: World):
    with broken(world, at={2: Fault.EXHAUST}) as client:
        answers = [client.get(CONFIG) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 403, 403]
    assert answers[1].headers["X-RateLimit-Remaining"] == "0"


def test_a_slow_answer_is_right(world: World):
    with broken(world, at={1: Fault.SLOW}, slow_seconds=0.001) as client:
        assert client.get(CONFIG).json()["name"] == "config"


def test_the_same_seed_breaks_the_same_requests_and_about_as_many_as_asked():
    plan = FaultPlan(seed=7, server_errors=0.05, resets=0.05, truncations=0.01)
    faults = [plan.fault(number) for number in range(1, 10_001)]
    counts = Counter(fault for fault in faults if fault)

    assert faults == [FaultPlan(7, 0.05, 0.05, 0.01).fault(number) for number in range(1, 10_001)]
    assert faults != [FaultPlan(8, 0.05, 0.05, 0.01).fault(number) for number in range(1, 10_001)]
    errors = sum(counts[fault] for fault in (Fault.ERROR_500, Fault.ERROR_502, Fault.ERROR_503, Fault.ERROR_504))
    assert (errors, counts[Fault.RESET], counts[Fault.TRUNCATE]) == (
        pytest.approx(500, rel=0.2),
        pytest.approx(500, rel=0.2),
        pytest.approx(100, rel=0.4),
    )


def test_something_may_happen_before_a_request_is_answered(world: World):
    def happen(number: int) -> None:
        if number == 2:
            world.star("config")

    with GitHubEmulator(world, before=happen, tokens={SAMPLE_TOKEN: Budget()}) as emulator:
        client = Client(emulator)
        stars = [client.get(CONFIG).json()["stargazers_count"] for _ in range(3)]
        client.close()

    assert stars == [stars[0], stars[0] + 1, stars[0] + 1]


def ask(emulator: GitHubEmulator, query: str) -> dict:
    client = Client(emulator)
    answer = client.post(query).json()
    client.close()
    return answer


ISSUE = '{ repository(owner: "boostorg", name: "config") { issue(number: 7) { title author { login } %s } } }'


def test_a_refused_field_is_null_with_the_path_to_it_and_its_neighbours_are_there():
    plan = FaultPlan(refused=(Refused("Issue.author", numbers=frozenset({7})),))
    with GitHubEmulator(tiny_world(), faults=plan) as emulator:
        answer = ask(emulator, ISSUE % "")

    assert answer["data"]["repository"]["issue"] == {"title": "Issue 7", "author": None}
    (error,) = answer["errors"]
    assert (error["type"], error["path"]) == ("FORBIDDEN", ["repository", "issue", "author"])


def test_a_refused_field_that_may_not_be_null_takes_what_is_above_it():
    with GitHubEmulator(tiny_world(), faults=FaultPlan(refused=(Refused("Issue.assignees"),))) as emulator:
        answer = ask(emulator, ISSUE % "assignees(first: 1) { totalCount }")

    assert answer["data"]["repository"] == {"issue": None}


TEAM = """
{ repository(owner: "boostorg", name: "config") { pullRequests(first: 1) { nodes {
  timelineItems(first: 1, itemTypes: [REVIEW_REQUESTED_EVENT]) { nodes {
    ... on ReviewRequestedEvent { requestedReviewer { ... on Team { slug } } }
  } }
} } } }
"""


def test_a_field_that_needs_a_scope_spoils_the_query_of_a_token_without_it():
    with GitHubEmulator(tiny_world()) as emulator:
        answer = ask(emulator, TEAM)
    assert answer["errors"][0]["type"] == "INSUFFICIENT_SCOPES"
    assert "data" not in answer

    tokens = {SAMPLE_TOKEN: Budget(scopes=frozenset({"read:org"}))}
    with GitHubEmulator(tiny_world(), tokens=tokens) as emulator:
        assert "errors" not in ask(emulator, TEAM)


def test_what_is_sent_may_be_altered():
    with GitHubEmulator(
        tiny_world(), alter=lambda number, value: {"number": number, "keys": sorted(value)}
    ) as emulator:
        assert ask(emulator, ISSUE % "") == {"number": 1, "keys": ["data"]}
