"""`python -m benchmarks [--repositories FOLDER] [--rounds N] [ingest] [load] [groups] [starts]`: measure, and print."""

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
    parser.add_argument("what", nargs="*", metavar="{ingest,load,groups,starts}")
    parser.add_argument(
        "--repositories", type=Path, help="bare repositories, boost.git among them; else synthetic ones"
    )
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    what = arguments.what or ["ingest", "load", "groups", "starts"]
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {git}")
    print(f"medians of {arguments.rounds} rounds, each measuring all in turn")
    if "starts" in what:
        starts.measure(arguments.rounds + 2)
    if {"ingest", "load", "groups"} & set(what):
        with tempfile.TemporaryDirectory(prefix="boost-benchmark-") as home:
            Path(home).chmod(0o711)
            _with_server(Path(home), arguments.repositories, arguments.rounds, what)


def _with_server(home: Path, repositories: Path | None, rounds: int, what: list[str]) -> None:
    server = EmbeddedServer(home / "postgres")
    try:
        address = server.ensure()
        if {"ingest", "load"} & set(what):
            _histories(repositories or _synthetic(home), address, rounds, what)
        if "groups" in what:
            from benchmarks import groups  # Dagster would count as memory of what is measured

            groups.measure(address, rounds)
    finally:
        server.stop()


def _synthetic(home: Path) -> Path:
    folder = home / "repositories"
    folder.mkdir()
    history.build(folder)
    return folder


def _histories(repositories: Path, address: ServerAddress, rounds: int, what: list[str]) -> None:
    folder = repositories.absolute()
    if "ingest" in what:
        ingest.measure(folder, address, rounds)
    if "load" in what:
        database = ingest.fresh_database(address, "load")
        ingest.fill(folder, database, [name for name in ingest.names(folder) if name != "boost"])
        load.measure(database, rounds)


if __name__ == "__main__":
    main()
