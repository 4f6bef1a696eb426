"""An export is of one moment, appears whole or not at all, proves itself, and holds no address unless asked to."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from boost_pipeline.errors import UnknownName
from boost_pipeline.progress import shown_by
from boost_pipeline.reports.duckdb_session import ExportError
from boost_pipeline.reports.export_formats import Format
from boost_pipeline.reports.exports import export
from boost_pipeline.reports.personal_data import MASK
from boost_pipeline.reports.publication import PublicationError
from boost_pipeline_tests.reports.export_worlds import (
    NOW,
    Meddler,
    add_commit,
    add_cursor,
    counts,
    manifest,
    names,
    objects,
    opened,
)

FORMATS = [*Format]


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("form", FORMATS)
def test_rows_written_during_an_export_are_not_in_it(warehouse, out, form):
    add_cursor(warehouse, "before")

    def write():
        add_cursor(warehouse, "after")
        with warehouse.transaction() as transaction:
            transaction.fail("a", "b", "unknown", "late", NOW)

    with shown_by(Meddler(1, write)):
        export(warehouse, form, out, ["cursors", "failures"])

    assert counts(out) == {"cursors": 1, "failures": 0}


@pytest.mark.parametrize("form", FORMATS)
def test_a_failure_in_the_middle_leaves_the_old_export_and_nothing_else(warehouse, out, form):
    add_cursor(warehouse, "old")
    export(warehouse, form, out, ["cursors", "failures"])
    before = snapshot(out)
    add_cursor(warehouse, "new")

    def fail():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), shown_by(Meddler(1, fail)):
        export(warehouse, form, out, ["cursors", "failures"])

    assert snapshot(out) == before
    assert names(out.parent) == ["out"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_database_that_goes_away_while_it_sends_leaves_the_old_export(warehouse, out, form):
    export(warehouse, form, out, ["cursors"])
    before = snapshot(out)
    for number in range(3):
        add_commit(warehouse, message="x" * 1_000_000, author_name=str(number))

    def cut():
        with psycopg.connect(warehouse.conninfo(), autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    with pytest.raises(Exception, match="terminat"), shown_by(Meddler(1, cut)):
        export(warehouse, form, out, ["cursors", "commits"])

    assert snapshot(out) == before
    assert names(out.parent) == ["out"]


@pytest.mark.parametrize("form", [Format.parquet, Format.duckdb])
def test_a_row_that_duckdb_cannot_read_is_told_in_one_line(warehouse, out, form):
    add_commit(warehouse, message="x" * 34_000_000)

    with pytest.raises(ExportError, match=r"^DuckDB refuses commits: .{1,200}\. Export it as csv or jsonl\.$"):
        export(warehouse, form, out, ["commits"])

    assert names(out.parent) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from boost_pipeline.progress import shown_by
from boost_pipeline.reports.export_formats import Format
from boost_pipeline.reports.exports import export
from boost_pipeline.warehouse.warehouse import Warehouse
from boost_pipeline_tests.reports.export_worlds import Meddler

with shown_by(Meddler(2, lambda: os.kill(os.getpid(), signal.SIGKILL))):
    export(Warehouse(lambda: sys.argv[1]), Format(sys.argv[2]), Path(sys.argv[3]), ["cursors", "failures"])
"""


@pytest.mark.parametrize("form", [Format.csv, Format.duckdb])
def test_a_killed_export_leaves_the_old_one_and_the_next_removes_what_it_left(warehouse, out, form):
    add_cursor(warehouse, "old")
    export(warehouse, form, out, ["cursors", "failures"])
    before = snapshot(out)

    killed = subprocess.run([sys.executable, "-c", KILLED, warehouse.conninfo(), form, out])

    assert killed.returncode == -signal.SIGKILL
    assert snapshot(out) == before
    assert len(names(out.parent)) == 2
    export(warehouse, form, out, ["cursors"])
    assert names(out.parent) == ["out"]
    assert counts(out) == {"cursors": 1}


def test_two_exports_at_once_do_not_harm_each_other(warehouse, out):
    together = threading.Barrier(2, timeout=60)
    errors = []

    def one(table: str) -> None:
        try:
            with shown_by(Meddler(1, together.wait)):
                export(warehouse, Format.jsonl, out, [table, "commits"])
        except BaseException as error:
            errors.append(error)
            raise

    export(warehouse, Format.jsonl, out)
    threads = [threading.Thread(target=one, args=(table,)) for table in ("cursors", "failures")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert len(counts(out)) == 2
    assert {path.name for path in out.iterdir()} == {
        "manifest.json",
        *(file["file"] for file in manifest(out)["files"]),
    }
    assert names(out.parent) == ["out"]


@pytest.mark.parametrize("form", [Format.json, Format.csv, Format.parquet])
def test_a_file_that_does_not_hold_its_rows_is_not_published(warehouse, out, form):
    for number in range(20):
        add_cursor(warehouse, f"unit {number}")
    export(warehouse, form, out, ["failures"])
    before = snapshot(out)

    def damage():
        (file,) = out.parent.glob(f".out.building-*/cursors.{form}")
        os.truncate(file, file.stat().st_size // 2)

    with pytest.raises(ExportError, match=r"cursors|DuckDB"), shown_by(Meddler(2, damage)):
        export(warehouse, form, out, ["cursors", "failures"])

    assert snapshot(out) == before


@pytest.mark.parametrize("form", FORMATS)
def test_the_manifest_proves_the_files(warehouse, out, form):
    add_commit(warehouse)

    done = export(warehouse, form, out, ["commits", "repositories"])

    told = manifest(out)
    assert (told["kind"], told["version"], told["format"]) == ("boost-pipeline export", 2, form)
    assert told["snapshot_at"] == done.snapshot_at.isoformat()
    with warehouse.transaction() as transaction:
        assert told["schema_revision"] == transaction.value("SELECT version_num FROM alembic_version")
    assert {file["file"] for file in told["files"]} == {path.name for path in out.iterdir()} - {"manifest.json"}
    for file in told["files"]:
        data = (out / file["file"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file["bytes"], file["sha256"])
    assert [(table["table"], table["rows"]) for table in told["tables"]] == [("commits", 1), ("repositories", 1)]
    parents = next(column for column in told["tables"][0]["columns"] if column["name"] == "parents")
    assert (parents["type"], parents["comment"]) == ("text[]", "In git's order; empty for a root.")


def test_the_schema_tells_keys_and_the_licence_says_what_applies(warehouse, out):
    export(warehouse, Format.json, out, ["commits"])

    (commits,) = json.loads((out / "schema.json").read_text(encoding="utf-8"))
    assert commits["primary_key"] == ["id"]
    assert commits["unique"] == [["repository_id", "sha"]]
    assert {"columns": ["repository_id"], "table": "repositories", "referred": ["id"]} in commits["foreign_keys"]
    note = (out / "LICENSE.txt").read_text(encoding="utf-8")
    assert "Boost Software License 1.0" in note
    assert "personal data" in note


def addresses(warehouse) -> None:
    add_commit(
        warehouse,
        author_name="ann@example.org",
        subject="Fix <ben@mail.example.org>: icon@2x.x",
        message="a" * 10_000 + "@\n\nSigned-off-by: Çelik <c.elik+boost@example.co.uk>, @handle",
    )
    with warehouse.transaction() as transaction:
        commit = transaction.value("SELECT id FROM commits")
        transaction.copy("commit_trailers", ["commit_id", "position", "token", "value"], [(commit, 0, "By", "d@x.org")])
        transaction.copy("commit_files", ["commit_id", "path", "status"], [(commit, "img/icon@mail.example.org", "A")])


TABLES = ["commits", "commit_trailers", "library_people", "commit_files"]


@pytest.mark.parametrize("form", FORMATS)
def test_addresses_are_left_out_of_columns_and_texts(warehouse, out, form):
    addresses(warehouse)

    export(warehouse, form, out, TABLES)

    told = {table["table"]: table for table in manifest(out)["tables"]}
    assert told["commits"]["left_out"] == ["author_email", "committer_email"]
    assert told["library_people"]["left_out"] == ["raw", "email"]
    columns = ("author_name", "subject", "message")
    if form in (Format.json, Format.jsonl):
        (row,) = objects(out, form, "commits")
        values = tuple(row[column] for column in columns)
    else:
        with opened(out, form) as ask:
            (values,) = ask("SELECT author_name, subject, message FROM commits")
            assert ask("SELECT value FROM commit_trailers") == [(MASK,)]
            assert ask("SELECT path FROM commit_files") == [("img/icon@mail.example.org",)]
    assert values == (
        MASK,
        f"Fix <{MASK}>: icon@2x.x",
        "a" * 10_000 + f"@\n\nSigned-off-by: Çelik <{MASK}>, @handle",
    )
    assert "left out" in (out / "LICENSE.txt").read_text(encoding="utf-8")


def test_addresses_are_there_where_they_were_asked_for(warehouse, out):
    addresses(warehouse)

    export(warehouse, Format.jsonl, out, TABLES, emails=True)

    (row,) = objects(out, Format.jsonl, "commits")
    assert (row["author_email"], row["author_name"]) == ("ann@example.org", "ann@example.org")
    assert manifest(out)["emails"] is True
    assert "INCLUDED" in (out / "LICENSE.txt").read_text(encoding="utf-8")


def test_an_unknown_table_is_told_with_a_near_match(warehouse, out):
    with pytest.raises(UnknownName, match="There is no table or view 'comits'; did you mean commits"):
        export(warehouse, Format.csv, out, ["releases", "comits"])
    with pytest.raises(UnknownName, match="alembic_version"):
        export(warehouse, Format.csv, out, ["alembic_version"])

    assert not out.parent.exists()


def test_a_table_of_somebody_else_is_not_exported(warehouse, out):
    with warehouse.transaction() as transaction:
        transaction.execute("CREATE TABLE secrets (x text)")
        transaction.execute("CREATE VIEW more_secrets AS SELECT * FROM secrets")

    export(warehouse, Format.csv, out)

    assert not {"secrets", "more_secrets"} & counts(out).keys()


@pytest.mark.parametrize("files", [["thesis.txt"], ["manifest.json"]])
def test_a_folder_with_other_files_is_not_touched(warehouse, out, files):
    out.mkdir(parents=True)
    for file in files:
        (out / file).write_text("mine")

    with pytest.raises(PublicationError, match="holds other files, which would be lost"):
        export(warehouse, Format.csv, out, ["releases"])

    assert {path.name: path.read_text() for path in out.iterdir()} == dict.fromkeys(files, "mine")
    assert names(out.parent) == ["out"]


def test_a_note_beside_an_export_is_not_lost(warehouse, out):
    export(warehouse, Format.csv, out, ["releases"])
    (out / "note").write_text("mine")

    with pytest.raises(PublicationError):
        export(warehouse, Format.csv, out, ["releases"])

    assert (out / "note").read_text() == "mine"


def test_a_file_or_a_closed_place_is_told_in_one_line(warehouse, tmp_path):
    (tmp_path / "file").write_text("mine")

    with pytest.raises(PublicationError, match="is a file"):
        export(warehouse, Format.csv, tmp_path / "file", ["releases"])
    with pytest.raises(PublicationError, match="Choose another folder"):
        export(warehouse, Format.csv, tmp_path / "file" / "below", ["releases"])


def test_a_link_keeps_pointing_at_the_export(warehouse, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    export(warehouse, Format.csv, tmp_path / "link", ["releases"])

    assert (tmp_path / "link").is_symlink()
    assert counts(tmp_path / "real") == {"releases": 0}


@pytest.mark.parametrize("name", ["a {b} 'c' \"d\"", "[x]*", "ü\u202e"])
@pytest.mark.parametrize("form", [Format.parquet, Format.duckdb])
def test_any_name_of_a_folder_works(warehouse, tmp_path, form, name):
    for _ in range(2):
        export(warehouse, form, tmp_path / name, ["releases"])

    assert names(tmp_path) == [name]


MEASURED = """
import sys
from pathlib import Path
from boost_pipeline.reports.export_formats import Format
from boost_pipeline.reports.exports import export
from boost_pipeline.warehouse.warehouse import Warehouse

export(Warehouse(lambda: sys.argv[1]), Format(sys.argv[2]), Path(sys.argv[3]), ["cursors", "failures"])
# Not ru_maxrss, which counts what the process that started this one had.
print(int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
def test_memory_does_not_grow_with_the_rows(warehouse, out, form):
    peaks = []
    for copies in (1, 4):
        with warehouse.transaction() as transaction:
            transaction.execute("TRUNCATE failures")
            transaction.execute(
                "INSERT INTO failures SELECT 'a', n::text, 'c', md5(n::text) || repeat(chr(65 + n %% 26), 3000), "
                "now(), now(), 1 FROM generate_series(1, %s) n",
                [copies * 30_000],
            )
        command = [sys.executable, "-c", MEASURED, warehouse.conninfo(), form, out]
        peaks.append(int(subprocess.run(command, check=True, capture_output=True, text=True).stdout))

    assert max(peaks) < 600, peaks
    if form is not Format.duckdb:  # which fills its buffers up to their limit
        assert peaks[1] - peaks[0] < 150, peaks
