"""What git says on stderr, as our errors: one line with the repository, the reason and the mend.

git has no error codes for these, so its words are read; they are English, because its children run with LC_ALL=C.
"""

import re
from collections.abc import Collection
from pathlib import Path

from boost_pipeline.errors import (
    BoostPipelineError,
    SettingsError,
    SourceCorrupt,
    SourceRefused,
    SourceUnavailable,
)

_DISK_FULL = re.compile(r"No space left on device|Disk quota exceeded")
_MACHINE = re.compile(r"[Oo]ut of memory|Cannot allocate memory|Too many open files|unable to create thread")
_FOLDER = re.compile(r"insufficient permission|Read-only file system|(?:cannot|could not) (?:mkdir|create) .*denied")
_NO_ANSWER = re.compile(
    r"Could not resolve|name resolution|Failed to connect|[Cc]ould(?:n't| not) connect"
    r"|Connection (?:refused|reset|timed out|closed)|timed out|too slow|Network is unreachable|No route to host"
    r"|early EOF|unexpected disconnect|Empty reply|RPC failed|returned error: (?:408|429|5\d\d)|SSL_ERROR_SYSCALL"
    r"|gnutls_handshake|TLS connection|transfer closed|body are still expected|kex_exchange"
)
_REFUSED = re.compile(
    r"[Rr]epository not found|repository '.*' not found|does not appear to be a git repository|Authentication failed"
    r"|could not read (?:Username|Password)|terminal prompts disabled|returned error: 4\d\d|Permission denied \("
    r"|Host key verification failed|[Aa]ccess denied|dubious ownership|certificate|not our ref|unadvertised object"
    r"|[Pp]rotocol .*not (?:allowed|supported)|Unable to find remote helper|missing repository|no such repository"
)
_HUNG_UP = re.compile(r"hung up|Could not read from remote repository")
_CORRUPT = re.compile(
    r"bad (?:object|tree|pack|ref|config)|corrupt|not a git repository|[Mm]issing (?:blob|tree|commit|object)|packfile"
    r"|fsck|Could not read|unable to read|broken ref|invalid (?:object|sha1|index-pack)|inflate|Failed to traverse"
    r"|index-pack failed|loose object|is empty|unresolved deltas|all necessary objects|object not found"
)
_USER_INFO = re.compile(r"(?<=://)[^/@\s]+@")

_AGAIN = "the next run tries again"


class GivenUp(SourceUnavailable):
    """No answer, and asking once more within this run would not help: time is up, disk full, or work stopped."""


def redact(text: str, secrets: Collection[str] = ()) -> str:
    """Blot out `secrets`, and user names and passwords in URLs."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return _USER_INFO.sub("***@", text)


def disk_full(name: str, path: Path) -> GivenUp:
    """The error for a write that found no room."""
    return GivenUp(f"{name}: the disk of {path.parent} is full; free space there and run again.")


def failure(name: str, path: Path, stderr: str, *, network: bool, secrets: Collection[str] = ()) -> BoostPipelineError:
    """Return the error to raise for a git command on the repository `name` that did not succeed.

    Args:
        name: of the repository.
        path: its folder on our disk.
        stderr: all that git said.
        network: whether the command talked to a host; one that only reads the mirror can fail by damage alone.
        secrets: what must not be repeated.
    """
    stderr = redact(stderr, secrets)
    if _DISK_FULL.search(stderr):
        return disk_full(name, path)
    if line := _line(_MACHINE, stderr):
        return SourceUnavailable(f"{name}: this machine is short of a resource ({line}); {_AGAIN}.")
    if line := _line(_FOLDER, stderr):
        return SettingsError(f"{name}: cannot write to {path.parent} ({line}); make that folder writable.")
    if not network:
        return SourceCorrupt(f"{name}: the mirror is damaged ({_last(stderr)}); remove {path} to have it cloned anew.")
    if line := _line(_NO_ANSWER, stderr):
        return SourceUnavailable(f"{name}: no answer from the host ({line}); {_AGAIN}.")
    if line := _line(_REFUSED, stderr):
        mend = "check BOOST_GIT_URL, and BOOST_GIT_TOKEN if the repository is private"
        return SourceRefused(f"{name}: gone, private or not for us ({line}); {mend}.")
    if line := _line(_HUNG_UP, stderr):
        return SourceUnavailable(f"{name}: the host broke off ({line}); {_AGAIN}.")
    if line := _line(_CORRUPT, stderr):
        return SourceCorrupt(
            f"{name}: the host, or our mirror of it, has damaged data ({line}); the next run tries a new clone."
        )
    return SourceUnavailable(f"{name}: git failed ({_last(stderr)}); {_AGAIN}.")


def _line(pattern: re.Pattern[str], stderr: str) -> str | None:
    return next((_shorten(line) for line in stderr.splitlines() if pattern.search(line)), None)


def _last(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if line.strip()]
    return _shorten(lines[-1]) if lines else "no reason given"


def _shorten(line: str) -> str:
    line = re.sub(r"^(?:(?:remote|fatal|error|warning): )+", "", line.strip())
    return line if len(line) <= 300 else f"{line[:297]}..."
