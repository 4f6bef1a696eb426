"""What `boost-pipeline export` does: an export at once, without a run of Dagster."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from boost_pipeline.collectors.registry import folder, names
from boost_pipeline.reports.export_formats import Format

if TYPE_CHECKING:
    from boost_pipeline.reports.exports import Export


@click.command()
@click.option(
    "--format", "form", type=click.Choice([*Format]), default=Format.json, show_default=True, help="Of files."
)
@click.option(
    "--table",
    "tables",
    multiple=True,
    callback=names,
    metavar="NAME",
    help="A table or view; may be repeated. Else all tables.",
)
@click.option("--out", callback=folder, metavar="PATH", help="The folder; else BOOST_HOME/exports/<format>.")
@click.option("--with-emails", is_flag=True, help="Include e-mail addresses, which are personal data.")
@click.option("--json", "as_json", is_flag=True, help="For a script.")
def export(form: str, tables: tuple[str, ...], out: str | None, *, with_emails: bool, as_json: bool) -> None:
    """Write the warehouse, or chosen tables and views, to files.

    \b
    Example:
        boost-pipeline export --format parquet
        boost-pipeline export --format csv --table releases --table libraries --out releases
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    from boost_pipeline.commands.terminal import display, log_to_stderr
    from boost_pipeline.progress import shown_by
    from boost_pipeline.reports import exports
    from boost_pipeline.settings import load_settings
    from boost_pipeline.warehouse.databases import Databases
    from boost_pipeline.warehouse.warehouse import Warehouse

    settings = load_settings()
    log_to_stderr(settings)
    place = Path(out) if out else exports.default_folder(settings.home, Format(form))
    with Databases(settings).opened() as databases, shown_by(display()):
        done = exports.export(Warehouse(databases.warehouse), Format(form), place, tables, emails=with_emails)
    click.echo(json.dumps(_as_json(done))) if as_json else _print(done)


def _as_json(done: Export) -> dict[str, object]:
    tables = [{"table": table, "rows": rows, "file": done.files[table]} for table, rows in done.rows.items()]
    return {
        "folder": str(done.folder.absolute()),
        "format": str(done.format),
        "snapshot_at": done.snapshot_at.isoformat(),
        "as_of": done.as_of and done.as_of.isoformat(),
        "bytes": sum(done.bytes.values()),
        "tables": tables,
    }


def _print(done: Export) -> None:
    from boost_pipeline.commands.terminal import print_table

    rows = [(table, f"{rows:,}", done.files[table]) for table, rows in done.rows.items()]
    print_table(("table", "rows", "file"), rows, right=("rows",))
    size = sum(done.bytes.values()) / 1e6
    as_of = f"as of {done.as_of:%Y-%m-%d %H:%M:%S} UTC" if done.as_of else "of no source: nothing was read yet"
    click.echo(f"{sum(done.rows.values()):,} rows, {size:,.1f} MB, {as_of}")
    click.echo(f"in {done.folder}")
