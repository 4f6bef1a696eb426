"""Leases: which processes use the embedded server.

A lease is a shared flock on a file, held by a descriptor that stays open: the kernel ends it with the process, even a
killed one. A process holds one, however often it takes it. A forked child shares its parent's, which then lasts
until both have given it up or died; this is why a lease is closed, never unlocked.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# By device and inode of the file. No lock guards it: each change is a single step of a dict.
_held: dict[tuple[int, int], int] = {}


def take(path: Path) -> None:
    """Hold a lease in this process, once; waits while somebody stops the server as unused."""
    while True:
        descriptor = os.open(path, os.O_RDWR)
        try:
            file = os.fstat(descriptor)
            key = file.st_dev, file.st_ino
            if key in _held:
                return
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            if not os.path.samestat(file, path.stat()):
                continue  # the home was deleted and made again while we waited
            if _held.setdefault(key, descriptor) == descriptor:
                descriptor = -1
            return
        finally:
            if descriptor >= 0:
                os.close(descriptor)


def give_up(path: Path) -> None:
    """End this process's lease; nothing if it holds none."""
    file = path.stat()
    descriptor = _held.pop((file.st_dev, file.st_ino), None)
    if descriptor is not None:
        os.close(descriptor)


@contextmanager
def unused(path: Path) -> Iterator[bool]:
    """Yield whether nobody holds a lease; if so, nobody takes one until this ends."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        try:
            yield True
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # a child forked meanwhile shares it
    finally:
        os.close(descriptor)


def count(path: Path) -> int | None:
    """Count the holders of leases; None where the system does not tell."""
    table = Path("/proc/locks")
    if not table.exists():
        return None
    if not path.exists():
        return 0
    inode = str(path.stat().st_ino)
    locks = [line.split() for line in table.read_text(encoding="utf-8").splitlines()]
    return sum(lock[1:4] == ["FLOCK", "ADVISORY", "READ"] and lock[5].split(":")[-1] == inode for lock in locks)
