"""The dashboard of a warehouse of Boost's size: a first build, one where nothing changed, one after a day of work.

The warehouse is synthetic, made by SQL: 180 libraries in each of 90 releases, 1,600 dependencies and 18,000 files a
release, 240,000 commits of 1,500 people, 50,000 issues and pull requests with their comments, reviews and events.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from benchmarks.ingest import fresh_database
from boost_pipeline.collectors.identities import resolve
from boost_pipeline.reports.site.build import build
from boost_pipeline.warehouse.server import ServerAddress
from boost_pipeline.warehouse.warehouse import Warehouse

MODULES, RELEASES, EDGES, FILES, COMMITS, PEOPLE, ITEMS, CHANGED = 180, 90, 1500, 100, 240_000, 1500, 50_000, 10


def measure(address: ServerAddress) -> None:
    """Print the figures, on a server whose state is thrown away."""
    conninfo = fresh_database(address, "dashboard")
    sizes = {name: value for name, value in globals().items() if name.isupper() and isinstance(value, int)}
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(_sql("dashboard_world", sizes))
        with Warehouse(lambda: conninfo).transaction() as transaction:
            resolve(transaction)
        connection.execute("VACUUM ANALYZE")
    with tempfile.TemporaryDirectory() as name:
        print(f"dashboard: {MODULES} libraries, {RELEASES} releases, {COMMITS:,} commits, {ITEMS:,} items")
        _print("first build", _build(conninfo, Path(name)))
        _print("nothing changed", _build(conninfo, Path(name)))
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(_sql("dashboard_day", sizes))
        _print(f"{CHANGED} libraries changed", _build(conninfo, Path(name)))


def _sql(name: str, sizes: dict[str, int]) -> bytes:
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8").format(**sizes).encode()


def _build(conninfo: str, folder: Path) -> dict[str, float]:
    """Build in a process of its own, as the memory is its own then."""
    command = [sys.executable, "-m", "benchmarks.dashboard", conninfo, str(folder / "site")]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1])
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _print(label: str, told: dict[str, float]) -> None:
    print(
        f"  {label:24} {told['seconds']:6.1f} s   {told['peak']:4.0f} MiB   "
        f"{told['rendered']:.0f} of {told['pages']:.0f} pages made, {told['bytes'] / 1e6:.1f} MB"
    )


def main() -> None:
    """Build the dashboard of the database that is named, and print what it took."""
    conninfo, folder = sys.argv[1:]
    started = time.monotonic()
    site = build(Warehouse(lambda: conninfo), Path(folder))
    seconds = time.monotonic() - started
    # As benchmarks.ingest measures it, which would bring Dagster.
    peak = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
    told = {"seconds": seconds, "peak": peak, "pages": site.pages, "rendered": site.rendered, "bytes": site.bytes}
    print(json.dumps(told | {"files": site.files}))


if __name__ == "__main__":
    main()
