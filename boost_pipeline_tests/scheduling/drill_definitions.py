"""The code location of the drill: two consumers of releases in two groups, which fail as the drill wants.

`docs` fails the first time that it is run for a release. `news` does not end the first time: the drill kills it. What
they did is noted in the folder DRILL_FOLDER, a line for each time that one finishes.
"""

import os
import time
from pathlib import Path

import dagster as dg

from boost_pipeline.resources import build_resources, open_mirrors, open_warehouse
from boost_pipeline.scheduling.jobs import Automation
from boost_pipeline.scheduling.pending import PARTITIONS
from boost_pipeline.scheduling.schedule_file import parse_schedule
from boost_pipeline.scheduling.sensors import lost_runs_sensor, release_sensor
from boost_pipeline.settings import load_settings
from boost_pipeline.warehouse.warehouse import Warehouse
from boost_pipeline_tests.scheduling.test_automation import Toys

FOLDER = Path(os.environ["DRILL_FOLDER"])
RELEASES = dg.DynamicPartitionsDefinition(name=PARTITIONS)


def first_time(name: str) -> bool:
    """Say whether this is the first call with this name, over all processes."""
    try:
        (FOLDER / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def done(name: str) -> None:
    with (FOLDER / "done").open("a") as file:
        file.write(f"{name}\n")


@dg.asset(key=["x", "docs"], partitions_def=RELEASES)
def docs(context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]) -> None:
    if first_time(f"docs {context.partition_key}"):
        raise dg.Failure("fails once")
    done(f"docs {context.partition_key}")


@dg.asset(key=["x", "news"], partitions_def=RELEASES)
def news(context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]) -> None:
    if first_time(f"news {context.partition_key}"):
        (FOLDER / f"pid {context.partition_key}").write_text(str(os.getpid()))
        while True:
            time.sleep(0.1)  # until it is killed
    done(f"news {context.partition_key}")


settings = load_settings()
schedule = parse_schedule(
    f"""
groups:
  one:
    default_time: "{os.environ["DRILL_TIME"]}"
    tasks: [{{command: docs, schedule: on_release}}]
  two:
    default_time: "{os.environ["DRILL_TIME"]}"
    tasks: [{{command: news, schedule: on_release}}]
""",
    Toys(),
)
warehouse = open_warehouse(settings)
automation = Automation(schedule, Toys(), ["x/docs", "x/news"], {"x/docs", "x/news"}, warehouse)
defs = dg.Definitions(
    assets=[docs, news],
    jobs=automation.jobs,
    schedules=automation.schedules,
    sensors=[lost_runs_sensor(warehouse), release_sensor(automation, open_mirrors(settings), 0.1)],
    resources={"warehouse": build_resources(settings)["warehouse"]},
    executor=dg.in_process_executor,
)
