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
    SourceUnfit,
)

_DISK_FULL = re.compile(r"No space left on device|Disk quota exceeded")
_MACHINE = re.compile(r"[Oo]ut of memory|Cannot allocate memory|Too many open files|unable to create thread")
_FOLDER = re.compile(r"insufficient permission|Read-only file system|(?:cannot|could not) (?:mkdir|create) .*denied")
# What git says behind "remote:" was said over there, and a line that broke because of it is no excuse.
_DAMAGED_THERE = re.compile(
    r"on the remote side|git-pack-objects died"
    r"|^remote: (?:fatal|error): .*"
    r"(?:[Cc]ould not read|unable to (?:read|unpack|parse|open)|(?:bad|[Mm]issing) (?:blob|tree|commit|object)"
    r"|corrupt|inflate|traverse|does not match)"
)
_WHAT_IS_DAMAGED = re.compile(
    r"unable to (?:read|unpack|parse)|(?:bad|[Mm]issing) (?:blob|tree|commit|object)|[Cc]ould not read (?!from)"
    r"|is corrupt|inflate|traverse|does not match"
)
_SHALLOW = re.compile(r"shallow roots are not allowed|[Ss]ource repository is shallow")
REJECTED = re.compile(_SHALLOW.pattern.encode())
"""What git says of refs that it leaves out although it succeeds."""
_OTHER_KIND = re.compile(
    r"mismatched algorithms|support this repository's object format|Expected git repo version|invalid gitfile format"
    r"|[Uu]nknown (?:value for )?'?(?:repository extension|extensions\.)|bad config .*in file (?!/)"
)
_OUR_CONFIG = re.compile(r"bad config .*in file /|bad numeric config|unable to parse .*config")
_NOT_HELD = re.compile(r"not our ref|unadvertised object")
_NO_ANSWER = re.compile(
    r"Could not resolve|name resolution|Failed to connect|[Cc]ould(?:n't| not) connect"
    r"|Connection (?:refused|reset|timed out|closed)|timed out|too slow|Network is unreachable|No route to host"
    r"|early EOF|unexpected disconnect|Empty reply|RPC failed|returned error: (?:408|429|5\d\d)|SSL_ERROR_SYSCALL"
    r"|gnutls_handshake|TLS connection|transfer closed|body are still expected|kex_exchange"
)
_REFUSED = re.compile(
    r"[Rr]epository not found|repository '.*' not found|does not appear to be a git repository|Authentication failed"
    r"|could not read (?:Username|Password)|terminal prompts disabled|returned error: 4\d\d|Permission denied \("
    r"|Host key verification failed|[Aa]ccess denied|dubious ownership|certificate"
    r"|[Pp]rotocol .*not (?:allowed|supported)|Unable to find remote helper|missing repository|no such repository"
)
_HUNG_UP = re.compile(r"hung up|Could not read from remote repository")
_CORRUPT = re.compile(
    r"bad (?:object|tree|pack|ref)|corrupt|not a git repository|[Mm]issing (?:blob|tree|commit|object)|packfile"
    r"|fsck|Could not read (?!from remote)|unable to read|broken ref|invalid (?:object|sha1|index-pack)|inflate"
    r"|Failed to traverse|index-pack failed|loose object|is empty|unresolved deltas|all necessary objects"
    r"|object not found|non-commit object"
)
_USER_INFO = re.compile(r"(?<=://)[^/@\s]+@")

_AGAIN = "the next run tries again"


class GivenUp(SourceUnavailable):
    """No answer, and asking once more within this run would not help: time is up, disk full, or work stopped."""


class DamagedData(SourceUnfit):
    """git met damaged data while it talked to the host: the host's, unless the mirror has some of its own."""


class NotHeld(SourceRefused):
    """The host does not have an object that it was asked for by its id, or does not give it that way.

    `reason` is what it said.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: the host does not give an object that it was asked for ({reason}).")
        self.reason = reason


def redact(text: str, secrets: Collection[str] = ()) -> str:
    """Blot out `secrets`, and user names and passwords in URLs."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return _USER_INFO.sub("***@", text)


def disk_full(name: str, path: Path) -> GivenUp:
    """The error for a write that found no room."""
    return GivenUp(f"{name}: the disk of {path.parent} is full; free space there and run again.")


def damaged(name: str, reason: str) -> DamagedData:
    """The error for a repository that the host cannot read whole."""
    return DamagedData(
        f"{name}: the host's copy is damaged ({reason}); mend it there, `git fsck` tells what it lacks. "
        "The mirror keeps what it has."
    )


def other_kind(name: str, reason: str) -> SourceUnfit:
    """The error for a repository that no mirror can be made of."""
    return SourceUnfit(
        f"{name}: the host's copy is of a kind that cannot be mirrored ({reason}); put one there that git reads, "
        "with object ids of SHA-1."
    )


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
    ours = "\n".join(line for line in stderr.splitlines() if not (network and line.startswith("remote: ")))
    if _DISK_FULL.search(ours):
        return disk_full(name, path)
    if line := _line(_MACHINE, ours):
        return SourceUnavailable(f"{name}: this machine is short of a resource ({line}); {_AGAIN}.")
    if line := _line(_FOLDER, ours):
        return SettingsError(f"{name}: cannot write to {path.parent} ({line}); make that folder writable.")
    if not network:
        return SourceCorrupt(f"{name}: the mirror is damaged ({_last(stderr)}); remove {path} to have it cloned anew.")
    return _trouble_there(name, stderr) or _unanswered(name, stderr)


def _trouble_there(name: str, stderr: str) -> BoostPipelineError | None:
    """What no broken connection explains, as git could not have said it without an answer; None otherwise."""
    if line := _line(_MACHINE, stderr) or _line(_DISK_FULL, stderr):
        return SourceUnavailable(f"{name}: the host is short of a resource ({line}); {_AGAIN}.")
    if line := _line(_OUR_CONFIG, stderr):
        return SettingsError(f"{name}: git does not read its configuration on this machine ({line}); mend that file.")
    if _SHALLOW.search(stderr):
        return SourceUnfit(
            f"{name}: the host's copy is shallow, it lacks the older history; run `git fetch --unshallow` there."
        )
    if line := _line(_OTHER_KIND, stderr):
        return other_kind(name, line)
    if line := _line(_DAMAGED_THERE, stderr):
        return damaged(name, _line(_WHAT_IS_DAMAGED, stderr) or line)
    return None


def _unanswered(name: str, stderr: str) -> BoostPipelineError:
    if line := _line(_NO_ANSWER, stderr):
        return SourceUnavailable(f"{name}: no answer from the host ({line}); {_AGAIN}.")
    if line := _line(_REFUSED, stderr):
        mend = "check BOOST_GIT_URL, and BOOST_GIT_TOKEN if the repository is private"
        return SourceRefused(f"{name}: gone, private or not for us ({line}); {mend}.")
    if line := _line(_NOT_HELD, stderr):
        return NotHeld(name, line)
    if line := _line(_CORRUPT, stderr):
        return damaged(name, line)
    if line := _line(_HUNG_UP, stderr):
        return SourceUnavailable(f"{name}: the host broke off ({line}); {_AGAIN}.")
    return SourceUnavailable(f"{name}: git failed ({_last(stderr)}); {_AGAIN}.")


def _line(pattern: re.Pattern[str], stderr: str) -> str | None:
    return next((_shorten(line) for line in stderr.splitlines() if pattern.search(line)), None)


def _last(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if line.strip()]
    return _shorten(lines[-1]) if lines else "no reason given"


def _shorten(line: str) -> str:
    line = re.sub(r"^(?:(?:remote|fatal|error|warning): )+", "", line.strip())
    return line if len(line) <= 300 else f"{line[:297]}..."
