"""What an asset asked of GitHub, and what that cost: one row of source_costs for each run that asked for anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime

from boost_pipeline.sources.github import Cost, GitHub
from boost_pipeline.warehouse.warehouse import Warehouse

SOURCE = "github"


@dataclass
class Spent:
    """What is known of the work when it is done."""

    items: int = 0
    is_full: bool = False
    cost: Cost = field(default_factory=Cost)

    def metadata(self) -> dict[str, int | float]:
        """Return it for Dagster."""
        return {
            "GitHub requests": self.cost.requests,
            "GitHub points": self.cost.points,
            "GitHub not modified": self.cost.not_modified,
            "GitHub retries": self.cost.retries,
            "GitHub slept seconds": round(self.cost.slept_seconds, 1),
            "items read": self.items,
        }


@contextmanager
def accounted(github: GitHub, warehouse: Warehouse, run_id: str, asset: str) -> Iterator[Spent]:
    """Count what is asked inside the block to an asset, and record it, also when the block fails."""
    before = github.costs().of(asset)
    spent = Spent()
    try:
        with github.accounted(asset):
            yield spent
    finally:
        after = github.costs().of(asset)
        spent.cost = Cost(**{f.name: getattr(after, f.name) - getattr(before, f.name) for f in fields(Cost)})
        if spent.cost.requests:
            _record(warehouse, run_id, asset, spent)


def _record(warehouse: Warehouse, run_id: str, asset: str, spent: Spent) -> None:
    figures = [getattr(spent.cost, f.name) for f in fields(Cost)]
    columns = ("run_id", "asset", "source", *(f.name for f in fields(Cost)), "items", "is_full", "finished_at")
    row = (run_id, asset, SOURCE, *figures, spent.items, spent.is_full, datetime.now(UTC))
    with warehouse.transaction() as transaction:
        transaction.merge("source_costs", columns, [row], key=["run_id", "asset", "source"])
