"""How fresh each asset is: when it was last looked at, when its data last changed, how often it is due, how late it is.

The two times are the warehouse's (`freshness`); how often an asset is due follows from the schedule file, and is given
by whoever asks (`scheduling.freshness`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from boost_pipeline.warehouse.warehouse import Transaction

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Due:
    """How often the schedule looks at an asset.

    Attributes:
        every: at most this long after a look the next one begins.
        grace: how long that may take, with the wait for its turn, before the asset is late.
        by_release: only new releases start it. It is checked whenever none waits for it.
    """

    every: timedelta
    grace: timedelta
    by_release: bool = False

    @property
    def told(self) -> str:
        """How often, in words.

        >>> Due(timedelta(days=1), timedelta()).told, Due(timedelta(minutes=90), timedelta()).told
        ('daily', 'every 90 min')
        """
        words = {_DAY: "daily", 7 * _DAY: "weekly", 31 * _DAY: "monthly"}
        return "each release" if self.by_release else words.get(self.every, f"every {self.every // _MINUTE} min")


@dataclass(frozen=True, slots=True)
class AssetFreshness:
    """How fresh an asset is at a moment.

    Attributes:
        asset: its key.
        checked_at: when all of it was last looked at without a failure, whether there was anything new or not.
        changed_at: when its data last changed.
        due: how often it is looked at; None: no task of the schedule does.
        late_by: how long ago its next look was due, once that is longer than its grace; None: it is not late, or was
            never looked at.
        units: repositories or releases that it has read.
        open_failures: units that fail now.
    """

    asset: str
    checked_at: datetime | None
    changed_at: datetime | None
    due: Due | None
    late_by: timedelta | None
    units: int = 0
    open_failures: int = 0

    @property
    def state(self) -> str:
        """In words: "late" or "on time"; "never looked at"; "not scheduled"."""
        if self.due is None:
            return "not scheduled"
        if self.checked_at is None:
            return "never looked at"
        return "on time" if self.late_by is None else "late"

    @property
    def told(self) -> str:
        """The state, with how late it is: "late by 2 days"."""
        return self.state if self.late_by is None else f"late by {lasting(self.late_by)}"


def asset_freshness(transaction: Transaction, due: Mapping[str, Due], now: datetime) -> tuple[AssetFreshness, ...]:
    """Return how fresh each asset is that was ever looked at or is scheduled, by key; one query."""
    rows = transaction.rows("SELECT asset, checked_at, changed_at, units, open_failures FROM asset_freshness")
    found = {
        asset: AssetFreshness(
            asset, checked_at, changed_at, due.get(asset), late_by(due.get(asset), checked_at, now), units, failures
        )
        for asset, checked_at, changed_at, units, failures in rows
    }
    never = {asset: AssetFreshness(asset, None, None, one, None) for asset, one in due.items()}
    return tuple(one for _, one in sorted((never | found).items()))


def late_by(due: Due | None, checked_at: datetime | None, now: datetime) -> timedelta | None:
    """Return how long ago a look was due that did not come, once its grace is over; else None."""
    if due is None or checked_at is None or now - checked_at <= due.every + due.grace:
        return None
    return now - checked_at - due.every


def lasting(span: timedelta) -> str:
    """Return a duration in the largest unit that fits.

    >>> lasting(timedelta(days=2, hours=5)), lasting(timedelta(hours=1)), lasting(timedelta(seconds=90))
    ('2 days', '1 hour', '1 minute')
    """
    for size, unit in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if span >= size:
            count = span // size
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"
