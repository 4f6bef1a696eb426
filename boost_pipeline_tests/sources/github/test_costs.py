"""The ledger: what is counted, and to whom."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from boost_pipeline.sources.github import Cost, NoAnswer
from boost_pipeline_tests.sources.github.scripted_host import Reply


def test_costs_are_counted_to_the_asset_at_work(host, github):
    host.plan = [Reply(body=b'{"a": 1}'), Reply(body={"data": {"rateLimit": {"cost": 4}}}), Reply(500), Reply()]

    with github.accounted("github/issues"):
        github.get("/x")
        github.graphql("query Q { a }", {}, label="q")
    with github.accounted("github/events"):
        github.get("/y")

    costs = github.costs()
    assert costs.of("github/issues") == Cost(
        requests=2, points=5, bytes=8 + len('{"data": {"rateLimit": {"cost": 4}}}')
    )
    assert (costs.of("github/events").requests, costs.of("github/events").retries) == (2, 1)
    assert costs.of("github/reviews") == Cost()
    assert costs.total.requests == 4


def test_threads_that_work_for_an_asset_are_counted_to_it(github):
    with github.accounted("github/issues"), ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: github.get("/x"), range(20)))

    assert github.costs().of("github/issues").requests == 20


def test_what_is_asked_outside_of_any_asset_is_counted_too(github):
    with github.accounted("a"), github.accounted("b"):
        pass
    github.get("/x")

    assert dict(github.costs().by_asset).keys() == {"none"}


def test_an_asset_that_fails_is_counted_up_to_there_and_no_further(world, host):
    github = world.client("ghp_one", limits={"attempts": 2})
    host.plan = [Reply(500), Reply(fault="reset")]

    with pytest.raises(NoAnswer), github.accounted("a"):
        github.get("/x")
    github.get("/y")

    assert (github.costs().of("a").requests, github.costs().of("a").points) == (2, 1)
    assert github.costs().of("none").requests == 1
