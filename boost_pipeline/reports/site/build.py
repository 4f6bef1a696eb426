"""Builds the dashboard: read, render what changed, check, swap in. A failed build leaves the site that was.

The site's manifest keeps, for each page, a digest of all that it was made from. A page whose digest is the same is not
rendered again, and its file is the old one, linked; so a day with changes in ten libraries costs ten libraries' pages.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from boost_pipeline.progress import track
from boost_pipeline.reports.freshness import Due, asset_freshness
from boost_pipeline.reports.health import Health
from boost_pipeline.reports.publication import published
from boost_pipeline.reports.site.checks import Parsed, SiteError, check_links, parse_page
from boost_pipeline.reports.site.environment import environment, with_reads
from boost_pipeline.reports.site.pages import Page, pages
from boost_pipeline.reports.site.release_data import ReleaseFile, release_files
from boost_pipeline.reports.site.report_copies import ReportCopy, navigations, report_copies, with_navigation
from boost_pipeline.reports.site.world import World, read_world
from boost_pipeline.warehouse.warehouse import Warehouse

MANIFEST: Final = "manifest.json"
HEALTH: Final = "health.html"
_FORMAT: Final = "boost-pipeline dashboard 1"
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Site:
    """A site that was built."""

    folder: Path
    pages: int
    rendered: int
    """Pages that were made anew; the others are those of the build before."""
    files: int
    bytes: int
    libraries: int
    releases: int
    reports: int
    """Dossiers and monthly reports that it took in."""
    headlines: tuple[tuple[str, float, datetime | None], ...]
    """Figure, value, as of when: what the first page says first."""
    version: str
    """A digest of what it says of Boost: not of when that was looked at, and not of the health of the data."""

    @property
    def index(self) -> Path:
        """The first page."""
        return self.folder / "index.html"


def default_folder(home: Path) -> Path:
    """Return where the dashboard goes below BOOST_HOME."""
    return home / "reports" / "dashboard"


def build(
    warehouse: Warehouse,
    folder: Path,
    health: Health | None = None,
    reports: Path | None = None,
    due: Mapping[str, Due] | None = None,
    now: datetime | None = None,
) -> Site:
    """Build the dashboard in the place of the last one in `folder`.

    Args:
        warehouse: what to show.
        folder: appears whole or not at all; another's folder is not touched.
        health: how the platform stands; without it the pages say that it is not known.
        reports: a folder with the dossiers and monthly reports to take in, as `report_copies` finds them.
        due: how often each asset is looked at.
        now: the moment at which an asset is late; without it, that of the build.

    Raises:
        PublicationError: `folder` is not ours to replace, or its place cannot be written.
        SiteError: what was built is wrong, and was thrown away.
        WarehouseError: the database cannot be read.
    """
    with warehouse.transaction() as transaction:
        transaction.freeze()
        fresh = asset_freshness(transaction, due or {}, now or datetime.now(UTC))
        world = read_world(transaction, health, fresh)
        releases = tuple(release_files(transaction))
    copies = report_copies(reports) if reports else ()
    try:
        with published(folder, is_dashboard) as aside:
            made = _Maker(folder.expanduser().resolve(), aside)
            _write(made, world, releases, copies)
            made.finish()
    except OSError as error:
        raise SiteError(f"{folder} cannot be written: {error.strerror}. Free space, or choose another.") from error
    return Site(
        folder=folder,
        pages=len(made.parsed),
        rendered=made.rendered,
        files=len(made.entries),
        bytes=sum(entry["bytes"] for entry in made.entries.values()),
        libraries=len(world.libraries),
        releases=len(world.releases),
        reports=len(copies),
        headlines=tuple((row.figure, row.value, row.as_of) for row in world.headlines),
        version=made.version(),
    )


def is_dashboard(folder: Path) -> bool:
    """Tell whether a folder holds a dashboard that we built, which may be replaced."""
    return bool(_manifest(folder))


def _write(made: _Maker, world: World, releases: tuple[ReleaseFile, ...], copies: tuple[ReportCopy, ...]) -> None:
    for source in sorted((_HERE / "assets").rglob("*")):
        if source.is_file():
            made.add(f"assets/{source.relative_to(_HERE / 'assets').as_posix()}", source.read_bytes())
    for release in releases:
        made.add(release.path, release.script.encode())
    for page in _each_with_progress(list(pages(world, releases, copies))):
        made.add_page(page)
    for copy, navigation in navigations(copies):
        made.add_report(copy, navigation)
    expected = 7 + len(world.libraries) + len(copies)
    if len(made.parsed) != expected:
        raise SiteError(f"The dashboard has {len(made.parsed)} pages of {expected}. This is a fault of boost-pipeline.")


def _each_with_progress(found: list[Page]) -> Iterator[Page]:
    with track("pages", len(found)) as advance:
        for page in found:
            yield page
            advance(page.path)


class _Maker:
    """Writes files into the new folder, or links those of the old one that would be the same."""

    def __init__(self, old: Path, new: Path) -> None:
        self._old, self._new = old, new
        self._before: dict[str, Any] = _manifest(old).get("files", {})
        self.entries: dict[str, dict[str, Any]] = {}
        self.parsed: dict[str, Parsed] = {}
        self.rendered = 0
        self._said: dict[str, str] = {}
        """Of each page of numbers, a digest of what it says, but for when sources were read."""

    def add(self, path: str, content: bytes, **facts: Any) -> None:
        """Write a file, unless the old one is the same."""
        self._note(path, hashlib.sha256(content).hexdigest(), len(content), facts)
        if not self._keep(path):
            target = self._place(path)
            target.write_bytes(content)

    def add_page(self, page: Page) -> None:
        """Render and check a page, unless it was made from the same before."""

        def render() -> str:
            return environment().get_template(page.template).render(page.data, root=page.root, here=page.path)

        self._add_html(page.path, _digest(page.path, page.template, page.data), render, page.reads)
        if page.path != HEALTH:
            said = {name: given for name, given in page.data.items() if name != "reads"}
            self._said[page.path] = _digest(page.path, page.template, said, reads=False)

    def add_report(self, copy: ReportCopy, navigation: str) -> None:
        """Take in a report: its page with the navigation, unless it was made from the same before, and its files."""
        made_from = _digest(copy.files[copy.page], navigation)
        self._add_html(copy.link.href, made_from, with_navigation(copy, navigation))
        for name in copy.files:
            if name != copy.page:
                self.add(f"{copy.folder}/{name}", copy.content(name))

    def _add_html(
        self, path: str, made_from: str, make: Callable[[], str], reads: Mapping[str, datetime | None] | None = None
    ) -> None:
        before = self._before.get(path, {})
        old = self._intact(path) if before.get("made_from") == made_from else None
        if old is not None:
            html = with_reads(old.decode(), reads or {})
            facts = {name: before[name] for name in ("links", "ids")}
        else:
            html = with_reads(make(), reads or {})
            self.rendered += 1
            found = parse_page(path, html)
            facts = {"links": list(found.links), "ids": sorted(found.ids)}
        self.parsed[path] = Parsed(tuple(facts["links"]), frozenset(facts["ids"]))
        self.add(path, html.encode(), made_from=made_from, **facts)

    def version(self) -> str:
        """Return a digest of all that was made, without when sources were read and the page of the data's health."""
        told = {path: entry["sha256"] for path, entry in self.entries.items() if path != HEALTH} | self._said
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def finish(self) -> None:
        """Check that everything links to something, and write the manifest."""
        check_links(self.parsed, self.entries.keys())
        told = {"format": _FORMAT, "built_at": datetime.now(UTC).isoformat(timespec="seconds"), "files": self.entries}
        (self._new / MANIFEST).write_text(json.dumps(told, indent=1, sort_keys=True), encoding="utf-8")

    def _note(self, path: str, sha256: str, size: int, facts: dict[str, Any]) -> None:
        if path in self.entries:
            raise SiteError(f"Two pages want to be {path}. This is a fault of boost-pipeline.")
        self.entries[path] = {"sha256": sha256, "bytes": size, **facts}

    def _intact(self, path: str) -> bytes | None:
        """Return the old file, if it is what the manifest said of it."""
        try:
            content = (self._old / path).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == self._before.get(path, {}).get("sha256") else None

    def _keep(self, path: str) -> bool:
        """Take over the old file if it is what the manifest said of it, and what is wanted now."""
        if self._before.get(path, {}).get("sha256") != self.entries[path]["sha256"] or self._intact(path) is None:
            return False
        target, old = self._place(path), self._old / path
        try:
            os.link(old, target)
        except OSError:  # a file system without hard links
            shutil.copy2(old, target)
        return True

    def _place(self, path: str) -> Path:
        target = (self._new / path).resolve()
        if not target.is_relative_to(self._new):
            raise SiteError(f"{path!r} leads out of the site. This is a fault of boost-pipeline.")
        target.parent.mkdir(parents=True, exist_ok=True)
        return target


def _digest(*given: Any, reads: bool = True) -> str:
    """Return a digest of all that a page is made from: data, templates, code; perhaps without when these were read."""
    digest = hashlib.sha256(_code_digest())
    digest.update(json.dumps(given, default=partial(_described, reads=reads), sort_keys=True).encode())
    return digest.hexdigest()


def _described(value: Any, *, reads: bool) -> Any:
    from boost_pipeline.reports.site.charts import Chart
    from boost_pipeline.reports.site.figures import Figures

    match value:
        case Figures() if not reads:
            kept = [place for place, column in enumerate(value.columns) if not column.endswith("as_of")]
            rows = [[row[place] for place in kept] for row in value.rows]
            return [value.view, value.comment, rows, value.of]
        case Figures():
            return [value.view, value.comment, value.columns, value.rows, str(value.as_of), value.of]
        case Chart():
            return [value.id, value.title, value.data, value.summary, value.figures]
        case _:
            return str(value)


@cache
def _code_digest() -> bytes:
    digest = hashlib.sha256()
    for path in sorted([*_HERE.glob("*.py"), *(_HERE / "templates").glob("*")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.digest()


def _manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a folder; nothing where there is none that is ours."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return told if isinstance(told, dict) and told.get("format") == _FORMAT else {}
