"""Everything at once: many threads, several tokens, and a host that fails at random."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from boost_pipeline_tests.sources.github.conftest import World
from boost_pipeline_tests.sources.github.scripted_host import Asked, Plan, Reply


def failing(world: World, seed: int) -> Plan:
    """A host whose answers are a 5xx, a reset or cut, a twentieth each, some limited; one token is revoked."""
    dice, lock, left = random.Random(seed), threading.Lock(), [200]

    def answer(asked: Asked) -> Reply:
        good = Reply(body={"number": asked.params.get("number")})
        with lock:
            throw = dice.random()
            left[0] -= 1
            if asked.token == "ghp_revoked" and left[0] < 150:
                return Reply(401, {"message": "Bad credentials"})
        if throw < 0.05:
            return Reply(dice.choice([500, 502, 503]))
        if throw < 0.10:
            return Reply(fault="reset")
        if throw < 0.15:
            return Reply(body=good.body, cut=5, gzipped=throw < 0.12)
        if throw < 0.17:
            return Reply(403, {"message": "You have exceeded a secondary rate limit"})
        if throw < 0.18:
            return Reply(429, headers={"Retry-After": "30"})
        return good

    return answer


@pytest.mark.parametrize("seed", range(3))
def test_with_faults_each_request_gets_its_own_answer_and_none_is_lost(world, host, seed):
    host.otherwise = failing(world, seed)
    github = world.client("ghp_one", "ghp_two", "ghp_revoked", limits={"attempts": 12})

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda n: github.get("/x", {"number": n}).object()["number"], range(200)))

    assert numbers == [str(number) for number in range(200)]
    cost = github.costs().total
    assert cost.requests == len(host.asked) == 200 + cost.retries
    assert len(host.asked) <= 1.5 * 200
    assert all(
        not holder.in_flight or set(holder.in_flight.values()) == {0} for holder in github._requester.pool.holders
    )
