"""The syntax of .gitmodules: that of git's configuration files, by git's own rules.

The rules are those of git-config(1), "Syntax", and of git's `config.c` where that page is silent. Whitespace
within a value is kept as it is, as git does from 2.45 on. What the entries mean is `gitmodules`.
"""

import re
from collections.abc import Iterator
from typing import Final

from boost_pipeline.errors import SourceCorrupt

_BETWEEN: Final = re.compile(r"(?:[ \t\r\n]+|[#;][^\n]*)*")
_SECTION: Final = re.compile(r'\[(?!\])([A-Za-z0-9.-]*)(?:[ \t\r]+"((?:[^"\\\n]|\\[^\n])*)")?\]')
_KEY: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*(=|\n)")
_VALUE_PIECE: Final = re.compile(
    r"""(?P<end>\n)
      | (?P<space>[ \t\r]+)
      | (?P<comment>[#;][^\n]*)
      | "(?P<quoted>(?:[^"\\\n]|\\["\\nbt\n])*)"
      | (?P<escape>\\["\\nbt\n])
      | (?P<plain>[^ \t\r\n"\\#;]+)
    """,
    re.VERBOSE,
)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "t": "\t", "b": "\b", '"': '"', "\\": "\\", "\n": ""}


def config_entries(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield (name, value) for each line `key = value`, in the order of the file.

    A name is "section.key" or "section.subsection.key"; sections and keys come in lower case, a subsection as
    it is written. The value of a key without "=" is None.

    Raises:
        SourceCorrupt: the text breaks the syntax; git refuses such a file, too.
    """
    # The end of the file ends a line, also one that a backslash continues.
    text = text.removeprefix("\ufeff").replace("\r\n", "\n") + "\n\n"
    section = ""
    at = _skip(text, 0)
    while at < len(text):
        if match := _SECTION.match(text, at):
            section, at = _section_name(match), match.end()
        elif match := _KEY.match(text, at):
            name, at = section + match.group(1).lower(), match.end()
            value = None
            if match.group(2) == "=":
                value, at = _read_value(text, at)
            yield name, value
        else:
            raise _broken(text, at)
        at = _skip(text, at)


def _skip(text: str, at: int) -> int:
    """Return where the next section or key starts, behind blanks and comments."""
    match = _BETWEEN.match(text, at)
    return match.end() if match else at


def _section_name(match: re.Match[str]) -> str:
    name, subsection = match.group(1).lower(), match.group(2)
    if subsection is not None:
        name += "." + _ESCAPE.sub(r"\1", subsection)
    return name + "."


def _read_value(text: str, at: int) -> tuple[str, int]:
    """Return the value that starts at `at`, and where the next line starts."""
    value, space = "", ""
    while match := _VALUE_PIECE.match(text, at):
        at = match.end()
        kind, piece = match.lastgroup, match.group(match.lastgroup or 0)
        if kind == "end":
            return value, at
        if kind == "space":
            space += piece if value else ""
        elif kind != "comment":
            value += space + (piece if kind == "plain" else _ESCAPE.sub(_unescape, piece))
            space = ""
    raise _broken(text, at)


def _unescape(match: re.Match[str]) -> str:
    return _ESCAPED[match.group(1)]


def _broken(text: str, at: int) -> SourceCorrupt:
    line = text.count("\n", 0, at) + 1
    return SourceCorrupt(f".gitmodules, line {line}: not the syntax of git-config; mend it in the superproject.")
