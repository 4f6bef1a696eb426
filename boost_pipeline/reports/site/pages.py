"""The pages of the dashboard: which template each is made with, and what of the world it shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from boost_pipeline.reports.site.charts import Chart, Series
from boost_pipeline.reports.site.drawing import Neighbour, draw
from boost_pipeline.reports.site.environment import LastRead, text
from boost_pipeline.reports.site.figures import Figures
from boost_pipeline.reports.site.file_names import file_name
from boost_pipeline.reports.site.release_data import ReleaseFile
from boost_pipeline.reports.site.report_copies import ReportCopy
from boost_pipeline.reports.site.world import World

MOST_CONTRIBUTORS: Final = 200
MOST_EVENTS: Final = 40
FEW: Final = 10
"""Rows of a table of decisions."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: where it is below the site's folder, its template, and what that is given."""

    path: str
    template: str
    data: Mapping[str, Any]
    reads: Mapping[str, datetime | None] = field(default_factory=dict)
    """When each source was last read that the page has a place of `LastRead` for."""

    @property
    def root(self) -> str:
        """The relative way from the page to the site's folder."""
        return "../" * self.path.count("/")


def pages(world: World, release_files: tuple[ReleaseFile, ...], reports: tuple[ReportCopy, ...] = ()) -> Iterator[Page]:
    """Yield every page; what is not collected has no page."""
    yield _overview(world, reports)
    yield _releases(world, release_files, reports)
    yield _libraries(world)
    for library, whole in zip(world.library_facts, world.libraries, strict=True):
        yield _library(world, library, {"commits": whole.commits_as_of, "github": whole.github_as_of})
    yield _contributors(world)
    yield _risks(world)
    yield _health(world)
    yield Page("counted.html", "counted.html.j2", {"views": _counted()})


def _overview(world: World, reports: tuple[ReportCopy, ...]) -> Page:
    newest = world.releases.where(lambda row: row.tag == world.tag)
    events = world.events.where(lambda row: row.tag == world.tag)
    data = {
        "tag": world.tag,
        "headlines": world.headlines,
        "newest": newest,
        "events": events.first(MOST_EVENTS),
        "dossier": next((one.link for one in reports if one.kind == "Dossier" and one.name == world.tag), None),
        "month": next((one.link for one in reversed(reports) if one.kind == "Monthly report"), None),
        "library_keys": _keys(world, events),
        "partial": world.partial.where(lambda row: row.is_newer or row.tag == world.tag),
        "charts": _year_charts(world),
        "has_github": world.has_github,
        "verdict": (world.health.verdict, world.health.judgement) if world.health else None,
        **_decisions(world),
    }
    return Page("index.html", "index.html.j2", data)


def _releases(world: World, files: tuple[ReleaseFile, ...], reports: tuple[ReportCopy, ...]) -> Page:
    graphed = world.releases.where(lambda row: row.dependencies is not None)
    charts = [
        Chart(
            "modules",
            "Modules and libraries in each release",
            world.releases,
            "tag",
            "Release",
            "Count",
            (Series("modules", "modules"), Series("libraries", "libraries")),
        ),
        Chart(
            "dependencies",
            "Dependencies between modules in each release",
            graphed,
            "tag",
            "Release",
            "Dependencies",
            (Series("dependencies", "dependencies", "bar"),),
        ),
        Chart(
            "levels",
            "How deep the graph of each release is, and how many cycles it has",
            graphed,
            "tag",
            "Release",
            "Count",
            (Series("highest_level", "highest level"), Series("cycles", "cycles")),
        ),
    ]
    files_of = [{"tag": one.tag, "file": one.path} for one in files]
    data = {
        "partial": world.partial,
        "newest_first": world.releases.where(lambda _: True).rows[::-1],
        "releases": world.releases,
        "charts": [chart for chart in charts if chart.figures],
        "files": files_of,
        "dossiers": {one.name: one.link.href for one in reports if one.kind == "Dossier"},
        "newest_dossier": next((one.links for one in reversed(reports) if one.is_stable), None),
        "other_dossiers": [one.link for one in reports if one.kind == "Dossier" and not one.is_stable],
        "months": [one.link for one in reversed(reports) if one.kind == "Monthly report"],
        **_decisions(world),
    }
    return Page("releases.html", "releases.html.j2", data)


def _libraries(world: World) -> Page:
    hrefs = {row.key: f"libraries/{file_name(row.key)}.html" for row in world.libraries}
    categories = sorted({category for row in world.libraries for category in row.categories or ()})
    data = {
        "libraries": world.libraries,
        "hrefs": hrefs,
        "categories": categories,
        "reads": world.reads,
        "has_github": world.has_github,
        **_decisions(world),
    }
    return Page("libraries.html", "libraries.html.j2", data)


def _library(world: World, row: Any, reads: Mapping[str, datetime | None]) -> Page:
    """The page of a library; but for when its sources were read, it changes only if something of the library does."""
    dependencies, dependents = world.of("dependencies", row.module_id), world.of("dependents", row.module_id)
    if not row.in_newest:
        dependencies, dependents = dependencies.none(), dependents.none()
    commits_as_of, github_as_of = (LastRead(name) if reads[name] else None for name in ("commits", "github"))
    tag = row.last_tag
    near = [edge.depends_on for edge in dependencies] + [edge.module for edge in dependents]
    hrefs = world.hrefs("../", iter(near))
    repository = row.repository_id

    def of(view: str, key: int, as_of: Any) -> Figures:
        return world.of(view, key).dated(as_of)

    years = of("repository_commits_by_year", repository, commits_as_of)
    releases = of("repository_commits_by_release", repository, commits_as_of)
    files = of("module_files", row.module_id, tag)
    history = of("library_history", row.library_id, tag)
    siblings = sorted(
        other.key for other in world.library_facts if other.module_id == row.module_id and other is not row
    )
    data = {
        "library": row,
        "commits_as_of": commits_as_of,
        "overview": world.library_facts.where(lambda one: one is row, as_of=tag),
        "siblings": {key: f"{file_name(key)}.html" for key in siblings},
        "people": of("library_people_current", row.library_id, tag),
        "wrote": of("repository_contributors", repository, commits_as_of),
        "dependencies": dependencies,
        "dependents": dependents,
        "drawing": _drawing(row.module, dependents, dependencies, hrefs),
        "hrefs": hrefs,
        "charts": _library_charts(years, releases, files),
        "files": files,
        "header_changes": of("newest_header_changes", row.module_id, tag),
        "history": history,
        "events": of("library_events", row.library_id, tag),
        "has_github": world.has_github,
        "work": _work(world, row, github_as_of),
        **_library_decisions(world, row, commits_as_of, github_as_of),
    }
    return Page(f"libraries/{file_name(row.key)}.html", "library.html.j2", data, reads)


def _work(world: World, row: Any, as_of: LastRead | None) -> dict[str, Figures]:
    """Issues, pull requests, reviews and responses of a library's repository."""
    names = (
        "repository_work",
        "time_to_first_response",
        "change_request_reviews",
        "change_request_durations",
        "change_request_ratios",
        "responders",
    )
    return {name: world.of(name, row.repository_id).dated(as_of).first(12) for name in names}


def _drawing(module: str, dependents: Figures, dependencies: Figures, hrefs: Mapping[str, str]) -> str:
    if not dependents and not dependencies:
        return ""

    def told(edge: Any) -> str:
        return (
            f"{edge.module} → {edge.depends_on}: {edge.include_count} includes, such as <{edge.header}> in {edge.file}"
        )

    return draw(
        module,
        [Neighbour(edge.module, told(edge)) for edge in dependents],
        [Neighbour(edge.depends_on, told(edge)) for edge in dependencies],
        hrefs,
    )


def _library_charts(years: Figures, releases: Figures, files: Figures) -> list[Chart]:
    charts = [
        Chart(
            "years",
            "Commits by people, by year",
            years,
            "year",
            "Year",
            "Commits",
            (Series("commits", "commits", "bar"),),
            open="is_open",
        ),
        Chart(
            "people",
            "People who committed, by year",
            years,
            "year",
            "Year",
            "People",
            (Series("contributors", "contributors"),),
            open="is_open",
        ),
        Chart(
            "commits-by-release",
            "Commits that each release was the first to contain",
            releases,
            "tag",
            "Release",
            "Commits",
            (Series("commits", "commits", "bar"),),
        ),
        Chart(
            "files",
            "Headers, sources and tests in each release",
            files,
            "tag",
            "Release",
            "Files",
            (Series("headers", "headers"), Series("sources", "sources"), Series("tests", "tests")),
        ),
    ]
    return [chart for chart in charts if chart.figures]


def _year_charts(world: World) -> list[Chart]:
    charts = [
        Chart(
            "commits",
            "Commits by people, by year",
            world.years,
            "year",
            "Year",
            "Commits",
            (Series("commits", "commits", "bar"),),
            open="is_open",
        ),
        Chart(
            "people",
            "People who committed, and those who did for the first time, by year",
            world.years,
            "year",
            "Year",
            "People",
            (Series("contributors", "contributors"), Series("first_timers", "first-timers")),
            open="is_open",
        ),
    ]
    return [chart for chart in charts if chart.figures]


def _contributors(world: World) -> Page:
    retained = world.years.where(lambda row: row.retention is not None)
    people = _year_charts(world)[1:]
    more = [
        Chart(
            "retention",
            "Share of last year's contributors who committed again",
            retained,
            "year",
            "Year",
            "Retention",
            (Series("retention", "retention", "bar"),),
            is_share=True,
            open="is_open",
        ),
        Chart(
            "release-people",
            "People in each release, and those whose first work it was",
            world.release_people,
            "tag",
            "Release",
            "People",
            (Series("contributors", "contributors"), Series("first_timers", "first-timers")),
        ),
    ]
    data = {
        "totals": world.contributor_totals,
        "left_out": world.left_out,
        "charts": [*people, *(chart for chart in more if chart.figures)],
        "contributors": world.contributors.first(MOST_CONTRIBUTORS),
        "risks": world.risks,
        "hrefs": world.hrefs(""),
        **_decisions(world),
    }
    return Page("contributors.html", "contributors.html.j2", data)


def _risks(world: World) -> Page:
    data = {
        "tag": world.tag,
        "risks": world.risks,
        "hrefs": world.hrefs(""),
        "reads": world.reads,
        "has_github": world.has_github,
        **_decisions(world),
    }
    return Page("risks.html", "risks.html.j2", data)


def _health(world: World) -> Page:
    data = {
        "freshness": world.freshness,
        "failures": world.failures,
        "gap_counts": world.gap_counts,
        "costs": world.costs,
        "left_out": world.left_out,
        "changed_tags": world.changed_tags,
        "health": world.health,
    }
    return Page("health.html", "health.html.j2", data)


def _decisions(world: World) -> dict[str, Any]:
    chosen = world.co_maintainers.first(FEW), world.waiting_reviews.first(FEW), world.includes.first(FEW)
    modules = [row.module for row in (*chosen[0], *chosen[2])] + [row.depends_on for row in chosen[2]]
    return {
        "decide_co_maintainer": chosen[0],
        "decide_reviews": chosen[1],
        "decide_includes": chosen[2],
        "decide_hrefs": world.hrefs("", iter(modules)),
        "reviews_known": world.has_github,
    }


def _library_decisions(
    world: World, row: Any, commits_as_of: LastRead | None, github_as_of: LastRead | None
) -> dict[str, Any]:
    return {
        "decide_co_maintainer": world.of("decision: co-maintainer", row.module_id).dated(commits_as_of),
        "decide_reviews": world.of("decision: reviews", row.repository_id).dated(github_as_of).first(FEW),
        "decide_includes": world.of("decision: includes", row.module_id).first(FEW),
        "decide_hrefs": {},
        "reviews_known": world.has_github,
    }


def _keys(world: World, events: Figures) -> dict[int, tuple[str, str]]:
    """Return key and page of the libraries of some events."""
    wanted = {row.library_id for row in events}
    return {
        row.library_id: (text(row.key), f"libraries/{file_name(row.key)}.html")
        for row in world.libraries
        if row.library_id in wanted
    }


def _counted() -> list[tuple[str, str]]:
    """Return name and comment of each view and function of the warehouse."""
    from boost_pipeline.warehouse import views

    return sorted((view.name, view.comment) for view in views.described())
