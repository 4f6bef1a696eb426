"""Where a browser finds a file of the reports, as Dagster's UI shows it: a page on http may not lead to a file://."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import dagster as dg

from boost_pipeline.settings import Settings


def link(settings: Settings, path: Path) -> dg.UrlMetadataValue | dg.PathMetadataValue:
    """Return the address of a file that `up` serves; of one that was written elsewhere, its path."""
    found, reports = path.resolve(), settings.reports.resolve()
    if not found.is_relative_to(reports):
        return dg.MetadataValue.path(path.absolute())
    below = found.relative_to(reports).as_posix().removesuffix("index.html")
    return dg.MetadataValue.url(f"{settings.reports_url}/{quote(below)}")
