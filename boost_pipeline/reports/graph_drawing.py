"""Parts of a release graph as text in the DOT language, which Graphviz draws.

Only what fits on a page is drawn: the neighbourhood of a module, or what changed between two releases. All names come
from the world, and are escaped. The language: https://graphviz.org/doc/info/lang.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

from boost_pipeline.boost.module_graph import Edge, GraphNode, neighbourhood
from boost_pipeline.reports.release_diff import GraphDiff
from boost_pipeline.reports.release_graph import Dependency, ReleaseGraph

MOST_CHANGES: Final = 60
"""Changed edges in one drawing; with more the lines can no longer be told apart."""

_LONGEST_TEXT: Final = 80
_GREY: Final = "#57606a"
_LINES: Final = {
    "depends on": ("#57606a", "solid"),
    "in a cycle": ("#cf222e", "solid"),
    "added": ("#1a7f37", "solid"),
    "removed": ("#cf222e", "dashed"),
}
"""What a line means: its colour and style."""


@dataclass(frozen=True, slots=True)
class _Line:
    edge: Edge
    meaning: str
    pull_weight: int
    told: str
    """What a reader sees with the pointer on the line."""


def draw_neighbourhood(graph: ReleaseGraph, module: str) -> str:
    """Return a drawing of a module, what it depends on and what depends on it.

    Raises:
        UnknownName: the release has no such module.
    """
    node = graph.node(module)
    nodes = {other.module: other for other in graph.nodes}
    near = neighbourhood(graph.weighed, module)
    known = {(d.module, d.depends_on): d for d in graph.dependencies}
    lines = []
    for edge in near.edges:
        one, other = nodes[edge.module], nodes[edge.depends_on]
        cyclic = one.cycle is not None and one.cycle == other.cycle
        dependency = known[edge.module, edge.depends_on]
        meaning = "in a cycle" if cyclic else "depends on"
        lines.append(_Line((one.module, other.module), meaning, edge.pull_weight, _told(dependency)))
    needs, users = f"{node.direct} direct of {node.transitive} dependencies", _count(node.dependents, "dependent")
    facts = f"level {node.level}, {needs}, {users}" if node.is_known else f"not read whole, or needs such: {users}"
    left_out = [f"{near.left_out} neighbours that pull less are left out"] if near.left_out else []
    return _drawing(f"{module} in {graph.release.tag}", [facts, *left_out], lines, nodes, {module})


def draw_diff(diff: GraphDiff) -> str:
    """Return a drawing of the edges that were added and removed, and of the cycles that are new."""
    before, after = ({(d.module, d.depends_on): d for d in graph.dependencies} for graph in (diff.before, diff.after))
    known = before | after
    # An edge whose kind alone changed, from headers to sources, is still there.
    changed = {(c.module, c.depends_on) for c in diff.dependencies} & (before.keys() ^ after.keys())
    ranked = sorted(changed, key=lambda edge: (-known[edge].pull_weight, edge))
    around = {edge for cycle in diff.new_cycles for edge in cycle.path}
    lines = []
    for edge in sorted({*ranked[:MOST_CHANGES], *around}):
        change = "added" if edge in after else "removed"
        meaning = change if edge in changed else "in a cycle"
        lines.append(_Line(edge, meaning, known[edge].pull_weight, _told(known[edge])))
    added, left_out = len(changed & after.keys()), len(changed - {line.edge for line in lines})
    facts = [f"{_count(added, 'dependency', 'dependencies')} added, {len(changed) - added} removed"]
    facts += [f"{left_out} that pull less are left out"] if left_out else []
    facts += ["blue: new modules"] if {name for line in lines for name in line.edge} & {*diff.modules_added} else []
    nodes = {node.module: node for graph in (diff.before, diff.after) for node in graph.nodes}
    title = f"{diff.before.release.tag} → {diff.after.release.tag}"
    return _drawing(title, facts, lines, nodes, {*diff.modules_added}, cyclic=around)


def _drawing(
    title: str,
    facts: Iterable[str],
    lines: Collection[_Line],
    nodes: Mapping[str, GraphNode],
    marked: Collection[str],
    *,
    cyclic: Collection[Edge] = (),
) -> str:
    names = sorted({*(name for line in lines for name in line.edge), *(marked if not lines else ())})
    ids = {name: f"m{number}" for number, name in enumerate(names)}
    return "\n".join(
        [
            "digraph dependencies {",
            "  rankdir=LR; nodesep=0.12; ranksep=1.6; pad=0.3; bgcolor=white; labelloc=t; labeljust=l;",
            '  fontname="Helvetica"; fontsize=12;',
            '  node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=12, margin="0.1,0.02",',
            '        height=0.3, color="#8c959f", fillcolor="#f6f8fa"];',
            '  edge [fontname="Helvetica", fontsize=10, arrowsize=0.7];',
            f"  label=<{_heading(title, facts, lines, cyclic)}>;",
            *(f"  {ids[name]} {_node(nodes[name], strong=name in marked)};" for name in names),
            *(f"  {ids[line.edge[0]]} -> {ids[line.edge[1]]} {_edge(line, line.edge in cyclic)};" for line in lines),
            "}",
            "",
        ]
    )


def _heading(title: str, facts: Iterable[str], lines: Iterable[_Line], cyclic: Collection[Edge]) -> str:
    """Return the title, the numbers, and what the lines mean, of those that occur."""
    meanings = {line.meaning for line in lines} | ({"in a cycle"} if cyclic else set())
    samples = {"solid": "——", "dashed": "– –"}
    legend = "".join(
        f'<FONT COLOR="{colour}"><B>{samples[style]}</B>&#160;{meaning}</FONT> &#160; '
        for meaning, (colour, style) in _LINES.items()
        if meaning in meanings
    )
    if any(line.pull_weight > 1 for line in lines):
        legend += f'<FONT COLOR="{_GREY}"><I>n</I>&#160;modules that only this edge brings</FONT>'
    rows = [
        f'<FONT POINT-SIZE="18"><B>{_html(title)}</B></FONT>',
        *(f'<FONT COLOR="{_GREY}">{_html(fact)}</FONT>' for fact in facts),
        f"{legend} ",
    ]
    cells = "".join(f'<TR><TD ALIGN="LEFT">{row}</TD></TR>' for row in rows)
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="1">{cells}</TABLE>'


def _node(node: GraphNode, *, strong: bool) -> str:
    needs = f" · C++{node.effective_cxxstd}" if node.effective_cxxstd else ""
    place = f"level {node.level}{needs}" if node.is_known else "not read whole"
    small = f'<FONT POINT-SIZE="9" COLOR="{_GREY}">{_html(place)}</FONT>'
    name = f"<B>{_html(node.module)}</B>" if strong else _html(node.module)
    look = ', fillcolor="#ddf4ff", color="#0969da", penwidth=2' if strong else ""
    table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">'
    label = f"{table}<TR><TD>{name}</TD></TR><TR><TD>{small}</TD></TR></TABLE>"
    return f'[label=<{label}>, tooltip="{_quoted(node.module)}"{look}]'


def _edge(line: _Line, in_cycle: bool) -> str:  # noqa: FBT001 - private, and the call names it
    colour, style = _LINES[line.meaning]
    if in_cycle and line.meaning == "added":
        colour = f"{colour}:{_LINES['in a cycle'][0]}"  # two lines side by side
    width = 1 + min(line.pull_weight, 40) / 20
    weight = f', label="{line.pull_weight}", fontcolor="{colour.split(":")[0]}"' if line.pull_weight > 1 else ""
    told = _quoted(line.told)
    return (
        f'[color="{colour}", style={style}, penwidth={width:.2f}, edgetooltip="{told}", labeltooltip="{told}"{weight}]'
    )


def _told(dependency: Dependency) -> str:
    """Return why there is an edge, in one line."""
    names = f"{dependency.module} → {dependency.depends_on}"
    if not dependency.witnesses:
        return names
    first = dependency.witnesses[0]
    return f"{names}: {first.file} includes <{first.header}>"


def _count(count: int, one: str, more: str | None = None) -> str:
    """Return a number with its noun.

    >>> _count(1, "dependent"), _count(2, "dependent"), _count(2, "dependency", "dependencies")
    ('1 dependent', '2 dependents', '2 dependencies')
    """
    return f"{count} {one if count == 1 else more or f'{one}s'}"


def _plain(text: str) -> str:
    """Return `text` on one line of bounded length, without what a screen would obey or XML refuses."""
    clipped = text if len(text) <= _LONGEST_TEXT * 3 else f"{text[: _LONGEST_TEXT * 3]}…"
    return "".join(char if char.isprintable() else "\ufffd" for char in clipped)


def _html(text: str) -> str:
    """Escape for a label between < and >, where Graphviz still reads a backslash."""
    plain = _plain(text)
    clipped = plain if len(plain) <= _LONGEST_TEXT else f"{plain[:_LONGEST_TEXT]}…"
    return escape(clipped).replace("\\", "\\\\")


def _quoted(text: str) -> str:
    """Escape for an attribute in quotes, whose entities and backslashes Graphviz would read."""
    return _plain(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
