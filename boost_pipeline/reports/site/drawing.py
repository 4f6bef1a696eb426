"""The neighbourhood of a module as SVG in three columns: what needs it, the module, what it needs.

Drawn here, since Graphviz may be absent, and so small a graph needs no layout beyond columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from boost_pipeline.reports.site.environment import text

MOST_DRAWN: Final = 12
"""Modules in a column; with more the lines can no longer be told apart."""

_WIDTH: Final = 720
_BOX: Final = (190, 26)
_GAP: Final = 8
_TOP: Final = 28


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A module beside the one in the middle, and what a reader sees with the pointer on the line."""

    module: str
    told: str


def draw(
    module: str, dependents: Sequence[Neighbour], dependencies: Sequence[Neighbour], hrefs: Mapping[str, str]
) -> str:
    """Return the drawing; those that come first are drawn, and how many are not is told.

    Args:
        module: the one in the middle.
        dependents: what includes it, the most important first.
        dependencies: what it includes, likewise.
        hrefs: pages by module, relative to the page that the drawing is on.
    """
    left, right = dependents[:MOST_DRAWN], dependencies[:MOST_DRAWN]
    rows = max(len(left), len(right), 1)
    width, height = _BOX
    tall = _TOP + rows * (height + _GAP) + 22
    middle = _TOP + (rows * (height + _GAP) - _GAP) / 2
    centre = (_WIDTH - width) / 2
    parts = [
        _heading(0, f"needed by {len(dependents)} directly"),
        _heading(_WIDTH - width, f"needs {len(dependencies)} directly"),
        *_column(left, 0, middle, rows, hrefs, toward=centre),
        *_column(right, _WIDTH - width, middle, rows, hrefs, toward=centre + width),
        f'<g class="centre">{_box(centre, middle - height / 2, module)}</g>',
        _more(0, tall, len(dependents) - len(left)),
        _more(_WIDTH - width, tall, len(dependencies) - len(right)),
    ]
    told = f"{module}: needed by {len(dependents)} and needs {len(dependencies)} directly; all are listed below."
    # Links inside make it no picture: a screen reader must find them.
    return (
        f'<svg class="drawing" viewBox="0 0 {_WIDTH} {tall:.0f}" width="{_WIDTH}" role="group" '
        f'aria-label="{_html(told)}">{"".join(parts)}</svg>'
    )


def _column(
    found: Sequence[Neighbour], x: float, middle: float, rows: int, hrefs: Mapping[str, str], *, toward: float
) -> list[str]:
    width, height = _BOX
    start = _TOP + (rows - len(found)) * (height + _GAP) / 2
    lines, boxes = [], []
    for number, one in enumerate(found):
        y = start + number * (height + _GAP)
        near = x + width if toward > x + width / 2 else x
        bend = (near + toward) / 2
        lines.append(
            f'<path class="edge" d="M{near:.0f} {y + height / 2:.1f}C{bend:.0f} {y + height / 2:.1f} '
            f'{bend:.0f} {middle:.1f} {toward:.0f} {middle:.1f}"><title>{_html(one.told)}</title></path>'
        )
        box = _box(x, y, one.module)
        href = hrefs.get(one.module)
        boxes.append(f'<a href="{_html(href)}">{box}</a>' if href else box)
    return [*lines, *boxes]


def _box(x: float, y: float, module: str) -> str:
    width, height = _BOX
    return (
        f'<rect class="box" x="{x:.0f}" y="{y:.1f}" width="{width}" height="{height}" rx="5"/>'
        f'<text x="{x + width / 2:.0f}" y="{y + height / 2 + 4.5:.1f}" text-anchor="middle">{_html(module, 24)}</text>'
    )


def _heading(x: float, words: str) -> str:
    return f'<text class="small" x="{x:.0f}" y="14">{_html(words)}</text>'


def _more(x: float, y: float, count: int) -> str:
    return f'<text class="small" x="{x:.0f}" y="{y - 6:.0f}">and {count} more, listed below</text>' if count > 0 else ""


def _html(words: str, longest: int = 200) -> str:
    return escape(text(words, longest))
