"""Exports: the tables and views of the warehouse as files for others to read.

How they are written belongs to `reports.exports`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from boost_pipeline.collectors.stopping import skipped
from boost_pipeline.reports.export_formats import Format
from boost_pipeline.reports.exports import Export, default_folder, export
from boost_pipeline.scheduling.looks import data_version, looked, seen
from boost_pipeline.settings import Settings
from boost_pipeline.warehouse.warehouse import Warehouse

ASSET = "reports/exports"


class ExportsConfig(dg.Config):
    """What to export. Without any option: everything but e-mail addresses, as JSON."""

    format: Format = Format.json
    tables: list[str] = []
    out: str | None = None
    """The folder; without it BOOST_HOME/exports/<format>."""
    with_emails: bool = False


@dg.asset(
    key=ASSET.split("/"),
    deps=[
        ["boost", "headers"],
        ["boost", "dependencies"],
        ["code", "commits"],
        *(["github", table] for table in ("repositories", "events", "comments", "accounts", "durations")),
    ],
    group_name="reports",
    kinds={"postgres", "duckdb"},
    output_required=False,
    description="The warehouse as of one moment as JSON, CSV, Parquet or DuckDB, with schema, checksums and licence.",
)
def exports(
    context: dg.AssetExecutionContext,
    config: ExportsConfig,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[dg.MaterializeResult[None]]:
    """Write an export in the place of the last one of its format."""
    if skipped(context):
        return
    folder = Path(config.out) if config.out else default_folder(settings.home, config.format)
    done = export(warehouse, config.format, folder, config.tables, emails=config.with_emails)
    context.log.info("%d rows of %d tables and views are in %s", sum(done.rows.values()), len(done.rows), done.folder)
    look = looked(warehouse, ASSET, version=done.version, whole=not config.tables)
    yield dg.MaterializeResult(data_version=data_version(look), metadata=_metadata(done) | seen(look))


def _metadata(done: Export) -> dict[str, dg.MetadataValue[Any]]:
    records = [
        dg.TableRecord({"table": table, "rows": rows, "file": done.files[table]}) for table, rows in done.rows.items()
    ]
    return {
        "dagster/row_count": dg.MetadataValue.int(sum(done.rows.values())),
        "folder": dg.MetadataValue.path(done.folder),
        "format": dg.MetadataValue.text(str(done.format)),
        "as of": dg.MetadataValue.text(done.as_of.isoformat(timespec="seconds") if done.as_of else "nothing was read"),
        "bytes": dg.MetadataValue.int(sum(done.bytes.values())),
        "tables": dg.MetadataValue.table(records),
    }
