"""A PostgreSQL cluster: a data folder, and the processes that serve it.

Here belongs how a cluster is made, started, recognised and ended. Who may use it, where its folders are and when it
is started belongs to `server`.

What lives is told without trusting a process id, which may name a zombie or, after a restart, somebody else:

- Every process of the server inherits an exclusive flock on `running.lock` in the data folder. The kernel lets go of
  it when the last of them is gone, however it went and in whichever container it ran.
- Every command line carries the `cluster_name` of this data folder: these are the processes to signal.
"""

from __future__ import annotations

import fcntl
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from boost_pipeline.errors import ServerError
from boost_pipeline.warehouse.postgres_binaries import Binaries
from boost_pipeline.warehouse.server_user import Account

SUPERUSER = "boost"
PORT = 5432  # only a part of the socket's name
RECOVERY_SECONDS = 600.0  # that crash recovery may take; it goes on after that, only nobody waits for it
_REMAINS_SECONDS = 30.0  # that what a dead server left behind may take to vanish
_FULL_BYTES = 16 << 20  # a start needs a new segment of the write-ahead log
_MAKING = "data.new-"
_TELLING = re.compile(r"(?:FATAL|PANIC|error): +(?!the database system is )(\S.*)")
_TELLS_NOTHING = re.compile(r" (?:LOG|HINT): |^pg_ctl: could not start server|^Examine the log output")
_SETTINGS = """
# Written by boost-pipeline when it made this cluster; yours to change from here on.
# Where the server listens is given on its command line, and cannot be changed here.
max_connections = 200
shared_buffers = '256MB'
max_wal_size = '2GB'
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
# One file for each day of the week, overwritten a week later.
logging_collector = on
log_directory = 'log'
log_filename = 'server-%u.log'
log_rotation_age = '1d'
log_rotation_size = 0
log_truncate_on_rotation = on
log_checkpoints = off
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster in `data`, which need not exist yet; `folder` is where `start.log` goes."""

    data: Path
    folder: Path

    @property
    def _running(self) -> Path:
        return self.data / "running.lock"

    @property
    def version(self) -> str | None:
        """The major version of PostgreSQL that made the cluster; None if it was not made yet."""
        try:
            return (self.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None

    @property
    def is_alive(self) -> bool:
        """Whether any process of the server is left, be it only a backend that outlived it."""
        try:
            lock = os.open(self._running, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            fcntl.flock(lock, fcntl.LOCK_UN)  # a child forked just now shares it
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
        return False

    @property
    def pid(self) -> int | None:
        """The process id of the postmaster, or of the last one if none is alive."""
        lines = self._pid_file()
        return int(lines[0]) if lines and lines[0].strip().isdigit() else None

    @property
    def claims_ready(self) -> bool:
        """Whether the last the server noted of itself is that it takes connections."""
        return self._pid_file()[7:8] == ["ready   "]

    def make(self, account: Account, binaries: Binaries) -> None:
        """Make the cluster: all of it or, killed at any point, nothing.

        Raises:
            ServerError: something else is in the way, or initdb fails.
        """
        if self.data.exists() and any(self.data.iterdir()):
            raise ServerError(f"{self.data} holds files but no PostgreSQL cluster (no PG_VERSION): move it away.")
        self._remove_halves()
        fresh = Path(tempfile.mkdtemp(prefix=_MAKING, dir=self.data.parent))
        try:
            account.give(fresh)
            self._initdb(fresh, account, binaries)
            fresh.rename(self.data)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        _sync(self.data.parent)

    def start(self, account: Account, binaries: Binaries, socket_folder: Path) -> None:
        """Start the server and wait until it takes connections, through crash recovery if need be.

        Nothing of an earlier server may be alive, and nobody else may be starting one.

        Raises:
            ServerError: it ended again, with its last words, or still recovers after `RECOVERY_SECONDS`.
        """
        deadline = time.monotonic() + _REMAINS_SECONDS
        command = ["start", "--silent", "--wait", f"--timeout={RECOVERY_SECONDS:.0f}"]
        command.append(f"--options={self._options(socket_folder)}")
        while True:
            self._clear(socket_folder)
            sizes = {path: path.stat().st_size for path in self._server_logs()}
            with self._claim(account) as lock, (self.folder / "start.log").open("xb") as log:
                code = account.run(binaries.program("pg_ctl"), *command, data=self.data, log=log, inherit=(lock,))
            if code == 0:
                return
            if b"did not start in time" in (self.folder / "start.log").read_bytes():
                raise ServerError(f"PostgreSQL in {self.data} still recovers from a crash: try again later.")
            log_path, reason = self._last_words(sizes)
            # Killed, or kept off by what is left of a server that had a data folder with the same inode.
            passes = reason is None or "still in use" in reason or "already exists" in reason
            if not passes or time.monotonic() > deadline:
                raise ServerError(f"PostgreSQL in {self.data} does not start: {reason or 'killed'} (see {log_path}).")
            time.sleep(0.1)

    def stop(self, timeout: float) -> bool:
        """End the server and return when the last of its processes is gone; False if there was none.

        Clients are disconnected. After `timeout` seconds it is ended without a checkpoint: the next start recovers.

        Raises:
            ServerError: its processes cannot be ended from here.
        """
        # PostgreSQL's fast and immediate shutdown; a backend that outlived its server knows only the second.
        for number, patience in ((signal.SIGINT, timeout), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
            if not self.is_alive:
                return number != signal.SIGINT
            if self._signal(number) and self._is_gone_within(patience):
                return True
        if self._is_gone_within(1.0):
            return True
        raise ServerError(
            f"PostgreSQL in {self.data} cannot be stopped from here, as something out of sight holds "
            f"{self._running}: stop it there, perhaps in another container."
        )

    def _signal(self, number: signal.Signals) -> bool:
        """Signal the postmaster, or with anything but SIGINT each process; return whether there was one."""
        found = False
        for pid, command in self._processes():
            if number != signal.SIGINT or "cluster_name=" in command:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
                    found = True
        return found

    def _is_gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.is_alive:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _processes(self) -> Iterator[tuple[int, str]]:
        """Yield process id and command line of the postmaster and of its children; zombies have no command line."""
        name = re.escape(self._name())
        ours = re.compile(rf"\S.*/postgres -c cluster_name={name} |postgres: {name}: ")
        for pid, command in _command_lines():
            if ours.match(command):
                yield pid, command

    def _name(self) -> str:
        found = self.data.stat()
        return f"boost-pipeline-{found.st_dev:x}-{found.st_ino:x}"

    def _options(self, socket_folder: Path) -> str:
        folder = str(socket_folder).replace('"', '""')
        options = {
            "cluster_name": self._name(),
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": f'"{folder}"',
            "unix_socket_permissions": "0700",
        }
        return shlex.join(word for name, value in options.items() for word in ("-c", f"{name}={value}"))

    def _initdb(self, fresh: Path, account: Account, binaries: Binaries) -> None:
        command = [f"--username={SUPERUSER}", "--auth=trust", "--encoding=UTF8", "--data-checksums"]
        if binaries.major >= 17:
            locales = [["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]]
        else:
            locales = [["--locale=C.UTF-8"], ["--locale=C"]]  # not every system has the first
        for locale in locales:
            (self.folder / "start.log").unlink(missing_ok=True)
            with (self.folder / "start.log").open("xb") as log:
                code = account.run(binaries.program("initdb"), *command, *locale, data=fresh, log=log)
                # As that user, so that root never writes where another one could put a link.
                code = code or account.run("tee", "-a", fresh / "postgresql.conf", text=_SETTINGS)
            if code == 0:
                return
        log_path, reason = self._last_words({})
        raise ServerError(f"initdb cannot make {self.data}: {reason or 'killed'} (see {log_path}).")

    def _clear(self, socket_folder: Path) -> None:
        """Remove what a server that is gone has left: its lock files would be taken for those of a live one."""
        self._signal(signal.SIGQUIT)
        self._remove_halves()
        socket = f".s.PGSQL.{PORT}"
        for left in (self.data / "postmaster.pid", socket_folder / socket, socket_folder / f"{socket}.lock"):
            left.unlink(missing_ok=True)
        (self.folder / "start.log").unlink(missing_ok=True)

    def _remove_halves(self) -> None:
        """Remove what a killed initdb has left, or as much as it lets: it may be at work yet, without its parent."""
        for half in self.data.parent.glob(f"{_MAKING}*"):
            shutil.rmtree(half, ignore_errors=True)

    @contextmanager
    def _claim(self, account: Account) -> Iterator[int]:
        """Hold `running.lock` until the server does: it inherits this very lock, so it is not unlocked, only closed."""
        lock = os.open(self._running, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            if account.is_other:
                os.fchown(lock, account.uid, account.gid)
            deadline = time.monotonic() + _REMAINS_SECONDS
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise ServerError(
                            f"A process out of sight, perhaps in another container, holds {self._running}: end it."
                        ) from None
                    time.sleep(0.01)
            yield lock
        finally:
            os.close(lock)

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []

    def _server_logs(self) -> list[Path]:
        return list((self.data / "log").glob("server-*.log"))

    def _last_words(self, sizes: dict[Path, int]) -> tuple[Path, str | None]:
        """Return the line that tells best why a start failed, and the log it stands in; None if it was not by itself.

        Args:
            sizes: how long the server's own logs were before; what stands there is an older story.
        """
        start_log = self.folder / "start.log"
        said = {start_log: start_log.read_bytes().decode(errors="replace")}
        for path in self._server_logs():
            said[path] = path.read_bytes()[sizes.get(path, 0) :].decode(errors="replace")
        for path, text in reversed(said.items()):
            if found := _TELLING.findall(text):
                return path, found[-1]
        rest = [line for line in said[start_log].splitlines() if line.strip() and not _TELLS_NOTHING.search(line)]
        return start_log, self._no_space() or (rest[-1].strip() if rest else None)

    def _no_space(self) -> str | None:
        free = shutil.disk_usage(self.data.parent).free
        return f"no space left on the disk of {self.data.parent}" if free < _FULL_BYTES else None


def _command_lines() -> Iterator[tuple[int, str]]:
    """Yield process id and command line of every process in sight."""
    if Path("/proc/self/cmdline").exists():
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it ended in between
                yield int(folder.name), (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    else:
        listing = subprocess.run(["ps", "-axo", "pid=,command="], capture_output=True, text=True, check=True).stdout
        for line in listing.splitlines():
            pid, _, command = line.strip().partition(" ")
            yield int(pid), command


def _sync(folder: Path) -> None:
    """Put the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
