"""What `boost-pipeline status` tells: for each asset its last success, age, rows and open failures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from boost_pipeline.warehouse.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class AssetStatus:
    """How an asset stands."""

    asset: str
    last_success_at: datetime | None
    rows: int | None
    """Rows of its main table at that time."""
    open_failures: int
    partitions: str
    """Materialised partitions of all, for a partitioned asset: "88 of 90"."""

    def as_json(self) -> dict[str, Any]:
        """Return it with times as ISO 8601."""
        return asdict(self) | {"last_success_at": self.last_success_at and self.last_success_at.isoformat()}


@dataclass(frozen=True, slots=True)
class OpenFailure:
    """A unit that the next run tries again."""

    asset: str
    unit: str
    attempts: int
    error: str


def asset_statuses(
    definitions: dg.Definitions, instance: dg.DagsterInstance, warehouse: Warehouse
) -> list[AssetStatus]:
    """Return the status of every asset, in the order of their dependencies."""
    with warehouse.transaction() as transaction:
        failures: dict[str, int] = dict(
            transaction.rows("SELECT asset, count(*) FROM failures WHERE resolved_at IS NULL GROUP BY asset")
        )
    graph = definitions.resolve_asset_graph()
    return [_status(key, graph.get(key).partitions_def, instance, failures) for key in graph.toposorted_asset_keys]


def open_failures(warehouse: Warehouse) -> list[OpenFailure]:
    """Return the failures that no later run resolved."""
    with warehouse.transaction() as transaction:
        return [
            OpenFailure(*row)
            for row in transaction.rows(
                "SELECT asset, unit, attempts, error FROM failures WHERE resolved_at IS NULL ORDER BY asset, unit"
            )
        ]


def age(since: datetime | None, now: datetime | None = None) -> str:
    """Return how long ago `since` is, in the largest unit that fits.

    >>> age(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 3, 5, tzinfo=UTC))
    '2 days'
    """
    if since is None:
        return "never"
    seconds = ((now or datetime.now(UTC)) - since).total_seconds()
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{int(seconds)} s"


def _status(
    key: dg.AssetKey,
    partitions: dg.PartitionsDefinition[Any] | None,
    instance: dg.DagsterInstance,
    failures: dict[str, int],
) -> AssetStatus:
    event = instance.get_latest_materialization_event(key)
    materialization = event.asset_materialization if event else None
    rows = materialization.metadata.get("dagster/row_count") if materialization else None
    done = ""
    if partitions is not None:
        every = set(partitions.get_partition_keys(dynamic_partitions_store=instance))
        done = f"{len(instance.get_materialized_partitions(key) & every)} of {len(every)}"
    name = "/".join(key.path)
    return AssetStatus(
        name,
        datetime.fromtimestamp(event.timestamp, UTC) if event else None,
        rows.value if isinstance(rows, dg.IntMetadataValue) else None,
        failures.get(name, 0),
        done,
    )
