"""How the commands speak to a person: progress bars at a terminal, plain lines elsewhere, small tables."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from boost_pipeline.progress import Advance, Display, Lines


class Bars:
    """A bar with counts and an estimate for each piece of work; it is removed when the work is done."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def track(self, label: str, total: int) -> Iterator[Advance]:
        """See `progress.Display`."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[unit]}"),
        )
        with Progress(*columns, console=self._console, transient=True) as bars:
            work = bars.add_task(label, total=total, unit="")
            yield lambda unit: bars.update(work, advance=1, unit=unit[:20])


def display() -> Display:
    """Return bars where standard error is a terminal, lines elsewhere."""
    console = Console(stderr=True)
    return Bars(console) if console.is_terminal else Lines()


def log_to_stderr() -> None:
    """Show what this package logs, one plain line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("boost_pipeline")
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Print a table that fits 80 columns; those named in `right` are numbers."""
    console = Console(width=80) if not sys.stdout.isatty() else Console()
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table, highlight=False)
