"""The two schedule files of boost-data-collector, written out, against a calendar counted by hand."""

from datetime import date, time
from pathlib import Path

import pytest

from boost_pipeline.scheduling.due import calendar, distinct, is_due, passes, resolve
from boost_pipeline.scheduling.schedule import Schedule, Task
from boost_pipeline.scheduling.schedule_file import read_schedule
from boost_pipeline_tests.scheduling.worlds import SHIPPED, days_from

DATA = Path(__file__).parent / "data"
DAYS = [*days_from(2026, 3, 1), *days_from(2028, 5, 1)]  # a Thursday and a Saturday
MONDAY, FRIDAY = 0, 4


@pytest.fixture(scope="module")
def shipped() -> Schedule:
    return read_schedule(DATA / "shipped.yaml", SHIPPED)


@pytest.fixture(scope="module")
def example() -> Schedule:
    return read_schedule(DATA / "example.yaml", SHIPPED)


def words(task: Task) -> str:
    return " ".join((task.command, *task.args))


GITHUB = [
    "run_boost_usage_tracker --task monitor_content",
    "run_update_created_repos_by_language",
    "run_boost_github_activity_tracker",
    "run_boost_library_usage_dashboard",
]
STARS = "run_boost_usage_tracker --task monitor_stars"
CLANG = "run_clang_github_tracker"
SLACK = ["run_cppa_slack_tracker"]
MAIL = "run_boost_mailing_list_tracker"


def due_by_group(schedule: Schedule, day: date) -> list[tuple[str, list[str]]]:
    return [(group.name, [words(task) for task in group.tasks if is_due(task, day)]) for group in schedule.groups]


def test_both_have_the_same_groups_at_the_same_times_and_no_warning(shipped: Schedule, example: Schedule) -> None:
    for schedule in (shipped, example):
        assert [(group.name, group.default_time) for group in schedule.groups] == [
            ("github", time(0, 5)),
            ("boost_library_docs", time(16, 20)),
            ("slack", time(16, 30)),
            ("mailing_list", time(0, 10)),
        ]
        assert schedule.warnings == ()


def test_the_shipped_file_gives_the_tasks_of_every_day_of_2026_and_2028(shipped: Schedule) -> None:
    for year, month, day, _, _ in DAYS:
        assert due_by_group(shipped, date(year, month, day)) == [
            ("github", [*GITHUB, STARS] if day == 1 else GITHUB),
            ("boost_library_docs", []),
            ("slack", SLACK),
            ("mailing_list", [MAIL]),
        ]


def test_the_example_file_gives_the_tasks_of_every_day_of_2026_and_2028(example: Schedule) -> None:
    for year, month, day, weekday, _ in DAYS:
        assert due_by_group(example, date(year, month, day)) == [
            ("github", [*GITHUB, *([CLANG] if weekday == MONDAY else []), *([STARS] if day == 1 else [])]),
            ("boost_library_docs", []),
            ("slack", SLACK),
            ("mailing_list", [MAIL] * (1 + (weekday == FRIDAY) + (day == 15))),
        ]


def test_the_batch_of_a_group_holds_its_release_tasks_in_their_place(example: Schedule) -> None:
    for year, month, day, weekday, _ in DAYS:
        ((_, tasks),) = resolve(example, "default", group="github", today=date(year, month, day))
        extra = [CLANG] * (weekday == MONDAY) + [STARS] * (day == 1)
        assert [words(task) for task in tasks] == [*GITHUB, *extra, "collect_boost_libraries"]


def test_three_equal_tasks_of_the_mailing_list_on_a_friday_the_15th_run_once(example: Schedule) -> None:
    ((_, tasks),) = resolve(example, "default", group="mailing_list", today=date(2026, 5, 15))
    assert [task.kind for task in tasks] == ["daily", "weekly", "monthly"]
    assert distinct(tasks, SHIPPED) == tasks[:1]


def test_each_batch_is_one_run(example: Schedule) -> None:
    for year, month, day, _, _ in DAYS:
        for group in example.groups:
            for _, tasks in resolve(example, "default", group=group.name, today=date(year, month, day)):
                assert len(passes(distinct(tasks, SHIPPED), SHIPPED)) == 1


def test_the_calendar_of_the_example_says_the_same_for_every_day(example: Schedule) -> None:
    from datetime import UTC, datetime

    found: dict[date, list[tuple[str, time, list[str]]]] = {}
    for year in (2026, 2028):
        for each in calendar(example, datetime(year, 1, 1, tzinfo=UTC), 366):
            if each.minutes is None:
                entry = (each.group.name, each.at.time(), [words(task) for task in each.tasks])
                found.setdefault(each.at.date(), []).append(entry)
    for year, month, day, _, _ in DAYS:
        today = date(year, month, day)
        due = dict(due_by_group(example, today))
        by_time = sorted(example.groups, key=lambda group: group.default_time)
        assert found[today] == [(group.name, group.default_time, due[group.name]) for group in by_time]


def test_the_hourly_tasks_of_two_groups_tick_together(example: Schedule) -> None:
    assert example.intervals == (60,)
    found = resolve(example, "interval", interval_minutes=60, today=date(2026, 1, 1))
    assert [(group.name, [words(task) for task in tasks]) for group, tasks in found] == [
        ("github", ["run_wg21_paper_tracker"]),
        ("slack", ["run_discord_activity_tracker"]),
    ]
