"""Drawings in the DOT language: what they show, and that no name breaks out of them."""

import doctest
import shutil
import subprocess
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boost_pipeline.boost.module_graph import analyse, new_cycles
from boost_pipeline.reports import graph_drawing
from boost_pipeline.reports.graph_drawing import MOST_CHANGES, draw_diff, draw_neighbourhood
from boost_pipeline.reports.release_diff import DependencyChange, GraphDiff
from boost_pipeline.reports.release_graph import Dependency, Release, ReleaseGraph, Witness

graphviz = pytest.mark.skipif(
    shutil.which("dot") is None, reason="No Graphviz: `apt-get install graphviz` (Debian) brings it"
)

RED, GREEN = "#cf222e", "#1a7f37"


def graph_of(edges, tag="boost-1.90.0"):
    found = analyse((), edges, {})
    dependencies = [
        Dependency(
            e.module, e.depends_on, ("header",), 1, 1, e.pull_weight, (Witness(f"{e.module}.hpp", e.depends_on),)
        )
        for e in found.edges
    ]
    return ReleaseGraph(
        Release(1, tag, "stable"), ("header", "source"), False, found.nodes, tuple(dependencies), (), ()
    )


def diff_of(before, after):
    changes = [("added", edge) for edge in after if edge not in before]
    changes += [("removed", edge) for edge in before if edge not in after]
    return GraphDiff(
        before=graph_of(before, "boost-1.89.0"),
        after=graph_of(after),
        modules_added=(),
        modules_removed=(),
        libraries=(),
        dependencies=tuple(DependencyChange(*edge, ("header",), change, None) for change, edge in changes),
        levels=(),
        new_cycles=new_cycles(before, after),
        gone_cycles=(),
        headers=(),
        partial=(),
    )


def lines(drawing):
    """The attributes of each line that is drawn."""
    return [line for line in drawing.splitlines() if " -> " in line]


def drawn_texts(drawing):
    """The text that Graphviz puts on the page."""
    done = subprocess.run(["dot", "-Tsvg"], input=drawing.encode(), capture_output=True)
    assert done.returncode == 0, done.stderr
    root = ET.fromstring(done.stdout)
    return [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(graph_drawing).failed == 0


def test_only_the_edges_at_the_module_are_drawn():
    drawing = draw_neighbourhood(graph_of([("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")]), "b")

    assert len(lines(drawing)) == 2
    assert "level 2, 1 direct of 2 dependencies, 1 dependent" in drawing


def test_the_number_on_a_line_is_what_only_that_edge_brings():
    brings_two, brings_itself = lines(draw_neighbourhood(graph_of([("a", "b"), ("b", "c"), ("a", "d")]), "a"))

    assert 'label="2"' in brings_two
    assert "a → b: a.hpp includes <b>" in brings_two
    assert " label=" not in brings_itself


def test_of_too_many_neighbours_the_drawing_says_how_many_it_leaves_out():
    drawing = draw_neighbourhood(graph_of([("m", f"n{number:02}") for number in range(60)]), "m")

    assert len(lines(drawing)) == 40
    assert "20 neighbours that pull less are left out" in drawing


def test_a_module_without_neighbours_is_drawn_alone():
    graph = graph_of([("a", "b")])
    alone = ReleaseGraph(graph.release, graph.kinds, False, analyse(["z"], [], {}).nodes, (), (), ())

    assert "<B>z</B>" in draw_neighbourhood(alone, "z")


def test_added_edges_are_green_removed_ones_dashed_and_unchanged_ones_left_out():
    added, removed = lines(draw_diff(diff_of([("a", "b"), ("b", "c")], [("a", "b"), ("a", "c")])))

    assert f'color="{GREEN}", style=solid' in added
    assert f'color="{RED}", style=dashed' in removed


def test_a_new_cycle_is_drawn_whole_and_the_edge_that_closed_it_is_of_both_colours():
    old, closing = sorted(lines(draw_diff(diff_of([("a", "b")], [("a", "b"), ("b", "a")]))))

    assert f'color="{RED}", style=solid' in old
    assert f'color="{GREEN}:{RED}"' in closing


def test_modules_that_are_new_are_marked_and_the_mark_is_explained():
    old, new = draw_diff(diff_of([("a", "b")], [("b", "a")])), diff_of([("a", "b")], [("a", "b"), ("c", "b")])

    assert "blue: new modules" not in old
    assert "blue: new modules" in draw_diff(replace(new, modules_added=("c",)))


def test_an_edge_that_only_changed_its_kind_is_not_drawn():
    same = diff_of([("a", "b")], [("a", "b")])
    moved = DependencyChange("a", "b", ("source",), "added", None)
    changed = GraphDiff(same.before, same.after, (), (), (), (moved,), (), (), (), (), ())

    assert lines(draw_diff(changed)) == []


def test_of_too_many_changes_the_drawing_says_how_many_it_leaves_out():
    after = [(f"a{number:03}", f"b{number:03}") for number in range(MOST_CHANGES + 7)]
    drawing = draw_diff(diff_of([], after))

    assert len(lines(drawing)) == MOST_CHANGES
    assert "7 that pull less are left out" in drawing


@graphviz
def test_names_are_drawn_as_they_are():
    hostile = 'a"b\\N<i>&amp;</i>'
    texts = drawn_texts(draw_neighbourhood(graph_of([(hostile, "b")]), hostile))

    assert hostile in texts


@graphviz
def test_an_empty_difference_can_be_drawn():
    assert "0 dependencies added, 0 removed" in drawn_texts(draw_diff(diff_of([], [])))


@graphviz
@settings(max_examples=25, deadline=None)
@given(one=st.text(min_size=1, max_size=300), other=st.text(min_size=1))
def test_whatever_the_names_are_graphviz_can_draw_them(one, other):
    edges = [(one, other)]
    if one != other:
        assert drawn_texts(draw_neighbourhood(graph_of(edges), one))
        assert drawn_texts(draw_diff(diff_of([], edges)))
