"""The folder of a report: whole or not at all, the same again written once, and never in another's place."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from boost_pipeline.reports.dossier import folder as folders
from boost_pipeline.reports.dossier.folder import problems, write
from boost_pipeline.reports.pdf import Paper, PdfError
from boost_pipeline.reports.publication import PublicationError
from boost_pipeline_tests.reports.dossier.test_pages import report_of

FILES = {"index.html", "dossier.pdf", "dossier.json", "manifest.json"}


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def no_pdf(_template, _content):
    raise PdfError("Typst cannot set it")


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "reports" / "boost-1.90.0"


def test_a_report_is_a_page_a_pdf_its_data_and_a_manifest(out):
    written = write(report_of("x"), out)

    assert set(written.files) == FILES == {path.name for path in out.iterdir()}
    assert problems(out, written.files) == []


def test_the_same_again_touches_nothing(out):
    write(report_of("x"), out)
    before = contents(out)

    assert not write(report_of("x"), out).is_new
    assert contents(out) == before


def test_the_same_elsewhere_is_the_same_bytes(out, tmp_path):
    write(report_of("x"), out)
    write(report_of("x"), tmp_path / "other")

    assert [c for c, _ in contents(out).values()] == [
        (tmp_path / "other" / name).read_bytes() for name in contents(out)
    ]


def test_what_changed_takes_the_place_of_the_old(out):
    write(report_of("old"), out)

    assert write(report_of("new"), out).is_new
    assert "new" in (out / "index.html").read_text()
    assert [path.name for path in out.parent.iterdir()] == ["boost-1.90.0"]


def test_another_paper_is_another_report(out):
    write(report_of("x"), out)

    assert write(report_of("x"), out, paper=Paper.letter).is_new


def test_a_file_that_is_gone_or_was_changed_is_a_problem_and_is_written_again(out):
    write(report_of("x"), out)
    (out / "dossier.pdf").unlink()
    assert problems(out, FILES) == [f"{out / 'dossier.pdf'} is not there"]
    assert write(report_of("x"), out).is_new

    (out / "index.html").write_text("mine")
    assert problems(out, FILES) == [f"{out} holds other bytes than were written"]
    assert write(report_of("x"), out).is_new
    assert problems(out, FILES) == []


def test_a_folder_of_somebody_else_is_not_touched(out):
    out.mkdir(parents=True)
    (out / "thesis.txt").write_text("years of work")

    with pytest.raises(PublicationError, match="holds other files"):
        write(report_of("x"), out)

    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_a_file_beside_a_report_of_ours_is_not_lost(out):
    write(report_of("x"), out)
    (out / "notes.txt").write_text("mine")

    with pytest.raises(PublicationError, match="holds other files"):
        write(report_of("y"), out)


def test_where_no_pdf_can_be_made_the_page_is_there_and_the_missing_pdf_is_told(out, monkeypatch):
    write(report_of("old"), out)
    monkeypatch.setattr(folders, "pdf", no_pdf)

    written = write(report_of("new"), out)

    assert str(written.missing) == "Typst cannot set it"
    assert {path.name for path in out.iterdir()} == FILES - {"dossier.pdf"}
    assert "new" in (out / "index.html").read_text()


def test_once_it_can_be_made_the_pdf_comes_although_nothing_else_changed(out, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(folders, "pdf", no_pdf)
        write(report_of("x"), out)

    assert write(report_of("x"), out).is_new
    assert (out / "dossier.pdf").exists()


def test_another_template_makes_the_pdf_anew(out, monkeypatch, tmp_path):
    write(report_of("x"), out)
    before = (out / "dossier.pdf").read_bytes()
    template = tmp_path / "report.typ"
    template.write_text(folders.TEMPLATE.read_text().replace("Made by boost-pipeline", "Printed by boost-pipeline"))
    monkeypatch.setattr(folders, "TEMPLATE", template)

    assert write(report_of("x"), out).is_new
    assert (out / "dossier.pdf").read_bytes() != before


def test_characters_that_the_pdf_cannot_show_are_told_each_time(out):
    assert write(report_of("漢字"), out).unset == ("字", "漢")
    assert write(report_of("漢字"), out).unset == ("字", "漢")
    assert write(report_of("漢字"), out, with_pdf=False).unset == ()


def test_no_pdf_is_made_where_none_is_wanted(out):
    written = write(report_of("x"), out, with_pdf=False)

    assert written.missing is None
    assert set(written.files) == FILES - {"dossier.pdf"}


def test_a_kill_between_leaves_the_old_report(out):
    write(report_of("old"), out)
    before = contents(out)
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from boost_pipeline.reports.dossier import folder\n"
        "from boost_pipeline_tests.reports.dossier.test_pages import report_of\n"
        "fill = folder._fill\n"
        "def killed(*arguments):\n"
        "    fill(*arguments)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "folder._fill = killed\n"
        "folder.write(report_of('new'), Path(sys.argv[1]))\n"
    )
    root = Path(__file__).parents[3]
    ran = subprocess.run([sys.executable, "-c", code, str(out)], cwd=root, env={**os.environ, "PYTHONPATH": str(root)})

    assert ran.returncode == -signal.SIGKILL
    assert contents(out) == before
    assert write(report_of("new"), out).is_new
    assert [path.name for path in out.parent.iterdir()] == ["boost-1.90.0"]
