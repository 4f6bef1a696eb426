"""The small graph of a module."""

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from boost_pipeline.reports.site.drawing import MOST_DRAWN, Neighbour, draw

NEIGHBOURS = st.lists(st.builds(Neighbour, st.text(max_size=40), st.text(max_size=40)), max_size=20)


@given(st.text(max_size=40), NEIGHBOURS, NEIGHBOURS)
def test_every_drawing_is_xml_and_draws_no_more_than_can_be_told_apart(module, dependents, dependencies):
    drawing = ET.fromstring(draw(module, dependents, dependencies, {}))

    drawn = min(len(dependents), MOST_DRAWN) + min(len(dependencies), MOST_DRAWN)
    assert len(drawing.findall(".//path")) == drawn
    assert len(drawing.findall(".//rect")) == drawn + 1


def test_a_module_with_a_page_is_a_link_and_the_line_tells_why():
    drawn = draw("asio", [], [Neighbour("config", "asio → config: 3 includes")], {"config": "../x.html?a=1&b"})

    drawing = ET.fromstring(drawn)
    assert [link.get("href") for link in drawing.findall("a")] == ["../x.html?a=1&b"]
    assert [title.text for title in drawing.findall(".//title")] == ["asio → config: 3 includes"]


def test_how_many_are_left_out_is_told():
    drawn = draw("config", [Neighbour(f"m{number}", "") for number in range(MOST_DRAWN + 3)], [], {})

    assert "and 3 more, listed below" in drawn
