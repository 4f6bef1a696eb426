"""Rows in the text format of PostgreSQL's COPY, for those that are made once and written many times.

It needs no psycopg, whose import costs what a sixth of Dagster's does.
"""

import re
from collections.abc import Sequence

_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPED = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}


def text_line(*values: str | None) -> str:
    r"""Return a row, or the end of one, in COPY's text format.

    >>> text_line("a\tb", None, "c")
    'a\\tb\t\\N\tc\n'
    """
    return "\t".join([r"\N" if value is None else _SPECIAL.sub(_escaped, value) for value in values]) + "\n"


def text_array(values: Sequence[str]) -> str:
    r"""Return an array of texts as PostgreSQL writes it, to stand in `text_line`.

    >>> text_array(['a"b', "c"])
    '{"a\\"b","c"}'
    """
    if not values:
        return "{}"
    plain = "".join(values)
    if "\\" in plain or '"' in plain:
        values = [value.replace("\\", r"\\").replace('"', r"\"") for value in values]
    return '{"' + '","'.join(values) + '"}'


def _escaped(found: re.Match[str]) -> str:
    return _ESCAPED[found[0]]
