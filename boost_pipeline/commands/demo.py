"""`boost-pipeline demo`: the groups of schedule.yaml on the sample organisation, in a home of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from boost_pipeline.settings import Settings, load_settings

HOME = Path(".boost-sample")
MONTH = "2019-08"
"""The month of the sample's newest release: in the last whole month of the calendar nobody worked on it."""

SUMMARY = """
SELECT 'releases', count(*) FROM releases
UNION ALL SELECT 'modules of releases', count(*) FROM release_modules
UNION ALL SELECT 'libraries', count(*) FROM libraries
UNION ALL SELECT 'libraries of releases', count(*) FROM library_versions
UNION ALL SELECT 'people of libraries', count(*) FROM library_people
UNION ALL SELECT 'metadata problems', count(*) FROM metadata_problems
UNION ALL SELECT 'source files of releases', count(*) FROM source_files
UNION ALL SELECT 'dependencies of releases', count(*) FROM dependencies
UNION ALL SELECT 'repositories', count(*) FROM repositories
UNION ALL SELECT 'commits', count(*) FROM commits
UNION ALL SELECT 'file changes', count(*) FROM commit_files
UNION ALL SELECT 'branches and tags', count(*) FROM refs
UNION ALL SELECT 'issues', count(*) FROM issues
UNION ALL SELECT 'pull requests', count(*) FROM pull_requests
UNION ALL SELECT 'comments', count(*) FROM comments
UNION ALL SELECT 'reviews', count(*) FROM reviews
"""


def use_sample(home: Path) -> None:
    """Make this process, and those that it starts, work on the sample organisation, with all state below `home`.

    The sample is made if it is not there. Real data cannot be reached: DATABASE_URL and tokens are unset. What asks
    GitHub needs `sample_github` besides.
    """
    organisation = home.absolute() / "organisation"
    if not organisation.exists():
        from boost_pipeline.sample.organisation import build

        making = organisation.with_name(f"organisation-{os.getpid()}")
        build(making)
        making.rename(organisation)
    os.environ |= {
        "BOOST_HOME": str(home.absolute()),
        "BOOST_GIT_URL": organisation.as_uri(),
        "DATABASE_URL": "",
        "BOOST_DAGSTER_DATABASE_URL": "",
        "BOOST_GIT_TOKEN": "",
        "GITHUB_API_URL": "http://127.0.0.1:9",  # nobody listens there, until the sample's GitHub does
        "GITHUB_TOKEN": "",
        "GITHUB_TOKENS_SCRAPING": "",
        "GITHUB_TOKEN_WRITE": "",
        "GITHUB_APP_ID": "",
        "GITHUB_APP_INSTALLATION_ID": "",
        "GITHUB_APP_PRIVATE_KEY": "",
        "GITHUB_APP_PRIVATE_KEY_FILE": "",
    }
    load_settings.cache_clear()


@contextmanager
def sample_github() -> Iterator[None]:
    """Let a GitHub of the sample answer on loopback, to this process and those that it starts, for the block."""
    from boost_pipeline.sample.github.script import sample_world
    from boost_pipeline.sample.github.server import SAMPLE_TOKEN, GitHubEmulator

    with GitHubEmulator(sample_world()) as github:
        os.environ |= {"GITHUB_API_URL": github.url, "GITHUB_TOKEN": SAMPLE_TOKEN}
        load_settings.cache_clear()
        yield


def run_demo(settings: Settings) -> bool:
    """Run what the schedule has for a day, the report of a month, and the dossier of the newest release, in its order.

    Return whether all succeeded. The dashboard comes last, and takes both reports in.
    """
    from boost_pipeline.collectors.registry import Commands
    from boost_pipeline.commands.batch import run_batch
    from boost_pipeline.commands.plan import jobs_of_all
    from boost_pipeline.scheduling.schedule_file import read_schedule

    commands = Commands()
    schedule = read_schedule(settings.schedule_file, commands)
    jobs = []
    for job in jobs_of_all(schedule, commands):
        if job.command == "run_monthly_report":
            args = (*job.args, "--month", MONTH)
            jobs.append(replace(job, args=args, selection=commands.selects(job.command, args)))
        elif not job.on_release or job.command == "run_on_release_sync":
            jobs.append(job)
    return run_batch(settings, jobs, schedule, stop=False, dry_run=False)


def print_summary(home: Path) -> None:
    """Print what the warehouse holds, and how to look at it."""
    import click

    from boost_pipeline.commands.terminal import print_table
    from boost_pipeline.warehouse.databases import Databases
    from boost_pipeline.warehouse.warehouse import Warehouse

    with Databases(load_settings()).opened() as databases, Warehouse(databases.warehouse).transaction() as transaction:
        rows = transaction.rows(SUMMARY)
    click.echo()
    print_table(("collected", "rows"), [(name, f"{count:,}") for name, count in rows], right=("rows",))
    command = f"{Path(sys.argv[0])} --sample"
    click.echo(f"\nAll of it is below {home}. To look at it:")
    for name, what in (("status", "how each asset stands"), ("db psql", "the database"), ("up", "Dagster's web UI")):
        click.echo(f"    {command} {name:8} {what}")
    page = home / "reports" / "dashboard" / "index.html"
    if page.is_file():
        click.echo(f"\nThe dashboard is {page}. To open it in a browser:\n    {command} open")
