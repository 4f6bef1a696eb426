"""The source files of one repository at its pinned commits, and what they include: each tree and blob read once.

A file is a line of COPY's text without the ids of release and module: a release's rows are those of the release before
but for a few, so that making each line once is most of the work saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from boost_pipeline.boost.includes import Includes, scan
from boost_pipeline.boost.source_files import HEADER, KINDS, SOURCE, TEST
from boost_pipeline.collectors.superproject import TREE
from boost_pipeline.sources.git import Objects
from boost_pipeline.sources.git.fields import path
from boost_pipeline.warehouse.commit_loader import bounded_path
from boost_pipeline.warehouse.copy_text import text_line

COLUMNS = ("path", "include_path", "kind", "blob_sha")
"""Of a line, as in the table source_files."""

_FILE_MODES = ("100644", "100755")
_KINDS = {b"include": HEADER, b"src": SOURCE, b"test": TEST}
_MARKER = b"sublibs"
_LARGEST_FILE = 16 * 2**20
"""Bytes; what comes after so many, no person wrote."""


def blob_of(line: str) -> str:
    """Return the last column of a line."""
    return line[-41:-1]


def path_of(line: str) -> str:
    """Return the first column of a line."""
    return line.partition("\t")[0]


@dataclass
class ModuleFiles:
    """Reads the trees of one repository. What commits share is read once."""

    objects: Objects
    _lines: dict[tuple[bytes, str], list[str]] = field(default_factory=dict)

    def at(self, commit: str) -> list[str]:
        """Return a line for each file at the commit that counts, as `boost.source_files` says.

        Raises:
            SourceCorrupt: the mirror lacks the commit or one of its folders.
        """
        found = self._library(b"", commit)
        if len({path_of(line) for line in found}) == len(found):
            return found
        # A library lies within src/ or test/ of another: of two kinds that fit one file the former counts.
        by_kind = sorted(found, key=lambda line: KINDS.index(line.split("\t")[2]))
        return list({path_of(line): line for line in reversed(by_kind)}.values())

    def _library(self, folder: bytes, tree: str) -> list[str]:
        """Return the files of the library in a folder, and those of the libraries within."""
        entries = self.objects.tree(tree)
        folders = {entry.name: entry.sha for entry in entries if entry.mode == TREE}
        found: list[str] = []
        if b"include" in folders:
            for name, kind in _KINDS.items():
                if name in folders:
                    found += self._below(kind, len(folder) + len("include/"), folder + name + b"/", folders[name])
        if any(entry.name == _MARKER for entry in entries):
            for name, sha in folders.items():
                found += self._library(folder + name + b"/", sha)
        return found

    def _below(self, kind: str, root: int, folder: bytes, tree: str) -> list[str]:
        """Return the files of a folder; of a header's path the first `root` bytes are not written in an include."""
        if (folder, tree) not in self._lines:
            found: list[str] = []
            for entry in self.objects.tree(tree):
                name = folder + entry.name
                if entry.mode == TREE:
                    found += self._below(kind, root, name + b"/", entry.sha)
                elif entry.mode in _FILE_MODES:
                    include_path = path(name[root:]) if kind == HEADER else None
                    found.append(text_line(bounded_path(path(name)), include_path, kind, entry.sha))
            self._lines[folder, tree] = found
        return self._lines[folder, tree]


def read_includes(objects: Objects, blobs: Iterable[str]) -> Iterator[tuple[str, Includes | None]]:
    """Yield what each blob includes; None for one that the mirror lacks."""
    for sha, found in objects.get_many(blobs, limit=_LARGEST_FILE):
        yield sha, None if found is None else scan(found.data)
