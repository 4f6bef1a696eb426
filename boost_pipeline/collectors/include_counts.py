"""How often each module of a release includes what, counted from the stored files; what repeats is read once."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import nsmallest

from boost_pipeline.boost.dependencies import MOST_FILES, Include
from boost_pipeline.boost.source_files import HEADER
from boost_pipeline.warehouse.warehouse import Transaction

Read = tuple[tuple[str, ...], tuple[str, ...], frozenset[str]]
"""Of a blob: the targets for a compiler, those for boostdep alone, and those that boostdep does not see."""


Key = tuple[str, str]
"""A kind of files, and what they include."""


@dataclass(slots=True)
class Module:
    """A module as the release read last had it, and what its files include, counted."""

    commit_sha: str = ""
    files: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """Path → kind, blob, and of a header the path by which it is included."""
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
        return (include_path for kind, _, include_path in self.files.values() if kind == HEADER)


@dataclass
class IncludeCounts:
    """Reads one release after the other.

    From one release to the next few files of a module change, and only those are counted anew; a module at the same
    commit is not read again. Kept are the modules of one release, and the targets of the blobs, each as one string.
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
        files: dict[str, dict[str, tuple[str, str, str]]] = {name: {} for name in changed.values()}
        for module_id, path, *file in transaction.rows(
            """
            SELECT module_id, path, kind, blob_sha, coalesce(include_path, '') FROM source_files
            WHERE release_id = %s AND module_id = ANY(%s)
            """,
            (release_id, list(changed)),
        ):
            files[changed[module_id]][path] = (file[0], file[1], file[2])
        self._read_blobs(transaction, {blob for found in files.values() for _, blob, _ in found.values()})
        for _, name, commit_sha in pins:
            if name in files:
                modules[name].commit_sha = commit_sha
                self._change(name, modules[name], files[name])
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

    def _change(self, name: str, module: Module, files: dict[str, tuple[str, str, str]]) -> None:
        """Take away what the files that changed included, and add what they include."""
        old, new = module.files.items() - files.items(), files.items() - module.files.items()
        touched: set[Key] = set()
        for path, (kind, blob, _) in old:
            for counts, target in self._targets(module, blob):
                counts[kind, target].discard(path)
                touched.add((kind, target))
        for path, (kind, blob, _) in new:
            for counts, target in self._targets(module, blob):
                counts[kind, target].add(path)
                touched.add((kind, target))
        module.files = files
        for key in touched:
            real, unreal = module.real.get(key, ()), module.unreal.get(key, ())
            if real or unreal:
                seen = len(real) - len(module.unseen.get(key, ())) + len(unreal)
                module.includes[key] = Include(
                    name, *key, len(real), seen, tuple(nsmallest(MOST_FILES, real or unreal))
                )
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


def _interned(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(sys.intern, texts))
