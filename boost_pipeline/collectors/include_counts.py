"""How often each module of a release includes what, counted from the stored files; what repeats is read once."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import repeat
from typing import NamedTuple

from boost_pipeline.boost.dependencies import MOST_FILES, Include
from boost_pipeline.warehouse.warehouse import Transaction

Read = tuple[tuple[str, ...], tuple[str, ...], frozenset[str]]
"""Of a blob: the targets for a compiler, those for boostdep alone, and those that boostdep does not see."""


Key = tuple[str, str]
"""A kind of files, and what they include."""


class File(NamedTuple):
    """What counts of a file: its kind, its content, and of a header the path by which it is included."""

    kind: str
    blob: str
    include_path: str | None


@dataclass(slots=True)
class Module:
    """A module as the release read last had it, and what its files include, counted."""

    commit_sha: str = ""
    folders: dict[int, dict[str, File]] = field(default_factory=dict)
    """The files by path, by the id of their folder."""
    real: dict[Key, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The files that include a target for a compiler."""
    unreal: dict[Key, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Those that do for boostdep alone."""
    unseen: dict[Key, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Those of `real` that boostdep does not see."""
    includes: dict[Key, Include] = field(default_factory=dict)

    @property
    def headers(self) -> Iterator[str]:
        """The paths by which its headers are included."""
        for files in self.folders.values():
            for file in files.values():
                if file.include_path is not None:
                    yield file.include_path


@dataclass
class IncludeCounts:
    """Reads one release after the other.

    From one release to the next few folders of a module change, and only their files are counted anew; a module at
    the same commit is not read again. Kept are the modules of one release, and the targets of the blobs.
    """

    _modules: dict[str, Module] = field(default_factory=dict)
    _blobs: dict[str, Read] = field(default_factory=dict)

    def at(self, transaction: Transaction, release_id: int) -> Mapping[str, Module]:
        """Return the modules of a release that have headers, by name; they hold until the next release is read."""
        pins = transaction.rows(
            """
            SELECT m.id, m.name, p.commit_sha FROM release_modules p JOIN modules m ON m.id = p.module_id
            WHERE p.release_id = %s ORDER BY m.name
            """,
            (release_id,),
        )
        before, self._modules = self._modules, {}
        modules = {name: before.get(name) or Module() for _, name, _ in pins}
        changed = {id_: name for id_, name, commit_sha in pins if modules[name].commit_sha != commit_sha}
        folders: dict[str, set[int]] = {name: set() for name in changed.values()}
        for module_id, folder_id in transaction.rows(
            "SELECT module_id, folder_id FROM release_folders WHERE release_id = %s AND module_id = ANY(%s)",
            (release_id, list(changed)),
        ):
            folders[changed[module_id]].add(folder_id)
        new = {id_ for name, ids in folders.items() for id_ in ids - modules[name].folders.keys()}
        files = _read_folders(transaction, new)
        self._read_blobs(transaction, {file.blob for found in files.values() for file in found.values()})
        for _, name, commit_sha in pins:
            if name in folders:
                modules[name].commit_sha = commit_sha
                self._change(name, modules[name], folders[name], files)
        self._modules = modules
        return {name: module for name, module in modules.items() if next(module.headers, None) is not None}

    def _read_blobs(self, transaction: Transaction, blobs: Collection[str]) -> None:
        new = [blob for blob in blobs if blob not in self._blobs]
        if not new:
            return
        for sha, targets, commented, spliced in transaction.rows(
            "SELECT blob_sha, targets, commented, spliced FROM blob_includes WHERE blob_sha = ANY(%s)", (new,)
        ):
            self._blobs[sha] = (_interned(targets), _interned(commented), frozenset(spliced))

    def _change(self, name: str, module: Module, folders: set[int], files: Mapping[int, dict[str, File]]) -> None:
        """Take away what the files that changed included, and add what they include."""
        gone = {path: file for id_ in module.folders.keys() - folders for path, file in module.folders.pop(id_).items()}
        come = {path: file for id_ in folders - module.folders.keys() for path, file in files[id_].items()}
        module.folders |= {id_: files[id_] for id_ in folders - module.folders.keys()}
        touched: set[Key] = set()
        for path, (kind, blob, _) in gone.items() - come.items():
            for counts, target in self._targets(module, blob):
                counts[kind, target].discard(path)
                touched.add((kind, target))
        for path, (kind, blob, _) in come.items() - gone.items():
            for counts, target in self._targets(module, blob):
                counts[kind, target].add(path)
                touched.add((kind, target))
        for key in touched:
            real, unreal = module.real.get(key, ()), module.unreal.get(key, ())
            if real or unreal:
                seen = len(real) - len(module.unseen.get(key, ())) + len(unreal)
                files_of = real or unreal
                first = tuple(files_of) if len(files_of) == 1 else tuple(nsmallest(MOST_FILES, files_of))
                module.includes[key] = Include(name, *key, len(real), seen, first)
            else:
                module.includes.pop(key, None)

    def _targets(self, module: Module, blob: str) -> Iterator[tuple[dict[Key, set[str]], str]]:
        """Yield what a blob includes, with the counts that it belongs to."""
        targets, commented, spliced = self._blobs.get(blob, ((), (), frozenset()))
        for target in targets:
            yield module.real, target
        for target in commented:
            yield module.unreal, target
        for target in spliced:
            yield module.unseen, target


def _read_folders(transaction: Transaction, ids: Collection[int]) -> dict[int, dict[str, File]]:
    return {
        id_: {
            path: File(kind, blob, include_path)
            for path, blob, include_path in zip(paths, blobs, include_paths or repeat(None), strict=False)
        }
        for id_, kind, paths, include_paths, blobs in transaction.rows(
            "SELECT id, kind, paths, include_paths, blob_shas FROM source_folders WHERE id = ANY(%s)", (list(ids),)
        )
    }


def _interned(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(sys.intern, texts))
