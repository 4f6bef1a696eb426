"""The pace: never above the limit in any minute, and hardly below it."""

import multiprocessing
import struct
import threading
from bisect import bisect_left
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boost_pipeline.errors import SettingsError
from boost_pipeline.sources.github import SharedPace
from boost_pipeline.sources.github.governor import Governor
from boost_pipeline_tests.sources.github.conftest import FakeClock
from boost_pipeline_tests.sources.github.scripted_host import Reply


def most_in_a_minute(times: list[float]) -> int:
    return max(bisect_left(times, start + 60) - first for first, start in enumerate(times))


@pytest.mark.parametrize("limit", [1, 10, 60, 900, 2000])
def test_nearly_all_that_the_limit_allows_goes_out_and_never_more(limit):
    clock = FakeClock()
    governor = Governor(limit, 4, monotonic=clock.monotonic, sleep=clock.sleep)
    times = []

    for _ in range(3 * limit):
        with governor.turn():
            times.append(clock.elapsed)

    assert most_in_a_minute(times) <= limit
    assert len(times) >= (0.95 if limit > 20 else 0.5) * limit * clock.elapsed / 60


@given(
    pauses=st.lists(st.floats(0, 30), max_size=60),
    points=st.lists(st.integers(1, 5), min_size=1, max_size=5),
    limit=st.integers(1, 1000),
)
def test_no_pattern_of_work_and_rest_exceeds_the_limit(pauses, points, limit):
    clock = FakeClock()
    governor = Governor(limit, 4, monotonic=clock.monotonic, sleep=clock.sleep)
    times = []

    for number, pause in enumerate([*pauses, *([0.0] * 40)]):
        clock.elapsed += pause
        cost = points[number % len(points)]
        with governor.turn(cost):
            times += [clock.elapsed] * cost

    assert most_in_a_minute(times) <= limit + (0 if limit >= 600 else max(points) - 1)


def test_processes_keep_the_limit_together(tmp_path):
    clock, file = FakeClock(), tmp_path / "github" / "pace"
    governors = [
        Governor(900, 4, monotonic=clock.monotonic, sleep=clock.sleep, pace=SharedPace(file)) for _ in range(3)
    ]
    times = []

    for number in range(2000):
        with governors[number % 3].turn():
            times.append(clock.elapsed)

    assert most_in_a_minute(times) <= 900
    assert len(times) >= 0.95 * 900 * clock.elapsed / 60


def take_turns(file: Path, turns: int) -> None:
    governor = Governor(2000, 1, monotonic=lambda: 1000.0, sleep=lambda _: None, pace=SharedPace(file))
    for _ in range(turns):
        with governor.turn():
            pass


def test_no_turn_of_processes_at_once_is_lost(tmp_path):
    context = multiprocessing.get_context("forkserver")
    processes = [context.Process(target=take_turns, args=(tmp_path / "pace", 300)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    with SharedPace(tmp_path / "pace").level() as level:
        assert level.points == pytest.approx(10 - 900)  # the clock stood still, and the bucket held ten


@pytest.mark.parametrize("content", [b"", b"short", struct.pack("<dd", -5000.0, 1e9)])
def test_a_damaged_file_or_a_new_start_of_the_machine_begins_anew(tmp_path, content):
    (tmp_path / "pace").write_bytes(content)
    clock = FakeClock()
    clock.elapsed = 5.0
    governor = Governor(60, 1, monotonic=clock.monotonic, sleep=clock.sleep, pace=SharedPace(tmp_path / "pace"))

    with governor.turn():
        pass

    assert sum(clock.slept) < 2


def test_a_file_that_owes_more_than_anybody_could_delays_by_a_minute(tmp_path):
    (tmp_path / "pace").write_bytes(struct.pack("<dd", -1e12, 0.0))
    clock = FakeClock()
    governor = Governor(60, 1, monotonic=clock.monotonic, sleep=clock.sleep, pace=SharedPace(tmp_path / "pace"))

    with governor.turn():
        pass

    assert 60 <= sum(clock.slept) < 62


def test_a_file_that_cannot_be_written_to_is_told(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(SettingsError, match=r"cannot be kept in .*pace .*; make it writable"):
        take_turns(tmp_path / "file" / "pace", 1)


def test_a_client_reaches_the_pace_of_its_limit(world, host, clock):
    github = world.client("ghp_one", limits={"points_per_minute": 900})
    times = []
    host.otherwise = lambda _: times.append(clock.elapsed) or Reply()

    for _ in range(450):
        github.get("/x")

    assert most_in_a_minute(times) <= 900
    assert 450 / 900 * 60 / clock.elapsed >= 0.95


def test_a_long_pause_for_what_others_asked_is_told_with_its_end_and_a_short_one_is_not(world, clock, tmp_path):
    waits, pace = [], SharedPace(tmp_path / "pace")
    github = world.client("ghp_one", limits={"points_per_minute": 900}, pace=pace, on_wait=waits.append)
    for owed in (-30.0, -300.0):
        with pace.level() as level:
            level.points, level.at = owed, clock.monotonic()
        github.get("/x")

    assert [(wait.reason, wait.until) for wait in waits] == [
        ("GitHub: 900 points a minute are used up", clock.now()),
    ]
    assert waits[0].seconds == pytest.approx(301 / 892 * 60)


def test_no_more_requests_are_under_way_than_allowed(world, host):
    github = world.client("ghp_one", limits={"concurrent": 3})
    gate, lock = threading.Barrier(3, timeout=10), threading.Lock()
    under_way = [0, 0]

    def answer(_: object) -> Reply:
        with lock:
            under_way[0] += 1
            under_way[1] = max(under_way)
        gate.wait()  # three are needed to pass
        with lock:
            under_way[0] -= 1
        return Reply()

    host.otherwise = answer
    with ThreadPoolExecutor(9) as pool:
        list(pool.map(lambda _: github.get("/x"), range(18)))

    assert under_way[1] == 3
