"""The JSON Schema for editors says the same as the reader, as far as a schema can."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from boost_pipeline.errors import ScheduleError
from boost_pipeline.scheduling.json_schema import json_schema, printed
from boost_pipeline.scheduling.schedule import WEEKDAYS
from boost_pipeline.scheduling.schedule_file import parse_schedule
from boost_pipeline_tests.scheduling.worlds import ANY

ROOT = Path(__file__).parents[2]


def test_the_file_at_the_root_is_what_the_module_prints() -> None:
    assert (ROOT / "schedule.schema.json").read_text() == printed()


def test_every_key_has_its_description() -> None:
    group = json_schema()["properties"]["groups"]["additionalProperties"]["properties"]
    for properties in (group, group["tasks"]["items"]["properties"]):
        assert all(value["description"] for value in properties.values())


@pytest.fixture(scope="module")
def validator() -> Any:
    jsonschema = pytest.importorskip("jsonschema", reason="No jsonschema: `make setup` installs it")
    jsonschema.Draft7Validator.check_schema(json_schema())
    return jsonschema.Draft7Validator(json_schema())


@pytest.mark.parametrize("name", ["schedule.yaml", "boost_pipeline_tests/scheduling/data/shipped.yaml"])
def test_real_files_fit_it(validator: Any, name: str) -> None:
    validator.validate(yaml.safe_load((ROOT / name).read_text()))


DAYS = st.sampled_from([*WEEKDAYS, "Mon", " FRI ", "tues", "", None, 1, True])
NUMBERS = st.integers(-1, 182) | st.integers(-1, 182).map(str) | st.sampled_from([" 7 ", "007", "+7", "1_0", "", None])
WILD = {
    "schedule": st.sampled_from(["daily", "weekly", "monthly", "interval", "on_release", "hourly", ""]),
    "on": DAYS | NUMBERS,
    "day_of_week": DAYS,
    "day_of_month": NUMBERS,
    "minutes": NUMBERS,
    "enabled": st.sampled_from([True, False, "yes", None]),
    "args": st.sampled_from([[], ["--limit", "3"], [3], "x", None]),
    "retries": st.just(3),
}
RIGHT: st.SearchStrategy[dict[str, object]] = st.sampled_from(
    [
        {"schedule": "daily"},
        {"schedule": "on_release"},
        {"schedule": "weekly", "on": "monday"},
        {"schedule": "weekly", "day_of_week": "SUN"},
        {"schedule": "monthly", "on": 31},
        {"schedule": "monthly", "day_of_month": "7"},
        {"schedule": "interval", "minutes": 7},
        {},
    ]
)


@st.composite
def _task(draw: st.DrawFn) -> dict[str, object]:
    """A right task, with up to two of its keys changed or taken away."""
    task: dict[str, object] = {"command": "one", **draw(RIGHT)}
    for key in draw(st.lists(st.sampled_from(sorted(WILD)), max_size=2)):
        task[key] = draw(WILD[key])
    if draw(st.integers(0, 5)) == 0:
        task.pop(draw(st.sampled_from(sorted(task))))
    return task


TASKS = _task()
TIMES = st.sampled_from(["00:05", "23:59", "24:00", "4:05", "04:10:00", 970, None, " 04:10"])
PARTS = {"default_time": TIMES, "tasks": st.lists(TASKS, max_size=2), "stop_on_failure": st.sampled_from([True, 1])}
GROUPS: st.SearchStrategy[object] = st.one_of(
    st.fixed_dictionaries({"default_time": TIMES, "tasks": st.just([])}), st.fixed_dictionaries({}, optional=PARTS)
)
CONTENT: st.SearchStrategy[object] = st.one_of(
    st.just([]),
    st.dictionaries(st.sampled_from(["a", "b-c", "", " "]), GROUPS, max_size=2),
    TASKS.map(lambda task: {"a": {"default_time": "00:05", "tasks": [task]}}),
)


@settings(max_examples=400, deadline=None)
@given(CONTENT)
def test_what_fits_the_schema_is_read_and_nothing_else_is(validator: Any, groups: object) -> None:
    content = {"groups": groups}
    try:
        parse_schedule(yaml.safe_dump(content), ANY)
        read = True
    except ScheduleError:
        read = False
    assert validator.is_valid(content) == read
