"""Limits: whom they set aside, how long is waited, and when waiting is given up."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from boost_pipeline.sources.github import Aborted, Forbidden, RateLimited
from boost_pipeline_tests.sources.github.scripted_host import Reply

LIMITED = {"message": "API rate limit exceeded for user ID 1."}
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}


@pytest.mark.parametrize("status", [403, 429])
def test_a_spent_budget_is_waited_for_until_its_reset(world, host, clock, github, status):
    host.plan = [Reply(status, LIMITED, world.budget(0, resets_in=600)), Reply(body={"id": 7})]

    assert github.get("/x").object() == {"id": 7}

    assert clock.slept == [pytest.approx(601)]  # GitHub tells whole seconds
    assert github.costs().total.retries == 1
    assert github.costs().total.slept_seconds == pytest.approx(601)


def test_the_request_after_the_last_point_is_not_sent_before_the_reset(world, host, clock, github):
    host.plan = [Reply(headers=world.budget(0, resets_in=600)), Reply()]
    github.get("/x")
    assert clock.slept == []

    github.get("/x")

    assert clock.slept == [pytest.approx(601)]
    assert len(host.asked) == 2


def test_another_token_takes_over_at_once(world, host, clock):
    host.otherwise = lambda asked: (
        Reply(403, LIMITED, world.budget(0)) if asked.token == "ghp_one" else Reply(headers=world.budget(9))
    )
    github = world.client("ghp_one", "ghp_two")

    for _ in range(3):
        github.get("/x")

    assert clock.slept == []
    assert host.tokens == ["ghp_one", "ghp_two", "ghp_two", "ghp_two"]


def test_of_several_spent_tokens_the_first_to_come_back_is_waited_for(world, host, clock):
    host.plan = [
        Reply(403, LIMITED, world.budget(0, resets_in=900)),
        Reply(403, LIMITED, world.budget(0, resets_in=300)),
        Reply(),
    ]
    github = world.client("ghp_one", "ghp_two")

    github.get("/x")

    assert clock.slept == [pytest.approx(301)]
    assert host.tokens == ["ghp_one", "ghp_two", "ghp_two"]


def test_a_wait_is_logged_and_told_with_its_end(world, host, clock, caplog):
    waits = []
    github = world.client("ghp_one", on_wait=waits.append)
    host.plan = [Reply(403, LIMITED, world.budget(0, resets_in=600)), Reply()]

    with caplog.at_level(logging.WARNING):
        github.get("/x")

    assert "every budget of core is spent; going on in 601 s, at 2026-03-01 12:10:01 UTC" in caplog.text
    assert [(wait.reason, wait.seconds) for wait in waits] == [
        ("GitHub: every budget of core is spent", pytest.approx(601))
    ]


def test_a_pause_that_github_asks_for_is_told_as_such(world, host, clock, caplog):
    waits = []
    github = world.client("ghp_one", on_wait=waits.append)
    host.plan = [Reply(403, SECONDARY, {"Retry-After": "42"}), Reply()]

    with caplog.at_level(logging.WARNING):
        github.get("/x")

    assert "GitHub: it asks for a pause; going on in 43 s, at 2026-03-01 12:00:43 UTC" in caplog.text
    assert [(wait.reason, wait.until) for wait in waits] == [("GitHub: it asks for a pause", clock.now())]


def test_a_pause_that_is_too_long_fails_and_says_so(world, host):
    github = world.client("ghp_one", limits={"max_wait": timedelta(minutes=5)})
    host.plan = [Reply(403, SECONDARY, {"Retry-After": "600"})]

    with pytest.raises(RateLimited, match=r"GitHub: it asks for a pause until 2026-03-01 12:10 UTC, .* 5 minutes"):
        github.get("/x")


def test_threads_wait_together_once(world, host, clock, caplog):
    waits = []
    github = world.client("ghp_one", on_wait=waits.append)
    host.plan = [Reply(headers=world.budget(0, resets_in=600))]
    github.get("/x")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: github.get("/x"), range(8)))

    assert len(waits) == 1
    assert clock.slept == [pytest.approx(601)]


def test_a_budget_that_comes_back_too_late_fails_and_says_when_it_does(world, host, clock):
    github = world.client("ghp_one", limits={"max_wait": timedelta(minutes=5)})
    host.plan = [Reply(403, LIMITED, world.budget(0, resets_in=600))]

    with pytest.raises(
        RateLimited, match=r"every budget of core is spent until 2026-03-01 12:10 UTC, .* 5 minutes"
    ) as error:
        github.get("/x")

    assert clock.slept == []
    assert error.value.retry_at == clock.now() + timedelta(seconds=601)
    assert error.value.category == "rate_limit"


def test_all_waits_of_one_request_together_are_bounded(world, host, clock):
    github = world.client("ghp_one", limits={"max_wait": timedelta(minutes=30)})
    host.otherwise = lambda _: Reply(403, LIMITED, world.budget(0, resets_in=600))

    with pytest.raises(RateLimited):
        github.get("/x")

    assert len(clock.slept) == 2


def test_a_clock_that_is_wrong_by_an_hour_waits_no_longer_for_it(world, host, clock, github):
    ahead = timedelta(hours=1).total_seconds()
    headers = world.budget(0, resets_in=600 + ahead) | {"Date": world.date(ahead)}
    host.plan = [Reply(403, LIMITED, headers), Reply()]

    github.get("/x")

    assert clock.slept == [pytest.approx(601)]


def test_retry_after_in_seconds_is_kept(host, clock, github):
    host.plan = [Reply(403, SECONDARY, {"Retry-After": "42"}), Reply()]

    github.get("/x")

    assert clock.slept == [pytest.approx(43)]


def test_retry_after_as_a_date_is_kept(world, host, clock, github):
    headers = {"Retry-After": world.date(42 + 3600), "Date": world.date(3600)}
    host.plan = [Reply(429, SECONDARY, headers), Reply()]

    github.get("/x")

    assert clock.slept == [pytest.approx(43)]


def test_a_secondary_limit_without_a_header_waits_a_minute_then_longer(host, clock, github):
    host.plan = [Reply(403, SECONDARY), Reply(403, SECONDARY), Reply(403, SECONDARY), Reply(), Reply(403, SECONDARY)]

    github.get("/x")
    github.get("/x")

    assert clock.slept == [pytest.approx(wait) for wait in (61, 121, 241, 61)]


def test_too_many_requests_without_any_word_are_a_secondary_limit(host, clock, github):
    host.plan = [Reply(429), Reply()]

    github.get("/x")

    assert clock.slept == [pytest.approx(61)]


def test_a_host_that_always_says_now_is_not_asked_for_ever(world, host, clock):
    github = world.client("ghp_one", limits={"max_wait": timedelta(minutes=5)})
    host.otherwise = Reply(429, SECONDARY, {"Retry-After": "0"})

    with pytest.raises(RateLimited):
        github.get("/x")

    assert len(host.asked) < 12


def test_a_secondary_limit_sets_the_token_aside_for_everything(world, host, clock):
    host.plan = [Reply(403, SECONDARY, {"Retry-After": "600"})]
    github = world.client("ghp_one", "ghp_two")
    github.get("/x")

    github.get("/search/code", {"q": "x"})
    github.get("/y")

    assert host.tokens == ["ghp_one", "ghp_two", "ghp_two", "ghp_two"]


def test_one_burst_that_hits_a_secondary_limit_counts_once(world, host, clock):
    gate = threading.Barrier(4, timeout=10)
    github = world.client("ghp_one")

    def limited(_: object) -> Reply:
        gate.wait()
        return Reply(403, SECONDARY)

    host.plan = [limited] * 4
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: github.get("/x"), range(4)))

    assert clock.elapsed == pytest.approx(61)


@pytest.mark.parametrize(
    "words",
    [
        "API rate limit exceeded for user ID 1.",
        "API rate limit exceeded for installation ID 7. If you reach out to GitHub Support …",
        "You have triggered an abuse detection mechanism. Please wait a few minutes before you try again.",
        "Too many requests",
    ],
)
@pytest.mark.parametrize("as_json", [True, False])
def test_the_words_of_a_limit_are_one_without_any_header(host, clock, github, words, as_json):
    host.plan = [Reply(403, {"message": words} if as_json else words.encode()), Reply(body={"id": 7})]

    assert github.get("/x").object() == {"id": 7}
    assert clock.slept == [pytest.approx(61)]


def test_the_words_of_a_limit_are_one_though_the_headers_tell_of_points_that_are_left(world, host, clock, github):
    host.plan = [Reply(403, LIMITED, world.budget(4000)), Reply(body={"id": 7})]

    assert github.get("/x").object() == {"id": 7}
    assert clock.slept == [pytest.approx(61)]


@pytest.mark.parametrize(("value", "seconds"), [("1.5", 3), ("30.0", 31), ("0", 2), ("2.", 3), ("-5", 61), ("1e9", 61)])
def test_retry_after_is_kept_however_it_is_spelled_and_counts_as_not_sent_otherwise(
    host, clock, github, value, seconds
):
    host.plan = [Reply(403, LIMITED, {"Retry-After": value}), Reply()]

    github.get("/x")

    assert clock.slept == [pytest.approx(seconds)]


def test_a_reset_in_the_past_is_no_negative_wait_and_no_endless_loop(world, host, clock):
    host.otherwise = lambda _: Reply(403, LIMITED, world.budget(0, resets_in=-600))
    github = world.client("ghp_one", limits={"max_wait": timedelta(minutes=10)})

    with pytest.raises(RateLimited):
        github.get("/x")

    assert all(seconds > 0 for seconds in clock.slept)
    assert len(host.asked) < 10


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [{"message": "API rate limit exceeded for user ID 1."}]},
        {"data": None, "errors": [{"type": "RATE_LIMIT", "message": "slow down"}]},
        {"message": "You have exceeded a secondary rate limit."},
        {"data": {"x": None}, "errors": [{"type": "RATE_LIMITED", "path": ["x"], "message": "later"}]},
    ],
)
def test_a_limit_of_graphql_is_one_in_whatever_shape_it_comes(host, clock, github, body):
    host.plan = [Reply(body=body), Reply(body={"data": {"x": 1}})]

    assert github.graphql("query X { x }", {}, label="x").data == {"x": 1}
    assert clock.slept == [pytest.approx(61)]


def test_a_forbidden_thing_is_told_at_once(host, clock, github):
    host.plan = [Reply(403, {"message": "Resource not accessible by personal access token"})]

    with pytest.raises(Forbidden, match=r"not for this token \(403, Resource not accessible by personal access token"):
        github.get("/repos/a/private")

    assert (clock.slept, len(host.asked)) == ([], 1)


def test_searches_have_budgets_of_their_own(world, host, clock, github):
    host.plan = [Reply(headers=world.budget(0, X_RateLimit_Resource="code_search"))]
    github.get("/search/code", {"q": "x"})

    github.get("/search/repositories", {"q": "x"})
    github.get("/x")

    assert clock.slept == []


def test_without_a_token_the_limit_names_the_setting(world, host):
    github = world.client(limits={"max_wait": timedelta(minutes=5)})
    host.plan = [Reply(headers=world.budget(0, limit=60))]
    github.get("/x")

    with pytest.raises(RateLimited, match=r"set GITHUB_TOKEN"):
        github.get("/x")

    assert host.tokens == [None]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-RateLimit-Remaining": "0"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9" * 400},
        {"X-RateLimit-Remaining": "-1", "X-RateLimit-Reset": "-5", "Date": "yesterday"},
        {"Retry-After": "a while"},
        {"Retry-After": "Mon, 99 Foo 99999 99:99:99 GMT"},
        {"Retry-After": "-5"},
    ],
)
def test_headers_that_make_no_sense_count_as_not_sent(host, clock, github, headers):
    host.plan = [Reply(429, SECONDARY, headers), Reply()]

    github.get("/x")

    assert clock.slept == [pytest.approx(61)]


def test_a_wait_is_never_longer_than_a_day(world, host, clock):
    github = world.client("ghp_one", limits={"max_wait": timedelta(days=2)})
    host.plan = [Reply(429, SECONDARY, {"Retry-After": "999999999999"}), Reply()]

    github.get("/x")

    assert clock.slept == [pytest.approx(86_401)]


def test_abort_ends_a_wait(world, host, clock):
    github = world.client("ghp_one")
    clock.on_sleep = github.abort
    host.plan = [Reply(403, LIMITED, world.budget(0)), Reply()]

    with pytest.raises(Aborted, match=r"the next run goes on from here"):
        github.get("/x")
    with pytest.raises(Aborted):
        github.get("/x")

    assert len(host.asked) == 1
