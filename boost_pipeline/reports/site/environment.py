"""The Jinja environment of all reports that are HTML: escaping, and how values are written for people.

Here belongs how one value looks. Nothing here knows a page, and nothing computes: a duration in hours becomes "3 days",
but a sum is a view's business. All text from the world passes `text`: bounded, on one line, without marks that a screen
would obey, without e-mail addresses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup

LONGEST_TEXT: Final = 300
"""Characters of a text on a page."""

NOTHING: Final = "–"
"""What stands where there is no value."""

_ADDRESS = re.compile(r"[\w.+%-]+(?:@| ?-at- ?| ?\(at\) ?| ?\(a\) ?)[\w-]+(?:\.[\w-]+)+")
_SIGN = re.compile(r"@|-at-|\(at?\)")
_BARE_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
_SAFE_IN_SCRIPT = {ord(char): f"\\u{ord(char):04x}" for char in "<>&'\u2028\u2029"}


_LAST_READ = re.compile(r'(<time data-read="(\w+)">)[^<]*(?=</time>)')


@dataclass(frozen=True, slots=True)
class LastRead:
    """The place of a time on a page: when a source was last read.

    It is filled in when the page is finished, so that a look that found nothing new makes no page anew.
    """

    source: str


def with_reads(html: str, reads: Mapping[str, datetime | None]) -> str:
    """Return a page with its places of `LastRead` filled in."""
    return _LAST_READ.sub(lambda found: found[1] + moment(reads[found[2]]), html)


@cache
def environment() -> jinja2.Environment:
    """Return the environment of our templates: everything is escaped, an unknown name is an error."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
    )
    made.filters |= {
        "text": text,
        "day": day,
        "moment": moment,
        "number": number,
        "percent": percent,
        "hours": hours,
        "value": value,
        "script_json": script_json,
    }
    return made


def _place_of(given: LastRead) -> Markup:
    from markupsafe import Markup

    return Markup('<time data-read="{}"></time>').format(given.source)


def text(given: object, longest: int = LONGEST_TEXT) -> str:
    r"""Return a text from the world on one line of bounded length, without control and direction marks or addresses.

    >>> text("a\tb\u202ec  <me@example.org>") == "a b\ufffdc <e-mail>"
    True
    """
    if given is None:
        return NOTHING
    line = " ".join(str(given)[: longest * 4 + 100].split())
    plain = without_addresses(line)
    if not plain.isprintable():
        plain = "".join(char if char.isprintable() else "\ufffd" for char in plain)
    return plain if len(plain) <= longest else f"{plain[: longest - 1].rstrip()}…"


def without_addresses(line: str) -> str:
    """Return a line in which e-mail addresses, in the forms that people write them in, are masked.

    >>> without_addresses("Ann <ann -at- example.org>, bob@host")
    'Ann <e-mail>, e-mail'
    """
    if not _SIGN.search(line):
        return line
    return _BARE_ADDRESS.sub("e-mail", _ADDRESS.sub("e-mail", line))


def day(given: date | datetime | None) -> str:
    """Return a day; of a moment the day in UTC."""
    if given is None:
        return NOTHING
    if isinstance(given, datetime):
        given = given.astimezone(UTC).date()
    return given.isoformat()


def moment(given: datetime | None) -> str:
    """Return a moment to the minute, in UTC."""
    return NOTHING if given is None else f"{given.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def number(given: int | float | None, digits: int = 1) -> str:  # noqa: PYI041 - told apart below
    """Return a number with its thousands apart; a fraction with so many digits.

    >>> number(12345), number(0.25, 2), number(None)
    ('12,345', '0.25', '–')
    """
    if given is None:
        return NOTHING
    return f"{given:,.{digits}f}" if isinstance(given, float) else f"{given:,}"


def percent(given: float | None) -> str:
    """Return a share as per cent.

    >>> percent(0.256)
    '26 %'
    """
    return NOTHING if given is None else f"{float(given) * 100:.0f} %"


def hours(given: float | None) -> str:
    """Return a duration in hours in the unit that a person would choose.

    >>> hours(0.4), hours(30), hours(100), hours(24 * 400)
    ('24 min', '30 h', '4.2 days', '1.1 years')
    """
    if given is None:
        return NOTHING
    given = float(given)
    if given < 1:
        return f"{given * 60:.0f} min"
    if given < 48:
        return f"{given:.0f} h"
    return f"{given / 24:.1f} days" if given < 24 * 365 else f"{given / 24 / 365.25:.1f} years"


def value(given: object) -> str:
    """Return any value of a view in the form of its type.

    >>> value(True), value(1234), value(date(2026, 8, 5)), value(["a", "b"])
    ('yes', '1,234', '2026-08-05', 'a, b')
    """
    from decimal import Decimal

    match given:
        case None:
            return NOTHING
        case LastRead():
            return _place_of(given)
        case bool():
            return "yes" if given else "no"
        case int() | float() | Decimal():
            return number(given if isinstance(given, int) else float(given))
        case datetime():
            return moment(given)
        case date():
            return day(given)
        case list() | tuple():
            return ", ".join(text(one) for one in given) or NOTHING
        case _:
            return text(given)


def script_json(given: Any) -> Markup:
    """Return JSON that may stand in a script element; texts in it have passed `text`."""
    from markupsafe import Markup

    return Markup(safe_json(given))  # noqa: S704 - nothing in it can end the element


def safe_json(given: Any) -> str:
    """Return JSON in which nothing can end a script element or a line of JavaScript."""
    return json.dumps(_plain(given), ensure_ascii=False, separators=(",", ":")).translate(_SAFE_IN_SCRIPT)


def _plain(given: Any) -> Any:
    from decimal import Decimal

    match given:
        case None | bool() | int() | float():
            return given
        case Decimal():
            return float(given)
        case datetime():
            return given.astimezone(UTC).isoformat(timespec="seconds")
        case date():
            return given.isoformat()
        case dict():
            return {text(key): _plain(one) for key, one in given.items()}
        case list() | tuple():
            return [_plain(one) for one in given]
        case _:
            return text(given)


def _finalize(given: Any) -> Any:
    return NOTHING if given is None else given
