import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boost_pipeline.boost.categories import Category
from boost_pipeline.boost.library_keys import KEY_ALIASES, canonical_key
from boost_pipeline.boost.metadata import (
    LARGEST_FILE,
    LONGEST_KEY,
    MOST_PROBLEMS,
    LibraryEntry,
    Metadata,
    Problem,
    read_metadata,
)
from boost_pipeline.boost.people import Person

GOOD = {"key": "align", "name": "Align", "authors": ["A"], "description": "D", "category": ["Memory"]}


def read(value):
    return read_metadata(json.dumps(value).encode())


def entry(**changes):
    """Read the good entry with these changes; a field set to ... is left out."""
    (found,) = read(good(**changes)).entries
    return found


def problems(**changes):
    return [(problem.kind, problem.detail) for problem in read(good(**changes)).problems]


def good(**changes):
    fields = GOOD | {name.replace("_", "-"): value for name, value in changes.items()}
    return {name: value for name, value in fields.items() if value is not ...}


def kinds(data):
    return [problem.kind for problem in read_metadata(data).problems]


# The shape of the file


def test_an_object_is_one_library_with_all_its_fields():
    text = """{
        "key": "functional/factory", "name": "Functional/Factory", "boost-version": "1.43.0",
        "authors": [ "Tobias Schwinger" ], "maintainers": [ "Glen Fernandes <x -at- gmail.com>" ],
        "description": "Function object templates", "documentation": "factory/", "std": [ "tr1" ],
        "cxxstd": "03", "status": "hidden", "category": [ "Function-objects" ]
    }"""

    assert read_metadata(text.encode()) == Metadata(
        entries=(
            LibraryEntry(
                key="functional/factory",
                canonical_key="functional/factory",
                name="Functional/Factory",
                description="Function object templates",
                documentation="factory/",
                cxxstd="03",
                status="hidden",
                std=("tr1",),
                added_in="1.43.0",
                authors=(Person("Tobias Schwinger", "Tobias Schwinger"),),
                maintainers=(Person("Glen Fernandes <x -at- gmail.com>", "Glen Fernandes", "x@gmail.com"),),
                categories=(Category("Function-objects", "Function-objects"),),
            ),
        ),
        problems=(),
    )


def test_a_list_is_several_libraries_in_their_order():
    found = read([GOOD | {"key": key} for key in ("core", "utility/swap", "bind/ref")])

    assert [library.key for library in found.entries] == ["core", "utility/swap", "bind/ref"]
    assert found.problems == ()


def test_a_list_of_one_is_one_library():
    assert read([GOOD]) == read(GOOD)


def test_a_byte_order_mark_is_tolerated():
    assert read_metadata(b"\xef\xbb\xbf" + json.dumps(GOOD).encode()) == read(GOOD)


def test_fields_that_we_do_not_know_are_no_problem():
    assert problems(homepage="x", tags=[1, {"a": None}]) == []


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"[]", "an empty list: no library is declared"),
        (b'"align"', "entry 1 is text, not an object"),
        (b"17", "entry 1 is a number, not an object"),
        (b"null", "entry 1 is null, not an object"),
        (b"[true]", "entry 1 is a boolean, not an object"),
        (b"[[{}]]", "entry 1 is a list, not an object"),
    ],
)
def test_another_shape_is_reported(data, detail):
    assert read_metadata(data) == Metadata((), (Problem("unknown_shape", detail),))


def test_an_item_of_another_shape_spares_its_neighbours():
    found = read([GOOD, "x", GOOD | {"key": "core"}])

    assert [library.key for library in found.entries] == ["align", "core"]
    assert found.problems == (Problem("unknown_shape", "entry 2 is text, not an object"),)


def test_a_missing_comma_is_invalid_json_with_its_place():
    found = read_metadata(b'{\n  "key": "ratio"\n  "name": "Ratio"\n}')

    assert found.entries == ()
    assert found.problems == (Problem("invalid_json", "Expecting ',' delimiter: line 3 column 3 (char 21)"),)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        json.dumps([GOOD]).encode()[:-1] + b",]",
        b'{"key": NaN}',
        b'{"key": -Infinity}',
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"key": "a\nb"}',
        b" " * (LARGEST_FILE + 1),
    ],
    ids=["nothing", "open", "comma", "nan", "infinity", "deep", "deep objects", "newline", "large"],
)
def test_what_is_no_json_is_reported_and_gives_no_entry(data):
    found = read_metadata(data)

    assert found.entries == ()
    assert [problem.kind for problem in found.problems] == ["invalid_json"]
    assert len(found.problems[0].detail) <= 200


@pytest.mark.parametrize("data", [json.dumps(GOOD).encode() + b"\xff", "{}".encode("utf-16"), b'"\xed\xa0\x80"'])
def test_what_is_not_utf_8_is_reported_and_gives_no_entry(data):
    assert read_metadata(data).entries == ()
    assert kinds(data) == ["invalid_encoding"]


def test_a_file_of_the_largest_size_is_read():
    data = json.dumps(GOOD).encode()

    assert read_metadata(data + b" " * (LARGEST_FILE - len(data))) == read(GOOD)


# Identity


def test_an_entry_without_a_key_is_left_out_and_reported():
    found = read([{"name": "No key", "authors": "", "description": "D", "category": []}, GOOD])

    assert [library.key for library in found.entries] == ["align"]
    assert found.problems == (Problem("missing_field", 'entry 1: no "key"'),)


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (None, ("missing_field", 'entry 1: no "key"')),
        (" ", ("missing_field", 'entry 1: no "key"')),
        (17, ("invalid_field", 'entry 1: "key" is a number, not text')),
        ("x" * 201, ("invalid_field", 'entry 1: "key" has 201 characters, at most 200 are read')),
        ("\0", ("invalid_field", 'entry 1: "key" held NUL characters or lone surrogates, which were dropped')),
    ],
)
def test_an_entry_whose_key_is_of_no_use_is_left_out_and_reported(key, problem):
    assert read(good(key=key)).entries == ()
    assert problems(key=key) == [problem]


def test_the_longest_key_is_kept():
    assert entry(key="x" * LONGEST_KEY).key == "x" * LONGEST_KEY


@pytest.mark.parametrize("name", [..., None, ""])
def test_without_a_name_the_key_stands_for_it(name):
    assert entry(name=name).name == "align"
    assert problems(name=name) == [("missing_field", 'align: no "name"')]


def test_a_key_that_moved_has_the_key_of_today_as_its_identity():
    hash_of_1_66 = entry(key="functional/hash", name="Functional/Hash")

    assert (hash_of_1_66.key, hash_of_1_66.canonical_key) == ("functional/hash", "container_hash")
    assert entry(key="container_hash").canonical_key == "container_hash"


@pytest.mark.parametrize("key", ["logic/tribool", "utility/swap", "utility/enable_if", "bind/ref", "numeric/ublas"])
def test_a_key_that_is_not_its_path_is_an_identity_like_any_other(key):
    assert entry(key=key).canonical_key == key


def test_no_alias_leads_to_another_alias():
    assert all(canonical_key(key) == key for key in KEY_ALIASES.values())


def test_a_library_declared_twice_counts_once_and_is_reported():
    found = read([good(key="container_hash"), good(key="functional/hash", name="Other")])

    assert [(library.key, library.name) for library in found.entries] == [("container_hash", "Align")]
    assert found.problems == (
        Problem("duplicate_key", "functional/hash: declared again by entry 2; the first one stands"),
    )


def test_of_a_field_given_twice_the_later_stands_and_it_is_reported():
    found = read_metadata(json.dumps(GOOD).encode()[:-1] + b', "name": "Later"}')

    assert found.entries[0].name == "Later"
    assert found.problems == (Problem("duplicate_key", 'field "name" is given twice: the later one stands'),)


# Fields


def test_missing_maintainers_are_normal():
    assert entry().maintainers == ()
    assert problems() == []


@pytest.mark.parametrize("field", ["description", "authors", "category"])
@pytest.mark.parametrize("value", [..., None])
def test_a_missing_field_is_reported_and_the_entry_kept(field, value):
    assert entry(**{field: value}).key == "align"
    assert problems(**{field: value}) == [("missing_field", f'align: no "{field}"')]


@pytest.mark.parametrize("field", ["documentation", "cxxstd", "status", "std", "boost_version", "maintainers"])
def test_the_other_fields_may_be_absent(field):
    assert problems(**{field: None}) == []


def test_authors_may_be_a_string():
    assert [author.name for author in entry(authors="Marshall Clow").authors] == ["Marshall Clow"]
    assert problems(authors="Marshall Clow") == []


@pytest.mark.parametrize("authors", ["", [], [""]])
def test_nobody_may_be_the_author(authors):
    assert entry(authors=authors).authors == ()
    assert problems(authors=authors) == []


def test_one_author_string_may_name_several_people():
    authors = entry(authors=["John Maddock, Steve Cleary, et al", "Jens Maurer"]).authors

    assert [author.name for author in authors] == ["John Maddock", "Steve Cleary", "Jens Maurer"]
    assert authors[1].raw == "John Maddock, Steve Cleary, et al"


def test_boost_version_may_be_hidden():
    assert entry(boost_version="hidden").added_in == "hidden"


@pytest.mark.parametrize("cxxstd", ["98", "03", "11", "14", "17", "20", "23", "26"])
def test_the_standard_is_text(cxxstd):
    assert entry(cxxstd=cxxstd).cxxstd == cxxstd


@pytest.mark.parametrize(
    ("stated", "cxxstd"),
    [
        ("3", "03"),
        ("1998", "98"),
        ("2017", "17"),
        (" 14 ", "14"),
        ("c++17", "17"),
        ("C++ 20", "20"),
        ("gnu++11", "11"),
        ("cxx14", "14"),
        ("0x", "11"),
        ("C++1z", "17"),
        ("2a", "20"),
    ],
)
def test_a_standard_may_be_spelled_in_several_ways(stated, cxxstd):
    assert entry(cxxstd=stated).cxxstd == cxxstd
    assert problems(cxxstd=stated) == []


@pytest.mark.parametrize("stated", ["29", "latest", "C++11 or later", "20xx", "c++", "1117"])
def test_a_standard_that_is_not_known_is_kept_and_reported(stated):
    assert entry(cxxstd=stated).cxxstd == stated
    assert problems(cxxstd=stated) == [
        ("invalid_field", f'align: "cxxstd" is "{stated}", which is no C++ standard that is known')
    ]


def test_a_standard_that_is_a_number_counts_and_is_reported():
    assert entry(cxxstd=17).cxxstd == "17"
    assert problems(cxxstd=17) == [("invalid_field", 'align: "cxxstd" is a number, not text')]


def test_of_a_standard_of_endless_length_the_beginning_is_kept():
    assert entry(cxxstd="x" * 10_000).cxxstd == "x" * 50


@pytest.mark.parametrize("documentation", ["utility.htm#result_of", "factory/", "/doc/html/tribool.html"])
def test_documentation_stays_as_it_is(documentation):
    assert entry(documentation=documentation).documentation == documentation


def test_two_booleans_stood_for_std():
    assert entry(std_proposal=True, std_tr1=True).std == ("proposal", "tr1")
    assert entry(std_proposal=False, std_tr1=False).std == ()
    assert entry(std=["tr1", "c++17"], std_tr1=True).std == ("tr1", "c++17")
    assert entry(std_tr1="yes").std == ()
    assert problems(std_proposal=False, std_tr1=True) == []


def test_spellings_of_one_category_count_once():
    categories = entry(category=["Container", "workarounds", "Containers"]).categories

    assert categories == (Category("Containers", "Container"), Category("Workarounds", "workarounds"))


@pytest.mark.parametrize("blank", ["", " \n"])
def test_blanks_are_no_text(blank):
    assert entry(documentation=blank, status=blank).documentation is None
    assert problems(documentation=blank) == []
    assert problems(description=blank) == [("missing_field", 'align: no "description"')]


def test_a_number_of_thousands_of_digits_is_a_number():
    found = read_metadata(json.dumps(GOOD).encode()[:-1] + b', "cxxstd": ' + b"9" * 5000 + b"}")

    assert found.entries[0].key == "align"
    assert found.problems == (Problem("invalid_field", 'align: "cxxstd" is a number, not text'),)


def test_text_survives_as_it_came():
    assert entry(description=" Två\n  rader \t").description == " Två\n  rader \t"


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"name": ["x"]}, 'align: "name" is a list, not text'),
        ({"description": 1.5}, 'align: "description" is a number, not text'),
        ({"cxxstd": 17}, 'align: "cxxstd" is a number, not text'),
        ({"status": True}, 'align: "status" is a boolean, not text'),
        ({"documentation": {}}, 'align: "documentation" is an object, not text'),
        ({"authors": 1}, 'align: "authors" is a number, neither text nor a list of texts'),
        ({"authors": ["A", None]}, 'align: "authors" holds null, not text'),
        ({"authors": ["A, " * 200]}, 'align: "authors" holds a text of 600 characters'),
        ({"maintainers": {"A": "x@y"}}, 'align: "maintainers" is an object, neither text nor a list of texts'),
        ({"category": [["Memory"]]}, 'align: "category" holds a list, not text'),
        ({"category": ["x" * 201]}, 'align: "category" holds a name of 201 characters'),
        ({"std": [{}]}, 'align: "std" holds an object, not text'),
        ({"std_tr1": "yes"}, 'align: "std-tr1" is text, not a boolean'),
    ],
)
def test_a_field_of_the_wrong_type_is_reported_and_the_entry_kept(changes, detail):
    assert entry(**changes).key == "align"
    assert problems(**changes) == [("invalid_field", detail)]


@pytest.mark.parametrize("character", ["\0", "\ud800"])
@pytest.mark.parametrize(("field", "value"), [("description", "a{}b"), ("authors", ["a{}b"]), ("category", "a{}b")])
def test_characters_that_the_warehouse_refuses_are_dropped_and_reported(character, field, value):
    dirty = [item.format(character) for item in value] if isinstance(value, list) else value.format(character)
    expected = (
        "invalid_field",
        f'align: "{field}" held NUL characters or lone surrogates, which were dropped',
    )

    assert problems(**{field: dirty}) == [expected]
    assert "ab" in repr(entry(**{field: dirty}))
    assert character not in str(entry(**{field: dirty}).description)


def test_a_pair_of_surrogates_is_a_character():
    assert read_metadata(json.dumps(good(name="😀"), ensure_ascii=True).encode()).entries[0].name == "😀"


# Problems


def test_a_problem_is_one_short_line_whatever_the_file_holds():
    found = read([good(key="a\nb" + "x" * 190, name=1, description=None)])

    assert all(problem.detail.isprintable() and len(problem.detail) <= 200 for problem in found.problems)
    assert len(found.problems) == 2


def test_the_problems_of_a_hostile_file_are_bounded_and_the_last_one_says_so():
    found = read([1] * (MOST_PROBLEMS + 50))

    assert len(found.problems) == MOST_PROBLEMS
    assert found.problems[-1].detail == "more than 100 problems: these are the first ones"
    assert len(read([1] * MOST_PROBLEMS).problems) == MOST_PROBLEMS
    assert read([1] * MOST_PROBLEMS).problems[-1].detail == "entry 100 is a number, not an object"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from([*GOOD, "maintainers", "std", "std-tr1", "cxxstd", "status", "boost-version", "documentation"])
objects = st.dictionaries(fields, json_values | st.text(st.characters(max_codepoint=0xFFFF)))


@settings(deadline=None)
@given(
    st.binary() | (st.lists(objects | json_values, max_size=3) | objects).map(lambda value: json.dumps(value).encode())
)
def test_any_file_can_be_read_and_what_is_read_can_be_stored(data):
    found = read_metadata(data)

    assert found.entries or found.problems
    assert "\0" not in stored(found)
    stored(found).encode()
    assert len({library.canonical_key for library in found.entries}) == len(found.entries)
    for library in found.entries:
        assert library.key
        assert library.name
        assert all(category.name for category in library.categories)


def stored(found):
    """Every text of what was read."""
    texts = [problem.kind + problem.detail for problem in found.problems]
    for library in found.entries:
        texts += [text or "" for text in (library.key, library.name, library.description, library.documentation)]
        texts += [text or "" for text in (library.cxxstd, library.status, library.added_in, *library.std)]
        texts += [person.raw + person.name + (person.email or "") for person in library.authors + library.maintainers]
        texts += [category.raw + category.name for category in library.categories]
    return "".join(texts)
