"""The PDF: readable, tagged, the same bytes for the same report, and harmless whatever the world wrote."""

import io
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from boost_pipeline.reports.dossier.charts import bars
from boost_pipeline.reports.dossier.document import Column, Report, Section, Table
from boost_pipeline.reports.dossier.manuscript import BREAK, TEMPLATE, breakable, manuscript
from boost_pipeline.reports.glyphs import FONTS
from boost_pipeline.reports.pdf import Paper, PdfError, pdf
from boost_pipeline_tests.reports.dossier.test_pages import HOSTILE, report_of

ROOT = Path(__file__).parents[3]
MARKUP = [
    '#read("/etc/hostname")',
    "*bold* _emphasis_ `raw`",
    "$x^2$ and @reference and <label>",
    '#import "/secret.typ": * #include "x"',
    "= Heading - item // comment /* more */",
    '"; #panic() \\u{41} \\ ~ --- ...',
    "#sys.inputs.content",
]
CONTENT_WIDTH = 595 - 2 * 51  # points; A4 less two margins of 18 mm


def printed(report: Report, paper: Paper = Paper.A4) -> PdfReader:
    return PdfReader(io.BytesIO(pdf(TEMPLATE, manuscript(report, paper).content)))


def text_of(reader: PdfReader) -> str:
    """Return all text on one line: where lines break is not what is said."""
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def with_table(columns: Sequence[Column], rows: Sequence[tuple[Any, ...]], most: int = 1000) -> Report:
    report = report_of("x")
    table = Table("The table", tuple(columns), rows, most=most)
    return replace(report, sections=(replace(report.sections[0], tables=(table,)),))


def elements(reader: PdfReader) -> list[dict[str, Any]]:
    """Return all structure elements in reading order; /S is the kind of one."""
    found: list[dict[str, Any]] = []

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for one in node:
                walk(one)
        elif isinstance(node, dict):
            if "/S" in node:
                found.append(node)
            if "/K" in node:
                walk(node["/K"])

    walk(reader.trailer["/Root"]["/StructTreeRoot"])
    return found


def kinds(reader: PdfReader) -> list[str]:
    return [element["/S"] for element in elements(reader)]


@pytest.fixture(scope="module")
def made() -> PdfReader:
    return printed(report_of("Jürgen Beispiel"))


def test_a_dossier_can_be_read_as_a_pdf(world):
    world.commit(world.new, name="Ada Lovelace")

    read = printed(world.dossier())
    text = text_of(read)

    assert len(read.pages) > 1
    assert "boost-1.91.0" in text
    assert "Ada Lovelace" in text
    assert f"1 of {len(read.pages)}" in text
    assert f"{len(read.pages)} of {len(read.pages)}" in text


def test_a_month_can_be_read_as_a_pdf(world):
    assert "February 2024" in printed(world.month(date(2024, 2, 1))).pages[0].extract_text()


def test_every_number_sentence_and_table_of_the_page_is_in_it(world):
    world.commit(world.new, name="Ada Lovelace")
    report = world.dossier()
    text = text_of(printed(report)).replace(" ", "")

    for section in report.sections:
        for said in (section.title, section.absent, *(section.says if not section.absent else ())):
            assert said.replace(" ", "") in text
        for table in section.tables if not section.absent else ():
            assert table.caption.replace(" ", "") in text
        for view in section.views:
            assert view in text


def test_it_is_tagged_titled_and_says_its_language(made):
    catalog = made.trailer["/Root"]

    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "en"
    assert made.metadata.title == "Boost release dossier: Jürgen Beispiel"
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in catalog["/Metadata"].get_object().get_data()


def test_its_structure_has_headings_and_tables_with_heads(made):
    found = kinds(made)

    assert found.count("/H1") == 1
    assert found.count("/H2") == 2  # the section, the formulas
    assert found.count("/Table") == 1
    assert found.count("/TH") == 4
    assert found.count("/TD") == 8
    assert made.outline[0].title == "Jürgen Beispiel"


def test_a_chart_is_a_figure_with_its_numbers_in_words():
    rows = [("asio", 1234), ("мир", 3), ("漢", 1)]
    chart = bars("Modules with most commits", rows, Table("x", (), []))
    read = printed(replace(report_of("x"), sections=(Section("s", "S", charts=(chart,)),)))

    (figure,) = [element for element in elements(read) if element["/S"] == "/Figure"]
    assert figure["/Alt"] == "Modules with most commits: asio 1,234; мир 3; [U+6F22] 1"
    text = text_of(read)
    assert "1,234" in text
    assert "мир" in text


def test_a_link_leads_where_it_does_on_the_page(made):
    targets = {
        annotation.get_object()["/A"]["/URI"]
        for page in made.pages
        for annotation in page.get("/Annots", [])
        if "/URI" in annotation.get_object().get("/A", {})
    }

    assert targets == {"https://github.com/boostorg/asio/pull/1"}


def test_it_holds_no_time_of_the_day(made):
    assert made.metadata.creation_date is None
    assert made.metadata.modification_date is None


def test_the_same_report_is_the_same_bytes_in_another_process(tmp_path):
    content = manuscript(report_of("Jürgen Beispiel")).content
    code = (
        "import sys; from boost_pipeline.reports.pdf import pdf; from boost_pipeline.reports.dossier.manuscript import "
        "TEMPLATE; sys.stdout.buffer.write(pdf(TEMPLATE, sys.stdin.buffer.read().decode()))"
    )
    one, other = (
        subprocess.run(
            [sys.executable, "-c", code],
            input=content.encode(),
            capture_output=True,
            check=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "TZ": zone},
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    )

    assert one.startswith(b"%PDF-")
    assert one == other == pdf(TEMPLATE, content)


@pytest.mark.parametrize(("paper", "points"), [(Paper.A4, (595, 842)), (Paper.letter, (612, 792))])
def test_the_paper_is_what_was_asked_for(paper, points):
    box = printed(report_of("x"), paper).pages[0].mediabox

    assert (round(box.width), round(box.height)) == points


def test_its_fonts_are_ours_whatever_the_machine_has(made):
    fonts = {
        font.get_object()["/BaseFont"].partition("+")[2]
        for page in made.pages
        for font in page["/Resources"]["/Font"].values()
    }

    assert fonts == {"LiberationSans", "LiberationSans-Bold"}


@pytest.mark.parametrize("name", MARKUP)
def test_what_looks_like_markup_is_printed_as_these_letters(name):
    report = with_table([Column("Name"), Column(name)], [(name, name)])
    text = text_of(printed(replace(report, subject=name, lead=name, alerts=(name,)))).replace(" ", "")

    # The title, the sentence, the alert, head and cells of the table, the basis; the title again in no running head.
    assert text.count(name.replace(" ", "")) >= 5


@pytest.mark.parametrize("name", [*HOSTILE, "ﬁ 漢字 🙂 \u0301\u0301", "שלום עולם", "\u0000\u0007\ufeff\u2028"])
def test_a_hostile_text_does_not_break_it(name):
    read = printed(replace(with_table([Column("Name"), Column(name)], [(name, name)] * 3), subject=name, lead=name))

    assert len(read.pages) > 0
    assert "me@example.org" not in text_of(read)


def test_any_character_can_be_set():
    """The engine refuses a text with a character that no font has; so none may reach it."""
    codes = [code for code in range(0x20000) if not 0xD800 <= code < 0xE000]
    names = ["".join(map(chr, codes[place : place + 97])) for place in range(0, len(codes), 97 * 16)]

    assert len(printed(with_table([Column("Name"), Column("Again")], [(name, name) for name in names])).pages) > 1


def test_every_character_of_the_list_is_set_in_both_weights(tmp_path):
    template = tmp_path / "all.typ"
    template.write_text(
        '#set document(title: "x", date: none)\n#set text(font: "Liberation Sans", fallback: false, lang: "en")\n'
        "#let all = json(bytes(sys.inputs.content))\n#for one in all [#one *#one* ]"
    )
    ranges = [line.split("-") for line in (FONTS / "coverage.txt").read_text().split()]
    listed = [chr(code) for first, last in ranges for code in range(int(first, 16), int(last, 16) + 1)]

    assert pdf(template, json.dumps(listed)).startswith(b"%PDF-")


def test_a_character_without_a_glyph_is_spelled_and_the_report_says_so():
    report = report_of("漢字 🙂")
    text = text_of(printed(report))

    assert "[U+6F22 U+5B57] [U+1F642]" in text
    assert "3 different characters are not in the fonts of this document" in text
    assert "In index.html they are as they were written." in text
    assert manuscript(report).unset == ("字", "漢", "🙂")


def test_where_all_characters_have_a_glyph_nothing_is_said_of_them(made):
    assert "glyph" not in text_of(made)
    assert "U+" not in text_of(made)


def test_a_word_that_is_too_long_for_its_line_breaks_and_is_copied_whole():
    name = "W" * 150
    read = printed(with_table([Column("Name"), Column("Number", "number"), Column("More")], [(name, 1, name)]))

    assert max(right_edges(read)) <= 51 + CONTENT_WIDTH + 1
    assert BREAK not in text_of(read)


@pytest.mark.parametrize("columns", [2, 5, 9, 14, 20])
def test_no_column_of_a_wide_table_leaves_the_page(columns):
    text = "boost/asio/detail/some_long_header_name.hpp of BOOST_ASIO"
    shown = [Column(f"Column {place}", "text" if place % 3 else "number") for place in range(columns)]
    row = tuple(text if column.form == "text" else 1234567 for column in shown)

    assert max(right_edges(printed(with_table(shown, [row] * 4)))) <= 51 + CONTENT_WIDTH + 1


def right_edges(reader: PdfReader) -> list[float]:
    """Return the place, in points from the left, at which each piece of text begins."""
    found: list[float] = []
    for page in reader.pages:
        page.extract_text(visitor_text=lambda _text, cm, tm, _font, _size: found.append(tm[4] * cm[0] + cm[4]))
    return found


def test_the_head_of_a_table_stands_on_each_of_its_pages():
    read = printed(with_table([Column("Name"), Column("A head of its own")], [(f"row {n}", "x") for n in range(150)]))
    pages = [page.extract_text() for page in read.pages if re.search(r"row [0-9]", page.extract_text())]

    assert len(pages) > 2
    assert all("A head of its own" in page for page in pages)


def test_of_a_long_table_it_says_how_much_is_left_out():
    text = text_of(printed(with_table([Column("Name")], [(f"row {n}",) for n in range(150)], most=40)))

    assert "row 39" in text
    assert "row 40" not in text
    assert "… and 110 more." in text


def test_words_break_after_signs_and_only_where_they_must():
    assert breakable("short words only", 10) == "short words only"
    assert breakable("boost/asio/io_context.hpp", 10).split(BREAK) == ["boost/", "asio/", "io_", "context.", "hpp"]
    assert breakable("a\u0301" * 9, 5).split(BREAK) == ["a\u0301"] * 9


def test_the_template_reads_no_file_and_no_package():
    source = "\n".join(line.partition("//")[0] for line in TEMPLATE.read_text().splitlines())

    assert not re.search(r"#(import|include)\b|\b(read|csv|yaml|toml|xml|cbor|plugin|eval)\(", source)
    assert re.findall(r"\bjson\b.*", source) == ["json(bytes(sys.inputs.content))"]


def test_no_connection_is_made(tmp_path):
    """Whoever the engine would ask, it would ask this proxy."""
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        code = (
            "from boost_pipeline_tests.reports.dossier.test_pdf import MARKUP, printed, report_of\n"
            "for name in MARKUP: printed(report_of(name))"
        )
        proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"), address)
        environment = {**os.environ, **proxies, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=tmp_path)
        proxy.settimeout(0)
        with pytest.raises(BlockingIOError):
            proxy.accept()


@pytest.mark.parametrize("path", ["/etc/hostname", "../secret.txt", "/../secret.txt"])
def test_even_a_template_reads_nothing_outside_its_folder(tmp_path, path):
    (tmp_path / "secret.txt").write_text("secret")
    template = tmp_path / "templates" / "bad.typ"
    template.parent.mkdir()
    template.write_text(f'#set document(title: "x")\n#read("{path}")')

    with pytest.raises(PdfError, match=r"escape the project root|file not found"):
        pdf(template, "{}")


def test_what_the_engine_cannot_set_is_our_error_in_one_line():
    with pytest.raises(
        PdfError, match=r"^Typst cannot set it: .* Report it, or ask for no PDF \(--no-pdf\)\.$"
    ) as told:
        pdf(TEMPLATE, "{}")

    assert "\n" not in str(told.value)


def test_without_the_engine_the_error_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)

    with pytest.raises(PdfError, match=r"Typst cannot start: .* Set up anew, or ask for no PDF"):
        pdf(TEMPLATE, "{}")


def test_the_engine_is_loaded_only_for_a_pdf():
    code = "import sys, boost_pipeline.reports.dossier.folder; sys.exit('typst' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment).returncode == 0
