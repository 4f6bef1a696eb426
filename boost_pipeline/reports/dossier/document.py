"""What a report is made of: figures, tables and charts in sections, each with where its numbers come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

FORMS: Final = ("text", "number", "share", "hours", "day", "link")
"""How a cell looks. A link's value is a `Link`."""


class Link(NamedTuple):
    """A text and where it leads."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a release or a month; None: it cannot be known from what was collected."""

    label: str
    value: float | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `form` is one of FORMS."""

    head: str
    form: str = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in their order; of more than `most` the first ones are shown, and how many are left out."""

    caption: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Any, ...]]
    most: int = 40
    empty: str = "None."


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing and the table that it is drawn from.

    Attributes:
        title: what it shows.
        svg: the drawing.
        told: its values in words.
        points: how wide it is on paper, for letters of 8 points; narrower where the page is.
        table: the values.
    """

    title: str
    svg: str
    told: str
    points: float
    table: Table


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report.

    Attributes:
        key: its anchor.
        title: the heading.
        says: sentences before the rest.
        figures: single numbers.
        charts: drawings.
        tables: tables.
        basis: what the numbers were counted from, and what was left out.
        sources: names of the `Source`s that it was made of.
        views: names of the views and functions that counted.
        absent: why there is nothing to show; what could be shown is then not there.
    """

    key: str
    title: str
    says: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    basis: str = ""
    sources: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    absent: str = ""


class Source(NamedTuple):
    """A source, the day on which something new was last read of it, and how many units of it were ever read."""

    name: str
    as_of: Any
    units: int


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report.

    Attributes:
        kind: "Release dossier" or "Monthly report".
        subject: what it is of: boost-1.90.0, October 2026.
        lead: one sentence below the title.
        alerts: what a reader must not miss, such as a new cycle.
        sections: in their order.
        sources: what it was made of.
        page: the name of its HTML file.
        pdf: the name of its PDF.
        data: the name of its file for programs or for mail: JSON or Markdown.
    """

    kind: str
    subject: str
    lead: str
    alerts: tuple[str, ...]
    sections: tuple[Section, ...]
    sources: tuple[Source, ...]
    page: str
    pdf: str
    data: str

    def section(self, key: str) -> Section:
        """Return the section of that key; KeyError if there is none."""
        return {section.key: section for section in self.sections}[key]
