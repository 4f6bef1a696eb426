"""The clock of this machine: it sleeps, and can be woken."""

import threading
import time
from datetime import UTC

import pytest

from boost_pipeline.sources.github import Aborted, SystemClock
from boost_pipeline_tests.sources.github.scripted_host import Reply


def test_it_tells_the_time_in_utc_and_seconds_that_do_not_jump():
    clock = SystemClock()

    assert clock.now().tzinfo is UTC
    assert clock.monotonic() <= clock.monotonic()


def test_abort_from_another_thread_ends_a_wait_of_an_hour(world, host):
    waiting = threading.Event()
    github = world.client("ghp_one", clock=SystemClock(), on_wait=lambda _: waiting.set())
    host.plan = [Reply(429, headers={"Retry-After": "3600"})]
    failed: list[BaseException] = []

    def work() -> None:
        with pytest.raises(Aborted) as raised:
            github.get("/x")
        failed.append(raised.value)

    worker = threading.Thread(target=work)
    worker.start()
    assert waiting.wait(10)
    began = time.monotonic()
    github.abort()
    worker.join(10)

    assert failed
    assert time.monotonic() - began < 10
