"""The note in a mirror that tells when it was last brought up to date, and with what mark of the caller."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

_FILE = "boost-refresh.json"


@dataclass(frozen=True, slots=True)
class LastRefresh:
    """A refresh that succeeded.

    Attributes:
        url: of the host that was asked.
        mark: what the caller knew of the state of the host.
        at: when the refresh began, in UTC.
    """

    url: str
    mark: str | None
    at: datetime

    @classmethod
    def read(cls, mirror: Path) -> LastRefresh | None:
        """Read the note; None when there is none that can be read, which costs no more than a refresh."""
        try:
            note = json.loads((mirror / _FILE).read_text(encoding="utf-8"))
            return cls(note["url"], note["mark"], datetime.fromisoformat(note["at"]))
        except (FileNotFoundError, NotADirectoryError, ValueError, LookupError, TypeError):
            return None

    def write(self, mirror: Path) -> None:
        """Put the note in place at once and whole."""
        note = {"url": self.url, "mark": self.mark, "at": self.at.isoformat()}
        new = mirror / f"{_FILE}.lock"  # named as git names its own, and removed with them after a crash
        new.write_text(json.dumps(note), encoding="utf-8")
        new.replace(mirror / _FILE)

    def is_fresh(self, url: str, *, mark: str | None, max_age: timedelta | None, now: datetime) -> bool:
        """Whether neither `mark` nor `max_age`, where it is given, is a reason to ask `url` again."""
        same = self.url == url and (mark is None or self.mark == mark)
        # A clock that was set back must not make a mirror fresh for years.
        young = max_age is None or timedelta(0) <= now - self.at < max_age
        return same and young
