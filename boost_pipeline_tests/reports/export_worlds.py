"""Rows to export, a display of progress that meddles, and the files as their readers see them."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import duckdb

from boost_pipeline.reports.export_formats import Format
from boost_pipeline.warehouse.warehouse import Warehouse

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


class Meddler:
    """A display of progress that does something once so many tables are written."""

    def __init__(self, after: int, deed) -> None:
        self.after = after
        self.deed = deed

    @contextmanager
    def track(self, label, total):
        done = 0

        def advance(unit):
            nonlocal done
            done += 1
            if done == self.after:
                self.deed()

        yield advance


def add_cursor(warehouse: Warehouse, unit: str) -> None:
    with warehouse.transaction() as transaction:
        transaction.move_cursor("code/commits", unit, {"tips": ["a"]}, NOW)


def add_commit(warehouse: Warehouse, **values: object) -> None:
    row = {
        "sha": uuid4().hex,
        "parents": ["p", "q"],
        "author_name": "Ann",
        "author_email": "ann@example.org",
        "authored_at": NOW,
        "author_utc_offset": 60,
        "committer_name": "Ann",
        "committer_email": "ann@example.org",
        "committed_at": None,
        "subject": "s",
        "message": "m",
        "is_merge": False,
        "is_reachable": True,
        "on_default_branch": True,
        "files_changed": 0,
        "additions": 2**40,
        "deletions": 0,
    } | values
    with warehouse.transaction() as transaction:
        transaction.merge("repositories", ["owner", "name", "kind"], [("o", "n", "boost")], key=["owner", "name"])
        row["repository_id"] = transaction.value("SELECT id FROM repositories WHERE name = 'n'")
        transaction.copy("commits", list(row), [tuple(row.values())])


def objects(folder: Path, form: Format, table: str) -> list[dict]:
    text = (folder / f"{table}.{form}").read_text(encoding="utf-8")
    return json.loads(text) if form is Format.json else [json.loads(line) for line in text.split("\n")[:-1]]


@contextmanager
def opened(folder: Path, form: Format):
    """Yield a function that asks DuckDB about the tables of an export."""
    file = str(folder / "boost.duckdb") if form is Format.duckdb else ":memory:"
    with duckdb.connect(file, read_only=form is Format.duckdb) as connection:
        if form is not Format.duckdb:
            for table in json.loads((folder / "manifest.json").read_text())["tables"]:
                source = f"'{folder / table['file']}'"
                if form is Format.csv:
                    kinds = {c["name"]: {"bigint": "BIGINT"}.get(c["type"], "VARCHAR") for c in table["columns"]}
                    kinds |= {c["name"]: "TIMESTAMPTZ" for c in table["columns"] if c["type"].startswith("timestamp")}
                    options = "quote='\"', escape='\"', allow_quoted_nulls=false, new_line='\\n'"
                    source = f"read_csv({source}, columns={kinds}, {options})"
                elif form in (Format.json, Format.jsonl):
                    continue
                connection.execute(f"CREATE VIEW {table['table']} AS FROM {source}")
        yield lambda query: connection.execute(query).fetchall()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def counts(folder: Path) -> dict[str, int]:
    return {table["table"]: table["rows"] for table in manifest(folder)["tables"]}
