"""Which characters our fonts can show. Any other is spelled as its code point, so that it is told and not dropped.

`fonts/coverage.txt` lists what all fonts of the folder have, as ranges of code points. After a change of the fonts:
`python -m boost_pipeline_tests.reports.test_glyphs`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

FONTS: Final = Path(__file__).parent / "fonts"


def lacking(text: str) -> list[str]:
    """Return the distinct characters of a text that our fonts cannot show, in the order of their code points.

    >>> lacking("漢字 and 漢")
    ['字', '漢']
    """
    return sorted(set("".join(_lacking().findall(text))))


def spelled(text: str) -> str:
    """Return a text with its characters that our fonts cannot show as code points in square brackets.

    >>> spelled("Ω 漢字")
    'Ω [U+6F22 U+5B57]'
    """
    return _lacking().sub(lambda found: f"[{' '.join(f'U+{ord(char):04X}' for char in found[0])}]", text)


@cache
def _lacking() -> re.Pattern[str]:
    ranges = (FONTS / "coverage.txt").read_text(encoding="ascii").split()
    shown = "".join("-".join(rf"\U{end:0>8}" for end in ends.split("-")) for ends in ranges)
    return re.compile(rf"[^\n{shown}]+")
