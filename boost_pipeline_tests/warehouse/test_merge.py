"""Bulk writes: only what differs is written."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.copy_text import text_array, text_line

COLUMNS = ["asset", "unit", "category", "error", "first_seen", "last_seen", "attempts"]
NOW = "2026-01-01T00:00:00Z"


def row(unit, error="it broke", asset="a"):
    return (asset, unit, "network", error, NOW, NOW, 1)


def merged(warehouse, rows, **options):
    with warehouse.transaction() as transaction:
        return transaction.merge("failures", COLUMNS, rows, key=["asset", "unit"], **options)


def stored(warehouse):
    with warehouse.transaction() as transaction:
        return dict(transaction.rows("SELECT unit, error FROM failures"))


def test_new_rows_are_inserted(warehouse):
    assert merged(warehouse, [row("x"), row("y")]) == Changes(inserted=2)
    assert stored(warehouse) == {"x": "it broke", "y": "it broke"}


def test_a_row_that_differs_is_updated_and_its_equals_are_left_alone(warehouse):
    merged(warehouse, [row("x"), row("y")])

    assert merged(warehouse, [row("x"), row("y", "otherwise")]) == Changes(updated=1)
    assert stored(warehouse) == {"x": "it broke", "y": "otherwise"}


def test_the_same_again_writes_nothing(warehouse):
    merged(warehouse, [row("x"), row("y")])
    before = versions(warehouse)

    assert merged(warehouse, [row("x"), row("y")]).total == 0
    assert versions(warehouse) == before


def test_rows_outside_the_set_are_deleted_only_within_the_scope(warehouse):
    merged(warehouse, [row("x"), row("y"), row("z", asset="other")])

    assert merged(warehouse, [row("x")], within={"asset": "a"}) == Changes(deleted=1)
    assert stored(warehouse).keys() == {"x", "z"}


def test_an_empty_set_within_a_scope_deletes_all_of_it(warehouse):
    merged(warehouse, [row("x"), row("z", asset="other")])

    assert merged(warehouse, [], within={"asset": ["a", "b"]}) == Changes(deleted=1)


def test_a_table_can_be_merged_twice_in_one_transaction(warehouse):
    with warehouse.transaction() as transaction:
        for unit in ("x", "y"):
            transaction.merge("failures", COLUMNS, [row(unit)], key=["asset", "unit"])

    assert stored(warehouse).keys() == {"x", "y"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=5))
def test_any_text_survives(warehouse, texts):
    merged(warehouse, [row(str(number), text) for number, text in enumerate(texts)], within={"asset": "a"})

    assert stored(warehouse) == {str(number): text for number, text in enumerate(texts)}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
            st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=4),
        ),
        max_size=5,
    )
)
def test_any_text_and_list_survives_as_a_line_of_copys_text(warehouse, rows):
    with warehouse.transaction() as transaction:
        transaction.execute("CREATE TEMPORARY TABLE lines (place int, value text, nothing text, list text[])")
        lines = "".join(
            text_line(str(place), value, None, text_array(values)) for place, (value, values) in enumerate(rows)
        )
        transaction.copy("lines", ["place", "value", "nothing", "list"], [lines] if lines else [])
        stored = transaction.rows("SELECT value, list, nothing FROM lines ORDER BY place")
        transaction.execute("DROP TABLE lines")

    assert stored == [(value, values, None) for value, values in rows]


def versions(warehouse):
    """The row versions: they change with any write, even one of equal values."""
    with warehouse.transaction() as transaction:
        return transaction.rows("SELECT unit, xmin::text, ctid::text FROM failures ORDER BY unit")
