"""Reads the rows of reports: all of one report as of one moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

from boost_pipeline.reports.dossier.document import Source
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse


@contextmanager
def snapshot(warehouse: Warehouse) -> Iterator[Transaction]:
    """Open a transaction that only reads, and sees one moment of the warehouse."""
    with warehouse.transaction() as transaction:
        transaction.freeze()
        yield transaction


@dataclass(frozen=True, slots=True)
class Reader:
    """Asks functions of the warehouse about one subject: the id of a release, or the first day of a month."""

    transaction: Transaction
    subject: Any

    def rows(self, query: LiteralString) -> list[tuple[Any, ...]]:
        """Return the rows of a query in which %(of)s stands for the subject."""
        return self.transaction.rows(query, {"of": self.subject})

    def value(self, query: LiteralString) -> Any:
        """Return the first value of a query in which %(of)s stands for the subject."""
        return self.transaction.value(query, {"of": self.subject})

    def record(self, query: LiteralString, subject: Any = None) -> dict[str, Any]:
        """Return the one row of a query by names of columns."""
        from psycopg.rows import dict_row

        asked = {"of": self.subject if subject is None else subject}
        with self.transaction.connection.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(query, asked).fetchone()
        assert row is not None
        return row

    def sources(self, query: LiteralString) -> tuple[Source, ...]:
        """Return the sources that a query lists: name, as of, units."""
        return tuple(Source(*row) for row in self.rows(query))


def counted(count: int | None, one: str, more: str = "") -> str:
    """Return a number with its noun; None is a number that is not known.

    >>> counted(1, "commit"), counted(2000, "commit"), counted(None, "library", "libraries")
    ('1 commit', '2,000 commits', 'an unknown number of libraries')
    """
    several = more or f"{one}s"
    return f"an unknown number of {several}" if count is None else f"{count:,} {one if count == 1 else several}"


def listed(names: Sequence[str]) -> str:
    """Return names in a row: "a, b and c".

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
