"""The PDF: readable, tagged, the same bytes for the same page, and told of where it cannot be made."""

import io
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader

from boost_pipeline.reports.dossier.pages import html
from boost_pipeline.reports.pdf import MEND, Paper, PdfError, pdf


@pytest.fixture(scope="module")
def page() -> str:
    from boost_pipeline_tests.reports.dossier.test_pages import report_of

    return html(report_of("Jürgen Beispiel"))


@pytest.fixture(scope="module")
def made(page) -> PdfReader:
    return PdfReader(io.BytesIO(pdf(page)))


def test_a_dossier_can_be_read_as_a_pdf(world):
    world.commit(world.new, name="Ada Lovelace")

    read = PdfReader(io.BytesIO(pdf(html(world.dossier()))))
    text = " ".join(page.extract_text() for page in read.pages)

    assert len(read.pages) > 1
    assert "boost-1.91.0" in text
    assert "Ada Lovelace" in text
    assert f"1 / {len(read.pages)}" in text


def test_it_is_tagged_titled_and_says_its_language(made):
    catalog = made.trailer["/Root"]

    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "en"
    assert made.metadata.title == "Release dossier: Jürgen Beispiel · Boost"
    assert "/StructTreeRoot" in catalog


def test_it_holds_no_time_of_the_day(made):
    assert made.metadata.creation_date is None
    assert made.metadata.modification_date is None


def test_the_same_page_is_the_same_bytes_in_another_process(page):
    code = "import sys; from boost_pipeline.reports.pdf import pdf; sys.stdout.buffer.write(pdf(sys.stdin.read()))"
    one, other = (
        subprocess.run(
            [sys.executable, "-c", code],
            input=page.encode(),
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    )

    assert one.startswith(b"%PDF-")
    assert one == other


@pytest.mark.parametrize(("paper", "points"), [(Paper.A4, (595, 842)), (Paper.letter, (612, 792))])
def test_the_paper_is_what_was_asked_for(paper, points):
    from boost_pipeline_tests.reports.dossier.test_pages import report_of

    box = PdfReader(io.BytesIO(pdf(html(report_of("x"), paper)))).pages[0].mediabox

    assert (round(box.width), round(box.height)) == points


def test_neither_a_file_nor_the_network_is_read(tmp_path):
    secret = tmp_path / "secret.css"
    secret.write_text("@page { size: 100mm 100mm }")
    page = (
        f'<html lang="en"><title>x</title><link rel="stylesheet" href="{secret.as_uri()}">'
        '<p>x<img src="http://127.0.0.1:9/x.png" alt="">'
    )

    box = PdfReader(io.BytesIO(pdf(page))).pages[0].mediabox

    assert round(box.width) == 595


@pytest.mark.parametrize("name", ["</script>", "\u202egpj.exe", "x" * 10_000, "ﬁ 漢字 🙂 \u0301\u0301"])
def test_a_hostile_text_does_not_break_it(name):
    from boost_pipeline_tests.reports.dossier.test_pages import report_of

    assert len(PdfReader(io.BytesIO(pdf(html(report_of(name))))).pages) > 0


def test_without_pango_the_error_says_what_is_missing_and_how_to_mend_it(tmp_path):
    """A module of the engine's that cannot find pango, as on a machine without it."""
    broken = tmp_path / "weasyprint.py"
    broken.write_text("raise OSError(\"cannot load library 'libpango-1.0-0': not found\")")
    code = "from boost_pipeline.reports.pdf import pdf; pdf('<p>')"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[3]}"},
    )

    last = ran.stderr.splitlines()[-1]
    assert "PdfError: WeasyPrint cannot start: cannot load library 'libpango-1.0-0'" in last
    assert MEND in last


def test_what_the_engine_cannot_lay_out_is_our_error(monkeypatch):
    import weasyprint

    def fail(*_arguments, **_options):
        raise RecursionError("too deep")

    monkeypatch.setattr(weasyprint.HTML, "write_pdf", fail)

    with pytest.raises(PdfError, match="cannot lay the page out: RecursionError: too deep"):
        pdf("<p>")


def test_a_month_can_be_read_as_a_pdf(world):
    text = PdfReader(io.BytesIO(pdf(html(world.month(date(2024, 2, 1)))))).pages[0].extract_text()

    assert "February 2024" in text
