"""The dependency graph of one release, as the warehouse holds it.

Here belongs what is read of one release, and how a person may name it. Two releases side by side are `release_diff`,
pictures `graph_drawing`.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from boost_pipeline.boost.module_graph import GraphEdge, GraphNode, analyse
from boost_pipeline.errors import UnknownName
from boost_pipeline.reports.unread import why_unread
from boost_pipeline.warehouse.warehouse import Transaction

KINDS: Final = ("header", "source", "test")
"""What includes: files below include/, src/ and test/."""

KINDS_OF_THE_GRAPH: Final = ("header", "source")
"""The kinds that the tables module_graph and dependency_weights are made from."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release or a head, as the table releases has it."""

    id: int
    tag: str
    kind: str


@dataclass(frozen=True, slots=True)
class Witness:
    """A file of the module, and a header of the other that it includes."""

    file: str
    header: str


@dataclass(frozen=True, slots=True)
class Dependency:
    """A module, one that it depends on, and why; the counts are of all `kinds` together."""

    module: str
    depends_on: str
    kinds: tuple[str, ...]
    include_count: int
    boostdep_count: int
    pull_weight: int
    witnesses: tuple[Witness, ...]


@dataclass(frozen=True, slots=True)
class UnknownInclude:
    """A header below boost/ that a module includes and no module of the release has, as far as they were read."""

    module: str
    kind: str
    target: str
    include_count: int
    boostdep_count: int
    file: str
    unread_module: str | None
    """The module whose header it is, but which was not read whole in this release."""


@dataclass(frozen=True, slots=True)
class SourceGap:
    """A module whose files are not all here."""

    module: str
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class ReleaseGraph:
    """The graph of a release: its edges of `kinds`, as a compiler sees them, or as boostdep does."""

    release: Release
    kinds: tuple[str, ...]
    boostdep: bool
    nodes: tuple[GraphNode, ...]
    """By name."""
    dependencies: tuple[Dependency, ...]
    """By both names."""
    unknown_includes: tuple[UnknownInclude, ...]
    source_gaps: tuple[SourceGap, ...]

    @property
    def cycles(self) -> dict[int, tuple[str, ...]]:
        """The members of each cycle, by its number."""
        members: dict[int, list[str]] = defaultdict(list)
        for node in self.nodes:
            if node.cycle is not None:
                members[node.cycle].append(node.module)
        return {number: tuple(members[number]) for number in sorted(members)}

    @property
    def weighed(self) -> tuple[GraphEdge, ...]:
        """The dependencies as `boost.module_graph` has them."""
        return tuple(GraphEdge(d.module, d.depends_on, d.pull_weight) for d in self.dependencies)

    def node(self, module: str) -> GraphNode:
        """Return the node of a module.

        Raises:
            UnknownName: the release has no such module.
        """
        by_name = {node.module: node for node in self.nodes}
        if module not in by_name:
            mend = _meant(module, by_name) or f"See: boost-pipeline graph {self.release.tag}"
            raise UnknownName(f"{self.release.tag} has no module {_shown(module)}. {mend}")
        return by_name[module]

    def of(self, module: str) -> tuple[tuple[Dependency, ...], tuple[Dependency, ...]]:
        """Return the dependencies of a module, and those of its dependents on it; what pulls the most first."""
        ranked = sorted(self.dependencies, key=lambda d: (-d.pull_weight, d.depends_on, d.module))
        return (
            tuple(d for d in ranked if d.module == module),
            tuple(d for d in ranked if d.depends_on == module),
        )


def find_release(transaction: Transaction, name: str) -> Release:
    """Return the release that a person means: "boost-1.90.0", "1.90.0", "90", "1.90.0.beta1", "develop".

    Raises:
        UnknownName: there is none.
    """
    known = {row[1]: Release(*row) for row in transaction.rows("SELECT id, tag, kind FROM releases ORDER BY id DESC")}
    wanted = name.strip()
    spellings = [wanted, f"boost-{wanted.removeprefix('boost-')}"]
    if re.fullmatch(r"[0-9]{1,9}", wanted):
        spellings.append(f"boost-1.{wanted}.0")
    for spelling in spellings:
        if spelling in known:
            return known[spelling]
    if not known:
        raise UnknownName("No release was collected yet. Run: boost-pipeline run --schedule daily")
    mend = _meant(spellings[-1], known) or "Write boost-1.90.0, 1.90.0, 90, 1.90.0.beta1, develop or master."
    raise UnknownName(f"There is no release {_shown(name)}. {mend}")


def read_graph(
    transaction: Transaction, release: Release, kinds: Collection[str] = KINDS_OF_THE_GRAPH, *, boostdep: bool = False
) -> ReleaseGraph:
    """Read the graph of a release; with `boostdep` the edges that boostdep prints.

    For kinds other than those of headers and sources, and for boostdep's edges, levels, weights, cycles and minima
    are worked out anew, from these edges alone.

    Raises:
        UnknownName: its graph is not here.
    """
    chosen = tuple(kind for kind in KINDS if kind in kinds)
    nodes = _nodes(transaction, release)
    if not nodes:
        raise UnknownName(f"{release.tag} has no dependency graph here. {why_unread(transaction, release.tag)}")
    rows = _dependency_rows(transaction, release, chosen, boostdep=boostdep)
    unknown = _unknown_includes(transaction, release, chosen, boostdep=boostdep)
    gaps = _source_gaps(transaction, release)
    if chosen == KINDS_OF_THE_GRAPH and not boostdep:
        weights = _pull_weights(transaction, release)
    else:
        edges = [(row[0], row[1]) for row in rows]
        partial = {gap.module for gap in gaps} | {one.module for one in unknown if one.unread_module}
        graph = analyse([node.module for node in nodes], edges, {node.module: node.cxxstd for node in nodes}, partial)
        nodes = graph.nodes
        weights = {(edge.module, edge.depends_on): edge.pull_weight for edge in graph.edges}
    return ReleaseGraph(
        release=release,
        kinds=chosen,
        boostdep=boostdep,
        nodes=nodes,
        dependencies=tuple(
            _dependency(pair, list(same), weights[pair]) for pair, same in groupby(rows, key=lambda row: row[:2])
        ),
        unknown_includes=unknown,
        source_gaps=gaps,
    )


def _nodes(transaction: Transaction, release: Release) -> tuple[GraphNode, ...]:
    rows = transaction.rows(
        """
        SELECT m.name, g.level, g.weight, g.direct, g.transitive, g.dependents, g.transitive_dependents, g.cycle,
               g.cxxstd, g.effective_cxxstd, r.name, g.is_known
        FROM module_graph g JOIN modules m ON m.id = g.module_id LEFT JOIN modules r ON r.id = g.raised_by_id
        WHERE g.release_id = %s ORDER BY m.name COLLATE "C"
        """,
        (release.id,),
    )
    return tuple(GraphNode(*row) for row in rows)


def _dependency_rows(
    transaction: Transaction, release: Release, kinds: Sequence[str], *, boostdep: bool
) -> list[tuple[Any, ...]]:
    return transaction.rows(
        """
        SELECT m.name, o.name, d.kind, d.include_count, d.boostdep_count, d.witnesses
        FROM dependencies d JOIN modules m ON m.id = d.module_id JOIN modules o ON o.id = d.depends_on_id
        WHERE d.release_id = %s AND d.kind = ANY(%s)
          AND CASE WHEN %s THEN d.boostdep_count ELSE d.include_count END > 0
        ORDER BY m.name COLLATE "C", o.name COLLATE "C", d.kind
        """,
        (release.id, list(kinds), boostdep),
    )


def _dependency(pair: tuple[str, str], rows: Sequence[tuple[Any, ...]], pull_weight: int) -> Dependency:
    return Dependency(
        module=pair[0],
        depends_on=pair[1],
        kinds=tuple(row[2] for row in rows),
        include_count=sum(row[3] for row in rows),
        boostdep_count=sum(row[4] for row in rows),
        pull_weight=pull_weight,
        witnesses=tuple(Witness(found["file"], found["header"]) for row in rows for found in row[5]),
    )


def _pull_weights(transaction: Transaction, release: Release) -> dict[tuple[str, str], int]:
    rows = transaction.rows(
        """
        SELECT m.name, o.name, w.pull_weight
        FROM dependency_weights w JOIN modules m ON m.id = w.module_id JOIN modules o ON o.id = w.depends_on_id
        WHERE w.release_id = %s
        """,
        (release.id,),
    )
    return {(module, depends_on): pull_weight for module, depends_on, pull_weight in rows}


def _unknown_includes(
    transaction: Transaction, release: Release, kinds: Sequence[str], *, boostdep: bool
) -> tuple[UnknownInclude, ...]:
    rows = transaction.rows(
        """
        SELECT m.name, u.kind, u.target, u.include_count, u.boostdep_count, u.file, o.name
        FROM unknown_includes u JOIN modules m ON m.id = u.module_id LEFT JOIN modules o ON o.id = u.unread_module_id
        WHERE u.release_id = %s AND u.kind = ANY(%s)
          AND CASE WHEN %s THEN u.boostdep_count ELSE u.include_count END > 0
        ORDER BY m.name COLLATE "C", u.kind, u.target COLLATE "C"
        """,
        (release.id, list(kinds), boostdep),
    )
    return tuple(UnknownInclude(*row) for row in rows)


def _source_gaps(transaction: Transaction, release: Release) -> tuple[SourceGap, ...]:
    rows = transaction.rows(
        """
        SELECT m.name, g.kind, g.detail FROM source_gaps g JOIN modules m ON m.id = g.module_id
        WHERE g.release_id = %s ORDER BY m.name COLLATE "C", g.kind
        """,
        (release.id,),
    )
    return tuple(SourceGap(*row) for row in rows)


def _shown(name: str) -> str:
    return repr(name if len(name) <= 60 else f"{name[:60]}…")


def _meant(name: str, known: Iterable[str]) -> str | None:
    """Return a question that names what `name` may have been meant to be."""
    near = difflib.get_close_matches(name[:80], list(known))
    return f"Did you mean {' or '.join(filter(None, [', '.join(near[:-1]), near[-1]]))}?" if near else None
