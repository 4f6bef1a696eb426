"""What Dagster loads: the one place where everything is put together."""

import gc
import logging
from collections.abc import Sequence
from heapq import heapify, heappop, heappush

import dagster as dg

from boost_pipeline.collectors import (
    by_release,
    checks,
    commits,
    dashboard,
    exports,
    graph_checks,
    monthly,
    release_dossier,
    releases,
    report_checks,
    repositories,
)
from boost_pipeline.collectors.github import releases as published
from boost_pipeline.collectors.github.assets import github_assets
from boost_pipeline.collectors.github.checks import github_checks
from boost_pipeline.collectors.github.scope import LLVM, boost
from boost_pipeline.collectors.registry import Commands
from boost_pipeline.errors import ScheduleError
from boost_pipeline.resources import build_resources, open_mirrors, open_warehouse
from boost_pipeline.scheduling import run_log
from boost_pipeline.scheduling.alerts import failure_alerts
from boost_pipeline.scheduling.freshness import due_times, with_policies
from boost_pipeline.scheduling.health import HealthReader
from boost_pipeline.scheduling.jobs import Automation
from boost_pipeline.scheduling.schedule import Schedule
from boost_pipeline.scheduling.schedule_file import read_schedule
from boost_pipeline.scheduling.sensors import lost_runs_sensor, release_sensor
from boost_pipeline.settings import Settings, load_settings

logger = logging.getLogger("boost_pipeline")

GITHUB = github_assets("github", lambda settings: boost(settings.git_owner), after=repositories.repositories.key)
CLANG = github_assets("llvm", lambda _settings: LLVM)

ASSETS = [
    releases.releases,
    by_release.by_release,
    repositories.repositories,
    commits.commits,
    *GITHUB.all(),
    published.github_releases(lambda settings: boost(settings.git_owner)),
    *CLANG.all(),
    release_dossier.release,
    monthly.monthly,
    dashboard.dashboard,
    exports.exports,
]


def build_definitions(settings: Settings) -> dg.Definitions:
    """Return assets, checks, jobs, schedules and sensors for these settings.

    Raises:
        ScheduleError: the schedule file is missing or wrong, and the settings are strict about it.
    """
    commands = Commands()
    warehouse = open_warehouse(settings)
    partitioned = [key.to_user_string() for asset in ASSETS if asset.partitions_def for key in asset.keys]
    schedule = _schedule(settings, commands)
    due = due_times(schedule, commands, partitioned)
    by_release = {asset for asset, one in due.items() if one.by_release}
    automation = Automation(schedule, commands, running_order(ASSETS), partitioned, warehouse, by_release)
    for line in automation.warnings:
        logger.warning("%s", line)
    on_release = release_sensor(
        automation,
        open_mirrors(settings),
        settings.release_check_minutes,
        prereleases=settings.release_prereleases,
    )
    asset_checks = [
        *dg.load_asset_checks_from_modules([checks, graph_checks, report_checks, monthly, release_dossier, published]),
        *github_checks("github", lambda settings: boost(settings.git_owner)),
        *github_checks("llvm", lambda _settings: LLVM),
    ]
    sensors = [lost_runs_sensor(warehouse), *([on_release] if on_release else []), *failure_alerts(settings)]
    health = HealthReader(
        automation.schedule,
        commands,
        automation.assets,
        partitioned,
        [key for check in asset_checks for key in check.check_keys],
        [*(one.name for one in automation.schedules), *(one.name for one in sensors)],
        warehouse,
        due,
    )
    return dg.Definitions(
        assets=with_policies(ASSETS, due),
        asset_checks=asset_checks,
        jobs=automation.jobs,
        schedules=automation.schedules,
        sensors=sensors,
        resources={**build_resources(settings), "health": health},
        loggers={run_log.NAME: run_log.run_log},
        executor=dg.in_process_executor,
    )


def running_order(assets: Sequence[dg.AssetsDefinition]) -> list[str]:
    """Return the keys in the order in which Dagster runs them within one run.

    Of the steps whose dependencies are done, that with the highest priority, then the first of the alphabet. One step
    may make several assets.
    """
    step_of = {key: asset.op.name for asset in assets for key in asset.keys}
    keys = {asset.op.name: sorted(key.to_user_string() for key in asset.keys) for asset in assets}
    after = {
        asset.op.name: {step_of[dep.asset_key] for spec in asset.specs for dep in spec.deps if dep.asset_key in step_of}
        - {asset.op.name}
        for asset in assets
    }
    rank = {asset.op.name: (-int(asset.op.tags.get("dagster/priority", "0")), asset.op.name) for asset in assets}
    ready = [rank[step] for step, deps in after.items() if not deps]
    heapify(ready)
    done: list[str] = []
    while ready:
        _, step = heappop(ready)
        done.append(step)
        for other, deps in after.items():
            if step in deps and deps <= set(done):
                heappush(ready, rank[other])
    return [key for step in done for key in keys[step]]


def _schedule(settings: Settings, commands: Commands) -> Schedule:
    try:
        return read_schedule(settings.schedule_file, commands)
    except ScheduleError as error:
        if settings.schedule_strict:
            raise
        logger.warning("No schedule is in force, as BOOST_COLLECTOR_SCHEDULE_STRICT is off: %s", error)
        return Schedule(())


defs = build_definitions(load_settings())
health_reader: HealthReader = (defs.resources or {})["health"]

# What was imported and defined stays until the process ends. Looking for garbage in it is a third of what a short
# process costs, as the interpreter's last collection walks through all of it.
gc.freeze()
