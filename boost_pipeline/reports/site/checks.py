"""What a finished site must hold: every page parses, every internal link leads somewhere, nothing asks the network."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final
from urllib.parse import unquote

from boost_pipeline.errors import BoostPipelineError

_VOID: Final = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_LOADED: Final = {("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src")}
"""What a browser asks for by itself."""
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*[a-z]{2,}", re.IGNORECASE)


class SiteError(BoostPipelineError):
    """A site that was built is wrong; it was thrown away, and the one before stays."""

    category = "site"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a page links to, and what may be linked to in it."""

    links: tuple[str, ...]
    """Relative ones, as they stand in the page, without repetition."""
    ids: frozenset[str]


def parse_page(path: str, html: str) -> Parsed:
    """Read a page.

    Raises:
        SiteError: an element is not closed, an id stands twice, something is asked of the network, or an e-mail address
            is shown.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if reader.open:
        reader.problems.append(f"<{reader.open[-1]}> is not closed")
    if found := _ADDRESS.search(html):
        reader.problems.append(f"an e-mail address is shown near {found.start()}")
    if reader.problems:
        raise SiteError(f"{path} is wrong: {'; '.join(reader.problems[:3])}. This is a fault of boost-pipeline.")
    return Parsed(tuple(dict.fromkeys(reader.links)), frozenset(reader.ids))


def check_links(pages: Mapping[str, Parsed], files: Collection[str]) -> None:
    """Hold all internal links against the files of the site.

    Raises:
        SiteError: some lead nowhere.
    """
    dead = []
    for path, page in pages.items():
        for link in page.links:
            target, _, fragment = link.partition("#")
            found = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(target))) if target else path
            if found not in files or (fragment and found in pages and fragment not in pages[found].ids):
                dead.append(f"{path} → {link}")
    if dead:
        raise SiteError(f"{len(dead)} links lead nowhere, such as {dead[0]}. This is a fault of boost-pipeline.")


class _Reader(HTMLParser):
    """Collects links and ids, and keeps the open elements."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self.open.append(tag)
        self._attributes(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._attributes(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.problems.append(f"</{tag}> closes nothing at line {self.getpos()[0]}")

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value is None:
                continue
            if name == "id":
                if value in self.ids:
                    self.problems.append(f"the id {value[:60]} stands twice")
                self.ids.add(value)
            elif name in ("href", "src"):
                is_outside = re.match(r"[a-z][a-z0-9+.-]*:|//", value, re.IGNORECASE)
                if not is_outside:
                    self.links.append(value)
                elif (tag, name) in _LOADED and value != "data:,":
                    self.problems.append(f"<{tag}> asks for {value[:80]}")
