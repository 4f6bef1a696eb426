"""Writes a report as HTML that needs no other file, as Markdown, and as JSON. What a value looks like is here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from boost_pipeline.reports.dossier.document import Figure, Link, Report, Section, Table
from boost_pipeline.reports.site import environment as site

if TYPE_CHECKING:
    import jinja2

LONGEST_CELL: Final = 160
NAVIGATION: Final = "<!-- Here a site that takes this page in puts its navigation. -->"
"""Stands once in each page. By itself a page links to no other, since it may be anywhere: in a mail, on a disk."""
_TEMPLATES = Path(__file__).parent / "templates"
_SITE_STYLE = Path(site.__file__).parent / "assets" / "style.css"
_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>|#"})


def html(report: Report) -> str:
    """Return one HTML page with its style."""
    template = _environment().get_template("report.html.j2")
    return template.render(report=report, formulas=formulas(report), style=_style(), navigation=_markup(NAVIGATION))


def markdown(report: Report) -> str:
    """Return the report as GitHub's Markdown."""
    lines = [*_heading(report), *(line for section in report.sections for line in _section(report, section, None))]
    explained = [f"- `{name}`: {_plain(comment, 2000)}" for name, comment in formulas(report)]
    return "\n".join([*lines, "", "## Formulas", "", *explained]) + "\n"


def preview(report: Report, keys: Sequence[str], most: int = 5) -> str:
    """Return some sections of the report as Markdown; of each table the first rows."""
    sections = [report.section(key) for key in keys]
    return "\n".join([*_heading(report), *(line for one in sections for line in _section(report, one, most))]) + "\n"


def data(report: Report) -> str:
    """Return the report as JSON: sections with their figures and all rows of their tables."""
    told = {
        "kind": report.kind,
        "subject": _json(report.subject),
        "lead": _json(report.lead),
        "alerts": [_json(alert) for alert in report.alerts],
        "sources": [
            {"source": s.name, "as_of": s.as_of and s.as_of.isoformat(), "units": s.units} for s in report.sources
        ],
        "sections": [_section_data(section) for section in report.sections],
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def cell(value: Any, form: str) -> str:
    """Return a value of a table as text, in one of document.FORMS."""
    if value is None:
        return site.NOTHING
    if form == "number":
        return site.number(value)
    if form == "share":
        return site.percent(value)
    if form == "hours":
        return site.hours(value)
    if form == "day":
        return site.day(value)
    return site.text(value.text if isinstance(value, Link) else value, LONGEST_CELL)


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    made = site.environment().overlay(loader=jinja2.FileSystemLoader(_TEMPLATES))
    made.filters = {**made.filters, "cell": cell}
    return made


@cache
def _style() -> Any:
    """Return both style sheets, as they stand in the page."""
    sheets = (_SITE_STYLE.read_text(encoding="utf-8"), (_TEMPLATES / "report.css").read_text(encoding="utf-8"))
    return _markup("\n".join(sheets))


def _markup(ours: str) -> Any:
    """Return our own words as they stand in the page."""
    from markupsafe import Markup

    return Markup(ours)  # noqa: S704 - nothing of the world is in it


def formulas(report: Report) -> list[tuple[str, str]]:
    """Return the views and functions that the report names, with their formulas, in the order of their names."""
    from boost_pipeline.warehouse.views import described

    named = {view for section in report.sections for view in section.views}
    known = {view.name: view.comment for view in described()}
    return [(name, known[name]) for name in sorted(named)]


def _heading(report: Report) -> list[str]:
    return [
        f"# {report.kind}: {_plain(report.subject)}",
        "",
        _plain(report.lead),
        *(f"\n> **Attention:** {_plain(alert)}" for alert in report.alerts),
    ]


def _section(report: Report, section: Section, most: int | None) -> Iterator[str]:
    yield f"\n## {_plain(section.title)}"
    if section.absent:
        yield f"\n{_plain(section.absent)}"
        return
    for line in section.says:
        yield f"\n{_plain(line)}"
    if section.figures:
        yield from ("", "| | |", "|---|---:|", *(_figure_row(figure) for figure in section.figures))
    for table in (*section.tables, *(chart.table for chart in section.charts if most is None)):
        yield from _markdown_table(table, most)
    yield f"\n*{_plain(counted_from(report, section))}*"


def _markdown_table(table: Table, most: int | None) -> list[str]:
    lines = ["", f"**{_plain(table.caption)}**", ""]
    if not table.rows:
        return [*lines, _plain(table.empty)]
    limit = min(table.most, most or table.most)
    lines += [
        f"| {' | '.join(_plain(column.head) for column in table.columns)} |",
        f"|{'|'.join('---' if column.form in ('text', 'link') else '---:' for column in table.columns)}|",
    ]
    for row in table.rows[:limit]:
        cells = (cell(value, column.form).translate(_MARKS) for value, column in zip(row, table.columns, strict=True))
        lines.append(f"| {' | '.join(cells)} |")
    if len(table.rows) > limit:
        lines += ["", f"… and {len(table.rows) - limit:,} more."]
    return lines


def _figure_row(figure: Figure) -> str:
    note = f" ({_plain(figure.note)})" if figure.note else ""
    return f"| {_plain(figure.label)}{note} | {site.number(figure.value)} |"


def counted_from(report: Report, section: Section) -> str:
    """Return as of when, from what, and what was left out, in one line."""
    as_of = [
        f"{source.name} {site.day(source.as_of) if source.as_of else 'not read'}"
        for source in report.sources
        if source.name in section.sources
    ]
    return " ".join(filter(None, [f"As of: {', '.join(as_of)}." if as_of else "", section.basis]))


def _plain(text: str, longest: int = 600) -> str:
    return site.text(text, longest).translate(_MARKS)


def _section_data(section: Section) -> dict[str, Any]:
    tables = [chart.table for chart in section.charts] + list(section.tables)
    return {
        "key": section.key,
        "title": section.title,
        "absent": section.absent or None,
        "basis": _json(section.basis or None),
        "sources": list(section.sources),
        "views": list(section.views),
        "figures": [{"label": f.label, "value": f.value} for f in section.figures],
        "tables": [
            {
                "caption": _json(table.caption),
                "columns": [column.head for column in table.columns],
                "rows": [[_json(value) for value in row] for row in table.rows],
            }
            for table in tables
        ],
    }


def _json(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Link):
        return {"text": site.text(value.text), "url": value.url}
    return value.isoformat() if hasattr(value, "isoformat") else site.text(value, 1000)
