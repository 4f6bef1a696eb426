"""Reading a schedule file: what works, what is refused with which words, and that nothing breaks it."""

from collections.abc import Sequence
from datetime import time
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from boost_pipeline.errors import ScheduleError
from boost_pipeline.scheduling.marked_yaml import MAX_SIZE, MAX_VALUES
from boost_pipeline.scheduling.schedule import Kind, Task
from boost_pipeline.scheduling.schedule_file import GROUP_KEYS, TASK_KEYS, parse_schedule, read_schedule
from boost_pipeline_tests.scheduling.worlds import ANY, Collectors, Selected, accepted, refused, task_file

GOOD = task_file("command: one", "schedule: weekly", "on: monday", "enabled: true", 'args: ["--limit", "3"]')


def only_task(*lines: str) -> Task:
    ((task,),) = (group.tasks for group in accepted(task_file("command: one", *lines)).groups)
    return task


def problem_of(*lines: str) -> str:
    (problem,) = refused(task_file("command: one", *lines))
    return problem


class TestReadsMoreThanTheLetterOfYaml:
    @pytest.mark.parametrize("key", ["on", "On", "ON", '"on"', "day_of_week"])
    def test_on_needs_no_quotes(self, key: str) -> None:
        assert only_task("schedule: weekly", f"{key}: friday").weekday == 4

    @pytest.mark.parametrize("key", ["on", "'on'", "day_of_month"])
    def test_on_of_a_monthly_task_needs_no_quotes(self, key: str) -> None:
        assert only_task("schedule: monthly", f"{key}: 15").day == 15

    @pytest.mark.parametrize(
        ("written", "weekday"),
        [("Monday", 0), ("TUE", 1), ("wed", 2), ("tHu", 3), ("friday", 4), ('" Sat "', 5), ("sunday", 6)],
    )
    def test_a_weekday_is_a_name_or_three_letters_in_any_case(self, written: str, weekday: int) -> None:
        assert only_task("schedule: weekly", f"on: {written}").weekday == weekday

    @pytest.mark.parametrize(("written", "number"), [("15", 15), ('"15"', 15), ("+15", 15), ('" 015 "', 15), ("08", 8)])
    def test_a_number_may_be_text(self, written: str, number: int) -> None:
        assert only_task("schedule: monthly", f"on: {written}").day == number
        assert only_task("schedule: interval", f"minutes: {written}").minutes == number

    @pytest.mark.parametrize(("word", "enabled"), [("yes", True), ("On", True), ("no", False), ("FALSE", False)])
    def test_booleans_are_those_of_yaml_1_1(self, word: str, enabled: bool) -> None:
        assert only_task("schedule: daily", f"enabled: {word}").enabled is enabled

    @pytest.mark.parametrize("empty", ["", "null", "~", '""'])
    def test_an_empty_on_gives_way_to_day_of_week(self, empty: str) -> None:
        assert only_task("schedule: weekly", f"on: {empty}", "day_of_week: sun").weekday == 6

    def test_anchors_and_merges_work_and_own_keys_win(self) -> None:
        text = (
            "groups:\n  a: &a\n    default_time: '01:00'\n    tasks:\n      - &daily {command: one, schedule: daily}\n"
            "      - <<: *daily\n        command: two\n  b:\n    <<: [{default_time: '02:00'}, *a]\n"
        )
        a, b = accepted(text).groups
        assert [task.command for task in a.tasks] == ["one", "two"]
        assert (b.default_time, b.tasks) == (time(2), a.tasks)

    def test_a_byte_order_mark_is_no_part_of_the_text(self, tmp_path: Path) -> None:
        path = tmp_path / "schedule.yaml"
        path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
        assert read_schedule(path, ANY) == accepted(GOOD)

    def test_groups_and_tasks_keep_the_order_of_the_file_and_an_empty_group_stays(self) -> None:
        text = "groups:\n  z: {default_time: '23:59', tasks: []}\n" + GOOD.removeprefix("groups:\n")
        assert [group.name for group in accepted(text).groups] == ["z", "github"]

    def test_a_group_may_stop_on_failure(self) -> None:
        text = task_file("command: one", "schedule: daily", before='default_time: "00:00"\n    stop_on_failure: true')
        assert accepted(text).groups[0].stop_on_failure
        assert not accepted(GOOD).groups[0].stop_on_failure

    def test_the_same_command_may_stand_several_times(self) -> None:
        text = task_file("command: one", "schedule: daily") + "      - {command: one, schedule: daily}\n"
        assert [task.command for task in accepted(text).groups[0].tasks] == ["one", "one"]


class TestRefusesWhatThePredecessorLetsPass:
    def test_an_unquoted_time_that_yaml_reads_as_a_number(self) -> None:
        text = task_file("command: one", "schedule: daily", before="default_time: 16:10")
        mend = 'default_time of group "github" is read by YAML as the number 970; quote it: "16:10"'
        assert refused(text) == [f"3:19: {mend}"]

    @pytest.mark.parametrize(
        ("written", "meant"), [("4:5", "04:05"), ("+4:10", "04:10"), ("04: 10", "04:10"), ("04:10\\n", "04:10")]
    )
    def test_a_time_that_is_not_two_digits_each_is_told_as_it_should_be(self, written: str, meant: str) -> None:
        text = task_file("command: one", "schedule: daily", before=f'default_time: "{written}"')
        assert refused(text) == [f'3:19: default_time "{written}" of group "github" is no time of day; write "{meant}"']

    @pytest.mark.parametrize("written", ["16:10:10", "1_6:10", "960", '!!int "_:x"', "2026-01-01", "[]", ""])
    def test_a_time_that_is_no_text_for_other_reasons(self, written: str) -> None:
        text = task_file("command: one", "schedule: daily", before=f"default_time: {written}")
        (problem,) = refused(text)
        assert 'default_time of group "github" must be text, not ' in problem

    @pytest.mark.parametrize("written", ["24:00", "04:10:00", "04:60", "0410", "٠٤:١٠", "04-10", "noon"])
    def test_a_time_that_is_none(self, written: str) -> None:
        text = task_file("command: one", "schedule: daily", before=f'default_time: "{written}"')
        (problem,) = refused(text)
        assert 'is no time of day; write it as "HH:MM", from "00:00" to "23:59"' in problem

    @pytest.mark.parametrize(
        ("written", "read"),
        [
            (".inf", "the number .inf"),
            ("-.INF", "the number -.INF"),
            (".nan", "the number .nan"),
            ("1.9", "the number 1.9"),
            ("1e3", 'the text "1e3"'),
            ("true", "the boolean true"),
            ("yes", "the boolean yes"),
            ("015", "the number 015"),
            ("0x1F", "the number 0x1F"),
            ("0b11", "the number 0b11"),
            ("1_0", "the number 1_0"),
            ("1:30", "the number 1:30"),
            ('"1_0"', 'the text "1_0"'),
            ('"1.0"', 'the text "1.0"'),
            ('"٣"', 'the text "٣"'),
            ("2026-01-01", "the date 2026-01-01"),
            ("[1]", "a list"),
            ("{1: 2}", "a mapping"),
            ("null", "nothing"),
            ("", "nothing"),
            ('!!int "x"', "the number x"),
            ("!mine 3", "the tagged value 3"),
            ("!!set {a}", 'a mapping with the tag "tag:yaml.org,2002:set"'),
        ],
    )
    def test_a_number_that_is_not_written_in_plain_digits(self, written: str, read: str) -> None:
        for lines, what in [
            (("schedule: monthly", f'"on": {written}'), "the day of the month"),
            (("schedule: interval", f"minutes: {written}"), "minutes"),
        ]:
            assert f"{what} of one" in problem_of(*lines)
            assert problem_of(*lines).endswith(f"in plain digits, not {read}")

    @pytest.mark.parametrize("written", ["0", "-1", "-0", "181", '"000"', '"0181"', "9" * 5000, "'" + "9" * 5000 + "'"])
    def test_a_number_outside_its_range(self, written: str) -> None:
        assert "minutes of one" in problem_of("schedule: interval", f"minutes: {written}")
        assert "must be from 1 to 180, not " in problem_of("schedule: interval", f"minutes: {written}")

    @pytest.mark.parametrize("written", ["true", "no", "0", "[]", "{}", "[monday, friday]", "1", "monday friday"])
    def test_a_weekday_that_is_none(self, written: str) -> None:
        problem = problem_of("schedule: weekly", f"on: {written}")
        assert 'the day of the week of one (tasks[0] of group "github") cannot be ' in problem

    @pytest.mark.parametrize(
        ("written", "near"), [("tues", "tuesday"), ("thurs", "thursday"), ("wendsday", "wednesday")]
    )
    def test_a_weekday_that_is_nearly_one(self, written: str, near: str) -> None:
        assert problem_of("schedule: weekly", f"on: {written}").endswith(f"; did you mean {near}?")

    def test_a_null_on_of_a_monthly_task_does_not_give_way_as_in_the_predecessor(self) -> None:
        assert problem_of("schedule: monthly", "on: null", "day_of_month: 3").endswith("in plain digits, not nothing")

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("group: {}\n", '1:1: the file has the unknown key "group"; did you mean groups?'),
            ("1: 2\n" + GOOD, '1:1: the file has the unknown key "1"; the keys are groups'),
            (
                GOOD.replace("tasks:", "task:"),
                '4:5: group "github" has the unknown key "task"; did you mean tasks?',
            ),
            (
                GOOD.replace("command:", "comand:"),
                '5:9: tasks[0] of group "github" has the unknown key "comand"; did you mean command?',
            ),
            (
                GOOD + "        retries: 3\n",
                '10:9: tasks[0] of group "github" has the unknown key "retries"; the keys are ',
            ),
            (GOOD + "        [on]: 3\n", "10:9: a key must be a word, not a list"),
            (GOOD + "        yes: 3\n", '10:9: tasks[0] of group "github" has the unknown key "yes"; '),
        ],
    )
    def test_an_unknown_key(self, text: str, problem: str) -> None:
        (found,) = refused(text)
        assert found.startswith(problem)

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            (GOOD + GOOD, '10:1: the key "groups" stands here again after line 1; keep one of the two'),
            (GOOD + "  github: {}\n", '10:3: the key "github" stands here again after line 2; keep one of the two'),
            (GOOD + "    tasks: []\n", '10:5: the key "tasks" stands here again after line 4; keep one of the two'),
            (GOOD + "        on: 3\n", '10:9: the key "on" stands here again after line 7; keep one of the two'),
            (GOOD + '        "on": 3\n', '10:9: the key "on" stands here again after line 7; keep one of the two'),
        ],
    )
    def test_a_key_that_comes_twice(self, text: str, problem: str) -> None:
        assert refused(text) == [problem]

    @pytest.mark.parametrize(("key", "kind"), [("1", "number 1"), ("true", "boolean true"), ("null", "nothing")])
    def test_the_name_of_a_group_that_yaml_does_not_read_as_text(self, key: str, kind: str) -> None:
        (problem,) = refused(task_file("command: one", "schedule: daily", group=key))
        assert problem.startswith("2:3: the name of a group must be text, not ")
        assert kind in problem
        assert problem.endswith(f'; quote it: "{key}"')

    def test_a_command_that_does_not_exist(self) -> None:
        text = 'groups: {g: {default_time: "00:00", tasks: [{command: " one", schedule: daily}]}}'
        assert refused(text) == ['1:55: tasks[0] of group "g" names the unknown collector " one"; did you mean one?']

    def test_arguments_that_the_command_does_not_take(self) -> None:
        assert problem_of("schedule: daily", 'args: ["--nope"]') == "7:15: one has no option --nope."

    @pytest.mark.parametrize("character", ["\\0", "\\ud800"])
    def test_a_character_that_no_process_and_no_database_takes(self, character: str) -> None:
        problem = problem_of("schedule: daily", f'args: ["--limit", "3{character}"]')
        assert problem.endswith("holds a character that no program takes as an argument; remove it")

    def test_a_disabled_task_is_checked_too(self) -> None:
        assert problem_of("schedule: daily", "enabled: false", 'args: ["--nope"]').endswith("has no option --nope.")
        assert problem_of("schedule: interval", "enabled: false", "minutes: 0").endswith("from 1 to 180, not 0")


class TestTellsAllProblemsAtOnce:
    def test_each_with_line_and_column_in_the_order_of_the_file(self) -> None:
        text = task_file(
            "command: onne", "schedule: dayly", "enabled: 1", "args: [1, two, 3.0]", before="default_time: x"
        )
        assert [problem.split(" of ")[0] for problem in refused(text + "  other: []\n")] == [
            '3:19: default_time "x"',
            "5:18: tasks[0]",
            "6:19: schedule",
            "7:18: enabled",
            "8:16: args[0]",
            "8:24: args[2]",
            '9:10: group "other" must be a mapping, not a list',
        ]

    def test_a_misspelt_key_is_not_reported_as_missing_too(self) -> None:
        (problem,) = refused(GOOD.replace("on: monday", "onn: monday"))
        assert problem == '7:9: tasks[0] of group "github" has the unknown key "onn"; did you mean on?'

    def test_a_mistake_that_aliases_repeat_is_told_once_and_in_its_place(self) -> None:
        text = "groups:\n  a: &a {tasks: []}\n  b: *a\n  c: []\n  <<: {d: {default_time: x, tasks: []}}\n"
        problems = refused(text)
        assert [problem.split(" ")[0] for problem in problems] == ["2:6:", "2:6:", "4:6:", "5:26:"]
        merged = refused("groups:\n  a: {default_time: '00:00', tasks: [&t {<<: 1}, *t]}\n")
        assert len([problem for problem in merged if "<< takes a mapping" in problem]) == 1

    def test_the_error_carries_them_and_names_the_file(self, tmp_path: Path) -> None:
        path = tmp_path / "other.yaml"
        path.write_text("groups: {a: 1, b: 2}")
        with pytest.raises(ScheduleError) as caught:
            read_schedule(path, ANY)
        first, second = caught.value.problems
        assert first == (1, 13, 'group "a" must be a mapping, not the number 1')
        assert str(caught.value).splitlines()[1] == f"{path}:1:19: {second[2]}"

    def test_below_the_current_folder_the_file_is_named_from_there(self, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
        monkeypatch.chdir(tmp_path)
        (tmp_path / "schedule.yaml").write_text("[]")
        with pytest.raises(ScheduleError, match=r"^schedule\.yaml:1:1: "):
            read_schedule(tmp_path / "schedule.yaml", ANY)


class TestWarns:
    def test_of_a_command_that_has_no_collector_yet_and_leaves_its_task_out(self) -> None:
        text = task_file("command: later", "schedule: daily", 'args: ["--anything"]')
        schedule = accepted(text + "      - {command: one, schedule: daily}\n")
        assert [task.command for task in schedule.groups[0].tasks] == ["one"]
        assert schedule.warnings == (
            (5, 18, "later has no collector here yet; the task is left out until there is one"),
        )

    def test_but_the_rest_of_such_a_task_is_checked(self) -> None:
        assert refused(task_file("command: later", "schedule: weekly"))

    @pytest.mark.parametrize(
        "lines",
        [
            ("schedule: daily", "on: monday"),
            ("schedule: weekly", "on: monday", "minutes: 5"),
            ("schedule: weekly", "on: monday", "day_of_month: x"),
            ("schedule: monthly", "on: 3", "day_of_week: monday"),
            ("schedule: interval", "minutes: 5", "on: monday"),
            ("schedule: on_release", "minutes: 5"),
        ],
    )
    def test_of_a_key_that_the_schedule_does_not_use(self, lines: tuple[str, ...]) -> None:
        key = lines[-1].partition(":")[0]
        (warning,) = accepted(task_file("command: one", *lines)).warnings
        assert warning.message.startswith(f'{key} of one (tasks[0] of group "github") is not read')

    @pytest.mark.parametrize(
        ("lines", "alias"),
        [
            (("schedule: weekly", "on: monday", "day_of_week: friday"), "day_of_week"),
            (("schedule: monthly", "on: 3", "day_of_month: 4"), "day_of_month"),
        ],
    )
    def test_of_two_keys_that_say_when_and_takes_on(self, lines: tuple[str, ...], alias: str) -> None:
        task, (warning,) = only_task(*lines), accepted(task_file("command: one", *lines)).warnings
        assert (task.weekday, task.day) in {(0, None), (None, 3)}
        assert (
            warning.message == f'{alias} of one (tasks[0] of group "github") is not read beside on; remove one of them'
        )


class TestJobs:
    @pytest.mark.parametrize(
        ("name", "job"),
        [
            ("github", "github"),
            ("boost-docs", "boost_docs"),
            ("My group", "My_group"),
            ("config", "config_"),
            ("1", "1"),
        ],
    )
    def test_a_group_keeps_its_name_and_gets_a_job_that_dagster_takes(self, name: str, job: str) -> None:
        (group,) = accepted(task_file("command: one", "schedule: daily", group=f'"{name}"')).groups
        assert (group.name, group.job_name, group.release_job_name) == (name, job, f"{job}_on_release")

    def test_no_name_is_one_that_dagster_refuses(self) -> None:
        from dagster._core.definitions.utils import DISALLOWED_NAMES, check_valid_name

        for name in [*DISALLOWED_NAMES, "a b", "ü", "a/b", "\n.", "0"]:
            text = yaml.safe_dump({"groups": {name: {"default_time": "00:00", "tasks": []}}})
            (group,) = accepted(text).groups
            assert check_valid_name(group.job_name) == group.job_name

    def test_two_groups_with_one_job_are_refused(self) -> None:
        text = GOOD + "  git_hub: {default_time: '00:00', tasks: []}\n  git-hub: {default_time: '00:00', tasks: []}\n"
        assert refused(text) == [
            '11:3: the groups "git_hub" and "git-hub" both make the Dagster job git_hub; rename one'
        ]

    def test_so_are_a_group_and_the_release_job_of_another(self) -> None:
        text = (
            task_file("command: one", "schedule: on_release")
            + "  github_on_release: {default_time: '00:00', tasks: []}\n"
        )
        assert len(refused(text)) == 1
        assert len(accepted(text.replace("schedule: on_release", "schedule: daily")).groups) == 2


class TestFilesThatCannotBeRead:
    @pytest.mark.parametrize("name", ["absent.yaml", ".", "absent/schedule.yaml"])
    def test_a_missing_file_or_a_folder(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(ScheduleError, match=r"^The schedule file .* cannot be read: [A-Z].*\.$"):
            read_schedule(tmp_path / name, ANY)

    def test_a_file_that_is_not_utf_8_is_told_where(self, tmp_path: Path) -> None:
        path = tmp_path / "schedule.yaml"
        path.write_bytes(b"\xef\xbb\xbfgroups:\n  # f\xc3\xbcr \xff\n")
        with pytest.raises(
            ScheduleError, match=r"schedule\.yaml:2:9: the byte 0xff is not UTF-8; save the file as UTF-8$"
        ):
            read_schedule(path, ANY)

    def test_a_device_without_end_is_not_read_for_ever(self) -> None:
        with pytest.raises(ScheduleError, match="larger than 256 KiB"):
            read_schedule(Path("/dev/zero"), ANY)

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("groups: [", "1:10: YAML cannot be read here: while parsing a flow node"),
            (
                "groups:\n\t- a",
                "2:1: YAML cannot be read here: while scanning for the next token, found character '\\t'",
            ),
            ("a: b\n c: d", "2:3: YAML cannot be read here: mapping values are not allowed here"),
            ("a: *b", "1:4: YAML cannot be read here: found undefined alias 'b'"),
            ("a: 1\n---\nb: 2", "2:1: YAML cannot be read here: expected a single document"),
            ("a: 1\nb: \x07", "2:4: the character 0x7 has no place in a YAML file; remove it"),
            ('a: "\\UFFFFFFFF"', "1:7: YAML cannot be read here: "),
            (f"%YAML 1.{'9' * 5000}\n---\na", "1:"),
        ],
    )
    def test_broken_yaml_is_told_with_line_and_column(self, text: str, problem: str) -> None:
        (found,) = refused(text)
        assert found.startswith(problem)


LETTERS = "abcdefghijklmno"


class TestFilesThatWouldBreakAReader:
    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("[" * MAX_SIZE, id="deep brackets"),
            pytest.param("? " * 9000, id="deep keys"),
            pytest.param("- " * 9000, id="deep lists"),
            pytest.param("[" + "1," * MAX_VALUES + "]", id="many values"),
            pytest.param("x" * (MAX_SIZE + 1), id="large"),
            pytest.param("a: 1\n" * 9000, id="one key many times"),
            pytest.param("".join(f"k{number}: 1\n" for number in range(9000)), id="many keys"),
            pytest.param("&a [*a]", id="a list in itself"),
            pytest.param("groups: &a\n  b: *a", id="a mapping in itself"),
            pytest.param("groups: &a\n  <<: *a", id="a mapping merged into itself"),
            pytest.param("groups: &a {<<: [*a, *a]}", id="a mapping merged into itself twice"),
        ],
    )
    def test_they_are_refused_at_once(self, text: str) -> None:
        assert refused(text)

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(
                "groups: {<<: [&a {k: 1}, "
                + ", ".join(f"&{b} {{<<: [{', '.join(['*' + a] * 9)}]}}" for a, b in pairwise(LETTERS))
                + "]}",
                id="a billion merges",
            ),
            pytest.param(
                f"<<: [&a {{<<: [{'1,' * 200}]}}, {'*a, ' * 200}]",
                id="a billion merges of nothing",
            ),
            pytest.param(
                "groups:\n  a: &g\n    default_time: '00:00'\n    tasks:\n"
                f"      - &k {{command: one, schedule: daily, args: [{'x,' * 999}x]}}\n"
                + "      - *k\n" * 999
                + "".join(f"  g{number}: *g\n" for number in range(999)),
                id="a billion arguments",
            ),
        ],
    )
    def test_aliases_count_each_time_they_are_used(self, text: str) -> None:
        assert "more than 20000 values, aliases counted each time" in "".join(refused(text))

    def test_too_many_values_are_counted_before_they_are_all_in_memory(self) -> None:
        (problem,) = refused("[" + "1," * MAX_VALUES + "]")
        assert "more than 20000 values" in problem

    def test_two_thousand_tasks_are_a_schedule(self) -> None:
        text = task_file("command: one", "schedule: daily") + "      - {command: two, schedule: daily}\n" * 1999
        assert len(accepted(text).groups[0].tasks) == 2000


def ends_well(text: str) -> None:
    """Hold that a text is a schedule, or is refused in lines that any terminal can print."""
    try:
        parse_schedule(text, ANY)
    except ScheduleError:
        assert all(line.encode() for line in refused(text))


WORDS = st.sampled_from([*GROUP_KEYS, *TASK_KEYS, *(kind.value for kind in Kind), "groups", "one", "later", "16:10"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates() | WORDS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=5),
    max_leaves=20,
)
YAML = st.text("abon:-[]{}&*<>!|%@#?,'\"\\ \n\t0123456789.~=éü\x85\u2028\ud800\x00", max_size=60)


class TestWildInput:
    @given(st.binary(max_size=200))
    def test_no_bytes_break_it(self, tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
        path = tmp_path_factory.getbasetemp() / "wild.yaml"
        path.write_bytes(data)
        with pytest.raises(ScheduleError):  # no random bytes are a schedule
            read_schedule(path, ANY)

    @given(YAML | st.text(max_size=60))
    @example("groups: !!binary x")
    @example('? "\\x00"\n: 1')
    def test_no_text_breaks_it(self, text: str) -> None:
        ends_well(text)

    @given(VALUES)
    def test_no_value_breaks_it(self, value: object) -> None:
        ends_well(yaml.safe_dump(value))
        ends_well(yaml.safe_dump({"groups": {"a": {"default_time": "00:00", "tasks": [value]}, "b": value}}))

    @settings(max_examples=300)
    @given(st.integers(0, len(GOOD)), st.integers(0, 12), YAML)
    def test_no_slip_of_the_hand_breaks_it(self, start: int, length: int, inserted: str) -> None:
        ends_well(GOOD[:start] + inserted + GOOD[start + length :])

    def test_an_error_of_ours_is_not_taken_for_one_of_the_file(self) -> None:
        class Broken(Collectors):
            def selects(self, command: str, args: Sequence[str]) -> Selected:
                raise KeyError(command, args)

        with pytest.raises(KeyError):
            parse_schedule(GOOD, Broken("one"))


def test_kinds_are_the_words_of_the_file() -> None:
    assert list(Kind) == ["daily", "weekly", "monthly", "interval", "on_release"]
