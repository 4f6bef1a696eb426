"""The embedded PostgreSQL server: one per home folder, there when somebody needs it.

Here belongs when the server is started and stopped, who uses it, and where it is reached. How PostgreSQL is found,
made and run belongs to `postgres_binaries`, `postgres_cluster` and `server_user`. In the folder lie

    data          the cluster; a link where the server's user cannot enter the folder (see `server_user`)
    socket        the folder of the Unix socket, the only door; a link where its path would not do for one
    control.lock  held by the one process that makes, starts or stops the server
    users.lock    a shared lock, held by each process that called `ensure` until it lets go or dies
    kept          there if `start` said that the server outlives its users
    start.log     what initdb or PostgreSQL last said before its own log, data/log, was open

Nothing listens on TCP and there is no password: whoever can enter the socket's folder, which is its owner's alone,
is the superuser.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from urllib.parse import quote, urlencode

from boost_pipeline.errors import ServerError
from boost_pipeline.warehouse import server_leases as leases
from boost_pipeline.warehouse import server_user
from boost_pipeline.warehouse.postgres_binaries import find, find_psql
from boost_pipeline.warehouse.postgres_cluster import PORT, RECOVERY_SECONDS, SUPERUSER, Cluster
from boost_pipeline.warehouse.server_user import Account

STOP_SECONDS = 60.0
# The longest path that fits into a socket's address, without the NUL at its end.
_LONGEST_SOCKET = 107 if sys.platform == "linux" else 103
_CONNECT_SECONDS = 10
_KILLED_SECONDS = 30.0  # that it is started again and again if something kills it each time


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where the server is reached."""

    socket_folder: Path
    port: int = PORT
    user: str = SUPERUSER

    def conninfo(self, database: str) -> str:
        """Return libpq's connection string of a database, as psycopg takes it."""
        from psycopg.conninfo import make_conninfo  # slow to import

        return make_conninfo(host=str(self.socket_folder), port=self.port, user=self.user, dbname=database)

    def url(self, database: str, driver: str) -> str:
        """Return SQLAlchemy's URL of a database for a driver, such as "psycopg"."""
        place = urlencode({"host": self.socket_folder, "port": self.port}, safe="/", quote_via=quote)
        return f"postgresql+{driver}://{quote(self.user, safe='')}@/{quote(database, safe='')}?{place}"


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What is known of the server without starting it.

    `version` is the server's own while it runs, else the major version of its data; None where there is no data.
    `size` is that of the data folder in bytes. `leases` counts the processes that need the server, where the system
    tells (Linux); `clients` the connections to it.
    """

    running: bool
    kept: bool
    pid: int | None
    version: str | None
    data_folder: Path
    socket_folder: Path
    size: int
    leases: int | None
    clients: int


class EmbeddedServer:
    """The PostgreSQL server of one home folder, shared by all processes that name the same folder.

    A server that `ensure` started is transient: the last of its users that calls `release_and_stop_if_unused` stops
    it. One that `start` started or confirmed is kept until `stop`. Nothing happens when the interpreter exits.
    All methods raise `ServerError`.
    """

    def __init__(self, folder: Path, *, bin_folder: Path | None = None, user: str = "boost-pipeline") -> None:
        """Name the server; nothing is read or made yet.

        Args:
            folder: the server's own folder, `<BOOST_HOME>/postgres`.
            bin_folder: the folder with initdb and pg_ctl to use, rather than the first found.
            user: the system user that runs the server for root.
        """
        self._folder = folder.absolute()
        self._bin_folder = bin_folder
        self._user = user

    def ensure(self) -> ServerAddress:
        """Return the address of the server, which answers; start it if need be. This process now counts as a user."""
        with self._told():
            self._make_folder()
            leases.take(self._folder / "users.lock")
            if self._answer() is not _Answer.READY:
                with self._control():
                    # Another thread may have let go of it in between, and stopped the server.
                    leases.take(self._folder / "users.lock")
                    self._bring_up()
            return self._address()

    def start(self) -> bool:
        """Start the server if need be, and have it outlive its users; False if that was so already."""
        with self._told():
            self._make_folder()
            with self._control():
                started = self._bring_up()
                newly_kept = not self._kept
                (self._folder / "kept").touch()
            return started or newly_kept

    def stop(self, *, timeout: float = STOP_SECONDS) -> bool:
        """Stop the server, whoever uses it, and return when it is gone; False if it did not run.

        After `timeout` seconds it is ended without a checkpoint, which costs nothing but a longer next start.
        """
        with self._told():
            if not self._folder.exists():
                return False
            with self._control():
                (self._folder / "kept").unlink(missing_ok=True)
                return self._stop(timeout)

    def release_and_stop_if_unused(self) -> bool:
        """Give up this process's use of the server; stop it if it is transient and nobody else uses it."""
        with self._told():
            users = self._folder / "users.lock"
            if not users.exists():
                return False
            leases.give_up(users)
            with self._control(), leases.unused(users) as unused:
                return unused and not self._kept and self._stop(STOP_SECONDS)

    def status(self) -> ServerStatus:
        """Look at the server without starting it."""
        with self._told():
            cluster = self._cluster()
            running = self._answer() is _Answer.READY
            version, clients = self._ask() if running else (cluster.version, 0)
            return ServerStatus(
                running=running,
                kept=self._kept,
                pid=cluster.pid if running else None,
                version=version,
                data_folder=cluster.data,
                socket_folder=self._address().socket_folder,
                size=_size(cluster.data),
                leases=leases.count(self._folder / "users.lock"),
                clients=clients,
            )

    def client(self) -> Path:
        """Return the path of psql."""
        return find_psql(self._bin_folder)

    @property
    def _kept(self) -> bool:
        return (self._folder / "kept").exists()

    def _address(self) -> ServerAddress:
        return ServerAddress(_leads_to(self._folder / "socket"))

    def _cluster(self) -> Cluster:
        return Cluster(_leads_to(self._folder / "data"), self._folder)

    def _bring_up(self) -> bool:
        """Under the control lock, have the server answer; return whether it had to be started."""
        cluster = self._cluster()
        if self._comes_up(cluster):
            return False
        binaries = find(self._bin_folder, cluster.data)
        account = server_user.find_account(self._user, cluster.data)
        account.let_through(self._folder)
        cluster = self._place_data(account)
        socket_folder = self._place_socket(account)
        binaries = account.runnable(binaries)
        if cluster.version is None:
            cluster.make(account, binaries)
        deadline = time.monotonic() + _KILLED_SECONDS
        while time.monotonic() < deadline:
            cluster.start(account, binaries, socket_folder)
            if self._comes_up(cluster):
                return True
        raise ServerError(f"PostgreSQL in {cluster.data} dies as soon as it is up: see {cluster.data}/log.")

    def _comes_up(self, cluster: Cluster) -> bool:
        """Wait for a server that is starting, recovering or stopping; False if in the end there is none."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        while True:
            claims_ready = cluster.claims_ready
            answer = self._answer()
            if answer is _Answer.READY:
                return True
            if not cluster.is_alive:
                return False
            if answer is _Answer.NONE and claims_ready:
                # Its socket is gone, or its postmaster is and a backend goes on: nobody will ever reach it again.
                cluster.stop(STOP_SECONDS)
                return False
            if time.monotonic() > deadline:
                raise ServerError(f"PostgreSQL in {cluster.data} still does not answer: try again later, or stop it.")
            time.sleep(0.05)

    def _stop(self, timeout: float) -> bool:
        stopped = self._cluster().stop(timeout)
        link = self._folder / "socket"
        if link.is_symlink():
            shutil.rmtree(_leads_to(link), ignore_errors=True)  # not ours, if a cleaner of /tmp was faster
            link.unlink()
        return stopped

    def _place_data(self, account: Account) -> Cluster:
        """Return the cluster, at a place that `account` reaches."""
        data = self._folder / "data"
        if data.is_symlink():
            if not _leads_to(data).parent.exists():
                raise ServerError(
                    f"{data} leads to {_leads_to(data)}, which is gone: restore it, or delete the link to start empty."
                )
        elif not account.reaches(self._folder):
            if data.exists():
                raise ServerError(
                    f"The user {account.uid}, which runs PostgreSQL for root, cannot get to {data}: "
                    "let it pass through the folders above, or move the home."
                )
            data.symlink_to(server_user.private_folder(account) / "data")
        return self._cluster()

    def _place_socket(self, account: Account) -> Path:
        """Return the folder of the socket, made if it is missing and where its path would not do for a socket."""
        place = self._folder / "socket"
        if place.is_symlink():
            if account.owns(_leads_to(place)):
                return _leads_to(place)
            place.unlink()
        if _fits(place) and account.reaches(self._folder):
            place.mkdir(exist_ok=True)
            account.give(place)
            return place
        shutil.rmtree(place, ignore_errors=True)  # of a home that was moved
        folder = Path(tempfile.mkdtemp(prefix="boost-pipeline-", dir=_socket_parent(account)))
        account.give(folder)
        place.symlink_to(folder)
        return folder

    def _answer(self) -> _Answer:
        """Connect, as nothing else tells that a server is up."""
        import psycopg  # slow to import

        address = self._address()
        if not _fits(address.socket_folder):
            return _Answer.NONE
        try:
            psycopg.connect(address.conninfo("postgres"), connect_timeout=_CONNECT_SECONDS).close()
        except psycopg.OperationalError as error:
            message = str(error).strip()
        else:
            return _Answer.READY
        if "FATAL" in message:
            if any(words in message for words in _NOT_NOW):
                return _Answer.LATER
            if any(words in message for words in _FULL):
                return _Answer.READY
            raise ServerError(f"PostgreSQL in {self._folder} refuses us: {message.rpartition('FATAL:')[2].strip()}.")
        # The other messages of libpq come in the reader's language; the system's error does not.
        try:
            with socket.socket(socket.AF_UNIX) as door:
                door.settimeout(_CONNECT_SECONDS)
                door.connect(str(address.socket_folder / f".s.PGSQL.{PORT}"))
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            return _Answer.NONE
        except (BlockingIOError, TimeoutError):
            pass  # its queue is full
        return _Answer.LATER

    def _ask(self) -> tuple[str, int]:
        """Return version and number of clients of the running server."""
        import psycopg

        query = (
            "SELECT current_setting('server_version'), count(*) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        try:
            with psycopg.connect(self._address().conninfo("postgres"), connect_timeout=_CONNECT_SECONDS) as connection:
                ((version, clients),) = connection.execute(query).fetchall()
        except psycopg.Error as error:
            raise ServerError(f"PostgreSQL in {self._folder} does not say how it is: {error}") from None
        return str(version), int(clients)

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("control.lock", "users.lock"):
            with suppress(FileExistsError):
                lock = os.open(self._folder / name, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
                if os.geteuid() == 0:  # in a folder of somebody else, who is to come by without root later
                    owner = self._folder.stat()
                    os.fchown(lock, owner.st_uid, owner.st_gid)
                os.close(lock)

    @contextmanager
    def _control(self) -> Iterator[None]:
        from filelock import FileLock  # slow to import

        with FileLock(self._folder / "control.lock", poll_interval=0.02):
            yield

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the system refuses into one line."""
        try:
            yield
        except PermissionError as error:
            raise ServerError(
                f"The PostgreSQL server in {self._folder} is another user's ({error}): "
                "work as that user, or set BOOST_HOME to a folder of your own."
            ) from None
        except OSError as error:
            raise ServerError(
                f"The PostgreSQL server in {self._folder} cannot be managed ({error}): mend that, or set DATABASE_URL."
            ) from None


# PostgreSQL's words, in the language that our settings give it.
_NOT_NOW = ("starting up", "shutting down", "in recovery", "not accepting", "not yet accepting", "terminating")
_FULL = ("too many clients", "connection slots")


class _Answer(Enum):
    """What a server says to a new connection."""

    READY = auto()
    LATER = auto()
    NONE = auto()


def _leads_to(path: Path) -> Path:
    return path.parent / path.readlink() if path.is_symlink() else path


def _fits(folder: Path) -> bool:
    """Whether a socket there can be bound by the system and named to libpq, which takes a comma for a second host."""
    name = str(folder / f".s.PGSQL.{PORT}")
    return len(os.fsencode(name)) <= _LONGEST_SOCKET and "," not in name and name.isprintable()


def _socket_parent(account: Account) -> Path:
    if account.is_other:
        return server_user.state_folder()
    # Not a setting of ours: it is the desktop's promise of a folder that is the user's alone.
    for place in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):  # noqa: S108 - mkdtemp in it
        if place and os.access(place, os.W_OK | os.X_OK) and _fits(Path(place) / "boost-pipeline-12345678"):
            return Path(place)
    raise ServerError("No folder for temporary files has a path short enough for a socket: set TMPDIR.")


def _size(folder: Path) -> int:
    total = 0
    for path, _, files in os.walk(folder):
        for name in files:
            with suppress(FileNotFoundError):  # the server removed it in between
                total += os.lstat(os.path.join(path, name)).st_size  # noqa: PTH118 - a thousand files
    return total
