"""Libraries: what each release holds, from .gitmodules, gitlinks and meta/libraries.json at the pinned commits.

Which releases there are belongs to `collectors.releases`; how rows of one release are written to
`collectors.release_rows`; reading the formats to `boost`.
"""

import warnings
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from boost_pipeline.boost.releases import SUPERPROJECT
from boost_pipeline.collectors.module_metadata import ModuleMetadata, read_module
from boost_pipeline.collectors.release_choice import ReleasesConfig, chosen_releases
from boost_pipeline.collectors.release_rows import load_release, name_libraries
from boost_pipeline.collectors.releases import boost_releases
from boost_pipeline.collectors.stopping import skipped
from boost_pipeline.collectors.superproject import Pins, pins_at
from boost_pipeline.collectors.units import Units
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
    config: ReleasesConfig,
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
    done = {tag for tag, commit_sha in commits.items() if cursors.get(tag) == position(commit_sha)}
    tags = chosen_releases(config, wanted, commits, done)
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
            missing = {module.repository for module in pins[tag].modules} & units.failed.keys()
            transaction.move_cursor(ASSET, tag, position(commits[tag], missing), datetime.now(UTC))
        return changes

    loaded = units.each([tag for tag in tags if tag in pins], load, label="releases")
    with warehouse.transaction() as transaction:
        units.changes = sum(loaded.values(), name_libraries(transaction))
        rows = transaction.value("SELECT count(*) FROM library_versions")
    if units.failed or not by_partition:
        partitions = set(context.instance.get_dynamic_partitions(PARTITIONS))
        for tag in loaded:
            if tag in partitions and not units.failed.keys() & {module.repository for module in pins[tag].modules}:
                context.log_event(dg.AssetMaterialization(context.asset_key, partition=tag))
    yield dg.MaterializeResult(metadata=units.verdict({"dagster/row_count": rows, "releases read": len(loaded)}))


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


def position(commit_sha: str, missing: Collection[str] = ()) -> dict[str, Any]:
    """Return the cursor of a release that was read from this commit by this code.

    With repositories that are `missing` it is none that a run leaves alone.
    """
    found = {"commit": commit_sha, "reader": READER}
    return found | ({"missing": sorted(missing)} if missing else {})
