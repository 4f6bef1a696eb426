"""How the commands speak: progress bars at a terminal, log lines elsewhere, plain or as JSON, and small tables."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from boost_pipeline.progress import Advance, Display, Lines, waits
from boost_pipeline.settings import redactor

if TYPE_CHECKING:
    from boost_pipeline.settings import Settings

LOG_FIELDS: Final = (
    "event",
    "task",
    "group",
    "release",
    "outcome",
    "seconds",
    "rows",
    "run_id",
    "version",
)
"""What a log record may have beside its time, level and message, given to the logger as `extra`."""


class _LabelColumn(ProgressColumn):
    """What is worked on, or what that waits for."""

    def render(self, task: Task) -> Text:
        """See `ProgressColumn`."""
        return Text(waits.told(datetime.now(UTC)) or task.description)


class Bars:
    """A bar with counts and an estimate for each piece of work; it is removed when the work is done.

    While work waits, the bar tells for what, and until when, in place of the work.
    """

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def track(self, label: str, total: int) -> Iterator[Advance]:
        """See `progress.Display`."""
        columns = (
            _LabelColumn(),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[unit]}"),
        )
        with Progress(*columns, console=self._console, transient=True) as bars:
            work = bars.add_task(label, total=total, unit="")
            yield lambda unit: bars.update(work, advance=1, unit=unit[:20])


class JsonLines(logging.Formatter):
    """Each record as one JSON object: time (ISO 8601, UTC), level, message, and those of LOG_FIELDS that it has."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        told |= {name: getattr(record, name) for name in LOG_FIELDS if hasattr(record, name)}
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def display(settings: Settings) -> Display:
    """Return bars where standard error is a terminal for a person, lines elsewhere."""
    console = Console(stderr=True)
    return Bars(console) if console.is_terminal and not _as_json(settings) else Lines()


def log_to_stderr(settings: Settings) -> None:
    """Show what this package logs, one line each, in the form that LOG_FORMAT asks for."""
    handler = logging.StreamHandler(sys.stderr)
    plain = logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S")
    handler.setFormatter(JsonLines() if _as_json(settings) else plain)
    logger = logging.getLogger("boost_pipeline")
    logger.handlers[:] = [handler]
    redactor().install(logger)
    logger.setLevel(logging.INFO)
    logger.propagate = False


def _as_json(settings: Settings) -> bool:
    return settings.log_format == "json"


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Print a table that fits 80 columns, or the terminal; those named in `right` are numbers."""
    console = Console() if sys.stdout.isatty() else Console(width=80)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table, highlight=False)
