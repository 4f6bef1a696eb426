"""What a built site is refused for."""

import pytest

from boost_pipeline.reports.site.checks import SiteError, check_links, parse_page

PAGE = '<!DOCTYPE html><html><body><p id="a">x</p>{}</body></html>'


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("<div>", "</body> closes nothing"),
        ("</p>", "</p> closes nothing"),
        ('<p id="a">x</p>', "the id a stands twice"),
        ('<script src="https://example.org/x.js"></script>', "asks for https://example.org/x.js"),
        ('<img src="//example.org/x.png" alt="">', "asks for //example.org/x.png"),
        ("<p>ann@example.org</p>", "an e-mail address is shown"),
    ],
)
def test_a_page_is_refused_with_the_reason(wrong, reason):
    with pytest.raises(SiteError, match=reason):
        parse_page("x.html", PAGE.format(wrong))


@pytest.mark.parametrize("link", ["gone.html", "../x.html", "y.html#gone", "#gone"])
def test_a_link_that_leads_nowhere_is_found(link):
    pages = {
        "x.html": parse_page("x.html", PAGE.format(f'<a href="{link}">z</a>')),
        "y.html": parse_page("y.html", PAGE.format("")),
    }

    with pytest.raises(SiteError, match="1 links lead nowhere"):
        check_links(pages, pages.keys())


def test_links_between_folders_and_to_outside_are_fine():
    links = '<a href="../x.html#a">x</a><a href="#a">a</a><a href="https://example.org/">out</a>'
    pages = {"x.html": parse_page("x.html", PAGE.format("")), "l/y.html": parse_page("l/y.html", PAGE.format(links))}

    check_links(pages, pages.keys())
