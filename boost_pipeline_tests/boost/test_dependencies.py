from hypothesis import given
from hypothesis import strategies as st

from boost_pipeline.boost.dependencies import Edge, Include, UnknownInclude, Witness, header_map, resolve

OWNERS = {"boost/any.hpp": "any", "boost/any/fwd.hpp": "any", "boost/mpl/if.hpp": "mpl", "odd.h": "mpl"}


def include(module, target, kind="header", include_count=1, boostdep_count=1, files=("include/a.hpp",)):
    return Include(module, kind, target, include_count, boostdep_count, files)


def edges(*includes):
    return resolve(includes, OWNERS)[0]


def unknown(*includes):
    return resolve(includes, OWNERS)[1]


def test_each_header_has_its_module_as_owner():
    assert header_map([("boost/a.hpp", "a"), ("boost/b.hpp", "b")]) == {"boost/a.hpp": "a", "boost/b.hpp": "b"}


@given(st.permutations([("x", "c"), ("x", "a"), ("x", "b"), ("y", "b")]))
def test_of_two_owners_the_one_with_the_smallest_name_counts(headers):
    assert header_map(headers) == {"x": "a", "y": "b"}


def test_an_include_of_anothers_header_is_a_dependency():
    assert edges(
        include("mpl", "boost/any.hpp", include_count=3, boostdep_count=2, files=("include/a", "include/b"))
    ) == [
        Edge(
            *("mpl", "any", "header"),
            include_count=3,
            boostdep_count=2,
            witnesses=(Witness("include/a", "boost/any.hpp"), Witness("include/b", "boost/any.hpp")),
        )
    ]


def test_includes_of_several_headers_add_up():
    (edge,) = edges(
        include("mpl", "boost/any.hpp", include_count=3, boostdep_count=2),
        include("mpl", "boost/any/fwd.hpp", include_count=0, boostdep_count=4),
    )

    assert (edge.include_count, edge.boostdep_count) == (3, 6)


def test_each_kind_of_files_has_its_own_dependencies():
    found = edges(*(include("mpl", "boost/any.hpp", kind) for kind in ("test", "header", "source")))

    assert [edge.kind for edge in found] == ["header", "source", "test"]


def test_a_module_does_not_depend_on_itself():
    assert resolve([include("any", "boost/any.hpp")], OWNERS) == ([], [])


def test_a_dependency_in_comments_alone_is_one_for_boostdep_only():
    (edge,) = edges(include("mpl", "boost/any.hpp", include_count=0, boostdep_count=1))

    assert (edge.include_count, edge.boostdep_count) == (0, 1)


def test_a_dependency_that_boostdep_does_not_see_is_one():
    (edge,) = edges(include("mpl", "boost/any.hpp", include_count=1, boostdep_count=0))

    assert (edge.include_count, edge.boostdep_count) == (1, 0)


def test_an_owned_header_counts_wherever_it_lies():
    assert [edge.depends_on for edge in edges(include("any", "odd.h"))] == ["mpl"]


def test_witnesses_are_the_first_five_and_those_with_a_directive_come_first():
    (edge,) = edges(
        include("mpl", "boost/any.hpp", include_count=0, files=("a", "b", "c")),
        include("mpl", "boost/any/fwd.hpp", files=("d", "e", "f")),
    )

    assert [witness.file for witness in edge.witnesses] == ["d", "e", "f", "a", "b"]


def test_an_include_below_boost_that_nobody_owns_is_unknown():
    row = include("mpl", "boost/gone.hpp", "test", 2, 3, ("test/a", "test/b"))

    assert resolve([row], OWNERS) == ([], [UnknownInclude("mpl", "test", "boost/gone.hpp", 2, 3, "test/a")])


def test_a_path_is_not_normalised():
    assert [row.target for row in unknown(include("mpl", "boost//any.hpp"), include("mpl", "boost/./any.hpp"))] == [
        "boost/./any.hpp",
        "boost//any.hpp",
    ]
    assert edges(include("mpl", "boost//any.hpp")) == []


def test_headers_of_the_system_and_relative_ones_are_neither():
    targets = ["vector", "../any.hpp", "detail/any.hpp", "windows.h", "boost.h", "boost", "Boost/any.hpp"]

    assert resolve([include("mpl", target) for target in targets], OWNERS) == ([], [])


rows = st.builds(
    include,
    st.sampled_from(["any", "mpl", "core"]),
    st.sampled_from([*OWNERS, "boost/gone.hpp", "vector"]),
    st.sampled_from(["header", "source"]),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from([("a",), ("a", "b"), ("c",)]),
)


@given(st.lists(rows, max_size=12).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_the_order_of_the_rows_does_not_matter(orders):
    assert resolve(iter(orders[0]), OWNERS) == resolve(iter(orders[1]), OWNERS)


@given(st.lists(rows, max_size=12))
def test_no_include_of_an_owned_header_is_lost(rows):
    found, _ = resolve(rows, OWNERS)

    for count in ("include_count", "boostdep_count"):
        assert sum(getattr(edge, count) for edge in found) == sum(
            getattr(row, count) for row in rows if OWNERS.get(row.target, row.module) != row.module
        )
