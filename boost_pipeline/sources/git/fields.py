"""Bytes of git as text, paths and moments: lossless, and nothing that PostgreSQL refuses.

Which field stands where belongs to the module that reads the command's output.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache

_FIRST_SECOND, _LAST_SECOND = -62135596800, 253402300799  # of the years 1 and 9999, the range of datetime
_ZONE = re.compile(r"([+-])(\d\d)(\d\d)")
_LETTERS = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}
_QUOTED = [
    f"\\{_LETTERS[byte]}" if byte in _LETTERS else chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"
    for byte in range(256)
]


def text(raw: bytes) -> str:
    """Read a name, an address or a message: UTF-8, or else all of it as latin-1, so that no byte is lost."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def path(raw: bytes) -> str:
    r"""Read a path or the name of a ref.

    One that is not UTF-8, or that begins with a double quote, is kept as `git ls-files` prints it, in double
    quotes: two different paths never become one.

    >>> path("doc/é.qbk".encode()), path(b"doc/\xe9.qbk")
    ('doc/é.qbk', '"doc/\\351.qbk"')
    """
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        return _quote(raw)
    return _quote(raw) if name.startswith('"') else name


def _quote(raw: bytes) -> str:
    return f'"{"".join([_QUOTED[byte] for byte in raw])}"'


def moment(seconds: str) -> datetime | None:
    """Read seconds since 1970; None when they are no number or outside the years 1 to 9999."""
    try:
        # Longer numbers are out of range anyway, and int() refuses very long ones in its own way.
        number = int(seconds) if len(seconds) <= 20 else _LAST_SECOND + 1
    except ValueError:
        return None
    return datetime.fromtimestamp(number, UTC) if _FIRST_SECOND <= number <= _LAST_SECOND else None


@lru_cache(maxsize=1024)
def offset(zone: str) -> int:
    """Read a zone such as "-0330" as minutes east of UTC; 0 for what no clock can show.

    >>> offset("+0530"), offset("-0330"), offset("+51800")
    (330, -210, 0)
    """
    match = _ZONE.fullmatch(zone)
    if match is None:
        return 0
    hours, minutes = int(match[2]), int(match[3])
    # PostgreSQL ends at 15:59; real clocks have never been further from Greenwich.
    if hours > 15 or minutes > 59:
        return 0
    return (hours * 60 + minutes) * (-1 if match[1] == "-" else 1)
