"""`python -m benchmarks [--repositories FOLDER] [--rounds N] [WHAT]…`: measure, and print."""

import argparse
import os
import platform
import subprocess
import tempfile
from pathlib import Path

from benchmarks import history, ingest, load, starts
from boost_pipeline.warehouse.server import EmbeddedServer, ServerAddress


def main() -> None:
    """Read the arguments, and measure in a PostgreSQL server of its own, which is gone afterwards."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("what", nargs="*", metavar="{ingest,graph,load,export,dashboard,groups,starts,github}")
    parser.add_argument(
        "--repositories", type=Path, help="bare repositories, boost.git among them; else synthetic ones"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="of the emulated GitHub: 1 is boostorg's size")
    arguments = parser.parse_args()
    what = arguments.what or ["ingest", "graph", "load", "export", "dashboard", "groups", "starts", "github"]
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {git}")
    print(f"medians of {arguments.rounds} rounds, each measuring all in turn")
    if "starts" in what:
        starts.measure(arguments.rounds + 2)
    if {"ingest", "graph", "load", "export", "dashboard", "groups", "github"} & set(what):
        with tempfile.TemporaryDirectory(prefix="boost-benchmark-") as home:
            Path(home).chmod(0o711)
            _with_server(Path(home), arguments.repositories, arguments.rounds, what, arguments.scale)


def _with_server(home: Path, repositories: Path | None, rounds: int, what: list[str], scale: float) -> None:
    server = EmbeddedServer(home / "postgres")
    try:
        address = server.ensure()
        if {"ingest", "load", "export"} & set(what):
            _histories(repositories or _synthetic(home), address, rounds, what, real=repositories is not None)
        if "graph" in what and repositories is not None:
            from benchmarks import graph  # Dagster would count as memory of what is measured

            graph.measure(repositories.absolute(), address, rounds)
        if "dashboard" in what:
            from benchmarks import dashboard

            dashboard.measure(address)
        if "groups" in what:
            from benchmarks import groups  # Dagster would count as memory of what is measured

            groups.measure(address, rounds)
        if "github" in what:
            from benchmarks import github

            github.measure(address, scale)
    finally:
        server.stop()


def _synthetic(home: Path) -> Path:
    folder = home / "repositories"
    folder.mkdir()
    history.build(folder)
    return folder


def _histories(repositories: Path, address: ServerAddress, rounds: int, what: list[str], *, real: bool) -> None:
    folder = repositories.absolute()
    if "ingest" in what:
        ingest.measure(folder, address, rounds)
    if "load" in what:
        database = ingest.fresh_database(address, "load")
        ingest.fill(folder, database, [name for name in ingest.names(folder) if name != "boost"])
        load.measure(database, rounds)
    if "export" in what:
        from benchmarks import export  # DuckDB would count as memory of what is measured

        database = ingest.fresh_database(address, "export")
        ingest.fill(folder, database, ingest.names(folder))
        export.measure(database, rounds, grow=not real)


if __name__ == "__main__":
    main()
