"""`boost-pipeline backfill`: a collector's partitions of older releases, in as few runs as Dagster allows."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence

import dagster as dg

from boost_pipeline.boost.releases import HEADS, read_tag, read_version
from boost_pipeline.collectors.registry import Commands, Selection, WrongUsage
from boost_pipeline.commands.plan import Job
from boost_pipeline.commands.report import Report
from boost_pipeline.commands.run import Platform, run_jobs
from boost_pipeline.errors import UnknownName
from boost_pipeline.reports.unread import why_unread
from boost_pipeline.scheduling.pending import PARTITIONS

logger = logging.getLogger("boost_pipeline")


def backfill(platform: Platform, collector: str, named: Sequence[str]) -> Report:
    """Make the partitions of these releases, or without any of all that are not materialised; return how it went.

    What the collector has beside its partitions comes first, as the tags of new releases are among it.

    Raises:
        WrongUsage: there is no such collector, it has nothing by release, or a name is no version.
        UnknownName: there is no such release.
    """
    wanted = _versions(named)
    selection = Commands().selects(collector, ())
    partitioned = platform.partitioned(selection)
    if not partitioned:
        raise WrongUsage(f"{collector} keeps nothing by release, so there is nothing to backfill.")
    before = tuple(asset for asset in selection.assets if asset not in partitioned)
    report = run_jobs([Job(collector, None, Selection(before))], platform) if before else Report()
    if not report.succeeded:
        return report
    keys = platform.instance.get_dynamic_partitions(PARTITIONS)
    with platform.warehouse.transaction() as transaction:
        tags: dict[str, bool] = dict(transaction.rows("SELECT tag, deleted_at IS NOT NULL FROM releases"))
        releases = [key for key in keys if key not in HEADS and not tags.get(key)]  # the daily run follows heads
        for tag in wanted:
            if tag in tags and tag not in releases:
                raise UnknownName(f"{tag} is no release to backfill. {why_unread(transaction, tag)}")
    chosen = _named(wanted, releases) if wanted else _missing(platform.instance, partitioned, releases)
    logger.info("%d of %d releases are to be read", len(chosen), len(releases))
    only = Selection(tuple(partitioned), {k: v for k, v in selection.config.items() if k in partitioned})
    jobs = [Job(collector, None, only, partitions=run) for run in contiguous(keys, chosen)]
    report.outcomes += run_jobs(jobs, platform).outcomes
    return report


def contiguous(keys: Sequence[str], chosen: Collection[str]) -> Iterator[tuple[str, ...]]:
    """Cut the chosen keys into runs of neighbours among all keys, which is the range that one Dagster run can have.

    >>> list(contiguous("abcdef", {"a", "b", "d", "f"}))
    [('a', 'b'), ('d',), ('f',)]
    """
    run: list[str] = []
    for key in keys:
        if key in chosen:
            run.append(key)
        elif run:
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)


def _versions(releases: Sequence[str]) -> list[str]:
    try:
        return [read_version(release) for release in releases]
    except UnknownName as error:
        raise WrongUsage(str(error)) from None


def _named(wanted: Sequence[str], keys: Sequence[str]) -> set[str]:
    if unknown := [tag for tag in wanted if tag not in keys]:
        newest = max(keys, key=lambda tag: read_tag(tag).order, default="not known yet")
        raise UnknownName(f"There is no release {', '.join(unknown)}; the newest is {newest}.")
    return set(wanted)


def _missing(instance: dg.DagsterInstance, assets: Sequence[str], keys: Sequence[str]) -> set[str]:
    done = [instance.get_materialized_partitions(dg.AssetKey(asset.split("/"))) for asset in assets]
    return {key for key in keys if any(key not in materialised for materialised in done)}
