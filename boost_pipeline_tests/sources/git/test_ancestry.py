"""Where a commit stands follows from its descendants; random histories are compared with a slow, plain answer."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from boost_pipeline.sources.git import Ancestry, Standing

START = datetime(2020, 1, 1, tzinfo=UTC)


@st.composite
def histories(draw):
    """A history as (parents, dates, default tip, pins): several roots, merges of any shape, dates in any order."""
    count = draw(st.integers(1, 14))
    parents = {
        f"c{number}": tuple(
            f"c{parent}"
            for parent in draw(
                st.lists(st.integers(0, number - 1), max_size=3, unique=draw(st.booleans())) if number else st.just([])
            )
        )
        for number in range(count)
    }
    dates = {sha: draw(st.none() | st.integers(0, 50).map(lambda day: START + timedelta(day))) for sha in parents}
    tip = draw(st.none() | st.sampled_from(list(parents)) | st.just("elsewhere"))
    pins = draw(st.dictionaries(st.sampled_from([*parents, "elsewhere"]), st.integers(0, 9), max_size=5))
    return parents, dates, tip, pins


def children_first(parents, seed):
    """A random order in which no commit comes before one of its children."""
    chance = random.Random(seed)
    waiting = {sha: sum(sha in others for others in parents.values()) for sha in parents}
    ready = [sha for sha, count in waiting.items() if not count]
    while ready:
        sha = ready.pop(chance.randrange(len(ready)))
        yield sha
        for parent in set(parents[sha]):
            waiting[parent] -= 1
            if not waiting[parent]:
                ready.append(parent)


def reached_by(parents, sha):
    reached, todo = set(), [sha]
    while todo:
        sha = todo.pop()
        if sha in parents and sha not in reached:
            reached.add(sha)
            todo += parents[sha]
    return reached


def plain_answer(parents, dates, tip, pins):
    chain = []
    while tip in parents:
        chain.append(tip)
        tip = parents[tip][0] if parents[tip] else None
    landed = {}
    for link in chain:  # from the newest to the oldest, which has the last word
        for sha in reached_by(parents, link):
            landed[sha] = dates[link]
    releases = {}
    for pin, rank in pins.items():
        for sha in reached_by(parents, pin):
            releases[sha] = min(rank, releases.get(sha, rank))
    return {sha: Standing(sha in landed, landed.get(sha), releases.get(sha)) for sha in parents}


def place_all(parents, dates, tip, pins, order):
    ancestry = Ancestry(default_tip=tip, pins=pins)
    return {sha: ancestry.place(sha, parents[sha], dates[sha]) for sha in order}


@given(histories(), st.integers(0, 2**32))
def test_every_commit_of_any_history_stands_where_the_plain_answer_says(history, seed):
    parents, dates, tip, pins = history

    assert place_all(*history, children_first(parents, seed)) == plain_answer(parents, dates, tip, pins)


def standing(parents, tip, pins=None):
    """Place commits that are written oldest first, a day apart."""
    dates = {sha: START + timedelta(day) for day, sha in enumerate(parents)}
    return place_all(parents, dates, tip, pins or {}, reversed(parents))


def day(number):
    return START + timedelta(number)


def test_a_commit_on_the_first_parent_line_lands_at_its_own_date():
    assert standing({"a": (), "b": ("a",)}, "b") == {
        "a": Standing(True, day(0), None),
        "b": Standing(True, day(1), None),
    }


def test_a_commit_of_a_branch_lands_with_its_merge():
    placed = standing({"a": (), "x": ("a",), "y": ("x",), "b": ("a",), "m": ("b", "y")}, "m")

    assert {sha: placed[sha].landed_at for sha in "axybm"} == {
        "a": day(0),
        "x": day(4),
        "y": day(4),
        "b": day(3),
        "m": day(4),
    }


def test_a_commit_that_is_not_merged_has_not_landed():
    assert standing({"a": (), "x": ("a",)}, "a")["x"] == Standing(False, None, None)


def test_a_tip_that_another_branch_merged_as_second_parent_is_still_the_line():
    placed = standing({"a": (), "b": ("a",), "r": (), "release": ("r", "b")}, "b")

    assert [placed[sha].on_default_branch for sha in ("a", "b", "r", "release")] == [True, True, False, False]
    assert placed["a"].landed_at == day(0)


def test_the_oldest_of_the_line_is_told_by_its_place_and_not_by_its_date():
    parents = {"a": (), "x": ("a",), "m1": ("a", "x"), "m2": ("m1", "x")}
    dates = {"a": day(0), "x": day(1), "m1": day(9), "m2": day(2)}

    assert place_all(parents, dates, "m2", {}, reversed(parents))["x"].landed_at == day(9)


def test_the_first_release_is_the_lowest_rank_that_holds_the_commit():
    placed = standing({"a": (), "b": ("a",), "c": ("b",), "d": ("c",)}, "d", {"b": 7, "c": 3})

    assert [placed[sha].first_release for sha in "abcd"] == [3, 3, 3, None]


def test_a_pin_off_the_default_branch_counts():
    placed = standing({"a": (), "x": ("a",), "b": ("a",)}, "b", {"x": 1})

    assert placed["x"] == Standing(False, None, 1)
    assert placed["a"] == Standing(True, day(0), 1)


def test_without_a_default_branch_nothing_has_landed():
    assert standing({"a": ()}, None)["a"] == Standing(False, None, None)


def test_only_the_frontier_is_remembered():
    ancestry = Ancestry(default_tip="c10000", pins={})

    for number in range(10_000, 0, -1):
        ancestry.place(f"c{number}", (f"c{number - 1}",), START)
        assert len(ancestry._heard) == 1
