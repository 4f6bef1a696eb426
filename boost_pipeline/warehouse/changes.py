"""What a write did, and what it writes: words that need no database driver, so that a run starts fast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """How many rows a write inserted, updated and deleted; unchanged ones are in none of the three."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    @property
    def total(self) -> int:
        """Rows written in any way."""
        return self.inserted + self.updated + self.deleted

    def __add__(self, other: Changes) -> Changes:
        return Changes(self.inserted + other.inserted, self.updated + other.updated, self.deleted + other.deleted)


@dataclass(frozen=True, slots=True)
class Look:
    """How an asset stands after it was looked at."""

    checked_at: datetime | None
    """When all of it was last looked at without a failure."""
    changed_at: datetime | None
    """When its data last changed."""
    version: str | None
    """Of its data: the same as long as they are."""
    is_new: bool
    """This look found something new."""
