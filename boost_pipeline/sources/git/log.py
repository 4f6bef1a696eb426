"""Commits with their file changes, read from `git log` while it runs.

Which commits to ask for belongs to `mirror.py`. Of a message that holds a NUL byte, git prints what comes
before it, and so it is here; no other field can hold one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Literal, NamedTuple

from boost_pipeline.errors import SourceCorrupt
from boost_pipeline.sources.git.fields import moment, offset, path, text

# One field a line: names and addresses cannot hold a line break, %s is folded, and a trailer is one line that
# is never empty, so that an empty line ends the trailers. The message comes last and may hold anything but NUL.
ARGUMENTS = (
    "log",
    "-z",
    "--raw",
    "--numstat",
    "--no-abbrev",
    "-M",
    "-l1000",
    "--topo-order",
    "--no-diff-merges",
    "--encoding=UTF-8",
    "--date=raw",
    "--format=tformat:%x01%H%n%P%n%an%n%ae%n%ad%n%cn%n%ce%n%cd%n%s%n%(trailers:only,unfold)%n%B",
    "--stdin",
)
_STATUS = 97  # ":100644 100644 <40 digits> <40 digits> M": the letter's place in a raw entry
_UNPRINTABLE = ("", "0 +0000")  # git shows dates before 1970 as the one, those past its range as the other
_RAW = ord(":")
_LETTERS = {ord(letter): letter for letter in "AMDTR"}


class _Counts(dict[bytes, int | None]):
    """Numbers of lines; most are small, and looking them up is three times as fast as int()."""

    def __missing__(self, digits: bytes) -> int:
        return int(digits)


_COUNTS = _Counts({b"-": None} | {str(number).encode(): number for number in range(1000)})


class FileChange(NamedTuple):
    """What a commit did to one file, compared with the parent of the commit.

    Attributes:
        path: after the change.
        previous_path: before it, if it was renamed.
        status: A(dded), M(odified), D(eleted), T(ype changed), R(enamed, with edits or without).
        additions: lines; None for a binary file.
        deletions: lines; None for a binary file.
    """

    path: str
    previous_path: str | None
    status: str
    additions: int | None
    deletions: int | None


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as git shows it, with what it changed; a merge has no `files`.

    Attributes:
        authored_at: in UTC; None when the commit tells no date or one outside the years 1 to 9999.
        author_offset: minutes east of UTC of the author's clock; 0 when it is nonsense.
        subject: the first paragraph of the message on one line.
        message: all of it, as it was written.
        trailers: key and value of "Signed-off-by: …" and the like, in order, repeated ones included.
    """

    sha: str
    parents: tuple[str, ...]
    author_name: str
    author_email: str
    authored_at: datetime | None
    author_offset: int
    committer_name: str
    committer_email: str
    committed_at: datetime | None
    subject: str
    message: str
    trailers: tuple[tuple[str, str], ...]
    files: list[FileChange]


def parse_log(name: str, chunks: Iterable[bytes], raw_commit: Callable[[str], bytes]) -> Iterator[Commit]:
    """Read the output of git with `ARGUMENTS`; one commit is held at a time.

    Args:
        name: of the repository, for messages.
        chunks: the output, cut anywhere.
        raw_commit: returns the commit object of an id; asked where git cannot print a date.

    Raises:
        SourceCorrupt: the output is not of that form.
    """
    tokens = chain.from_iterable(_tokens(chunks))
    try:
        token = next(tokens, None)
        while token is not None:
            header, files = token, []
            token = next(tokens, None)
            # Only here can a file change begin, and only there a header: what a path or a message looks like
            # does not matter.
            if token is not None and token.startswith(b"\n:"):
                files = _file_changes(token[1:], tokens)
                token = next(tokens, None)
            yield _commit(header, files, raw_commit)
    except (StopIteration, ValueError, LookupError) as error:
        raise SourceCorrupt(
            f"{name}: git log printed something unexpected ({error!r:.200}); report it with `git --version`."
        ) from None


def _tokens(chunks: Iterable[bytes]) -> Iterator[list[bytes]]:
    tail: list[bytes] = []
    for chunk in chunks:
        tokens = chunk.split(b"\0")
        tail.append(tokens[0])
        if len(tokens) > 1:
            tokens[0] = b"".join(tail)
            tail = [tokens.pop()]
            yield tokens
    if any(tail):
        raise ValueError("no NUL at the end")


def _file_changes(token: bytes, tokens: Iterator[bytes]) -> list[FileChange]:
    """Read the raw entries, and after them as many of --numstat, in the same order."""
    entries = []
    while token[0] == _RAW:
        status = _LETTERS[token[_STATUS]]
        previous = next(tokens) if status == "R" else None
        entries.append((status, previous, next(tokens)))
        token = next(tokens)
    files = []
    counts = chain((token,), tokens)
    for status, previous, current in entries:
        additions, deletions, counted = next(counts).split(b"\t", 2)
        if previous is None:
            agree = counted == current
        else:
            agree = not counted and next(counts) == previous and next(counts) == current
        if not agree:
            raise ValueError(f"{current!r} without its counts")
        files.append(
            FileChange(
                path(current),
                None if previous is None else path(previous),
                status,
                _COUNTS[additions],
                _COUNTS[deletions],
            )
        )
    return files


def _commit(header: bytes, files: list[FileChange], raw_commit: Callable[[str], bytes]) -> Commit:
    try:
        fields = header.decode().split("\n", 9)
    except UnicodeDecodeError:
        fields = [text(field) for field in header.split(b"\n", 9)]
    start, parents, author, author_email, authored, committer, committer_email, committed, subject, rest = fields
    sha = start[1:]
    if not start.startswith("\x01") or len(sha) != 40:
        raise ValueError(f"{header[:60]!r} where a commit should begin")
    if authored in _UNPRINTABLE:
        signature = raw_signature(raw_commit(sha), "author")
        author, author_email, authored = _mend(author, author_email, signature)
    if committed in _UNPRINTABLE:
        signature = raw_signature(raw_commit(sha), "committer")
        committer, committer_email, committed = _mend(committer, committer_email, signature)
    authored_at, author_offset = _date(authored)
    committed_at, _ = (authored_at, 0) if committed == authored else _date(committed)
    trailers, _, message = ("", "", rest[1:]) if rest.startswith("\n") else rest.partition("\n\n")
    return Commit(
        sha,
        tuple(parents.split()),
        author,
        author_email,
        authored_at,
        author_offset,
        committer,
        committer_email,
        committed_at,
        " ".join(subject.splitlines()),
        message,
        tuple([_trailer(line) for line in trailers.split("\n")]) if trailers else (),
        files,
    )


def _trailer(line: str) -> tuple[str, str]:
    key, _, value = line.partition(": ")
    return key, value


def _date(raw: str) -> tuple[datetime | None, int]:
    seconds, _, zone = raw.partition(" ")
    return moment(seconds), offset(zone)


def _mend(name: str, email: str, raw: tuple[str, str, str]) -> tuple[str, str, str]:
    """Take the date from the commit object, and the name only if git found none: there it is not re-encoded."""
    return (name, email, raw[2]) if name or email else raw


def raw_signature(commit: bytes, key: Literal["author", "committer"]) -> tuple[str, str, str]:
    """Read name, address and date, such as "-86400 +0100", from a commit object; "" for what is not there."""
    header = commit.partition(b"\n\n")[0]
    start = f"{key} ".encode()
    line = next((line for line in header.split(b"\n") if line.startswith(start)), start)
    who, _, when = line[len(start) :].replace(b"\0", b"").rpartition(b">")
    name, _, email = who.partition(b"<")
    return text(name.strip()), text(email.strip()), text(b" ".join(when.split()[:2]))
