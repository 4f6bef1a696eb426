"""How often each module of a release includes what, counted from the stored files; what repeats is read once."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from boost_pipeline.boost.dependencies import MOST_FILES, Include
from boost_pipeline.warehouse.warehouse import Transaction

Read = tuple[tuple[str, ...], tuple[str, ...], frozenset[str]]
"""Of a blob: the targets for a compiler, those for boostdep alone, and those that boostdep does not see."""


@dataclass(frozen=True, slots=True)
class ModuleIncludes:
    """A module at a commit: the paths of its headers, and what its files include, most of it from others."""

    commit_sha: str
    headers: tuple[str, ...]
    includes: tuple[Include, ...]


@dataclass
class IncludeCounts:
    """Reads one release after the other.

    A module that a release pins at the commit of the release read before is not read again, nor is a blob. Kept are
    the modules of one release, and the targets of the blobs, as one string each.
    """

    _before: dict[str, ModuleIncludes] = field(default_factory=dict)
    _blobs: dict[str, Read] = field(default_factory=dict)

    def at(self, transaction: Transaction, release_id: int) -> Mapping[str, ModuleIncludes]:
        """Return the modules of a release that have headers, by name."""
        pins = transaction.rows(
            """
            SELECT m.id, m.name, p.commit_sha FROM release_modules p JOIN modules m ON m.id = p.module_id
            WHERE p.release_id = %s ORDER BY m.name
            """,
            (release_id,),
        )
        read = {
            name: self._before[name]
            for _, name, commit_sha in pins
            if name in self._before and self._before[name].commit_sha == commit_sha
        }
        new = {module_id: (name, commit_sha) for module_id, name, commit_sha in pins if name not in read}
        files: dict[int, list[Any]] = defaultdict(list)
        for module_id, *file in transaction.rows(
            """
            SELECT module_id, path, kind, include_path, blob_sha FROM source_files
            WHERE release_id = %s AND module_id = ANY(%s) ORDER BY module_id, path COLLATE "C"
            """,
            (release_id, list(new)),
        ):
            files[module_id].append(file)
        self._read_blobs(transaction, {blob for each in files.values() for *_, blob in each})
        for module_id, found in files.items():
            name, commit_sha = new[module_id]
            headers = tuple(include_path for _, kind, include_path, _ in found if kind == "header")
            read[name] = ModuleIncludes(commit_sha, headers, self._count(name, found, frozenset(headers)))
        self._before = {name: module for name, module in read.items() if module.headers}
        return self._before

    def _read_blobs(self, transaction: Transaction, blobs: Collection[str]) -> None:
        new = [blob for blob in blobs if blob not in self._blobs]
        for sha, targets, commented, spliced in transaction.rows(
            "SELECT blob_sha, targets, commented, spliced FROM blob_includes WHERE blob_sha = ANY(%s)", (new,)
        ):
            self._blobs[sha] = (_interned(targets), _interned(commented), frozenset(spliced))

    def _count(self, module: str, files: Iterable[Any], own: Collection[str]) -> tuple[Include, ...]:
        """Count targets by kind; what the module itself has is no dependency, and left out."""
        real: dict[tuple[str, str], list[str]] = defaultdict(list)
        unreal: dict[tuple[str, str], list[str]] = defaultdict(list)
        unseen: dict[tuple[str, str], int] = defaultdict(int)
        for path, kind, _, blob in files:
            targets, commented, spliced = self._blobs.get(blob, ((), (), frozenset()))
            for target in targets:
                if target not in own:
                    real[kind, target].append(path)
                    if spliced and target in spliced:
                        unseen[kind, target] += 1
            for target in commented:
                if target not in own:
                    unreal[kind, target].append(path)
        return tuple(
            Include(
                module,
                *key,
                include_count=len(real.get(key, ())),
                boostdep_count=len(real.get(key, ())) - unseen.get(key, 0) + len(unreal.get(key, ())),
                files=tuple((real.get(key) or unreal[key])[:MOST_FILES]),
            )
            for key in sorted(real.keys() | unreal.keys())
        )


def _interned(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(sys.intern, texts))
