"""What Dagster is shown, as a snapshot: `make snapshot` writes it anew."""

import json
from pathlib import Path

import dagster as dg
from dagster._core.definitions.freshness import TimeWindowFreshnessPolicy

from boost_pipeline.collectors.due import due_by
from boost_pipeline.collectors.registry import KEPT_BY_RELEASE
from boost_pipeline.definitions import build_definitions
from boost_pipeline.settings import Settings

ROOT = Path(__file__).parents[1]
SNAPSHOT = Path(__file__).with_name("definitions.snapshot.json")


def described() -> dict[str, object]:
    """Assets, checks, jobs, schedules and sensors, as far as a user sees them."""
    settings = Settings.model_validate({"BOOST_COLLECTOR_SCHEDULE_YAML": str(ROOT / "schedule.yaml")})
    definitions = build_definitions(settings)
    repository = definitions.get_repository_def()
    graph = repository.asset_graph
    return {
        "assets": {
            key.to_user_string(): {
                "group": graph.get(key).group_name,
                "kinds": sorted(graph.get(key).kinds),
                "after": sorted(parent.to_user_string() for parent in graph.get(key).parent_keys),
                "partitions": getattr(graph.get(key).partitions_def, "name", None),
                "late after": _late_after(graph.get(key).freshness_policy),
                "description": graph.get(key).description,
            }
            for key in sorted(graph.get_all_asset_keys())
        },
        "checks": sorted(f"{key.asset_key.to_user_string()}: {key.name}" for key in graph.asset_check_keys),
        "jobs": {
            job.name: sorted(key.to_user_string() for key in job.asset_layer.executable_asset_keys)
            for job in sorted(repository.get_all_jobs(), key=lambda job: job.name)
        },
        "schedules": {
            schedule.name: [schedule.cron_schedule, schedule.execution_timezone, schedule.default_status.value]
            for schedule in repository.schedule_defs
        },
        "sensors": sorted(sensor.name for sensor in repository.sensor_defs),
    }


def _late_after(policy: TimeWindowFreshnessPolicy | None) -> str | None:
    """How long an asset may not be looked at before Dagster fails it."""
    return None if policy is None else str(policy.fail_window.to_timedelta())


def test_the_definitions_are_those_of_the_snapshot():
    assert described() == json.loads(SNAPSHOT.read_text()), "if the change is meant: make snapshot"


def test_dagster_can_load_them():
    dg.Definitions.validate_loadable(
        build_definitions(Settings.model_validate({"BOOST_COLLECTOR_SCHEDULE_YAML": str(ROOT / "schedule.yaml")}))
    )


def test_exactly_the_assets_that_are_due_have_a_freshness_policy():
    settings = Settings.model_validate({"BOOST_COLLECTOR_SCHEDULE_YAML": str(ROOT / "schedule.yaml")})

    late = {asset for asset, one in described()["assets"].items() if one["late after"]}

    assert late == due_by(settings).keys()
    assert not {asset for asset in described()["assets"] if not asset.startswith("llvm/")} - late


def test_what_is_kept_by_release_is_what_has_partitions():
    assert {asset for asset, one in described()["assets"].items() if one["partitions"]} == KEPT_BY_RELEASE


def test_every_asset_has_a_check():
    found = described()
    assert {check.partition(":")[0] for check in found["checks"]} == set(found["assets"])


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(described(), indent=2, ensure_ascii=False) + "\n")
