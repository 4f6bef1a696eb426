"""Exports of the whole warehouse against the server's own `COPY … TO` a file of the same tables, all in one run."""

import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from benchmarks.measure import Cost, interleaved, median, ratio, together
from boost_pipeline.reports.export_formats import Format
from boost_pipeline.reports.exports import export
from boost_pipeline.reports.relations import read_relations
from boost_pipeline.warehouse.warehouse import Warehouse

COPIES = 3
"""The ingested histories so many times more: the benchmark's are a third of Boost's."""


def measure(conninfo: str, rounds: int, *, grow: bool) -> None:
    """Print the figures, on the rows that the ingest left in the database at `conninfo`.

    Args:
        conninfo: of the database.
        rounds: how often.
        grow: add copies of the rows first, for histories smaller than Boost's.
    """
    warehouse = Warehouse(lambda: conninfo)
    with tempfile.TemporaryDirectory() as name, psycopg.connect(conninfo, autocommit=True) as connection:
        folder = Path(name)
        folder.chmod(0o777)  # the server may run as another user, and writes files
        if grow:
            _grow(connection)
        connection.execute("VACUUM ANALYZE")
        tables = [name for name, relation in read_relations(connection).items() if not relation.is_view]

        def server() -> Cost:
            return together(lambda: [_copy(connection, table, folder) for table in tables])

        def ours(form: Format, *, emails: bool) -> Cost:
            return together(lambda: export(warehouse, form, folder / form, emails=emails))

        works = {f"{form}, all": lambda form=form: ours(form, emails=True) for form in Format}
        works["csv"] = lambda: ours(Format.csv, emails=False)
        works["parquet"] = lambda: ours(Format.parquet, emails=False)
        for work in (server, *works.values()):  # caches of the server and of the disk
            work()
        costs = interleaved(rounds, server=server, **works)
        rows = export(warehouse, Format.csv, folder / "csv").rows
        peaks = {form: _peak(conninfo, form, folder / form) for form in Format}
    print(
        f"export: {sum(rows.values()):,} rows of {len(rows)} tables and views; server: COPY (SELECT * FROM …) TO, CSV"
    )
    print("  'all' with e-mail addresses, so the same values as the server's; else as an export is without options")
    for label, cost in costs.items():
        print(
            f"  {label:12} wall {median(cost, 'wall'):6.2f} s   our cpu {median(cost, 'cpu'):6.2f} s"
            f"   ratio {ratio(cost, costs['server']):.2f}"
        )
    for form, peak in peaks.items():
        print(f"  {form:8} in a process of its own: {peak:.0f} MiB at most")


def _peak(conninfo: str, form: Format, folder: Path) -> float:
    """Return the peak memory of an export in a process of its own, in MiB."""
    command = [sys.executable, "-m", "benchmarks.export", conninfo, form, str(folder)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]).stdout)


def _copy(connection: psycopg.Connection, table: str, folder: Path) -> None:
    statement = SQL("COPY (SELECT * FROM {}) TO {} (FORMAT csv, HEADER)")
    connection.execute(statement.format(Identifier("public", table), Literal(str(folder / f"{table}.server.csv"))))


def _grow(connection: psycopg.Connection) -> None:
    """Copy each repository with its commits and their files, under other names and ids."""
    connection.execute("SET session_replication_role = replica")  # keys are right, and need no check for each row
    for number in range(1, COPIES + 1):
        step = number * 1_000_000_000
        connection.execute(
            SQL(
                """
                CREATE TEMP TABLE more_repositories AS SELECT * FROM repositories WHERE id < 1000000000;
                UPDATE more_repositories SET id = id + {step}, name = name || '-' || {number};
                INSERT INTO repositories SELECT * FROM more_repositories;
                CREATE TEMP TABLE more_commits AS SELECT * FROM commits WHERE id < 1000000000;
                UPDATE more_commits SET id = id + {step}, repository_id = repository_id + {step};
                INSERT INTO commits SELECT * FROM more_commits;
                CREATE TEMP TABLE more_files AS SELECT * FROM commit_files WHERE commit_id < 1000000000;
                UPDATE more_files SET commit_id = commit_id + {step};
                INSERT INTO commit_files SELECT * FROM more_files;
                DROP TABLE more_repositories, more_commits, more_files
                """
            ).format(step=Literal(step), number=Literal(str(number)))
        )
    connection.execute("SET session_replication_role = DEFAULT")


if __name__ == "__main__":
    export(Warehouse(lambda: sys.argv[1]), Format(sys.argv[2]), Path(sys.argv[3]))
    # As benchmarks.ingest measures it, which would bring Dagster.
    print(int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024)
