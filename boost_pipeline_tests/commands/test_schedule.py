"""`boost-pipeline schedule`: the calendar."""

import json
import subprocess
import sys
from datetime import UTC, datetime

from boost_pipeline.commands.schedule import print_calendar
from boost_pipeline.settings import Settings
from boost_pipeline_tests.commands.process import ROOT

GROUPS = """
  "[new]":
    default_time: "00:05"
    tasks:
      - {command: collect_boost_libraries, schedule: on_release}
      - {command: run_boost_github_activity_tracker, schedule: interval, minutes: 15, args: [--library, asio]}
      - {command: run_cppa_slack_tracker, schedule: daily}
  catalogue:
    default_time: "16:20"
    tasks:
      - {command: run_boost_library_tracker, schedule: monthly, on: 31, args: [--all-versions]}
      - {command: run_boost_library_tracker, schedule: weekly, on: mon}
      - {command: run_boost_library_tracker, schedule: daily, enabled: false}
"""


def test_the_calendar_names_time_group_and_tasks_and_what_repeats_once(offline, schedule_file, tmp_path):
    result = offline("schedule", "--at", "2026-02-28", "--days", "3", **schedule_file(GROUPS))

    assert result.returncode == 0, result.stderr
    assert [" ".join(line.split()) for line in result.stdout.splitlines()] == [
        "time (UTC) group tasks",
        "every day at 00:05 [new] collect_boost_libraries (each new release)",
        "2026-02-28 … 2026-03-02",
        "Sat 2026-02-28 16:20 catalogue run_boost_library_tracker --all-versions",
        "Mon 2026-03-02 16:20 catalogue run_boost_library_tracker",
        "",
        "interval group tasks",
        "every 15 min [new] run_boost_github_activity_tracker --library asio",
    ]
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert result.stderr.count("Warning: ") == 1
    assert "run_cppa_slack_tracker has no collector here yet" in result.stderr
    assert not (tmp_path / "home").exists()


def told(capsys, file, days):
    print_calendar(Settings.model_validate(file), datetime(2026, 2, 1, tzinfo=UTC), days, as_json=False)
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()[1:]]


def test_days_that_differ_are_exceptions_of_those_that_are_equal(schedule_file, capsys):
    file = schedule_file("""
  one:
    default_time: "06:00"
    tasks:
      - {command: run_export, schedule: monthly, on: 14}
      - {command: run_boost_library_tracker, schedule: daily}
""")

    assert told(capsys, file, 28) == [
        "every day at 06:00 one run_boost_library_tracker",
        "2026-02-01 … 2026-02-28",
        "but not 2026-02-14",
        "Sat 2026-02-14 06:00 one run_export",
        "run_boost_library_tracker",
    ]


def test_equal_weeks_are_one_block_and_two_equal_days_are_both_named(schedule_file, capsys):
    file = schedule_file("""
  one:
    default_time: "06:00"
    tasks:
      - {command: run_export, schedule: weekly, on: tue}
""")

    assert told(capsys, file, 28) == ["every Tuesday at 06:00 one run_export", "2026-02-03 … 2026-02-24"]
    assert told(capsys, file, 14) == ["Tue 2026-02-03 06:00 one run_export", "Tue 2026-02-10 06:00"]


def test_a_script_gets_the_same_as_json(offline, schedule_file):
    result = offline("schedule", "--at", "2026-02-28T16:00", "--days", "1", "--json", **schedule_file(GROUPS))

    told = json.loads(result.stdout)
    assert [(each["at"], each["group"]) for each in told["occurrences"]] == [
        ("2026-02-28T16:20:00+00:00", "catalogue"),
        ("2026-03-01T00:05:00+00:00", "[new]"),
    ]
    assert told["occurrences"][0]["tasks"] == [
        {"command": "run_boost_library_tracker", "schedule": "monthly", "args": ["--all-versions"]}
    ]
    assert told["occurrences"][1]["on_release"] == [{"command": "collect_boost_libraries", "args": []}]
    assert [(each["minutes"], each["at"]) for each in told["intervals"]] == [(15, "2026-02-28T16:00:00+00:00")]
    assert len(told["warnings"]) == 1


def test_a_calendar_without_anything_says_so(offline, schedule_file):
    result = offline("schedule", "--at", "2026-02-28", **schedule_file('  idle: {default_time: "00:05", tasks: []}\n'))

    assert (result.returncode, result.stdout) == (0, "Nothing is due in 7 days from 2026-02-28 00:00 UTC.\n")


def test_mistakes_of_the_file_are_all_told_with_their_lines(offline, schedule_file):
    result = offline("schedule", **schedule_file("  github:\n    default_time: 16:10\n    tasks: 7\n"))

    assert result.returncode == 1
    assert "schedule.yaml:3:" in result.stderr
    assert "schedule.yaml:4:" in result.stderr


def test_long_names_and_arguments_still_fit_eighty_columns(schedule_file, capsys):
    group = "g" * 60
    file = schedule_file(
        f'  {group}: {{default_time: "00:05", tasks: [{{command: run_boost_github_activity_tracker, schedule: daily, '
        f"args: [--library, {'x' * 90}]}}]}}\n"
    )

    print_calendar(Settings.model_validate(file), datetime(2026, 1, 1, tzinfo=UTC), 1, as_json=False)

    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= 80
    assert "".join(told.split()).count("x") >= 90


def test_the_calendar_needs_no_dagster():
    code = "import sys\nfrom boost_pipeline.cli import main\nmain(['schedule'], standalone_mode=False)\n"
    code += "sys.exit('dagster' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True).returncode == 0
