"""The boost-pipeline command: reads arguments, calls one function, prints.

Nothing heavy is imported before a command needs it, so that --help answers at once.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from boost_pipeline import __version__
from boost_pipeline.commands import ending
from boost_pipeline.commands.export import export
from boost_pipeline.commands.graph import graph
from boost_pipeline.errors import BoostPipelineError
from boost_pipeline.scheduling.schedule import Kind

if TYPE_CHECKING:
    from boost_pipeline.settings import Settings


class Cli(click.Group):
    """Tells our errors in one line, with exit code 1, or 2 for wrong usage; a traceback only with --debug.

    How it is stopped, and what follows when nobody reads its output any more, is in `commands.ending`.
    """

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run as a process, or as a function of one."""
        with ending.in_order() if extra.get("standalone_mode", True) else nullcontext():
            return super().main(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BoostPipelineError as error:
            if ctx.params.get("debug"):
                raise
            click.echo(f"Error: {error}", err=True)
            ctx.exit(2 if error.category == "usage" else 1)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if ctx.params.get("debug") or (isinstance(error, BrokenPipeError) and ending.reader_is_gone()):
                raise
            told = f"{type(error).__name__}: {' '.join(str(error).split())}"
            click.echo(f"Error: unexpected {told}. Report it with what --debug shows.", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
            ctx.exit(ending.exit_code())


@click.group(cls=Cli, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option("--sample", is_flag=True, help="Work on the sample of `demo` in .boost-sample, not on real data.")
@click.pass_context
def main(ctx: click.Context, *, debug: bool, sample: bool) -> None:
    """The data platform for the Boost C++ libraries.

    \b
    Example:
        boost-pipeline run --schedule daily --group github
    """
    del debug  # read by Cli.invoke
    if sample:
        from boost_pipeline.commands.demo import HOME, sample_github, use_sample

        use_sample(HOME)
        if ctx.invoked_subcommand in {"run", "collect", "up"}:
            ctx.with_resource(sample_github())


@main.command()
@click.option("--schedule", "kind", type=click.Choice([*Kind, "default"]), help="Which tasks.")
@click.option("--all", "every", is_flag=True, help="Every task of the file that is enabled, each once.")
@click.option("--group", help="Only the tasks of this group.")
@click.option("--day-of-week", metavar="DAY", help="For weekly: monday or mon.")
@click.option("--day-of-month", type=int, metavar="N", help="For monthly: 1 to 31.")
@click.option("--interval-minutes", type=int, metavar="N", help="For interval: 1 to 180.")
@click.option("--stop-on-failure", is_flag=True, help="Skip what follows a failed task, in all groups.")
@click.option("--strict", is_flag=True, help="A missing or wrong schedule is an error; it always is.")
@click.option("--dry-run", is_flag=True, help="Print what would run, and start nothing.")
def run(
    kind: str | None, group: str | None, *, every: bool, stop_on_failure: bool, strict: bool, dry_run: bool, **when: Any
) -> None:
    """Run the tasks of schedule.yaml that a flag names, in order.

    \b
    Example:
        boost-pipeline run --schedule daily
        boost-pipeline run --schedule default --group github --stop-on-failure
        boost-pipeline run --schedule weekly --day-of-week monday --dry-run
    """
    del strict
    flags = {"group": group, **when}
    if every == (kind is not None) or (every and any(value is not None for value in flags.values())):
        raise click.UsageError("Give either --schedule, which --group and the days and minutes narrow down, or --all.")
    settings = _logging()
    from boost_pipeline.commands.batch import run_scheduled

    _exit(run_scheduled(settings, kind, flags, stop=stop_on_failure, dry_run=dry_run))


@main.command()
@click.option("--at", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]), help="From then; now.")
@click.option("--days", type=click.IntRange(1, 366), default=7, show_default=True, help="For so many days.")
@click.option("--json", "as_json", is_flag=True, help="For a script.")
def schedule(at: datetime | None, days: int, *, as_json: bool) -> None:
    """Show when what of schedule.yaml runs, in UTC.

    \b
    Example:
        boost-pipeline schedule --at 2026-02-28 --days 2
    """
    from boost_pipeline.commands.schedule import print_calendar
    from boost_pipeline.settings import load_settings

    start = at.replace(tzinfo=UTC) if at else datetime.now(UTC)
    print_calendar(load_settings(), start, days, as_json=as_json)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For a script.")
def check(*, as_json: bool) -> None:
    """Check what a run needs, a line each; start nothing.

    \b
    Example:
        boost-pipeline check
    """
    from boost_pipeline.commands.check import print_checks

    _exit(print_checks(as_json=as_json))


@main.command()
@click.argument("releases", nargs=-1, metavar="[RELEASE]...")
@click.option("--all", "every", is_flag=True, help="All releases that were not read yet.")
@click.option("--collector", default="collect_boost_libraries", show_default=True, help="Whose releases.")
def backfill(releases: tuple[str, ...], collector: str, *, every: bool) -> None:
    """Read older releases by name, or all that are missing.

    \b
    Example:
        boost-pipeline backfill 1.70.0 1.71.0
        boost-pipeline backfill --all
    """
    if every == bool(releases):
        raise click.UsageError("Name releases, or give --all; not both.")
    settings = _logging()
    from boost_pipeline.commands.batch import run_backfill

    _exit(run_backfill(settings, collector, releases))


@main.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("collector")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def collect(collector: str, arguments: tuple[str, ...]) -> None:
    """Run one collector with its options; COLLECTOR --help lists them.

    \b
    Example:
        boost-pipeline collect run_boost_library_tracker --version boost-1.90.0
    """
    from boost_pipeline.collectors.registry import COLLECTORS, Commands
    from boost_pipeline.commands.batch import run_batch
    from boost_pipeline.commands.plan import Job

    if {"--help", "-h"} & set(arguments) and collector in COLLECTORS:
        COLLECTORS[collector].main(["--help"], prog_name=f"boost-pipeline collect {collector}")
    job = Job(collector, None, Commands().selects(collector, arguments), arguments)
    _exit(run_batch(_logging(), [job], None, stop=False, dry_run=False))


@main.command()
def collectors() -> None:
    """List the collectors.

    \b
    Example:
        boost-pipeline collectors
    """
    from boost_pipeline.collectors.registry import COLLECTORS
    from boost_pipeline.commands.terminal import print_table

    print_table(("collector", "what it collects"), [(n, c.get_short_help_str(60)) for n, c in COLLECTORS.items()])


@main.command()
@click.option("--check", "is_check", is_flag=True, help="Exit with 1 if anything is wrong, or nothing has run yet.")
@click.option("--json", "as_json", is_flag=True, help="For a script; docs/operations.md has the fields.")
def status(*, is_check: bool, as_json: bool) -> None:
    """Show what is wrong, the last run of each task, and each asset.

    \b
    Example:
        boost-pipeline status --check
    """
    from boost_pipeline.commands.status import print_status
    from boost_pipeline.settings import load_settings

    is_well = print_status(load_settings(), as_json=as_json)
    _exit(is_well or not is_check)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For a script.")
def budget(*, as_json: bool) -> None:
    """Show GitHub's budgets, what runs cost, and a forecast.

    \b
    Example:
        boost-pipeline budget
    """
    from boost_pipeline.commands.budget import print_budget

    print_budget(_logging(), as_json=as_json)


@main.command()
def up() -> None:
    """Start PostgreSQL, the web UI, the daemon and the reports on 127.0.0.1; Ctrl-C stops them.

    \b
    Example:
        boost-pipeline up
    """
    from boost_pipeline.collectors.registry import Commands
    from boost_pipeline.commands.check import before_start
    from boost_pipeline.commands.plan import jobs_of_all
    from boost_pipeline.scheduling.schedule_file import read_schedule

    settings, commands = _logging(), Commands()
    jobs = jobs_of_all(read_schedule(settings.schedule_file, commands), commands) if settings.schedule_strict else []
    before_start(settings, jobs)
    from boost_pipeline.commands.run import project_folder
    from boost_pipeline.commands.services import up as serve

    with suppress(KeyboardInterrupt):
        serve(settings, project_folder())
    click.echo("Stopped.", err=True)


@main.command("open")
@click.option("--port", type=click.IntRange(1, 65535), help="Of 127.0.0.1; else BOOST_REPORTS_PORT, or a free one.")
@click.option("--no-browser", is_flag=True, help="Serve, and open nothing.")
def open_reports(port: int | None, *, no_browser: bool) -> None:
    """Open the dashboard and the reports in a browser; Ctrl-C ends it.

    \b
    Example:
        boost-pipeline open
        boost-pipeline open --no-browser --port 8080
    """
    from boost_pipeline.commands.open import serve_and_open

    serve_and_open(_logging(), port, browser=not no_browser)


@main.command()
@click.pass_context
def demo(ctx: click.Context) -> None:
    """Run the schedule on a miniature Boost, made by code, in a home of its own.

    \b
    Example:
        boost-pipeline demo
        boost-pipeline --sample status
    """
    from boost_pipeline.commands.demo import HOME, print_summary, run_demo, sample_github, use_sample

    click.echo(f"A sample, not real data: a miniature Boost organisation, made by code, below {HOME}.", err=True)
    use_sample(HOME)
    ctx.with_resource(sample_github())
    try:
        _exit(run_demo(_logging()))
    except click.exceptions.Exit:
        print_summary(HOME)
        raise
    print_summary(HOME)


main.add_command(graph)
main.add_command(export)


@main.group()
def db() -> None:
    """Start, stop, look into and upgrade the database."""


@db.command()
def start() -> None:
    """Start the embedded PostgreSQL, and keep it running.

    \b
    Example:
        boost-pipeline db start
    """
    from boost_pipeline.commands.database import embedded_server
    from boost_pipeline.settings import load_settings

    click.echo("started" if embedded_server(load_settings()).start() else "was running")


@db.command()
def stop() -> None:
    """Stop the embedded PostgreSQL.

    \b
    Example:
        boost-pipeline db stop
    """
    from boost_pipeline.commands.database import embedded_server
    from boost_pipeline.settings import load_settings

    click.echo("stopped" if embedded_server(load_settings()).stop() else "was not running")


@db.command("status")
@click.option("--json", "as_json", is_flag=True, help="For a script.")
def db_status(*, as_json: bool) -> None:
    """Show the database: where, whether it runs, version, size.

    \b
    Example:
        boost-pipeline db status
    """
    from boost_pipeline.commands.database import print_status
    from boost_pipeline.settings import load_settings

    sys.exit(print_status(load_settings(), as_json=as_json))


@db.command()
def upgrade() -> None:
    """Bring the schema of the warehouse up to this code.

    \b
    Example:
        boost-pipeline db upgrade
    """
    from boost_pipeline.commands.database import upgrade as migrate
    from boost_pipeline.settings import load_settings

    click.echo(f"The schema is at {migrate(load_settings())}.")


@db.command()
@click.argument("what", type=click.Choice(["github", "llvm"]))
@click.option("--empty", is_flag=True, help="Remove all rows first, also those that no answer is kept of any more.")
def rebuild(what: str, *, empty: bool) -> None:
    """Make tables anew from kept answers of GitHub, offline.

    \b
    Example:
        boost-pipeline db rebuild github
    """
    from boost_pipeline.commands.rebuild import rebuild as make

    make(_logging(), what, empty=empty)


@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> None:
    """Open PostgreSQL's client on the warehouse; what follows -- goes to it.

    \b
    Example:
        boost-pipeline db psql -- -c "SELECT count(*) FROM commits"
    """
    from boost_pipeline.commands.database import psql as run_psql
    from boost_pipeline.settings import load_settings

    sys.exit(run_psql(load_settings(), arguments))


def _logging() -> Settings:
    """Read the settings, and log to standard error as they say."""
    from boost_pipeline.commands.terminal import log_to_stderr
    from boost_pipeline.settings import load_settings

    settings = load_settings()
    log_to_stderr(settings)
    return settings


def _exit(succeeded: bool) -> None:  # noqa: FBT001 - the name says it
    if not succeeded:
        raise click.exceptions.Exit(1)
