"""As of when a page speaks: when its own sources were last read, never when a report was written."""

import re
from datetime import timedelta

import pytest

from boost_pipeline.reports.freshness import Due
from boost_pipeline.reports.site.build import build
from boost_pipeline_tests.reports.site.worlds import AT, fill, tables

KEYS = ["lib1", "lib2"]
GITHUB = ("github/repositories", "github/issues", "github/comments")
LATER = AT + timedelta(days=3)


@pytest.fixture
def filled(warehouse):
    fill(warehouse, KEYS)
    look(warehouse, AT, "boost/releases", "boost/libraries", "boost/dependencies", "code/commits", *GITHUB)
    look_at(warehouse, AT, "r1", "r2")
    return warehouse


def look(warehouse, at, *assets):
    with warehouse.transaction() as transaction:
        for asset in assets:
            transaction.looked(asset, at)


def look_at(warehouse, at, *repositories, assets=("code/commits", *GITHUB)):
    with warehouse.transaction() as transaction:
        for asset in assets:
            transaction.looked_at(asset, dict.fromkeys(repositories, at))


def as_of(page):
    """Return the moments that a page says it is of."""
    return set(re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", page.read_text()))


def test_writing_a_report_moves_the_as_of_of_no_page(filled, folder):
    build(filled, folder)
    before = {path: path.read_bytes() for path in folder.rglob("*.html")}
    look(filled, LATER, "reports/release", "reports/monthly", "reports/exports", "reports/dashboard")
    with filled.transaction() as transaction:
        transaction.move_cursor("reports/release", "boost-1.81.0", {"files": ["index.html"]}, LATER)

    build(filled, folder)

    after = {path: path.read_bytes() for path in folder.rglob("*.html")}
    assert {path.name for path in after if after[path] != before[path]} == {"health.html"}


def test_a_look_that_found_nothing_moves_the_as_of_of_the_pages_that_it_looked_at(filled, folder):
    build(filled, folder)
    look(filled, LATER, "boost/releases", "boost/libraries", "boost/dependencies", "code/commits", *GITHUB)
    look_at(filled, LATER, "r1")

    site = build(filled, folder)

    then, now = f"{AT:%Y-%m-%d %H:%M} UTC", f"{LATER:%Y-%m-%d %H:%M} UTC"
    assert as_of(folder / "index.html") == {now}
    assert as_of(folder / "libraries" / "lib1.html") == {now}
    assert as_of(folder / "libraries" / "lib2.html") == {then}
    assert site.rendered <= 7


def test_a_page_is_as_old_as_the_oldest_of_its_sources_and_says_each(filled, folder):
    look(filled, LATER, "code/commits")
    look_at(filled, LATER, "r1", assets=("code/commits",))

    build(filled, folder)

    by_figure = re.findall(r"<b>[^<]*</b>([^<]*)<small>.*?as of <span class=\"date\">([^<]*)<", whole(folder))
    told = {figure.strip(): at for figure, at in by_figure}
    assert told["Commits by people"].startswith(f"{LATER:%Y-%m-%d}")
    assert told["Open pull requests"].startswith(f"{AT:%Y-%m-%d}")
    then, now = f"{AT:%Y-%m-%d %H:%M} UTC", f"{LATER:%Y-%m-%d %H:%M} UTC"
    risks = (folder / "risks.html").read_text()
    assert f"Last read: releases {then}, commits {now}, GitHub {then}." in risks
    assert f'as of <span class="date">{then}</span>' in risks
    assert f'as of <span class="date">{now}</span>' not in risks
    assert len(as_of(folder / "libraries" / "lib1.html")) == 2


def whole(folder):
    return " ".join((folder / "index.html").read_text().split())


def test_the_page_of_health_tells_when_each_asset_was_checked_and_changed_and_which_is_late(filled, folder):
    look(filled, LATER, "code/commits")
    due = {
        "code/commits": Due(timedelta(days=1), timedelta(hours=6)),
        "github/issues": Due(timedelta(days=1), timedelta(hours=6)),
        "reports/monthly": Due(timedelta(days=31), timedelta(hours=6)),
    }

    build(filled, folder, due=due, now=LATER + timedelta(hours=1))

    rows = tables((folder / "health.html").read_text())[
        "Each asset: when it was last looked at, whether there was anything new or not, and when its data last changed"
    ]
    told = {row[0]: row[1:5] for row in rows}
    then, now = f"{AT:%Y-%m-%d %H:%M} UTC", f"{LATER:%Y-%m-%d %H:%M} UTC"
    assert told["code/commits"] == ["on time", now, then, "daily"]
    assert told["github/issues"] == ["late by 2 days", then, then, "daily"]
    assert told["reports/monthly"] == ["never looked at", "–", "–", "monthly"]
    assert told["boost/releases"] == ["not scheduled", then, then, "–"]
