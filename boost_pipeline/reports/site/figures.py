"""What a page shows, as a view of the warehouse gave it: rows with the view's name, its formula, and as of when.

Rows may be chosen and grouped here, never computed with: that is what the views are for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, LiteralString

from boost_pipeline.reports.site.environment import LastRead
from boost_pipeline.warehouse import views
from boost_pipeline.warehouse.warehouse import Transaction

AsOf = datetime | date | str | LastRead | None
"""When the sources were last read, or the tag of the release that the data are of."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Rows of one view, or a choice of them."""

    view: str
    columns: tuple[str, ...]
    rows: tuple[Any, ...]
    """Named tuples of the view's columns."""
    as_of: AsOf
    of: int
    """How many rows the view has for what is shown; more than `rows` where a table is cut short."""

    def __bool__(self) -> bool:
        return bool(self.rows)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def comment(self) -> str:
        """The formula, as the warehouse has it beside the view."""
        return comment(self.view)

    def group(self, column: str) -> dict[Hashable, Figures]:
        """Return the rows by a value that they share, in their order."""
        found: dict[Hashable, list[Any]] = defaultdict(list)
        place = self.columns.index(column)
        for row in self.rows:
            found[row[place]].append(row)
        return {key: replace(self, rows=tuple(rows), of=len(rows)) for key, rows in found.items()}

    def where(self, holds: Callable[[Any], bool], *, as_of: AsOf = None) -> Figures:
        """Return the rows for which something holds."""
        rows = tuple(row for row in self.rows if holds(row))
        return replace(self, rows=rows, of=len(rows), as_of=as_of or self.as_of)

    def first(self, count: int) -> Figures:
        """Return at most so many rows; `of` still says how many there are."""
        return replace(self, rows=self.rows[:count])

    def dated(self, as_of: AsOf) -> Figures:
        """Return the same rows as of another moment: that of the one thing that they are about."""
        return replace(self, as_of=as_of)

    def none(self) -> Figures:
        """Return the view without a row."""
        return replace(self, rows=(), of=0)


def read(
    transaction: Transaction, view: str, tail: LiteralString = "", *, columns: tuple[str, ...] = (), as_of: AsOf = None
) -> Figures:
    """Read a view whole; `tail` is what follows its name: an order, or a choice of rows.

    With `columns` only those are read: what a page does not show must not make it a new one.
    """
    from psycopg.rows import namedtuple_row
    from psycopg.sql import SQL, Identifier

    chosen = SQL(", ").join(map(Identifier, columns)) if columns else SQL("*")
    query = SQL("SELECT {} FROM {} ").format(chosen, Identifier(view)) + SQL(tail)
    with transaction.connection.cursor(row_factory=namedtuple_row) as cursor:
        rows = tuple(cursor.execute(query))
        names = tuple(column.name for column in cursor.description or ())
    return Figures(view, names, rows, as_of, len(rows))


def comment(view: str) -> str:
    """Return the comment of a view or function of the warehouse."""
    return next(one.comment for one in views.described() if one.name == view)
