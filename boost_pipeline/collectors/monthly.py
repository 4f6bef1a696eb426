"""The monthly report, in Markdown, HTML and PDF. How it is read and written belongs to `reports.dossier`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from boost_pipeline.collectors.checks import asset_check, verdict
from boost_pipeline.collectors.release_dossier import LAST, remember, told
from boost_pipeline.collectors.stopping import skipped
from boost_pipeline.collectors.units import Units
from boost_pipeline.reports.dossier.document import Report
from boost_pipeline.reports.dossier.folder import Written, problems, write
from boost_pipeline.reports.dossier.month import last_whole_month, month_report, read_month
from boost_pipeline.reports.dossier.reading import snapshot
from boost_pipeline.reports.pdf import Paper, PdfError
from boost_pipeline.scheduling.looks import data_version, seen
from boost_pipeline.settings import Settings
from boost_pipeline.warehouse.warehouse import Warehouse

ASSET = "reports/monthly"


class MonthlyConfig(dg.Config):
    """Which month, and where to. Without any option: the last whole month, below BOOST_HOME."""

    month: str | None = None
    """2026-10"""
    out: str | None = None
    """The folder; without it BOOST_HOME/reports/monthly/<month>."""
    paper: Paper = Paper.A4
    pdf: bool = True


@dg.asset(
    key=ASSET.split("/"),
    deps=[
        ["boost", "releases"],
        ["code", "commits"],
        *(["github", table] for table in ("issues", "pull_requests", "reviews")),
    ],
    group_name="reports",
    kinds={"html", "postgres"},
    op_tags=LAST,
    output_required=False,
    description="The report of a month: commits, people, releases, issues and pull requests, against the month before "
    "and a year earlier.",
)
def monthly(
    context: dg.AssetExecutionContext,
    config: MonthlyConfig,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[dg.MaterializeResult[None]]:
    """Write the report of one month in the place of an older one."""
    if skipped(context):
        return
    today = datetime.now(UTC).date()
    month = read_month(config.month, today) if config.month else last_whole_month(today)
    unit = f"{month:%Y-%m}"
    folder = Path(config.out).expanduser().absolute() if config.out else folder_of(settings.home, unit)
    units = Units(ASSET, warehouse, context.log)

    def make(_unit: str) -> tuple[Report, Written]:
        with snapshot(warehouse) as transaction:
            report = month_report(transaction, month)
        written = write(report, folder, paper=config.paper, with_pdf=config.pdf)
        if config.out is None:
            remember(warehouse, ASSET, unit, written)
        elif written.missing is not None:
            raise PdfError(f"The PDF of {unit} is missing, the page is in {folder}: {written.missing}")
        return report, written

    made = units.each([unit], make, label="monthly report")
    shown = told(settings, *made[unit], ("numbers", "decisions")) if unit in made else {}
    look = units.look(
        whole=config.month is None,
        changed=any(written.is_new for _, written in made.values()),
    )
    yield dg.MaterializeResult(
        data_version=data_version(look), metadata=units.verdict(shown | {"month": unit} | seen(look))
    )


def folder_of(home: Path, unit: str) -> Path:
    """Return where the report of a month is kept below BOOST_HOME."""
    return home / "reports" / "monthly" / unit


@asset_check(asset=ASSET.split("/"), description="Every monthly report that was written is there, with its bytes.")
def monthly_reports_are_whole(
    settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
) -> dg.AssetCheckResult:
    """Hold the files of each report against its manifest."""
    with warehouse.transaction() as transaction:
        written = transaction.cursors(ASSET)
    found = [
        f"{problem}. Write it again: boost-pipeline collect run_monthly_report --month {unit}"
        for unit, position in sorted(written.items())
        for problem in problems(folder_of(settings.home, unit), position["files"])
    ]
    return verdict(found, len(written))
