"""The history of one repository as values: files, commits, branches and tags, with the ids that git gives them.

Nothing here runs git. The ids are computed from the objects' bytes as git's documentation defines them
(https://git-scm.com/book/en/v2/Git-Internals-Git-Objects), so that the truth about the sample does not come
from the program that it is compared with. Writing a history into a repository is `fast_import`.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import NamedTuple, Self

GITLINK = "160000"
SYMLINK = "120000"
EXECUTABLE = "100755"


class File(NamedTuple):
    """An entry of a tree: its bytes, and its mode as git writes it. The bytes of a gitlink are the commit id."""

    content: bytes
    mode: str = "100644"


class Signature(NamedTuple):
    """Who and when; the time carries the zone that the commit shows."""

    name: str
    email: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.name} <{self.email}> {int(self.at.timestamp())} {self.at:%z}"


class Change(NamedTuple):
    """A file changed by a commit, as `git log --raw --numstat -M` shows it; binary files have no counts."""

    status: str
    path: str
    previous_path: str | None
    additions: int | None
    deletions: int | None


class AnnotatedTag(NamedTuple):
    """A tag object: its id, the commit it names, who made it, its message."""

    sha: str
    commit: str
    tagger: Signature
    message: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit with the whole tree it holds; `changes` is empty for a merge, as `git log` shows it."""

    sha: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str
    trailers: tuple[tuple[str, str], ...]
    encoding: str | None
    files: Mapping[str, File]
    changes: tuple[Change, ...]

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]


class History:
    """The commits of one repository, parents before children, and its refs: full name → id of the object."""

    def __init__(self, default_branch: str) -> None:
        self.default_branch = default_branch
        self.commits: dict[str, Commit] = {}
        self.refs: dict[str, str] = {}
        self.annotated: dict[str, AnnotatedTag] = {}

    def copy(self) -> Self:
        """Return a history that can grow while this one stays."""
        other = type(self)(self.default_branch)
        other.commits, other.refs = dict(self.commits), dict(self.refs)
        other.annotated = dict(self.annotated)
        return other

    def tag(self, name: str, commit: str) -> None:
        """Make a lightweight tag."""
        self.refs[f"refs/tags/{name}"] = commit

    def annotate(self, name: str, commit: str, tagger: Signature, message: str) -> None:
        """Make an annotated tag."""
        body = f"object {commit}\ntype commit\ntag {name}\ntagger {tagger}\n\n{message}\n".encode()
        tag = AnnotatedTag(_object_id(b"tag", body).hex(), commit, tagger, f"{message}\n")
        self.annotated[name] = tag
        self.refs[f"refs/tags/{name}"] = tag.sha

    def commit_of(self, ref: str) -> str:
        """Return the commit that a ref names, behind a tag object too."""
        tag = self.annotated.get(ref.removeprefix("refs/tags/"))
        return tag.commit if tag else self.refs[ref]

    def reachable(self, tips: Iterable[str] | None = None, known: Collection[str] = ()) -> set[str]:
        """Return the ids of `tips` and all that they descend from, up to `known`; without tips, of all refs."""
        found: set[str] = set()
        waiting = list(tips if tips is not None else map(self.commit_of, self.refs))
        while waiting:
            if (sha := waiting.pop()) not in found and sha not in known:
                found.add(sha)
                waiting.extend(self.commits[sha].parents)
        return found


class Branch:
    """A branch of a history, checked out: change `files`, then `commit`. With `start` it is made, or moved, there."""

    def __init__(self, history: History, name: str, start: str | None = None) -> None:
        self.history = history
        self.ref = f"refs/heads/{name}"
        self.start = start or history.refs.get(self.ref)
        self.files: dict[str, File] = dict(history.commits[self.start].files) if self.start else {}
        if self.start:
            history.refs[self.ref] = self.start

    @property
    def tip(self) -> str | None:
        """The newest commit; None before the first."""
        return self.history.refs.get(self.ref)

    def commit(
        self,
        message: str,
        author: Signature,
        *,
        committer: Signature | None = None,
        renames: Mapping[str, str] = MappingProxyType({}),
        trailers: tuple[tuple[str, str], ...] = (),
        encoding: str | None = None,
        merge: str | None = None,
    ) -> str:
        """Commit `files` and return the id.

        Args:
            message: Without trailers and without the last line's end.
            author: Also the committer, where none is given.
            committer: Who committed, and when.
            renames: New path → old path.
            trailers: Token and value, in order.
            encoding: The charset of names and message, written into the commit's header.
            merge: The second parent.
        """
        parents = tuple(sha for sha in (self.tip, merge) if sha)
        before = self.history.commits[self.tip].files if self.tip else {}
        tail = "".join(f"\n{token}: {value}" for token, value in trailers)
        committer = committer or author
        text = f"{message}\n{tail}\n" if tail else f"{message}\n"
        files = MappingProxyType(dict(self.files))
        sha = _commit_id(files, parents, author, committer, text, encoding)
        changes = () if merge else _changes(before, files, renames)
        commit = Commit(sha, parents, author, committer, text, trailers, encoding, files, changes)
        self.history.commits.setdefault(commit.sha, commit)
        self.history.refs[self.ref] = commit.sha
        return commit.sha

    def merge(self, other: Branch, message: str, author: Signature, *, committer: Signature | None = None) -> str:
        """Merge `other` without fast-forward: what it changed since its start wins; return the id."""
        base = self.history.commits[other.start].files if other.start else {}
        for path in sorted(base.keys() | other.files.keys()):
            if base.get(path) != other.files.get(path):
                if path in other.files:
                    self.files[path] = other.files[path]
                else:
                    self.files.pop(path, None)
        return self.commit(message, author, committer=committer, merge=other.tip)

    def delete(self) -> None:
        """Delete the branch; its commits stay where something else holds them."""
        del self.history.refs[self.ref]


def _changes(before: Mapping[str, File], after: Mapping[str, File], renames: Mapping[str, str]) -> tuple[Change, ...]:
    moved = set(renames.values())
    found = []
    for path in sorted(before.keys() | after.keys()):
        previous = renames.get(path)
        old, new = before.get(previous or path), after.get(path)
        if (old != new or previous) and path not in moved:
            found.append(Change(_status(old, new, previous), path, previous, *_counts(old, new)))
    return tuple(found)


def _status(old: File | None, new: File | None, previous: str | None) -> str:
    if previous:
        return "R"
    if old is None:
        return "A"
    if new is None:
        return "D"
    return "T" if SYMLINK in (old.mode, new.mode) and old.mode != new.mode else "M"


def _counts(old: File | None, new: File | None) -> tuple[int | None, int | None]:
    """Count added and deleted lines: exact as long as no commit moves a line, or drops one and adds its equal."""
    if any(file and b"\0" in file.content for file in (old, new)):
        return None, None
    was, now = _lines(old), _lines(new)
    return (now - was).total(), (was - now).total()


def _lines(file: File | None) -> Counter[bytes]:
    if file is None:
        return Counter()
    lines = file.content.split(b"\n")
    return Counter(lines if lines[-1] else lines[:-1])


def _commit_id(
    files: Mapping[str, File],
    parents: tuple[str, ...],
    author: Signature,
    committer: Signature,
    message: str,
    encoding: str | None,
) -> str:
    head = [f"tree {_tree_id(files).hex()}", *(f"parent {parent}" for parent in parents)]
    head += [f"author {author}", f"committer {committer}"]
    if encoding:
        head.append(f"encoding {encoding}")
    return _object_id(b"commit", "\n".join([*head, "", message]).encode(encoding or "utf-8")).hex()


def _object_id(kind: bytes, body: bytes) -> bytes:
    return hashlib.sha1(b"%s %d\0%s" % (kind, len(body), body), usedforsecurity=False).digest()


@cache
def _blob_id(content: bytes) -> bytes:
    return _object_id(b"blob", content)


def _tree_id(files: Mapping[str, File]) -> bytes:
    entries: dict[str, tuple[str, bytes]] = {}
    folders: dict[str, dict[str, File]] = defaultdict(dict)
    for path, file in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            folders[name][rest] = file
        else:
            raw = bytes.fromhex(file.content.decode()) if file.mode == GITLINK else _blob_id(file.content)
            entries[name] = (file.mode, raw)
    # git sorts a folder as if its name ended in a slash.
    entries |= {f"{name}/": ("40000", _tree_id(inside)) for name, inside in folders.items()}
    ordered = sorted((name.encode(), entry) for name, entry in entries.items())
    return _object_id(b"tree", b"".join(b"%s %s\0%s" % (m.encode(), n.rstrip(b"/"), i) for n, (m, i) in ordered))
