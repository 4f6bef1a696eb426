"""How often each module of a release includes what, counted from the stored files; what repeats is read once."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import chain, repeat
from threading import Lock
from typing import NamedTuple

from boost_pipeline.boost.dependencies import MOST_FILES, Include
from boost_pipeline.warehouse.warehouse import Transaction

Read = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""Of a blob: the targets for a compiler, those for boostdep alone, and those that boostdep does not see."""


class Folder(NamedTuple):
    """The files of a folder: their kind, their paths, their contents' ids, and of headers how they are included."""

    kind: str
    paths: Sequence[str]
    blobs: Sequence[str]
    include_paths: Sequence[str]


@dataclass(slots=True)
class Counts:
    """What the files of one kind of a module include: for each target the files that do."""

    real: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """For a compiler."""
    unreal: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """For boostdep alone."""
    unseen: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Those of `real` that boostdep does not see."""
    includes: dict[str, Include] = field(default_factory=dict)


@dataclass(slots=True)
class Module:
    """A module as the release read last had it, and what its files include, counted."""

    commit_sha: str = ""
    folders: dict[int, Folder] = field(default_factory=dict)
    """By id."""
    counts: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    """By kind."""

    @property
    def headers(self) -> Iterator[str]:
        """The paths by which its headers are included."""
        return chain.from_iterable(folder.include_paths for folder in self.folders.values())

    @property
    def includes(self) -> Iterator[Include]:
        """What its files include."""
        return chain.from_iterable(counts.includes.values() for counts in self.counts.values())


@dataclass
class IncludeCounts:
    """Reads one release after the other.

    From one release to the next few folders of a module change, and only their files are counted anew; a module at
    the same commit is not read again. Kept are the modules of one release and what their contents include.
    """

    lock: Lock = field(default_factory=Lock)
    """To be held while what `at` returned is in use."""
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
        unread = {id_ for name, ids in folders.items() for id_ in ids - modules[name].folders.keys()}
        new = _read_folders(transaction, unread)
        self._read_blobs(transaction, {blob for folder in new.values() for blob in folder.blobs})
        for _, name, commit_sha in pins:
            if name in folders:
                modules[name].commit_sha = commit_sha
                self._change(name, modules[name], folders[name], new)
        self._modules = modules
        self._forget_blobs()
        return {name: module for name, module in modules.items() if next(module.headers, None) is not None}

    def _read_blobs(self, transaction: Transaction, blobs: Collection[str]) -> None:
        new = [blob for blob in blobs if blob not in self._blobs]
        if not new:
            return
        for sha, targets, commented, spliced in transaction.rows(
            "SELECT blob_sha, nullif(targets, '{}'), nullif(commented, '{}'), nullif(spliced, '{}') "
            "FROM blob_includes WHERE blob_sha = ANY(%s)",
            (new,),
        ):
            self._blobs[sha] = (_interned(targets), _interned(commented), _interned(spliced))

    def _forget_blobs(self) -> None:
        """Drop what no file of the release has, once that is as much as what some file has."""
        used = {b for module in self._modules.values() for folder in module.folders.values() for b in folder.blobs}
        if len(self._blobs) > 2 * len(used):
            self._blobs = {blob: read for blob, read in self._blobs.items() if blob in used}

    def _change(self, name: str, module: Module, ids: AbstractSet[int], folders: Mapping[int, Folder]) -> None:
        """Let a module have the folders of these ids; only files that changed are counted anew."""
        gone = [module.folders.pop(id_) for id_ in module.folders.keys() - ids]
        come = [module.folders.setdefault(id_, folders[id_]) for id_ in ids - module.folders.keys()]
        before, after = _files(gone), _files(come)
        touched: dict[str, set[str]] = defaultdict(set)
        for kind, path, blob in before - after:
            for files, included in self._targets(module.counts[kind], blob):
                touched[kind].update(included)
                for target in included:
                    files[target].discard(path)
        for kind, path, blob in after - before:
            for files, included in self._targets(module.counts[kind], blob):
                touched[kind].update(included)
                for target in included:
                    files[target].add(path)
        for kind, targets in touched.items():
            for target in targets:
                _count(name, kind, target, module.counts[kind])

    def _targets(self, counts: Counts, blob: str) -> Iterator[tuple[dict[str, set[str]], tuple[str, ...]]]:
        """Yield what a blob includes, each with the files that it belongs to."""
        return zip((counts.real, counts.unreal, counts.unseen), self._blobs.get(blob, ((), (), ())), strict=True)


def _count(module: str, kind: str, target: str, counts: Counts) -> None:
    """Bring the include of one target up to date."""
    real, unreal = counts.real.get(target, ()), counts.unreal.get(target, ())
    files = real or unreal
    if files:
        seen = len(real) - len(counts.unseen.get(target, ())) + len(unreal)
        first = tuple(files) if len(files) == 1 else tuple(nsmallest(MOST_FILES, files))
        counts.includes[target] = Include(module, kind, target, len(real), seen, first)
    else:
        counts.includes.pop(target, None)


def _files(folders: Iterable[Folder]) -> set[tuple[str, str, str]]:
    """Return kind, path and content of the files."""
    found: set[tuple[str, str, str]] = set()
    for folder in folders:
        found.update(zip(repeat(folder.kind), folder.paths, folder.blobs, strict=False))
    return found


def _read_folders(transaction: Transaction, ids: Collection[int]) -> dict[int, Folder]:
    return {
        id_: Folder(kind, paths, blobs, include_paths or ())
        for id_, kind, paths, blobs, include_paths in transaction.rows(
            "SELECT id, kind, paths, blob_shas, include_paths FROM source_folders WHERE id = ANY(%s)", (list(ids),)
        )
    }


def _interned(texts: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(map(sys.intern, texts)) if texts else ()
