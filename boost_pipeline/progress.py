"""How long work tells how far it is: a bar at a terminal, plain lines elsewhere.

Whoever works calls `track`; whoever shows sets the display with `shown_by`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
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
