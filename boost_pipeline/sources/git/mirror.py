"""Reading one mirror: its refs, its commits, its objects. Nothing here talks to a host or changes the mirror.

How a mirror comes to be and stays up to date belongs to `mirrors.py`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from boost_pipeline.errors import SourceCorrupt
from boost_pipeline.sources.git.fields import moment, path
from boost_pipeline.sources.git.log import ARGUMENTS, Commit, parse_log, raw_signature
from boost_pipeline.sources.git.objects import Objects
from boost_pipeline.sources.git.process import Git

_SHA = re.compile(r"[0-9a-f]{40}")
_REF_FORMAT = "%(refname)%00%(objectname)%00%(objecttype)%00%(*objectname)%00%(*objecttype)%00%(taggerdate:raw)"

_HISTORY = ("log", "--topo-order", "--format=%H,%ct,%P", "--stdin")


@dataclass(frozen=True, slots=True)
class Ref:
    """A branch or a tag.

    Attributes:
        name: in full, such as "refs/heads/develop".
        kind: "branch" or "tag".
        sha: the object that it names: for an annotated tag, the tag object.
        commit_sha: the commit behind it; None if there is a tree or a blob.
        tagged_at: when an annotated tag was made, in UTC; None for others, and for dates that git cannot read.
    """

    name: str
    kind: Literal["branch", "tag"]
    sha: str
    commit_sha: str | None
    tagged_at: datetime | None


@dataclass(frozen=True, slots=True)
class Node:
    """A commit in the graph of commits."""

    sha: str
    parents: tuple[str, ...]
    committed_at: datetime | None


class Mirror:
    """A bare repository on our disk with the branches and tags of one on a host.

    `extra` of its methods are commits besides those of branches and tags, such as the ones a release pins.
    Those that the mirror lacks are passed over: `missing` tells them. Every method raises `SourceCorrupt` when
    the mirror is damaged; iterators do so in the middle.
    """

    def __init__(self, git: Git) -> None:
        self.name = git.name
        self.path: Path = git.path
        self._git = git

    def exists(self) -> bool:
        """Whether it was ever cloned; if so, it is complete."""
        return self.path.exists()

    def default_branch(self) -> str | None:
        """Return the name of the host's default branch, such as "develop"; None if there is no such branch."""
        head = self.head()
        return None if head is None else path(head).removeprefix("refs/heads/")

    def head(self) -> bytes | None:
        """Return the default branch in full and as git has it, such as b"refs/heads/develop"."""
        heads = self._git.read("for-each-ref", "--format=%(HEAD)%(refname)", "refs/heads").splitlines()
        return next((line[1:] for line in heads if line.startswith(b"*")), None)

    def refs(self) -> list[Ref]:
        """Return all branches and tags, sorted by name."""
        lines = self._git.read("for-each-ref", f"--format={_REF_FORMAT}", "refs/heads", "refs/tags").splitlines()
        fields = [line.split(b"\0") for line in lines]
        # git before 2.45 follows a tag of a tag by one step only.
        nested = [sha.decode() for _, sha, _, _, target, _ in fields if target == b"tag"]
        peeled = dict(zip(nested, self._objects(nested, "^{}"), strict=True)) if nested else {}
        return [_ref(line, peeled) for line in fields]

    def objects(self) -> AbstractContextManager[Objects]:
        """Open the objects for reading one after the other."""
        return Objects(self._git)

    def files(self, commit_sha: str) -> list[str]:
        """Return the paths of the regular files at a commit, as `git ls-tree` lists them.

        Raises:
            SourceCorrupt: the mirror lacks the commit, or some of its tree.
        """
        listed = self._git.read("ls-tree", "-r", "-z", "--full-tree", commit_sha)
        return [path(line.partition(b"\t")[2]) for line in listed.split(b"\0") if line.startswith(b"100")]

    def missing(self, shas: Iterable[str]) -> set[str]:
        """Return those of the object ids `shas` that the mirror does not have."""
        asked = list(dict.fromkeys(shas))
        return {sha for sha, (_, kind) in zip(asked, self._objects(asked, ""), strict=True) if kind is None}

    def log(self, *, exclude: Collection[str] = (), extra: Collection[str] = ()) -> Iterator[Commit]:
        """Yield the commits with their file changes, children before parents.

        Args:
            exclude: commits that are known already, with all that they descend from.
            extra: see the class.
        """
        if tips := self._tips(exclude=exclude, extra=extra):
            with self._git.stream(*ARGUMENTS, stdin=tips) as stream, Objects(self._git) as objects:
                yield from parse_log(self.name, stream.chunks(), lambda sha: self._raw(objects, sha))

    def history(self, *, extra: Collection[str] = ()) -> Iterator[Node]:
        """Yield the graph of all commits, children before parents."""
        if tips := self._tips(extra=extra):
            with self._git.stream(*_HISTORY, stdin=tips) as stream, Objects(self._git) as objects:
                for line in stream.lines():
                    sha, seconds, parents = line.decode().split(",")
                    if not seconds:
                        _, _, date = raw_signature(self._raw(objects, sha), "committer")
                        seconds = date.partition(" ")[0]
                    yield Node(sha, tuple(parents.split()), moment(seconds))

    def count_commits(self, *, extra: Collection[str] = ()) -> int:
        """Return how many commits `log` and `history` yield."""
        tips = self._tips(extra=extra)
        return int(self._git.read("rev-list", "--count", "--stdin", stdin=tips)) if tips else 0

    def _tips(self, *, extra: Collection[str], exclude: Collection[str] = ()) -> bytes:
        """Return what to tell `git log --stdin`; nothing if there is no commit to begin with."""
        absent = self.missing([*extra, *exclude]) if extra or exclude else set()
        tips = dict.fromkeys(ref.commit_sha for ref in self.refs() if ref.commit_sha is not None)
        tips |= dict.fromkeys(sorted(set(extra) - absent))
        known = [f"^{sha}" for sha in exclude if sha not in absent]
        return "".join(f"{line}\n" for line in [*tips, *known]).encode() if tips else b""

    def _objects(self, shas: Collection[str], suffix: str) -> Iterator[tuple[str, str | None]]:
        """Yield id and kind of each of `shas` with `suffix` after it; kind is None where there is no such object."""
        if not shas:
            return
        wrong = next((sha for sha in shas if not _SHA.fullmatch(sha)), None)
        if wrong is not None:
            raise SourceCorrupt(f"{self.name}: {wrong!r} is not the id of a commit; 40 hexadecimal digits are.")
        asked = "".join(f"{sha}{suffix}\n" for sha in shas).encode()
        for line in self._git.read("cat-file", "--batch-check", "--buffer", stdin=asked).decode().splitlines():
            sha, kind, *_ = line.split()
            yield sha, None if kind == "missing" else kind

    def _raw(self, objects: Objects, sha: str) -> bytes:
        commit = objects.get(sha)
        if commit is None:
            raise SourceCorrupt(f"{self.name}: {sha} is in the log but not in the mirror; remove {self.path}.")
        return commit.data


def _ref(fields: list[bytes], peeled: Mapping[str, tuple[str, str | None]]) -> Ref:
    name, sha, kind, target, target_kind, tagged = [path(field) for field in fields]
    commit, commit_kind = (sha, kind) if kind != "tag" else peeled.get(sha, (target, target_kind))
    # git shows a date that it cannot read as the first second of 1970.
    tagged_at = None if tagged.startswith("0 ") else moment(tagged.partition(" ")[0])
    return Ref(
        name,
        "branch" if name.startswith("refs/heads/") else "tag",
        sha,
        commit if commit_kind == "commit" else None,
        tagged_at,
    )
