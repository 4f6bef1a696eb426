"""Dependencies: who includes whom in each release, and where that puts each module.

Computed from what `collectors.headers` and `collectors.libraries` stored; no repository is read. The rules are
`boost.dependencies` and `boost.module_graph`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any, LiteralString

import dagster as dg

from boost_pipeline.boost.dependencies import Edge, UnknownInclude, header_map, resolve
from boost_pipeline.boost.module_graph import ModuleGraph, analyse
from boost_pipeline.collectors import headers, libraries
from boost_pipeline.collectors.include_counts import IncludeCounts
from boost_pipeline.collectors.release_run import Made, ReleaseRun
from boost_pipeline.reports.release_story import read_stories
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Transaction

ASSET = "boost/dependencies"

READER = 2
"""Raised when the graph is made by other rules, so that it is made again."""

_TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "dependencies": (
        ("release_id", "module_id", "depends_on_id", "kind"),
        ("include_count", "boostdep_count", "witnesses"),
    ),
    "unknown_includes": (
        ("release_id", "module_id", "kind", "target"),
        ("include_count", "boostdep_count", "file", "unread_module_id"),
    ),
    "module_graph": (
        ("release_id", "module_id"),
        (
            "level",
            "weight",
            "direct",
            "transitive",
            "dependents",
            "transitive_dependents",
            "cycle",
            "cxxstd",
            "effective_cxxstd",
            "raised_by_id",
            "is_known",
        ),
    ),
    "dependency_weights": (("release_id", "module_id", "depends_on_id"), ("pull_weight",)),
}
"""Table → its key, and its other columns."""

_UNREAD: LiteralString = """
    SELECT DISTINCT m.name, m.id FROM source_gaps g JOIN modules m ON m.id = g.module_id WHERE g.release_id = %s
"""

_JOBS = 2
"""One graph is worked out while another is written."""

_LONGEST_TARGET = 500
"""Characters of an include path without an owner; longer ones are cut, as they are part of a key."""


def make(run: ReleaseRun) -> Made | None:
    """Make the graphs of the chosen releases; each is one transaction. None: the run only wanted to know which."""
    warehouse = run.warehouse
    with warehouse.transaction() as transaction:
        commits: dict[str, str] = dict(
            transaction.rows("SELECT tag, commit_sha FROM releases WHERE deleted_at IS NULL")
        )
        cursors = transaction.cursors(ASSET)
        sources = {asset: transaction.cursors(asset) for asset in (libraries.ASSET, headers.ASSET)}
    known = [tag for tag in commits if sources[headers.ASSET].get(tag, {}).get("commit") == commits[tag]]

    def position(tag: str) -> dict[str, Any]:
        return {"reader": READER} | {asset: read.get(tag) for asset, read in sources.items()}

    done = {tag for tag in known if cursors.get(tag) == position(tag)}
    tags = run.choose(ASSET, known, done)
    if tags is None:
        return None
    units, counts = run.units(ASSET), IncludeCounts()

    def load(tag: str) -> Changes:
        with warehouse.transaction() as transaction:
            transaction.lock(f"{ASSET} {tag}")
            changes = load_graph(transaction, tag, counts)
            transaction.move_cursor(ASSET, tag, position(tag), datetime.now(UTC))
        return changes

    loaded = units.each(tags, load, label="graphs", jobs=_JOBS)
    made = [tag for tag in tags if tag in loaded]
    run.looked(units, done | set(made), made)
    units.changes = sum(loaded.values(), Changes())
    with warehouse.transaction() as transaction:
        if units.changes.inserted > headers.MANY:
            transaction.execute("ANALYZE dependencies, dependency_weights, module_graph, unknown_includes")
        # Of a release without any module that could be read there is nothing to tell.
        drawn = _drawn(transaction)
        told = [tag for tag in made if tag in drawn]
        stories = {tag: dg.MetadataValue.md(text) for tag, text in read_stories(transaction, told)}
        rows = transaction.value("SELECT count(*) FROM dependencies")
    newest = {f"what changed in {tag}": stories[tag] for tag in tags[-3:] if tag in stories}
    return Made(
        units,
        made,
        {"dagster/row_count": rows, "graphs made": len(made)} | newest,
        {tag: {"what changed": story} for tag, story in stories.items()},
    )


def _drawn(transaction: Transaction) -> set[str]:
    """Return the releases that have a module in their graph."""
    query = "SELECT tag FROM releases r WHERE EXISTS (SELECT FROM module_graph g WHERE g.release_id = r.id)"
    return {tag for (tag,) in transaction.rows(query)}


def load_graph(transaction: Transaction, tag: str, counts: IncludeCounts) -> Changes:
    """Make the tables say of release `tag` what its stored files and libraries say."""
    release_id = transaction.value("SELECT id FROM releases WHERE tag = %s", (tag,))
    with counts.lock:
        modules = counts.at(transaction, release_id)
        owners = header_map((path, name) for name, module in modules.items() for path in module.headers)
        edges, unknown = resolve(chain.from_iterable(module.includes for module in modules.values()), owners)
    ids: dict[str, int] = dict(
        transaction.rows("SELECT name, id FROM modules WHERE name = ANY(%s) ORDER BY name", (list(modules),))
    )
    unread = dict(transaction.rows(_UNREAD, (release_id,)))
    owners_unread = _unread_owners(transaction, unread, {include.target for include in unknown})
    partial = unread.keys() | {u.module for u in unknown if u.target in owners_unread and _counts(u)}
    graph = analyse(ids, _graph_edges(edges), _cxx_minima(transaction, release_id, ids), partial)
    changes = Changes() if partial else _keep_month(transaction, release_id, graph, ids)
    return changes + _load(
        transaction,
        release_id,
        {
            "dependencies": [
                (ids[e.module], ids[e.depends_on], e.kind, e.include_count, e.boostdep_count, _witnesses(e))
                for e in edges
            ],
            "unknown_includes": {
                (ids[u.module], u.kind, u.target[:_LONGEST_TARGET]): (
                    u.include_count,
                    u.boostdep_count,
                    u.file,
                    owners_unread.get(u.target),
                )
                for u in unknown
            },
            "module_graph": _node_rows(graph, ids),
            "dependency_weights": [(ids[e.module], ids[e.depends_on], e.pull_weight) for e in graph.edges],
        },
    )


def _keep_month(transaction: Transaction, release_id: int, graph: ModuleGraph, ids: Mapping[str, int]) -> Changes:
    """Keep the dependencies of a head as this month's, since they are another's when it moves on."""
    kind, month = transaction.rows(
        "SELECT kind, date_trunc('month', now())::date FROM releases WHERE id = %s", (release_id,)
    )[0]
    if kind != "head":
        return Changes()
    rows = [(release_id, month, ids[edge.module], ids[edge.depends_on]) for edge in graph.edges]
    key = ["release_id", "month", "module_id", "depends_on_id"]
    return transaction.merge("head_dependencies", key, rows, key=key, within={"release_id": release_id, "month": month})


def _graph_edges(edges: Iterable[Edge]) -> Iterator[tuple[str, str]]:
    """Yield the edges that count for the graph: real ones, of headers and sources."""
    return ((edge.module, edge.depends_on) for edge in edges if _counts(edge))


def _counts(found: Edge | UnknownInclude) -> bool:
    return bool(found.include_count) and found.kind != "test"


def _unread_owners(transaction: Transaction, unread: Mapping[str, int], targets: Collection[str]) -> dict[str, int]:
    """Return which of the targets are headers of a module that was not read whole, by the module's id.

    A header is one if the module has it in another release; of a module that was never read, if its path says so.
    """
    if not unread:
        return {}
    by_path = {target: unread[name] for target in targets if (name := _named_by(target, unread)) is not None}
    seen = transaction.rows(
        """
        SELECT DISTINCT ON (header.path) header.path, f.module_id FROM source_folders f
        CROSS JOIN LATERAL unnest(f.include_paths) AS header (path)
        WHERE f.kind = 'header' AND f.module_id = ANY(%s) AND header.path = ANY(%s)
        ORDER BY header.path, f.module_id
        """,
        (list(unread.values()), list(targets)),
    )
    return by_path | dict(seen)


def _named_by(target: str, modules: Collection[str]) -> str | None:
    """Return the module that a path names: boost/asio.hpp or boost/asio/io_context.hpp, numeric/ublas by its path."""
    parts = target.removeprefix("boost/").removesuffix(".hpp").split("/")
    return next((name for n in (2, 1) if (name := "/".join(parts[:n])) in modules), None)


def _cxx_minima(transaction: Transaction, release_id: int, ids: Mapping[str, int]) -> dict[str, str | None]:
    stated = dict(
        transaction.rows(
            """
            SELECT module_id, (array_agg(cxxstd ORDER BY cxxstd_order(cxxstd) DESC NULLS LAST))[1]
            FROM library_versions WHERE release_id = %s GROUP BY module_id
            """,
            (release_id,),
        )
    )
    return {name: stated.get(module_id) for name, module_id in ids.items()}


def _node_rows(graph: ModuleGraph, ids: Mapping[str, int]) -> list[tuple[Any, ...]]:
    return [
        (
            ids[node.module],
            node.level,
            node.weight,
            node.direct,
            node.transitive,
            node.dependents,
            node.transitive_dependents,
            node.cycle,
            node.cxxstd,
            node.effective_cxxstd,
            None if node.raised_by is None else ids[node.raised_by],
            node.is_known,
        )
        for node in graph.nodes
    ]


def _witnesses(edge: Edge) -> Any:
    from psycopg.types.json import Jsonb

    return Jsonb([{"file": witness.file, "header": witness.header} for witness in edge.witnesses])


def _load(transaction: Transaction, release_id: int, found: Mapping[str, Any]) -> Changes:
    """Write the rows of each table: copied where the release has no graph yet, merged where it has."""
    is_new = transaction.value("SELECT NOT EXISTS (SELECT FROM module_graph WHERE release_id = %s)", (release_id,))
    changes = Changes()
    for table, (key, others) in _TABLES.items():
        columns, rows = (*key, *others), _rows(release_id, found[table])
        if is_new:
            changes += Changes(inserted=transaction.copy(table, columns, rows))
        else:
            changes += transaction.merge(table, columns, rows, key=key, within={"release_id": release_id})
    return changes


def _rows(release_id: int, found: Collection[Sequence[Any]] | Mapping[Sequence[Any], Sequence[Any]]) -> list[Any]:
    if isinstance(found, Mapping):
        return [(release_id, *key, *values) for key, values in found.items()]
    return [(release_id, *row) for row in found]
