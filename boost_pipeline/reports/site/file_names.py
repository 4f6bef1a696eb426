"""Names of files for things that the world named: safe on every file system, and different for different things."""

from __future__ import annotations

import hashlib
import re
from typing import Final

_PLAIN = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*(?:/[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*)*")
_LONGEST: Final = 80
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")
"""Names that Windows keeps for itself, whatever follows the dot."""


def file_name(key: str) -> str:
    """Return the name of a thing's file, without a folder and without the ending.

    A key of small letters keeps its words, with `~` for `/`, as boostdep writes modules. Any other is followed by a
    digest of itself after `~~`, which no plain key can have, so that no two keys share a name.

    >>> file_name("numeric/conversion"), file_name("boost-1.90.0")
    ('numeric~conversion', 'boost-1.90.0')
    >>> file_name("../x").startswith("x~~"), file_name("Any") != file_name("any")
    (True, True)
    """
    if _PLAIN.fullmatch(key) and len(key) <= _LONGEST and not _DEVICES.fullmatch(key.split("/", 1)[0]):
        return key.replace("/", "~")
    words = re.sub(r"[^a-z0-9]+", "-", key[: _LONGEST * 2].lower()).strip("-")[: _LONGEST // 2]
    return f"{words}~~{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:20]}"
