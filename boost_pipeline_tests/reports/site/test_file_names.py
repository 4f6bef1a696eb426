"""Names of files: safe everywhere, and different for different things."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from boost_pipeline.reports.site.file_names import file_name

KEYS = st.text(max_size=200) | st.text("abA/.~-_0", max_size=12)


@given(KEYS)
@example("../../etc/passwd")
@example("con")
@example("nul.hpp")
@example("a/../b")
@example("")
@example("a" * 10_000)
@example("\ud800")
def test_a_name_leads_nowhere_and_is_short(key):
    name = file_name(key)

    assert re.fullmatch(r"[a-z0-9._+~-]+", name)
    assert len(name) <= 80
    assert not name.startswith(".")
    assert ".." not in name
    assert not re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", name)


@given(KEYS, KEYS)
@example("a/b", "a~b")
@example("Any", "any")
@example("x~~" + "0" * 20, "x")
def test_different_things_have_different_names_even_where_case_does_not_count(one, other):
    assert (file_name(one).lower() == file_name(other).lower()) == (one == other)


def test_a_plain_key_keeps_its_words():
    assert file_name("numeric/conversion") == "numeric~conversion"
    assert file_name("boost-1.90.0") == "boost-1.90.0"
