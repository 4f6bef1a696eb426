"""Objects from a mirror, one after the other or many at once, through one long-lived `git cat-file --batch`.

What the content means belongs to the caller; only trees are read here, as they are git's own format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import NamedTuple, NoReturn, Self

from boost_pipeline.errors import SourceCorrupt
from boost_pipeline.sources.git.process import Git, Stream

_ENTRY = re.compile(rb"([0-7]+) ([^\0]+)\0(.{20})", re.DOTALL)
_MODES = {mode.encode().lstrip(b"0"): mode for mode in ("040000", "100644", "100755", "120000", "160000")}
_TREE, _GITLINK = "040000", "160000"
_LIMIT = 64 * 2**20
_WINDOW = 500
"""Object ids that git is told at once: two windows of 41 bytes each fit in a pipe, so that telling never waits."""


@dataclass(frozen=True, slots=True)
class GitObject:
    """An object: its id, its kind ("blob", "tree", "commit" or "tag") and its content."""

    sha: str
    kind: str
    data: bytes


class TreeEntry(NamedTuple):
    """A line of a folder: `mode` of six digits as git prints it ("160000" is a submodule), `name`, object id."""

    mode: str
    name: bytes
    sha: str


class Objects:
    """The objects of one mirror, for one thread; git starts with the first question and ends with the `with` block."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._stream: Stream | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()

    def get(self, name: str, *, limit: int = _LIMIT) -> GitObject | None:
        """Return the object `name`; None when the mirror lacks it.

        Args:
            name: "<sha>" or "<sha>:path/of/a/file".
            limit: bytes; a larger object is not read.

        Raises:
            SourceCorrupt: the object or a folder on the way to it is damaged, the object is larger than `limit`,
                or the name holds a line break. After the latter two, `get` can be called again.
        """
        revision, _, path = name.partition(":")
        if path.startswith(("./", "../")):
            return None  # no tree holds such a name, and git would end
        found = self._ask(name, limit)
        if found is None and path:
            self._prove_absent(revision, path)
        return found

    def get_many(self, shas: Iterable[str], *, limit: int = _LIMIT) -> Iterator[tuple[str, GitObject | None]]:
        """Yield the objects of these ids in their order, None for one that the mirror lacks.

        git is told the next ids while it still answers the last ones, so that neither waits for the other. Nothing
        else can be asked until the iterator has ended. Of an object of more than `limit` bytes come the first ones.

        Raises:
            SourceCorrupt: an object is damaged.
        """
        asked = iter(shas)
        window = self._tell(asked)
        while window:
            following = self._tell(asked)
            for sha in window:
                yield sha, self._read(sha, limit, cut=True)
            window = following

    def tree(self, sha: str) -> list[TreeEntry]:
        """Return the entries of the tree, of the root tree of the commit, or of the folder "<sha>:path".

        Raises:
            SourceCorrupt: there is no such tree in the mirror, or it is damaged.
        """
        name = sha if ":" in sha else f"{sha}^{{tree}}"
        return self._tree(sha, self.get(name))

    def trees(self, names: Iterable[str]) -> Iterator[tuple[str, list[TreeEntry]]]:
        """Yield the entries of many trees in their order, as `get_many` does; each name is "<sha>" or "<sha>^{tree}".

        Raises:
            SourceCorrupt: there is no such tree in the mirror, or it is damaged.
        """
        for name, found in self.get_many(names):
            yield name, self._tree(name, found)

    def _tree(self, name: str, found: GitObject | None) -> list[TreeEntry]:
        if found is None or found.kind != "tree":
            raise SourceCorrupt(f"{self._git.name}: no tree {name!r} in the mirror; fetch it or ask for another.")
        return self._entries(found)

    def _ask(self, name: str, limit: int) -> GitObject | None:
        if "\n" in name or "\0" in name:
            raise SourceCorrupt(f"{self._git.name}: git cannot be asked for {name!r}, which holds a line break.")
        self._write(name.encode(errors="surrogatepass") + b"\n")
        return self._read(name, limit)

    def _tell(self, shas: Iterator[str]) -> list[str]:
        window = list(islice(shas, _WINDOW))
        if window:
            self._write("".join(f"{sha}\n" for sha in window).encode())
        return window

    def _write(self, names: bytes) -> None:
        if self._stream is None:
            self._stream = self._git.stream("cat-file", "--batch")
        try:
            self._stream.stdin.write(names)
            self._stream.stdin.flush()
        except BrokenPipeError:
            self._fail(self._stream)

    def _read(self, name: str, limit: int, *, cut: bool = False) -> GitObject | None:
        stream = self._stream
        assert stream is not None
        answer = stream.stdout.readline()
        if not answer.endswith(b"\n"):
            self._fail(stream)
        if answer.endswith((b" missing\n", b" submodule\n")):
            # git says "missing" of an object that it cannot read, too, but then it complains.
            if complaint := stream.complaint():
                raise self._git.failure(0, complaint, network=False)
            return None
        if answer.endswith(b" ambiguous\n"):
            return None
        sha, kind, size = answer.decode().split()
        return GitObject(sha, kind, self._content(stream, name, int(size), limit, cut=cut))

    def _content(self, stream: Stream, name: str, size: int, limit: int, *, cut: bool) -> bytes:
        if size > limit:
            begin = stream.stdout.read(limit) if cut else b""
            left = size + 1 - len(begin)
            while left and (skipped := stream.stdout.read(min(left, 2**20))):
                left -= len(skipped)
            if left:
                self._fail(stream)
            if cut:
                return begin
            raise SourceCorrupt(f"{self._git.name}: {name!r} has {size} bytes, more than the {limit} that are read.")
        data = stream.stdout.read(size + 1)  # and the line break after it
        if len(data) != size + 1:
            self._fail(stream)
        return data[:-1]

    def _fail(self, stream: Stream) -> NoReturn:
        """Raise for git that ended although it should wait for the next question."""
        stream.finish()
        raise self._git.failure(0, stream.complaint(), network=False)

    def _prove_absent(self, revision: str, path: str) -> None:
        """Walk to `path`, as git says "missing" of a file in a folder that the mirror ought to have but lacks."""
        tree = self._ask(f"{revision}^{{tree}}", _LIMIT)
        if tree is None and self._ask(revision, _LIMIT) is not None:
            raise self._damaged(f"{revision}^{{tree}}")
        *folders, last = path.encode(errors="surrogatepass").split(b"/")
        for folder in folders:
            entry = self._entry(tree, folder)
            if entry is None or entry.mode != _TREE:
                return
            tree = self._ask(entry.sha, _LIMIT)
            if tree is None:
                raise self._damaged(entry.sha)
        entry = self._entry(tree, last)
        if entry is not None and entry.mode != _GITLINK:
            raise self._damaged(entry.sha)

    def _entry(self, tree: GitObject | None, name: bytes) -> TreeEntry | None:
        if tree is None or tree.kind != "tree":
            return None
        return next((entry for entry in self._entries(tree) if entry.name == name), None)

    def _entries(self, tree: GitObject) -> list[TreeEntry]:
        found = _ENTRY.findall(tree.data)
        if sum([len(mode) + len(name) + 22 for mode, name, _ in found]) != len(tree.data):
            raise self._damaged(tree.sha)
        return [TreeEntry(_MODES.get(mode) or mode.decode().zfill(6), name, sha.hex()) for mode, name, sha in found]

    def _damaged(self, name: str) -> Exception:
        return self._git.failure(0, f"missing object {name}".encode(), network=False)
