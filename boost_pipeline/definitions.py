"""What Dagster loads: the one place where everything is put together."""

import logging
from collections.abc import Sequence
from heapq import heapify, heappop, heappush

import dagster as dg

from boost_pipeline.collectors import checks, commits, libraries, releases, repositories
from boost_pipeline.collectors.registry import Commands
from boost_pipeline.errors import ScheduleError
from boost_pipeline.resources import build_resources, open_mirrors, open_warehouse
from boost_pipeline.scheduling.alerts import failure_alerts
from boost_pipeline.scheduling.jobs import Automation
from boost_pipeline.scheduling.schedule import Schedule
from boost_pipeline.scheduling.schedule_file import read_schedule
from boost_pipeline.scheduling.sensors import lost_runs_sensor, release_sensor
from boost_pipeline.settings import Settings, load_settings

logger = logging.getLogger("boost_pipeline")

ASSETS = [releases.releases, libraries.libraries, repositories.repositories, commits.commits]


def build_definitions(settings: Settings) -> dg.Definitions:
    """Return assets, checks, jobs, schedules and sensors for these settings.

    Raises:
        ScheduleError: the schedule file is missing or wrong, and the settings are strict about it.
    """
    commands = Commands()
    warehouse = open_warehouse(settings)
    partitioned = [asset.key.to_user_string() for asset in ASSETS if asset.partitions_def]
    automation = Automation(_schedule(settings, commands), commands, running_order(ASSETS), partitioned, warehouse)
    for line in automation.warnings:
        logger.warning("%s", line)
    on_release = release_sensor(
        automation,
        open_mirrors(settings),
        settings.release_check_minutes,
        prereleases=settings.release_prereleases,
    )
    return dg.Definitions(
        assets=ASSETS,
        asset_checks=dg.load_asset_checks_from_modules([checks]),
        jobs=automation.jobs,
        schedules=automation.schedules,
        sensors=[lost_runs_sensor(warehouse), *([on_release] if on_release else []), *failure_alerts(settings)],
        resources=build_resources(settings),
        executor=dg.in_process_executor,
    )


def running_order(assets: Sequence[dg.AssetsDefinition]) -> list[str]:
    """Return the keys in the order in which Dagster runs them within one run: dependencies, then the alphabet."""
    after = {
        asset.key.to_user_string(): {dep.asset_key.to_user_string() for dep in asset.specs_by_key[asset.key].deps}
        for asset in assets
    }
    ready = [key for key, deps in after.items() if not deps & after.keys()]
    heapify(ready)
    order: list[str] = []
    while ready:
        done = heappop(ready)
        order.append(done)
        for key, deps in after.items():
            if done in deps and deps & after.keys() <= set(order):
                heappush(ready, key)
    return order


def _schedule(settings: Settings, commands: Commands) -> Schedule:
    try:
        return read_schedule(settings.schedule_file, commands)
    except ScheduleError as error:
        if settings.schedule_strict:
            raise
        logger.warning("No schedule is in force, as BOOST_COLLECTOR_SCHEDULE_STRICT is off: %s", error)
        return Schedule(())


defs = build_definitions(load_settings())
