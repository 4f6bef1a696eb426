"""The pace: never more points in any minute, nor more requests at once, than the limits say.

A token bucket that is refilled a little slower than the limit, by as much as it holds when it is full and as may be
under way: so the limit holds for every window of a minute, at the host's end, too. Hourly budgets belong to `tokens`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from boost_pipeline.sources.github.pace import Level, Pace, ProcessPace

_MINUTE = 60.0


class Governor:
    """Lets requests pass; threads may share it.

    Args:
        points_per_minute: at most this many in any minute.
        concurrent: requests at once.
        monotonic: seconds that never jump.
        sleep: called with the seconds to wait.
        pace: shared with others under the same limit; by default it is our own.
    """

    def __init__(
        self,
        points_per_minute: int,
        concurrent: int,
        *,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        pace: Pace | None = None,
    ) -> None:
        # A half percent is enough to make good for a late wake-up: 268 ms of 900 points a minute.
        self._burst = float(max(1, points_per_minute // 200))
        under_way = min(concurrent, points_per_minute // 200)
        self._rate = max(points_per_minute - self._burst - under_way, 0.5) / _MINUTE
        self._monotonic = monotonic
        self._sleep = sleep
        self._pace = pace or ProcessPace(Level(self._burst, monotonic()))
        self._slots = threading.BoundedSemaphore(concurrent)

    @contextmanager
    def turn(self, points: int = 1) -> Iterator[None]:
        """Wait for a turn that costs `points`, and hold one of the concurrent places inside the block.

        What costs several goes out as a whole, so that a limit below 600 may be exceeded by less than that cost.
        """
        with self._slots:
            # Inside, so that what has its turn goes out at once.
            if (seconds := self._take(points)) > 0:
                self._sleep(seconds)
            yield

    def _take(self, points: int) -> float:
        with self._pace.level() as level:
            now = self._monotonic()
            # A time to come is one of before the machine was started anew.
            gained = (now - level.at) * self._rate if level.at <= now else -level.points
            owed = max(level.points + gained, -self._rate * _MINUTE)  # more is damage of a shared file
            level.points = min(self._burst, owed) - points
            level.at = now
            return max(0.0, -level.points / self._rate)
