"""What the world may write, and how little of it a page obeys."""

import pytest

from boost_pipeline.reports.site.build import build
from boost_pipeline_tests.reports.site.worlds import fill

HOSTILE = [
    "</script><script>alert(1)</script>",
    "</title></style>--><img src=x onerror=alert(1)>",
    "\u202egnp.exe\u2066",
    "ann@example.org",
    "{{ 7 * 7 }}{% raw %}",
    "a\u2028b\u2029c",
    "x" * 10_000,
    "' onmouseover='alert(1)",
    "",
    "😀" * 300,
]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_make_a_page_longer_and_nothing_else(warehouse, folder, words):
    fill(warehouse, ["config", f"k{words[:500]}", "core"], words=words)

    site = build(warehouse, folder)  # which parses every page, and follows every link

    assert site.pages == 7 + 3
    for path in [*folder.rglob("*.html"), *folder.rglob("data/*.js")]:
        page = path.read_text(encoding="utf-8")
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "onmouseover='" not in page.replace("&#39;", "")
        assert not {"\u202e", "\u2066", "\u2028", "\u2029"} & set(page)
        assert "example.org" not in page
        assert "49" not in page.partition("<h1>")[2].partition("</h1>")[0]
        assert "x" * 400 not in page


def test_keys_that_differ_little_have_pages_of_their_own_inside_the_site(warehouse, folder):
    keys = ["a/b", "a~b", "A/b", "../a", "..", "/etc/passwd", "con", "index", "a" * 300]
    fill(warehouse, keys)

    site = build(warehouse, folder)

    pages = {path.name.lower() for path in (folder / "libraries").iterdir()}
    assert len(pages) == len(keys) == site.libraries
    assert {path.name for path in folder.parent.iterdir()} == {"dashboard"}


def test_an_empty_warehouse_has_a_dashboard_that_says_so(warehouse, folder):
    site = build(warehouse, folder)

    assert site.pages == 7
    assert "Nothing was collected yet" in (folder / "health.html").read_text()


def test_what_is_not_collected_is_left_out_with_one_line(warehouse, folder):
    fill(warehouse, ["config"], github=False)

    build(warehouse, folder)

    page = (folder / "libraries" / "config.html").read_text()
    assert page.count("Issues and pull requests are not collected here.") == 1
    assert "Time to the first response" not in page
