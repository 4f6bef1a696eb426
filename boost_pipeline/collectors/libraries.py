"""Libraries: what each release holds, from .gitmodules, gitlinks and meta/libraries.json at the pinned commits.

Which releases there are belongs to `collectors.releases`; how rows of one release are written to
`collectors.release_rows`; reading the formats to `boost`.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from boost_pipeline.boost.releases import SUPERPROJECT, is_catalogued, read_tag, read_version
from boost_pipeline.collectors.module_metadata import ModuleMetadata, read_module
from boost_pipeline.collectors.release_rows import load_release, name_libraries
from boost_pipeline.collectors.releases import boost_releases
from boost_pipeline.collectors.stopping import skipped
from boost_pipeline.collectors.superproject import Pins, pins_at
from boost_pipeline.collectors.units import Units
from boost_pipeline.errors import UnknownName
from boost_pipeline.scheduling.pending import PARTITIONS
from boost_pipeline.settings import Settings
from boost_pipeline.sources.git import GitMirrors
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Warehouse

ASSET = "boost/libraries"
# Beta in Dagster 1.13; without it a backfill of all releases would be ninety runs.
warnings.filterwarnings("ignore", ".*`backfill_policy`", dg.BetaWarning)

READER = 1
"""Raised when the reading of a release changes, so that releases read by older code are read again."""


class LibrariesConfig(dg.Config):
    """Which releases to read. Without any option: those that were not read yet."""

    versions: list[str] = []
    all_versions: bool = False
    limit: int | None = None
    dry_run: bool = False


@dg.asset(
    key=ASSET.split("/"),
    deps=[["boost", "releases"]],
    partitions_def=boost_releases,
    backfill_policy=dg.BackfillPolicy.single_run(),
    group_name="boost",
    kinds={"git", "postgres"},
    output_required=False,
    description="Modules, libraries, their versions, people and categories of each release, and what is wrong in them.",
)
def libraries(
    context: dg.AssetExecutionContext,
    config: LibrariesConfig,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
    mirrors: dg.ResourceParam[GitMirrors],
) -> Iterator[dg.MaterializeResult[None]]:
    """Read the chosen releases; each is one transaction, and one partition."""
    if skipped(context):
        return
    with warehouse.transaction() as transaction:
        commits: dict[str, str] = dict(transaction.rows("SELECT tag, commit_sha FROM releases"))
        cursors = transaction.cursors(ASSET)
    by_partition = context.has_partition_key or context.has_partition_key_range
    wanted = list(context.partition_keys) if by_partition else config.versions
    tags = chosen_releases(config, wanted, commits, cursors)
    context.log.info("%d releases to read: %s", len(tags), ", ".join(tags) or "none is new")
    if config.dry_run:
        return
    units = Units(ASSET, warehouse, context.log)
    with mirrors.mirror(SUPERPROJECT).objects() as objects:
        pins = units.each(
            tags, lambda tag: pins_at(objects, commits[tag], settings.git_owner), label="pinned commits", final=False
        )
    metadata = read_repositories(units, mirrors, pins, settings.git_jobs)

    def load(tag: str) -> Changes:
        with warehouse.transaction() as transaction:
            transaction.lock(ASSET)
            changes = load_release(transaction, tag, pins[tag], metadata, settings.git_owner)
            if is_complete(pins[tag], units.failed):
                transaction.move_cursor(ASSET, tag, position(commits[tag]), datetime.now(UTC))
        return changes

    loaded = units.each([tag for tag in tags if tag in pins], load, label="releases")
    with warehouse.transaction() as transaction:
        units.changes = sum(loaded.values(), name_libraries(transaction))
        rows = transaction.value("SELECT count(*) FROM library_versions")
    if units.failed or not by_partition:
        partitions = set(context.instance.get_dynamic_partitions(PARTITIONS))
        for tag in loaded:
            if tag in partitions and is_complete(pins[tag], units.failed):
                context.log_event(dg.AssetMaterialization(context.asset_key, partition=tag))
    yield dg.MaterializeResult(metadata=units.verdict({"dagster/row_count": rows, "releases read": len(loaded)}))


def chosen_releases(
    config: LibrariesConfig, wanted: Sequence[str], commits: Mapping[str, str], cursors: Mapping[str, Any]
) -> list[str]:
    """Return the tags to read, oldest version first.

    Raises:
        UnknownName: a wanted release does not exist.
    """
    catalogued = [tag for tag in commits if is_catalogued(read_tag(tag))]
    if wanted:
        tags = [tag if tag in commits else read_version(tag) for tag in wanted]
        if unknown := [tag for tag in tags if tag not in commits]:
            raise UnknownName(
                f"There is no release {', '.join(unknown)}; the newest is "
                f"{max(catalogued, key=_order, default='not known yet')}. "
                "`boost-pipeline collect run_boost_library_tracker` looks for new tags."
            )
    elif config.all_versions:
        tags = catalogued
    else:
        tags = [tag for tag in catalogued if cursors.get(tag) != position(commits[tag])]
    tags = sorted(set(tags), key=_order)
    return tags if config.limit is None else tags[-config.limit :] if config.limit > 0 else []


def read_repositories(
    units: Units, mirrors: GitMirrors, pins: Mapping[str, Pins], jobs: int
) -> dict[tuple[str, str], ModuleMetadata]:
    """Return what each repository says of its libraries at each pinned commit; repositories that fail are absent."""
    wanted: dict[str, set[str]] = {}
    for release in pins.values():
        for module in release.modules:
            wanted.setdefault(module.repository, set()).add(module.commit_sha)

    def read(repository: str) -> dict[tuple[str, str], ModuleMetadata]:
        mirrors.refresh(repository, max_age=timedelta.max, wanted=wanted[repository])
        return read_module(mirrors.mirror(repository), wanted[repository])

    found = units.each(sorted(wanted), read, label="repositories", jobs=jobs, abort=mirrors.abort)
    return {key: module for modules in found.values() for key, module in modules.items()}


def is_complete(pins: Pins, failed: Mapping[str, str]) -> bool:
    """Say whether every repository of a release could be read."""
    return not any(module.repository in failed for module in pins.modules)


def position(commit_sha: str) -> dict[str, Any]:
    """Return the cursor of a release that was read from this commit by this code."""
    return {"commit": commit_sha, "reader": READER}


def _order(tag: str) -> Any:
    return read_tag(tag).order
