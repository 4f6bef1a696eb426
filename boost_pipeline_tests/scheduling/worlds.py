"""What the tests of the schedule share: commands to check a file against, and a calendar counted by hand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pytest

from boost_pipeline.errors import ScheduleError, UnknownName
from boost_pipeline.scheduling.schedule import Schedule
from boost_pipeline.scheduling.schedule_file import parse_schedule

MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Selected:
    assets: tuple[str, ...]
    options: tuple[str, ...]


class Collectors:
    """Commands by the assets that they make; `--task NAME` chooses <command>/NAME, and `--limit N` is an option."""

    def __init__(self, *names: str, coming: Collection[str] = (), **assets: tuple[str, ...]) -> None:
        self.assets = {name: (name,) for name in names} | assets
        self.left_out = coming

    def known(self) -> Collection[str]:
        return self.assets.keys()

    def coming(self) -> Collection[str]:
        return self.left_out

    def selects(self, command: str, args: Sequence[str]) -> Selected:
        if command not in self.assets:
            raise UnknownName(f"There is no collector {command}.")
        options: dict[str, str] = dict(zip(args[::2], [*args[1::2], ""], strict=False))
        if unknown := options.keys() - {"--task", "--limit"}:
            raise UnknownName(f"{command} has no option {min(unknown)}.")
        task = options.pop("--task", None)
        return Selected(
            (f"{command}/{task}",) if task else self.assets[command],
            tuple(sorted(f"{name} {value}" for name, value in options.items())),
        )


SHIPPED = Collectors(
    "run_boost_usage_tracker",
    "run_update_created_repos_by_language",
    "run_boost_github_activity_tracker",
    "run_boost_library_usage_dashboard",
    "collect_boost_libraries",
    "run_boost_library_docs_tracker",
    "run_cppa_slack_tracker",
    "run_boost_mailing_list_tracker",
    "run_clang_github_tracker",
    "run_wg21_paper_tracker",
    "run_discord_activity_tracker",
)
ANY = Collectors("one", "two", "three", coming={"later"})


def task_file(*lines: str, group: str = "github", before: str = 'default_time: "16:10"') -> str:
    """Return a file of one group with one task, written line by line."""
    first, *rest = lines
    task = "\n        ".join(rest)
    return f"groups:\n  {group}:\n    {before}\n    tasks:\n      - {first}\n        {task}\n"


def accepted(text: str, commands: Collectors = ANY) -> Schedule:
    return parse_schedule(text, commands)


def refused(text: str, commands: Collectors = ANY) -> list[str]:
    """Return the problems of a file as "line:column: message"."""
    with pytest.raises(ScheduleError) as caught:
        parse_schedule(text, commands)
    lines = [f"schedule.yaml:{line}:{column}: {message}" for line, column, message in caught.value.problems]
    assert lines == str(caught.value).splitlines()
    return [line.removeprefix("schedule.yaml:") for line in lines]


def days_from(year: int, weekday: int, years: int) -> list[tuple[int, int, int, int, bool]]:
    """Count (year, month, day, weekday, last of its month) from the first of January, which is a known weekday."""
    days = []
    for this in range(year, year + years):
        leap = this % 4 == 0 and (this % 100 != 0 or this % 400 == 0)
        for month, length in enumerate(MONTHS, start=1):
            last = length + (month == 2 and leap)
            for day in range(1, last + 1):
                days.append((this, month, day, weekday, day == last))
                weekday = (weekday + 1) % 7
    return days
