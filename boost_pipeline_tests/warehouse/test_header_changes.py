"""What became of headers between two releases: header_changes_between, by folders written by hand."""

import pytest

from boost_pipeline_tests.commands.graph_rows import Graphs

BEFORE, AFTER = "boost-1.88.0", "boost-1.89.0"


@pytest.fixture
def changes(warehouse):
    """Return what became of the headers of two releases: of each the (module, include path, blob)."""

    def find(before, after, gaps=()):
        graphs = Graphs(warehouse)
        modules = {module for module, *_ in (*before, *after)}
        ids = {tag: graphs.release(tag, modules=modules) for tag in (BEFORE, AFTER)}
        for tag, headers in ((BEFORE, before), (AFTER, after)):
            for header in headers:
                graphs.header(ids[tag], *header)
        for module in gaps:
            graphs.gap(ids[AFTER], module, "lost")
        with warehouse.transaction() as transaction:
            return transaction.rows(
                "SELECT m.name, c.include_path, c.change, c.other FROM header_changes_between(%s, %s) c "
                "JOIN modules m ON m.id = c.module_id ORDER BY 1, 2",
                (ids[BEFORE], ids[AFTER]),
            )

    return find


def test_a_header_that_stays_is_no_change_whatever_became_of_its_content(changes):
    assert changes([("any", "a.hpp", "1"), ("any", "b.hpp", "1")], [("any", "a.hpp", "1"), ("any", "b.hpp", "2")]) == []


def test_what_came_is_added_and_what_went_is_removed(changes):
    assert changes([("any", "old.hpp", "1")], [("any", "new.hpp", "2")]) == [
        ("any", "new.hpp", "added", None),
        ("any", "old.hpp", "removed", None),
    ]


def test_the_same_content_under_another_path_is_renamed_also_in_another_module(changes):
    assert changes([("any", "old.hpp", "1")], [("core", "new.hpp", "1")]) == [("core", "new.hpp", "renamed", "old.hpp")]


def test_a_content_that_two_headers_have_names_no_other(changes):
    assert changes([("any", "a.hpp", "1"), ("any", "b.hpp", "1")], [("any", "c.hpp", "1")]) == [
        ("any", "a.hpp", "removed", None),
        ("any", "b.hpp", "removed", None),
        ("any", "c.hpp", "added", None),
    ]


def test_the_same_path_in_another_module_is_moved(changes):
    assert changes([("any", "a.hpp", "1")], [("core", "a.hpp", "2")]) == [("core", "a.hpp", "moved", "any")]


def test_a_header_that_a_second_module_has_too_is_added_and_not_moved(changes):
    """As boost/static_assert.hpp in Boost 1.91, which config has beside static_assert."""
    both = [("static_assert", "a.hpp", "1"), ("config", "a.hpp", "2")]

    assert changes([("static_assert", "a.hpp", "1")], both) == [("config", "a.hpp", "added", None)]


def test_of_modules_that_are_not_whole_nothing_is_said(changes):
    assert changes([("any", "a.hpp", "1"), ("core", "b.hpp", "1")], [], gaps=["any"]) == [
        ("core", "b.hpp", "removed", None)
    ]
