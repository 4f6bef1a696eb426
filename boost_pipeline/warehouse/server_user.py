"""Who runs the embedded PostgreSQL server, and what that user needs in order to.

PostgreSQL refuses to run as root. Started by root, its programs run as a system user of their own. That user may be
unable to enter the folder of the data or of the programs; then they live below `STATE`, and no folder of
anybody else is opened up. What the programs do belongs to `postgres_cluster`.

Nothing below `STATE` but the data itself belongs to the server's user, so that a program which broke out of the server
finds no file there that root will run or write.
"""

from __future__ import annotations

import grp
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from boost_pipeline.errors import ServerError
from boost_pipeline.warehouse.postgres_binaries import Binaries

STATE = Path("/var/lib/boost-pipeline")
SYSTEM_PROGRAMS = "/usr/sbin:/sbin:/usr/bin:/bin"  # the first two are seldom on the PATH
_ADDING_SECONDS = 10.0  # useradd gives up at once while another one holds the lock of /etc/passwd


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group that the server's programs run as."""

    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether this process is root, and steps down to run the server."""
        return os.geteuid() == 0

    def run(
        self,
        *command: str | Path,
        data: Path | None = None,
        log: IO[bytes] | None = None,
        text: str | None = None,
        inherit: tuple[int, ...] = (),
    ) -> int:
        """Run a program as this user and return its exit code.

        It gets an environment of its own (no secret of ours, none of PostgreSQL's variables but PGDATA) and a session
        of its own, so that a Ctrl-C in our terminal reaches neither it nor what it leaves running.

        Args:
            command: the program and its arguments.
            data: the data folder. It goes into PGDATA, because pg_ctl puts `-D` into a shell command unquoted.
            log: takes what the program says.
            text: is its input.
            inherit: file descriptors that it keeps.
        """
        environment = {"PATH": os.defpath, "LC_ALL": "C"} | ({} if data is None else {"PGDATA": str(data)})
        return subprocess.run(
            command,
            input=None if text is None else text.encode(),
            stdin=subprocess.DEVNULL if text is None else None,
            stdout=log or subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd="/",
            umask=0o077,
            start_new_session=True,
            pass_fds=inherit,
            user=self.uid if self.is_other else None,
            group=self.gid if self.is_other else None,
            extra_groups=[] if self.is_other else None,
            check=False,
        ).returncode

    def give(self, folder: Path) -> None:
        """Make a folder this user's own, closed to everybody else."""
        folder.chmod(0o700)
        if self.is_other:
            os.chown(folder, self.uid, self.gid, follow_symlinks=False)

    def owns(self, folder: Path) -> bool:
        """Whether it is a folder of this user's that nobody else can enter."""
        try:
            found = folder.lstat()
        except FileNotFoundError:
            return False
        return stat.S_ISDIR(found.st_mode) and found.st_uid == self.uid and not found.st_mode & 0o077

    def let_through(self, folder: Path) -> None:
        """Close a folder of ours to all, except that this user can pass through it to what lies inside."""
        if folder.stat().st_uid != os.geteuid():
            return
        if self.is_other:
            os.chown(folder, -1, self.gid)
        folder.chmod(0o710 if self.is_other else 0o700)

    def reaches(self, folder: Path) -> bool:
        """Whether this user really gets there, whatever the modes, lists and mounts on the way say."""
        return not self.is_other or self.run("/bin/sh", "-c", 'test -x "$1"', "sh", folder) == 0

    def runnable(self, binaries: Binaries) -> Binaries:
        """Return `binaries`, or, where this user cannot run them, a copy in a place where it can.

        Raises:
            ServerError: they are not from a package of the package index, so that copying them would not do.
        """
        try:
            if not self.is_other or self.run(binaries.program("postgres"), "--version") == 0:
                return binaries
        except PermissionError:
            pass
        installation = binaries.folder.parent
        if not installation.name.startswith("pginstall"):
            raise ServerError(
                f"The user {self.uid}, which runs PostgreSQL for root, cannot run the programs in {binaries.folder}: "
                "install PostgreSQL where every user can read it, or set DATABASE_URL."
            )
        return _copy(binaries, installation)


def find_account(user: str, data: Path) -> Account:
    """Return who runs the server of `data`: whoever we are, or for root the data's owner, else the system user `user`.

    Raises:
        ServerError: the system user is missing and cannot be created.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    entry = _look_up(user) or _create(user)
    return Account(entry.pw_uid, entry.pw_gid)


def private_folder(account: Account) -> Path:
    """Make and return a new folder for a home that `account` cannot enter.

    Its name is random, so that a home which was deleted and made again never meets the data of the old one.
    """
    folder = Path(tempfile.mkdtemp(prefix="home-", dir=state_folder()))
    account.let_through(folder)
    return folder


def state_folder() -> Path:
    """Return `STATE`, made if missing.

    Raises:
        ServerError: somebody else than root can write there.
    """
    STATE.mkdir(mode=0o755, exist_ok=True)
    found = STATE.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0 or found.st_mode & 0o022:
        raise ServerError(f"{STATE} is not a folder that only root can write to: mend or remove it.")
    STATE.chmod(0o755)
    return STATE


def _copy(binaries: Binaries, installation: Path) -> Binaries:
    """Copy a package's installation and the libraries that auditwheel put beside the package."""
    package = installation.parent
    digest = hashlib.sha256(binaries.program("postgres").read_bytes()).hexdigest()[:12]
    copy = state_folder() / "binaries" / f"{package.name}-{binaries.version}-{digest}"
    if not copy.exists():
        copy.parent.mkdir(exist_ok=True)
        copy.parent.chmod(0o755)
        fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=copy.parent))
        try:
            for source in (installation, package.with_name(f"{package.name}.libs")):
                if source.exists():
                    unneeded = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a")
                    shutil.copytree(source, fresh / source.relative_to(package.parent), symlinks=True, ignore=unneeded)
            _let_all_read(fresh)
            os.sync()
            fresh.rename(copy)
        except OSError:
            shutil.rmtree(fresh, ignore_errors=True)
            if not copy.exists():  # else another process was first
                raise
    return Binaries(copy / package.name / installation.name / "bin", binaries.version)


def _let_all_read(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _look_up(user: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(user)
    except KeyError:
        return None


def _create(user: str) -> pwd.struct_passwd:
    mend = "run as a normal user, set BOOST_POSTGRES_USER to a user that exists, or set DATABASE_URL"
    commands = _adding(user)
    if not commands:
        raise ServerError(
            f"PostgreSQL refuses to run as root, and there is neither useradd nor adduser to add {user}: {mend}."
        )
    deadline = time.monotonic() + _ADDING_SECONDS
    while True:
        answers = [subprocess.run(command, capture_output=True, text=True, check=False) for command in commands]
        if entry := _look_up(user):
            return entry
        said = " ".join(" ".join(answer.stdout + answer.stderr for answer in answers).split())
        if "lock" not in said or time.monotonic() > deadline:
            raise ServerError(
                f"PostgreSQL refuses to run as root, and the system user {user} cannot be added ({said}): {mend}."
            )
        time.sleep(0.1)


def _adding(user: str) -> list[list[str]]:
    """Return the commands that add a system user and its group, as shadow or as busybox wants them."""
    shell = shutil.which("nologin", path=SYSTEM_PROGRAMS) or "/bin/false"
    if useradd := shutil.which("useradd", path=SYSTEM_PROGRAMS):
        group = ["--gid", user] if any(entry.gr_name == user for entry in grp.getgrall()) else ["--user-group"]
        home = ["--no-create-home", "--home-dir", "/nonexistent"]
        return [[useradd, "--system", *home, "--shell", shell, *group, user]]
    if adduser := shutil.which("adduser", path=SYSTEM_PROGRAMS):
        addgroup = shutil.which("addgroup", path=SYSTEM_PROGRAMS) or "addgroup"
        return [
            [addgroup, "-S", user],
            [adduser, "-S", "-D", "-H", "-h", "/nonexistent", "-s", shell, "-G", user, user],
        ]
    return []
