"""The proof on real data: repositories rebuilt from a snapshot of Boost, against counts that others took of them.

It runs where the snapshot is, beside the project's folder; it takes about a minute.
"""

import csv
import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from boost_pipeline.warehouse.warehouse import Warehouse
from boost_pipeline_tests.collectors.conftest import Platform, open_platform
from boost_pipeline_tests.conftest import database

SNAPSHOT = Path(__file__).resolve().parents[3] / "shared" / "boost-snapshot"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SNAPSHOT.exists(), reason="the snapshot of Boost is not beside the project's folder"),
]


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory) -> Path:
    """The folder of the repositories that the snapshot's own script writes."""
    folder = tmp_path_factory.mktemp("rebuilt")
    command = [sys.executable, SNAPSHOT / "rebuild_repos.py", "--out", folder]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture(scope="module")
def boost(rebuilt, server, migrated_template, tmp_path_factory) -> Iterator[Platform]:
    """A platform that has collected all of it."""
    home = tmp_path_factory.mktemp("boost")
    with (
        database(server, migrated_template) as conninfo,
        open_platform(rebuilt.as_uri(), Warehouse(lambda: conninfo), home) as platform,
    ):
        result = platform.materialize()
        assert result.success, [event for event in result.all_events if event.is_failure]
        yield platform


@pytest.fixture(scope="module")
def totals():
    """What plain git says of the repositories."""
    return json.loads((SNAPSHOT / "totals.json").read_text())["repositories"]


def lines(path):
    with gzip.open(SNAPSHOT / path, "rt", encoding="utf-8") as file:
        yield from file


def counted(platform, expression, source="commits c"):
    """One number for each repository, over the commits of its default branch; the superproject aside."""
    query = f"""
        SELECT p.name, {expression} FROM {source} JOIN repositories p ON p.id = c.repository_id
        WHERE c.on_default_branch AND p.name <> 'boost' GROUP BY p.name
    """
    return dict(platform.rows(query))


def test_commits_equal(boost, totals):
    assert counted(boost, "count(*)") == {name: total["commits"] for name, total in totals.items()}


def test_merges_equal(boost, totals):
    assert counted(boost, "count(*) FILTER (WHERE c.is_merge)") == {n: total["merges"] for n, total in totals.items()}


def test_identities_equal(boost, totals):
    expected = {name: total["distinct_identities"] for name, total in totals.items()}

    assert counted(boost, "count(DISTINCT (c.author_name, c.author_email))") == expected


def test_paths_equal(boost, totals):
    source = """
        commits c JOIN commit_files f ON f.commit_id = c.id
        CROSS JOIN LATERAL (VALUES (f.path), (f.previous_path)) AS paths (path)
    """
    expected = {name: total["distinct_paths"] for name, total in totals.items()}

    assert counted(boost, "count(DISTINCT paths.path)", source) == expected


def test_file_changes_equal(boost, totals):
    """The totals were taken without renames: there, each is a deletion and an addition."""
    source = "commits c JOIN commit_files f ON f.commit_id = c.id"
    expected = {name: total["rebuilt"]["file_changes"] for name, total in totals.items()}

    assert counted(boost, "count(*) + count(*) FILTER (WHERE f.status = 'R')", source) == expected


def test_first_author_dates_equal(boost, totals):
    expected = {name: datetime.fromisoformat(total["first_author_date"]) for name, total in totals.items()}

    assert counted(boost, "min(c.authored_at)") == expected


def test_commits_by_year_of_the_authors_own_clock_equal(boost, totals):
    found = boost.rows(
        """
        SELECT p.name, extract(year FROM c.authored_at AT TIME ZONE 'UTC' + c.author_utc_offset * interval '1 minute'),
               count(*)
        FROM commits c JOIN repositories p ON p.id = c.repository_id
        WHERE c.on_default_branch AND p.name <> 'boost' GROUP BY 1, 2
        """
    )

    expected = {
        (n, int(y), count) for n, total in totals.items() for y, count in total["commits_by_author_year"].items()
    }
    assert {(name, int(year), count) for name, year, count in found} == expected


def test_the_tags_and_their_kinds_equal(boost):
    told = [json.loads(line) for line in (SNAPSHOT / "tags.jsonl").read_text().splitlines()]
    expected = {
        (tag["name"], "stable" if tag["kind"] == "final" else tag["kind"])
        for tag in told
        if tag["name"].startswith("boost-1.")
    }

    assert set(boost.rows("SELECT tag, kind FROM releases WHERE kind <> 'head'")) == expected


def test_the_pinned_commits_equal(boost, rebuilt, totals):
    commits = {
        name: dict(line.split() for line in (rebuilt / "_maps" / f"{name}.tsv").read_text().splitlines())
        for name in totals
    }
    replaced = substituted(rebuilt)
    stable = {tag for (tag,) in boost.rows("SELECT tag FROM releases WHERE kind = 'stable'")}
    expected = {
        (link["ref"], link["path"], commits[repository][link["commit"]])
        for link in csv.DictReader(lines("gitlinks.csv.gz"))
        if (repository := link["url"].removeprefix("../").removesuffix(".git")) in totals
        and link["ref"] in stable
        and (link["ref"], link["path"]) not in replaced
    }

    found = set(
        boost.rows(
            "SELECT r.tag, m.path, m.commit_sha FROM release_modules m JOIN releases r ON r.id = m.release_id "
            "WHERE r.kind = 'stable'"
        )
    )
    assert {row for row in found if row[:2] not in replaced} == expected
    assert len(expected) > 1500


def test_libraries_and_people_equal_the_metadata_files(boost, rebuilt):
    replaced = substituted(rebuilt)
    paths = {
        (tag, path)
        for tag, path in boost.rows(
            "SELECT r.tag, m.path FROM release_modules m JOIN releases r ON r.id = m.release_id WHERE r.kind = 'stable'"
        )
    } - replaced
    libraries, people = set(), set()
    for line in lines("meta/libraries_json.jsonl.gz"):
        file = json.loads(line)
        if (file["release"], file["submodule"]) not in paths:
            continue
        try:
            entries = json.loads(file["text"])
        except ValueError:
            continue
        for entry in entries if isinstance(entries, list) else [entries]:
            libraries.add((file["release"], file["submodule"], file["file"], entry["key"], entry["name"]))
            for role in ("authors", "maintainers"):
                texts = entry.get(role) or []
                for text in [texts] if isinstance(texts, str) else texts:
                    people.add((file["release"], entry["key"], role.removesuffix("s"), text))

    joined = """
        library_versions v JOIN releases r ON r.id = v.release_id
        JOIN release_modules m ON (m.release_id, m.module_id) = (v.release_id, v.module_id)
    """
    found = set(boost.rows(f"SELECT r.tag, m.path, v.metadata_path, v.key, v.name FROM {joined}"))
    assert {row for row in found if row[:2] in paths} == libraries
    named = set(
        boost.rows(
            "SELECT r.tag, v.key, p.role, p.raw, m.path FROM library_people p "
            f"JOIN ({joined}) ON v.id = p.library_version_id"
        )
    )
    assert {row[:4] for row in named if (row[0], row[4]) in paths} == people
    assert len(libraries) > 1000


def test_the_invalid_files_are_on_record(boost):
    found = boost.rows(
        """
        SELECT r.tag, m.name FROM metadata_problems p JOIN releases r ON r.id = p.release_id
        JOIN modules m ON m.id = p.module_id WHERE p.kind = 'invalid_json' ORDER BY 1
        """
    )

    assert found == [("boost-1.56.0", "ratio"), ("boost-1.57.0", "ratio"), ("boost-1.76.0", "type_traits")]


def test_the_checks_agree(boost):
    evaluations = boost.materialize().get_asset_check_evaluations()

    assert {e.check_name for e in evaluations if not e.passed} == {"metadata_gaps", "pins_equal_tags"}


def test_a_second_run_writes_no_row(boost):
    query = """
        SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables
        WHERE schemaname = 'public' AND relname NOT IN ('freshness', 'looks')
    """
    before = settled(boost, query)

    assert boost.materialize().success
    assert settled(boost, query) == before


def settled(platform, query):
    """The value once PostgreSQL has counted what was done so far."""
    with platform.warehouse.transaction() as transaction:
        transaction.execute("SELECT pg_stat_force_next_flush()")
    return platform.rows(query)


def substituted(rebuilt):
    """(tag, path) of the pinned commits that the snapshot lacks and its script replaces by an older one."""
    rows = (rebuilt / "_maps" / "substituted_links.tsv").read_text().splitlines()[1:]
    return {tuple(row.split("\t")[:2]) for row in rows}


def test_dependencies_are_those_that_boostdep_prints(boost, rebuilt):
    """Edge for edge, in sixteen releases; but for modules of which the rebuilt superproject pins another commit."""
    stored = {}
    for tag, *edge, by_headers in boost.rows(
        """
        SELECT r.tag, a.path, b.path, bool_or(d.kind = 'header') FROM dependencies d
        JOIN releases r ON r.id = d.release_id
        JOIN release_modules a ON a.release_id = d.release_id AND a.module_id = d.module_id
        JOIN release_modules b ON b.release_id = d.release_id AND b.module_id = d.depends_on_id
        WHERE d.kind <> 'test' AND d.boostdep_count > 0 GROUP BY r.tag, a.path, b.path
        """
    ):
        stored.setdefault(tag, {})[tuple(edge)] = by_headers
    held = {path for (path,) in boost.rows("SELECT DISTINCT path FROM release_modules")}
    others = substituted(rebuilt)
    expected: dict[str, dict[tuple[str, str], bool]] = {}
    for row in csv.DictReader(lines("expected_edges.csv.gz")):
        if {row["from"], row["to"]} <= held:
            edges = expected.setdefault(row["release"], {})
            edges[row["from"], row["to"]] = row["distinct_headers_from_headers_only"] != "0"

    def comparable(tag, edges):
        return {edge: kind for edge, kind in edges.items() if not {(tag, module) for module in edge} & others}

    assert len(expected) == 16
    for tag, edges in expected.items():
        assert comparable(tag, stored[tag]) == comparable(tag, edges), tag


def test_no_edge_is_ours_or_boostdeps_alone(boost):
    found = boost.rows(
        "SELECT count(*) FROM dependencies WHERE kind <> 'test' AND (include_count = 0) <> (boostdep_count = 0)"
    )
    assert found == [(0,)]
