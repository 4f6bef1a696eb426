"""`boost-pipeline demo`: the daily groups on the sample organisation, in a home of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from boost_pipeline.settings import load_settings

HOME = Path(".boost-sample")

SUMMARY = """
SELECT 'releases', count(*) FROM releases
UNION ALL SELECT 'modules of releases', count(*) FROM release_modules
UNION ALL SELECT 'libraries', count(*) FROM libraries
UNION ALL SELECT 'libraries of releases', count(*) FROM library_versions
UNION ALL SELECT 'people of libraries', count(*) FROM library_people
UNION ALL SELECT 'metadata problems', count(*) FROM metadata_problems
UNION ALL SELECT 'repositories', count(*) FROM repositories
UNION ALL SELECT 'commits', count(*) FROM commits
UNION ALL SELECT 'file changes', count(*) FROM commit_files
UNION ALL SELECT 'branches and tags', count(*) FROM refs
"""


def use_sample(home: Path) -> None:
    """Make this process, and those that it starts, work on the sample organisation, with all state below `home`.

    The sample is made if it is not there. Real data cannot be reached: DATABASE_URL and tokens are unset.
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
    }
    load_settings.cache_clear()


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
    click.echo(f"\nAll of it is below {home}. To look at it:")
    for command in ("status", "db psql", "up"):
        click.echo(f"    {Path(sys.argv[0])} --sample {command}")
