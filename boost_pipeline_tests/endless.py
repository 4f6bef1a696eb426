"""Tests for the sessions that test_session.py starts: pytest finds them by this path only. Most wait to be ended.

Each writes down what it has made, as JSON, into a file of the folder that ENDLESS names.
"""

import json
import os
import re
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from boost_pipeline.warehouse.server import EmbeddedServer

READY = Path(os.environ["ENDLESS"])


def waits(name: str, **made) -> None:
    """Tell that all is made, and wait for ever."""
    (READY / f"{name}.new").write_text(json.dumps({"maker": os.getpid(), **made}))
    (READY / f"{name}.new").rename(READY / f"{name}.json")
    signal.pause()


@pytest.mark.parametrize("number", [1, 2])
def test_waits(number, server, home, postgres_user):
    own = EmbeddedServer(home / "postgres", user=postgres_user)
    own.ensure()
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True)
    homes = [server.status().data_folder, own.status().data_folder]
    states = [(data / "postmaster.pid").read_text().splitlines() for data in homes]
    maps = "".join(Path(f"/proc/{state[0]}/maps").read_text() for state in states)
    waits(
        f"waits-{number}",
        processes=[child.pid, *(int(state[0]) for state in states)],
        segments=[state[6].split()[1] for state in states],
        folders=[str(data.parents[1]) for data in homes] + sorted(set(re.findall(r"/dev/shm/PostgreSQL\.\d+", maps))),
        user=postgres_user if os.geteuid() == 0 else None,
    )


def test_takes_the_end_for_its_own(home):
    with pytest.raises(KeyboardInterrupt):
        waits("takes", folders=[str(home)])


def test_is_never_reached():
    (READY / "reached").touch()


def test_warns():
    warnings.warn("gone soon", DeprecationWarning, stacklevel=1)
