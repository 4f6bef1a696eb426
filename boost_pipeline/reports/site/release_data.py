"""What the comparison of two releases reads: one file of data for each release, loaded by a script element.

A page that was opened from a file may not fetch, but may load scripts. A file of an old release stays what it is.
What is compared follows the warehouse's functions dependency_changes_between and library_changes_between: what was
not read whole in one of the two is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from boost_pipeline.reports.site.environment import safe_json
from boost_pipeline.reports.site.figures import read
from boost_pipeline.reports.site.file_names import file_name
from boost_pipeline.warehouse.warehouse import Transaction


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A release, its file below the site's folder, and the script in it."""

    tag: str
    path: str
    script: str


def release_files(transaction: Transaction) -> Iterator[ReleaseFile]:
    """Yield the files of the stable releases whose libraries or graph are here, the newest first."""
    libraries = _by_release(
        transaction,
        "library_history",
        "WHERE release_id IN (SELECT release_id FROM stable_releases) ORDER BY key",
        ("release_id", "key", "module", "cxxstd", "effective_cxxstd", "status"),
    )
    modules = _by_release(
        transaction, "comparable_modules", "ORDER BY module", ("release_id", "module", "level", "is_whole", "is_read")
    )
    edges = _by_release(
        transaction, "release_edges", "ORDER BY module, depends_on", ("release_id", "module", "depends_on")
    )
    for release in read(transaction, "stable_releases", "ORDER BY position DESC"):
        if release.release_id not in modules and release.release_id not in libraries:
            continue
        nodes = modules.get(release.release_id, [])
        places = {node[0]: place for place, node in enumerate(nodes)}
        data = {
            "tag": release.tag,
            "day": release.day,
            "libraries": libraries.get(release.release_id, []),
            "modules": nodes,
            "edges": [[places[one], places[other]] for one, other in edges.get(release.release_id, [])],
        }
        script = f"boostRelease({safe_json(data)});\n"
        yield ReleaseFile(release.tag, f"data/{file_name(release.tag)}.js", script)


def _by_release(
    transaction: Transaction, view: str, tail: Any, columns: tuple[str, ...]
) -> dict[int, list[tuple[Any, ...]]]:
    """Return plain rows by the release in their first column."""
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in read(transaction, view, tail, columns=columns):
        found[row[0]].append(tuple(row[1:]))
    return found
