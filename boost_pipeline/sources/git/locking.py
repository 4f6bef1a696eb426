"""One writer for each mirror, among all threads and processes of this machine, the orphans of killed ones included.

What a writer does belongs to `mirrors.py`; readers need no lock, as nothing in a mirror is ever pruned.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from boost_pipeline.errors import SourceUnavailable
from boost_pipeline.sources.git.process import Children


@contextmanager
def locked(path: Path, name: str, children: Children, timeout: float) -> Iterator[int]:
    """Hold the lock `path` and yield its file descriptor.

    The lock belongs to the descriptor, not to a process: git inherits it, so a git whose parent was killed
    keeps others away from what it still writes to.

    Raises:
        SourceUnavailable: another one held it for more than `timeout` seconds, or the work was stopped.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        deadline = time.monotonic() + timeout
        while not _acquire(descriptor):
            if time.monotonic() > deadline:
                raise SourceUnavailable(
                    f"{name}: another process has been at work on the mirror for more than {timeout:g} s "
                    f"(`fuser {path}` shows it); end it, or wait for the next run."
                )
            children.pause(0.05)
        yield descriptor
    finally:
        # Closing would not do if a helper that git left running shares the descriptor.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


def remove_leftovers(mirror: Path) -> None:
    """Remove what a killed git left in a mirror that is locked by us: its lock files and half written objects."""
    for folder, _, files in os.walk(mirror):
        in_objects = Path(folder).is_relative_to(mirror / "objects")
        for file in files:
            # No ref ends in .lock, but one may begin with tmp_.
            if file.endswith(".lock") or (in_objects and file.startswith("tmp_")):
                Path(folder, file).unlink(missing_ok=True)


def _acquire(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
