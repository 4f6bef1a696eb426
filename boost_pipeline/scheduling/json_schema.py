"""The JSON Schema of schedule.yaml, for editors: completion, help at the cursor, and mistakes while typing.

`schedule.schema.json` at the root is what this module prints; a test holds the two together:

    python -m boost_pipeline.scheduling.json_schema > schedule.schema.json

It knows the form of the file. What needs a look at the collectors is checked when the file is read.
"""

import json
from typing import Any, Final

from boost_pipeline.scheduling.schedule import LAST_DAY, LONGEST_INTERVAL, WEEKDAYS, Kind
from boost_pipeline.scheduling.schedule_file import GROUP_KEYS, TASK_KEYS, TIME, WHEN_KEYS

_NUMBERS: Final = {
    LAST_DAY: "[1-9]|[12][0-9]|3[01]",
    LONGEST_INTERVAL: "[1-9]|[1-9][0-9]|1[0-7][0-9]|180",
}
_WHEN_DESCRIPTIONS: Final = {
    "on": "The day of a weekly task (monday or mon) or of a monthly one (1 to 31; 31 means the last day).",
    "day_of_week": "Another word for `on` of a weekly task.",
    "day_of_month": "Another word for `on` of a monthly task.",
    "minutes": "The minutes of an interval task, counted from midnight UTC on 1970-01-01.",
}


def json_schema() -> dict[str, Any]:
    """Return the schema as a draft-07 document, the draft that editors know."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "schedule.yaml of boost-pipeline",
        "description": "What runs when. All times are UTC. See docs/schedule.md.",
        "type": "object",
        "required": ["groups"],
        "additionalProperties": False,
        "properties": {
            "groups": {
                "description": "Groups run beside each other; the tasks of a group one after another.",
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": "\\S"},
                "additionalProperties": _group(),
            }
        },
    }


def _group() -> dict[str, Any]:
    properties: dict[str, Any] = {
        "default_time": {
            "description": 'When the group starts, in UTC, as "HH:MM" in quotes.',
            "type": "string",
            "pattern": f"^({TIME})$",
        },
        "tasks": {"description": "What runs, in this order.", "type": "array", "items": _task()},
        "stop_on_failure": {
            "description": "After a failed task the rest of the batch is skipped.",
            "type": "boolean",
            "default": False,
        },
    }
    return {
        "type": "object",
        "required": ["default_time", "tasks"],
        "additionalProperties": False,
        "properties": {key: properties[key] for key in GROUP_KEYS},
    }


def _task() -> dict[str, Any]:
    properties: dict[str, Any] = {
        "command": {"description": "The name of a collector.", "type": "string", "minLength": 1},
        "schedule": {"description": "When it runs.", "enum": [kind.value for kind in Kind]},
        **{key: {"description": text} for key, text in _WHEN_DESCRIPTIONS.items()},
        "enabled": {"description": "false switches the task off.", "type": "boolean", "default": True},
        "args": {
            "description": "Arguments of the collector, each in quotes if YAML might take it for something else.",
            "type": "array",
            "items": {"type": "string"},
        },
    }
    return {
        "type": "object",
        "required": ["command", "schedule"],
        "additionalProperties": False,
        "properties": {key: properties[key] for key in TASK_KEYS},
        "allOf": [
            _if_kind(Kind.weekly, _first_that_is_there(_weekday(), empty_counts_as_absent=True)),
            _if_kind(Kind.monthly, _first_that_is_there(_number(LAST_DAY), empty_counts_as_absent=False)),
            _if_kind(Kind.interval, {"required": ["minutes"], "properties": {"minutes": _number(LONGEST_INTERVAL)}}),
        ],
    }


def _if_kind(kind: Kind, then: dict[str, Any]) -> dict[str, Any]:
    return {"if": {"required": ["schedule"], "properties": {"schedule": {"const": kind.value}}}, "then": then}


def _first_that_is_there(value: dict[str, Any], *, empty_counts_as_absent: bool) -> dict[str, Any]:
    """Return the form of `on`, or of its other name where `on` is not given."""
    on, alias = WHEN_KEYS[Kind.weekly if empty_counts_as_absent else Kind.monthly]
    absent: dict[str, Any] = {"enum": [None, ""]} if empty_counts_as_absent else {"not": {}}
    return {
        "anyOf": [
            {"required": [on], "properties": {on: value}},
            {"required": [alias], "properties": {on: absent, alias: value}},
        ]
    }


def _weekday() -> dict[str, Any]:
    spellings = "|".join(_any_case(name[:3]) + f"({_any_case(name[3:])})?" for name in WEEKDAYS)
    return {"anyOf": [{"enum": list(WEEKDAYS)}, {"type": "string", "pattern": f"^\\s*({spellings})\\s*$"}]}


def _any_case(letters: str) -> str:
    return "".join(f"[{letter.upper()}{letter}]" for letter in letters)


def _number(highest: int) -> dict[str, Any]:
    as_text = {"type": "string", "pattern": f"^\\s*\\+?0*({_NUMBERS[highest]})\\s*$"}
    return {"anyOf": [{"type": "integer", "minimum": 1, "maximum": highest}, as_text]}


def printed() -> str:
    """Return the text of `schedule.schema.json`."""
    return json.dumps(json_schema(), indent=2) + "\n"


if __name__ == "__main__":
    print(printed(), end="")  # noqa: T201 - printing is all that this command does
