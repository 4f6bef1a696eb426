"""Bytes of git become text that loses nothing and that PostgreSQL takes."""

import doctest
import subprocess

from hypothesis import given
from hypothesis import strategies as st

from boost_pipeline.sources.git import fields
from boost_pipeline_tests.sources.git.origin import EMPTY_TREE

_names = st.binary(min_size=1, max_size=20).map(lambda raw: raw.replace(b"\0", b"").replace(b"/", b"_")).filter(bool)


def test_the_examples_in_the_docstrings_hold():
    tested = doctest.testmod(fields)

    assert tested.attempted
    assert not tested.failed


@given(st.binary())
def test_text_can_be_turned_back_into_its_bytes(raw):
    text = fields.text(raw)

    assert raw in (text.encode(), text.encode("latin-1", errors="replace"))


@given(st.sets(_names, max_size=5))
def test_different_paths_stay_different_and_can_be_stored(raws):
    paths = {fields.path(raw) for raw in raws}

    assert len(paths) == len(raws)
    for path in paths:
        path.encode()


def test_an_odd_path_is_quoted_as_git_quotes_it(origin):
    names = [name + b"\xff" for name in (bytes(range(1, 128)).replace(b"/", b""), b'"', b"\\", b"\x80\xfe")]
    names += [b'"begins', b'"']
    tree = origin.tree(dict.fromkeys(names, b""))

    printed = subprocess.run(
        ["git", f"--git-dir={origin.path}", "ls-tree", "--name-only", tree], capture_output=True, check=True
    ).stdout.decode()

    assert sorted(fields.path(name) for name in names) == sorted(printed.splitlines())
    assert tree != EMPTY_TREE


@given(st.integers(-(10**25), 10**25))
def test_a_moment_is_exact_or_none(seconds):
    moment = fields.moment(str(seconds))

    if -62135596800 <= seconds <= 253402300799:
        assert moment is not None
        assert moment.timestamp() == seconds
    else:
        assert moment is None


@given(st.text())
def test_no_zone_and_no_moment_can_break_the_reader(raw):
    fields.moment(raw)

    assert -960 < fields.offset(raw) < 960


@given(st.sampled_from("+-"), st.integers(0, 14), st.integers(0, 59))
def test_a_zone_is_minutes_east_of_utc(sign, hours, minutes):
    expected = (hours * 60 + minutes) * (1 if sign == "+" else -1)

    assert fields.offset(f"{sign}{hours:02}{minutes:02}") == expected
