"""Folders that are published whole or not at all: built aside, then put in the place of the old one in one step.

Two publishers of one folder do not meet: each builds in a folder of its own, and the later one stays. What one that
was killed leaves behind is removed by the next.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from boost_pipeline.errors import BoostPipelineError

_AT_FDCWD = -100
_EXCHANGE = 2
"""RENAME_EXCHANGE of Linux's renameat2(2), and RENAME_SWAP of macOS's renamex_np(2)."""


class PublicationError(BoostPipelineError):
    """A folder cannot be published there."""

    category = "publication"


@contextmanager
def published(target: Path, is_ours: Callable[[Path], bool]) -> Iterator[Path]:
    """Yield an empty folder beside `target`; at the end of the block it takes the place of `target`.

    After an exception in the block, and after a kill, `target` is what it was.

    Args:
        target: a folder that need not exist.
        is_ours: says whether a folder with something in it may be replaced.

    Raises:
        PublicationError: `target` is a file or another's folder, or cannot be written.
    """
    target = target.expanduser().resolve()
    _refuse(target, is_ours)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(target.parent):
            _remove_abandoned(target)
            aside = target.parent / f"{_prefix(target)}{secrets.token_hex(6)}"
            aside.mkdir()
            lock = os.open(aside, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError as error:
        raise PublicationError(f"{target} cannot be written: {error.strerror}. Choose another folder.") from error
    try:
        yield aside
        with _locked(target.parent):
            _refuse(target, is_ours)
            _replace(target, aside)
    finally:
        with _locked(target.parent):
            if aside.exists():  # what was built in vain, or what was replaced
                shutil.rmtree(aside)
        os.close(lock)


def _refuse(target: Path, is_ours: Callable[[Path], bool]) -> None:
    if target.is_dir():
        if any(target.iterdir()) and not is_ours(target):
            raise PublicationError(f"{target} holds other files, which would be lost. Choose another folder.")
    elif target.exists():
        raise PublicationError(f"{target} is a file. Choose another folder.")


def _prefix(target: Path) -> str:
    return f".{target.name}.building-"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, for as long as renames in it take."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _remove_abandoned(target: Path) -> None:
    """Remove what nobody builds any more: a living builder holds the lock of its folder."""
    for folder in target.parent.iterdir():
        if not folder.name.startswith(_prefix(target)):
            continue
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
        except BlockingIOError:
            continue
        finally:
            os.close(descriptor)


def _replace(target: Path, new: Path) -> None:
    """Put `new` in the place of `target`, and what was there, if anything, in the place of `new`."""
    if not target.exists():
        new.rename(target)
    elif not _exchange(target, new):
        # A file system without the exchange: for an instant there is no folder.
        old = new.with_name(f"{new.name}.old")
        target.rename(old)
        new.rename(target)
        old.rename(new)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; return False where this system or file system cannot."""
    libc = ctypes.CDLL(None, use_errno=True)
    paths = os.fsencode(one), os.fsencode(other)
    try:
        if sys.platform == "darwin":
            result = libc.renamex_np(*paths, _EXCHANGE)
        else:
            result = libc.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _EXCHANGE)
    except AttributeError:  # a C library without the call
        return False
    if result == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number), str(one))
