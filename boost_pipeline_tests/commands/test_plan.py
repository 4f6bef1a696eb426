"""Which jobs the flags of `run` mean."""

import textwrap

from boost_pipeline.collectors.registry import Commands
from boost_pipeline.commands.plan import jobs_of, jobs_of_all
from boost_pipeline.scheduling.schedule_file import parse_schedule

SCHEDULE = parse_schedule(
    textwrap.dedent(
        """
        groups:
          first:
            default_time: "00:05"
            stop_on_failure: true
            tasks:
              - {command: collect_boost_libraries, schedule: on_release}
              - {command: collect_boost_libraries, schedule: daily}
              - {command: collect_boost_libraries, schedule: daily}
              - {command: collect_boost_libraries, schedule: daily, args: [--limit, "3"]}
              - {command: run_boost_library_tracker, schedule: daily, enabled: false}
          second:
            default_time: "01:05"
            tasks:
              - {command: collect_boost_libraries, schedule: weekly, on: monday}
              - {command: run_boost_github_activity_tracker, schedule: interval, minutes: 7}
        """
    ),
    Commands(),
)


def told(jobs):
    return [(job.group, job.command, job.args, job.on_release) for job in jobs]


def test_of_equal_tasks_of_a_group_one_runs_and_what_waits_for_releases_does_not_stand_in_for_it():
    first = SCHEDULE.groups[0]

    assert told(jobs_of([(first, first.enabled())], Commands())) == [
        ("first", "collect_boost_libraries", (), True),
        ("first", "collect_boost_libraries", (), False),
        ("first", "collect_boost_libraries", ("--limit", "3"), False),
    ]


def test_all_means_each_enabled_task_of_the_file_once_in_its_order():
    assert told(jobs_of_all(SCHEDULE, Commands())) == [
        ("first", "collect_boost_libraries", (), True),
        ("first", "collect_boost_libraries", (), False),
        ("first", "collect_boost_libraries", ("--limit", "3"), False),
        ("second", "run_boost_github_activity_tracker", (), False),
    ]


def test_a_job_knows_whether_its_group_stops_on_failure():
    assert {job.group: job.stop_on_failure for job in jobs_of_all(SCHEDULE, Commands())} == {
        "first": True,
        "second": False,
    }
