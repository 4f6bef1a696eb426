"""A batch of tasks from its flags to its exit code: which jobs, what to warn of, the run or its rehearsal, the report.

Which tasks flags mean belongs to `scheduling.due`; how one after another is run, to `run`, which brings Dagster and is
imported only when there is something to run.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from boost_pipeline import __version__
from boost_pipeline.boost.releases import read_version
from boost_pipeline.collectors.registry import Commands
from boost_pipeline.commands.check import before_start, look
from boost_pipeline.commands.plan import Job, jobs_of, jobs_of_all, print_plan, warning_lines
from boost_pipeline.commands.report import Report, print_report
from boost_pipeline.errors import BoostPipelineError, ScheduleError, UnknownName
from boost_pipeline.scheduling.due import resolve
from boost_pipeline.scheduling.order import order_warnings
from boost_pipeline.scheduling.schedule import Problem, Schedule
from boost_pipeline.scheduling.schedule_file import read_schedule
from boost_pipeline.settings import Settings

if TYPE_CHECKING:
    from boost_pipeline.commands.run import Platform

logger = logging.getLogger("boost_pipeline")


def run_scheduled(settings: Settings, kind: str | None, flags: dict[str, Any], *, stop: bool, dry_run: bool) -> bool:
    """Run the tasks that `kind` and `flags` mean to `due.resolve`, or without a kind all; return whether all succeeded.

    Raises:
        ScheduleError: the schedule file is missing or wrong.
        click.UsageError: a flag is missing or cannot be.
    """
    commands = Commands()
    schedule = read_schedule(settings.schedule_file, commands)
    if kind is None:
        jobs = jobs_of_all(schedule, commands)
    else:
        try:
            batches = resolve(schedule, kind, today=datetime.now(UTC).date(), **flags)
        except (ScheduleError, UnknownName) as error:
            raise click.UsageError(str(error)) from None
        jobs = jobs_of(batches, commands)
    return run_batch(settings, jobs, schedule, stop=stop, dry_run=dry_run)


def run_batch(settings: Settings, jobs: Sequence[Job], schedule: Schedule | None, *, stop: bool, dry_run: bool) -> bool:
    """Run the jobs and print the summary, or what they are; return whether all succeeded.

    Args:
        settings: of the platform.
        jobs: in their order.
        schedule: whose warnings to show; None if the jobs are not from it.
        stop: skip what follows a failed job.
        dry_run: only print; a server that does not run is not started to learn which releases wait.
    """
    if not jobs:
        _announce(settings, schedule)
        click.echo("No task is due.")
        return True
    if dry_run and not (any(job.on_release for job in jobs) and _is_up(settings)):
        _announce(settings, schedule)
        print_plan(jobs, None)
        return True
    with started(settings, schedule, jobs) as platform:
        if dry_run:
            print_plan(jobs, platform.pending)
            return True
        from boost_pipeline.commands.run import run_jobs

        report = run_jobs(jobs, platform, stop_on_failure=stop)
    print_report(report)
    return report.succeeded


def run_backfill(settings: Settings, collector: str, releases: Sequence[str]) -> bool:
    """See `backfill.backfill`; print the summary and return whether all succeeded."""
    Commands().selects(collector, ())
    try:
        for release in releases:
            read_version(release)
    except UnknownName as error:
        raise click.UsageError(str(error)) from None
    with started(settings, None) as platform:
        from boost_pipeline.commands.backfill import backfill

        report: Report = backfill(platform, collector, releases)
    print_report(report)
    return report.succeeded


@contextmanager
def started(settings: Settings, schedule: Schedule | None, jobs: Sequence[Job] = ()) -> Iterator[Platform]:
    """Check what a run needs, open the platform and show the warnings."""
    before_start(settings, jobs)
    from boost_pipeline.commands.run import open_platform, upstream

    with open_platform(settings) as platform:
        order = order_warnings(schedule, Commands(), upstream(platform.definitions)) if schedule else []
        _announce(settings, schedule, order)
        yield platform


def _announce(settings: Settings, schedule: Schedule | None, order: Sequence[Problem] = ()) -> None:
    logger.info("boost-pipeline %s", __version__, extra={"version": __version__})
    for line in warning_lines([*(schedule.warnings if schedule else ()), *order], settings.schedule_file):
        logger.warning("%s", line)


def _is_up(settings: Settings) -> bool:
    """Tell whether the warehouse can be asked as it is, without a start and without a change of its tables."""
    from boost_pipeline.warehouse.schema import HEAD

    try:
        found = look(settings)
    except BoostPipelineError:
        return False
    return found.running and found.schema == HEAD
