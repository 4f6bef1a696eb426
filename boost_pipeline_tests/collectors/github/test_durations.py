"""Medians in which what still waits counts."""

from datetime import timedelta

import pytest

from boost_pipeline.collectors.github.durations import kaplan_meier_median


@pytest.mark.parametrize(
    ("ended", "censored", "median"),
    [
        ([1, 2, 3], [], 2),
        ([1, 2, 3, 4], [2.5], 3),
        ([1, 2], [5, 6, 7], None),
        ([], [1, 2], None),
        # Freireich's remission times with 6-MP, the textbook's example: 23 weeks.
        ([6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35], 23),
    ],
)
def test_the_median_is_kaplan_and_meiers(ended, censored, median):
    assert kaplan_meier_median(ended, censored) == median


def test_open_pull_requests_make_the_median_longer_than_that_of_the_merged(collected, world):
    for number in range(3):
        world.add_pull_request("asio", f"Waits {number}", "ben")
    world.merge("asio", 2, "cy")
    world.now += timedelta(days=30)
    world.comment("config", 1, "cy", "Time goes by.")
    collected.collect()

    (row,) = collected.rows(
        "SELECT items, censored, excluded, median_hours FROM duration_estimates "
        "WHERE metric = 'change_request_duration' AND scope = 'boostorg/asio'"
    )
    assert row == (4, 3, 0, None)
    merged = collected.value("SELECT median_hours_of_merged FROM change_request_durations WHERE merged = 1")
    assert merged > 0


def test_the_same_rows_give_the_same_estimates(collected):
    before = collected.rows("SELECT * FROM duration_estimates ORDER BY metric, scope")
    collected.collect()

    assert collected.rows("SELECT * FROM duration_estimates ORDER BY metric, scope") == before
