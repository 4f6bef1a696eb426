"""The tables of `boost-pipeline graph`, for a person at a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import click

from boost_pipeline.boost.module_graph import Cycle, GraphNode
from boost_pipeline.commands.terminal import print_table
from boost_pipeline.reports.release_diff import GraphDiff, LibraryChange
from boost_pipeline.reports.release_graph import ReleaseGraph, Witness

_LIBRARY_CHANGES: Final = {
    "added": "added",
    "removed": "removed",
    "renamed": "renamed",
    "moved": "moved to another module",
    "maintainers_changed": "maintainers",
    "cxxstd_raised": "C++ minimum raised",
    "cxxstd_lowered": "C++ minimum lowered",
    "effective_cxxstd_raised": "raised by a dependency",
}
"""The changes of a library, in the order and the words in which they are told."""


def print_release(graph: ReleaseGraph) -> None:
    """Print the numbers of a release, its cycles, and its modules by level."""
    levels: dict[int, list[str]] = defaultdict(list)
    for node in graph.nodes:
        if node.is_known:
            levels[node.level].append(node.module)
    _say(f"{graph.release.tag}: {_numbers(graph)}")
    for members in graph.cycles.values():
        _say(f"cycle: {', '.join(members)}")
    _say_gaps(graph)
    click.echo()
    print_table(
        ("level", "modules"), [(str(level), _names(levels[level])) for level in sorted(levels)], right=("level",)
    )
    if doubtful := [node.module for node in graph.nodes if not node.is_known]:
        click.echo()
        _say(f"level not known, as they or what they need was not read whole: {_names(doubtful)}")


def print_module(graph: ReleaseGraph, module: str) -> None:
    """Print where a module stands, why it depends on what, and what depends on it."""
    node = graph.node(module)
    needs, users = graph.of(module)
    _say(f"{module} in {graph.release.tag}, {_edges_of(graph)}")
    whole = not graph.source_gaps
    users_told = (
        f"{node.dependents} direct of {node.transitive_dependents} dependents{'' if whole else ' that were read'}"
    )
    if node.is_known:
        dependencies = f"{node.direct} direct of {node.transitive} dependencies"
        _say(f"level {node.level}, weight {node.weight}: {dependencies}; {users_told}")
        _say(_minimum(node))
    else:
        _say(f"level, weight and C++ minimum not known: it, or what it needs, was not read whole; {users_told}")
    if node.cycle is not None:
        _say(f"cycle: {', '.join(graph.cycles[node.cycle])}")
    for gap in graph.source_gaps:
        if gap.module == module:
            _say(f"not whole: {gap.detail}")
    _section(
        ("depends on", "pulls", "in", "first witness"),
        [
            (_plain(d.depends_on), str(d.pull_weight), ", ".join(d.kinds), _witness(next(iter(d.witnesses), None)))
            for d in needs
        ],
        right=("pulls",),
    )
    if users:
        click.echo()
        _say(f"dependents: {_names(sorted(d.module for d in users))}")


def print_diff(diff: GraphDiff) -> None:
    """Print what changed between two releases."""
    _say(f"{diff.before.release.tag} → {diff.after.release.tag}, {_edges_of(diff.after)}")
    _say(f"before: {_numbers(diff.before)}")
    _say(f"after:  {_numbers(diff.after)}")
    if diff.partial:
        _say(f"not compared, as their files are not all here: {_names(diff.partial)}")
    for told, modules in (("modules added", diff.modules_added), ("modules removed", diff.modules_removed)):
        if modules:
            _say(f"{told}: {_names(modules)}")
    _say_cycles("new cycle", diff.new_cycles)
    _say_cycles("cycle gone", diff.gone_cycles)
    _section(("library", "change", "before", "after"), _library_rows(diff))
    for change in ("added", "removed"):
        _section(
            (f"dependency {change}", "first witness"),
            [
                (_plain(f"{c.module} → {c.depends_on}"), _witness(c.witness))
                for c in diff.dependencies
                if c.change == change
            ],
        )
    _section(
        ("level of", "before", "after"),
        [
            (_plain(c.module), str(c.before), str(c.after))
            for c in sorted(diff.levels, key=lambda c: c.before - c.after)
        ],
        right=("before", "after"),
    )
    kinds = ("added", "removed", "renamed", "moved")
    headers: dict[str, Counter[str]] = defaultdict(Counter)
    for header in diff.headers:
        headers[header.module][header.change] += 1
    _section(
        ("headers of", *kinds),
        [(_plain(name), *(str(counts[kind] or "") for kind in kinds)) for name, counts in sorted(headers.items())],
        right=kinds,
    )


def _numbers(graph: ReleaseGraph) -> str:
    cycles = f"{len(graph.cycles) or 'no'} {'cycle' if len(graph.cycles) == 1 else 'cycles'}"
    if graph.source_gaps:
        return f"partial: {len(graph.dependencies):,} dependencies and {cycles} among the modules that were read"
    highest = max((node.level for node in graph.nodes), default=0)
    return f"{len(graph.nodes):,} modules, {len(graph.dependencies):,} dependencies, highest level {highest}, {cycles}"


def _edges_of(graph: ReleaseGraph) -> str:
    return f"by includes of {' and '.join(graph.kinds)} files{', as boostdep reads them' if graph.boostdep else ''}"


def _say_gaps(graph: ReleaseGraph) -> None:
    _say(_edges_of(graph))
    unread: dict[str, set[str]] = defaultdict(set)
    for unknown in graph.unknown_includes:
        unread[unknown.unread_module or ""].add(unknown.target)
    if nobodys := unread.pop("", None):
        _say(f"not known: {len(nobodys)} headers below boost/ that no module of this release has")
    for module, targets in sorted(unread.items()):
        _say(f"not read: {len(targets)} headers of {module} that other modules include")
    if graph.source_gaps:
        _say(f"not whole: {_names(sorted({gap.module for gap in graph.source_gaps}))}")


def _minimum(node: GraphNode) -> str:
    if node.effective_cxxstd is None:
        return "C++ minimum: not said"
    if node.raised_by is None:
        return f"C++{node.effective_cxxstd} by its own minimum"
    own = f"C++{node.cxxstd}" if node.cxxstd else "not said"
    return f"C++{node.effective_cxxstd} by its dependency {node.raised_by}; its own minimum: {own}"


def _library_rows(diff: GraphDiff) -> list[tuple[str, ...]]:
    order = list(_LIBRARY_CHANGES)
    ranked = sorted(diff.libraries, key=lambda change: (order.index(change.change), change.library))
    return [
        tuple(map(_plain, (c.library, _library_change(c, diff.after), c.before or "", c.after or ""))) for c in ranked
    ]


def _library_change(change: LibraryChange, after: ReleaseGraph) -> str:
    told = _LIBRARY_CHANGES[change.change]
    if change.change != "effective_cxxstd_raised":
        return told
    raised_by = next((node.raised_by for node in after.nodes if node.module == change.module), None)
    return f"C++ minimum raised by {raised_by}" if raised_by else told


def _say_cycles(told: str, cycles: Iterable[Cycle]) -> None:
    for cycle in cycles:
        way = " → ".join([cycle.path[0][0], *(other for _, other in cycle.path)])
        _say(f"{told}: {', '.join(cycle.modules)} (for example {way})")


def _witness(witness: Witness | None) -> str:
    return f"{_plain(witness.file)}\n<{_plain(witness.header)}>" if witness else ""


def _section(columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Print a table below an empty line; nothing where it has no rows."""
    if rows:
        click.echo()
        print_table(columns, rows, right=right)


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(_plain, names))


def _say(line: str) -> None:
    """Print a line, folded at 80 columns."""
    click.echo(textwrap.fill(_plain(line), 80, subsequent_indent="  ", break_on_hyphens=False))


def _plain(text: str) -> str:
    """Return `text` without what a terminal would obey."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
