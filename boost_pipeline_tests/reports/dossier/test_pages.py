"""The pages: whole in one file, and harmless whatever the world wrote."""

import json
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest

from boost_pipeline.reports.dossier.document import Column, Figure, Link, Report, Section, Table
from boost_pipeline.reports.dossier.pages import cell, data, html, markdown, preview

HOSTILE = [
    "</script><script>alert(1)</script>",
    "\u202egpj.exe\u2066",
    "x" * 10_000,
    "</title></style><img src=x onerror=alert(1)>",
    "| a | b |\n\n# head",
    "]]> -->",
    "me@example.org",
    "nul\0 and \x1b[31m",
]


class Reader(HTMLParser):
    """Notes elements, ids, and all that a browser would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.alarms: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name == "href" and value.startswith("#"):
                self.targets.append(value[1:])
            if name.startswith("on") or (name in ("src", "srcset", "action") and not value.startswith("data:")):
                self.alarms.append(f"{tag} {name}")
            if tag == "link" and name == "href" and not value.startswith("data:"):
                self.alarms.append(f"{tag} {value}")


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def report_of(name: str) -> Report:
    columns = (Column("Name"), Column("Commits", "number"), Column("Since", "day"), Column("Item", "link"))
    row = (name, 1234567, date(2026, 5, 1), Link(name, "https://github.com/boostorg/asio/pull/1"))
    section = Section(
        "overview",
        "At a glance",
        figures=(Figure("commits", None), Figure("people", 12)),
        tables=(Table(name, columns, [row] * 3, most=2), Table("Nothing", columns, [])),
        basis=name,
        views=("release_people",),
    )
    return Report("Release dossier", name, name, (name,), (section,), (), "index.html", "dossier.pdf", "dossier.json")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_stays_a_text(name):
    reader = read(html(report_of(name)))

    assert "script" not in reader.tags
    assert "img" not in reader.tags
    assert reader.alarms == []
    assert reader.tags.count("style") == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_no_form_of_a_report_holds_marks_that_a_screen_obeys_or_an_address_or_a_text_without_end(name):
    for text in (html(report_of(name)), markdown(report_of(name)), data(report_of(name))):
        assert not re.search("[\u202a-\u202e\u2066-\u2069\0\x1b]", text)
        assert "me@example.org" not in text
        assert "x" * 1001 not in text


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_makes_no_row_and_no_heading_in_markdown(name):
    lines = markdown(report_of(name)).splitlines()

    assert sum(line.startswith("| ") for line in lines) == 6  # two heads, two figures, two rows
    assert [line for line in lines if line.startswith("#")][1:] == ["## At a glance", "## Formulas"]
    assert "<" not in re.sub(r"\\<", "", "\n".join(lines[:12]))


def test_a_name_of_10_000_characters_in_the_warehouse_is_cut_on_the_page(world):
    world.commit(world.new, name="Ada " + "x" * 10_000)

    page = html(world.dossier())

    assert "x" * 100 in page
    assert "x" * 200 not in page


def test_every_link_within_the_page_leads_somewhere_and_no_id_is_there_twice(world):
    reader = read(html(world.dossier()))

    assert set(reader.targets) <= set(reader.ids)
    assert len(reader.ids) == len(set(reader.ids))


def test_every_view_that_a_report_names_is_explained(world):
    for report in (world.dossier(), world.month(date(2026, 5, 1))):
        text = markdown(report)
        for section in report.sections:
            assert section.views
            for view in section.views:
                assert f"- `{view}`: " in text


def test_every_section_says_as_of_when_and_from_what(world):
    world.commit(world.new)

    for section in world.dossier().sections:
        assert section.absent or section.basis
        assert section.sources


def test_a_page_asks_for_nothing_else(world):
    page = html(world.dossier())

    assert read(page).alarms == []
    assert "@import" not in page
    assert "url(" not in page


def test_a_number_that_is_not_known_is_a_dash_and_not_a_zero():
    assert "<li><b>–</b> commits</li>" in html(report_of("x"))


def test_of_a_long_table_the_first_rows_are_shown_and_how_many_are_not():
    assert "… and 1 more." in html(report_of("x"))
    assert len(json.loads(data(report_of("x")))["sections"][0]["tables"][0]["rows"]) == 3


def test_the_chart_has_its_data_beside_it(world):
    world.commit(world.new, landed=datetime(2026, 5, 5, tzinfo=UTC))
    chart = world.dossier().section("overview").charts[0]

    assert chart.table.rows == [(date(2026, 5, 5), 1)]
    assert "<title>2026-05-05: 1</title>" in chart.svg
    assert 'role="img"' in chart.svg


@pytest.mark.parametrize(("value", "form", "shown"), [
    (None, "number", "–"),
    (1234567, "number", "1,234,567"),
    (0.256, "share", "26 %"),
    (30, "hours", "30 h"),
    (date(2026, 5, 1), "day", "2026-05-01"),
    (Link("asio #1", "https://github.com"), "link", "asio #1"),
    ("", "text", ""),
])  # fmt: skip
def test_a_value_looks_as_its_column_says(value, form, shown):
    assert cell(value, form) == shown


def test_the_preview_is_short_and_has_what_was_asked_for(world):
    for _ in range(30):
        world.commit(world.new)

    text = preview(world.dossier(), ("overview", "decisions"))

    assert "## At a glance" in text
    assert "## Decisions that this supports" in text
    assert "## People" not in text
    assert len(text) < 8000
