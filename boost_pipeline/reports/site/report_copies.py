"""The dossiers and monthly reports that the site takes in, as copies below its own folder.

A site that only pointed at the reports beside it would hold dead links wherever it alone is moved or published. In a
copy of a page stand the pages of the dashboard and the reports before and after it; the report itself, which may be in
a mail or on a disk, links to none. What was damaged, or is written in another place, is left out and linked nowhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from boost_pipeline.boost.releases import ReleaseKind, read_tag
from boost_pipeline.reports.dossier.folder import digests, problems
from boost_pipeline.reports.dossier.pages import NAVIGATION
from boost_pipeline.reports.site.checks import SiteError
from boost_pipeline.reports.site.environment import environment
from boost_pipeline.reports.site.file_names import file_name

_LABELS: Final = {"pdf": "PDF", "json": "JSON", "md": "Markdown"}


class Link(NamedTuple):
    """Where a report is, relative to the page that links to it."""

    name: str
    href: str


@dataclass(frozen=True, slots=True)
class ReportCopy:
    """A report that is whole, and where its copy goes."""

    kind: str
    """Dossier or Monthly report."""
    name: str
    """boost-1.92.0 or 2026-10."""
    source: Path
    folder: str
    """Below the site's."""
    files: Mapping[str, str]
    """SHA-256 by name."""

    @property
    def page(self) -> str:
        """The name of its page."""
        return next(name for name in self.files if name.endswith(".html"))

    @property
    def link(self) -> Link:
        """The way to its page from a page at the top of the site."""
        return Link(self.name, f"{self.folder}/{self.page}")

    @property
    def links(self) -> tuple[Link, ...]:
        """The way to its page, and to its other files, named by their form."""
        others = sorted(name for name in self.files if name != self.page)
        return self.link, *(Link(_LABELS[name.rpartition(".")[2]], f"{self.folder}/{name}") for name in others)

    @property
    def is_stable(self) -> bool:
        """Whether it is the dossier of a stable release."""
        return self.kind == "Dossier" and read_tag(self.name).kind is ReleaseKind.STABLE

    def content(self, name: str) -> bytes:
        """Return the bytes of one of its files.

        Raises:
            SiteError: they are no longer those that were found.
        """
        try:
            content = (self.source / name).read_bytes()
        except FileNotFoundError:
            content = b""
        if hashlib.sha256(content).hexdigest() != self.files[name]:
            raise SiteError(f"{self.source / name} changed while the dashboard was built. Build it again.")
        return content


def report_copies(reports: Path) -> tuple[ReportCopy, ...]:
    """Return the reports below a folder with `releases/<tag>` and `monthly/<month>`, each kind from old to new."""
    dossiers = _whole("Dossier", reports / "releases", "dossiers")
    months = _whole("Monthly report", reports / "monthly", "monthly")
    return (
        *sorted(dossiers, key=lambda one: read_tag(one.name).order),
        *sorted(months, key=lambda one: one.name),
    )


def _whole(kind: str, parent: Path, site_folder: str) -> Iterator[ReportCopy]:
    for folder in parent.iterdir() if parent.is_dir() else ():
        files = digests(folder)
        if files and not problems(folder, files):
            yield ReportCopy(kind, folder.name, folder, f"{site_folder}/{file_name(folder.name)}", files)


def navigations(copies: tuple[ReportCopy, ...]) -> Iterator[tuple[ReportCopy, str]]:
    """Yield each copy with what stands at the top of its page."""
    root = "../../"
    template = environment().get_template("report_navigation.html.j2")
    for place, copy in enumerate(copies):
        near = {
            word: Link(other.name, root + other.link.href)
            for word, other in (("before", copies[place - 1] if place else None), ("after", (*copies, None)[place + 1]))
            if other and other.kind == copy.kind
        }
        told = {"before": None, "after": None, **near, "kind": copy.kind, "files": copy.links[1:]}
        yield copy, template.render(told, root=root, here="releases.html", themed=False)


def with_navigation(copy: ReportCopy, navigation: str) -> Callable[[], str]:
    """Return what makes the copy's page."""
    return lambda: copy.content(copy.page).decode("utf-8").replace(NAVIGATION, navigation, 1)
