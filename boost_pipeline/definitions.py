"""What Dagster loads: the one place where everything is put together."""

import dagster as dg

from boost_pipeline.collectors import checks, commits, libraries, releases, repositories
from boost_pipeline.collectors.registry import Commands
from boost_pipeline.resources import build_resources
from boost_pipeline.scheduling.jobs import jobs_and_schedules
from boost_pipeline.scheduling.schedule_file import read_schedule
from boost_pipeline.settings import Settings, load_settings


def build_definitions(settings: Settings) -> dg.Definitions:
    """Return assets, checks, jobs and schedules for these settings.

    Raises:
        ScheduleError: the schedule file is missing or wrong.
    """
    commands = Commands()
    jobs, schedules = jobs_and_schedules(read_schedule(settings.schedule_file, commands), commands)
    return dg.Definitions(
        assets=[releases.releases, libraries.libraries, repositories.repositories, commits.commits],
        asset_checks=dg.load_asset_checks_from_modules([checks]),
        jobs=jobs,
        schedules=schedules,
        resources=build_resources(settings),
        executor=dg.in_process_executor,
    )


defs = build_definitions(load_settings())
