"""The behaviours that boost-data-collector's own tests hold, numbered in the order of its test files.

Those of its Celery beat, its command line and its log lines belong to the jobs and to the command line here.
"""

from datetime import date, time
from pathlib import Path

import pytest

from boost_pipeline.errors import ScheduleError
from boost_pipeline.scheduling.due import resolve
from boost_pipeline.scheduling.schedule import Group, Kind, Schedule, Task
from boost_pipeline.scheduling.schedule_file import read_schedule
from boost_pipeline_tests.scheduling.worlds import ANY, accepted, refused, task_file

TODAY = date(2026, 7, 29)
GROUP = "groups:\n  github:\n    "
DAILY = "{command: one, schedule: daily}"


def test_2_a_missing_file_is_an_error_that_names_it_and_the_setting(tmp_path: Path) -> None:
    with pytest.raises(ScheduleError, match=r"absent\.yaml cannot be read: .*BOOST_COLLECTOR_SCHEDULE_YAML"):
        read_schedule(tmp_path / "absent.yaml", ANY)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("- a", "1:1: the file must be a mapping, not a list", id="3 the root is a list"),
        pytest.param("", "1:1: the file is empty; it needs groups", id="3 the root is empty"),
        pytest.param("null", "1:1: the file must be a mapping, not nothing", id="3 the root is null"),
        pytest.param("{}", "1:1: the file has no groups; add groups", id="4 groups is missing"),
        pytest.param("groups:", "1:8: groups must be a mapping, not nothing", id="4 groups is null"),
        pytest.param("groups: {}", "1:9: groups is empty; add a group", id="4 groups is empty"),
        pytest.param("groups: [a]", "1:9: groups must be a mapping, not a list", id="5 groups is a list"),
        pytest.param(
            f'groups: {{"": {{default_time: "04:10", tasks: [{DAILY}]}}}}',
            "1:10: the name of a group is blank",
            id="6 a group without a name",
        ),
        pytest.param(
            f'groups: {{"  ": {{default_time: "04:10", tasks: [{DAILY}]}}}}',
            "1:10: the name of a group is blank",
            id="7 a group with a blank name",
        ),
        pytest.param(
            "groups: {github: []}", '1:18: group "github" must be a mapping, not a list', id="8 a group is a list"
        ),
        pytest.param(GROUP + "tasks: []", '3:5: group "github" has no default_time', id="9 default_time is missing"),
        pytest.param(
            GROUP + 'default_time: "  "\n    tasks: []',
            '3:19: default_time "  " of group "github" is no time of day',
            id="9 default_time is blank",
        ),
        pytest.param(
            GROUP + 'default_time: "25:00"\n    tasks: []',
            '3:19: default_time "25:00" of group "github" is no time of day',
            id="10 the hour 25",
        ),
        pytest.param(
            GROUP + "default_time: not-time\n    tasks: []",
            '3:19: default_time "not-time" of group "github" is no time of day; write it as "HH:MM"',
            id="10 a word as time",
        ),
        pytest.param(
            GROUP + 'default_time: "04:10"\n    tasks: {}',
            '4:12: tasks of group "github" must be a list, not a mapping',
            id="11 tasks is a mapping",
        ),
    ],
)
def test_a_file_of_the_wrong_shape_is_refused(text: str, problem: str) -> None:
    (found,) = refused(text)
    assert found.startswith(problem)


def test_12_a_minimal_file_loads_and_returns_what_it_says() -> None:
    schedule = accepted(task_file("command: one", "schedule: daily"))

    task = Task("one", Kind.daily, line=5, column=9)
    assert schedule == Schedule((Group("github", time(16, 10), (task,), line=2),))


def test_13_one_invalid_task_makes_the_whole_load_fail() -> None:
    text = task_file("command: one", "schedule: daily") + "      - command: two\n"
    assert refused(text) == [
        '7:9: two (tasks[1] of group "github") has no schedule; add one of daily, weekly, monthly, interval, on_release'
    ]


@pytest.mark.parametrize(
    ("task", "problem"),
    [
        pytest.param("[one]", 'tasks[0] of group "github" must be a mapping, not a list', id="14 a list"),
        pytest.param("one", 'tasks[0] of group "github" must be a mapping, not the text "one"', id="14 a text"),
        pytest.param("{schedule: daily}", "has no command; add the name of a collector", id="15 no command"),
        pytest.param('{command: "", schedule: daily}', 'names the unknown collector ""', id="15 an empty command"),
        pytest.param("{command: 1, schedule: daily}", "must be text, not the number 1", id="15 a number as command"),
        pytest.param(
            "{command: one, schedule: hourly}",
            'cannot be the text "hourly"; it is one of daily, weekly, monthly, interval, on_release',
            id="16 an unknown schedule",
        ),
        pytest.param("{command: one}", "add one of daily, weekly, monthly, interval, on_release", id="16 no schedule"),
        pytest.param("{command: one, schedule: weekly}", "does not say when; add on: monday", id="17 weekly, no day"),
        pytest.param(
            '{command: one, schedule: weekly, "on": notaday}',
            'the day of the week of one (tasks[0] of group "github") cannot be the text "notaday"',
            id="17 weekly on no day",
        ),
        pytest.param("{command: one, schedule: monthly}", "does not say when; add on: 15", id="19 monthly, no day"),
        pytest.param(
            '{command: one, schedule: monthly, "on": abc}',
            'must be a whole number from 1 to 31 in plain digits, not the text "abc"',
            id="20 monthly on abc",
        ),
        pytest.param('{command: one, schedule: monthly, "on": 0}', "from 1 to 31, not 0", id="21 monthly on 0"),
        pytest.param('{command: one, schedule: monthly, "on": 32}', "from 1 to 31, not 32", id="21 monthly on 32"),
        pytest.param("{command: one, schedule: interval}", "does not say when; add minutes: 30", id="23 no minutes"),
        pytest.param(
            "{command: one, schedule: interval, minutes: x}",
            'minutes of one (tasks[0] of group "github") must be a whole number from 1 to 180 in plain digits',
            id="24 x minutes",
        ),
        pytest.param("{command: one, schedule: interval, minutes: 0}", "from 1 to 180, not 0", id="25 0 minutes"),
        pytest.param("{command: one, schedule: interval, minutes: 181}", "from 1 to 180, not 181", id="25 181 minutes"),
        pytest.param(
            '{command: one, schedule: daily, enabled: "yes"}',
            'must be true or false, not the text "yes"',
            id="27 enabled as text",
        ),
        pytest.param("{command: one, schedule: daily, args: x}", "must be a list, not the text", id="28 args as text"),
        pytest.param(
            "{command: one, schedule: daily, args: [123]}",
            'args[0] of one (tasks[0] of group "github") must be text, not the number 123; quote it: "123"',
            id="29 a number in args",
        ),
        pytest.param(
            '{command: one, schedule: daily, args: ["--limit", null]}',
            'args[1] of one (tasks[0] of group "github") must be text, not nothing',
            id="29 null in args",
        ),
    ],
)
def test_a_wrong_task_is_refused(task: str, problem: str) -> None:
    (found,) = refused(f'groups: {{github: {{default_time: "16:10", tasks: [{task}]}}}}')
    assert problem in found


@pytest.mark.parametrize(
    ("lines", "task"),
    [
        pytest.param(("schedule: weekly", '"on": monday'), {"kind": Kind.weekly, "weekday": 0}, id="18 monday"),
        pytest.param(("schedule: weekly", '"on": mon'), {"kind": Kind.weekly, "weekday": 0}, id="18 mon"),
        pytest.param(("schedule: monthly", '"on": 1'), {"kind": Kind.monthly, "day": 1}, id="22 the 1st"),
        pytest.param(("schedule: monthly", '"on": "15"'), {"kind": Kind.monthly, "day": 15}, id="22 15 as text"),
        pytest.param(("schedule: monthly", '"on": 31'), {"kind": Kind.monthly, "day": 31}, id="22 the 31st"),
        pytest.param(("schedule: interval", "minutes: 1"), {"kind": Kind.interval, "minutes": 1}, id="26 1 minute"),
        pytest.param(("schedule: interval", "minutes: 60"), {"kind": Kind.interval, "minutes": 60}, id="26 60 minutes"),
        pytest.param(("schedule: interval", "minutes: 180"), {"kind": Kind.interval, "minutes": 180}, id="26 180"),
        pytest.param(
            ("schedule: daily", 'args: ["--limit", "3"]'),
            {"kind": Kind.daily, "args": ("--limit", "3")},
            id="30 args are texts",
        ),
        pytest.param(("schedule: daily",), {"kind": Kind.daily}, id="31 a minimal daily task"),
        pytest.param(("schedule: on_release",), {"kind": Kind.on_release}, id="32 a minimal release task"),
    ],
)
def test_a_right_task_is_read(lines: tuple[str, ...], task: dict[str, object]) -> None:
    (group,) = accepted(task_file("command: one", *lines)).groups
    assert group.tasks == (Task("one", line=5, column=9, **task),)  # type: ignore[arg-type]


def monthly(*days: int) -> Schedule:
    return Schedule((Group("github", time(4, 10), tuple(Task("one", Kind.monthly, day=day) for day in days)),))


def days_found(schedule: Schedule, day_of_month: int, today: date) -> list[int | None]:
    found = resolve(schedule, "monthly", day_of_month=day_of_month, today=today)
    return [task.day for _, tasks in found for task in tasks]


@pytest.mark.parametrize(("day", "found"), [(15, [15]), (31, [31]), (10, [])])
def test_33_monthly_means_the_tasks_of_exactly_that_day_of_march_2024(day: int, found: list[int]) -> None:
    assert days_found(monthly(15, 31), day, date(2024, 3, 5)) == found


@pytest.mark.parametrize("last", [date(2023, 2, 28), date(2024, 2, 29)])
def test_34_a_task_of_the_31st_runs_on_the_last_day_of_february_and_stays_one_of_the_31st(last: date) -> None:
    assert days_found(monthly(31), last.day, last) == [31]


def test_35_interval_means_one_group_or_all() -> None:
    tasks = (Task("one", Kind.interval, minutes=15),)
    schedule = Schedule((Group("g1", time(), tasks), Group("g2", time(1), tasks)))

    def groups(group: str | None) -> list[str]:
        return [g.name for g, _ in resolve(schedule, "interval", interval_minutes=15, group=group, today=TODAY)]

    assert (groups("g1"), groups("g2"), groups(None)) == (["g1"], ["g2"], ["g1", "g2"])


def test_41_equal_intervals_of_several_groups_are_one() -> None:
    tasks = tuple(Task("one", Kind.interval, minutes=minutes) for minutes in (60, 15))
    assert Schedule((Group("g1", time(), tasks), Group("g2", time(), tasks))).intervals == (15, 60)


def test_45_daily_finds_the_command_of_the_file_once_and_without_arguments() -> None:
    schedule = accepted(task_file("command: one", "schedule: daily"))
    ((_, tasks),) = resolve(schedule, "daily", today=TODAY)
    assert [(task.command, task.args) for task in tasks] == [("one", ())]


def test_46_default_finds_the_batch_of_the_group() -> None:
    schedule = accepted(task_file("command: one", "schedule: daily"))
    ((group, tasks),) = resolve(schedule, "default", group="github", today=TODAY)
    assert (group.name, [task.command for task in tasks]) == ("github", ["one"])


@pytest.mark.parametrize(
    ("kind", "flag"),
    [
        pytest.param("default", "--group", id="48"),
        pytest.param("weekly", "--day-of-week", id="49"),
        pytest.param("monthly", "--day-of-month", id="50"),
        pytest.param("interval", "--interval-minutes", id="51"),
    ],
)
def test_a_missing_flag_is_an_error_that_names_it(kind: str, flag: str) -> None:
    with pytest.raises(ScheduleError, match=f"--schedule {kind} needs {flag}"):
        resolve(monthly(1), kind, today=TODAY)


def test_53_nothing_due_is_no_error() -> None:
    assert resolve(monthly(1), "daily", today=TODAY) == []
