"""Sections of a dossier on work and people: commits, libraries, issues, pull requests, maintainers."""

from __future__ import annotations

from typing import Final

from boost_pipeline.reports.dossier.document import Column, Figure, Section, Table
from boost_pipeline.reports.dossier.reading import counted
from boost_pipeline.reports.dossier.release_facts import Facts

PEOPLE: Final = (
    "A person: the addresses that a GitHub account is known by, and those of the same full name of two words or more. "
    "Commits are those that a person wrote, alone or with others: one with co-authors is in the row of each. Names are "
    "as on the newest commit; addresses are not shown. Bots are left out: is_bot_name lists them."
)
FOUNDERS: Final = "Who is a first-timer is not known: nothing older is here, so nobody's work before it is."


def people(facts: Facts) -> Section:
    """Who wrote the release: everybody with most commits first, and the first-timers."""
    if not facts.places_commits:
        return Section("people", "People", absent=facts.no_commits, views=("release_people",))
    reader = facts.reader
    top = reader.rows(
        "SELECT name, commits, additions, deletions, repositories, is_first FROM release_people(%(of)s) "
        'ORDER BY commits DESC, name COLLATE "C", person'
    )
    first = reader.rows(
        "SELECT name, commits, repositories FROM release_people(%(of)s) WHERE is_first "
        'ORDER BY commits DESC, name COLLATE "C", person'
    )
    columns = (
        Column("Name"),
        Column("Commits", "number"),
        Column("Lines added", "number"),
        Column("Lines removed", "number"),
        Column("Repositories", "number"),
        Column("First-timer"),
    )
    rows = [(*row[:5], {True: "first-timer", False: "", None: "not known"}[row[5]]) for row in top]
    return Section(
        "people",
        "People",
        says=(PEOPLE, *((FOUNDERS,) if facts.figures["first_timers"] is None and top else ())),
        tables=(
            Table("People with most commits", columns, rows, most=20),
            Table(
                "First-timers: no earlier stable release contains a commit of theirs",
                (Column("Name"), Column("Commits", "number"), Column("Repositories", "number")),
                first,
                most=100,
            ),
        ),
        basis=facts.commit_basis,
        sources=("commits",),
        views=("release_people", "authorships", "is_bot_name"),
    )


def libraries(facts: Facts) -> Section:
    """What became of libraries: added, removed, renamed, moved, other standards."""
    if facts.figures["libraries_added"] is None:
        return Section(
            "libraries",
            "Libraries that came, went and changed",
            absent="The libraries of this release and of the stable one before it are not both here.",
            sources=("libraries",),
            views=("library_changes",),
        )
    rows = facts.reader.rows(
        """
        SELECT l.key, replace(c.change, '_', ' '), c.before, c.after
        FROM library_changes c JOIN libraries l ON l.id = c.library_id
        WHERE c.release_id = %(of)s AND c.change <> 'maintainers_changed'
        ORDER BY array_position(ARRAY['removed', 'added', 'renamed', 'moved'], c.change), c.change, l.key COLLATE "C"
        """
    )
    status = facts.reader.rows(
        """
        SELECT l.key, v.status FROM library_versions v JOIN libraries l ON l.id = v.library_id
        WHERE v.release_id = %(of)s AND v.status IS NOT NULL ORDER BY v.status, l.key COLLATE "C"
        """
    )
    return Section(
        "libraries",
        "Libraries that came, went and changed",
        says=(
            (
                f"{counted(facts.figures['libraries_added'], 'library', 'libraries')} added, "
                f"{facts.figures['libraries_removed']} removed, {facts.since}."
            ),
        ),
        tables=(
            Table(
                "What became of libraries",
                (Column("Library"), Column("Change"), Column("Before"), Column("After")),
                rows,
                most=80,
            ),
            Table("Libraries with a status of their own", (Column("Library"), Column("Status")), status),
        ),
        basis=f"{counted(facts.figures['libraries'], 'library', 'libraries')}, by the keys of meta/libraries.json. "
        "Left out: libraries of modules whose metadata could not be read in one of the two.",
        sources=("libraries",),
        views=("library_changes", "library_changes_between"),
    )


def updated(facts: Facts) -> Section:
    """The modules with commits, with their people and work."""
    key, title = "updated", "Modules updated"
    if not facts.places_commits:
        return Section(key, title, absent=facts.no_commits, views=("release_modules_worked_on",))
    rows = facts.reader.rows(
        """
        SELECT module, CASE WHEN is_tool THEN 'tool' WHEN libraries IS NULL THEN 'no library' ELSE '' END, commits,
               additions, deletions, people, newcomers, top_people, issues_opened, issues_closed, pulls_merged
        FROM release_modules_worked_on(%(of)s) WHERE commits > 0 AND NOT is_new
        ORDER BY is_tool, commits DESC, module COLLATE "C"
        """
    )
    brought = facts.reader.rows(
        "SELECT module, commits, people, additions, deletions FROM release_brought(%(of)s) "
        'ORDER BY commits DESC, module COLLATE "C"'
    )
    history = (
        Column("Module"),
        Column("Commits", "number"),
        Column("People", "number"),
        Column("Lines +", "number"),
        Column("Lines −", "number"),
    )
    columns = (
        Column("Module"),
        Column("Is"),
        Column("Commits", "number"),
        Column("Lines +", "number"),
        Column("Lines −", "number"),
        Column("People", "number"),
        Column("New here", "number"),
        Column("Most commits by"),
        Column("Issues opened", "number"),
        Column("Closed", "number"),
        Column("PRs merged", "number"),
    )
    kept = len(columns) if facts.figures["repositories_read"] else len(columns) - 3
    return Section(
        key,
        title,
        says=(
            (
                f"{counted(facts.figures['modules_updated'], 'module')} that were in Boost before have commits in "
                "this release; tools, which are not below libs/, come last. A module may hold several libraries; they "
                "share its numbers. Lines are those of all its commits, so that what was added and taken back counts "
                "twice. New here: no earlier release holds a commit of theirs to it."
            ),
        ),
        tables=(
            Table("Modules and tools by commits", columns[:kept], [row[:kept] for row in rows], most=400),
            *((Table("History that new modules brought, in no other number", history, brought),) if brought else ()),
        ),
        basis=facts.commit_basis,
        sources=("commits", "libraries", "GitHub") if facts.figures["repositories_read"] else ("commits", "libraries"),
        views=("release_modules_worked_on", "release_module_people", "release_brought"),
    )


def not_updated(facts: Facts) -> Section:
    """The modules without commits, and since when."""
    key, title = "not-updated", "Modules not updated"
    if not facts.places_commits:
        return Section(key, title, absent=facts.no_commits, views=("release_modules_worked_on",))
    rows = facts.reader.rows(
        """
        SELECT module, libraries, last_changed, releases_since, dependents, maintainers
        FROM release_modules_worked_on(%(of)s) WHERE commits = 0 AND NOT is_tool AND NOT is_new AND history_read
        ORDER BY releases_since DESC NULLS FIRST, module COLLATE "C"
        """
    )
    columns = (
        Column("Module"),
        Column("Libraries"),
        Column("Last changed in"),
        Column("Releases ago", "number"),
        Column("Dependents", "number"),
        Column("Maintainers"),
    )
    return Section(
        key,
        title,
        says=(
            (
                f"{counted(facts.figures['modules_not_updated'], 'module')} that were in Boost before have no commit "
                "in it; what has not changed for longest comes first. Nothing says that a finished library has to "
                "change."
            ),
        ),
        tables=(Table("Modules without a commit", columns, rows, most=400),),
        basis=facts.commit_basis,
        sources=("commits", "libraries"),
        views=("release_modules_worked_on",),
    )


def work_items(facts: Facts) -> Section:
    """Issues, pull requests, reviews, and how long an answer took."""
    key, title = "work", "Issues, pull requests and reviews"
    views = ("work_between", "response_between", "first_responses", "answers")
    if not facts.figures["repositories_read"] or facts.window["from_day"] is None:
        why = (
            "No stable release comes before it, so there is no span of time to count in."
            if facts.figures["repositories_read"]
            else "GitHub was not read yet: run boost-pipeline collect run_boost_github_activity_tracker with a token."
        )
        return Section(key, title, absent=why, sources=("GitHub",), views=views)
    known, reader = facts.figures, facts.reader
    response = reader.rows(
        """
        SELECT replace(b.item, '_', ' '), b.items, b.answered, b.median_hours
        FROM release_window(%(of)s) w CROSS JOIN LATERAL
             response_between(w.from_day::timestamp AT TIME ZONE 'UTC', w.to_day::timestamp AT TIME ZONE 'UTC') b
        ORDER BY b.item
        """
    )
    slowest = reader.rows(
        """
        SELECT p.name, replace(b.item, '_', ' '), b.items, b.answered, b.median_hours_of_answered
        FROM response_by_release b JOIN repositories p ON p.id = b.repository_id
        WHERE b.release_id = %(of)s ORDER BY b.items DESC, p.name, b.item
        """
    )
    columns = (
        Column("Items"),
        Column("Opened", "number"),
        Column("Answered", "number"),
        Column("Median until the first answer", "hours"),
    )
    return Section(
        key,
        title,
        figures=(
            Figure("issues opened", known["issues_opened"]),
            Figure("issues closed", known["issues_closed"]),
            Figure("pull requests opened", known["pulls_opened"]),
            Figure("pull requests merged", known["pulls_merged"]),
            Figure("reviews", known["reviews"], "by others than the author"),
        ),
        tables=(
            Table("Time to first response, all of Boost", columns, response),
            Table("By repository, most items first", (Column("Repository"), *columns), slowest, most=30),
        ),
        basis=f"{counted(known['repositories_read'], 'repository', 'repositories')} of this release that were read "
        f"from GitHub, from {facts.window['from_day']} (included) to {facts.window['to_day']} (not). Left out: bots as "
        "authors and as answerers; items that still wait are not in a median.",
        sources=("GitHub",),
        views=views,
    )


def maintainers(facts: Facts) -> Section:
    """Who came and went as a maintainer."""
    key, title = "maintainers", "Maintainers"
    if facts.figures["libraries_added"] is None:
        return Section(
            key,
            title,
            absent="The libraries of this release and of the stable one before it are not both here.",
            sources=("libraries",),
            views=("release_maintainer_changes",),
        )
    rows = facts.reader.rows(
        """
        SELECT library, name, change,
               CASE WHEN change = 'removed' THEN '' WHEN maintained_before THEN 'maintains others too' ELSE 'new' END
        FROM release_maintainer_changes(%(of)s) ORDER BY change, library COLLATE "C", name COLLATE "C"
        """
    )
    columns = (Column("Library"), Column("Name"), Column("Change"), Column("Maintainer"))
    return Section(
        key,
        title,
        says=(f"As libraries name their maintainers in meta/libraries.json, {facts.since}.",),
        tables=(Table("Maintainers that libraries name anew, or no longer", columns, rows, most=80),),
        basis="Libraries that both releases have. The same name or the same address is the same person.",
        sources=("libraries",),
        views=("release_maintainer_changes",),
    )
