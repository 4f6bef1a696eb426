"""With faults, and killed at random moments: the tables equal those of a run that met none of it."""

import random
import subprocess
import sys
import time

import pytest

from boost_pipeline.sample.github.faults import FaultPlan
from boost_pipeline.sample.github.large import Size, large_world
from boost_pipeline.sample.github.limits import Budget
from boost_pipeline.sample.github.script import sample_world
from boost_pipeline.warehouse.warehouse import Warehouse
from boost_pipeline_tests.collectors.github.conftest import GitHubPlatform
from boost_pipeline_tests.collectors.github.truth import expected, stored
from boost_pipeline_tests.conftest import database

SIZE = Size(repositories=6, pulls=400, issues=300, comments=3000, people=60)
KILLS = 5
TOKENS = {"one": Budget(core=10**6, graphql=10**6), "two": Budget(core=10**6, graphql=10**6)}


def assert_equal(platform: GitHubPlatform) -> None:
    found = stored(platform)
    for table, rows in expected(platform.world).items():
        assert found[table] == rows, table
    assert_single(platform)


def assert_single(platform: GitHubPlatform) -> None:
    for table in ("issues", "pull_requests", "comments", "reviews", "item_events", "accounts"):
        assert platform.value(f"SELECT count(*) - count(DISTINCT node_id) FROM {table}") == 0, table


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_faults_lose_nothing_double_nothing_and_cost_little_more_than_the_retries(
    platforms, server, migrated_template, seed
):
    with (
        database(server, migrated_template) as other,
        platforms(sample_world(), Warehouse(lambda: other)) as undisturbed,
    ):
        clean = undisturbed.collect()["requests"]
    faults = FaultPlan(
        seed=seed, server_errors=0.05, resets=0.05, truncations=0.02, wrong_json=0.02, errors=0.02, secondary=0.01
    )
    with platforms(sample_world(), faults=faults) as platform:
        for _ in range(4):  # a unit that failed for good is tried again by the next run
            if platform.materialize().success:
                break
        asked = [call for call in platform.emulator.calls if call.status != 304]

        assert_equal(platform)
        assert any(call.fault for call in asked)
        assert len(asked) <= 1.3 * clean + platform.github.costs().total.retries


@pytest.mark.slow
def test_a_token_that_is_revoked_in_the_middle_is_set_aside(platforms):
    with platforms(sample_world(), tokens=TOKENS, faults=FaultPlan(revoked={"one": 20})) as platform:
        platform.collect()

        assert_equal(platform)
        assert {call.status for call in platform.emulator.calls} >= {200, 401}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_killed_again_and_again_it_ends_as_a_run_that_never_was_for_few_requests_more(
    platforms, server, migrated_template, seed, tmp_path
):
    world, dice = large_world(SIZE, seed=seed), random.Random(seed)
    with database(server, migrated_template) as other, platforms(world, Warehouse(lambda: other)) as undisturbed:
        clean = undisturbed.collect()["requests"]
        truth = stored(undisturbed)
    with platforms(world, tokens=TOKENS) as platform:
        killed = 0
        while killed < KILLS:
            killed += killed_after(platform, dice.randint(1, clean // KILLS), tmp_path)

        assert platform.materialize().success
        assert stored(platform) == truth
        assert_single(platform)
        asked = [call for call in platform.emulator.calls if call.status != 304]
        assert len(asked) <= 1.3 * clean


def killed_after(platform: GitHubPlatform, requests: int, home) -> bool:
    """Collect in another process, kill it after so many requests, and tell whether it was still at work."""
    with collecting(platform, home) as process:
        target = len(platform.emulator.calls) + requests
        while process.poll() is None and len(platform.emulator.calls) < target:
            time.sleep(0.002)  # the emulator's threads work meanwhile
        at_work = process.poll() is None
        process.kill()
    assert process.returncode in (0, -9)
    return at_work


def collecting(platform: GitHubPlatform, home) -> subprocess.Popen:
    """Start a process that collects, and return when it begins to."""
    command = [sys.executable, "-m", "boost_pipeline_tests.collectors.github.collecting_process"]
    arguments = [platform.warehouse.conninfo(), platform.emulator.url, str(home / "killed"), *TOKENS]
    process = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout.readline() == b"begins\n"
    return process
