"""How a dashboard is built: whole or not at all, and anew only where something changed."""

import json
from datetime import timedelta

import pytest

from boost_pipeline.reports.publication import PublicationError
from boost_pipeline.reports.site import build as building
from boost_pipeline.reports.site.build import build
from boost_pipeline.reports.site.checks import SiteError
from boost_pipeline_tests.reports.site.worlds import AT, commit, fill

KEYS = [f"lib{number}" for number in range(1, 7)]


@pytest.fixture
def filled(warehouse):
    fill(warehouse, KEYS)
    return warehouse


def test_a_build_of_the_same_data_makes_no_page_and_keeps_the_files(filled, folder):
    first = build(filled, folder)
    inodes = {path: path.stat().st_ino for path in folder.rglob("*.html")}

    second = build(filled, folder)

    assert (first.rendered, second.rendered) == (13, 0)
    assert {path: path.stat().st_ino for path in folder.rglob("*.html")} == inodes


def test_a_day_of_work_in_some_libraries_makes_their_pages_anew_and_those_of_all_of_boost(filled, folder):
    build(filled, folder)
    before = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.html")}
    with filled.transaction() as transaction:
        for repository in (2, 5):
            commit(transaction, repository, "Ann", "second", AT + timedelta(days=1))

    site = build(filled, folder)

    after = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.html")}
    changed = {path for path in after if after[path] != before[path]}
    assert {path for path in changed if "/" in path} == {"libraries/lib2.html", "libraries/lib5.html"}
    assert site.rendered <= 7 + 2
    assert {"index.html", "contributors.html", "libraries.html", "risks.html"} <= changed


def test_an_incremental_build_equals_one_from_nothing(filled, folder, tmp_path):
    build(filled, folder)
    with filled.transaction() as transaction:
        commit(transaction, 3, "Ann", "second", AT + timedelta(days=1))
        transaction.execute("DELETE FROM library_versions WHERE library_id = 6")

    build(filled, folder)
    build(filled, tmp_path / "fresh")

    assert _contents(folder) == _contents(tmp_path / "fresh")
    assert not (folder / "libraries" / "lib6.html").exists()


def test_a_page_that_somebody_damaged_is_made_anew(filled, folder):
    build(filled, folder)
    expected = _contents(folder)
    (folder / "libraries" / "lib1.html").write_text("damaged")
    (folder / "assets" / "style.css").unlink()

    site = build(filled, folder)

    assert site.rendered == 1
    assert _contents(folder) == expected


def test_a_build_that_fails_leaves_the_old_site_and_nothing_beside_it(filled, folder, monkeypatch):
    build(filled, folder)
    expected = _contents(folder)
    with filled.transaction() as transaction:
        commit(transaction, 1, "Ann", "second", AT + timedelta(days=1))
    monkeypatch.setattr(building, "check_links", _refuse)

    with pytest.raises(SiteError):
        build(filled, folder)

    assert _contents(folder) == expected
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_folder_of_somebody_else_is_not_touched(filled, folder):
    folder.mkdir(parents=True)
    (folder / "thesis.html").write_text("mine")

    with pytest.raises(PublicationError, match="holds other files"):
        build(filled, folder)

    assert (folder / "thesis.html").read_text() == "mine"


def test_the_manifest_names_each_file_with_its_digest(filled, folder):
    build(filled, folder)

    told = json.loads((folder / "manifest.json").read_text())["files"]

    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert told.keys() == files - {"manifest.json"}


def _contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }


def _refuse(*_):
    raise SiteError("No.")
