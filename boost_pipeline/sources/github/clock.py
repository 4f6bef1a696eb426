"""Time, as the client sees it; tests put a clock of their own in its place."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the client asks for the time, and what it sleeps on."""

    def now(self) -> datetime:
        """Return the time of day, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never jump."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return after `seconds`, or as soon as `wake` was called."""
        ...

    def wake(self) -> None:
        """End every sleep, now and from now on."""
        ...


class SystemClock:
    """The clock of this machine."""

    def __init__(self) -> None:
        self._awake = threading.Event()

    def now(self) -> datetime:
        """See `Clock`."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """See `Clock`."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """See `Clock`."""
        self._awake.wait(seconds)

    def wake(self) -> None:
        """See `Clock`."""
        self._awake.set()
