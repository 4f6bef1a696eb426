"""Which token a request takes, which are never taken again, and what is told of their budgets."""

import logging
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from boost_pipeline.sources.github import NoAnswer, RateLimited, Resource, Token, TokenRejected
from boost_pipeline_tests.sources.github.conftest import START, World
from boost_pipeline_tests.sources.github.scripted_host import Asked, Plan, Reply

BAD = Reply(401, {"message": "Bad credentials"})


def with_budgets(world: World, **left: int) -> Plan:
    """A host that counts down the budget of each token."""
    remaining = Counter(left)
    lock = threading.Lock()

    def answer(asked: Asked) -> Reply:
        with lock:
            if remaining[asked.token] <= 0:
                return Reply(403, {"message": "API rate limit exceeded"}, world.budget(0))
            remaining[asked.token] -= 1
            return Reply(headers=world.budget(remaining[asked.token]))

    return answer


def test_each_request_takes_the_token_with_the_most_budget_left(world, host):
    host.otherwise = with_budgets(world, ghp_one=10, ghp_two=13)
    github = world.client("ghp_one", "ghp_two")
    for _ in range(2):
        github.get("/first-look")
    host.asked.clear()

    for _ in range(11):
        github.get("/x")

    assert host.tokens[:3] == ["ghp_two"] * 3
    assert Counter(host.tokens) == {"ghp_two": 7, "ghp_one": 4}


def test_budgets_are_used_up_to_the_last_point_by_many_threads_and_never_overdrawn(world, host, clock):
    host.otherwise = with_budgets(world, ghp_one=30, ghp_two=20, ghp_three=5)
    github = world.client("ghp_one", "ghp_two", "ghp_three", limits={"max_wait": timedelta(0)})
    for _ in range(3):
        github.get("/first-look")

    def get(_: int) -> bool:
        try:
            github.get("/x")
        except RateLimited:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        worked = list(pool.map(get, range(70)))

    assert sum(worked) == 30 + 20 + 5 - 3
    assert len(host.asked) == 55


def test_an_older_answer_does_not_make_a_budget_look_larger(world, host, github):
    host.plan = [Reply(headers=world.budget(7)), Reply(headers=world.budget(9)), Reply(headers=world.budget(8))]
    for _ in range(3):
        github.get("/x")

    (core, *_) = github.budget()

    assert core.remaining == 7


def test_a_new_window_fills_the_budget_up(world, host, github, clock):
    host.plan = [Reply(headers=world.budget(7, resets_in=60))]
    github.get("/x")
    clock.elapsed = 61
    host.plan = [Reply(headers=world.budget(4999, resets_in=3599))]
    github.get("/x")

    (core, *_) = github.budget()

    assert (core.remaining, core.reset_at) == (4999, START + timedelta(seconds=3660))


def test_a_rejected_token_is_not_used_again(world, host, caplog):
    host.otherwise = lambda asked: BAD if asked.token == "ghp_revoked" else Reply(headers=world.budget(9))
    github = world.client("ghp_revoked", "ghp_good")

    for _ in range(3):
        github.get("/x")

    assert host.tokens == ["ghp_revoked", "ghp_good", "ghp_good", "ghp_good"]
    assert "GitHub does not accept token ghp_revoked (401, Bad credentials)" in caplog.text
    assert [budget.rejected for budget in github.budget() if budget.resource == Resource.core] == [True, False]


def test_a_token_that_is_revoked_in_the_middle_costs_one_request(world, host, clock):
    host.plan = [Reply(headers=world.budget(9)), Reply(headers=world.budget(5)), BAD]
    github = world.client("ghp_one", "ghp_two")

    for _ in range(4):
        github.get("/x")

    assert (len(host.asked), github.costs().total.retries, clock.slept) == (5, 1, [])


def test_when_all_tokens_are_rejected_their_names_are_told(world, host):
    host.otherwise = BAD
    github = world.client("ghp_one", "ghp_two")

    with pytest.raises(TokenRejected, match=r"accepts none of the tokens \(token ghp_one, token ghp_two\)") as raised:
        github.get("/x")
    with pytest.raises(TokenRejected):
        github.get("/x")

    assert raised.value.category == "auth"
    assert host.tokens == ["ghp_one", "ghp_two"]


def test_without_a_token_requests_go_out_unsigned(world, host):
    github = world.client()

    github.get("/x")

    assert host.tokens == [None]
    assert github.costs().total.points == 1


def test_a_304_to_nobody_costs_a_point(world, host):
    github = world.client()
    host.plan = [Reply(headers={"ETag": '"a"'}), Reply(304)]

    github.get("/x", etag=github.get("/x").etag)

    assert github.costs().total.points == 2


def test_a_host_that_wants_a_token_and_gets_none_is_told(world, host):
    host.otherwise = Reply(401, {"message": "Requires authentication"})

    with pytest.raises(TokenRejected, match="set GITHUB_TOKEN"):
        world.client().get("/user")


def test_the_token_for_writing_is_never_used_for_reading(world, host):
    write = Token("ghp_write", "GITHUB_TOKEN_WRITE", writes=True)

    world.client(write, "ghp_one").get("/x")
    world.client(write).get("/x")

    assert host.tokens == ["ghp_one", None]


def test_what_is_left_can_be_seen_without_the_token(world, host):
    github = world.client(Token("ghp_secret", "GITHUB_TOKEN"))
    host.plan = [Reply(headers=world.budget(4000))]
    github.get("/x")

    core, search, *_ = github.budget()

    assert (core.token, core.resource, core.limit, core.remaining) == ("GITHUB_TOKEN", Resource.core, 5000, 4000)
    assert core.reset_at == START + timedelta(hours=1)
    assert (search.resource, search.limit) == (Resource.search, None)
    assert len(core.fingerprint) == 8
    assert "ghp_secret" not in repr(github.budget())


def budgets(world: World, core: int, graphql: int) -> dict[str, object]:
    reset = int((START + timedelta(hours=1)).timestamp())
    return {
        "resources": {
            "core": {"limit": 5000, "remaining": core, "reset": reset, "used": 5000 - core},
            "search": {"limit": 30, "remaining": 30, "reset": reset},
            "graphql": {"limit": 5000, "remaining": graphql, "reset": reset},
            "code_search": "broken",
            "actions_runner_registration": {"limit": 10000, "remaining": 10000, "reset": reset},
        }
    }


def test_budgets_can_be_asked_for_and_then_decide(world, host):
    left = {"ghp_one": 10, "ghp_two": 20, "ghp_bad": 0}
    host.otherwise = lambda asked: (
        BAD
        if asked.token == "ghp_bad"
        else Reply(body=budgets(world, left[asked.token], 5000), headers={"Date": world.date()})
    )
    github = world.client("ghp_one", "ghp_two", "ghp_bad")

    told = github.refresh_budget()
    github.get("/x")

    core = {budget.token: budget for budget in told if budget.resource == Resource.core}
    assert [core[f"token ghp_{name}"].remaining for name in ("one", "two", "bad")] == [10, 20, None]
    assert core["token ghp_bad"].rejected
    assert host.paths == ["/rate_limit"] * 3 + ["/x"]
    assert host.tokens[-1] == "ghp_two"


def test_an_enterprise_host_without_limits_has_no_budgets(world, host, github):
    host.plan = [Reply(404, {"message": "Rate limiting is not enabled."})]

    assert {budget.limit for budget in github.refresh_budget()} == {None}


def test_budgets_are_asked_for_again_where_the_host_fails(world, host):
    github = world.client("ghp_one", limits={"attempts": 2})
    host.plan = [Reply(500), Reply(body=budgets(world, 10, 10)), Reply(500), Reply(500)]

    assert github.refresh_budget()[0].remaining == 10
    with pytest.raises(NoAnswer):
        github.refresh_budget()


def test_asking_for_budgets_heeds_a_secondary_limit(world, host, clock, caplog):
    github = world.client("ghp_one")
    host.plan = [Reply(429, headers={"Retry-After": "60"})]

    with caplog.at_level(logging.INFO):
        budget = github.refresh_budget()[0]

    assert budget.set_aside_until == START + timedelta(seconds=60)
    assert clock.slept == []
