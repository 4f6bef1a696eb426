"""Sections of a dossier on the code as users meet it: dependencies, headers, C++ standards."""

from __future__ import annotations

from typing import Any

from boost_pipeline.reports.dossier.charts import bars
from boost_pipeline.reports.dossier.document import Column, Section, Table
from boost_pipeline.reports.dossier.reading import counted
from boost_pipeline.reports.dossier.release_facts import Facts

_NO_GRAPH = "The dependency graph of this release is not here."
_NOT_BOTH = "Nothing is compared: the graph of the stable release before is not here."


def dependencies(facts: Facts, cycles: list[tuple[Any, ...]]) -> Section:
    """Edges that came and went, levels, cycles."""
    key, title = "dependencies", "Dependencies and cycles"
    known, reader = facts.figures, facts.reader
    views = ("release_dependency_changes", "release_level_changes", "release_cycles")
    if known["dependencies"] is None:
        return Section(key, title, absent=_NO_GRAPH, sources=("dependencies",), views=views)
    says = [
        (
            f"{counted(known['dependencies'], 'dependency', 'dependencies')} between "
            f"{counted(known['modules'], 'module')}, the highest level is {known['highest_level']}, "
            f"{counted(known['cycles'], 'cycle')}."
        )
    ]
    changes = reader.rows(
        """
        SELECT module || ' → ' || depends_on, change, kinds, file || ' includes ' || header
        FROM release_dependency_changes(%(of)s) ORDER BY change, module COLLATE "C", depends_on COLLATE "C"
        """
    )
    levels = reader.rows(
        "SELECT module, before, after FROM release_level_changes(%(of)s) "
        'ORDER BY after - before DESC, module COLLATE "C"'
    )
    tables = [
        Table("Cycles", (Column("Modules"), Column("Is")), [(modules, _novelty(is_new)) for modules, is_new in cycles])
    ]
    if known["dependencies_added"] is None:
        says.append(_NOT_BOTH)
    else:
        says.append(f"{known['dependencies_added']} came and {known['dependencies_removed']} went, {facts.since}.")
        tables += [
            Table(
                "Dependencies that came and went",
                (Column("Dependency"), Column("Change"), Column("Of"), Column("First include")),
                changes,
                most=100,
            ),
            Table(
                "Modules whose level changed",
                (Column("Module"), Column("Level before", "number"), Column("Level", "number")),
                levels,
            ),
        ]
    return Section(
        key,
        title,
        says=tuple(says),
        tables=tuple(tables),
        basis="Includes of headers and sources as a compiler sees them. Left out: tests, and modules that are not "
        "whole in one of the two releases.",
        sources=("dependencies", "headers"),
        views=views,
    )


def _novelty(is_new: bool | None) -> str:  # noqa: FBT001 - a column's value
    return "not comparable" if is_new is None else "NEW" if is_new else "as before"


def headers(facts: Facts) -> Section:
    """Headers that came, went, were renamed or moved."""
    key, title, views = "headers", "Headers", ("release_header_changes", "header_changes_between")
    if facts.figures["headers_added"] is None:
        absent = "The headers of this release and of the stable one before it are not both here."
        return Section(key, title, absent=absent, sources=("headers",), views=views)
    rows = facts.reader.rows(
        """
        SELECT module, added, removed, renamed, moved, some_removed FROM release_header_changes(%(of)s)
        ORDER BY removed DESC, added + renamed + moved DESC, module COLLATE "C"
        """
    )
    columns = (
        Column("Module"),
        Column("Added", "number"),
        Column("Removed", "number"),
        Column("Renamed", "number"),
        Column("Moved", "number"),
        Column("Removed, for example"),
    )
    return Section(
        key,
        title,
        says=(
            (
                f"{counted(facts.figures['headers_added'], 'header')} came, {facts.figures['headers_removed']} went, "
                f"{facts.since}. Renamed: the same content at another path. Moved: the same path in another module."
            ),
        ),
        tables=(Table("Modules whose headers changed", columns, rows, most=100),),
        basis="All files below include/ of both releases. Left out: modules that are not whole in one of the two.",
        sources=("headers",),
        views=views,
    )


def cxx_minima(facts: Facts) -> Section:
    """Which C++ standard libraries need, and what raises it."""
    key, title, views = "cxx", "C++ standards", ("release_cxx_minima", "release_cxx_raised")
    reader = facts.reader
    minima = reader.rows(
        """
        SELECT coalesce('C++' || cxxstd, 'not said'), libraries, effective_libraries FROM release_cxx_minima(%(of)s)
        ORDER BY cxxstd_order(cxxstd) NULLS FIRST, cxxstd
        """
    )
    if not minima:
        return Section(key, title, absent="No library of this release is here.", sources=("libraries",), views=views)
    raised = reader.rows(
        """
        SELECT module, 'C++' || own, 'C++' || effective, raised_by, 'C++' || before FROM release_cxx_raised(%(of)s)
        ORDER BY before IS DISTINCT FROM effective DESC, cxxstd_order(effective) DESC, module COLLATE "C"
        """
    )
    heads = (Column("Standard"), Column("Libraries say", "number"), Column("Effectively need", "number"))
    chart = "Libraries by the C++ standard that they effectively need at least"
    return Section(
        key,
        title,
        says=("What a library needs at least is the highest that it, or anything that it depends on, says.",),
        charts=(bars(chart, [(row[0], row[2]) for row in minima], Table(chart, heads, minima)),),
        tables=(
            Table(
                "Modules that need more than they say, as a dependency does, or other than before",
                (
                    Column("Module"),
                    Column("Says"),
                    Column("Needs"),
                    Column("Raised by"),
                    Column("Needed before"),
                ),
                raised,
                most=100,
            ),
        ),
        basis=f"{counted(facts.figures['libraries'], 'library', 'libraries')} with what their metadata says, and the "
        "dependencies of their modules. Left out: tests.",
        sources=("libraries", "dependencies"),
        views=views,
    )
