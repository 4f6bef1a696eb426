"""The command at a terminal: a pseudo-terminal with a window, and what a person sees on it."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable

from boost_pipeline_tests.commands.process import COMMAND, ROOT, Cli

_SEQUENCE = re.compile(r"\x1b\[([?\d;]*)([A-Za-z])")


class Screen:
    """Rows of characters, as wide as a terminal, that obey what rich sends; `erased` are the rows that were wiped."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.rows = [""]
        self.row = self.column = 0
        self.erased: list[str] = []

    def feed(self, text: str) -> None:
        """Show text."""
        while text:
            if found := _SEQUENCE.match(text):
                self._obey(found[1], found[2])
                text = text[found.end() :]
            else:
                self._show(text[0])
                text = text[1:]

    def _obey(self, numbers: str, command: str) -> None:
        if command == "A":
            self.row = max(0, self.row - int(numbers or 1))
        elif command == "K":
            if self.rows[self.row].strip():
                self.erased.append(self.rows[self.row].rstrip())
            self.rows[self.row] = ""
        else:
            assert command in "mhl", (numbers, command)  # colours, and whether the cursor shows

    def _show(self, char: str) -> None:
        if char == "\r":
            self.column = 0
        elif char == "\n":
            self._next_row()
        else:
            if self.column == self.columns:
                self._next_row()
                self.column = 0
            row = self.rows[self.row].ljust(self.column)
            self.rows[self.row] = row[: self.column] + char + row[self.column + 1 :]
            self.column += 1

    def _next_row(self) -> None:
        self.row += 1
        if self.row == len(self.rows):
            self.rows.append("")


def at_a_terminal(
    cli: Cli,
    *arguments: str,
    columns: int = 80,
    meanwhile: Callable[[Callable[[bytes], None]], None] = lambda _type: None,
    **environment: str,
) -> tuple[int, str]:
    """Run the command in a window of 24 rows; return its exit code and all that it wrote.

    `meanwhile` is called once the process runs, with what types on its keyboard.
    """
    keyboard, window = pty.openpty()
    fcntl.ioctl(window, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    plain = {name: value for name, value in cli.environment.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
    process = subprocess.Popen(
        [COMMAND, *arguments],
        cwd=ROOT,
        env=plain | {"TERM": "xterm-256color"} | environment,
        stdin=window,
        stdout=window,
        stderr=window,
        start_new_session=True,
        # The window becomes its terminal, so that Ctrl-C is a signal to its whole group.
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - it calls the kernel, nothing else
    )
    os.close(window)
    try:
        meanwhile(lambda keys: os.write(keyboard, keys) and None)
        written = _read(keyboard)
        return process.wait(60), written.decode()
    finally:
        process.kill()
        process.wait()
        os.close(keyboard)


def _read(terminal: int) -> bytes:
    written, deadline = b"", time.monotonic() + 120
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # Linux's way to say that nobody has the window open any more
            break
        if not chunk:
            break
        written += chunk
    return written
