"""The large organisation has the size that it is asked for, and the shape of a real one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from boost_pipeline.sample.github.large import Size, large_world
from boost_pipeline.sample.github.server import GitHubEmulator
from boost_pipeline_tests.sample.github.conftest import Client

SMALL = Size(repositories=100, pulls=900, issues=600, comments=4_000, people=100)
WHOLE = """
import resource
from boost_pipeline.sample.github.large import large_world
large_world()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_it_has_exactly_the_size_that_is_asked_for():
    states = large_world(SMALL).repositories.values()

    assert len(states) == SMALL.repositories
    assert sum(len(state.pulls()) for state in states) == SMALL.pulls
    assert sum(len(state.issues()) for state in states) == SMALL.issues
    assert sum(len(state.comments) + len(state.review_comments) for state in states) == SMALL.comments


def test_a_few_repositories_hold_most_and_numbers_have_no_holes():
    states = list(large_world(SMALL).repositories.values())
    sizes = sorted((len(state.items) for state in states), reverse=True)

    assert sum(sizes[:20]) > sum(sizes) / 2
    assert sizes[-1] > 0
    for state in states:
        assert sorted(state.items) == list(range(1, len(state.items) + 1))


def test_the_same_seed_gives_the_same_organisation():
    one, other, third = large_world(SMALL), large_world(SMALL), large_world(SMALL, seed=1)

    items = [[state.items for state in world.repositories.values()] for world in (one, other, third)]
    assert items[0] == items[1] != items[2]


def test_it_is_served_like_any_other():
    with GitHubEmulator(large_world(SMALL)) as emulator:
        client = Client(emulator)
        query = """{ repository(owner: "boostorg", name: "library_000") { pullRequests(first: 50) { totalCount nodes {
            mergeCommit { oid } comments(first: 20) { nodes { body author { login } } }
            reviews(first: 10) { nodes { state comments(first: 10) { nodes { path } } } }
            timelineItems(first: 20) { nodes { __typename } } } } } }"""
        found = client.ask(query)["repository"]["pullRequests"]
        client.close()

    assert len(found["nodes"]) == 50 < found["totalCount"]


@pytest.mark.slow
def test_all_of_boostorg_fits_in_memory():
    done = subprocess.run([sys.executable, "-c", WHOLE], capture_output=True, text=True, check=True)

    assert int(done.stdout) < 700 * 1024
