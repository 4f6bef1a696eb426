"""Where the governor's level is kept: in this process, or in a file that all processes of this machine share.

GitHub counts what the machine asks, however many runs are at work. How the level is used belongs to `governor`.
"""

from __future__ import annotations

import fcntl
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from boost_pipeline.errors import SettingsError

_FORMAT = struct.Struct("<dd")


@dataclass(slots=True)
class Level:
    """How full a token bucket is.

    Attributes:
        points: that may go out at once; less than zero is owed.
        at: when that was so, in the seconds of the machine's monotonic clock.
    """

    points: float
    at: float


class Pace(Protocol):
    """Keeps a level."""

    def level(self) -> AbstractContextManager[Level]:
        """Lend the level; what the block makes of it is kept, and nobody else has it meanwhile."""
        ...


class ProcessPace:
    """Keeps the level for the threads of this process."""

    def __init__(self, level: Level) -> None:
        self._lock = threading.Lock()
        self._level = level

    @contextmanager
    def level(self) -> Iterator[Level]:
        """See `Pace`."""
        with self._lock:
            yield self._level


class SharedPace:
    """Keeps the level for all processes that name the same file.

    A process that is killed while it holds the level leaves it as it was before.

    Args:
        file: it is made, with its folder, when it is needed. One that a crash damaged counts as an empty bucket.
    """

    def __init__(self, file: Path) -> None:
        self._file = file.absolute()

    @contextmanager
    def level(self) -> Iterator[Level]:
        """See `Pace`.

        Raises:
            SettingsError: the file cannot be written to.
        """
        descriptor = self._open()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            content = os.pread(descriptor, _FORMAT.size, 0)
            level = Level(*_FORMAT.unpack(content)) if len(content) == _FORMAT.size else Level(0.0, 0.0)
            yield level
            os.pwrite(descriptor, _FORMAT.pack(level.points, level.at), 0)
        finally:
            os.close(descriptor)

    def _open(self) -> int:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise SettingsError(
                f"The pace towards GitHub cannot be kept in {self._file} ({error.strerror}); make it writable, or "
                "change BOOST_HOME."
            ) from error
