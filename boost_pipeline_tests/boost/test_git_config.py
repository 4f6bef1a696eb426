import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from boost_pipeline.boost.git_config import config_entries
from boost_pipeline.errors import SourceCorrupt

# Whitespace within a value: git before 2.45 made blanks of it, later ones keep it.
AS_BLANKS = str.maketrans("\t\r", "  ")

wild_text = st.text(st.sampled_from('[]"\\#;=\n\n \t\r.abXY-_1é\v\xa0\ufeff'), max_size=60)
subsections = st.text(st.sampled_from('abX. /é#;]=\\"'), max_size=8).map(
    lambda text: ' "' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
)
sections = st.builds(
    "[{}{}]{}".format,
    st.sampled_from(["submodule", "SubModule", "a.b", "a-1", ".", "core"]),
    subsections | st.sampled_from(["", ' "\\q\\x"', '\t"x"']),
    st.sampled_from(["\n", " # c\n", "\r\n", ""]),
)
values = st.lists(
    st.sampled_from(
        ["a", "Z/é", " ", "\t", "\r", "=", "[", "]", '"x ; y"', '" \\\n #"', "\\n", '\\"', "\\\\", "\\\n", " ;"]
    )
).map("".join)
assignments = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["path", "\tURL", "  branch", "fetchRecurse-1"]),
    st.sampled_from(["=", " = ", "\t=\t", " =\r\n"]),
    values,
    st.sampled_from(["\n", "\r\n", "\n\n", " # c\n"]),
)
valid_lines = sections | assignments | st.sampled_from(["\n", "# c\n", ";c\n", "key\n", "key \t\n"])
broken_lines = st.sampled_from(["[]\n", "[a\n", '[a"b"]\n', "1x = 1\n", "a_b = 1\n", 'b = "\n', "b = \\q\n", "a b\n"])
valid_files = st.lists(valid_lines).map("".join)
broken_files = st.lists(valid_lines | broken_lines).map("".join)


@settings(deadline=None, max_examples=300)
@given(valid_files | valid_files | broken_files | wild_text)
@example("[]\nx = 1\n")
@example('[a "b"]c = 1')
@example("\ufeff[a]\nb\n")
@example("[a]\nb = 1\\")
@example('[a]\nb = "open\n')
@example("[a]\nb = x \\\n  y  # c \\\n")
@example("x = 1\n")
def test_any_text_is_read_or_refused_as_git_does(read_by_git, text):
    expected = read_by_git(text.encode())

    if expected is None:
        with pytest.raises(SourceCorrupt):
            list(config_entries(text))
    else:
        assert in_blanks(config_entries(text)) == in_blanks(expected)


def in_blanks(entries):
    return [(name, value and value.translate(AS_BLANKS)) for name, value in entries]


def read(text):
    return list(config_entries(text))


def test_sections_and_keys_are_of_any_case_a_subsection_is_not():
    assert read('[SubModule "Hana"]\nPATH = Libs') == [("submodule.Hana.path", "Libs")]


def test_a_subsection_may_escape_any_character():
    assert read(r'[a "x\"y\\z\q"]' + "\nb = 1") == [(r'a.x"y\zq.b', "1")]


def test_the_old_form_of_a_subsection_is_in_lower_case():
    assert read("[submodule.Hana]\npath = x") == [("submodule.hana.path", "x")]


def test_a_value_may_be_quoted_and_escaped():
    assert read(r"[a]" + "\n" + r'b = "  x # y " z\t\"\\ ') == [("a.b", '  x # y  z\t"\\')]


@pytest.mark.parametrize("sign", ["#", ";"])
def test_a_comment_ends_a_value_and_is_dropped_with_the_blanks_before_it(sign):
    assert read(f"{sign} head\n[a] {sign} here\nb = c  {sign} there\n") == [("a.b", "c")]


def test_a_backslash_continues_a_value_on_the_next_line():
    assert read("[a]\nb = x\\\ny \\\n  z\n") == [("a.b", "xy   z")]


def test_blanks_within_a_value_are_kept():
    assert read("[a]\nb =  x \t y  \n") == [("a.b", "x \t y")]


def test_a_key_without_a_value_has_none():
    assert read("[a]\nb\n") == [("a.b", None)]


def test_lines_may_end_as_on_windows():
    assert read("[a]\r\nb = x\r\nc = y\\\r\nz\r\n") == [("a.b", "x"), ("a.c", "yz")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[a\nb = 1\n", 1),
        ("[a]\nb = 1\n= 2\n", 3),
        ('[a]\nb = "x\n', 2),
        ("[a]\nb = \\x\n", 2),
        ("[a]\nb c\n", 2),
        ('[a "b\n"]\n', 1),
        ("<<<<<<< HEAD\n", 1),
    ],
)
def test_broken_syntax_is_refused_with_its_line(text, line):
    with pytest.raises(SourceCorrupt, match=rf"^\.gitmodules, line {line}: "):
        read(text)
