"""The story of a release's graph in Markdown: what changed since the release before, and which cycles there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from boost_pipeline.boost.module_graph import Cycle
from boost_pipeline.reports.release_diff import GraphDiff, read_diff
from boost_pipeline.reports.release_graph import Release, ReleaseGraph, find_release, read_graph
from boost_pipeline.warehouse.warehouse import Transaction

MOST_ROWS: Final = 30
"""Rows of one table; a story is read, not searched."""


def read_stories(transaction: Transaction, tags: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the story of each release, whose graph must be here; neighbours in the order of versions are read once."""
    graphs: dict[str, ReleaseGraph] = {}
    for tag in tags:
        release = find_release(transaction, tag)
        graph = graphs.get(tag) or read_graph(transaction, release)
        previous = _previous(transaction, release)
        before = None if previous is None else graphs.get(previous.tag) or read_graph(transaction, previous)
        yield tag, "\n".join(_story(graph, read_diff(transaction, before, graph) if before else None)) + "\n"
        graphs = {graph.release.tag: graph} | ({before.release.tag: before} if before else {})


def _previous(transaction: Transaction, release: Release) -> Release | None:
    """Return the stable release before one, if its graph is here."""
    rows = transaction.rows(
        """
        SELECT p.id, p.tag, p.kind FROM releases r JOIN releases p ON p.id = r.previous_id
        WHERE r.id = %s AND EXISTS (SELECT FROM module_graph g WHERE g.release_id = p.id)
        """,
        (release.id,),
    )
    return Release(*rows[0]) if rows else None


def _story(graph: ReleaseGraph, diff: GraphDiff | None) -> Iterator[str]:
    if graph.source_gaps:
        modules = sorted({gap.module for gap in graph.source_gaps})
        yield (
            f"**{graph.release.tag}** is partial: {len(modules)} modules were not read whole ({_some(modules)}). Among "
            f"the others: {len(graph.dependencies)} dependencies, {len(graph.cycles)} cycles."
        )
    else:
        level = max((node.level for node in graph.nodes), default=0)
        yield (
            f"**{graph.release.tag}**: {len(graph.nodes)} modules, {len(graph.dependencies)} dependencies, "
            f"highest level {level}, {len(graph.cycles)} cycles."
        )
    yield from _cycles(graph, diff)
    if diff is None:
        yield "\nThe graph of the release before is not here, so nothing can be compared."
        return
    yield f"\nSince **{diff.before.release.tag}**:"
    yield from _table(
        ("library", "change", "before", "after"),
        [(c.library, c.change.replace("_", " "), c.before or "", c.after or "") for c in diff.libraries],
    )
    yield from _table(
        ("dependency", "change", "in", "through"),
        [
            (
                f"{c.module} → {c.depends_on}",
                c.change,
                ", ".join(c.kinds),
                f"{c.witness.file} includes {c.witness.header}" if c.witness else "",
            )
            for c in diff.dependencies
        ],
    )
    yield from _table(("module", "level before", "level"), [(c.module, c.before, c.after) for c in diff.levels])
    headers = Counter(change.change for change in diff.headers)
    yield "\nHeaders: " + (", ".join(f"{count} {change}" for change, count in sorted(headers.items())) or "no change")


def _cycles(graph: ReleaseGraph, diff: GraphDiff | None) -> Iterator[str]:
    new: Sequence[Cycle] = diff.new_cycles if diff else ()
    for members in graph.cycles.values():
        found = next((cycle for cycle in new if cycle.modules == members), None)
        way = f", for example {' → '.join([*(edge[0] for edge in found.path), found.path[0][0]])}" if found else ""
        yield f"\n{'**New cycle**' if found else 'Cycle'} of {len(members)}: {_some(members)}{way}."


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    if not rows:
        return
    yield f"\n| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows[:MOST_ROWS]:
        yield f"| {' | '.join(_cell(value) for value in row)} |"
    if len(rows) > MOST_ROWS:
        yield f"\n… and {len(rows) - MOST_ROWS} more"


def _cell(value: object) -> str:
    text = " ".join(str(value).split())
    for mark in "\\`*_[]<>|":
        text = text.replace(mark, f"\\{mark}")
    return text if len(text) <= 200 else f"{text[:199]}…"


def _some(names: Iterable[str], most: int = 8) -> str:
    found = list(names)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(_cell(name) for name in found[:most]) + more
