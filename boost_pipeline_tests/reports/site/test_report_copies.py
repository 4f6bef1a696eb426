"""The dossiers and monthly reports of a site: taken in whole, linked only where they are, and leading back."""

import re

import pytest

from boost_pipeline.reports.dossier.folder import write
from boost_pipeline.reports.dossier.pages import NAVIGATION
from boost_pipeline.reports.site.build import build
from boost_pipeline.reports.site.checks import SiteError
from boost_pipeline.reports.site.report_copies import report_copies
from boost_pipeline_tests.reports.dossier.test_pages import report_of
from boost_pipeline_tests.reports.site.worlds import fill

NEWEST = "boost-1.81.0"


@pytest.fixture
def filled(warehouse):
    fill(warehouse, ["config", "core"])
    return warehouse


@pytest.fixture
def reports(tmp_path):
    """Where reports are written; each test writes those that it needs."""
    return tmp_path / "reports"


def dossier(reports, tag, words="x"):
    return write(report_of(words), reports / "releases" / tag, with_pdf=False).folder


def month(reports, name):
    from dataclasses import replace

    report = replace(report_of("x"), kind="Monthly report", page="report.html", pdf="report.pdf", data="report.md")
    return write(report, reports / "monthly" / name, with_pdf=False).folder


def hrefs(page):
    return set(re.findall(r'href="([^"]+)"', page.read_text()))


def test_the_first_page_and_the_releases_lead_to_the_dossier_of_the_newest_release(filled, folder, reports):
    dossier(reports, NEWEST)

    build(filled, folder, reports=reports)

    for page in ("index.html", "releases.html"):
        assert f"dossiers/{NEWEST}/index.html" in hrefs(folder / page)
    assert f"dossiers/{NEWEST}/dossier.json" in hrefs(folder / "releases.html")


def test_without_a_report_nothing_is_said_of_any(filled, folder, reports):
    site = build(filled, folder, reports=reports)

    assert site.reports == 0
    for page in ("index.html", "releases.html"):
        assert not [href for href in hrefs(folder / page) if href.startswith(("dossiers/", "monthly/"))]
        assert "reports" not in {href.partition("#")[2] for href in hrefs(folder / page)}


def test_a_dossier_leads_back_and_to_those_before_and_after_it_by_version(filled, folder, reports):
    for tag in ("boost-1.9.0", "boost-1.80.0", NEWEST, "develop"):
        dossier(reports, tag)

    build(filled, folder, reports=reports)

    page = (folder / "dossiers" / "boost-1.80.0" / "index.html").read_text()
    assert {"../../index.html", "../../releases.html", "../../libraries.html"} <= hrefs(
        folder / "dossiers" / "boost-1.80.0" / "index.html"
    )
    assert re.search(r'rel="prev" href="../../dossiers/boost-1.9.0/index.html"', page)
    assert re.search(rf'rel="next" href="../../dossiers/{NEWEST}/index.html"', page)
    assert NAVIGATION not in page


def test_dossiers_of_branches_and_reports_of_months_are_listed_on_the_page_of_releases(filled, folder, reports):
    dossier(reports, "develop")
    month(reports, "2026-09")
    month(reports, "2026-10")

    site = build(filled, folder, reports=reports)

    assert site.reports == 3
    page = (folder / "releases.html").read_text()
    assert page.index("monthly/2026-10/report.html") < page.index("monthly/2026-09/report.html")
    assert "dossiers/develop/index.html" in page
    assert "monthly/2026-10/report.html" in hrefs(folder / "index.html")
    assert "dossiers/develop/index.html" not in hrefs(folder / "monthly" / "2026-09" / "report.html")


def test_the_report_itself_links_to_no_other_page(reports):
    page = dossier(reports, NEWEST) / "index.html"

    assert NAVIGATION in page.read_text()
    assert not [href for href in hrefs(page) if ".html" in href and not href.startswith("https:")]


def test_the_same_reports_again_make_no_page(filled, folder, reports):
    dossier(reports, NEWEST)
    month(reports, "2026-10")
    build(filled, folder, reports=reports)
    before = {path: path.stat().st_ino for path in folder.rglob("*") if path.is_file()}
    del before[folder / "manifest.json"]

    assert build(filled, folder, reports=reports).rendered == 0
    assert {path: path.stat().st_ino for path in before} == before


def test_a_dossier_that_was_written_anew_takes_the_place_of_its_copy_alone(filled, folder, reports):
    dossier(reports, NEWEST, "old")
    dossier(reports, "boost-1.80.0")
    build(filled, folder, reports=reports)
    dossier(reports, NEWEST, "new words")

    assert build(filled, folder, reports=reports).rendered == 1
    assert "new words" in (folder / "dossiers" / NEWEST / "index.html").read_text()


def test_a_report_that_is_gone_or_damaged_is_gone_with_its_links(filled, folder, reports):
    damaged, gone = dossier(reports, NEWEST), dossier(reports, "boost-1.80.0")
    build(filled, folder, reports=reports)
    (damaged / "dossier.json").write_text("{}")
    for path in gone.iterdir():
        path.unlink()

    assert build(filled, folder, reports=reports).reports == 0
    assert not (folder / "dossiers").exists()
    assert "dossiers/" not in (folder / "releases.html").read_text()


def test_a_report_that_changes_during_the_build_is_told(reports):
    dossier(reports, NEWEST)
    (copy,) = report_copies(reports)
    dossier(reports, NEWEST, "new")

    with pytest.raises(SiteError, match=r"index.html changed while the dashboard was built. Build it again"):
        copy.content("index.html")
