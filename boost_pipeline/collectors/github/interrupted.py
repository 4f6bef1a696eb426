"""Which units a pass over many has done, so that the run after a killed one need not ask for them again."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from boost_pipeline.warehouse.warehouse import Warehouse

UNIT = "*"
"""The cursor that holds it; no repository can have that name."""

KEPT = timedelta(hours=6)
"""What was done longer ago is asked for again."""


class Interrupted:
    """The units done by the pass under way; threads may share it."""

    def __init__(self, warehouse: Warehouse, asset: str) -> None:
        self._warehouse, self._asset = warehouse, asset
        self._lock = threading.Lock()
        self._began = datetime.now(UTC)
        self._done: list[str] = []

    def done(self) -> set[str]:
        """Return what an earlier pass did that came to no end, and go on with that pass."""
        with self._warehouse.transaction() as transaction:
            found = transaction.cursor(self._asset, UNIT) or {}
        if found.get("done") and self._began - datetime.fromisoformat(found["began"]) < KEPT:
            self._began, self._done = datetime.fromisoformat(found["began"]), list(found["done"])
        return set(self._done)

    def add(self, unit: str) -> None:
        """Remember that a unit is done."""
        with self._lock:
            self._done.append(unit)
            self._store()

    def clear(self) -> None:
        """Remember that the pass came to its end."""
        with self._lock:
            self._done = []
            self._store()

    def _store(self) -> None:
        position = {"began": self._began.isoformat(), "done": self._done} if self._done else {}
        with self._warehouse.transaction() as transaction:
            transaction.move_cursor(self._asset, UNIT, position, datetime.now(UTC))
