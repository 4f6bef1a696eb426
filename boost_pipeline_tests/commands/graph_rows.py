"""Release graphs for tests: rows as the collectors write them, made from a list of edges."""

from collections.abc import Collection, Mapping, Sequence

from psycopg.types.json import Jsonb

from boost_pipeline.boost.module_graph import analyse
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

Include = tuple[str, str]


class Graphs:
    """Writes releases with their graphs into a warehouse."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        with warehouse.transaction() as tx:
            self._repository = tx.value(
                "INSERT INTO repositories (owner, name, kind) VALUES ('boostorg', 'all', 'boost') RETURNING id"
            )

    def release(self, tag: str, kind: str = "stable", modules: Collection[str] = ()) -> int:
        """Write a release that has modules, but no graph yet; return its id."""
        with self.warehouse.transaction() as tx:
            release = tx.value(
                """
                INSERT INTO releases (tag, kind, commit_sha, major, minor, patch)
                SELECT t.tag, t.kind, 'c', v[1]::int, v[2]::int, v[3]::int
                FROM (VALUES (%s, %s)) t (tag, kind)
                LEFT JOIN LATERAL regexp_match(tag, '(\\d+)\\.(\\d+)\\.(\\d+)') v ON true
                RETURNING id
                """,
                (tag, kind),
            )
            for name in modules:
                tx.execute(
                    """
                    INSERT INTO release_modules (release_id, module_id, repository_id, path, commit_sha)
                    VALUES (%s, %s, %s, %s, 'c')
                    """,
                    (release, _module(tx, name), self._repository, f"libs/{name}"),
                )
            return release

    def graph(
        self,
        tag: str,
        headers: Sequence[Include] = (),
        *,
        sources: Sequence[Include] = (),
        tests: Sequence[Include] = (),
        comments: Sequence[Include] = (),
        cxxstd: Mapping[str, str] | None = None,
        modules: Collection[str] = (),
        kind: str = "stable",
    ) -> int:
        """Write a release and its graph; `comments` are edges that boostdep alone sees. Return the release's id."""
        edges = [*headers, *sources]
        others = [name for edge in [*tests, *comments] for name in edge]
        found = analyse([*modules, *(cxxstd or {}), *others], edges, cxxstd or {})
        release = self.release(tag, kind, [node.module for node in found.nodes])
        with self.warehouse.transaction() as tx:
            for edge_kind, pairs in (("header", headers), ("source", sources), ("test", tests)):
                for pair in pairs:
                    _dependency(tx, release, pair, edge_kind, 2)
            for pair in comments:
                _dependency(tx, release, pair, "header", 0)
            for node in found.nodes:
                tx.execute(
                    f"INSERT INTO module_graph VALUES (%s, {', '.join(['%s'] * 11)})",
                    (
                        release,
                        _module(tx, node.module),
                        *(node.level, node.weight, node.direct, node.transitive),
                        *(node.dependents, node.transitive_dependents, node.cycle, node.cxxstd),
                        node.effective_cxxstd,
                        node.raised_by and _module(tx, node.raised_by),
                    ),
                )
            for edge in found.edges:
                tx.execute(
                    "INSERT INTO dependency_weights VALUES (%s, %s, %s, %s)",
                    (release, _module(tx, edge.module), _module(tx, edge.depends_on), edge.pull_weight),
                )
        return release

    def library(self, release: int, key: str, module: str, cxxstd: str | None = None, maintainer: str = "") -> None:
        """Write a library of a release."""
        with self.warehouse.transaction() as tx:
            library = tx.value(
                """
                INSERT INTO libraries (key, name, aliases) VALUES (%s, %s, '{}')
                ON CONFLICT (key) DO UPDATE SET name = EXCLUDED.name RETURNING id
                """,
                (key, key),
            )
            version = tx.value(
                """
                INSERT INTO library_versions (library_id, release_id, module_id, key, metadata_path, name, cxxstd, std)
                VALUES (%s, %s, %s, %s, 'meta/libraries.json', %s, %s, '{}') RETURNING id
                """,
                (library, release, _module(tx, module), key, key, cxxstd),
            )
            if maintainer:
                tx.execute(
                    "INSERT INTO library_people VALUES (%s, 'maintainer', 0, %s, %s)", (version, *[maintainer] * 2)
                )

    def header(self, release: int, module: str, path: str, blob: str) -> None:
        """Write a header of a release."""
        with self.warehouse.transaction() as tx:
            tx.execute(
                """
                WITH folder AS (
                    INSERT INTO source_folders (module_id, digest, kind, paths, include_paths, blob_shas)
                    VALUES (%(module)s, %(path)s || %(blob)s, 'header', ARRAY['include/' || %(path)s],
                            ARRAY[%(path)s], ARRAY[%(blob)s])
                    ON CONFLICT (module_id, digest) DO UPDATE SET kind = 'header' RETURNING id
                )
                INSERT INTO release_folders SELECT %(release)s, %(module)s, id FROM folder
                """,
                {"release": release, "module": _module(tx, module), "path": path, "blob": blob},
            )

    def unknown(self, release: int, module: str, target: str) -> None:
        """Write an include of a header that nobody has."""
        with self.warehouse.transaction() as tx:
            tx.execute(
                "INSERT INTO unknown_includes VALUES (%s, %s, 'header', %s, 1, 1, 'include/x.hpp')",
                (release, _module(tx, module), target),
            )

    def gap(self, release: int, module: str, detail: str) -> None:
        """Write that the files of a module are not all here."""
        with self.warehouse.transaction() as tx:
            tx.execute(
                "INSERT INTO source_gaps VALUES (%s, %s, 'missing_commit', %s)", (release, _module(tx, module), detail)
            )


def _module(tx: Transaction, name: str) -> int:
    return tx.value(
        "INSERT INTO modules (name) VALUES (%s) ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name RETURNING id",
        (name,),
    )


def _dependency(tx: Transaction, release: int, pair: Include, kind: str, include_count: int) -> None:
    one, other = pair
    folder = {"header": f"include/boost/{one}", "source": "src", "test": "test"}[kind]
    witnesses = [{"file": f"{folder}/{one}.hpp", "header": f"boost/{other}.hpp"}]
    tx.execute(
        "INSERT INTO dependencies VALUES (%s, %s, %s, %s, %s, 2, %s)",
        (release, _module(tx, one), _module(tx, other), kind, include_count, Jsonb(witnesses)),
    )
