import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boost_pipeline.boost.categories import CATEGORIES, Category, read_category


@pytest.mark.parametrize("name", CATEGORIES)
def test_a_category_of_the_vocabulary_is_itself(name):
    assert read_category(name) == Category(name, name)


@pytest.mark.parametrize(("name", "title"), CATEGORIES.items())
def test_the_title_of_a_category_stands_for_it(name, title):
    assert read_category(title) == Category(name, title)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("workarounds", "Workarounds"),
        ("Container", "Containers"),
        ("Math and numerics", "Math"),
        ("Math and Numerics", "Math"),
        ("Correctness and Testing", "Correctness"),
        ("Data structures", "Data"),
        ("Template  Metaprogramming", "Metaprogramming"),
        ("function objects", "Function-objects"),
        (" io ", "IO"),
    ],
)
def test_spellings_of_one_category_fold_into_one(raw, name):
    assert read_category(raw) == Category(name, raw)


@pytest.mark.parametrize(
    ("raw", "name"), [("Coroutines", "Coroutines"), (" Awaitables\t and  more ", "Awaitables and more"), ("", "")]
)
def test_an_unknown_category_keeps_its_text_but_for_whitespace(raw, name):
    assert read_category(raw) == Category(name, raw)


@settings(deadline=None)
@given(st.text())
def test_a_category_read_again_is_the_same(raw):
    name = read_category(raw).name

    assert read_category(name).name == name
