"""A dossier and a monthly report in a real browser, opened from the disk: quiet, readable by all, on any screen."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from boost_pipeline.reports.dossier.pages import html
from boost_pipeline_tests.reports.dossier.conftest import dossier
from boost_pipeline_tests.reports.site.test_browser import AXE, Browser, browser, pytestmark, visiting

__all__ = ["browser", "pytestmark"]

PAGES = ["index.html", "report.html"]


@pytest.fixture
def folder(collected, world, tmp_path) -> Iterator[Path]:
    """The dossier of the sample's newest release, and the report of a month with a hostile name."""
    (tmp_path / "index.html").write_text(html(dossier(collected.warehouse, "boost-1.71.0")))
    world.commit(name="</script><script>alert(1)</script>\u202e" + "x" * 10_000)
    (tmp_path / "report.html").write_text(html(world.month(date(2026, 5, 1))))
    return tmp_path


@pytest.mark.parametrize("width", [1280, 390])
def test_it_opens_without_a_complaint_a_request_or_a_sideways_scroll(browser: Browser, folder, width):
    with visiting(browser, folder, viewport={"width": width, "height": 900}) as visit:
        for name in PAGES:
            page = visit.open(name)
            assert page.evaluate("document.documentElement.scrollWidth") == width

        assert visit.complaints == []
        assert [url for url in visit.requests if not url.startswith(("file://", "data:"))] == []


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_it_has_no_violation_of_accessibility(browser: Browser, folder, colours):
    with visiting(browser, folder, color_scheme=colours, bypass_csp=True) as visit:
        for name in PAGES:
            page = visit.open(name)
            page.evaluate(AXE.read_text(encoding="utf-8"))
            found = page.evaluate("axe.run().then(result => result.violations.map(one => one.id))")
            assert found == []
