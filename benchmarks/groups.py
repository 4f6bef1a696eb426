"""A group of ten collectors that do nothing, against a bare Dagster job of ten empty assets on the same instance."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

import dagster as dg

from benchmarks.ingest import fresh_database
from benchmarks.measure import Cost, interleaved, ratio, together
from boost_pipeline.collectors.stopping import skipped
from boost_pipeline.resources import build_resources
from boost_pipeline.scheduling.jobs import Automation
from boost_pipeline.scheduling.schedule_file import parse_schedule
from boost_pipeline.settings import Settings
from boost_pipeline.warehouse.server import ServerAddress

NAMES = [f"asset{number}" for number in range(10)]
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class _Selected:
    assets: tuple[str, ...]

    def run_config(self) -> dict[str, Any]:
        return {}


class _Commands:
    """Ten collectors, each of one asset."""

    def known(self) -> list[str]:
        return NAMES

    def coming(self) -> list[str]:
        return []

    def selects(self, command: str, args: object) -> _Selected:
        del args
        return _Selected((command,))


def measure(address: ServerAddress, rounds: int) -> None:
    """Print the figures."""
    fresh_database(address, "groups")
    settings = Settings.model_validate({"DATABASE_URL": address.url("groups", "psycopg")})
    resources = {"warehouse": build_resources(settings)["warehouse"]}
    tasks = "".join(f"\n      - {{command: {name}, schedule: daily}}" for name in NAMES)
    schedule = parse_schedule(f'groups:\n  ten:\n    default_time: "12:00"\n    tasks:{tasks}\n', _Commands())
    automation = Automation(schedule, _Commands(), NAMES, set(), resources["warehouse"])  # type: ignore[arg-type]
    ours = dg.Definitions(
        assets=[_collector(name) for name in NAMES],
        jobs=automation.jobs,
        schedules=automation.schedules,
        resources=resources,
        executor=dg.in_process_executor,
    )
    bare = dg.Definitions(
        assets=[_empty(name) for name in NAMES],
        jobs=[dg.define_asset_job("ten", selection="*")],
        executor=dg.in_process_executor,
    )
    with dg.instance_for_test() as instance:
        for definitions in (bare, ours):  # what is imported once is no cost of a group
            _run(definitions, instance)
        costs = interleaved(rounds, bare=lambda: _run(bare, instance), ours=lambda: _run(ours, instance))
        ticks = [_tick(ours, instance) for _ in range(20)]
    print("a group of ten collectors that do nothing, as one run")
    print(f"  against ten empty assets: {ratio(costs['ours'], costs['bare']):.2f}")
    print(f"  evaluating a tick of its schedule: {median(ticks) * 1000:.1f} ms")


def _collector(name: str) -> dg.AssetsDefinition:
    @dg.asset(name=name, required_resource_keys={"warehouse"}, output_required=False)
    def collector(context: dg.AssetExecutionContext):  # type: ignore[no-untyped-def]
        if not skipped(context):
            yield dg.MaterializeResult()

    return collector


def _empty(name: str) -> dg.AssetsDefinition:
    @dg.asset(name=name)
    def empty() -> dg.MaterializeResult:
        return dg.MaterializeResult()

    return empty


def _run(definitions: dg.Definitions, instance: dg.DagsterInstance) -> Cost:
    config = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    job = definitions.resolve_job_def("ten")
    return together(lambda: job.execute_in_process(instance=instance, run_config=config))


def _tick(definitions: dg.Definitions, instance: dg.DagsterInstance) -> float:
    schedule = definitions.resolve_schedule_def("ten")
    with dg.build_schedule_context(instance=instance, scheduled_execution_time=NOON) as context:
        started = time.monotonic()
        schedule.evaluate_tick(context)
        return time.monotonic() - started
