"""Typesets PDFs by Typst: tagged for screen readers, with the same bytes for the same content.

Why this engine is in docs/decisions/0015-pdf-by-typst.md.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final

from boost_pipeline.errors import BoostPipelineError
from boost_pipeline.reports.glyphs import FONTS

_AGES: Final = 11
"""After so many compilations the engine forgets one; until then it keeps some 50 MB of a long report."""


class Paper(StrEnum):
    """The size of a page."""

    A4 = "A4"
    letter = "letter"


class PdfError(BoostPipelineError):
    """A PDF cannot be made."""

    category = "pdf"


def pdf(template: Path, content: str) -> bytes:
    """Return what a template of ours makes of a content as PDF/UA-1.

    The engine reads the template's folder and our fonts, and no other file. Text of the world reaches it as a string
    of `sys.inputs.content`, which the template takes as JSON: nothing of it is read as markup.

    Raises:
        PdfError: the engine is not here, or cannot set the content.
    """
    try:
        # Most of what starts never makes a PDF, and the engine is a library of 80 MB.
        import typst
    except ImportError as error:
        raise PdfError(f"Typst cannot start: {_line(error)}. Set up anew, or ask for no PDF (--no-pdf).") from error
    try:
        made = typst.compile(
            template,
            root=template.parent,
            font_paths=[FONTS],
            ignore_system_fonts=True,
            sys_inputs={"content": content},
            format="pdf",
            pdf_standards=["ua-1"],
        )
    except typst.TypstError as error:
        raise PdfError(f"Typst cannot set it: {_line(error)}. Report it, or ask for no PDF (--no-pdf).") from error
    finally:
        nothing = typst.Compiler(ignore_system_fonts=True)
        for _ in range(_AGES):
            nothing.compile(b"", format="pdf")
    assert isinstance(made, bytes)
    return made


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".")
