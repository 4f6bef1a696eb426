"""All that the dashboard reads of the warehouse: each view once, in one snapshot. Pages choose from it by key."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from boost_pipeline.reports.freshness import AssetFreshness
from boost_pipeline.reports.health import Health
from boost_pipeline.reports.site.figures import Figures, read
from boost_pipeline.reports.site.file_names import file_name
from boost_pipeline.warehouse.warehouse import Transaction


@dataclass(frozen=True, slots=True)
class World:
    """What pages are made of; each by the name of its view, but for those that are grouped by a key."""

    tag: str | None
    """The newest release."""
    reads: tuple[tuple[str, datetime], ...]
    """When each source was last read, as far as it ever was."""
    headlines: Figures
    years: Figures
    release_people: Figures
    releases: Figures
    partial: Figures
    """Releases that were read in part, the newest first."""
    libraries: Figures
    library_facts: Figures
    """The same in the same order, without what changes as time passes."""
    contributors: Figures
    contributor_totals: Figures
    left_out: Figures
    risks: Figures
    co_maintainers: Figures
    waiting_reviews: Figures
    includes: Figures
    edges: Figures
    """Of the newest release."""
    events: Figures
    freshness: tuple[AssetFreshness, ...]
    failures: Figures
    gap_counts: Figures
    changed_tags: Figures
    costs: Figures
    health: Health | None
    """None: not known where the site is built."""
    has_github: bool
    grouped: Mapping[str, Mapping[Hashable, Figures]] = field(repr=False)
    """By view, then by what its pages are about."""
    empty: Mapping[str, Figures] = field(repr=False)

    def of(self, view: str, key: Hashable) -> Figures:
        """Return the rows of a grouped view for one thing; none where it has none."""
        return self.grouped[view].get(key, self.empty[view])

    def hrefs(self, root: str, modules: Iterator[str] | None = None) -> dict[str, str]:
        """Return the page of each module, or of the named ones, relative to a page with this `root`.

        A module has the page of the library of its own name, else of its first one.
        """
        wanted = None if modules is None else set(modules)
        found: dict[str, str] = {}
        for row in self.libraries:
            if (wanted is None or row.module in wanted) and (row.module not in found or row.key == row.module):
                found[row.module] = f"{root}libraries/{file_name(row.key)}.html"
        return found


_GROUPED: dict[str, tuple[str, Any]] = {
    "library_people_current": ("library_id", "ORDER BY role DESC, position"),
    "library_history": (
        "library_id",
        "WHERE release_id IN (SELECT release_id FROM stable_releases) ORDER BY day DESC, tag DESC",
    ),
    "repository_commits_by_year": ("repository_id", "ORDER BY year"),
    "repository_commits_by_release": ("repository_id", "ORDER BY position"),
    "repository_contributors": ("repository_id", "WHERE place <= 10 ORDER BY place"),
    "module_files": ("module_id", "ORDER BY position"),
    "newest_header_changes": ("module_id", "WHERE place <= 100 ORDER BY place"),
    "time_to_first_response": ("repository_id", "ORDER BY item"),
    "change_request_reviews": ("repository_id", ""),
    "change_request_durations": ("repository_id", ""),
    "change_request_ratios": ("repository_id", "ORDER BY year"),
    "responders": ("repository_id", "ORDER BY answers DESC, login"),
    "repository_work": ("repository_id", ""),
}

_RISK_FACTS = ("module_id", "module", "recent_absence_factor", "recent_contributors", "last_commit_at", "maintainers")
_LIBRARY_AGES = ("recent_contributors", "recent_commits", "recent_absence_factor", "commits_as_of", "github_as_of")
_WAITING_FACTS = ("repository_id", "owner", "repository", "number", "title", "author", "waiting_since")
"""What stands on a library's page: without ages, which would make it a new page each day."""


def read_world(
    transaction: Transaction, health: Health | None = None, freshness: tuple[AssetFreshness, ...] = ()
) -> World:
    """Read everything but the edges of old releases, which `release_data` streams."""
    as_of = next(iter(read(transaction, "data_as_of")))
    tag = next((row.tag for row in read(transaction, "newest_release")), None)

    reads = {"releases": as_of.releases_as_of, "commits": as_of.commits_as_of, "GitHub": as_of.github_as_of}

    def view(name: str, tail: Any = "", when: Any = as_of.as_of, **options: Any) -> Figures:
        return read(transaction, name, tail, as_of=when, **options)

    risks = view("module_risks", "ORDER BY risk DESC, module")
    co_maintainers = view("co_maintainers_needed", "ORDER BY risk DESC, module")
    reviews = view("longest_waiting_reviews", "ORDER BY waiting_since, repository, number", as_of.github_as_of)
    includes = view("includes_to_drop", "ORDER BY gain DESC, pull_weight DESC, module, depends_on", tag)
    libraries = view("library_overview", 'ORDER BY key COLLATE "C"')
    edges = view(
        "release_edges",
        "WHERE release_id = (SELECT release_id FROM newest_release) ORDER BY pull_weight DESC, module, depends_on",
        tag,
    )
    events = view("library_events", "ORDER BY position DESC, change, library_id", as_of.releases_as_of)
    by_library = {name: (key, view(name, tail)) for name, (key, tail) in _GROUPED.items()} | {
        "library_events": ("library_id", events),
        "decision: co-maintainer": ("module_id", _only(co_maintainers, _RISK_FACTS)),
        "decision: reviews": ("repository_id", _only(reviews, _WAITING_FACTS)),
        "decision: includes": ("module_id", includes),
        "dependencies": ("module_id", edges),
        "dependents": ("depends_on_id", edges),
    }
    return World(
        tag=tag,
        reads=tuple((name, at) for name, at in reads.items() if at),
        headlines=view("headline_figures", "ORDER BY position"),
        years=view("contributors_by_year", "ORDER BY year", as_of.commits_as_of),
        release_people=view("contributors_by_release", "ORDER BY position", as_of.commits_as_of),
        releases=view("release_summaries", "ORDER BY position", as_of.releases_as_of),
        partial=view("partial_releases", "ORDER BY position DESC", as_of.releases_as_of),
        libraries=libraries,
        library_facts=_only(libraries, tuple(name for name in libraries.columns if name not in _LIBRARY_AGES)),
        contributors=view("contributors", "ORDER BY commits DESC, last_commit_at DESC, person", as_of.commits_as_of),
        contributor_totals=view("contributor_totals", "ORDER BY contributors DESC, scope", as_of.commits_as_of),
        left_out=view("commits_left_out", "", as_of.commits_as_of),
        risks=risks,
        co_maintainers=co_maintainers,
        waiting_reviews=reviews,
        includes=includes,
        edges=edges,
        events=events,
        freshness=freshness,
        failures=view("open_failures", "ORDER BY asset, unit", None),
        gap_counts=view("known_gap_counts", "ORDER BY gap"),
        changed_tags=view("changed_tags", "ORDER BY seen_at DESC, tag", as_of.releases_as_of),
        costs=view("api_costs", "ORDER BY source, asset", None),
        health=health,
        has_github=bool(transaction.value("SELECT EXISTS (SELECT FROM issues) OR EXISTS (SELECT FROM pull_requests)")),
        grouped={name: figures.group(key) for name, (key, figures) in by_library.items()},
        empty={name: figures.none() for name, (_, figures) in by_library.items()},
    )


def _only(figures: Figures, columns: tuple[str, ...]) -> Figures:
    """Return figures with some of their columns."""
    row = namedtuple("Row", columns)  # type: ignore[misc]  # noqa: PYI024 - the columns are data
    rows = tuple(row(*(getattr(one, name) for name in columns)) for one in figures)
    return replace(figures, columns=columns, rows=rows)
