"""Log lines and tables."""

import json
import logging

from boost_pipeline.commands.report import Outcome, Report, print_report, unit_lines
from boost_pipeline.commands.terminal import JsonLines
from boost_pipeline.scheduling.run_errors import UnitError


def test_a_json_line_has_time_level_message_and_the_fields_that_were_given():
    record = logging.makeLogRecord(
        {"levelname": "INFO", "created": 0.25, "msg": "%s: started", "args": ("a\nb",), "task": "a", "other": 1}
    )

    assert json.loads(JsonLines().format(record)) == {
        "time": "1970-01-01T00:00:00.250+00:00",
        "level": "info",
        "message": "a\nb: started",
        "task": "a",
    }
    assert "\n" not in JsonLines().format(record)


def test_an_exception_is_told_within_the_line():
    error = ValueError("reason")
    record = logging.LogRecord("x", logging.ERROR, "", 1, "failed", (), (type(error), error, None))

    assert "ValueError: reason" in json.loads(JsonLines().format(record))["exception"]


def test_a_failed_task_logs_its_end_and_each_error_by_itself(caplog):
    Report().add(Outcome("task", "failed", 1.5, 7, ("one", "two"), "id", "group", "boost-1.90.0"))

    assert [record.getMessage() for record in caplog.records] == [
        "task boost-1.90.0: failed in 1.5 s, 7 rows written",
        "task boost-1.90.0: one",
        "task boost-1.90.0: two",
    ]
    assert {(record.task, record.group, record.release, record.run_id) for record in caplog.records} == {
        ("task", "group", "boost-1.90.0", "id")
    }


def test_an_error_that_meets_several_tasks_is_told_once(caplog):
    report = Report()
    report.add(Outcome("a", "failed", errors=("no answer", "no token")))
    report.add(Outcome("b", "failed", errors=("no token", "no disk")))
    report.add(Outcome("c", "failed", errors=("no answer",)))

    told = [record.getMessage() for record in caplog.records if " failed in " not in record.getMessage()]
    assert told == ["a: no answer", "a: no token", "b: no disk", "c: for a reason that is told above"]


def test_each_asset_names_its_failed_units_and_each_error_is_one_line():
    failed = [
        UnitError("a/b", "asio", "asio: gone."),
        UnitError("a/c", "asio", "asio: gone."),
        UnitError("a/c", "config", "too large."),
    ]

    assert list(unit_lines(failed)) == [
        "a/b: failed units: asio",
        "a/c: failed units: asio, config",
        "asio: gone.",
        "config: too large.",
    ]


def test_of_many_failed_units_the_first_are_told_and_how_many_more_there_are():
    lines = list(unit_lines([UnitError("a/b", f"unit{n}", "no answer") for n in range(12)]))

    assert lines[0].endswith("unit9 … and 2 more")
    assert lines[-1] == "… and 2 more errors; `boost-pipeline status` tells all"
    assert len(lines) == 12


def test_the_summary_points_at_the_reasons_without_telling_them_again(capsys, caplog):
    print_report(Report([Outcome("a", "failed", errors=("no token",)), Outcome("b", "skipped", errors=("a failed",))]))

    assert [record.getMessage() for record in caplog.records] == [
        "1 failed task: the reason is above, and in `boost-pipeline status`"
    ]
    assert "no token" not in capsys.readouterr().out


def test_the_summary_has_the_release_only_where_there_is_one(capsys):
    print_report(Report([Outcome("a", "succeeded", 1.0, 1234)]))
    without = capsys.readouterr().out
    print_report(Report([Outcome("a", "succeeded"), Outcome("b", "skipped", release="boost-1.90.0")]))

    assert "release" not in without
    assert "1,234" in without
    assert capsys.readouterr().out.splitlines()[2].split() == ["b", "skipped", "0.0", "s", "0", "1.90.0"]


def test_a_batch_succeeded_if_no_task_failed_or_was_skipped():
    assert Report([Outcome("a", "succeeded"), Outcome("b", "no release")]).succeeded
    assert not Report([Outcome("a", "succeeded"), Outcome("b", "skipped")]).succeeded
    assert not Report([Outcome("a", "failed")]).succeeded


def test_the_summary_of_a_release_day_fits_eighty_columns(capsys):
    names = ("run_boost_github_activity_tracker", "collect_boost_libraries")
    print_report(
        Report([Outcome(names[0], "no release", 59.9, 10**6), Outcome(names[1], "failed", release="boost-1.90.0")])
    )

    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines[1:]] == list(names)
