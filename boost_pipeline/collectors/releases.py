"""Releases: every tag of the superproject and its heads, their days, and the partitions that are made of them.

What a release holds belongs to `collectors.libraries`.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import dagster as dg

from boost_pipeline.boost.release_dates import HISTORY, WEBSITE
from boost_pipeline.boost.releases import HEADS, SUPERPROJECT, Release, previous_stable, read_tag
from boost_pipeline.collectors.stopping import skipped
from boost_pipeline.errors import SourceUnfit
from boost_pipeline.scheduling.looks import data_version, looked, seen
from boost_pipeline.scheduling.pending import PARTITIONS, add_releases
from boost_pipeline.settings import Settings
from boost_pipeline.sources.git import GitMirrors, Mirror, Ref
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

ASSET = "boost/releases"
COLUMNS = (
    "tag",
    "kind",
    "major",
    "minor",
    "patch",
    "prerelease",
    "commit_sha",
    "committed_at",
    "tagged_at",
)

_KNOWN_DAYS = (("history", HISTORY), ("website", WEBSITE))

boost_releases = dg.DynamicPartitionsDefinition(name=PARTITIONS)
"""One partition for each stable release from 1.16.1 on, and for each head."""


@dg.asset(
    key=ASSET.split("/"),
    group_name="boost",
    kinds={"git", "postgres"},
    output_required=False,
    description="Every tag of boostorg/boost with its kind, dates and the stable release before it.",
)
def releases(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
    mirrors: dg.ResourceParam[GitMirrors],
) -> Iterator[dg.MaterializeResult[None]]:
    """Read the tags of the superproject into `releases`, and make a partition of each catalogued one."""
    if skipped(context):
        return
    mirrors.refresh(SUPERPROJECT)
    with warehouse.transaction() as transaction:
        changes = load_releases(transaction, mirrors.mirror(SUPERPROJECT))
        tags = [tag for (tag,) in transaction.rows("SELECT tag FROM releases")]
        rows = transaction.value("SELECT count(*) FROM releases")
        new = add_releases(context.instance, transaction, tags, prereleases=settings.release_prereleases)
    if new:
        context.log.info("New releases: %s", ", ".join(new))
    look = looked(warehouse, ASSET, changed=changes.total > 0)
    yield dg.MaterializeResult(
        data_version=data_version(look),
        metadata={
            "dagster/row_count": rows,
            "rows inserted": changes.inserted,
            "rows updated": changes.updated,
            "new releases": len(new),
            **seen(look),
        },
    )


def load_releases(transaction: Transaction, mirror: Mirror) -> Changes:
    """Merge the tags and heads of `mirror` into the table `releases`.

    Raises:
        SourceUnfit: the superproject has no tag at all, which no real one is without.
    """
    refs = {ref.name: ref for ref in mirror.refs() if ref.commit_sha}
    tags = {name.removeprefix("refs/tags/"): ref for name, ref in refs.items() if ref.kind == "tag"}
    if not tags:
        raise SourceUnfit(f"The superproject {mirror.name} has no tags. Check BOOST_GIT_URL.")
    # A branch comes after the tags: one of them that is called develop is no release.
    tags |= {head: refs[f"refs/heads/{head}"] for head in HEADS if f"refs/heads/{head}" in refs}
    read = {tag: read_tag(tag) for tag in tags}
    committed = _commit_dates(mirror, {str(ref.commit_sha) for ref in tags.values()})
    rows = [_row(read[tag], ref, committed.get(str(ref.commit_sha))) for tag, ref in tags.items()]
    changes = _mark_tags(transaction, {tag: str(ref.commit_sha) for tag, ref in tags.items()}, datetime.now(UTC))
    changes += transaction.merge("releases", COLUMNS, rows, key=["tag"])
    return changes + _link_previous(transaction, list(read.values())) + date_releases(transaction)


def _row(release: Release, ref: Ref, committed_at: datetime | None) -> tuple[object, ...]:
    return (
        release.tag,
        release.kind.value,
        release.major,
        release.minor,
        release.patch,
        release.prerelease,
        ref.commit_sha,
        committed_at,
        ref.tagged_at,
    )


def date_releases(transaction: Transaction) -> Changes:
    """Give each release the day on which it came out, and the source of that; NULL where no source knows it.

    Boost's own history first, then what GitHub has published (`github_releases`), then the web site.
    """
    rows = [(tag, day, source) for source, days in _KNOWN_DAYS for tag, day in days.items()]
    staging = transaction.stage("releases", ["tag", "released_on", "released_on_source"], rows)
    assert staging == "staging_releases"
    updated = transaction.execute(
        """
        UPDATE releases r SET released_on = d.day, released_on_source = d.source FROM (
            SELECT r.id, (array_agg(d.day ORDER BY d.rank))[1] AS day,
                   (array_agg(d.source ORDER BY d.rank))[1] AS source
            FROM releases r LEFT JOIN (
                SELECT tag, released_on AS day, released_on_source AS source,
                       CASE released_on_source WHEN 'history' THEN 1 ELSE 3 END AS rank
                FROM staging_releases
                UNION ALL
                SELECT g.tag, (g.published_at AT TIME ZONE 'UTC')::date, 'github', 2 FROM github_releases g
            ) d ON d.tag = r.tag AND r.kind <> 'head'
            GROUP BY r.id
        ) d
        WHERE d.id = r.id AND (r.released_on, r.released_on_source) IS DISTINCT FROM (d.day, d.source)
        """
    )
    return Changes(updated=updated)


def _mark_tags(transaction: Transaction, commits: Mapping[str, str], now: datetime) -> Changes:
    """Mark what became of the tags that are known: gone, back, or on another commit. Heads move by nature."""
    deleted = transaction.execute(
        """
        UPDATE releases SET deleted_at = CASE WHEN tag = ANY(%(tags)s::text[]) THEN NULL ELSE %(now)s END
        WHERE (deleted_at IS NULL) <> (tag = ANY(%(tags)s::text[]))
        """,
        {"tags": list(commits), "now": now},
    )
    moved = transaction.execute(
        """
        UPDATE releases r SET moved_at = %(now)s, moved_from = r.commit_sha
        FROM unnest(%(tags)s::text[], %(shas)s::text[]) AS t (tag, commit_sha)
        WHERE r.tag = t.tag AND r.commit_sha <> t.commit_sha AND r.kind <> 'head'
        """,
        {"tags": list(commits), "shas": list(commits.values()), "now": now},
    )
    return Changes(updated=deleted + moved)


def _commit_dates(mirror: Mirror, shas: set[str]) -> dict[str, datetime | None]:
    return {node.sha: node.committed_at for node in mirror.history() if node.sha in shas}


def _link_previous(transaction: Transaction, releases: list[Release]) -> Changes:
    ids = dict(transaction.rows("SELECT tag, id FROM releases"))
    rows = []
    for release in releases:
        previous = previous_stable(release, releases)
        rows.append((ids[release.tag], ids[previous.tag] if previous else None))
    staging = transaction.stage("releases", ["id", "previous_id"], rows)
    assert staging == "staging_releases"
    updated = transaction.execute(
        "UPDATE releases r SET previous_id = s.previous_id FROM staging_releases s "
        "WHERE r.id = s.id AND r.previous_id IS DISTINCT FROM s.previous_id"
    )
    return Changes(updated=updated)
