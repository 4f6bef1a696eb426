"""Writes a report as JSON for the template of its PDF: what is set, how wide columns are, and where words may break."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from boost_pipeline.reports.dossier.document import Chart, Column, Link, Report, Section, Table
from boost_pipeline.reports.dossier.pages import cell, counted_from, formulas
from boost_pipeline.reports.glyphs import lacking, spelled
from boost_pipeline.reports.pdf import Paper
from boost_pipeline.reports.site import environment as site

TEMPLATE: Final = Path(__file__).parent / "templates" / "report.typ"
BREAK: Final = "\u200b"
"""Where a word may break; `site.text` leaves none in what the world wrote."""

_LINE: Final = 106
"""How wide a line of a table is; all widths here are in digits of its size."""
_GAP: Final = 2
_SHORT: Final = 26
"""A column of texts that is not wider is as wide as they are."""
_NARROWEST_HEAD: Final = 6
_LONGEST_WORD, _LONGEST_OF_SUBJECT = 60, 26
"""The widest word that fits a line of text, and one of the title."""
_BROAD, _WIDEST = re.compile(r"[A-LN-VX-Z&mw]"), re.compile(r"[MW@%\u2014\u2026\u0370-\uffff]")
"""Letters that are at most half as wide again as a digit, and twice as wide; no other is wider than one."""


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A report for the template.

    Attributes:
        content: JSON.
        unset: the characters that our fonts cannot show; they are spelled, and the PDF says so.
    """

    content: str
    unset: tuple[str, ...]


def manuscript(report: Report, paper: Paper = Paper.A4) -> Manuscript:
    """Return the report as JSON for TEMPLATE."""
    content: dict[str, Any] = {
        "paper": {Paper.A4: "a4", Paper.letter: "us-letter"}[paper],
        "kind": report.kind,
        "subject": breakable(site.text(report.subject), _LONGEST_OF_SUBJECT),
        "lead": _sentence(report.lead),
        "alerts": [_sentence(alert) for alert in report.alerts],
        "sections": [_section(report, section) for section in report.sections],
        "formulas": [{"name": name, "says": " ".join(comment.split())} for name, comment in formulas(report)],
        "page": report.page,
    }
    unset = lacking(json.dumps(content, ensure_ascii=False))
    # Outside its strings JSON is ASCII, so that all of it can be spelled at once.
    return Manuscript(spelled(json.dumps(content | {"unset": len(unset)}, ensure_ascii=False)), tuple(unset))


def breakable(text: str, longest: float) -> str:
    """Return a text whose words that are wider than so many digits may break: after signs, else anywhere.

    >>> breakable("a boost/asio_io.hpp abcdefg", 6).replace(BREAK, "|")
    'a boost/|asio_|io.|hpp a|b|c|d|e|f|g'
    """
    return re.sub(r"\S+", lambda word: BREAK.join(_parts(word[0], longest)), text)


def _parts(word: str, longest: float) -> list[str]:
    if _width(word) <= longest:
        return [word]
    parts: list[str] = []
    for piece in re.findall(r"[^/_.:,;-]*[/_.:,;-]|[^/_.:,;-]+", word):
        # A mark stays with the letter that it is on.
        letters = re.findall(r".[\u0300-\u036f\u0591-\u05c7]*", piece)
        parts += [piece] if _width(piece) <= longest else letters
    return parts


def _width(text: str) -> float:
    return len(text) + len(_BROAD.findall(text)) / 2 + len(_WIDEST.findall(text))


def _sentence(text: str) -> str:
    return breakable(site.text(text, 900), _LONGEST_WORD)


def _section(report: Report, section: Section) -> dict[str, Any]:
    shown = not section.absent
    return {
        "title": section.title,
        "absent": _sentence(section.absent) if section.absent else "",
        "says": [_sentence(line) for line in section.says if shown],
        "figures": [
            {"label": figure.label, "value": site.number(figure.value), "note": figure.note}
            for figure in section.figures
            if shown
        ],
        "charts": [_chart(chart) for chart in section.charts if shown],
        "tables": [_table(table) for table in section.tables if shown],
        "basis": _sentence(counted_from(report, section)),
        "views": list(section.views),
    }


def _chart(chart: Chart) -> dict[str, Any]:
    title = site.text(chart.title)
    return {"title": title, "svg": chart.svg, "says": f"{title}: {chart.told[:600]}", "points": chart.points}


def _table(table: Table) -> dict[str, Any]:
    rows = [
        [cell(value, column.form) for value, column in zip(row, table.columns, strict=True)]
        for row in table.rows[: table.most]
    ]
    links = [
        [value.url if isinstance(value, Link) else "" for value in row]  # a URL is ours: no text of it is shown
        for row in table.rows[: table.most]
    ]
    needs = _needs(table.columns, rows)
    widths = _widths(table.columns, needs)
    heads = [_head(*column) for column in zip(table.columns, needs, widths, strict=True)]
    left_out = len(table.rows) - len(rows)
    return {
        "caption": _sentence(table.caption),
        "columns": [
            {"head": head, "is_number": not _is_text(column), "width": width}
            for column, head, width in zip(table.columns, heads, widths, strict=True)
        ],
        "rows": [
            [
                {"text": breakable(text, width) if width else text, "url": url}
                for text, width, url in zip(row, widths, urls, strict=True)
            ]
            for row, urls in zip(rows, links, strict=True)
        ],
        "more": f"… and {left_out:,} more." if left_out else "",
        "empty": table.empty,
    }


def _is_text(column: Column) -> bool:
    return column.form in ("text", "link")


def _needs(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[float]:
    """Return how wide the widest cell of each column is, and the widest word of its head, which is set smaller."""
    return [
        max([*(_width(row[place]) for row in rows), *map(len, site.text(column.head).split())], default=1)
        for place, column in enumerate(columns)
    ]


def _head(column: Column, need: float, width: float) -> str:
    """Return the head of a column; of numbers, which are narrow, in lines of about their width, but few."""
    head = site.text(column.head)
    if _is_text(column):
        return breakable(head, width) if width else head
    return "\n".join(textwrap.wrap(head, max(int(need), _NARROWEST_HEAD, len(head) * 2 // 5 + 1)))


def _widths(columns: Sequence[Column], needs: Sequence[float]) -> list[float]:
    """Return the share of the free room that each column has; 0: it is as wide as what stands in it.

    Columns that need less than their fair share have what they need, and leave the rest to the others.
    """
    free = _LINE - sum(_GAP + (0 if _is_text(column) else need) for column, need in zip(columns, needs, strict=True))
    texts = sorted(
        (need, place) for place, (column, need) in enumerate(zip(columns, needs, strict=True)) if _is_text(column)
    )
    widths = [0.0] * len(columns)
    for left, (need, place) in zip(range(len(texts), 0, -1), texts, strict=True):
        width = min(need, max(1, free / left))
        free -= width
        widths[place] = 0 if need <= min(width, _SHORT) else width
    return widths
