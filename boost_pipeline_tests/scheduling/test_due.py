"""Which tasks are due, and how a batch is cut into runs."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from boost_pipeline.errors import ScheduleError, UnknownName
from boost_pipeline.scheduling.due import calendar, distinct, is_due, passes, resolve
from boost_pipeline.scheduling.order import order_warnings, places
from boost_pipeline.scheduling.schedule import WEEKDAYS, Group, Kind, Schedule, Task
from boost_pipeline_tests.scheduling.worlds import MONTHS, Collectors, accepted, days_from

TEN_YEARS = days_from(2020, 2, 10)  # the first of January was a Wednesday
TODAY = date(2026, 2, 28)  # a Saturday


def daily(command: str, *args: str, line: int = 0) -> Task:
    return Task(command, Kind.daily, args=args, line=line)


def group_of(*tasks: Task, name: str = "github", at: time = time(0, 5)) -> Group:
    return Group(name, at, tasks)


# Random files, as their authors write them: (entry of the file, due on (month, day, weekday, last of month)).
def _entry(draw: st.DrawFn) -> dict[str, object]:
    kind = draw(st.sampled_from(list(Kind)))
    entry: dict[str, object] = {"command": draw(st.sampled_from(["one", "two", "three"])), "schedule": str(kind)}
    if kind is Kind.weekly:
        day = draw(st.sampled_from(WEEKDAYS))
        entry[draw(st.sampled_from(["on", "day_of_week"]))] = draw(st.sampled_from([day, day[:3], day.upper()]))
    if kind is Kind.monthly:
        number = draw(st.integers(1, 31))
        entry[draw(st.sampled_from(["on", "day_of_month"]))] = draw(st.sampled_from([number, str(number)]))
    if kind is Kind.interval:
        entry["minutes"] = draw(st.integers(1, 180))
    if draw(st.booleans()):
        entry["enabled"] = draw(st.booleans())
    return entry


ENTRIES = st.composite(_entry)()
FILES = st.dictionaries(
    st.sampled_from(["a", "b", "c-d"]),
    st.fixed_dictionaries(
        {"default_time": st.times().map(lambda at: f"{at:%H:%M}"), "tasks": st.lists(ENTRIES, max_size=5)}
    ),
    min_size=1,
)


def due_by_hand(entry: dict[str, object], day: int, weekday: int, last: bool) -> bool:
    """Tell whether an entry is due, from its words alone."""
    if not entry.get("enabled", True):
        return False
    if entry["schedule"] == "weekly":
        word = str(entry.get("on", entry.get("day_of_week"))).lower()
        return ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][weekday] == word[:3]
    if entry["schedule"] == "monthly":
        wanted = int(str(entry.get("on", entry.get("day_of_month"))))
        return wanted == day or (last and wanted > day)
    return entry["schedule"] == "daily"


@settings(max_examples=40, deadline=None)
@given(FILES)
def test_ten_years_of_any_file_are_what_a_hand_counts(groups: dict[str, dict[str, list[dict[str, object]]]]) -> None:
    schedule = accepted(yaml.safe_dump({"groups": groups}, sort_keys=False))

    assert [group.name for group in schedule.groups] == list(groups)
    pairs = [
        (task, entry)
        for group in schedule.groups
        for task, entry in zip(group.tasks, groups[group.name]["tasks"], strict=True)
    ]
    for year, month, day, weekday, last in TEN_YEARS:
        today = date(year, month, day)
        assert [is_due(task, today) for task, _ in pairs] == [
            due_by_hand(entry, day, weekday, last) for _, entry in pairs
        ]


@settings(max_examples=40, deadline=None)
@given(FILES, st.sampled_from(TEN_YEARS))
def test_the_default_batch_is_what_is_due_and_what_waits_for_releases(
    groups: dict[str, dict[str, list[dict[str, object]]]], day: tuple[int, int, int, int, bool]
) -> None:
    schedule = accepted(yaml.safe_dump({"groups": groups}, sort_keys=False))
    for name, group in groups.items():
        expected = [
            entry["command"]
            for entry in group["tasks"]
            if due_by_hand(entry, *day[2:]) or (entry["schedule"] == "on_release" and entry.get("enabled", True))
        ]
        found = resolve(schedule, "default", group=name, today=date(*day[:3]))
        assert [task.command for _, tasks in found for task in tasks] == expected


@pytest.mark.parametrize("day", range(1, 32))
def test_every_month_has_each_day_once(day: int) -> None:
    task = Task("one", Kind.monthly, day=day)
    for month, length in enumerate(MONTHS, start=1):
        due = [this for this in range(1, length + 1) if is_due(task, date(2026, month, this))]
        assert due == [min(day, length)]


class TestResolve:
    schedule = Schedule(
        (
            group_of(
                daily("one"),
                Task("two", Kind.weekly, weekday=5),
                Task("two", Kind.weekly, weekday=0),
                Task("three", Kind.monthly, day=31),
                Task("three", Kind.monthly, day=27),
                Task("one", Kind.on_release),
                Task("one", Kind.interval, minutes=7),
                Task("two", Kind.daily, enabled=False),
            ),
            group_of(Task("one", Kind.weekly, weekday=5), name="slack"),
        )
    )

    def found(self, kind: str, **flags: object) -> list[tuple[str, list[str]]]:
        found = resolve(self.schedule, kind, today=TODAY, **flags)  # type: ignore[arg-type]
        return [(group.name, [f"{task.command} {task.kind}" for task in tasks]) for group, tasks in found]

    def test_default_is_all_that_the_group_starts_today(self) -> None:
        batch = ["one daily", "two weekly", "three monthly", "one on_release"]
        assert self.found("default", group="github") == [("github", batch)]

    def test_weekly_is_that_day_in_all_groups_in_file_order(self) -> None:
        assert self.found("weekly", day_of_week="SAT") == [("github", ["two weekly"]), ("slack", ["one weekly"])]

    def test_monthly_clamps_the_days_of_the_tasks_to_this_month_but_not_the_day_asked_for(self) -> None:
        assert self.found("monthly", day_of_month=28) == [("github", ["three monthly"])]
        assert self.found("monthly", day_of_month=31) == []

    def test_interval_is_exactly_these_minutes(self) -> None:
        assert self.found("interval", interval_minutes=7) == [("github", ["one interval"])]
        assert self.found("interval", interval_minutes=8) == []

    def test_on_release_is_all_release_tasks(self) -> None:
        assert self.found("on_release") == [("github", ["one on_release"])]

    def test_a_kind_may_be_given_as_one(self) -> None:
        assert self.found(Kind.daily) == [("github", ["one daily"])]

    def test_flags_of_other_kinds_are_not_looked_at(self) -> None:
        assert self.found("daily", day_of_week="noday", day_of_month=99, interval_minutes=0) == self.found("daily")

    def test_an_unknown_group_is_an_error_with_the_nearest_name(self) -> None:
        with pytest.raises(UnknownName, match=r'^The schedule has no group "gihub"; did you mean "github"\?$'):
            self.found("daily", group="gihub")
        with pytest.raises(UnknownName, match=r'^The schedule has no group "x"; there are "github", "slack"\.$'):
            self.found("daily", group="x")

    @pytest.mark.parametrize(
        ("kind", "flags", "message"),
        [
            (
                "weekly",
                {"day_of_week": "notaday"},
                '--day-of-week cannot be "notaday": it is a day such as monday or mon.',
            ),
            ("monthly", {"day_of_month": 0}, "--day-of-month cannot be 0: it is from 1 to 31."),
            ("monthly", {"day_of_month": 32}, "--day-of-month cannot be 32: it is from 1 to 31."),
            ("interval", {"interval_minutes": 181}, "--interval-minutes cannot be 181: it is from 1 to 180."),
            (
                "hourly",
                {},
                '--schedule cannot be "hourly": it is one of daily, weekly, monthly, interval, on_release, default.',
            ),
        ],
    )
    def test_a_value_that_cannot_be_is_an_error_that_names_the_flag(
        self, kind: str, flags: dict[str, object], message: str
    ) -> None:
        with pytest.raises(ScheduleError) as caught:
            self.found(kind, **flags)
        assert str(caught.value) == message


def commands_of(runs: Sequence[Sequence[Task]]) -> list[list[str]]:
    return [[" ".join((task.command, *task.args)) for task in run] for run in runs]


class TestRuns:
    collectors = Collectors("one", "two", "three", pair=("one", "other"))

    def test_a_task_that_asks_for_the_same_again_is_dropped(self) -> None:
        tasks = [daily("one"), daily("two"), daily("one"), Task("one", Kind.on_release), daily("one", "--limit", "3")]
        assert commands_of([distinct(tasks, self.collectors)]) == [["one", "two", "one --limit 3"]]

    def test_options_count_as_they_are_read_not_as_they_are_written(self) -> None:
        tasks = [daily("one", "--limit", "3", "--task", "a"), daily("one", "--task", "a", "--limit", "3")]
        assert distinct(tasks, self.collectors) == tasks[:1]

    def test_two_commands_that_make_the_same_asset_are_both_kept(self) -> None:
        collectors = Collectors(one=("asset",), two=("asset",))
        assert len(distinct([daily("one"), daily("two")], collectors)) == 2

    def test_distinct_assets_are_one_run_in_file_order(self) -> None:
        assert commands_of(passes([daily("two"), daily("one")], self.collectors)) == [["two", "one"]]

    def test_an_asset_that_comes_again_starts_the_next_run(self) -> None:
        tasks = [daily("one"), daily("two"), daily("one", "--limit", "3"), daily("three"), daily("pair")]
        assert commands_of(passes(tasks, self.collectors)) == [["one", "two"], ["one --limit 3", "three"], ["pair"]]

    def test_nothing_due_is_no_run(self) -> None:
        assert passes([], self.collectors) == []

    @given(st.lists(st.sampled_from(["one", "two", "three", "pair"]), max_size=8))
    def test_no_cut_in_order_has_fewer_runs_and_none_repeats_an_asset(self, names: list[str]) -> None:
        tasks = [daily(name, line=line) for line, name in enumerate(names)]
        runs = passes(tasks, self.collectors)

        assert [task for run in runs for task in run] == tasks
        assert all(self._assets_once(run) for run in runs)
        assert len(runs) == self._fewest(tasks)

    def _assets_once(self, run: list[Task]) -> bool:
        assets = [asset for task in run for asset in self.collectors.selects(task.command, task.args).assets]
        return len(assets) == len(set(assets))

    def _fewest(self, tasks: list[Task]) -> int:
        fewest = [0] + [len(tasks)] * len(tasks)
        for end in range(1, len(tasks) + 1):
            starts = [start for start in range(end) if self._assets_once(tasks[start:end])]
            fewest[end] = min(fewest[start] + 1 for start in starts)
        return fewest[-1]

    def test_where_dagster_would_not_keep_the_order_a_run_ends(self) -> None:
        schedule = Schedule((group_of(daily("one"), daily("two")), group_of(daily("two"), daily("one"), name="other")))
        order = places(schedule, self.collectors)

        assert order == {"one": 0, "two": 1}
        runs = [commands_of(passes(group.tasks, self.collectors, order)) for group in schedule.groups]
        assert runs == [[["one", "two"]], [["two"], ["one"]]]

    def test_assets_of_one_place_are_in_no_order_that_could_be_kept(self) -> None:
        parts = [daily("pair", "--task", "a"), daily("other")]
        assert commands_of(passes(parts, Collectors("pair", "other"), {"pair/a": 0, "other": 0})) == [
            ["pair --task a"],
            ["other"],
        ]

    def test_the_place_of_an_asset_is_its_first_enabled_task(self) -> None:
        tasks = (Task("three", Kind.daily, enabled=False), daily("two"), daily("pair"), daily("three"))
        order = places(Schedule((group_of(*tasks),)), self.collectors)
        assert order == {"two": 0, "one": 1, "other": 1, "three": 2}


UPSTREAM = {"report": ("table", "raw"), "table": ("raw",)}


class TestOrderWarnings:
    collectors = Collectors("report", "table", "raw", both=("table", "report"))

    def warnings(self, *tasks: Task) -> list[str]:
        return [w.message for w in order_warnings(Schedule((group_of(*tasks),)), self.collectors, UPSTREAM)]

    def test_a_consumer_before_its_producer_is_told_with_both_names(self) -> None:
        assert self.warnings(daily("report", line=5), daily("table", line=7)) == [
            'report of group "github" reads table, which table makes on line 7; put it after that line'
        ]

    def test_the_other_order_is_right(self) -> None:
        assert self.warnings(daily("raw"), daily("table"), daily("report")) == []

    def test_a_producer_before_it_is_enough(self) -> None:
        assert self.warnings(daily("raw"), daily("table"), daily("raw", "--limit", "3")) == []

    def test_a_task_that_makes_both_needs_no_other(self) -> None:
        assert self.warnings(daily("both"), daily("table")) == []

    def test_two_that_need_each_other_have_no_better_order(self) -> None:
        collectors = Collectors(one=("raw", "report"), two=("table",))
        tasks = (daily("one"), daily("two"))
        assert order_warnings(Schedule((group_of(*tasks),)), collectors, UPSTREAM) == []

    @pytest.mark.parametrize(
        "other",
        [
            Task("raw", Kind.interval, minutes=5),
            Task("raw", Kind.daily, enabled=False),
            Task("raw", Kind.weekly, weekday=1),
            Task("raw", Kind.on_release),
        ],
    )
    def test_what_never_runs_together_is_not_compared(self, other: Task) -> None:
        assert self.warnings(Task("table", Kind.weekly, weekday=0), other) == []

    def test_groups_are_not_compared(self) -> None:
        schedule = Schedule((group_of(daily("table")), group_of(daily("raw"), name="other")))
        assert order_warnings(schedule, self.collectors, UPSTREAM) == []


class TestCalendar:
    schedule = Schedule(
        (
            group_of(daily("one"), Task("two", Kind.interval, minutes=90), Task("three", Kind.on_release), at=time(16)),
            group_of(Task("two", Kind.monthly, day=31), name="monthly", at=time(0, 5)),
            group_of(Task("two", Kind.on_release), name="docs", at=time(0, 5)),
            group_of(Task("two", Kind.daily, enabled=False), name="off"),
        )
    )

    def found(self, start: datetime, days: int) -> list[tuple[str, str, int, int, int | None]]:
        return [
            (f"{each.at:%d %H:%M}", each.group.name, len(each.tasks), len(each.on_release), each.minutes)
            for each in calendar(self.schedule, start, days)
        ]

    def test_it_is_in_the_order_of_time_and_then_of_the_file(self) -> None:
        day = self.found(datetime(2026, 2, 28, tzinfo=UTC), 1)

        assert day == sorted(day, key=lambda entry: entry[0])
        assert [entry for entry in day if entry[4] is None] == [
            ("28 00:05", "monthly", 1, 0, None),
            ("28 00:05", "docs", 0, 1, None),
            ("28 16:00", "github", 1, 1, None),
        ]
        assert [entry[0] for entry in day if entry[4] == 90][:3] == ["28 00:00", "28 01:30", "28 03:00"]
        assert len(day) == 3 + 16

    def test_it_starts_and_ends_at_the_minute(self) -> None:
        start = datetime(2026, 2, 28, 0, 5, tzinfo=UTC)
        assert self.found(start, 1)[0][:2] == ("28 00:05", "monthly")
        assert self.found(start + timedelta(seconds=1), 1)[-1][:2] == ("01 00:05", "docs")
        assert self.found(start, 0) == self.found(start, -3) == []

    @given(st.integers(0, 2000), st.integers(0, 4))
    def test_days_joined_are_the_same_as_days_at_once(self, minutes: int, days: int) -> None:
        start = datetime(2026, 2, 27, tzinfo=UTC) + timedelta(minutes=minutes)
        joined = [each for day in range(days) for each in self.found(start + timedelta(days=day), 1)]
        assert joined == self.found(start, days)

    def test_the_last_day_that_python_knows_is_no_error(self) -> None:
        assert self.found(datetime(9999, 12, 31, 23, tzinfo=UTC), 10**12) == []
        assert self.found(datetime(9999, 12, 31, 15, tzinfo=UTC), 7)
