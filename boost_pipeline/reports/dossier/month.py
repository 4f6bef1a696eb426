"""The report of a month: what landed in Boost, by whom, and what was talked about and released."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from boost_pipeline.errors import UnknownName
from boost_pipeline.reports.dossier.charts import bars
from boost_pipeline.reports.dossier.document import Column, Report, Section, Table
from boost_pipeline.reports.dossier.reading import Reader, counted
from boost_pipeline.reports.dossier.release_work import PEOPLE
from boost_pipeline.warehouse.warehouse import Transaction

FIRST_YEAR: Final = 1998
"""Boost's first; no month before it has anything to report."""

_FIGURES: Final = (
    ("commits", "Commits that landed", "number"),
    ("additions", "Lines added", "number"),
    ("deletions", "Lines removed", "number"),
    ("repositories", "Repositories with commits", "number"),
    ("people", "People who wrote them", "number"),
    ("first_timers", "First-timers", "number"),
    ("stable_releases", "Stable releases", "number"),
    ("other_releases", "Betas, candidates and other tags", "number"),
    ("issues_opened", "Issues opened", "number"),
    ("issues_closed", "Issues closed", "number"),
    ("pulls_opened", "Pull requests opened", "number"),
    ("pulls_merged", "Pull requests merged", "number"),
    ("reviews", "Reviews", "number"),
    ("issue_response_hours", "Median until an issue's first answer", "hours"),
    ("pull_response_hours", "Median until a pull request's first answer", "hours"),
)
"""Columns of month_figures, what they are, and how they look."""

_OPEN_UNTIL: Final = """
    SELECT (commits_as_of AT TIME ZONE 'UTC')::date FROM data_as_of
    WHERE commits_as_of < (%(of)s::date + interval '1 month') AT TIME ZONE 'UTC'
"""
"""The day up to which the month was read, if it was not over then."""

_DEVELOP_STATES: Final = """
    SELECT DISTINCT d.month FROM head_dependencies d JOIN releases r ON r.id = d.release_id AND r.tag = 'develop'
    WHERE d.month IN (%s, %s)
"""

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
"""In English, whatever the machine speaks."""


def last_whole_month(today: date) -> date:
    """Return the first day of the month before.

    >>> last_whole_month(date(2024, 3, 31)), last_whole_month(date(2026, 1, 3))
    (datetime.date(2024, 2, 1), datetime.date(2025, 12, 1))
    """
    return _before(today.replace(day=1), 1)


def read_month(text: str, today: date) -> date:
    """Return the first day of the month that a person means: "2026-10".

    Raises:
        UnknownName: it is no month, before Boost, or has not begun.
    """
    found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text.strip())
    if found is None:
        raise UnknownName(f"{text[:40]!r} is no month. Write it as {last_whole_month(today):%Y-%m}.")
    month = date(max(1, int(found[1])), int(found[2]), 1)
    if not month.year >= FIRST_YEAR or month > today:
        raise UnknownName(f"There is nothing to report of {text[:40]}: choose a month from {FIRST_YEAR}-01 to today's.")
    return month


def month_report(transaction: Transaction, month: date) -> Report:
    """Read the report of a month, given by its first day."""
    reader = Reader(transaction, month)
    query = "SELECT * FROM month_figures(%(of)s)"
    spans = (month, _before(month, 1), _before(month, 12))
    figures = [reader.record(query, subject=span) for span in spans]
    until = reader.value(_OPEN_UNTIL)
    return Report(
        kind="Monthly report",
        subject=_named(month),
        lead=f"What happened in the Boost libraries from {month} "
        + (f"to {until} so far (UTC); the month is not over." if until else "to the end of the month (UTC)."),
        alerts=_alerts(reader),
        sections=(
            _numbers(reader, spans, figures, is_open=until is not None),
            _people(reader),
            _repositories(reader, figures[0]),
            _releases(reader),
            _develop(reader, month),
            _health(reader),
            _decisions(reader),
        ),
        sources=reader.sources(
            "SELECT source, (as_of AT TIME ZONE 'UTC')::date, units FROM month_sources() ORDER BY source"
        ),
        page="report.html",
        pdf="report.pdf",
        data="report.md",
    )


def _named(month: date) -> str:
    """Return how people call a month.

    >>> _named(date(2026, 10, 1))
    'October 2026'
    """
    return f"{_MONTHS[month.month - 1]} {month.year}"


def _before(month: date, months: int) -> date:
    """Return the first day of a month that lies so many months earlier."""
    number = month.year * 12 + month.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _alerts(reader: Reader) -> tuple[str, ...]:
    open_failures = reader.value("SELECT count(*) FROM month_health(%(of)s) WHERE what = 'open failure'")
    found = []
    if open_failures:
        found.append(
            f"{counted(open_failures, 'unit')} failed and is not mended: numbers may be too low. See the health."
        )
    if not reader.value("SELECT units FROM month_sources() WHERE source = 'commits'"):
        found.append("No commit was collected yet, so all of them are missing.")
    return tuple(found)


def _numbers(reader: Reader, spans: tuple[date, ...], figures: list[dict[str, Any]], *, is_open: bool) -> Section:
    rows = {
        form: [(label, *(found[name] for found in figures)) for name, label, shown in _FIGURES if shown == form]
        for form in ("number", "hours")
    }
    heads = [f"{_named(span)}{' so far' if is_open and span == spans[0] else ''}" for span in spans]
    tables = [
        Table(
            f"{what}: the month, the one before, and a year earlier",
            (Column("Number"), *(Column(head, form) for head in heads)),
            rows[form],
        )
        for form, what in (("number", "Counts"), ("hours", "Durations"))
    ]
    read = reader.value("SELECT units FROM month_sources() WHERE source = 'GitHub'")
    return Section(
        "numbers",
        "In numbers",
        says=() if read else ("GitHub was not read yet, so issues, pull requests and reviews are not known.",),
        tables=tuple(tables),
        basis="Commits by the day on which they landed on a default branch. Left out: merges, bots, the superproject; "
        "of GitHub, bots.",
        sources=("commits", "GitHub"),
        views=("month_figures", "month_contributions", "work_between", "response_between"),
    )


def _people(reader: Reader) -> Section:
    top = reader.rows(
        "SELECT name, commits, repositories, "
        "CASE WHEN is_first THEN 'first-timer' WHEN is_first IS NULL THEN 'not known' ELSE '' END "
        'FROM month_people(%(of)s) ORDER BY commits DESC, name COLLATE "C", person'
    )
    first = reader.rows(
        "SELECT name, commits, repositories FROM month_people(%(of)s) WHERE is_first "
        'ORDER BY commits DESC, name COLLATE "C", person'
    )
    columns = (Column("Name"), Column("Commits", "number"), Column("Repositories", "number"))
    return Section(
        "people",
        "People",
        says=(PEOPLE,),
        tables=(
            Table("People with most commits", (*columns, Column("First-timer")), top, most=20, empty="Nobody."),
            Table("First-timers: nothing of theirs had landed before", columns, first, most=100, empty="Nobody."),
        ),
        basis=f"{counted(len(top), 'person', 'people')} whose commits landed in the month.",
        sources=("commits",),
        views=("month_people", "authorships", "is_bot_name"),
    )


def _repositories(reader: Reader, figures: dict[str, Any]) -> Section:
    rows = reader.rows(
        """
        SELECT repository, commits, people, additions, deletions, issues_opened, issues_closed, pulls_merged, reviews
        FROM month_modules(%(of)s)
        ORDER BY commits DESC, pulls_merged DESC NULLS LAST, issues_opened DESC NULLS LAST, repository COLLATE "C"
        """
    )
    columns = (
        Column("Repository"),
        Column("Commits", "number"),
        Column("People", "number"),
        Column("Lines +", "number"),
        Column("Lines −", "number"),
        Column("Issues opened", "number"),
        Column("Closed", "number"),
        Column("PRs merged", "number"),
        Column("Reviews", "number"),
    )
    kept = len(columns) if figures["issues_opened"] is not None else len(columns) - 4
    title = "Repositories with most commits"
    top = reader.rows(
        "SELECT repository, commits FROM month_modules(%(of)s) WHERE commits > 0 ORDER BY commits DESC, repository "
        'COLLATE "C" LIMIT 10'
    )
    table = Table(title, (Column("Repository"), Column("Commits", "number")), top)
    return Section(
        "repositories",
        "Libraries with most activity",
        charts=(bars(title, [(name, count) for name, count in top], table),) if top else (),
        tables=(
            Table(
                "Repositories with any activity",
                columns[:kept],
                [row[:kept] for row in rows],
                most=60,
                empty="Nothing happened in any repository.",
            ),
        ),
        basis=f"{counted(len(rows), 'repository', 'repositories')} with anything. A dash: nothing, or not read from "
        "GitHub. Left out: the superproject's commits, merges, bots.",
        sources=("commits", "GitHub"),
        views=("month_modules",),
    )


def _releases(reader: Reader) -> Section:
    rows = reader.rows(
        "SELECT tag, kind, CASE WHEN released_on IS NULL THEN 'tagged' ELSE 'released' END, day "
        'FROM month_releases(%(of)s) ORDER BY day, tag COLLATE "C"'
    )
    columns = (Column("Tag"), Column("Kind"), Column("What is known"), Column("Day", "day"))
    return Section(
        "releases",
        "Releases",
        tables=(Table("Releases of the month", columns, rows),),
        basis="All tags of the superproject.",
        sources=("libraries",),
        views=("month_releases",),
    )


def _develop(reader: Reader, month: date) -> Section:
    """Tell what develop changed within the month, by its states of this month and the one before."""
    states = [found for (found,) in reader.transaction.rows(_DEVELOP_STATES, (month, _before(month, 1)))]
    key, title, views = "develop", "Dependency changes on develop", ("month_dependency_changes",)
    if len(states) < 2:
        first = reader.transaction.value("SELECT min(month) FROM head_dependencies")
        kept = f"States are kept since {_named(first)}." if first else "No state of it was kept yet."
        absent = f"How develop was at the end of {_named(month)} or of the month before is not known. {kept}"
        return Section(key, title, absent=absent, sources=("dependencies",), views=views)
    rows = reader.rows(
        """
        SELECT module || ' → ' || depends_on, change FROM month_dependency_changes(%(of)s)
        ORDER BY change, module COLLATE "C", depends_on COLLATE "C"
        """
    )
    return Section(
        key,
        title,
        says=("develop as last read in the month, compared with how it was last read in the month before.",),
        tables=(Table("Dependencies that came and went", (Column("Dependency"), Column("Change")), rows, most=60),),
        basis="Includes of headers and sources, of states in which all modules were read whole. Left out: tests.",
        sources=("dependencies",),
        views=views,
    )


def _health(reader: Reader) -> Section:
    rows = reader.rows(
        'SELECT what, subject, detail FROM month_health(%(of)s) ORDER BY what, subject COLLATE "C", detail'
    )
    return Section(
        "health",
        "Failures and health",
        tables=(
            Table(
                "What failed, and what is not whole", (Column("What"), Column("Of"), Column("Detail")), rows, most=40
            ),
        ),
        basis="One row per unit: its newest failure. Older ones of the same unit are not kept.",
        views=("month_health",),
    )


def _decisions(reader: Reader) -> Section:
    reviews = reader.transaction.rows(
        """
        SELECT p.name || ' #' || w.number, w.title, (w.waiting_since AT TIME ZONE 'UTC')::date
        FROM waiting_reviews w
        JOIN repositories p ON p.id = w.repository_id AND p.kind IN ('superproject', 'boost', 'tool')
        WHERE w.waiting_since < (%s::date + interval '1 month') AT TIME ZONE 'UTC'
        ORDER BY w.waiting_since, p.name COLLATE "C", w.number LIMIT 15
        """,
        (reader.subject,),
    )
    silent = reader.transaction.rows(
        """
        SELECT p.name || ' #' || w.number, w.title, (w.waiting_since AT TIME ZONE 'UTC')::date
        FROM waiting_items w
        JOIN repositories p ON p.id = w.repository_id AND p.kind IN ('superproject', 'boost', 'tool')
        WHERE w.item = 'issue' AND w.waiting_since >= %s::timestamp AT TIME ZONE 'UTC'
          AND w.waiting_since < (%s::date + interval '1 month') AT TIME ZONE 'UTC'
        ORDER BY w.waiting_since, p.name COLLATE "C", w.number LIMIT 15
        """,
        (reader.subject, reader.subject),
    )
    newcomers = reader.rows(
        'SELECT name, commits FROM month_people(%(of)s) WHERE is_first ORDER BY commits DESC, name COLLATE "C", person '
        "LIMIT 15"
    )
    empty = (
        "None."
        if reader.value("SELECT units FROM month_sources() WHERE source = 'GitHub'")
        else "Not known: GitHub was not read."
    )
    columns = (Column("Item"), Column("Title"), Column("Waits since", "day"))
    return Section(
        "decisions",
        "Decisions that this supports",
        tables=(
            Table("Which review has waited longest, up to this month?", columns, reviews, empty=empty),
            Table("Which issue of the month did nobody answer?", columns, silent, empty=empty),
            Table("Whom to welcome?", (Column("First-timer"), Column("Commits", "number")), newcomers, empty="Nobody."),
        ),
        basis="At most 15 of each. Left out: drafts, and items of bots.",
        sources=("GitHub", "commits"),
        views=("waiting_reviews", "waiting_items", "month_people"),
    )
