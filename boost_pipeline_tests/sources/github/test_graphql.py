"""GraphQL: data, partial data, limits told with status 200, and queries that are too much."""

from datetime import timedelta

import pytest

from boost_pipeline.errors import SettingsError
from boost_pipeline.sources.github import (
    BadAnswer,
    Forbidden,
    NoAnswer,
    QueryTimeout,
    QueryTooHeavy,
    RateLimited,
    Rejected,
    Resource,
)
from boost_pipeline_tests.sources.github.scripted_host import Reply

QUERY = "query Repositories($owner: String!) { organization(login: $owner) { id } rateLimit { cost } }"
DATA = {"organization": {"id": "O_1"}, "rateLimit": {"cost": 3}}
TIMEOUT = (
    "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug."
)


def ask(github, query=QUERY):
    return github.graphql(query, {"owner": "boostorg"}, label="sweep")


def refusal(type_: str, message: str = "No", data: object = None) -> Reply:
    return Reply(body={"data": data, "errors": [{"type": type_, "message": message, "path": ["organization", 0]}]})


def test_a_query_is_posted_with_its_variables_and_its_data_and_cost_come_back(host, github):
    host.plan = [Reply(body={"data": DATA})]

    answer = ask(github)

    assert (answer.data, answer.errors, answer.cost) == (DATA, (), 3)
    assert (host.asked[0].method, host.asked[0].path) == ("POST", "/graphql")
    assert host.asked[0].json == {"query": QUERY, "variables": {"owner": "boostorg"}}
    assert github.costs().total.points == 3


@pytest.mark.parametrize("cost", [None, "3", -1, 10**9, [], {"cost": 3}])
def test_a_cost_that_is_not_told_counts_as_the_least(host, github, cost):
    host.plan = [Reply(body={"data": DATA | {"rateLimit": {"cost": cost}}})]

    assert ask(github).cost == 1


def test_data_come_with_the_errors_about_parts_of_them(host, github):
    host.plan = [refusal("NOT_FOUND", "Could not resolve", {"a": None, "b": {"id": 1}})]

    answer = ask(github)

    assert answer.data == {"a": None, "b": {"id": 1}}
    assert [(error.type, error.message, error.path) for error in answer.errors] == [
        ("NOT_FOUND", "Could not resolve", ("organization", 0))
    ]


def test_a_spent_budget_with_status_200_is_waited_for(world, host, github, clock):
    limited = refusal("RATE_LIMITED", "API rate limit exceeded")
    host.plan = [
        Reply(body=limited.body, headers=world.budget(0, resets_in=600, X_RateLimit_Resource="graphql")),
        Reply(body={"data": DATA}),
    ]

    assert ask(github).data == DATA

    assert clock.slept == [pytest.approx(601)]


def test_a_budget_that_is_less_than_the_query_costs_is_waited_for_too(world, host, github, clock):
    host.plan = [
        Reply(body=refusal("RATE_LIMITED").body, headers=world.budget(2, resets_in=600)),
        Reply(body={"data": DATA}),
    ]

    ask(github)

    assert clock.slept == [pytest.approx(601)]


def test_a_spent_graphql_budget_leaves_rest_alone(world, host, clock):
    github = world.client("ghp_one", limits={"max_wait": timedelta(0)})
    host.plan = [Reply(body=refusal("RATE_LIMITED").body, headers=world.budget(0, X_RateLimit_Resource="graphql"))]
    with pytest.raises(RateLimited, match=r"every budget of graphql"):
        ask(github)

    github.get("/x")

    assert clock.slept == []


@pytest.mark.parametrize("type_", ["RATE_LIMITED", ""])
def test_a_secondary_limit_with_status_200_is_waited_for(host, github, clock, type_):
    host.plan = [refusal(type_, "You have exceeded a secondary rate limit."), Reply(body={"data": DATA})]

    ask(github)

    assert clock.slept == [pytest.approx(61)]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body={"data": None, "errors": [{"message": TIMEOUT}]}),
        Reply(body={"data": {"a": None}, "errors": [{"message": TIMEOUT}]}),
        Reply(502, b"<html>"),
        Reply(504, {"message": "We couldn't respond to your request in time."}),
    ],
)
def test_a_query_that_timed_out_is_asked_again_and_then_asks_for_a_smaller_page(host, github, clock, reply):
    host.plan = [reply, Reply(body={"data": DATA})]
    assert ask(github).data == DATA
    assert len(clock.slept) == 1

    host.otherwise = reply
    with pytest.raises(
        QueryTimeout, match=r"^GitHub, query Repositories: not finished in time.*; ask for a smaller page"
    ) as e:
        ask(github)

    assert isinstance(e.value, QueryTooHeavy)


@pytest.mark.parametrize("type_", ["RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED"])
def test_a_query_that_is_too_much_is_not_asked_again(host, github, clock, type_):
    host.plan = [refusal(type_, "Resource limits for this query exceeded.", {"user": None})]

    with pytest.raises(QueryTooHeavy, match=r"too much for one query .*; ask for a smaller page"):
        ask(github)

    assert clock.slept == []


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (refusal("FORBIDDEN"), Forbidden),
        (refusal("INSUFFICIENT_SCOPES"), Forbidden),
        (refusal("", 'Parse error on "}" (RCURLY) at [1, 9]'), Rejected),
        (Reply(body={"errors": "broken"}), Rejected),
        (Reply(body={"errors": [None, 7]}), Rejected),
    ],
)
def test_a_query_that_is_not_accepted_is_told_at_once(host, github, clock, reply, error):
    host.plan = [reply]

    with pytest.raises(error, match=r"^GitHub, query Repositories: not "):
        ask(github)

    assert clock.slept == []


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": []}, {"data": None, "errors": []}, [], b"x"])
def test_an_answer_without_data_or_errors_is_asked_for_again_and_is_then_bad(host, github, body):
    host.plan = [Reply(body=body), Reply(body={"data": DATA})]
    assert ask(github).data == DATA

    host.otherwise = Reply(body=body)
    with pytest.raises(BadAnswer):
        ask(github)


def test_a_redirect_is_no_answer_to_a_query(world, host):
    github = world.client("ghp_one", limits={"attempts": 1})
    host.plan = [Reply(307, headers={"Location": "/graphql"})]

    with pytest.raises(BadAnswer, match=r"check GITHUB_API_URL"):
        ask(github)


def test_without_a_token_no_query_is_sent(world, host):
    with pytest.raises(SettingsError, match=r"set GITHUB_TOKEN"):
        ask(world.client())

    assert host.asked == []


@pytest.mark.parametrize(
    "query", ["mutation M { x }", "# query\nmutation { x }", "query A { x }\nmutation B { y }", "subscription S { x }"]
)
def test_nothing_is_ever_written(host, github, query):
    with pytest.raises(ValueError, match=r"no mutations"):
        ask(github, query)

    assert host.asked == []


def test_an_unnamed_query_goes_by_its_label(world, host):
    github = world.client("ghp_one", limits={"attempts": 1})
    host.plan = [Reply(500)]

    with pytest.raises(NoAnswer, match=r"^GitHub, query sweep: the host failed"):
        ask(github, "{ viewer { login } }")


def test_queries_take_from_their_own_budget(world, host, github):
    host.plan = [Reply(body={"data": DATA}, headers=world.budget(4997))]

    ask(github)

    left = {budget.resource: budget.remaining for budget in github.budget()}
    assert (left[Resource.graphql], left[Resource.core]) == (4997, None)


def test_a_field_that_github_did_not_finish_is_an_error_of_that_field(host, github):
    told = {"message": "Something went wrong while executing your query.", "path": ["x", "y"]}
    host.plan = [Reply(body={"data": {"x": {"y": None}}, "errors": [told]})]

    answer = github.graphql("query X { x { y } }", {}, label="x")

    assert answer.data == {"x": {"y": None}}
    assert [error.path for error in answer.errors] == [("x", "y")]
