"""From git into PostgreSQL: our ingest against `git log` of the same repositories to nowhere."""

import json
import os
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from benchmarks.measure import Cost, command, interleaved, median, ratio, together
from boost_pipeline.collectors.commit_history import ASSET, ingest
from boost_pipeline.sources.git import GitMirrors
from boost_pipeline.warehouse import schema
from boost_pipeline.warehouse.server import ServerAddress
from boost_pipeline.warehouse.warehouse import Warehouse

JOBS = os.cpu_count() or 2
OWNER = "boostorg"


def names(folder: Path) -> list[str]:
    """Return the repositories in `folder`, the largest first, so that no core waits at the end."""
    paths = sorted(folder.glob("*.git"), key=lambda path: -sum(f.stat().st_size for f in path.glob("objects/pack/*")))
    return [path.name.removesuffix(".git") for path in paths]


def measure(folder: Path, address: ServerAddress, rounds: int) -> None:
    """Print the figures of libraries and, if it is there, of the superproject."""
    libraries = [name for name in names(folder) if name != "boost"]
    for label, chosen in (("libraries", libraries), ("superproject", ["boost"])):
        if set(chosen) <= set(names(folder)):
            _measure(label, folder, chosen, address, rounds)


def _measure(label: str, folder: Path, chosen: list[str], address: ServerAddress, rounds: int) -> None:
    counts: list[dict[str, float]] = []

    def limit() -> Cost:
        return together(lambda: _git_log(folder, chosen))

    def ours() -> Cost:
        database = fresh_database(address, "benchmark")
        report = folder / "benchmark.json"
        cost = command(
            [sys.executable, "-m", "benchmarks.ingest", str(folder), database, str(report), *chosen],
            cwd=Path(__file__).parents[1],
        )
        counts.append(json.loads(report.read_text()))
        report.unlink()
        return cost

    costs = interleaved(rounds, limit=limit, ours=ours)
    last = counts[-1]
    wall = median(costs["ours"], "wall")
    print(
        f"{label}: {len(chosen)} repositories, {last['commits']:,.0f} commits, {last['rows']:,.0f} rows, {JOBS} at once"
    )
    for name, cost in costs.items():
        print(f"  {name:8} wall {median(cost, 'wall'):6.2f} s   cpu {median(cost, 'cpu'):6.2f} s", end="")
        print(f"   largest process {median(cost, 'peak'):5.0f} MiB" if name == "limit" else "")
    for figure in ("wall", "cpu"):
        print(f"  ratio, {figure}: {ratio(costs['ours'], costs['limit'], figure):.2f}")
    print(f"  {last['rows'] / wall:,.0f} rows/s, {last['commits'] / wall:,.0f} commits/s")
    print(f"  our own process: {last['peak']:.0f} MiB at most")
    idle = last["idle"] / len(chosen) * 1000
    print(f"  again, with nothing new: {idle:.1f} ms a repository, {last['idle rows']:.0f} rows written")


def _git_log(folder: Path, chosen: list[str]) -> None:
    with ThreadPoolExecutor(JOBS) as pool:
        list(
            pool.map(
                lambda name: command(
                    ["git", "--git-dir", str(folder / f"{name}.git"), "log", "-z", "--raw", "--numstat", "-M", "--all"]
                ),
                chosen,
            )
        )


def fresh_database(address: ServerAddress, name: str) -> str:
    """Make an empty database at this code's schema; return its connection string."""
    with psycopg.connect(address.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    schema.upgrade(address.conninfo(name))
    return address.conninfo(name)


def fill(folder: Path, conninfo: str, chosen: list[str]) -> tuple[int, int]:
    """Ingest the repositories into the database; return the commits and rows that were written."""
    warehouse = Warehouse(lambda: conninfo)
    with warehouse.transaction() as transaction:
        rows = [(OWNER, name, "boost") for name in chosen]
        transaction.merge("repositories", ["owner", "name", "kind"], rows, key=["owner", "name"])
        cursors = transaction.cursors(ASSET)
    mirrors = GitMirrors(folder, folder.as_uri())
    with ThreadPoolExecutor(JOBS) as pool:
        done = list(
            pool.map(lambda name: ingest(warehouse, mirrors.mirror(name), OWNER, {}, [], cursors.get(name)), chosen)
        )
    return sum(one.commits for one in done), sum(one.changes.total for one in done)


def main(folder: Path, conninfo: str, report: Path, chosen: list[str]) -> None:
    """Ingest the repositories, then once more with nothing new, and write the counts to `report`."""
    commits, rows = fill(folder, conninfo, chosen)
    peak = _peak_memory()
    started = time.monotonic()
    _, idle_rows = fill(folder, conninfo, chosen)
    idle = time.monotonic() - started
    counts = {"commits": commits, "rows": rows, "peak": peak, "idle": idle, "idle rows": idle_rows}
    report.write_text(json.dumps(counts))


def _peak_memory() -> float:
    """Return the MiB that this process held at most. Linux counts those of its parent in `ru_maxrss`."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4:])
