"""How a git process is started, limited and ended; every git process of ours starts here.

Which commands to run belongs to `mirror.py` and `mirrors.py`, what git's complaints mean to `failures.py`.
No command ever asks a question, on no terminal and in no window, and none inherits our stdin.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from boost_pipeline.errors import BoostPipelineError, SettingsError, SourceUnavailable
from boost_pipeline.sources.git import environment
from boost_pipeline.sources.git.environment import Host
from boost_pipeline.sources.git.failures import REJECTED, GivenUp, failure

_OLDEST, _OLDEST_WITH_TOKEN = (2, 30), (2, 31)  # 2.31 brought GIT_CONFIG_COUNT
_CHUNK = 256 * 1024
_LEFT_OUT = re.compile(rb"^(?:error|fatal|warning: ignoring)", re.MULTILINE)


class Children:
    """The running git processes of one set of mirrors, so that another thread can stop them all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = threading.Event()

    def start(self, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        """Start a process as the leader of a group of its own, without a terminal."""
        with self._lock:
            self.pause(0)
            try:
                process = subprocess.Popen(command, start_new_session=True, **options)
            except OSError as error:
                raise SourceUnavailable(
                    f"git cannot be started ({error.strerror}); the next run tries again."
                ) from error
            self._running.add(process)
        return process

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Kill the process and all that it started, if it still runs, and collect it."""
        _kill(process)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with suppress(OSError):  # what was not yet written has no reader any more
                    pipe.close()
        process.wait()
        with self._lock:
            self._running.discard(process)

    def abort(self) -> None:
        """Kill them all, for good: whatever runs, waits or is started afterwards raises."""
        self._stopped.set()
        with self._lock:
            for process in self._running:
                _kill(process)

    def pause(self, seconds: float) -> None:
        """Wait; raise `GivenUp` at once when the work is stopped."""
        if self._stopped.wait(seconds):
            raise GivenUp("The work on the git mirrors was stopped; the next run goes on from here.")


class Git:
    """git on one repository.

    Args:
        name: of the repository, for messages.
        path: its git folder; git looks nowhere else, least of all in the folders above.
        host: where `network` commands go.
        children: where the processes are registered.
        timeout: seconds that a command may take; a stream may take as long as its reader does.
    """

    def __init__(self, name: str, path: Path, host: Host, children: Children, timeout: float) -> None:
        self.name = name
        self.path = path
        self.host = host
        self._children = children
        self._timeout = timeout

    def read(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run a command on the mirror alone, untouched by the configuration of user and system.

        Raises:
            SourceCorrupt: it failed.
        """
        return self._run(self._local(arguments), environment.isolated(), stdin, network=False)

    def change(self, *arguments: str, lock: int, stdin: bytes = b"") -> None:
        """Run a command that writes to the mirror; it holds the file descriptor `lock` as long as it works."""
        self._run(self._local(arguments), environment.isolated(), stdin, network=False, lock=lock)

    def network(self, *arguments: str, lock: int | None) -> bytes:
        """Run a command that talks to the host, with the configuration of the user and with the token.

        Raises:
            SourceUnavailable: no answer.
            SourceRefused: the host does not give it to us.
            SourceUnfit: what the host has is damaged, shallow or of another kind.
        """
        command = self._command(environment.NETWORK_CONFIG, arguments)
        if self.host.credentials and _version(command[0]) < _OLDEST_WITH_TOKEN:
            raise SettingsError("BOOST_GIT_TOKEN needs git 2.31 or newer; install it.")
        return self._run(command, environment.network(self.host), network=True, lock=lock)

    def stream(self, *arguments: str, stdin: bytes | None = None) -> Stream:
        """Start a command that reads the mirror while we read its output.

        Args:
            arguments: of git.
            stdin: all that it will be told; None leaves its stdin open to be written to.
        """
        return Stream(self, self._children, self._local(arguments), stdin)

    def _local(self, arguments: Sequence[str]) -> list[str]:
        return self._command(environment.ISOLATED_CONFIG, arguments)

    def _command(self, config: Sequence[str], arguments: Sequence[str]) -> list[str]:
        program = shutil.which("git")
        if program is None:
            raise SettingsError("git is not on PATH; install git 2.30 or newer.")
        if (version := _version(program)) < _OLDEST:
            raise SettingsError(f"git {'.'.join(map(str, version))} is too old; install git 2.30 or newer.")
        options = [option for setting in config for option in ("-c", setting)]
        return [program, f"--git-dir={self.path}", *options, *arguments]

    def _run(
        self,
        command: Sequence[str],
        variables: Mapping[str, str],
        stdin: bytes = b"",
        *,
        network: bool,
        lock: int | None = None,
    ) -> bytes:
        process = self._children.start(
            command,
            env=variables,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=() if lock is None else (lock,),
        )
        try:
            stdout, stderr = process.communicate(stdin or None, timeout=self._timeout)
        except subprocess.TimeoutExpired:
            raise GivenUp(
                f"{self.name}: git took longer than {self._timeout:g} s; the next run tries again, "
                "BOOST_GIT_TIMEOUT allows more."
            ) from None
        finally:
            self._children.end(process)
        self.check(process.returncode, stderr, network=network)
        return stdout

    def check(self, returncode: int, stderr: bytes, *, network: bool) -> None:
        """Raise if the command failed, or if it had to leave something out."""
        if returncode != 0 or (REJECTED if network else _LEFT_OUT).search(stderr):
            raise self.failure(returncode, stderr, network=network)

    def failure(self, returncode: int, stderr: bytes, *, network: bool) -> BoostPipelineError:
        """Return the error for a command that ended with `returncode`."""
        self._children.pause(0)
        if returncode < 0:
            return SourceUnavailable(f"{self.name}: git was ended by signal {-returncode}; the next run tries again.")
        complaint = stderr.decode(errors="replace")
        return failure(self.name, self.path, complaint, network=network, secrets=self.host.secrets)


class Stream:
    """A running git command and its output; leaving its `with` block ends it."""

    def __init__(
        self,
        git: Git,
        children: Children,
        command: Sequence[str],
        stdin: bytes | None,
    ) -> None:
        self._git = git
        self._children = children
        try:
            # A file, not a pipe: nobody need empty it, and its size tells at once whether git complained.
            self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise SourceUnavailable(
                f"{git.name}: no temporary file can be made ({error.strerror}); free space in {tempfile.gettempdir()}."
            ) from error
        try:
            self._process = children.start(
                command,
                env=environment.isolated(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                bufsize=_CHUNK,
            )
        except BaseException:
            self._stderr.close()
            raise
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.stdin = self._process.stdin
        self.stdout = self._process.stdout
        if stdin is not None:
            self._tell(stdin)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _tell(self, stdin: bytes) -> None:
        try:
            with suppress(BrokenPipeError):  # git is gone already; finish() says why
                self.stdin.write(stdin)
                self.stdin.close()
        except BaseException:
            self.close()
            raise

    def chunks(self) -> Iterator[bytes]:
        """Yield the output piece by piece, to the end.

        Raises:
            SourceCorrupt: git failed in the middle.
        """
        while chunk := self.stdout.read(_CHUNK):
            yield chunk
        self.finish()

    def lines(self) -> Iterator[bytes]:
        """Yield the output line by line; otherwise as `chunks`."""
        for line in self.stdout:
            if not line.endswith(b"\n"):
                break
            yield line[:-1]
        self.finish()

    def finish(self) -> None:
        """Wait for the end of a command whose output is read, and raise if it failed."""
        self._git.check(self._process.wait(), self.complaint(), network=False)

    def complaint(self) -> bytes:
        """What git has said on stderr so far."""
        return os.pread(self._stderr.fileno(), 65536, 0)

    def close(self) -> None:
        """End the command, finished or not."""
        self._children.end(self._process)
        self._stderr.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    # A process that was not collected yet keeps its number, so the group is surely its own.
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


@lru_cache(maxsize=8)
def _version(program: str) -> tuple[int, ...]:
    try:
        answer = subprocess.run(
            [program, "--version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise SettingsError(f"{program} does not run ({error}); install git 2.30 or newer.") from None
    found = re.search(rb"\d+(?:\.\d+)+", answer)
    if found is None:
        raise SettingsError(f"{program} does not tell its version; install git 2.30 or newer.")
    return tuple(map(int, found[0].split(b".")))
