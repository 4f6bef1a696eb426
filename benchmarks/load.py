"""Loading rows alone: our COPY and our merge against the server's own `COPY … FROM` a file of the same rows."""

import tempfile
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Literal

from benchmarks.measure import Cost, interleaved, median, ratio, together
from boost_pipeline.warehouse.commit_loader import FILE_COLUMNS
from boost_pipeline.warehouse.merge import copy, merge

ROWS = 200_000


def measure(conninfo: str, rounds: int) -> None:
    """Print the figures, on the rows that the ingest left in the database at `conninfo`."""
    with tempfile.TemporaryDirectory() as folder, psycopg.connect(conninfo, autocommit=True) as connection:
        Path(folder).chmod(0o777)  # the server may run as another user, and writes the file
        file = str(Path(folder) / "rows")
        connection.execute(
            SQL("COPY (SELECT * FROM commit_files ORDER BY commit_id, path LIMIT {}) TO {}").format(
                Literal(ROWS), Literal(file)
            )
        )
        rows = connection.execute(
            SQL("SELECT * FROM commit_files ORDER BY commit_id, path LIMIT {}").format(Literal(ROWS))
        ).fetchall()

        def server() -> Cost:
            _empty(connection)
            return together(lambda: connection.execute(SQL("COPY loaded FROM {}").format(Literal(file))))

        def plain() -> Cost:
            _empty(connection)
            return together(lambda: copy(connection, "loaded", FILE_COLUMNS, rows))

        def merged() -> Cost:
            _empty(connection)
            with connection.transaction():
                return together(lambda: merge(connection, "loaded", FILE_COLUMNS, rows, key=["commit_id", "path"]))

        costs = interleaved(rounds, server=server, plain=plain, merged=merged)
        connection.execute("DROP TABLE loaded")
    print(f"load alone: {len(rows):,} rows of commit_files with its primary and foreign key")
    for name, cost in costs.items():
        wall = median(cost, "wall")
        print(
            f"  {name:7} wall {wall:5.2f} s   our cpu {median(cost, 'cpu'):5.2f} s   {len(rows) / wall:9,.0f} rows/s"
            f"   ratio {ratio(cost, costs['server']):.2f}"
        )


def _empty(connection: psycopg.Connection) -> None:
    connection.execute("DROP TABLE IF EXISTS loaded")
    connection.execute("CREATE TABLE loaded (LIKE commit_files INCLUDING ALL)")
    connection.execute("ALTER TABLE loaded ADD FOREIGN KEY (commit_id) REFERENCES commits")
    connection.execute("CHECKPOINT")
