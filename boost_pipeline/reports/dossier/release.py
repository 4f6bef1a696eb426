"""The dossier of a release: what it brought since the stable release before it, and which decisions follow.

Here belong its order, its first page and its alerts; the other sections are in `release_work` and `release_code`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from boost_pipeline.errors import UnknownName
from boost_pipeline.reports.dossier.charts import bars, calendar
from boost_pipeline.reports.dossier.document import Chart, Column, Figure, Report, Section, Table
from boost_pipeline.reports.dossier.reading import Reader, counted, listed
from boost_pipeline.reports.dossier.release_code import cxx_minima, dependencies, headers
from boost_pipeline.reports.dossier.release_decisions import decisions, gaps
from boost_pipeline.reports.dossier.release_facts import Facts
from boost_pipeline.reports.dossier.release_work import (
    libraries,
    maintainers,
    not_updated,
    people,
    updated,
    work_items,
)
from boost_pipeline.reports.unread import why_unread
from boost_pipeline.warehouse.warehouse import Transaction

LONGEST_CALENDAR: Final = timedelta(days=370)


def read_dossier(transaction: Transaction, tag: str) -> Report:
    """Read the dossier of a release, or of a head, that was read into the warehouse.

    Raises:
        UnknownName: there is no such release, or its modules were not read.
    """
    release_id = transaction.value(
        "SELECT id FROM releases r WHERE tag = %s AND deleted_at IS NULL "
        "AND EXISTS (SELECT FROM release_modules m WHERE m.release_id = r.id)",
        (tag,),
    )
    if release_id is None:
        raise UnknownName(f"{tag} has no dossier. {why_unread(transaction, tag)}")
    reader = Reader(transaction, release_id)
    facts = Facts(
        reader=reader,
        window=reader.record("SELECT * FROM release_window(%(of)s)"),
        figures=reader.record("SELECT * FROM release_figures(%(of)s)"),
        left_out=dict(reader.rows("SELECT what, commits FROM release_left_out(%(of)s)")),
    )
    cycles = reader.rows("SELECT modules, is_new FROM release_cycles(%(of)s) ORDER BY size DESC, modules")
    return Report(
        kind="Release dossier",
        subject=tag,
        lead=_lead(facts),
        alerts=_alerts(facts, cycles),
        sections=(
            _overview(facts),
            people(facts),
            libraries(facts),
            updated(facts),
            not_updated(facts),
            dependencies(facts, cycles),
            headers(facts),
            cxx_minima(facts),
            work_items(facts),
            maintainers(facts),
            gaps(facts),
            decisions(facts),
        ),
        sources=reader.sources(
            "SELECT source, (as_of AT TIME ZONE 'UTC')::date, units FROM release_sources(%(of)s) ORDER BY source"
        ),
        page="index.html",
        pdf="dossier.pdf",
        data="dossier.json",
    )


def _lead(facts: Facts) -> str:
    window = facts.window
    what = {
        "head": f"The branch {facts.tag} as of {window['to_day']}: what the next release brings so far",
        "stable": f"{'Released' if window['released_on'] else 'Tagged'} on {window['to_day']}",
    }.get(window["kind"], f"Tagged on {window['to_day']}")
    if window["previous_tag"] is None:
        return f"{what}. No stable release comes before it, so nothing is compared."
    return f"{what}, {facts.since}."


def _alerts(facts: Facts, cycles: list[tuple[Any, ...]]) -> tuple[str, ...]:
    found = [
        f"New cycle of modules: {modules}. No cycle of the release before had all of these."
        for modules, is_new in cycles
        if is_new
    ]
    for tag, modules, names in facts.reader.rows(
        """
        SELECT s.tag, s.modules, s.unread_modules FROM release_states s, release_window(%(of)s) w
        WHERE s.tag IN (w.tag, w.previous_tag) AND s.unread > 0 ORDER BY s.tag = w.tag DESC
        """
    ):
        found.append(_partial(facts, tag, modules, names))
    unread = facts.reader.value("SELECT count(*) FROM release_gaps(%(of)s) g WHERE g.kind = 'history not read'")
    if unread:
        found.append(
            f"The history of {counted(unread, 'repository', 'repositories')} is not here, so the commits are too few."
        )
    return tuple(found)


def _partial(facts: Facts, tag: str, modules: int, names: list[str]) -> str:
    """Return that a release was read in part, and what is not said for that."""
    shown = ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
    told = f"{len(names)} of the {counted(modules, 'module')} of {tag} were not read whole ({shown})"
    if tag == facts.tag:
        return f"This dossier is partial: {told}. No number of the whole graph is given, and nothing is said of them."
    return f"{told}: nothing of them is compared."


def _overview(facts: Facts) -> Section:
    known = facts.figures
    figures = [
        Figure("commits", known["commits"], "that no earlier stable release contains"),
        Figure("lines added", known["additions"]),
        Figure("lines removed", known["deletions"]),
        Figure("people who wrote them", known["people"]),
        Figure("first-timers", known["first_timers"], "first commit in all of Boost's history"),
        *_brought(facts),
        Figure("libraries", known["libraries"], f"in {counted(known['modules'], 'module')}"),
        Figure("libraries added", known["libraries_added"]),
        Figure("libraries removed", known["libraries_removed"]),
        Figure("modules updated", known["modules_updated"], f"{known['modules_not_updated'] or 0} without a commit"),
        Figure("dependencies", known["dependencies"], "between modules, of headers and sources"),
        Figure("dependencies added", known["dependencies_added"]),
        Figure("dependencies removed", known["dependencies_removed"]),
        Figure("cycles", known["cycles"], _new_cycles(known["new_cycles"])),
        Figure("headers added", known["headers_added"]),
        Figure("headers removed", known["headers_removed"], "renamed and moved ones apart"),
        Figure("issues opened", known["issues_opened"]),
        Figure("issues closed", known["issues_closed"]),
        Figure("pull requests merged", known["pulls_merged"]),
        Figure("reviews", known["reviews"], "by others than the author"),
    ]
    return Section(
        "overview",
        "At a glance",
        says=("A dash: it cannot be known from what was collected; the gaps say why.",),
        figures=tuple(figures),
        charts=tuple(chart for chart in (_calendar(facts), _most_committed(facts)) if chart),
        basis=facts.commit_basis,
        sources=("commits", "libraries", "dependencies", "headers", "GitHub"),
        views=("release_figures", "release_brought", "release_days", "release_left_out", "release_window"),
    )


def _brought(facts: Facts) -> tuple[Figure, ...]:
    """Tell the history of new modules apart, which may be more than all the work on the release."""
    if not facts.places_commits:
        return ()
    rows = facts.reader.rows(
        'SELECT module, commits FROM release_brought(%(of)s) ORDER BY commits DESC, module COLLATE "C"'
    )
    if not rows:
        return ()
    names = listed([module for module, _ in rows])
    return (Figure("commits that new modules brought", sum(row[1] for row in rows), f"{names}: in no other number"),)


def _new_cycles(count: int | None) -> str:
    return "" if count is None else "none is new" if not count else f"{count} new"


def _calendar(facts: Facts) -> Chart | None:
    days = facts.reader.rows("SELECT day, commits FROM release_days(%(of)s) WHERE day IS NOT NULL ORDER BY day")
    if not days:
        return None
    last = max(facts.window["to_day"], days[-1][0]) if facts.window["kind"] == "head" else facts.window["to_day"]
    first = max(facts.window["from_day"] or days[0][0], last - LONGEST_CALENDAR)
    outside = facts.reader.transaction.value(
        "SELECT sum(d.commits) FROM release_days(%s) d WHERE d.day < %s OR d.day > %s OR d.day IS NULL",
        (facts.reader.subject, first, last),
    )
    title = f"Commits per day on which they landed, {first} to {last}"
    if outside:
        title += f"; {counted(int(outside), 'commit')} on other days"
    table = Table("Commits by day (UTC)", (Column("Day", "day"), Column("Commits", "number")), days, most=400)
    return calendar(title, first, last, dict(days), table)


def _most_committed(facts: Facts) -> Chart | None:
    rows = facts.reader.rows(
        "SELECT module, commits FROM release_modules_worked_on(%(of)s) "
        "WHERE commits > 0 AND NOT is_new AND NOT is_tool "
        "ORDER BY commits DESC, module LIMIT 10"
    )
    if not rows:
        return None
    title = f"The {listed([counted(len(rows), 'module')])} with most commits"
    table = Table(title, (Column("Module"), Column("Commits", "number")), rows)
    return bars(title, [(module, commits) for module, commits in rows], table)
