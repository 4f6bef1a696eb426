"""The dependency graph of the modules of one release: levels, weights, cycles, pull weights, C++ minima.

Here belongs what follows from names and edges alone. Where the edges come from, and that those of headers and of
sources are united, is for the caller to know. networkx finds the strongly connected components and their order; it is
imported by the functions that need it, as that takes a tenth of a second. Sets of modules are the bits of one integer,
numbered by name, so that the lowest bit of a set is the first of its names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

__all__ = [
    "Cycle",
    "Edge",
    "GraphEdge",
    "GraphNode",
    "ModuleGraph",
    "Neighbourhood",
    "analyse",
    "closure",
    "neighbourhood",
    "new_cycles",
    "standard_rank",
]

Edge = tuple[str, str]
"""A module, and one that it depends on."""

_STANDARDS: Final = ("98", "03", "11", "14", "17", "20", "23", "26")
_UNSTATED: Final = -1

MOST_DRAWN: Final = 40
"""Neighbours in one drawing; with more the names can no longer be read on a page."""


@dataclass(frozen=True, slots=True)
class GraphNode:
    """What the graph says of a module.

    `cxxstd` is as it was given. A module that holds several libraries is given the highest of theirs, and whoever
    uses only one of these may need less.
    """

    module: str
    level: int
    """0 without dependencies, else one more than the highest of them. The members of a cycle share one level."""
    weight: int
    """As in boostdep's weight report: primary and secondary dependencies, never the module itself. On the same edges
    this is `transitive`. boostdep counts "(unknown)", which stands for headers that no module has, as one more."""
    direct: int
    transitive: int
    """Modules that it needs directly or through others, each once, without itself."""
    dependents: int
    transitive_dependents: int
    cycle: int | None
    """The number of its cycle, from 1 in the order of the smallest names; None where it is in none."""
    cxxstd: str | None
    effective_cxxstd: str | None
    """The highest C++ minimum of the module and all that it needs; what is unknown does not count."""
    raised_by: str | None
    """The nearest dependency (of several the first by name) whose own minimum is the effective one; None where the
    module itself asks for that much."""
    is_known: bool = True
    """Whether all of the above but the dependents is right: neither it nor anything that it needs was read in part."""


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """A dependency, and what it costs."""

    module: str
    depends_on: str
    pull_weight: int
    """How many modules, `depends_on` among them, `module` would no longer need if only this edge were gone."""


@dataclass(frozen=True, slots=True)
class ModuleGraph:
    """The nodes by name, the edges by both names."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]


@dataclass(frozen=True, slots=True)
class Cycle:
    """Modules that all need each other, by name; and a shortest way around, each edge starting where the last ended."""

    modules: tuple[str, ...]
    path: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The edges at a module, fit to be drawn, and how many neighbours were left out."""

    module: str
    edges: tuple[GraphEdge, ...]
    left_out: int


def analyse(
    modules: Iterable[str],
    edges: Iterable[Edge],
    cxxstd: Mapping[str, str | None],
    partial: Collection[str] = (),
) -> ModuleGraph:
    """Return all that the graph says of these modules; one that only an edge names is among them.

    Of the modules in `partial` edges may be missing, so that nothing is known of them and of what needs them.

    Edges of a module to itself, and repetitions, count for nothing. A C++ minimum that is no year of a standard is
    unknown.

    >>> graph = analyse(["any"], [("any", "core"), ("core", "config")], {"any": "03", "config": "11"})
    >>> [(node.module, node.level, node.weight, node.effective_cxxstd, node.raised_by) for node in graph.nodes]
    [('any', 2, 2, '11', 'config'), ('config', 0, 0, '11', None), ('core', 1, 1, '11', 'config')]
    >>> [(edge.depends_on, edge.pull_weight) for edge in graph.edges]
    [('core', 2), ('config', 1)]
    """
    names, needs = _numbered(modules, edges)
    components = _components(needs)
    reach, users = _closures(needs, components), _reversed(needs)
    reached_by = _closures(users, components[::-1])
    levels, cycles = _levels(needs, components), _cycle_numbers(components)
    standards = _effective_standards([cxxstd.get(name) for name in names], needs, reach)
    doubtful = sum(1 << node for node, name in enumerate(names) if name in partial)
    nodes = [
        GraphNode(
            module=name,
            level=levels[node],
            weight=reach[node].bit_count() - 1,
            direct=needs[node].bit_count(),
            transitive=reach[node].bit_count() - 1,
            dependents=users[node].bit_count(),
            transitive_dependents=reached_by[node].bit_count() - 1,
            cycle=cycles.get(node),
            cxxstd=cxxstd.get(name),
            effective_cxxstd=standards[node][0],
            raised_by=None if (raiser := standards[node][1]) is None else names[raiser],
            is_known=not reach[node] & doubtful,
        )
        for node, name in enumerate(names)
    ]
    return ModuleGraph(tuple(nodes), tuple(_weighed(names, needs, reach, components)))


def closure(modules: Iterable[str], edges: Iterable[Edge]) -> dict[str, frozenset[str]]:
    """Return for each module all that it needs, directly or through others, without itself."""
    names, needs = _numbered(modules, edges)
    reach = _closures(needs, _components(needs))
    return {name: frozenset(names[n] for n in _members(reach[i] & ~(1 << i))) for i, name in enumerate(names)}


def new_cycles(before: Iterable[Edge], after: Iterable[Edge]) -> tuple[Cycle, ...]:
    """Return the cycles of `after` that are not part of one of `before`, by their names.

    A cycle that only lost members is not new; one that gained a member is, whole. The path starts with an edge that
    joins what was not in one cycle before, and is the shortest around such an edge.
    """
    known, now = set(before), set(after)
    old = {name: members for members in _cyclic(known) for name in members}
    found = []
    for members in _cyclic(now):
        if not members <= old.get(min(members), frozenset()):
            inner = [edge for edge in sorted(now) if members.issuperset(edge) and edge[0] != edge[1]]
            joints = [(one, other) for one, other in inner if other not in old.get(one, ())]
            found.append(Cycle(tuple(sorted(members)), _shortest_way_around(inner, joints)))
    return tuple(sorted(found, key=lambda cycle: cycle.modules))


def neighbourhood(edges: Iterable[GraphEdge], module: str, *, limit: int = MOST_DRAWN) -> Neighbourhood:
    """Return the edges between a module and its direct dependencies and dependents.

    Of more than `limit` neighbours those stay whose edges have the greatest pull weight; of equal ones the first by
    name.
    """
    at = [edge for edge in edges if module in (edge.module, edge.depends_on) and edge.module != edge.depends_on]
    best: dict[str, int] = {}
    for edge in at:
        other = _other_end(edge, module)
        best[other] = max(edge.pull_weight, best.get(other, 0))
    kept = set(sorted(best, key=lambda name: (-best[name], name))[:limit])
    drawn = sorted((e for e in at if _other_end(e, module) in kept), key=lambda e: (e.module, e.depends_on))
    return Neighbourhood(module, tuple(drawn), len(best) - len(kept))


def standard_rank(cxxstd: str | None) -> int:
    """Return the place of a C++ standard among all, and -1 if none is stated.

    One that we do not know comes after all others: whoever needs it would be promised too much by any of them.

    >>> sorted(["11", "98", "29", "20", "03"], key=standard_rank)
    ['98', '03', '11', '20', '29']
    """
    if not cxxstd:
        return _UNSTATED
    return _STANDARDS.index(cxxstd) if cxxstd in _STANDARDS else len(_STANDARDS)


def _other_end(edge: GraphEdge, module: str) -> str:
    return edge.depends_on if edge.module == module else edge.module


def _numbered(modules: Iterable[str], edges: Iterable[Edge]) -> tuple[list[str], list[int]]:
    """Return the names in order, and for each the set of its direct dependencies."""
    pairs = list(edges)
    names = sorted({*modules, *(name for pair in pairs for name in pair)})
    number = {name: i for i, name in enumerate(names)}
    needs = [0] * len(names)
    for module, depends_on in pairs:
        if module != depends_on:
            needs[number[module]] |= 1 << number[depends_on]
    return names, needs


def _members(bits: int) -> Iterator[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def _reversed(needs: Sequence[int]) -> list[int]:
    users = [0] * len(needs)
    for node, others in enumerate(needs):
        for other in _members(others):
            users[other] |= 1 << node
    return users


def _components(needs: Sequence[int]) -> list[int]:
    """Return the strongly connected components, what others depend on first."""
    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(len(needs)))
    graph.add_edges_from((node, other) for node, others in enumerate(needs) for other in _members(others))
    condensed = nx.condensation(graph)
    order = list(nx.topological_sort(condensed))
    return [sum(1 << node for node in condensed.nodes[component]["members"]) for component in reversed(order)]


def _closures(needs: Sequence[int], components: Iterable[int]) -> list[int]:
    """Return for each node what it reaches, itself included."""
    reach = [0] * len(needs)
    for component in components:
        reached = component
        for node in _members(component):
            while rest := needs[node] & ~reached:
                reached |= reach[rest.bit_length() - 1]
        for node in _members(component):
            reach[node] = reached
    return reach


def _levels(needs: Sequence[int], components: Iterable[int]) -> list[int]:
    levels = [0] * len(needs)
    for component in components:
        below = 0
        for node in _members(component):
            below |= needs[node] & ~component
        level = max((levels[other] + 1 for other in _members(below)), default=0)
        for node in _members(component):
            levels[node] = level
    return levels


def _cycle_numbers(components: Iterable[int]) -> dict[int, int]:
    cyclic = sorted((c for c in components if c.bit_count() > 1), key=lambda c: c & -c)
    return {node: number for number, component in enumerate(cyclic, start=1) for node in _members(component)}


def _effective_standards(
    own: Sequence[str | None], needs: Sequence[int], reach: Sequence[int]
) -> list[tuple[str | None, int | None]]:
    """Return for each node its effective C++ minimum, and the node that raises it."""
    stated = sorted({cxxstd for cxxstd in own if cxxstd}, key=lambda cxxstd: (standard_rank(cxxstd), cxxstd))
    holders = dict.fromkeys(reversed(stated), 0)  # standard → the nodes that ask for exactly this, the highest first
    for node, cxxstd in enumerate(own):
        if cxxstd:
            holders[cxxstd] |= 1 << node
    found: list[tuple[str | None, int | None]] = []
    for node, reached in enumerate(reach):
        highest = next((cxxstd for cxxstd, nodes in holders.items() if reached & nodes), None)
        if highest is None:
            found.append((None, None))
            continue
        raised = not holders[highest] >> node & 1
        found.append((highest, _nearest(node, holders[highest], needs) if raised else None))
    return found


def _nearest(start: int, wanted: int, needs: Sequence[int]) -> int:
    """Return the node of `wanted` that is the fewest edges away from `start`, which reaches one of them."""
    seen = layer = 1 << start
    while not layer & wanted:
        following = 0
        for node in _members(layer):
            following |= needs[node]
        layer = following & ~seen
        seen |= layer
    return next(_members(layer & wanted))


def _weighed(
    names: Sequence[str], needs: Sequence[int], reach: Sequence[int], components: Iterable[int]
) -> Iterator[GraphEdge]:
    cycle = [0] * len(needs)
    for component in components:
        for node in _members(component):
            cycle[node] = component
    for node, others in enumerate(needs):
        brought = _brought(node, needs, reach, cycle[node])
        for other in _members(others):
            yield GraphEdge(names[node], names[other], brought[other].bit_count())


def _brought(root: int, needs: Sequence[int], reach: Sequence[int], cycle: int) -> dict[int, int]:
    """Return for each direct dependency of `root` what `root` reaches through that edge and through no other.

    A path that comes back to `root` has a shorter one that does not, so what an edge leads to is what its end reaches
    without `root`. In the terms of dominator trees: what the edge dominates in the graph that starts at `root`.
    """
    once = more = 0
    through: dict[int, int] = {}
    for other in _members(needs[root]):
        # What two edges lead to is closed under reaching: no search has to enter it a third time.
        found = _reached_without(root, other, more, needs, reach, cycle)
        more |= once & found
        once |= found
        through[other] = found
    return {other: found & ~more for other, found in through.items()}


def _reached_without(root: int, start: int, known: int, needs: Sequence[int], reach: Sequence[int], cycle: int) -> int:
    """Return what `start` reaches without `root`, whose cycle is `cycle`; of `known` perhaps not all."""
    found, closed = 0, known | 1 << root
    waiting = 1 << start & ~closed
    while waiting:
        node = waiting.bit_length() - 1
        if cycle >> node & 1:
            found |= 1 << node
            waiting |= needs[node]
        else:
            found |= reach[node]
        waiting &= ~(found | closed)
    return found


def _cyclic(edges: Collection[Edge]) -> list[frozenset[str]]:
    names, needs = _numbered((), edges)
    return [frozenset(names[n] for n in _members(c)) for c in _components(needs) if c.bit_count() > 1]


def _shortest_way_around(edges: Iterable[Edge], through: Iterable[Edge]) -> tuple[Edge, ...]:
    """Return the shortest closed path that starts with an edge of `through`; of equal ones the first by name."""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph(edges)
    paths = [[one, *nx.shortest_path(graph, other, one)] for one, other in through]
    path = min(paths, key=lambda path: (len(path), path))
    return tuple(pairwise(path))
