"""docs/schedule.md is true: its examples are read, and its mistakes are told in the words that it shows."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from boost_pipeline.collectors.registry import Commands
from boost_pipeline.errors import ScheduleError
from boost_pipeline.scheduling.schedule import Kind
from boost_pipeline.scheduling.schedule_file import GROUP_KEYS, TASK_KEYS, parse_schedule

PAGE = (Path(__file__).parents[2] / "docs" / "schedule.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
MISTAKES = [(yaml, text) for (_, yaml), (kind, text) in pairwise(BLOCKS) if kind == "text"]
EXAMPLES = [body for kind, body in BLOCKS if kind == "yaml" and body not in dict(MISTAKES)]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_read_without_a_warning(example: str) -> None:
    assert parse_schedule(example, Commands()).warnings == ()


@pytest.mark.parametrize(("example", "told"), MISTAKES)
def test_the_mistakes_are_told_as_shown(example: str, told: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_schedule(example, Commands())
    assert str(caught.value).splitlines() == told.splitlines()


def test_there_are_examples_and_mistakes() -> None:
    assert EXAMPLES
    assert MISTAKES


@pytest.mark.parametrize("word", [*GROUP_KEYS, *TASK_KEYS, *Kind])
def test_every_word_of_the_file_is_explained(word: str) -> None:
    assert f"`{word}`" in PAGE
