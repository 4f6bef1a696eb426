"""The release graph: all stable releases into PostgreSQL, the scan of files, and the algorithms, each at its limit."""

import logging
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from benchmarks.ingest import fresh_database
from benchmarks.measure import Cost, command, interleaved, median, together
from boost_pipeline.boost.includes import scan
from boost_pipeline.boost.module_graph import analyse
from boost_pipeline.boost.releases import read_tag
from boost_pipeline.collectors import dependencies, headers, libraries
from boost_pipeline.collectors.release_choice import ReleasesConfig
from boost_pipeline.collectors.release_run import ReleaseRun
from boost_pipeline.collectors.releases import load_releases
from boost_pipeline.settings import Settings
from boost_pipeline.sources.git import GitMirrors
from boost_pipeline.warehouse.server import ServerAddress
from boost_pipeline.warehouse.warehouse import Warehouse

QUIET = logging.getLogger("benchmarks.graph")


def measure(folder: Path, address: ServerAddress, rounds: int) -> None:
    """Print the figures for the releases of the superproject in `folder`."""
    QUIET.setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="boost-graph-") as home:
        settings = Settings.model_validate({"BOOST_HOME": home, "BOOST_GIT_URL": folder.as_uri()})
        mirrors = GitMirrors(settings.mirrors, settings.git_url)
        catalogue = _catalogue(settings, mirrors, address)
        blobs = _made(settings, mirrors, address, catalogue, "graph_once")
        _all_releases(settings, mirrors, address, catalogue, blobs, rounds)
        _one_more(settings, mirrors, address, "graph_once")
        _algorithms(address.conninfo("graph_once"), rounds)
        _scan(settings, blobs, rounds)


def _catalogue(settings: Settings, mirrors: GitMirrors, address: ServerAddress) -> str:
    """Make a database that knows all stable releases and their libraries; return its name."""
    fresh_database(address, "graph_catalogue")
    warehouse = Warehouse(lambda: address.conninfo("graph_catalogue"))
    mirrors.refresh("boost")
    with warehouse.transaction() as transaction:
        load_releases(transaction, mirrors.mirror("boost"))
    assert libraries.make(_run(settings, mirrors, warehouse)) is not None
    return "graph_catalogue"


def _run(settings: Settings, mirrors: GitMirrors, warehouse: Warehouse, *tags: str) -> ReleaseRun:
    if not tags:
        with warehouse.transaction() as transaction:
            tags = tuple(tag for (tag,) in transaction.rows("SELECT tag FROM releases WHERE kind = 'stable'"))
        tags = tuple(tag for tag in tags if (read_tag(tag).version or (0,)) >= (1, 16, 1))
    return ReleaseRun(ReleasesConfig(), tags, QUIET, settings, warehouse, mirrors)  # type: ignore[arg-type]


def _copy(address: ServerAddress, template: str, name: str) -> Warehouse:
    with psycopg.connect(address.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
    warehouse = Warehouse(lambda: address.conninfo(name))
    warehouse.conninfo()
    return warehouse


def _make(run: ReleaseRun) -> None:
    with run.warehouse.keeping_connections():  # as the resource of a run does
        for stage in (headers.make, dependencies.make):
            made = stage(run)
            assert made is not None
            assert not made.units.failed, made.units.failed


def _made(
    settings: Settings, mirrors: GitMirrors, address: ServerAddress, catalogue: str, name: str
) -> dict[str, list[str]]:
    """Make all graphs once; return the distinct blobs by repository."""
    warehouse = _copy(address, catalogue, name)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _make(_run(settings, mirrors, warehouse))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    blobs: dict[str, list[str]] = {}
    with warehouse.transaction() as transaction:
        for repository, blob in transaction.rows(
            """
            SELECT DISTINCT ON (f.blob_sha) p.name, f.blob_sha FROM source_files f
            JOIN release_modules m USING (release_id, module_id) JOIN repositories p ON p.id = m.repository_id
            """
        ):
            blobs.setdefault(repository, []).append(blob)
        counts = {
            table: transaction.value(SQL("SELECT count(*) FROM {}").format(Identifier(table)))  # type: ignore[arg-type]
            for table in ("source_files", "source_folders", "blob_includes", "dependencies", "module_graph")
        }
    print(f"graph: memory {before:.0f} MiB before, {after:.0f} MiB at most")
    print("graph: " + ", ".join(f"{count:,} {table}" for table, count in counts.items()))
    return blobs


def _all_releases(
    settings: Settings,
    mirrors: GitMirrors,
    address: ServerAddress,
    catalogue: str,
    blobs: dict[str, list[str]],
    rounds: int,
) -> None:
    def limit() -> Cost:
        return together(lambda: [_cat_file(settings, *pair) for pair in blobs.items()])

    def ours() -> Cost:
        run = _run(settings, mirrors, _copy(address, catalogue, "graph_round"))
        return together(lambda: _make(run))

    costs = interleaved(rounds, limit=limit, ours=ours)
    print(
        f"  all stable releases: git cat-file {median(costs['limit'], 'wall'):.2f} s, "
        f"ours into PostgreSQL {median(costs['ours'], 'wall'):.2f} s: "
        f"ratio {median(costs['ours'], 'wall') / median(costs['limit'], 'wall'):.2f} (aim 2.5)"
    )


def _cat_file(settings: Settings, repository: str, blobs: list[str]) -> None:
    command_line = ["git", "--git-dir", str(settings.mirrors / f"{repository}.git"), "cat-file", "--batch", "--buffer"]
    subprocess.run(command_line, input="\n".join(blobs).encode() + b"\n", stdout=subprocess.DEVNULL, check=True)


def _one_more(settings: Settings, mirrors: GitMirrors, address: ServerAddress, name: str) -> None:
    warehouse = Warehouse(lambda: address.conninfo(name))
    with warehouse.transaction() as transaction:
        newest = transaction.value(
            "SELECT tag FROM releases WHERE kind = 'stable' ORDER BY major DESC, minor DESC, patch DESC LIMIT 1"
        )
        transaction.execute("DELETE FROM cursors WHERE unit = %s AND asset <> 'boost/libraries'", (newest,))
        for table in ("release_folders", "dependencies", "unknown_includes", "module_graph", "dependency_weights"):
            transaction.execute(
                SQL("DELETE FROM {} WHERE release_id = (SELECT id FROM releases WHERE tag = %s)").format(  # type: ignore[arg-type]
                    Identifier(table)
                ),
                (newest,),
            )
    took = [together(lambda: _make(_run(settings, mirrors, warehouse, newest))).wall for _ in range(2)]
    print(f"  one release more ({newest}): {took[0]:.2f} s; read again by name: {took[1]:.2f} s")


def _algorithms(conninfo: str, rounds: int) -> None:
    with psycopg.connect(conninfo) as connection:
        releases: dict[int, list[tuple[str, str]]] = {}
        for release, *edge in connection.execute(
            "SELECT release_id, module_id::text, depends_on_id::text FROM dependency_weights"
        ):
            releases.setdefault(release, []).append((edge[0], edge[1]))
    analyse([], [("a", "b")], {})  # networkx is imported by the first
    for label, edges in (("largest of these", max(releases.values(), key=len)), ("180 modules, 1,815 edges", _dense())):
        times = []
        for _ in range(max(rounds, 5)):
            started = time.perf_counter()
            analyse([], edges, {})
            times.append(time.perf_counter() - started)
        print(f"  algorithms, {label} ({len(edges)} edges): {1000 * statistics.median(times):.1f} ms (aim 20)")


def _dense() -> list[tuple[str, str]]:
    """Return an acyclic graph of the size of Boost: each module needs ten of those below it."""
    return [(f"m{top:03}", f"m{top - step:03}") for top in range(180) for step in range(1, 40, 4) if top - step >= 0]


def _scan(settings: Settings, blobs: dict[str, list[str]], rounds: int) -> None:
    if shutil.which("rg") is None:
        print("  scan: ripgrep (rg) is not on PATH, so there is nothing to compare with")
        return
    with _files(settings, blobs) as folder:
        files = sorted(map(str, folder.iterdir()))

        def limit() -> Cost:
            arguments = ["rg", "-c", "-j1", "--no-ignore", r"^\s*#\s*include", str(folder)]
            return command(arguments)

        def ours() -> Cost:
            return together(lambda: deque((scan(_content(file)) for file in files), maxlen=0))

        contents = [_content(file) for file in files]

        def in_memory() -> Cost:
            return together(lambda: deque(map(scan, contents), maxlen=0))

        costs = interleaved(rounds, limit=limit, ours=ours, in_memory=in_memory)
        cpu = {name: median(found, "cpu") for name, found in costs.items()}
        print(
            f"  scan of {len(files):,} files: ripgrep {cpu['limit']:.2f} s CPU, ours {cpu['ours']:.2f} s: "
            f"ratio {cpu['ours'] / cpu['limit']:.2f} (aim 1.6); "
            f"of their contents in memory {cpu['in_memory']:.2f} s: {cpu['in_memory'] / cpu['limit']:.2f}"
        )


def _content(path: str) -> bytes:
    file = os.open(path, os.O_RDONLY)  # half the time of open(), as none of these files is large
    try:
        return os.read(file, os.fstat(file).st_size)
    finally:
        os.close(file)


@contextmanager
def _files(settings: Settings, blobs: dict[str, list[str]]) -> Iterator[Path]:
    """Write the blobs into a folder, each as a file."""
    mirrors = GitMirrors(settings.mirrors, settings.git_url)
    with tempfile.TemporaryDirectory(prefix="boost-blobs-") as folder:
        for repository, shas in blobs.items():
            with mirrors.mirror(repository).objects() as objects:
                for sha, found in objects.get_many(shas):
                    if found is not None:
                        (Path(folder) / sha).write_bytes(found.data)
        yield Path(folder)
