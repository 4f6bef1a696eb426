"""Dossiers: one page and one PDF for each release, written last of all that a run does.

How they are read and written belongs to `reports.dossier`. The asset is partitioned by release like what it reads, and
depends on none of it: Dagster cannot run that without a partition key (docs/decisions/0011), and what failed of one
repository must not keep a dossier back (0004); it tells its gaps itself. Its place at the end is a number. For the same
reason the blocking check of new cycles does not block it: the dossier is where a new cycle is read about.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg

from boost_pipeline.boost.releases import ReleaseKind, is_catalogued, read_tag
from boost_pipeline.collectors.checks import asset_check, verdict
from boost_pipeline.collectors.release_choice import ReleasesConfig, chosen_releases
from boost_pipeline.collectors.releases import boost_releases
from boost_pipeline.collectors.report_links import link
from boost_pipeline.collectors.stopping import skipped
from boost_pipeline.collectors.units import Units
from boost_pipeline.reports.dossier.document import Report
from boost_pipeline.reports.dossier.folder import Written, problems, write
from boost_pipeline.reports.dossier.pages import preview
from boost_pipeline.reports.dossier.reading import snapshot
from boost_pipeline.reports.dossier.release import read_dossier
from boost_pipeline.reports.pdf import Paper, PdfError
from boost_pipeline.scheduling.looks import VERSION, data_version, seen
from boost_pipeline.scheduling.pending import PARTITIONS, pending_releases
from boost_pipeline.settings import Settings
from boost_pipeline.warehouse.warehouse import Warehouse

logger = logging.getLogger("boost_pipeline")

ASSET = "reports/release"

LAST = {"dagster/priority": "-100"}
"""Of the steps that may run, the last."""


class DossierConfig(ReleasesConfig):
    """Which dossiers to write. Without any option: the newest stable release's, and those written before.

    A dossier that would say the same is not written again.
    """

    paper: Paper = Paper.A4
    pdf: bool = True


@dg.asset(
    key=ASSET.split("/"),
    deps=[["boost", "releases"]],
    group_name="reports",
    kinds={"html", "postgres"},
    partitions_def=boost_releases,
    backfill_policy=dg.BackfillPolicy.single_run(),
    op_tags=LAST,
    output_required=False,
    description="The dossier of a release: one page, one PDF and its data, with what the release brought and what "
    "decisions follow.",
)
def release(
    context: dg.AssetExecutionContext,
    config: DossierConfig,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[dg.MaterializeResult[None]]:
    """Write the chosen dossiers; what fails of one does not stop the next."""
    if skipped(context):
        return
    by_partition = context.has_partition_key or context.has_partition_key_range
    wanted = list(context.partition_keys) if by_partition else config.versions
    tags = choose(warehouse, config, wanted)
    context.log.info("%d dossiers to look at: %s", len(tags), ", ".join(tags) or "none")
    if config.dry_run:
        logger.info("%s: %d dossiers would be looked at: %s", ASSET, len(tags), ", ".join(tags) or "none")
        return
    units = Units(ASSET, warehouse, context.log)

    def make(tag: str) -> tuple[Report, Written]:
        with snapshot(warehouse) as transaction:
            report = read_dossier(transaction, tag)
        written = write(report, folder_of(settings.home, tag), paper=config.paper, with_pdf=config.pdf)
        remember(warehouse, ASSET, tag, written)
        return report, written

    made = units.each(tags, make, label="dossiers")
    if units.failed or not by_partition:
        known = set(context.instance.get_dynamic_partitions(PARTITIONS))
        for tag in made:
            if tag in known:
                context.log_event(
                    dg.AssetMaterialization(
                        dg.AssetKey(ASSET.split("/")),
                        partition=tag,
                        metadata=told(settings, *made[tag], ("overview", "decisions")),
                        tags={VERSION: made[tag][1].content},
                    )
                )
    newest = told(settings, *made[tags[-1]], ("overview", "decisions")) if tags and tags[-1] in made else {}
    written = sum(one.is_new for _, one in made.values())
    units.asked(dict.fromkeys(made, datetime.now(UTC)))
    # It is checked when every release that waits has its dossier; what this run wrote is not on Dagster's record yet.
    waiting = set(pending_releases(context.instance, warehouse, [ASSET])) - made.keys()
    look = units.look(whole=not waiting, changed=written > 0)
    found = newest | {"dagster/row_count": len(made), "dossiers written": written} | seen(look)
    version = data_version(look)
    if context.has_partition_key:
        version = dg.DataVersion(made[context.partition_key][1].content) if made else None
    yield dg.MaterializeResult(data_version=version, metadata=units.verdict(found))


def choose(warehouse: Warehouse, config: ReleasesConfig, wanted: Sequence[str]) -> list[str]:
    """Return the releases whose dossiers to look at, oldest version first.

    Raises:
        UnknownName: a wanted release does not exist.
    """
    with warehouse.transaction() as transaction:
        known = [tag for (tag,) in transaction.rows("SELECT tag FROM releases WHERE deleted_at IS NULL")]
        read = {
            tag
            for (tag,) in transaction.rows(
                "SELECT tag FROM releases r WHERE deleted_at IS NULL "
                "AND EXISTS (SELECT FROM release_modules m WHERE m.release_id = r.id)"
            )
        }
        written = set(transaction.cursors(ASSET))
    if wanted:
        return chosen_releases(config, wanted, known, ())
    stable = [tag for tag in read if is_catalogued(read_tag(tag)) and read_tag(tag).kind is ReleaseKind.STABLE]
    due = written | set(sorted(stable, key=lambda tag: read_tag(tag).order)[-1:])
    return chosen_releases(config, (), sorted(read), read - due)


def folder_of(home: Path, tag: str) -> Path:
    """Return where the dossier of a release is kept below BOOST_HOME."""
    return home / "reports" / "releases" / tag


def remember(warehouse: Warehouse, asset: str, unit: str, written: Written) -> None:
    """Keep which files a report has, for the check that they stay.

    Raises:
        PdfError: its PDF could not be made; the page is there, and the next run tries again.
    """
    if written.missing is not None:
        raise PdfError(f"The PDF of {unit} is missing, the page is in {written.folder}: {written.missing}")
    with warehouse.transaction() as transaction:
        transaction.move_cursor(asset, unit, {"files": sorted(written.files)}, datetime.now(UTC))


def told(settings: Settings, report: Report, written: Written, keys: Sequence[str]) -> dict[str, Any]:
    """Return what Dagster's UI shows of a report: a preview, where its files are, and their size."""
    files = {"page": report.page, "data": report.data, "PDF": report.pdf}
    links = {name: link(settings, written.folder / file) for name, file in files.items() if file in written.files}
    return {
        "preview": dg.MetadataValue.md(preview(report, keys)),
        **links,
        "bytes": dg.MetadataValue.int(sum(written.files.values())),
        "alerts": dg.MetadataValue.int(len(report.alerts)),
        "characters without a glyph": dg.MetadataValue.int(len(written.unset)),
        "written anew": dg.MetadataValue.bool(written.is_new),
    }


@asset_check(asset=ASSET.split("/"), description="Every dossier that was written is there, with the bytes it had.")
def dossiers_are_whole(
    settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> dg.AssetCheckResult:
    """Hold the files of each dossier against its manifest."""
    with warehouse.transaction() as transaction:
        written = transaction.cursors(ASSET)
    found = [
        f"{tag}: {problem}. Write it again: boost-pipeline collect run_on_release_sync --boost-version {tag}"
        for tag, position in sorted(written.items())
        for problem in problems(folder_of(settings.home, tag), position["files"])
    ]
    return verdict(found, len(written))
