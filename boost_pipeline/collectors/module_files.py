"""The source files of one repository at its pinned commits, and what they include: each tree and blob read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from boost_pipeline.boost.includes import Includes, scan
from boost_pipeline.boost.source_files import SourceFile, source_file, source_files
from boost_pipeline.collectors.superproject import TREE
from boost_pipeline.sources.git import Objects
from boost_pipeline.sources.git.fields import path

Files = list[tuple[SourceFile, str]]
"""Files with the ids of their blobs."""

_FILE_MODES = ("100644", "100755")
_FOLDERS = (b"include", b"src", b"test")
_MARKER = b"sublibs"
_LARGEST_FILE = 16 * 2**20
"""Bytes; what comes after so many, no person wrote."""


@dataclass
class ModuleFiles:
    """Reads the trees of one repository. Folders that commits share are read once."""

    objects: Objects
    _trees: dict[str, list[tuple[bytes, str]]] = field(default_factory=dict)
    _files: dict[tuple[bytes, str], Files] = field(default_factory=dict)

    def at(self, commit: str) -> Files:
        """Return the files at the commit, sorted by path.

        Raises:
            SourceCorrupt: the mirror lacks the commit or one of its folders.
        """
        top = self.objects.tree(commit)
        if any(entry.name == _MARKER for entry in top):
            return self._with_libraries_within(commit)
        folders = {entry.name: entry.sha for entry in top if entry.mode == TREE and entry.name in _FOLDERS}
        if b"include" not in folders:
            return []
        return [file for folder in folders.items() for file in self._in(*folder)]

    def _with_libraries_within(self, commit: str) -> Files:
        """Return the files of a repository that may hold further libraries, which its whole tree tells."""
        blobs = {path(name): blob for name, blob in self._below_all(commit)}
        return [(file, blobs[file.path]) for file in source_files(sorted(blobs))]

    def _in(self, folder: bytes, tree: str) -> Files:
        if (folder, tree) not in self._files:
            blobs = {path(folder + b"/" + name): blob for name, blob in self._below(tree)}
            found = [(source_file(name), blobs[name]) for name in sorted(blobs)]
            self._files[folder, tree] = [(file, blob) for file, blob in found if file is not None]
        return self._files[folder, tree]

    def _below_all(self, commit: str) -> list[tuple[bytes, str]]:
        found = []
        for entry in self.objects.tree(commit):
            if entry.mode == TREE:
                found += [(entry.name + b"/" + name, blob) for name, blob in self._below(entry.sha)]
            elif entry.mode in _FILE_MODES:
                found.append((entry.name, entry.sha))
        return found

    def _below(self, tree: str) -> list[tuple[bytes, str]]:
        """Return (path below the tree, blob id) of its regular files."""
        if tree not in self._trees:
            found: list[tuple[bytes, str]] = []
            for entry in self.objects.tree(tree):
                if entry.mode == TREE:
                    found += [(entry.name + b"/" + name, blob) for name, blob in self._below(entry.sha)]
                elif entry.mode in _FILE_MODES:
                    found.append((entry.name, entry.sha))
            self._trees[tree] = found
        return self._trees[tree]


def read_includes(objects: Objects, blobs: Iterable[str]) -> Iterator[tuple[str, Includes | None]]:
    """Yield what each blob includes; None for one that the mirror lacks."""
    for sha, found in objects.get_many(blobs, limit=_LARGEST_FILE):
        yield sha, None if found is None else scan(found.data)
