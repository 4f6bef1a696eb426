"""Exports: every value arrives, all of one moment, whole or not at all, and without addresses."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from boost_pipeline.reports.export_formats import Format
from boost_pipeline.reports.exports import export
from boost_pipeline.warehouse.tables import metadata
from boost_pipeline.warehouse.warehouse import Warehouse
from boost_pipeline_tests.conftest import database
from boost_pipeline_tests.reports.export_worlds import NOW, add_commit, counts, manifest, names, objects, opened

FORMATS = [*Format]
HOSTILE = [
    "",
    " ",
    "NULL",
    "\\N",
    "\\.",
    "a\\.\n\\.\nb",
    'say "hi", she said\r\nand\rleft\n',
    "'; DROP TABLE commits; --",
    "{a,b}",
    '["a"]',
    "\u202eright to left\u2066",
    "</script>\x01\x02\x1f\x7f\u0085\u2028",
    "😀 naïve Ελληνικά",
    "=cmd|' /C calc'!A0",
    "x" * 10_000,
    '"' * 3,
    "t",
    "\ufeffbom",
]

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20) | st.sampled_from(
    HOSTILE
)
documents = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - made aware
numbers = st.integers(-(2**63), 2**63 - 1)
rows = st.lists(
    st.tuples(texts, st.none() | texts, st.lists(texts | st.none(), max_size=4), documents, moments, numbers),
    max_size=8,
)


@pytest.fixture(scope="module")
def shared(server, migrated_template):
    """A warehouse whose tables `fill` fills anew."""
    with database(server, migrated_template) as conninfo:
        yield Warehouse(lambda: conninfo)


def fill(warehouse: Warehouse, rows) -> None:
    """Put wild rows into tables with a list, a document, times, big numbers and a text that may be NULL."""
    with warehouse.transaction() as transaction:
        transaction.execute("TRUNCATE repositories, libraries, cursors CASCADE")
        for number, (text, perhaps, many, document, moment, big) in enumerate(rows):
            unit = f"{number} {text}"
            transaction.execute(
                "INSERT INTO repositories (id, owner, name, kind, default_branch) VALUES (%s, %s, %s, 'boost', %s)",
                (big, text, str(number), perhaps),
            )
            transaction.execute(
                "INSERT INTO libraries (id, key, name, aliases) VALUES (%s, %s, %s, %s)", (number, unit, text, many)
            )
            transaction.execute("INSERT INTO cursors VALUES ('a', %s, %s, %s)", (unit, Jsonb(document), moment))


def truth(warehouse: Warehouse) -> dict[str, list]:
    with warehouse.transaction() as transaction:
        return {
            "repositories": transaction.rows("SELECT id, owner, default_branch FROM repositories ORDER BY name::int"),
            "libraries": transaction.rows("SELECT name, aliases FROM libraries ORDER BY id"),
            "cursors": transaction.rows('SELECT unit, position, completed_at FROM cursors ORDER BY unit COLLATE "C"'),
        }


def read(folder: Path, form: Format) -> dict[str, list]:
    """Read an export as its readers would, in the shape of `truth`."""
    if form in (Format.json, Format.jsonl):
        return {
            "repositories": [
                (row["id"], row["owner"], row["default_branch"])
                for row in sorted(objects(folder, form, "repositories"), key=lambda row: int(row["name"]))
            ],
            "libraries": [
                (row["name"], row["aliases"])
                for row in sorted(objects(folder, form, "libraries"), key=lambda row: row["id"])
            ],
            "cursors": [
                (row["unit"], row["position"], datetime.fromisoformat(row["completed_at"]))
                for row in sorted(objects(folder, form, "cursors"), key=lambda row: row["unit"])
            ],
        }
    with opened(folder, form) as ask:
        documents = ask("SELECT unit, position, epoch_us(completed_at) FROM cursors ORDER BY unit")
        return {
            "repositories": ask("SELECT id, owner, default_branch FROM repositories ORDER BY name::INT"),
            "libraries": [
                (name, json.loads(aliases) if form is Format.csv else aliases)
                for name, aliases in ask("SELECT name, aliases FROM libraries ORDER BY id")
            ],
            "cursors": [
                (unit, json.loads(position), datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment))
                for unit, position, moment in documents
            ],
        }


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows)
@example(rows=[(text, text, [text, None], {text: [text]}, NOW, 2**63 - 1 - i) for i, text in enumerate(HOSTILE)])
@example(rows=[("a", None, [], None, NOW, -(2**63)), ("a", "", [""], [], NOW, 0)])
def test_every_value_arrives(shared, tmp_path_factory, form, rows):
    rows = list({row[-1]: row for row in rows}.values())
    fill(shared, rows)
    folder = tmp_path_factory.mktemp("export") / "out"

    export(shared, form, folder, ["repositories", "libraries", "cursors"], emails=True)

    assert read(folder, form) == truth(shared)


@pytest.mark.parametrize("form", FORMATS)
def test_all_tables_are_exported_and_views_by_name(warehouse, out, form):
    add_commit(warehouse, message="\n".join(HOSTILE))

    done = export(warehouse, form, out)

    assert done.rows == counts(out)
    assert done.rows["commits"] == 1
    with warehouse.transaction() as transaction:
        schema = transaction.rows(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' "
            "AND table_type = 'BASE TABLE' AND table_name <> 'alembic_version'"
        )
    assert set(done.rows) == {name for (name,) in schema}
    assert {path.name for path in out.iterdir()} == set(done.bytes)
    assert names(out.parent) == ["out"]

    assert export(warehouse, form, out, ["library_history"]).rows == {"library_history": 0}


@pytest.mark.parametrize("form", [Format.parquet, Format.duckdb])
def test_types_are_kept(warehouse, out, form):
    add_commit(warehouse)

    export(warehouse, form, out, ["commits"])

    with opened(out, form) as ask:
        kinds = {name: kind for name, kind, *_ in ask("DESCRIBE commits")}
        row = ask("SELECT parents, epoch_us(authored_at), committed_at, additions, is_merge FROM commits")
    assert kinds["parents"] == "VARCHAR[]"
    assert kinds["authored_at"] == "TIMESTAMP WITH TIME ZONE"
    assert kinds["additions"] == "BIGINT"
    assert kinds["author_utc_offset"] == "SMALLINT"
    assert kinds["is_merge"] == "BOOLEAN"
    assert row == [(["p", "q"], int(NOW.timestamp()) * 10**6 + 678901, None, 2**40, False)]
    assert {c["name"]: c["stored_as"] for c in manifest(out)["tables"][0]["columns"]}["parents"] == "VARCHAR[]"


def test_a_duckdb_file_describes_itself_and_older_ones_read_it(warehouse, out):
    export(warehouse, Format.duckdb, out, ["releases"])

    described = metadata.tables["releases"]
    with opened(out, Format.duckdb) as ask:
        assert ask("SELECT comment FROM duckdb_tables()") == [(described.comment,)]
        assert ask("SELECT column_name, comment FROM duckdb_columns() WHERE NOT internal") == [
            (column.name, column.comment) for column in described.columns
        ]
        version = "SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = 'boost'"
        assert ask(version) == [("v1.0.0+",)]
