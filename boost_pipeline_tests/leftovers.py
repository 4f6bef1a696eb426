"""What a process of a test run makes outside pytest's own folders, and its removal, however the process ended.

Each of these carries the id of its maker, a pytest process with or without xdist: folders and system users in their
name, processes in their environment. What belongs to a living one is never touched, as it may be another run's.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from boost_pipeline.errors import ServerError
from boost_pipeline.warehouse.server import EmbeddedServer

MAKER = "PYTEST_MAKER_PID"
"""The variable that every process started by a test inherits."""

_MADE = re.compile(r"boost-(?:test|human)-(\d+)(?:-.*)?")
_SECONDS_OF_A_SERVER = 10.0
SHARED_MEMORY = Path("/dev/shm")


def user(kind: str = "test") -> str:
    """Return the name for a system user of this process's own."""
    return f"boost-{kind}-{os.getpid()}"


def folder(place: Path | None = None) -> Path:
    """Make a folder, in `place` or where every user can enter."""
    # pytest's own folders, and perhaps TMPDIR, are closed to the user that runs PostgreSQL for root.
    place = place or Path("/tmp" if os.geteuid() == 0 else tempfile.gettempdir())
    made = Path(tempfile.mkdtemp(prefix=f"boost-test-{os.getpid()}-", dir=place))
    made.chmod(0o711)
    return made


def sweep() -> list[str]:
    """Remove what dead processes have left; return what could not be removed, and why."""
    made = [path.name for path in _folders()] + [entry.pw_name for entry in pwd.getpwall()]
    makers = {int(found[1]) for name in made if (found := _MADE.fullmatch(name))}
    makers |= {maker for _, maker in _marked()}
    return [complaint for maker in sorted(makers) if not is_alive(maker) for complaint in remove(maker)]


def remove(maker: int) -> list[str]:
    """Remove all that a process has made; return what could not be removed, and why."""
    complaints = []
    for pid in processes(maker):
        _kill(pid, signal.SIGKILL)
    for path in _folders():
        if (found := _MADE.fullmatch(path.name)) and int(found[1]) == maker:
            try:
                empty(path)
                path.rmdir()
            except FileNotFoundError:
                pass  # another session is at it as well, and goes on
            except (OSError, ServerError) as error:
                complaints.append(f"{path} stays: {error}")
    if os.geteuid() == 0:
        for entry in pwd.getpwall():
            if (found := _MADE.fullmatch(entry.pw_name)) and int(found[1]) == maker:
                complaints += _remove_user(entry)
    return complaints


def empty(home: Path) -> None:
    """Stop every server in a folder, unmount what is mounted in it, and remove what it holds.

    Raises:
        OSError: something cannot be removed.
        ServerError: a server cannot be stopped.
    """
    for lock in home.rglob("control.lock"):
        EmbeddedServer(lock.parent).stop(timeout=_SECONDS_OF_A_SERVER)
    mounts = Path("/proc/self/mounts")
    for line in reversed(mounts.read_text(encoding="utf-8").splitlines() if mounts.exists() else []):
        if (place := line.split()[1]).startswith(f"{home}/"):
            subprocess.run(["umount", place], capture_output=True)
    for path in home.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def processes(maker: int) -> list[int]:
    """Return the processes that a process and its children started, as far as they are ours to see (Linux)."""
    return [pid for pid, found in _marked() if found == maker and pid not in (maker, os.getpid())]


def _marked() -> Iterator[tuple[int, int]]:
    mark = re.compile(rb"(?:^|\0)%b=(\d+)\0" % MAKER.encode())
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it ended in between, or is another user's
            if found := mark.search(path.read_bytes()):
                yield int(path.parent.name), int(found[1])


def _folders() -> list[Path]:
    places = {Path("/tmp"), Path(tempfile.gettempdir()), SHARED_MEMORY}
    found = [path for place in places for path in place.glob("boost-test-*")]
    return [path for path in found if path.is_dir() and not path.is_symlink() and path.stat().st_uid == os.geteuid()]


def _remove_user(entry: pwd.struct_passwd) -> list[str]:
    """Remove a user, with its processes and its shared memory: both of servers that were not stopped but killed."""
    for status in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if status.stat().st_uid == entry.pw_uid:
                _kill(int(status.name), signal.SIGKILL)
    if sys.platform == "linux":
        for path in SHARED_MEMORY.glob("*"):
            if path.lstat().st_uid == entry.pw_uid:
                path.unlink()
        for segment in Path("/proc/sysvipc/shm").read_text(encoding="utf-8").splitlines()[1:]:
            words = segment.split()
            if int(words[7]) == entry.pw_uid:
                subprocess.run(["ipcrm", "--shmem-id", words[1]], capture_output=True)
    done = subprocess.run(["userdel", entry.pw_name], capture_output=True, text=True)
    if done.returncode == 0 or entry.pw_name not in [each.pw_name for each in pwd.getpwall()]:
        return []
    return [f"the user {entry.pw_name} stays: {done.stderr.strip()}"]


def is_alive(pid: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] not in "ZX"
    return not Path("/proc/self").exists()


def _kill(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
