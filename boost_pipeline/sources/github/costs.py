"""What the requests cost, per asset: the ledger that `source_costs` is written from."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, fields

NO_ASSET = "none"
"""The name under which requests outside of any asset are counted."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What was spent.

    Attributes:
        requests: that went out.
        points: of the hourly budgets: one for a REST answer, none for an authorised 304, a GraphQL query's own cost.
        not_modified: answers with status 304.
        retries: requests that repeated a failed one.
        slept_seconds: waited for budgets to come back, and between attempts. The governor's pace is not in it.
        bytes: of answers' bodies, as they came over the wire.
    """

    requests: int = 0
    points: int = 0
    not_modified: int = 0
    retries: int = 0
    slept_seconds: float = 0.0
    bytes: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})


@dataclass(frozen=True, slots=True)
class Costs:
    """The costs of a client so far.

    Attributes:
        by_asset: label of the asset to its cost.
    """

    by_asset: Mapping[str, Cost]

    def of(self, asset: str) -> Cost:
        """Return the cost of one asset; nothing if it asked for nothing."""
        return self.by_asset.get(asset, Cost())

    @property
    def total(self) -> Cost:
        """The cost of all assets."""
        return sum(self.by_asset.values(), start=Cost())


class Ledger:
    """Adds up costs; threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_asset: dict[str, Cost] = {}

    def add(self, asset: str, cost: Cost) -> None:
        """Add to what an asset has cost."""
        with self._lock:
            self._by_asset[asset] = self._by_asset.get(asset, Cost()) + cost

    def costs(self) -> Costs:
        """Return what was added so far."""
        with self._lock:
            return Costs(dict(self._by_asset))
