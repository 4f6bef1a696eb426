"""What the tests of this folder share: git's own reading of a configuration file."""

import subprocess
import tempfile
from collections.abc import Callable

import pytest

ReadByGit = Callable[[bytes], list[tuple[str, str | None]] | None]


def _read_by_git(data: bytes) -> list[tuple[str, str | None]] | None:
    """Return the entries that git finds in a configuration file; None when git refuses it."""
    command = ["git", "config", "--file", "-", "--list", "-z"]
    done = subprocess.run(command, input=data, capture_output=True, cwd=tempfile.gettempdir())
    if done.returncode:
        return None
    entries: list[tuple[str, str | None]] = []
    for entry in done.stdout.decode().split("\0")[:-1]:
        name, newline, value = entry.partition("\n")
        entries.append((name, value if newline else None))
    return entries


@pytest.fixture(scope="session")
def read_by_git() -> ReadByGit:
    return _read_by_git
