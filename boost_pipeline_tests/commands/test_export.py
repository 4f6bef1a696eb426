"""`boost-pipeline export`: what is written, and what is told of it."""

import json
import re
import subprocess
import sys

import click
import psycopg
import pytest
from click.testing import CliRunner

from boost_pipeline.cli import Cli
from boost_pipeline.commands.export import export
from boost_pipeline.reports.export_formats import Format
from boost_pipeline.settings import load_settings
from boost_pipeline_tests.reports.export_worlds import names

TOLD = ["table", "rows", "file"]


@pytest.fixture
def run(warehouse, tmp_path, monkeypatch):
    """Run the command on an own warehouse."""
    with warehouse.transaction() as transaction:
        transaction.merge("modules", ["name"], [("config",), ("core",)], key=["name"])
    parts = psycopg.conninfo.conninfo_to_dict(warehouse.conninfo())
    monkeypatch.setenv("DATABASE_URL", f"postgresql://{parts['user']}@/{parts['dbname']}?host={parts['host']}")
    monkeypatch.setenv("BOOST_HOME", str(tmp_path / "home"))
    load_settings.cache_clear()
    group = click.Group("boost-pipeline", commands=[export])
    group.__class__ = Cli
    yield lambda *arguments: CliRunner().invoke(group, ["export", *arguments])
    load_settings.cache_clear()


@pytest.mark.parametrize("form", [*Format])
def test_a_table_of_what_was_written_fits_80_columns(run, tmp_path, form):
    result = run("--format", form)

    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].split() == TOLD
    assert any(line.split()[:2] == ["modules", "2"] for line in lines)
    assert max(len(line) for line in lines[:-1]) <= 80
    assert lines[-1] == f"in {tmp_path / 'home' / 'exports' / form}"
    assert re.match(r"\d+ rows, \d+\.\d MB, of no source: nothing was read yet$", lines[-2])


def test_a_script_reads_what_was_written(run, tmp_path):
    result = run("--format", "csv", "--table", "modules", "--out", str(tmp_path / "out"), "--json")

    told = json.loads(result.stdout)
    assert (told["folder"], told["format"]) == (str(tmp_path / "out"), "csv")
    assert told["tables"] == [{"table": "modules", "rows": 2, "file": "modules.csv"}]
    assert "modules.csv" in names(tmp_path / "out")


def test_an_unknown_table_is_told_in_one_line(run):
    result = run("--table", "module")

    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "Error: There is no table or view 'module'; did you mean modules?"


def test_an_unknown_format_is_wrong_usage(run):
    assert run("--format", "xls").exit_code == 2


TERMINATED = """
import os, signal
from contextlib import contextmanager
from boost_pipeline.commands import terminal
from boost_pipeline.cli import main
from boost_pipeline_tests.reports.export_worlds import Meddler

terminal.display = lambda: Meddler(2, lambda: os.kill(os.getpid(), signal.SIGTERM))
main(["export", "--table", "modules", "--table", "releases", "--out", os.environ["OUT"]])
"""


def test_a_signal_leaves_nothing_half_done(run, tmp_path, monkeypatch):
    out = tmp_path / "exports" / "out"
    monkeypatch.setenv("OUT", str(out))

    ended = subprocess.run([sys.executable, "-c", TERMINATED], capture_output=True, text=True)

    assert (ended.returncode, ended.stderr) == (143, "Stopped.\n")
    assert names(out.parent) == []
