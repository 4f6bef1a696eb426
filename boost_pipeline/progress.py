"""How long work tells how far it is: a bar at a terminal, plain lines elsewhere.

Whoever works calls `track`; whoever shows sets the display with `shown_by`. Whoever must wait long tells `waits`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Protocol

logger = logging.getLogger("boost_pipeline")

Advance = Callable[[str], None]
"""Called with the name of each unit that is done."""

_SECONDS_BETWEEN_LINES = 10.0


class Display(Protocol):
    """Shows the progress of one piece of work after another."""

    def track(self, label: str, total: int) -> AbstractContextManager[Advance]:
        """Show work of `total` units until the block ends."""
        ...


class Waits:
    """What work waits for, told by the threads that wait; a bar of another thread shows it until it ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reason, self._until = "", datetime.min.replace(tzinfo=UTC)

    def tell(self, reason: str, until: datetime) -> None:
        """Have `reason` shown until then, unless a longer wait is."""
        with self._lock:
            if until > self._until:
                self._reason, self._until = reason, until

    def told(self, now: datetime) -> str | None:
        """Return what is waited for, and until when; None if that is over."""
        with self._lock:
            return f"{self._reason}; going on at {self._until:%H:%M:%S} UTC" if now < self._until else None


waits = Waits()
"""Those of this process."""


class Lines:
    """A log line at the start and end of each piece of work, and every ten seconds between."""

    @contextmanager
    def track(self, label: str, total: int) -> Iterator[Advance]:
        """See `Display`."""
        started = last = time.monotonic()
        done = 0

        def advance(unit: str) -> None:
            nonlocal done, last
            done += 1
            if (now := time.monotonic()) - last >= _SECONDS_BETWEEN_LINES:
                last = now
                logger.info("%s: %d of %d, now %s", label, done, total, unit)

        yield advance
        logger.info("%s: %d of %d in %.1f s", label, done, total, time.monotonic() - started)


_display: ContextVar[Display] = ContextVar("display", default=Lines())  # noqa: B039 - it holds no state


def track(label: str, total: int) -> AbstractContextManager[Advance]:
    """Show work of `total` units on the display in force; the block is given a function to call for each."""
    return _display.get().track(label, total)


@contextmanager
def shown_by(display: Display) -> Iterator[None]:
    """Use `display` inside the block."""
    token = _display.set(display)
    try:
        yield
    finally:
        _display.reset(token)
