"""Charts as SVG: bars, and days as a calendar. Small, without a script, and the same on paper and screen.

Colours are attributes, as the PDF's engine reads no style sheet for SVG; report.css repaints them for dark screens.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from markupsafe import Markup

from boost_pipeline.reports.dossier.document import Chart, Table
from boost_pipeline.reports.site.environment import number, text

_INK, _MUTED, _BAR = "#1f2328", "#57606a", "#2463b0"
_SHADES: Final = ("#e4e8ec", "#b6d0ee", "#78a8dd", "#3f7cc4", "#17498a")
"""No commit, and four steps up to the most of any day."""

_CELL, _GAP = 12, 2
_LABEL_WIDTH, _BAR_WIDTH, _ROW = 160, 200, 26


def bars(title: str, rows: Sequence[tuple[str, int]], table: Table) -> Chart:
    """Return horizontal bars, one for each label and value."""
    longest = max((value for _, value in rows), default=0) or 1
    width, height = _LABEL_WIDTH + _BAR_WIDTH + 70, max(1, len(rows)) * _ROW
    told = "; ".join(f"{text(label, 40)} {number(value)}" for label, value in rows)
    drawn = []
    for place, (label, value) in enumerate(rows):
        middle, length = place * _ROW + 18, round(value / longest * _BAR_WIDTH)
        drawn.append(
            Markup(
                '<text class="ink" x="{}" y="{}" text-anchor="end" font-size="15" fill="{}">{}</text>'
                '<rect class="bar" x="{}" y="{}" width="{}" height="16" rx="2" fill="{}"/>'
                '<text class="ink" x="{}" y="{}" font-size="15" fill="{}">{}</text>'
            ).format(
                _LABEL_WIDTH, middle, _INK, text(label, 20),
                _LABEL_WIDTH + 8, middle - 13, length, _BAR,
                _LABEL_WIDTH + 14 + length, middle, _INK, number(value),
            )
        )  # fmt: skip
    return Chart(title, _svg("bars", title, told, width, height, drawn), told, width * 8 / 15, table)


def calendar(title: str, first: date, last: date, commits: dict[date, int], table: Table) -> Chart:
    """Return the days from `first` to `last`, a column a week from Monday on, darker the more commits there were."""
    start = first - timedelta(days=first.weekday())
    weeks = (last - start).days // 7 + 1
    most = max((commits.get(first + timedelta(days=n), 0) for n in range((last - first).days + 1)), default=0)
    drawn: list[str] = []
    for place, name in ((0, "Mon"), (2, "Wed"), (4, "Fri")):
        drawn.append(_small(0, 24 + place * (_CELL + _GAP) + 10, name))
    for week in range(weeks):
        x = 32 + week * (_CELL + _GAP)
        for weekday in range(7):
            day = start + timedelta(days=week * 7 + weekday)
            if not first <= day <= last:
                continue
            if day.day == 1 or (day == first and day.day < 22):
                drawn.append(_small(x, 14, f"{day:%b}" + (f" {day:%Y}" if day.month == 1 else "")))
            count = commits.get(day, 0)
            shade = 0 if not count else 1 + min(3, (count * 4 - 1) // most)
            drawn.append(
                Markup(
                    '<rect class="s{}" x="{}" y="{}" width="{}" height="{}" rx="2" fill="{}">'
                    "<title>{}: {}</title></rect>"
                ).format(shade, x, 24 + weekday * (_CELL + _GAP), _CELL, _CELL, _SHADES[shade], day, number(count))
            )
    told = (
        f"{number(len([day for day in commits if first <= day <= last]))} days with commits, at most {most} on one day"
    )
    width, height = 32 + weeks * (_CELL + _GAP) + 30, 24 + 7 * (_CELL + _GAP)
    return Chart(title, _svg("calendar", title, told, width, height, drawn), told, width * 8 / 10, table)


def _small(x: int, y: int, label: str) -> str:
    return Markup('<text class="muted" x="{}" y="{}" font-size="10" fill="{}">{}</text>').format(x, y, _MUTED, label)


def _svg(kind: str, title: str, told: str, width: int, height: int, drawn: Sequence[str]) -> str:
    """Return the drawing with its title and description, which a screen reader reads."""
    return Markup(
        '<svg class="{}" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{}" viewBox="0 0 {} {}" width="{}" '
        'height="{}" font-family="sans-serif"><title>{}</title><desc>{}</desc>{}</svg>'
    ).format(
        kind, f"{title}: {told[:600]}", width, height, width, height, title, told[:2000], Markup("").join(drawn)
    )  # fmt: skip
