"""What changed between the dependency graphs of two releases.

What counts as a change of a library, an edge or a header is said by functions of the warehouse; levels and cycles are
compared here, on the two graphs as read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from boost_pipeline.boost.module_graph import Cycle, new_cycles
from boost_pipeline.reports.release_graph import ReleaseGraph, Witness
from boost_pipeline.warehouse.warehouse import Transaction


@dataclass(frozen=True, slots=True)
class DependencyChange:
    """A dependency that was added or removed: in which kinds of files, and the first that has, or had, the include."""

    module: str
    depends_on: str
    kinds: tuple[str, ...]
    change: str
    witness: Witness | None


@dataclass(frozen=True, slots=True)
class LibraryChange:
    """What became of a library, as the function library_changes_between says; `before` and `after` are its values."""

    library: str
    module: str
    change: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A module that both releases have, at another level."""

    module: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class HeaderChange:
    """A header that was added, removed, renamed (`other` is the old path) or moved (the old module)."""

    module: str
    include_path: str
    change: str
    other: str | None


@dataclass(frozen=True, slots=True)
class GraphDiff:
    """The changes from one graph to another of the same kinds of edges."""

    before: ReleaseGraph
    after: ReleaseGraph
    modules_added: tuple[str, ...]
    modules_removed: tuple[str, ...]
    libraries: tuple[LibraryChange, ...]
    dependencies: tuple[DependencyChange, ...]
    levels: tuple[LevelChange, ...]
    new_cycles: tuple[Cycle, ...]
    gone_cycles: tuple[Cycle, ...]
    """Cycles of the one before that are no part of one now: broken, or with fewer members."""
    headers: tuple[HeaderChange, ...]
    partial: tuple[str, ...]
    """Modules that are not whole in one of the two: nothing of them is compared, nor levels of what needs them."""

    def of(self, module: str) -> GraphDiff:
        """Return the changes that touch a module."""
        return replace(
            self,
            modules_added=tuple(name for name in self.modules_added if name == module),
            modules_removed=tuple(name for name in self.modules_removed if name == module),
            libraries=tuple(change for change in self.libraries if change.module == module),
            dependencies=tuple(c for c in self.dependencies if module in (c.module, c.depends_on)),
            levels=tuple(change for change in self.levels if change.module == module),
            new_cycles=tuple(cycle for cycle in self.new_cycles if module in cycle.modules),
            gone_cycles=tuple(cycle for cycle in self.gone_cycles if module in cycle.modules),
            headers=tuple(change for change in self.headers if change.module == module),
            partial=tuple(name for name in self.partial if name == module),
        )


def read_diff(transaction: Transaction, before: ReleaseGraph, after: ReleaseGraph) -> GraphDiff:
    """Return what changed from one release to the other, for the kinds of edges that the graphs hold."""
    old, new = ({node.module: node for node in graph.nodes} for graph in (before, after))
    gaps = {gap.module for graph in (before, after) for gap in graph.source_gaps}
    was, now = (
        [(d.module, d.depends_on) for d in graph.dependencies if not gaps & {d.module, d.depends_on}]
        for graph in (before, after)
    )
    return GraphDiff(
        before=before,
        after=after,
        modules_added=tuple(sorted(new.keys() - old.keys() - gaps)),
        modules_removed=tuple(sorted(old.keys() - new.keys() - gaps)),
        libraries=_library_changes(transaction, before, after),
        dependencies=_dependency_changes(transaction, before, after),
        levels=tuple(
            LevelChange(name, old[name].level, new[name].level)
            for name in sorted(old.keys() & new.keys())
            if old[name].is_known and new[name].is_known and old[name].level != new[name].level
        ),
        new_cycles=new_cycles(was, now) if after.cycles else (),
        gone_cycles=new_cycles(now, was) if before.cycles else (),
        headers=_header_changes(transaction, before, after),
        partial=tuple(sorted(gaps)),
    )


def _dependency_changes(
    transaction: Transaction, before: ReleaseGraph, after: ReleaseGraph
) -> tuple[DependencyChange, ...]:
    rows = transaction.rows(
        """
        SELECT m.name, o.name, c.kinds, c.change, c.witness ->> 'file', c.witness ->> 'header'
        FROM dependency_changes_between(%s, %s, %s) c
        JOIN modules m ON m.id = c.module_id JOIN modules o ON o.id = c.depends_on_id
        ORDER BY m.name COLLATE "C", o.name COLLATE "C"
        """,
        (before.release.id, after.release.id, list(after.kinds)),
    )
    return tuple(
        DependencyChange(module, depends_on, tuple(kinds), change, Witness(file, header) if file and header else None)
        for module, depends_on, kinds, change, file, header in rows
    )


def _library_changes(transaction: Transaction, before: ReleaseGraph, after: ReleaseGraph) -> tuple[LibraryChange, ...]:
    rows = transaction.rows(
        """
        SELECT l.key, m.name, c.change, c.before, c.after
        FROM library_changes_between(%s, %s) c
        JOIN libraries l ON l.id = c.library_id JOIN modules m ON m.id = c.module_id
        ORDER BY l.key COLLATE "C", c.change
        """,
        (before.release.id, after.release.id),
    )
    return tuple(LibraryChange(*row) for row in rows)


def _header_changes(transaction: Transaction, before: ReleaseGraph, after: ReleaseGraph) -> tuple[HeaderChange, ...]:
    rows = transaction.rows(
        """
        SELECT m.name, c.include_path, c.change, c.other
        FROM header_changes_between(%s, %s) c JOIN modules m ON m.id = c.module_id
        ORDER BY m.name COLLATE "C", c.include_path COLLATE "C", c.change
        """,
        (before.release.id, after.release.id),
    )
    return tuple(HeaderChange(*row) for row in rows)
