"""How names and values appear in messages about a schedule."""

import difflib
import json
from collections.abc import Collection
from typing import Final

_LONGEST_SHOWN: Final = 80


def shown(text: str) -> str:
    """Return `text` in quotes on one line, shortened if it is long."""
    clipped = text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
    return json.dumps(clipped, ensure_ascii=not clipped.isprintable())


def nearest(word: str, known: Collection[str]) -> str | None:
    """Return the word of `known` that `word` was most likely meant to be, or None."""
    return next(iter(difflib.get_close_matches(word[:_LONGEST_SHOWN], known, n=1)), None)
