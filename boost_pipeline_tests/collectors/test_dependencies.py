"""The asset boost/dependencies: the graph of each release, compared with a line-by-line search of plain git."""

import dagster as dg
import pytest

from boost_pipeline.sample.organisation import new_commits
from boost_pipeline_tests.collectors import graph_oracle
from boost_pipeline_tests.collectors.conftest import events

BY_RELEASE = ("boost/releases", "boost/libraries", "boost/headers", "boost/dependencies")
TABLES = ("dependencies", "unknown_includes", "module_graph", "dependency_weights", "cursors")


@pytest.fixture
def read(platform):
    """A platform of the test's own that has read all releases."""
    assert platform.materialize(*BY_RELEASE).success
    return platform


def everything(platform):
    return {table: sorted(platform.rows(f"SELECT t::text, t.xmin::text FROM {table} t")) for table in TABLES}


def test_the_edges_of_every_release_are_those_that_boostdep_would_print(collected):
    stored = {}
    for tag, *edge in collected.rows(
        "SELECT r.tag, m.name, o.name, d.kind FROM dependencies d JOIN releases r ON r.id = d.release_id "
        "JOIN modules m ON m.id = d.module_id JOIN modules o ON o.id = d.depends_on_id "
        "WHERE r.kind = 'stable' AND d.boostdep_count > 0"
    ):
        stored.setdefault(tag, set()).add(tuple(edge))

    folder = collected.sample.folder
    assert stored == {told.tag: graph_oracle.edges(folder, told.modules) for told in collected.sample.truth.stable}


def test_an_edge_names_the_file_and_the_header_that_make_it(collected):
    rows = collected.rows(
        "SELECT d.witnesses, d.include_count FROM dependencies d JOIN releases r ON r.id = d.release_id "
        "JOIN modules m ON m.id = d.module_id JOIN modules o ON o.id = d.depends_on_id "
        "WHERE (r.tag, m.name, o.name, d.kind) = ('boost-1.71.0', 'functional', 'smart_ptr', 'header')"
    )
    assert rows == [([{"file": "include/boost/functional/factory.hpp", "header": "boost/shared_ptr.hpp"}], 1)]


def test_a_cycle_has_a_number_and_its_members_share_a_level(collected):
    rows = collected.rows(
        "SELECT m.name, g.cycle, g.level FROM module_graph g JOIN modules m ON m.id = g.module_id "
        "JOIN releases r ON r.id = g.release_id WHERE r.tag = 'boost-1.71.0' AND g.cycle IS NOT NULL ORDER BY m.name"
    )
    assert rows == [("numeric/conversion", 1, 1), ("numeric/interval", 1, 1)]


def test_an_include_that_no_module_owns_is_on_record(collected):
    rows = collected.rows(
        "SELECT DISTINCT m.name, u.target, u.file FROM unknown_includes u JOIN modules m ON m.id = u.module_id "
        "WHERE u.target = 'boost/nowhere/removed_long_ago.hpp'"
    )
    file = "include/boost/geometry/algorithms/detail/sum.hpp"
    assert rows == [("geometry", "boost/nowhere/removed_long_ago.hpp", file)]


def test_tests_make_edges_but_no_levels(collected):
    """smart_ptr's tests alone include functional, which includes smart_ptr: no cycle."""
    kinds = collected.rows(
        "SELECT d.kind FROM dependencies d JOIN releases r ON r.id = d.release_id JOIN modules m ON m.id = d.module_id "
        "JOIN modules o ON o.id = d.depends_on_id "
        "WHERE r.tag = 'boost-1.61.0' AND m.name = 'smart_ptr' AND o.name = 'functional'"
    )
    assert kinds == [("test",)]
    assert collected.rows(
        "SELECT g.cycle FROM module_graph g JOIN releases r ON r.id = g.release_id "
        "JOIN modules m ON m.id = g.module_id WHERE r.tag = 'boost-1.61.0' AND m.name = 'smart_ptr'"
    ) == [(None,)]


def test_every_graph_is_a_materialised_partition_with_its_story(collected):
    done = collected.instance.get_materialized_partitions(dg.AssetKey(["boost", "dependencies"]))
    assert done == {told.tag for told in collected.sample.truth.stable} | {"develop", "master"}

    records = collected.instance.fetch_materializations(dg.AssetKey(["boost", "dependencies"]), limit=20).records
    stories = {
        record.asset_materialization.partition: record.asset_materialization.metadata["what changed"].value
        for record in records
        if record.asset_materialization.partition
    }
    assert "Since **boost-1.70.0**" in stories["boost-1.71.0"]
    assert "Cycle of 2: numeric/conversion, numeric/interval" in stories["boost-1.71.0"]


def test_what_changed_since_the_release_before_is_a_view(collected):
    """From 1.61.0 on there is core, which smart_ptr and others came to include."""
    added = collected.rows(
        "SELECT m.name, o.name, c.witness ->> 'header' FROM dependency_changes c "
        "JOIN releases r ON r.id = c.release_id JOIN modules m ON m.id = c.module_id "
        "JOIN modules o ON o.id = c.depends_on_id "
        "WHERE r.tag = 'boost-1.61.0' AND c.change = 'added' AND m.name = 'smart_ptr' AND 'header' = ANY (c.kinds)"
    )
    assert added == [("smart_ptr", "core", "boost/core/addressof.hpp")]


def test_a_second_run_writes_nothing(read):
    before = everything(read)

    assert read.materialize(*BY_RELEASE).success
    assert everything(read) == before


def test_making_all_graphs_again_writes_nothing(read):
    before = everything(read)

    assert read.materialize("boost/dependencies", config={"boost/dependencies": {"all_versions": True}}).success
    assert everything(read) == before


def test_one_release_alone_comes_to_the_same_as_among_all(read):
    values = {table: [row for row, _ in rows] for table, rows in everything(read).items()}
    for table in TABLES[:-1]:
        read.rows(
            f"DELETE FROM {table} WHERE release_id = (SELECT id FROM releases WHERE tag = 'boost-1.70.0') RETURNING 1"
        )

    read.materialize("boost/dependencies", config={"boost/dependencies": {"versions": ["boost-1.70.0"]}})

    assert {table: [row for row, _ in rows] for table, rows in everything(read).items()} == values


def test_a_head_that_moved_gets_its_graph_anew_alone(read):
    new_commits(read.sample, "config")

    result = read.materialize(*BY_RELEASE)

    made = events(result, "boost/dependencies")[-1].metadata["graphs made"].value
    assert made == 1
