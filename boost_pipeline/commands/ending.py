"""How the command's process ends before its work is done: stopped by a signal, or as nobody reads its output any more.

Both end it in order, with what it had opened closed, in at most one line and without a traceback.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

OUTPUT_CUT_OFF: Final = 128 + signal.SIGPIPE
"""The exit code that shells know from programs whose reader is gone."""

_STOPPING: Final = (signal.SIGINT, signal.SIGTERM)
_SECONDS_TO_STOP: Final = 10.0
"""So long, what follows the first signal changes nothing: people press Ctrl-C twice."""


class Signals:
    """Which signal asked this process to stop.

    The interpreter writes each signal into a pipe before it calls whoever handles it. So this knows also of those that
    Dagster, which puts handlers of its own in place for the time of a run, takes for itself.
    """

    def __init__(self) -> None:
        self._pipe: tuple[int, int] | None = None
        self._first: int | None = None
        self._raised = float("-inf")

    def listen(self) -> None:
        """From now on, let SIGINT and SIGTERM raise KeyboardInterrupt, in the main thread."""
        if self._pipe is None:
            self._pipe = os.pipe()
            for end in self._pipe:
                os.set_blocking(end, False)
        signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)
        for number in _STOPPING:
            signal.signal(number, self._interrupt)

    def ignore(self) -> None:
        """Let no signal disturb the interpreter's shutdown."""
        for number in _STOPPING:
            signal.signal(number, signal.SIG_IGN)

    def received(self) -> int | None:
        """Return the number of the first one; None if there was none, or nobody listens."""
        if self._first is None and self._pipe is not None:
            try:
                found = [number for number in os.read(self._pipe[0], 4096) if number in _STOPPING]
            except BlockingIOError:
                found = []
            self._first = found[0] if found else None
        return self._first

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if time.monotonic() - self._raised > _SECONDS_TO_STOP:
            self._raised = time.monotonic()
            raise KeyboardInterrupt


signals: Final = Signals()
"""Those of this process."""


def exit_code() -> int:
    """Return that of a process that was stopped: 130 for Ctrl-C, 143 for SIGTERM."""
    return 128 + (signals.received() or signal.SIGINT)


def reader_is_gone() -> bool:
    """Tell whether standard output is a pipe or socket that nobody reads any more."""
    poll = select.poll()
    try:
        poll.register(sys.stdout.fileno(), 0)
    except (OSError, ValueError):  # standard output was closed, or is no file
        return False
    return any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))


@contextmanager
def in_order() -> Iterator[None]:
    """Run the command in the block as a whole process, and end the process quietly."""
    signals.listen()
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        if not reader_is_gone():
            raise
        _end_unread()
    except SystemExit as end:
        if end.code == 1 and reader_is_gone():  # what click makes of it
            _end_unread()
        raise
    finally:
        signals.ignore()


def _end_unread() -> NoReturn:
    # What is left in buffers goes nowhere, or the interpreter would complain at its shutdown.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    raise SystemExit(OUTPUT_CUT_OFF) from None
