"""The asset checks of the release graph: what turns them red, and what does not."""

from itertools import pairwise

import dagster as dg
import pytest

from boost_pipeline_tests.collectors.conftest import CHECKS
from boost_pipeline_tests.commands.graph_rows import Graphs

HEADERS, DEPENDENCIES = dg.AssetKey(["boost", "headers"]), dg.AssetKey(["boost", "dependencies"])


@pytest.fixture
def graphs(platform):
    """Writes releases by hand; the newest two are compared."""
    return Graphs(platform.warehouse)


def follow(platform, *tags):
    """Let each release have the one before it as its previous."""
    for previous, tag in pairwise(tags):
        platform.rows(
            "UPDATE releases SET previous_id = (SELECT id FROM releases WHERE tag = %s) WHERE tag = %s RETURNING id",
            previous,
            tag,
        )


def run(platform, name, key=DEPENDENCIES):
    result = dg.materialize(
        [dg.AssetSpec(HEADERS), dg.AssetSpec(DEPENDENCIES), *CHECKS],
        selection=dg.AssetSelection.checks(dg.AssetCheckKey(key, name)),
        instance=platform.instance,
        resources={"settings": platform.settings, "warehouse": platform.warehouse, "mirrors": platform.mirrors},
        raise_on_error=False,
    )
    (evaluation,) = result.get_asset_check_evaluations()
    return evaluation


ACYCLIC = [("graph", "geometry"), ("geometry", "config")]
CYCLIC = [*ACYCLIC, ("geometry", "graph")]


def test_a_new_cycle_is_an_error_that_shows_the_way_around(platform, graphs):
    graphs.graph("boost-1.88.0", ACYCLIC)
    graphs.graph("boost-1.89.0", CYCLIC)
    follow(platform, "boost-1.88.0", "boost-1.89.0")

    found = run(platform, "no_new_cycle")

    assert (found.passed, found.severity.value, found.blocking) == (False, "ERROR", True)
    assert found.description == ("boost-1.89.0 has a cycle that boost-1.88.0 had not: geometry → graph → geometry")


def test_an_old_cycle_is_none_of_the_new_release(platform, graphs):
    for tag in ("boost-1.89.0", "boost-1.90.0"):
        graphs.graph(tag, CYCLIC)
    follow(platform, "boost-1.89.0", "boost-1.90.0")

    assert run(platform, "no_new_cycle").passed


def test_a_cycle_of_develop_is_found_before_it_ships(platform, graphs):
    graphs.graph("boost-1.88.0", ACYCLIC)
    graphs.graph("develop", CYCLIC, kind="head")
    follow(platform, "boost-1.88.0", "develop")

    found = run(platform, "no_new_cycle")

    assert not found.passed
    assert found.description.startswith("develop has a cycle that boost-1.88.0 had not")


def test_a_cycle_in_tests_or_comments_alone_is_none(platform, graphs):
    graphs.graph("boost-1.88.0", ACYCLIC)
    graphs.graph("boost-1.89.0", ACYCLIC, tests=[("geometry", "graph")], comments=[("config", "graph")])
    follow(platform, "boost-1.88.0", "boost-1.89.0")

    assert run(platform, "no_new_cycle").passed


def test_a_level_that_leaps_is_a_warning(platform, graphs):
    graphs.graph("boost-1.88.0", [("a", "b"), ("c", "d"), ("d", "e")])
    graphs.graph("boost-1.89.0", [("a", "b"), ("c", "d"), ("d", "e"), ("b", "c")])
    follow(platform, "boost-1.88.0", "boost-1.89.0")

    found = run(platform, "levels_rise_in_steps")

    assert (found.passed, found.severity.value) == (False, "WARN")
    assert "boost-1.89.0 a: level 4, was 1 in boost-1.88.0" in found.description


def test_a_level_that_rises_by_one_is_none(platform, graphs):
    graphs.graph("boost-1.88.0", [("a", "b")], modules=["c"])
    graphs.graph("boost-1.89.0", [("a", "b"), ("b", "c")])
    follow(platform, "boost-1.88.0", "boost-1.89.0")

    assert run(platform, "levels_rise_in_steps").passed


def test_a_leap_of_the_number_of_edges_is_found(platform, graphs):
    names = [f"m{number}" for number in range(20)]
    graphs.graph("boost-1.88.0", [(name, "config") for name in names])
    graphs.graph("boost-1.89.0", [(name, "config") for name in names[:10]], modules=names)
    follow(platform, "boost-1.88.0", "boost-1.89.0")

    found = run(platform, "edges_within_reach")

    assert not found.passed
    assert found.description == "boost-1.89.0 has 10 edges, boost-1.88.0 20: 50 % apart"


def test_a_module_without_headers_needs_a_reason(platform, graphs):
    graphs.graph("boost-1.88.0", [("a", "b")], modules=["headers", "lost"])
    release = platform.rows("SELECT id FROM releases")[0][0]
    for module in ("a", "b"):
        graphs.header(release, module, "x", "b")

    found = run(platform, "modules_have_headers", HEADERS)

    assert not found.passed
    assert found.description == "boost-1.88.0 lost has no headers"


def test_a_gap_is_a_warning_with_its_reason(platform, graphs):
    graphs.graph("boost-1.88.0", [("a", "b")])
    platform.rows(
        "INSERT INTO source_gaps SELECT r.id, m.id, 'missing_commit', 'a lacks commit 1' FROM releases r, modules m "
        "WHERE m.name = 'a' RETURNING 1"
    )

    found = run(platform, "sources_are_whole", HEADERS)

    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert found.description == "boost-1.88.0 a: a lacks commit 1"


def test_files_that_are_not_those_of_the_tree_are_found(platform):
    assert platform.materialize("boost/releases", "boost/libraries", "boost/headers", "boost/dependencies").success
    platform.rows(
        "DELETE FROM release_folders f USING releases r, modules m WHERE r.id = f.release_id AND r.tag = 'develop' "
        "AND m.id = f.module_id AND m.name = 'config' RETURNING 1"
    )

    found = run(platform, "files_equal_trees", HEADERS)

    assert not found.passed
    assert found.description.startswith("develop config: ")


def test_a_graph_of_older_files_is_found(platform):
    assert platform.materialize("boost/releases", "boost/libraries", "boost/headers", "boost/dependencies").success
    platform.rows("DELETE FROM cursors WHERE asset = 'boost/dependencies' AND unit = 'boost-1.71.0' RETURNING 1")

    found = run(platform, "graphs_are_current")

    assert (found.passed, found.description) == (False, "boost-1.71.0: it has no graph")
