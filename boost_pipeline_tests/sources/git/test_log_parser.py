"""The parser of git log by itself: any bytes at all in paths and messages, and output cut anywhere."""

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boost_pipeline.errors import SourceCorrupt
from boost_pipeline.sources.git import FileChange
from boost_pipeline.sources.git.fields import path as read_path
from boost_pipeline.sources.git.log import parse_log

SHA = "0123456789abcdef0123456789abcdef01234567"

# What git itself prints between the bytes that people chose, more often than chance would.
_structure = st.sampled_from(
    [
        b"\x01" + SHA.encode() + b"\n",
        b":100644 100644 " + SHA.encode() + b" " + SHA.encode() + b" M",
        b"\n:",
        b"1\t2\t",
        b"-\t-\t",
        b'"',
        b"\n\n",
        b"\t",
        b"\xff",
    ]
)
_bytes = st.lists(st.one_of(st.binary(max_size=8), _structure), max_size=4).map(
    lambda parts: b"".join(parts).replace(b"\0", b"")
)
_paths = _bytes.filter(bool)
_counts = st.one_of(st.just(("-", "-")), st.tuples(st.integers(0, 10**6).map(str), st.integers(0, 10**6).map(str)))
_changes = st.tuples(st.sampled_from("AMDTR"), _paths, _paths, _counts)
_commits = st.tuples(_bytes, st.lists(_changes, max_size=4))


def no_commit(sha: str) -> bytes:
    raise AssertionError(sha)


def printed(message: bytes, changes: list) -> bytes:
    """What git prints of a commit."""
    header = b"\x01%s\n\nA\na@b\n1 +0000\nC\nc@d\n1 +0000\nS\n\n%s\0" % (SHA.encode(), message)
    raw = b"".join(
        b":100644 100644 %s %s %s\0" % (SHA.encode(), SHA.encode(), b"R100" if status == "R" else status.encode())
        + (old + b"\0" if status == "R" else b"")
        + path
        + b"\0"
        for status, old, path, _ in changes
    )
    numbers = b"".join(
        f"{added}\t{deleted}\t".encode() + (b"\0" + old + b"\0" if status == "R" else b"") + path + b"\0"
        for status, old, path, (added, deleted) in changes
    )
    return header + (b"\n" + raw + numbers if changes else b"")


def number(digits: str) -> int | None:
    return None if digits == "-" else int(digits)


@given(st.lists(_commits, max_size=4), st.lists(st.integers(0, 2000), max_size=8))
def test_whatever_people_write_is_never_taken_for_structure(commits, cuts):
    output = b"".join(printed(*commit) for commit in commits)
    places = sorted({0, len(output), *(min(cut, len(output)) for cut in cuts)})
    chunks = [output[start:end] for start, end in pairwise(places)]

    read = list(parse_log("lib", chunks, no_commit))

    assert [commit.files for commit in read] == [
        [
            FileChange(
                read_path(path),
                read_path(old) if status == "R" else None,
                status,
                number(added),
                number(deleted),
            )
            for status, old, path, (added, deleted) in changes
        ]
        for _, changes in commits
    ]
    for commit, (message, _) in zip(read, commits, strict=True):
        try:
            assert commit.message == message.decode()
        except UnicodeDecodeError:
            assert commit.message == message.decode("latin-1")


_ONE = printed(b"message\n", [("M", b"", b"a", ("1", "2")), ("R", b"old", b"new", ("3", "4"))])


_HEADER = _ONE.index(b"\0") + 1


@pytest.mark.parametrize("length", [length for length in range(1, len(_ONE)) if length != _HEADER])
def test_output_that_is_cut_off_is_never_read_as_a_commit_with_fewer_changes(length):
    with pytest.raises(SourceCorrupt, match=r"^lib: git log printed something unexpected"):
        list(parse_log("lib", [_ONE[:length]], no_commit))


@pytest.mark.parametrize(
    "output",
    [
        b"garbage\0",
        b"\0",
        b"\x01" + b"\n" * 9 + b"\0",
        _ONE.replace(b"1\t2\ta", b"1\t2\tb"),
        _ONE.replace(b"\t\0old\0new\0", b"\t\0new\0old\0"),
        _ONE.replace(b"1\t2\ta", b"x\t2\ta"),
        _ONE.replace(b" M\0", b" X\0"),
        _ONE + b"\0",
    ],
)
def test_output_of_another_form_raises(output):
    with pytest.raises(SourceCorrupt, match=r"^lib: git log printed something unexpected .*; report it with"):
        list(parse_log("lib", [output], no_commit))


def test_memory_does_not_grow_with_the_history():
    one = printed(b"message\n" * 50, [("M", b"", b"path/%d" % n, ("1", "2")) for n in range(100)])

    def peak(count):
        tracemalloc.start()
        for _ in parse_log("lib", (one for _ in range(count)), no_commit):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(5)

    assert peak(200) < 1.2 * peak(20)
