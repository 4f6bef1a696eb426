"""How values are written for people, and what of the world never reaches a page."""

import json

from hypothesis import given
from hypothesis import strategies as st

from boost_pipeline.reports.site.environment import LONGEST_TEXT, environment, safe_json, text


@given(st.text(max_size=2000))
def test_a_text_is_one_bounded_line_without_marks_that_a_screen_obeys(given_text):
    written = text(given_text)

    assert len(written) <= LONGEST_TEXT
    assert written.isprintable()


def test_directions_and_controls_are_shown_as_what_they_are():
    assert text("a\u202eb\u2066c\u200fd\x1b[31m") == "a\ufffdb\ufffdc\ufffdd\ufffd[31m"


def test_addresses_are_masked_in_every_form_that_people_write_them_in():
    for address in (
        "ann@example.org",
        "ann -at- example.org",
        "ann (at) example.org",
        "ann(a)example.co.uk",
        "ann@host",
    ):
        assert "example" not in text(f"Ann <{address}>")
        assert "host" not in text(f"Ann <{address}>")


def test_words_that_are_no_address_stay():
    assert text("Crash at boost.org, see @ann and operator@") == "Crash at boost.org, see @ann and operator@"


@given(st.recursive(st.none() | st.integers() | st.text(max_size=50), lambda one: st.lists(one, max_size=4)))
def test_json_in_a_script_says_the_same_and_cannot_end_it(given_value):
    written = safe_json(given_value)

    assert not {"<", ">", "&", "\u2028", "\u2029"} & set(written)
    assert json.loads(written) == _texts(given_value)


def test_whatever_a_template_writes_is_escaped():
    assert environment().from_string("{{ words }}").render(words="<script>") == "&lt;script&gt;"


def _texts(value):
    if isinstance(value, list):
        return [_texts(one) for one in value]
    return text(value) if isinstance(value, str) else value
