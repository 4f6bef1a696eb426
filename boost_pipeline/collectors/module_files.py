"""The source files of one repository at its pinned commits, and what they include: each tree and blob read once.

Files are kept by folder: from one release to the next nearly all folders stay as they are, so that each is made,
compared and stored once for all releases that have it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from boost_pipeline.boost.includes import Includes, scan
from boost_pipeline.boost.source_files import HEADER, KINDS, SOURCE, TEST
from boost_pipeline.collectors.superproject import TREE
from boost_pipeline.sources.git import Objects, TreeEntry
from boost_pipeline.sources.git.fields import path
from boost_pipeline.warehouse.commit_loader import bounded_path
from boost_pipeline.warehouse.copy_text import text_array, text_line

COLUMNS = ("digest", "kind", "paths", "include_paths", "blob_shas")
"""Of a folder's line, as in the table source_folders."""

INCLUDE_COLUMNS = ("blob_sha", "targets", "commented", "spliced", "macros", "line_count", "byte_count")
"""Of a content's line, as in the table blob_includes."""

_FILE_MODES = ("100644", "100755")
_INCLUDE = b"include"
_KINDS = {_INCLUDE: HEADER, b"src": SOURCE, b"test": TEST}
_MARKER = b"sublibs"
_LARGEST_FILE = 16 * 2**20
"""Bytes; what comes after so many, no person wrote."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of one folder, without those of the folders within.

    Attributes:
        path: The folder as git names it, with a slash at the end.
        kind: header, source or test, as `boost.source_files` says.
        paths: The files.
        blobs: Their contents' ids, in the same order.
        digest: Names the row, whatever release or module it is of.
        line: The row in COPY's text format, but for the module.
    """

    path: bytes
    kind: str
    paths: tuple[str, ...]
    blobs: tuple[str, ...]
    digest: str
    line: str


class ModuleFiles:
    """Reads the source files of commits of one repository. What commits share is read once."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._trees: dict[str, list[TreeEntry]] = {}
        self._folders: dict[tuple[str, int, bytes, str], list[Folder]] = {}

    def at(self, commits: Iterable[str]) -> dict[str, list[Folder]]:
        """Return of each commit the folders with files that count, as `boost.source_files` says.

        Raises:
            SourceCorrupt: the mirror lacks a commit or one of its folders.
        """
        roots = {commit: f"{commit}^{{tree}}" for commit in commits}
        self._read_trees(set(roots.values()))
        return {commit: _one_kind_each(self._library(b"", root)) for commit, root in roots.items()}

    def _read_trees(self, roots: Collection[str]) -> None:
        """Read the trees that the libraries at `roots` need, depth by depth: git is asked for many at once."""
        seen: set[tuple[str, bool]] = set()
        pending = {(root, True) for root in roots}
        while pending:
            seen |= pending
            self._trees.update(self._objects.trees(sorted({sha for sha, _ in pending} - self._trees.keys())))
            pending = {
                within for sha, is_library in pending for within in _within(self._trees[sha], is_library=is_library)
            } - seen

    def _library(self, folder: bytes, tree: str) -> list[Folder]:
        """Return the folders of the library in a folder, and those of the libraries within."""
        entries = self._trees[tree]
        folders = {entry.name: entry.sha for entry in entries if entry.mode == TREE}
        found: list[Folder] = []
        if _INCLUDE in folders:
            for name, kind in _KINDS.items():
                if name in folders:
                    found += self._below(kind, len(folder) + len("include/"), folder + name + b"/", folders[name])
        if any(entry.name == _MARKER for entry in entries):
            for name, sha in folders.items():
                found += self._library(folder + name + b"/", sha)
        return found

    def _below(self, kind: str, root: int, folder: bytes, tree: str) -> list[Folder]:
        """Return a folder and those within; of a header's path the first `root` bytes are not written in an include."""
        key = (kind, root, folder, tree)
        if key not in self._folders:
            entries = self._trees[tree]
            files = [(folder + entry.name, entry.sha) for entry in entries if entry.mode in _FILE_MODES]
            found = [_folder(folder, kind, root, files)] if files else []
            for entry in entries:
                if entry.mode == TREE:
                    found += self._below(kind, root, folder + entry.name + b"/", entry.sha)
            self._folders[key] = found
        return self._folders[key]


def _within(entries: list[TreeEntry], *, is_library: bool) -> Iterator[tuple[str, bool]]:
    """Yield the trees that matter in one of a library, or of its files: each with whether it may be a library."""
    folders = {entry.name: entry.sha for entry in entries if entry.mode == TREE}
    if not is_library:
        yield from ((sha, False) for sha in folders.values())
        return
    if _INCLUDE in folders:
        yield from ((folders[name], False) for name in _KINDS if name in folders)
    if any(entry.name == _MARKER for entry in entries):
        yield from ((sha, True) for sha in folders.values())


def _one_kind_each(folders: list[Folder]) -> list[Folder]:
    """A library lies within src/ or test/ of another: of two kinds that fit one folder the former counts."""
    by_kind = sorted(folders, key=lambda folder: KINDS.index(folder.kind), reverse=True)
    return list({folder.path: folder for folder in by_kind}.values())


def _folder(folder: bytes, kind: str, root: int, files: Sequence[tuple[bytes, str]]) -> Folder:
    paths = tuple([bounded_path(path(name)) for name, _ in files])
    include_paths = text_array([path(name[root:]) for name, _ in files]) if kind == HEADER else None
    blobs = tuple([sha for _, sha in files])
    line = text_line(kind, text_array(paths), include_paths, text_array(blobs))
    digest = hashlib.sha1(line.encode(), usedforsecurity=False).hexdigest()
    return Folder(folder, kind, paths, blobs, digest, f"{digest}\t{line}")


def read_includes(objects: Objects, blobs: Iterable[str]) -> Iterator[tuple[str, str | None]]:
    """Yield a line of the table blob_includes for each blob; None for one that the mirror lacks."""
    for sha, found in objects.get_many(blobs, limit=_LARGEST_FILE):
        yield sha, None if found is None else _line(sha, scan(found.data))


def _line(sha: str, found: Includes) -> str:
    *texts, line_count, byte_count = found
    return text_line(sha, *map(text_array, texts), str(line_count), str(byte_count))
