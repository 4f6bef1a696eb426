"""HTML as PDF, by WeasyPrint: tagged for screen readers, with the same bytes for the same page.

Why this engine is in docs/decisions/0013-pdf.md. It draws text with pango, a library of the system that may be absent.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Final

from boost_pipeline.errors import BoostPipelineError

MEND: Final = (
    "Install pango and a font (Debian: apt install libpango-1.0-0 libpangoft2-1.0-0 fonts-dejavu-core; "
    "macOS: brew install pango), or ask for no PDF (--no-pdf)."
)
"""What brings the engine back."""


class Paper(StrEnum):
    """The size of a page."""

    A4 = "A4"
    letter = "letter"


class PdfError(BoostPipelineError):
    """A PDF cannot be made here."""

    category = "pdf"


def pdf(html: str) -> bytes:
    """Return a page that needs no other file as a PDF (PDF/UA-1): tagged, titled, its links kept.

    Nothing is fetched: whatever the page may name, neither a file nor the network is read.

    Raises:
        PdfError: pango is not here, or the engine cannot lay the page out.
    """
    try:
        with _silent():
            from weasyprint import HTML
            from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:
        reason = " ".join(str(error).split())[:160]
        raise PdfError(f"WeasyPrint cannot start: {reason}. {MEND}") from error
    try:
        with _silent():
            page = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=frozenset()))
            made = page.write_pdf(pdf_variant="pdf/ua-1")
    except Exception as error:
        raise PdfError(f"WeasyPrint cannot lay the page out: {type(error).__name__}: {str(error)[:160]}.") from error
    if not isinstance(made, bytes):
        raise PdfError("WeasyPrint made no PDF.")
    return made


@contextmanager
def _silent() -> Iterator[None]:
    """Keep the engine from telling of each style rule that is for screens only."""
    loggers = [logging.getLogger(name) for name in ("weasyprint", "fontTools")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
