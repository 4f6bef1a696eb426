"""How the commands speak: progress bars at a terminal, log lines elsewhere, plain or as JSON, and small tables."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TextIO

from rich.console import Console, ConsoleDimensions
from rich.progress import Progress, Task
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


class _Console(Console):
    """A console that leaves a reader that is gone to the command."""

    def on_broken_pipe(self) -> None:
        """Let `commands.ending` end the process."""
        raise  # noqa: PLE0704 - rich calls this while it handles the error

    def fit(self) -> None:
        """Be as wide as the terminal that this writes to is now.

        Rich would ask for that of standard input, output or error, which a step may have turned into files.
        """
        with suppress(OSError):
            columns, lines = os.get_terminal_size(self.file.fileno())
            if columns:
                self.size = ConsoleDimensions(columns, lines)


class Bars:
    """A bar with counts and an estimate for each piece of work; it is removed when the work is done.

    While work waits, the bar tells for what, and until when, in place of the work.
    """

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def track(self, label: str, total: int) -> Iterator[Advance]:
        """See `progress.Display`."""
        with _Progress(self._console) as bars:
            work = bars.add_task(label, total=total, unit="")
            yield lambda unit: bars.update(work, advance=1, unit=unit)


class _Progress(Progress):
    """Shows each piece of work in one line, until it is done."""

    def __init__(self, console: Console) -> None:
        self._terminal = console
        super().__init__(console=console, transient=True)

    def get_renderables(self) -> Iterator[Text]:
        """See `Progress`."""
        if isinstance(self._terminal, _Console):
            self._terminal.fit()
        glyphs = "#-" if self._terminal.options.ascii_only else "━─"
        yield from (_bar(task, self._terminal.width, glyphs) for task in self.tasks)


def _bar(task: Task, width: int, glyphs: str) -> Text:
    """Return a line that fits: the work, a bar, counts, time passed and left, the unit; or what the work waits for.

    Where there is little room, first the unit goes, then the bar, then the end of the label.
    """
    done, total = int(task.completed), int(task.total or 0)
    counts = f"{done}/{total} {_clock(task.elapsed)}"
    if (waiting := waits.told(datetime.now(UTC))) is not None:
        return _cut(f"{waiting} {counts}", width)
    counts += f" {_clock(task.time_remaining)}"
    length = 20 if width >= 60 else 10 if width >= 45 else 0
    filled = length * done // total if total else length
    bar = f"{glyphs[0] * filled}{glyphs[1] * (length - filled)} " if length else ""
    line = _cut(task.description, width - len(bar) - len(counts) - 1)
    line.append(f" {bar}{counts}" if line else _cut(counts, width))
    left = width - line.cell_len - 1
    return line.append(" ").append(_cut(task.fields["unit"], min(left, 20))) if left >= 4 else line


def _cut(text: str, width: int) -> Text:
    """Return text that is not wider than so many columns."""
    cut = Text(plain(text) if width > 0 else "", no_wrap=True)
    cut.truncate(width, overflow="ellipsis")
    return cut


def _clock(seconds: float | None) -> str:
    return "-:--:--" if seconds is None else str(timedelta(seconds=int(seconds)))


class TerminalHandler(logging.Handler):
    """Prints each record on a terminal, above the bar if one shows."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self.console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Print the record."""
        try:
            self.console.print(Text(plain(self.format(record))), soft_wrap=True)
        except Exception:  # as every handler of logging does it
            self.handleError(record)


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


def display() -> Display:
    """Return bars where `log_to_stderr` found a terminal for a person, lines elsewhere."""
    handlers = logging.getLogger("boost_pipeline").handlers
    return next((Bars(each.console) for each in handlers if isinstance(each, TerminalHandler)), Lines())


def log_to_stderr(settings: Settings) -> None:
    """Show what this package logs, one line each, in the form that LOG_FORMAT asks for.

    It reaches standard error as that is now: a step of Dagster's turns file descriptor 2 into a file of its own.
    """
    stream, as_json = _own_stderr(), settings.log_format == "json"
    bars = _shows_bars(stream) and not as_json
    handler = TerminalHandler(_Console(file=stream)) if bars else logging.StreamHandler(stream)
    handler.setFormatter(JsonLines() if as_json else logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("boost_pipeline")
    logger.handlers[:] = [handler]
    redactor().install(logger)
    logger.setLevel(logging.INFO)
    logger.propagate = False


def _own_stderr() -> TextIO:
    """Return a stream to what standard error is now, on a file descriptor of its own."""
    try:
        copy = os.dup(sys.stderr.fileno())
    except (OSError, ValueError):  # standard error was closed, or is no file
        return sys.stderr
    return os.fdopen(copy, "w", buffering=1, encoding=sys.stderr.encoding, errors="backslashreplace")


def _shows_bars(stream: TextIO) -> bool:
    """Tell whether a person looks on, at a terminal that can move its cursor."""
    plain_only = os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") in ("dumb", "unknown")
    return stream.isatty() and not plain_only


def plain(text: str) -> str:
    """Return text without what a terminal would obey; its lines and tabs stay."""
    return "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in text)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Print a table that fits 80 columns, or the terminal; those named in `right` are numbers."""
    console = _Console() if sys.stdout.isatty() else _Console(width=80)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    console.print(table, highlight=False)
