"""Which releases wait for an asset: its partitions that are not materialised, and were not old news from the start.

There is no shared mark of what was seen: each asset's own partitions say what it has done. Only what was known when
the platform was set up is on record, so that a fresh one starts with the newest release and not with ninety.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import dagster as dg

from boost_pipeline.boost.releases import HEADS, ReleaseKind, is_catalogued, is_followed, read_tag
from boost_pipeline.errors import BoostPipelineError
from boost_pipeline.scheduling.looks import VERSION, looked, seen
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

PARTITIONS: Final = "boost_releases"
"""The dynamic partitions that stand for the catalogued releases."""

_EARLY: Final = (ReleaseKind.BETA, ReleaseKind.RC)
_ASSET, _UNIT, _ASKING = "scheduling/on_release", "known at set-up", "new tags"


def remember_set_up(transaction: Transaction, tags: Collection[str]) -> None:
    """Put on record, once, what was old news when the platform was set up: all before the newest stable release."""
    stable = [read_tag(tag).order for tag in tags if is_catalogued(read_tag(tag))]
    if stable and transaction.cursor(_ASSET, _UNIT) is None:
        known = sorted(tag for tag in tags if read_tag(tag).order < max(stable))
        transaction.move_cursor(_ASSET, _UNIT, {"known": known}, datetime.now(UTC))


def offered_tags(warehouse: Warehouse, ask: Callable[[], list[str]]) -> list[str]:
    """Return the tags that the host has. That it cannot be asked is on record in `failures` until it can: no run is.

    Raises:
        BoostPipelineError: what `ask` raised.
    """
    try:
        tags = ask()
    except BoostPipelineError as error:
        with warehouse.transaction() as transaction:
            transaction.fail(_ASSET, _ASKING, error.category, str(error), datetime.now(UTC))
        raise
    with warehouse.transaction() as transaction:
        transaction.resolve(_ASSET, [_ASKING], datetime.now(UTC))
    return tags


def add_releases(
    instance: dg.DagsterInstance, transaction: Transaction, tags: Iterable[str], *, prereleases: bool
) -> list[str]:
    """Make a partition of each of the superproject's `tags` that releases are made of; return the new ones.

    These are the catalogued stable releases and the heads, and with `prereleases` betas and candidates too; oldest
    version first.
    """
    read = sorted((read_tag(tag) for tag in tags), key=lambda release: release.order)
    wanted = [release.tag for release in read if is_followed(release) or (prereleases and release.kind in _EARLY)]
    remember_set_up(transaction, wanted)
    known = set(instance.get_dynamic_partitions(PARTITIONS))
    new = [tag for tag in wanted if tag not in known]
    if new:
        instance.add_dynamic_partitions(PARTITIONS, new)
    return new


def pending_releases(instance: dg.DagsterInstance, warehouse: Warehouse, assets: Sequence[str]) -> list[str]:
    """Return the tags, oldest version first, that wait for at least one of the partitioned `assets`.

    A tag that was known at set-up does not wait, except for the newest of that time; a backfill brings those. A patch
    release of an older line that appears later does. Heads never wait here: they move with every day's run.
    """
    tags = set(instance.get_dynamic_partitions(PARTITIONS)) - set(HEADS)
    with warehouse.transaction() as transaction:
        remember_set_up(transaction, tags)
        position = transaction.cursor(_ASSET, _UNIT)
    tags -= set(position["known"]) if position else set()
    done = [instance.get_materialized_partitions(dg.AssetKey(asset.split("/"))) for asset in assets]
    waiting = {tag for tag in tags if any(tag not in materialised for materialised in done)}
    return sorted(waiting, key=lambda tag: read_tag(tag).order)


def note_none_waits(instance: dg.DagsterInstance, warehouse: Warehouse, asset: str) -> bool:
    """Record that a partitioned `asset` was looked at, if it has partitions and no release waits for it.

    To Dagster that is a materialisation of no partition, with the data version that the asset had before.
    """
    if not set(instance.get_dynamic_partitions(PARTITIONS)) - set(HEADS):
        return False
    if pending_releases(instance, warehouse, [asset]):
        return False
    look = looked(warehouse, asset)
    instance.report_runless_asset_event(
        dg.AssetMaterialization(
            dg.AssetKey(asset.split("/")),
            description="No release waits for it.",
            metadata=seen(look),
            tags={VERSION: look.version} if look.version else {},
        )
    )
    return True
