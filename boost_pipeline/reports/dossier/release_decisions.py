"""The end of a dossier: what is missing in it, and the decisions that it supports."""

from __future__ import annotations

from typing import Final

from boost_pipeline.reports.dossier.document import Column, Link, Section, Table
from boost_pipeline.reports.dossier.reading import counted
from boost_pipeline.reports.dossier.release_facts import Facts

NOT_COLLECTED: Final = (
    "Not collected yet, so not in this dossier: the mailing list, Slack, searches on the web site, downloads, the use "
    "of Boost in other projects, and who is one person under several addresses. Tiers (flagship, core) are set by hand "
    "on the web site and are no data."
)


def gaps(facts: Facts) -> Section:
    """What is known to be missing or wrong."""
    rows = facts.reader.rows(
        """
        SELECT replace(kind, '_', ' '), subject, detail FROM release_gaps(%(of)s)
        ORDER BY kind, subject COLLATE "C", detail
        """
    )
    return Section(
        "gaps",
        "Known gaps",
        says=(NOT_COLLECTED,),
        tables=(
            Table(
                "Missing or wrong in what was collected",
                (Column("Kind"), Column("Of"), Column("Detail")),
                rows,
                most=60,
            ),
        ),
        basis=f"{counted(facts.figures['metadata_problems'], 'problem')} of metadata, files without a source, "
        "repositories without a history, and failures that are open.",
        sources=("libraries", "headers", "commits"),
        views=("release_gaps",),
    )


def decisions(facts: Facts) -> Section:
    """So what: the questions that the release puts, each with its evidence."""
    return Section(
        "decisions",
        "Decisions that this supports",
        says=("Each list is a rule with fixed bounds, told by its view; people decide.",),
        tables=(
            _cycles_to_cut(facts),
            _includes_to_drop(facts),
            _co_maintainers(facts),
            _idle(facts),
            _reviews(facts),
            _standards(facts),
        ),
        basis="The same rows as the sections above.",
        sources=("commits", "libraries", "dependencies", "GitHub"),
        views=(
            "release_cycle_edges",
            "release_removable_includes",
            "release_lone_hands",
            "release_idle_modules",
            "release_waiting",
            "release_cxx_raised",
        ),
    )


def _cycles_to_cut(facts: Facts) -> Table:
    rows = facts.reader.rows(
        """
        SELECT module || ' → ' || depends_on, includes, file || ' includes ' || header
        FROM release_cycle_edges(%(of)s) ORDER BY cycle, includes, module COLLATE "C", depends_on COLLATE "C"
        """
    )
    columns = (Column("Dependency"), Column("Includes", "number"), Column("First include"))
    return Table("Which dependency of a cycle is cut? Those with the fewest includes first", columns, rows, most=10)


def _includes_to_drop(facts: Facts) -> Table:
    rows = facts.reader.rows(
        """
        SELECT module || ' → ' || depends_on, pull_weight, includes, file || ' includes ' || header
        FROM release_removable_includes(%(of)s)
        ORDER BY pull_weight DESC, includes, module COLLATE "C", depends_on COLLATE "C"
        """
    )
    columns = (
        Column("Dependency"),
        Column("Modules it brings", "number"),
        Column("Includes", "number"),
        Column("First include"),
    )
    return Table("Which include can go? At most two bring so many modules", columns, rows, most=10)


def _co_maintainers(facts: Facts) -> Table:
    rows = facts.reader.rows(
        """
        SELECT module, person, top_share, commits, dependents, maintainers FROM release_lone_hands(%(of)s)
        ORDER BY dependents DESC, module COLLATE "C"
        """
    )
    columns = (
        Column("Module"),
        Column("Commits by"),
        Column("Share of the first", "share"),
        Column("Commits", "number"),
        Column("Dependents", "number"),
        Column("Maintainers named"),
    )
    return Table("Which library needs a co-maintainer? One person made 80 % or more", columns, rows, most=15)


def _idle(facts: Facts) -> Table:
    rows = facts.reader.rows(
        """
        SELECT module, last_changed, releases_since, dependents, maintainers FROM release_idle_modules(%(of)s)
        ORDER BY dependents DESC, module COLLATE "C"
        """
    )
    columns = (
        Column("Module"),
        Column("Last changed in"),
        Column("Releases ago", "number"),
        Column("Dependents", "number"),
        Column("Maintainers named"),
    )
    return Table("Which library is depended on and has not changed for three releases or more?", columns, rows, most=15)


def _reviews(facts: Facts) -> Table:
    rows = facts.reader.rows(
        """
        SELECT w.repository, w.number, w.title, (w.waiting_since AT TIME ZONE 'UTC')::date,
               'https://github.com/' || p.owner || '/' || p.name || '/pull/' || w.number
        FROM release_waiting(%(of)s) w
        JOIN repositories p ON p.name = w.repository AND p.kind IN ('superproject', 'boost', 'tool')
        ORDER BY w.waiting_since, w.repository COLLATE "C", w.number
        """
    )
    shown = [(Link(f"{repository} #{number}", url), title, since) for repository, number, title, since, url in rows]
    columns = (Column("Pull request", "link"), Column("Title"), Column("Waits since", "day"))
    empty = "None." if facts.figures["repositories_read"] else "Not known: GitHub was not read."
    return Table("Which review has waited longest?", columns, shown, most=15, empty=empty)


def _standards(facts: Facts) -> Table:
    rows = facts.reader.rows(
        """
        SELECT raised_by, string_agg(module, ', ' ORDER BY module COLLATE "C"), count(*)
        FROM release_cxx_raised(%(of)s) WHERE raised_by IS NOT NULL
        GROUP BY raised_by ORDER BY count(*) DESC, raised_by COLLATE "C"
        """
    )
    columns = (Column("Raised by"), Column("Modules"), Column("How many", "number"))
    return Table("Whose C++ standard do others have to follow?", columns, rows, most=15)
