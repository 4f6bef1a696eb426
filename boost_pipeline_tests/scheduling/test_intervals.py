"""Interval ticks: exact multiples of N minutes since 1970, found through cron expressions."""

from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from itertools import takewhile

import pytest
from dagster._utils.schedules import is_valid_cron_schedule, schedule_execution_time_iterator
from hypothesis import given
from hypothesis import strategies as st

from boost_pipeline.scheduling.intervals import crons, last_tick, ticks

START = datetime(2026, 2, 20, tzinfo=UTC)
END = START + timedelta(days=30)
ALL = range(1, 181)


@cache
def woken(*expressions: str) -> list[datetime]:
    """Return the moments at which Dagster's own iterator wakes a schedule with these expressions."""
    moments = schedule_execution_time_iterator(START.timestamp(), expressions, "UTC")
    return list(takewhile(lambda at: at < END, moments))


@pytest.mark.parametrize("minutes", ALL)
def test_thirty_days_of_ticks_are_exactly_the_multiples_of_n(minutes: int) -> None:
    first = -(-int(START.timestamp()) // (60 * minutes)) * 60 * minutes
    exact = [datetime.fromtimestamp(at, UTC) for at in range(first, int(END.timestamp()), 60 * minutes)]

    assert [at for at in woken(*crons(minutes)) if ticks(minutes, at)] == exact


@pytest.mark.parametrize("minutes", ALL)
def test_dagster_takes_the_expressions(minutes: int) -> None:
    assert is_valid_cron_schedule(crons(minutes))


@pytest.mark.parametrize("minutes", [n for n in ALL if 1440 % n == 0])
def test_where_n_divides_a_day_the_expressions_fire_at_ticks_only(minutes: int) -> None:
    assert all(ticks(minutes, at) for at in woken(*crons(minutes)))


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (1, ["* * * * *"]),
        (7, ["* * * * *"]),
        (15, ["*/15 * * * *"]),
        (90, ["0 0,3,6,9,12,15,18,21 * * *", "30 1,4,7,10,13,16,19,22 * * *"]),
        (50, ["*/10 * * * *"]),
        (60, ["0 * * * *"]),
        (150, ["*/30 * * * *"]),
        (180, ["0 0,3,6,9,12,15,18,21 * * *"]),
    ],
)
def test_as_few_wakings_as_cron_can_say(minutes: int, expected: list[str]) -> None:
    assert crons(minutes) == expected


@given(st.sampled_from(ALL), st.datetimes(timezones=st.just(UTC)))
def test_the_last_tick_is_the_one_within_n_minutes_before(minutes: int, at: datetime) -> None:
    if at < datetime(1, 1, 2, tzinfo=UTC):
        at += timedelta(days=1)
    last = last_tick(minutes, at)
    assert ticks(minutes, last)
    assert timedelta() <= at - last < timedelta(minutes=minutes)
    assert ticks(minutes, at) == (at - last < timedelta(minutes=1))


def test_the_zone_in_which_a_moment_is_written_does_not_matter() -> None:
    berlin = timezone(timedelta(hours=2))
    assert ticks(90, datetime(2026, 7, 1, 3, 30, tzinfo=berlin)) == ticks(90, datetime(2026, 7, 1, 1, 30, tzinfo=UTC))
    assert last_tick(90, datetime(2026, 7, 1, 3, 45, tzinfo=berlin)) == datetime(2026, 7, 1, 1, 30, tzinfo=UTC)
