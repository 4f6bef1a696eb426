"""The graph of modules, against brute force: reachability by walking, edges removed one at a time."""

import doctest
import subprocess
import sys

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from boost_pipeline.boost import module_graph
from boost_pipeline.boost.module_graph import (
    GraphEdge,
    analyse,
    closure,
    neighbourhood,
    new_cycles,
    standard_rank,
)

STANDARDS = ["98", "03", "11", "14", "17", "20", "23", "26"]

names = st.sampled_from("abcdefghij")
edge_lists = st.lists(st.tuples(names, names), max_size=35)
acyclic = edge_lists.map(lambda pairs: [(max(pair), min(pair)) for pair in pairs if pair[0] != pair[1]])
minima = st.dictionaries(names, st.sampled_from([*STANDARDS, None, "0x", "latest"]))


def nodes(edges, modules=(), cxxstd=None):
    return {node.module: node for node in analyse(modules, edges, cxxstd or {}).nodes}


def pull_weights(edges):
    return {(edge.module, edge.depends_on): edge.pull_weight for edge in analyse((), edges, {}).edges}


def walk(edges, start):
    """What `start` reaches, itself included."""
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        found = {other for one, other in edges if one == here} - seen
        seen |= found
        waiting += found
    return seen


def mutual(edges, name):
    """The strongly connected component of `name`."""
    return frozenset(other for other in walk(edges, name) if name in walk(edges, other))


def test_the_examples_in_the_docstrings_hold():
    result = doctest.testmod(module_graph)

    assert result.attempted > 0
    assert result.failed == 0


def test_importing_the_module_does_not_import_networkx():
    code = "import sys, boost_pipeline.boost.module_graph; print('networkx' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


def test_an_empty_release_has_an_empty_graph():
    graph = analyse((), (), {})

    assert (graph.nodes, graph.edges) == ((), ())
    assert new_cycles((), ()) == ()


def test_a_module_without_edges_is_at_level_0_and_weighs_nothing():
    (lonely,) = analyse(["config"], [], {}).nodes

    assert (lonely.level, lonely.weight, lonely.direct, lonely.transitive, lonely.dependents) == (0, 0, 0, 0, 0)
    assert (lonely.cycle, lonely.cxxstd, lonely.effective_cxxstd, lonely.raised_by) == (None, None, None, None)


def test_repeated_edges_and_edges_to_itself_count_for_nothing():
    once = analyse((), [("a", "b")], {})

    assert analyse((), [("a", "b"), ("a", "b"), ("a", "a"), ("b", "b")], {}) == once


def test_the_members_of_a_cycle_share_a_level_and_each_counts_the_others_once():
    found = nodes([("graph", "geometry"), ("geometry", "graph"), ("geometry", "core"), ("beast", "graph")])

    assert {name: node.level for name, node in found.items()} == {"core": 0, "geometry": 1, "graph": 1, "beast": 2}
    assert {name: node.weight for name, node in found.items()} == {"core": 0, "geometry": 2, "graph": 2, "beast": 3}
    assert found["core"].transitive_dependents == 3
    assert found["graph"].dependents == 2


def test_cycles_are_numbered_by_their_smallest_names():
    found = nodes([("z", "b"), ("b", "z"), ("y", "c"), ("c", "y"), ("a", "c")])

    assert {name: node.cycle for name, node in found.items()} == {"a": None, "b": 1, "z": 1, "c": 2, "y": 2}


def test_the_nearest_dependency_raises_the_minimum_and_of_two_the_first_by_name():
    edges = [("a", "b"), ("b", "far"), ("a", "y"), ("a", "x")]
    found = nodes(edges, cxxstd={"a": "11", "far": "17", "x": "17", "y": "17", "b": "14"})

    assert (found["a"].effective_cxxstd, found["a"].raised_by) == ("17", "x")
    assert (found["b"].effective_cxxstd, found["b"].raised_by) == ("17", "far")
    assert (found["far"].effective_cxxstd, found["far"].raised_by) == ("17", None)


def test_98_is_older_than_03():
    found = nodes([("a", "b")], cxxstd={"a": "98", "b": "03"})

    assert (found["a"].effective_cxxstd, found["a"].raised_by) == ("03", "b")
    assert standard_rank(None) == standard_rank("") < standard_rank("98")


def test_a_standard_that_is_not_known_does_not_vanish_from_the_minimum_of_whoever_needs_it():
    found = nodes([("a", "b"), ("b", "c"), ("b", "d")], cxxstd={"a": "98", "b": "20", "c": "latest", "d": "29"})

    assert {name: node.effective_cxxstd for name, node in found.items()} == {
        "a": "latest",
        "b": "latest",
        "c": "latest",
        "d": "29",
    }
    assert (found["a"].raised_by, found["c"].raised_by) == ("c", None)


def test_a_module_that_says_nothing_is_raised_by_what_it_needs():
    found = nodes([("a", "b")], cxxstd={"b": "20"})

    assert (found["a"].cxxstd, found["a"].effective_cxxstd, found["a"].raised_by) == (None, "20", "b")


def test_an_edge_that_another_path_replaces_pulls_nothing():
    assert pull_weights([("a", "b"), ("a", "c"), ("b", "c"), ("c", "d")]) == {
        ("a", "b"): 1,
        ("a", "c"): 0,
        ("b", "c"): 2,
        ("c", "d"): 1,
    }


def test_a_way_back_to_the_module_itself_replaces_no_edge():
    """In a cycle b leads to a, and so to c again; without its edge a needs c no longer all the same."""
    assert pull_weights([("a", "b"), ("b", "a"), ("a", "c")]) == {("a", "b"): 1, ("b", "a"): 2, ("a", "c"): 1}


@given(edges=edge_lists, modules=st.lists(names))
def test_counts_equal_those_of_a_walk(edges, modules):
    found = nodes(edges, modules)
    backwards = [(other, one) for one, other in edges]

    assert set(found) == {*modules, *(name for edge in edges for name in edge)}
    for name, node in found.items():
        assert node.transitive == node.weight == len(walk(edges, name)) - 1
        assert node.transitive_dependents == len(walk(backwards, name)) - 1
        assert node.direct == len({other for one, other in edges if one == name != other})
        assert node.dependents == len({one for one, other in edges if other == name != one})
    assert closure(modules, edges) == {name: walk(edges, name) - {name} for name in found}


@given(edges=edge_lists)
def test_levels_and_cycles_equal_those_of_the_condensed_graph(edges):
    found = nodes(edges)
    component = {name: mutual(edges, name) for name in found}
    above = {component[name]: {component[o] for n, o in edges if n in component[name]} for name in found}

    def level(members):
        return max((level(other) + 1 for other in above[members] - {members}), default=0)

    assert {name: node.level for name, node in found.items()} == {name: level(component[name]) for name in found}
    cyclic = sorted({members for members in component.values() if len(members) > 1}, key=min)
    numbers = {name: number for number, members in enumerate(cyclic, start=1) for name in members}
    assert {name: node.cycle for name, node in found.items()} == {name: numbers.get(name) for name in found}


@given(edges=edge_lists)
def test_the_pull_weight_is_what_removing_the_edge_saves(edges):
    saved = {
        (one, other): len(walk(edges, one) - walk([edge for edge in edges if edge != (one, other)], one))
        for one, other in edges
        if one != other
    }

    assert pull_weights(edges) == saved


@given(edges=acyclic)
def test_without_cycles_the_pull_weight_is_a_subtree_of_the_dominator_tree(edges):
    graph = nx.DiGraph(edges)
    for (one, other), weight in pull_weights(edges).items():
        immediate = {node: up for node, up in nx.immediate_dominators(graph, one).items() if node != one}
        tree = nx.DiGraph((up, node) for node, up in immediate.items())
        ways = [user for user in graph.predecessors(other) if user == one or user in immediate]
        assert weight == (1 + len(nx.descendants(tree, other)) if ways == [one] else 0)


@given(edges=edge_lists, cxxstd=minima)
def test_the_effective_minimum_is_the_highest_of_all_that_is_needed(edges, cxxstd):
    for name, node in nodes(edges, cxxstd=cxxstd).items():
        stated = [cxxstd[other] for other in walk(edges, name) if cxxstd.get(other)]
        highest = max(stated, key=[*STANDARDS, "0x", "latest"].index, default=None)
        assert node.effective_cxxstd == highest
        if highest is None or cxxstd.get(name) == highest:
            assert node.raised_by is None
        else:
            distance = nx.single_source_shortest_path_length(nx.DiGraph(edges), name)
            raisers = [(steps, other) for other, steps in distance.items() if cxxstd.get(other) == highest]
            assert node.raised_by == min(raisers)[1]


@given(edges=edge_lists, seed=st.randoms())
def test_the_order_of_the_input_does_not_matter(edges, seed):
    shuffled = list(edges)
    seed.shuffle(shuffled)

    assert analyse((), shuffled, {}) == analyse((), edges, {})


def test_a_cycle_that_lost_a_member_is_not_new_and_one_that_gained_a_member_is():
    pair, three = [("a", "b"), ("b", "a")], [("a", "b"), ("b", "c"), ("c", "a"), ("b", "a")]

    assert new_cycles(three, pair) == ()
    (grown,) = new_cycles(pair, three)
    assert grown.modules == ("a", "b", "c")
    assert grown.path == (("b", "c"), ("c", "a"), ("a", "b"))


def test_two_cycles_that_grow_together_are_a_new_one_told_by_the_edges_that_join_them():
    before = [("a", "b"), ("b", "a"), ("c", "d"), ("d", "c"), ("b", "c")]
    (joined,) = new_cycles(before, [*before, ("d", "a")])

    assert joined.modules == ("a", "b", "c", "d")
    assert joined.path == (("b", "c"), ("c", "d"), ("d", "a"), ("a", "b"))


@given(before=edge_lists, after=edge_lists)
def test_new_cycles_are_the_components_that_lie_in_no_old_one(before, after):
    everyone = {name for edge in after for name in edge}
    old = {name: mutual(before, name) for name in everyone}
    now = {mutual(after, name) for name in everyone}
    new = sorted(tuple(sorted(m)) for m in now if len(m) > 1 and not any(m <= known for known in old.values()))
    found = new_cycles(before, after)

    assert [cycle.modules for cycle in found] == new
    for cycle in found:
        starts = [one for one, _ in cycle.path]
        assert [other for _, other in cycle.path] == [*starts[1:], starts[0]]
        assert len(set(starts)) == len(starts)
        assert set(cycle.path) <= set(after)
        assert set(starts) <= set(cycle.modules)
        assert cycle.path[0][1] not in old[cycle.path[0][0]]


def test_a_neighbourhood_is_the_edges_at_a_module_and_no_others():
    edges = analyse((), [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")], {}).edges
    found = neighbourhood(edges, "b")

    assert [(edge.module, edge.depends_on) for edge in found.edges] == [("a", "b"), ("b", "c")]
    assert found.left_out == 0


def test_of_too_many_neighbours_those_with_the_greatest_pull_weight_are_drawn():
    edges = [GraphEdge("m", name, weight) for name, weight in [("d", 0), ("c", 5), ("b", 1), ("a", 0)]]
    found = neighbourhood([*edges, GraphEdge("c", "m", 0), GraphEdge("m", "m", 9)], "m", limit=3)

    assert {edge.depends_on for edge in found.edges} == {"a", "b", "c", "m"}
    assert found.left_out == 1


def test_a_module_without_neighbours_has_an_empty_neighbourhood():
    assert neighbourhood([GraphEdge("a", "b", 1)], "z").edges == ()


# What was read in part


def test_nothing_is_known_of_what_was_read_in_part_nor_of_what_needs_it():
    graph = analyse(["free"], [("top", "middle"), ("middle", "part"), ("part", "base")], {}, ["part"])

    assert {node.module: node.is_known for node in graph.nodes} == {
        "base": True,
        "free": True,
        "middle": False,
        "part": False,
        "top": False,
    }


@given(edges=edge_lists, partial=st.sets(names, max_size=3))
def test_what_is_known_is_what_reaches_nothing_partial(edges, partial):
    needs = closure((), edges)

    for node in analyse((), edges, {}, partial).nodes:
        assert node.is_known == (not (needs[node.module] | {node.module}) & partial)
