"""Asset checks of the release graph: whole, like git's own lists, and no worse than the release before.

What a release brought is judged for the newest stable release, for what came after it, and for the partitions of the
run: nobody can change an older one any more.
"""

from collections.abc import Sequence
from typing import NamedTuple

import dagster as dg

from boost_pipeline.boost.gitmodules import NO_LIBRARIES
from boost_pipeline.boost.module_graph import new_cycles
from boost_pipeline.boost.releases import ReleaseKind, read_tag
from boost_pipeline.boost.source_files import source_files
from boost_pipeline.collectors.checks import asset_check, verdict
from boost_pipeline.settings import Settings
from boost_pipeline.sources.git import GitMirrors
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

HEADERS, DEPENDENCIES = ["boost", "headers"], ["boost", "dependencies"]


class Judged(NamedTuple):
    """A release to judge and the one before it; without that one nothing can be compared."""

    tag: str
    release_id: int
    previous_tag: str | None
    previous_id: int | None


@asset_check(asset=HEADERS, description="No file of a collected release is missing in the mirrors.")
def sources_are_whole(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """List what `source_gaps` holds: modules whose commit or files no mirror has, release by release.

    A warning: a gap that another try could mend has failed its unit, and what no host has holds no release for ever.
    """
    with warehouse.transaction() as transaction:
        rows = transaction.rows(
            """
            SELECT r.tag, m.name, g.detail FROM source_gaps g JOIN releases r ON r.id = g.release_id
            JOIN modules m ON m.id = g.module_id ORDER BY r.major DESC, r.minor DESC, r.patch DESC, r.tag, m.name
            """
        )
        checked = transaction.value("SELECT count(*) FROM cursors WHERE asset = 'boost/headers'")
    problems = [f"{tag} {module}: {detail}" for tag, module, detail in rows]
    return verdict(problems, checked, severity=dg.AssetCheckSeverity.WARN)


@asset_check(asset=HEADERS, description="Each module of the newest releases has the files that git ls-tree lists.")
def files_equal_trees(
    context: dg.AssetCheckExecutionContext,
    warehouse: dg.ResourceParam[Warehouse],
    mirrors: dg.ResourceParam[GitMirrors],
) -> dg.AssetCheckResult:
    """Ask git anew for the whole tree of each pinned commit, and compare the paths."""
    problems, checked = [], 0
    with warehouse.transaction() as transaction:
        for judged in releases_to_judge(transaction, _partitions(context)):
            for module, repository, commit_sha, paths in transaction.rows(
                """
                SELECT m.name, p.name, x.commit_sha,
                       array(SELECT f.path FROM source_files f
                             WHERE f.release_id = x.release_id AND f.module_id = x.module_id)
                FROM release_modules x JOIN modules m ON m.id = x.module_id
                JOIN repositories p ON p.id = x.repository_id
                WHERE x.release_id = %s AND x.path LIKE 'libs/%%' AND NOT EXISTS
                    (SELECT FROM source_gaps g WHERE g.release_id = x.release_id AND g.module_id = x.module_id)
                """,
                (judged.release_id,),
            ):
                checked += 1
                truth = {file.path for file in source_files(mirrors.mirror(repository).files(commit_sha))}
                if truth != set(paths):
                    problems.append(f"{judged.tag} {module}: {len(paths)} files, its tree has {len(truth)}")
    return verdict(problems, checked)


@asset_check(asset=HEADERS, description="Each library module of the newest releases has headers, or a reason.")
def modules_have_headers(
    context: dg.AssetCheckExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.AssetCheckResult:
    """List modules below libs/ without a header that `NO_LIBRARIES` does not explain."""
    problems, checked = [], 0
    with warehouse.transaction() as transaction:
        for judged in releases_to_judge(transaction, _partitions(context)):
            rows = transaction.rows(
                """
                SELECT m.name, EXISTS (SELECT FROM source_files f WHERE f.release_id = x.release_id
                                       AND f.module_id = x.module_id AND f.kind = 'header')
                FROM release_modules x JOIN modules m ON m.id = x.module_id
                WHERE x.release_id = %s AND x.path LIKE 'libs/%%' AND NOT EXISTS
                    (SELECT FROM source_gaps g WHERE g.release_id = x.release_id AND g.module_id = x.module_id)
                ORDER BY m.name
                """,
                (judged.release_id,),
            )
            checked += len(rows)
            problems += [
                f"{judged.tag} {name} has no headers"
                for name, has_headers in rows
                if not has_headers and name not in NO_LIBRARIES
            ]
    return verdict(problems, checked)


@asset_check(
    asset=DEPENDENCIES,
    blocking=True,
    description="No cycle of modules is new: none that the stable release before did not have.",
)
def no_new_cycle(context: dg.AssetCheckExecutionContext, warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """Compare the strongly connected components of each judged release with those of the one before."""
    problems, checked = [], 0
    with warehouse.transaction() as transaction:
        for judged in releases_to_judge(transaction, _partitions(context)):
            if judged.previous_id is None:
                continue
            checked += 1
            both = (judged.previous_id, judged.release_id)
            before, after = (_edges(transaction, release, both) for release in both)
            for cycle in new_cycles(before, after):
                way = " → ".join([*(module for module, _ in cycle.path), cycle.path[0][0]])
                problems.append(f"{judged.tag} has a cycle that {judged.previous_tag} had not: {way}")
    return verdict(problems, checked)


@asset_check(asset=DEPENDENCIES, description="No module's level rose by more than BOOST_GRAPH_LEVEL_STEP.")
def levels_rise_in_steps(
    context: dg.AssetCheckExecutionContext,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> dg.AssetCheckResult:
    """Compare levels with those of the release before; a warning, as a rise may be meant."""
    problems, checked = [], 0
    with warehouse.transaction() as transaction:
        for judged in releases_to_judge(transaction, _partitions(context)):
            rows = transaction.rows(
                """
                SELECT m.name, b.level, a.level FROM module_graph a
                JOIN module_graph b ON b.module_id = a.module_id AND b.release_id = %s AND b.is_known
                JOIN modules m ON m.id = a.module_id WHERE a.release_id = %s AND a.is_known
                ORDER BY a.level - b.level DESC, m.name
                """,
                (judged.previous_id, judged.release_id),
            )
            checked += len(rows)
            problems += [
                f"{judged.tag} {name}: level {after}, was {before} in {judged.previous_tag}"
                for name, before, after in rows
                if after - before > settings.graph_level_step
            ]
    return verdict(problems, checked, severity=dg.AssetCheckSeverity.WARN)


@asset_check(
    asset=DEPENDENCIES, description="The number of edges is within BOOST_GRAPH_EDGE_PERCENT of the release before."
)
def edges_within_reach(
    context: dg.AssetCheckExecutionContext,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
) -> dg.AssetCheckResult:
    """Compare how many edges there are; a leap is more likely a fault of reading than a change of Boost."""
    problems, checked = [], 0
    with warehouse.transaction() as transaction:
        for judged in releases_to_judge(transaction, _partitions(context)):
            before, after = (
                transaction.value(
                    """
                    SELECT count(*) FROM dependencies d WHERE release_id = %s AND include_count > 0
                      AND NOT EXISTS (SELECT FROM source_gaps g WHERE g.release_id = ANY(%s)
                                                                  AND g.module_id IN (d.module_id, d.depends_on_id))
                    """,
                    (release, [judged.previous_id, judged.release_id]),
                )
                for release in (judged.previous_id, judged.release_id)
            )
            if not before:
                continue
            checked += 1
            percent = 100 * abs(after - before) / before
            if percent > settings.graph_edge_percent:
                problems.append(
                    f"{judged.tag} has {after} edges, {judged.previous_tag} {before}: {percent:.0f} % apart"
                )
    return verdict(problems, checked)


@asset_check(asset=DEPENDENCIES, description="Every release whose files were read has its graph, of the same files.")
def graphs_are_current(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """List the releases whose graph is missing, or was made of other files than those stored."""
    with warehouse.transaction() as transaction:
        files = transaction.cursors("boost/headers")
        graphs = transaction.cursors("boost/dependencies")
    problems = [
        f"{tag}: {'its graph is older than its files' if tag in graphs else 'it has no graph'}"
        for tag, position in sorted(files.items())
        if graphs.get(tag, {}).get("boost/headers") != position
    ]
    return verdict(problems, len(files))


def releases_to_judge(transaction: Transaction, partitions: Sequence[str]) -> list[Judged]:
    """Return the newest stable release whose graph is here, what came after it, and the named ones."""
    rows = [
        Judged(*row)
        for row in transaction.rows(
            """
            SELECT r.tag, r.id, p.tag, p.id FROM releases r
            LEFT JOIN releases p ON p.id = r.previous_id AND EXISTS
                (SELECT FROM module_graph g WHERE g.release_id = p.id)
            WHERE r.deleted_at IS NULL AND EXISTS (SELECT FROM module_graph g WHERE g.release_id = r.id)
            """
        )
    ]
    rows.sort(key=lambda row: read_tag(row.tag).order)
    stable = [place for place, row in enumerate(rows) if read_tag(row.tag).kind is ReleaseKind.STABLE]
    newest = stable[-1] if stable else 0
    return [row for place, row in enumerate(rows) if place >= newest or row.tag in partitions]


def _partitions(context: dg.AssetCheckExecutionContext) -> Sequence[str]:
    """Return the releases that the run was started for."""
    run = context.run
    key = run.tags.get("dagster/partition")
    return [key] if key else []


def _edges(transaction: Transaction, release_id: int, compared: tuple[int, int]) -> list[tuple[str, str]]:
    """Return the edges that the graph is made of, among modules that are whole in both releases."""
    return [
        (module, depends_on)
        for module, depends_on in transaction.rows(
            """
            SELECT m.name, o.name FROM dependency_weights w
            JOIN modules m ON m.id = w.module_id JOIN modules o ON o.id = w.depends_on_id WHERE w.release_id = %s
              AND NOT EXISTS (SELECT FROM source_gaps g WHERE g.release_id = ANY(%s)
                                                          AND g.module_id IN (w.module_id, w.depends_on_id))
            """,
            (release_id, list(compared)),
        )
    ]
