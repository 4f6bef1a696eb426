"""What is kept by release: libraries, then headers, then dependencies, made by one step.

Three assets, each with its own cursors, failures and partitions. They share a step, whole, because Dagster cannot run
one partitioned asset after another in a run without a partition key, which the daily run is (docs/decisions/0011).
"""

import warnings
from collections.abc import Iterator
from typing import Any

import dagster as dg

from boost_pipeline.collectors import dependencies, headers, libraries
from boost_pipeline.collectors.release_choice import ReleasesConfig
from boost_pipeline.collectors.release_run import Made, ReleaseRun
from boost_pipeline.collectors.releases import boost_releases
from boost_pipeline.collectors.stopping import skipped
from boost_pipeline.scheduling.looks import VERSION, data_version, seen, version_of
from boost_pipeline.scheduling.pending import PARTITIONS
from boost_pipeline.settings import Settings
from boost_pipeline.sources.git import GitMirrors
from boost_pipeline.warehouse.changes import Look
from boost_pipeline.warehouse.warehouse import Warehouse

STEP = "boost/by_release"
# Beta in Dagster 1.13; without it a backfill of all releases would be ninety runs.
warnings.filterwarnings("ignore", ".*`backfill_policy`", dg.BetaWarning)

_STAGES = {
    libraries.ASSET: libraries.make,
    headers.ASSET: headers.make,
    dependencies.ASSET: dependencies.make,
}
_SPECS = [
    dg.AssetSpec(
        libraries.ASSET.split("/"),
        deps=[["boost", "releases"]],
        group_name="boost",
        kinds={"git", "postgres"},
        skippable=True,
        description="Modules, libraries, their versions, people and categories of each release, "
        "and what is wrong in them.",
    ),
    dg.AssetSpec(
        headers.ASSET.split("/"),
        deps=[libraries.ASSET.split("/")],
        group_name="boost",
        kinds={"git", "postgres"},
        skippable=True,
        description="Every header, source and test file of a release, and the includes of each distinct file.",
    ),
    dg.AssetSpec(
        dependencies.ASSET.split("/"),
        deps=[libraries.ASSET.split("/"), headers.ASSET.split("/")],
        group_name="boost",
        kinds={"postgres"},
        skippable=True,
        description="The dependency graph of a release: edges with witnesses, levels, weights, cycles, C++ minima.",
    ),
]


@dg.multi_asset(
    name=STEP.replace("/", "__"),
    specs=_SPECS,
    partitions_def=boost_releases,
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def by_release(
    context: dg.AssetExecutionContext,
    config: ReleasesConfig,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
    mirrors: dg.ResourceParam[GitMirrors],
) -> Iterator[dg.MaterializeResult[None]]:
    """Make the three for the chosen releases; what fails of one does not stop the next."""
    if skipped(context):
        return
    by_partition = context.has_partition_key or context.has_partition_key_range
    wanted = list(context.partition_keys) if by_partition else config.versions
    run = ReleaseRun(config, wanted, context.log, settings, warehouse, mirrors)
    failed: list[Made] = []
    for asset, make in _STAGES.items():
        key = dg.AssetKey(asset.split("/"))
        made = make(run)
        if made is None:
            continue
        look = made.units.look(whole=run.is_whole)
        with warehouse.transaction() as transaction:
            versions = {tag: version_of(transaction.cursor(asset, tag)) for tag in made.whole}
        if made.units.failed or not by_partition:
            partitions = set(context.instance.get_dynamic_partitions(PARTITIONS))
            for tag in made.whole:
                if tag in partitions:
                    context.log_event(
                        dg.AssetMaterialization(
                            key, partition=tag, metadata=made.by_release.get(tag, {}), tags={VERSION: versions[tag]}
                        )
                    )
        if made.units.failed:
            failed.append(made)
        else:
            yield dg.MaterializeResult(
                asset_key=key,
                data_version=_version(context, look, versions),
                metadata={**made.units.metadata(), **made.metadata, **seen(look)},
            )
    if failed:
        raise _failure(failed)


def _version(context: dg.AssetExecutionContext, look: Look, versions: dict[str, str]) -> dg.DataVersion | None:
    """Return the version for what the step yields: of the asset, or in a run of one partition of that."""
    if context.has_partition_key:
        return dg.DataVersion(versions[context.partition_key]) if context.partition_key in versions else None
    return data_version(look)


def _failure(failed: list[Made]) -> dg.Failure:
    metadata: dict[str, Any] = {}
    for made in failed:
        metadata |= {**made.units.metadata(), **made.metadata}
    metadata["failed"] = dg.MetadataValue.json({made.units.asset: made.units.failed for made in failed})
    return dg.Failure(" ".join(made.units.complaint() for made in failed), metadata=metadata)
