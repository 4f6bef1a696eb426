"""Branches and tags, and the commits behind them."""

from datetime import UTC, datetime

import pytest

from boost_pipeline.errors import SourceCorrupt
from boost_pipeline.sources.git import Ref


def test_a_branch_names_its_commit(mirrored, origin):
    sha = origin.commit(branch="feature/x")

    assert mirrored().refs() == [Ref("refs/heads/feature/x", "branch", sha, sha, None)]


def test_a_lightweight_tag_names_its_commit_and_has_no_date(mirrored, origin):
    sha = origin.commit(branch=None)
    origin.tag("boost-1.0.0", sha)

    assert mirrored().refs() == [Ref("refs/tags/boost-1.0.0", "tag", sha, sha, None)]


def test_an_annotated_tag_has_an_object_a_commit_and_a_date(mirrored, origin):
    sha = origin.commit(branch=None)
    tag = origin.tag("boost-1.61.0", sha, annotated=True, GIT_COMMITTER_DATE="1462000000 +0530")

    assert mirrored().refs() == [
        Ref("refs/tags/boost-1.61.0", "tag", tag, sha, datetime.fromtimestamp(1462000000, UTC))
    ]


def test_a_tag_of_a_tag_leads_to_the_commit(mirrored, origin):
    sha = origin.commit(branch=None)
    inner = origin.tag("inner", sha, annotated=True)
    middle = origin.tag("middle", inner, annotated=True)
    outer = origin.tag("outer", middle, annotated=True)

    refs = {ref.name: ref for ref in mirrored().refs()}

    assert [refs[f"refs/tags/{name}"].sha for name in ("inner", "middle", "outer")] == [inner, middle, outer]
    assert {ref.commit_sha for ref in refs.values()} == {sha}


def test_a_tag_of_a_tree_or_a_blob_has_no_commit(mirrored, origin):
    blob = origin.blob(b"x")
    tree = origin.tree({b"a": b"1"})
    origin.tag("blob", blob)
    origin.tag("tree", tree)
    tag = origin.tag("tag-of-tree", tree, annotated=True)

    assert [(ref.name, ref.sha, ref.commit_sha) for ref in mirrored().refs()] == [
        ("refs/tags/blob", blob, None),
        ("refs/tags/tag-of-tree", tag, None),
        ("refs/tags/tree", tree, None),
    ]


@pytest.mark.parametrize("date", ["-5 +0000", "99999999999999999999999 +0000", "", "x"])
def test_a_tag_with_a_date_that_git_cannot_read_has_none(mirrored, origin, date):
    sha = origin.commit(branch=None)
    content = f"object {sha}\ntype commit\ntag odd\ntagger T <t@x> {date}\n\nodd\n".encode()
    tag = origin.git("hash-object", "-t", "tag", "--literally", "-w", "--stdin", stdin=content)
    origin.point("refs/tags/odd", tag)

    assert mirrored().refs() == [Ref("refs/tags/odd", "tag", tag, sha, None)]


@pytest.mark.parametrize("name", ["ünïcode", 'quo"te', "c++", "a'b", "semi;colon", "100%", "$(x)", "|", "<>"])
def test_odd_names_are_kept(mirrored, origin, name):
    origin.commit(branch=name)
    origin.set_head(name)

    mirror = mirrored()

    assert [ref.name for ref in mirror.refs()] == [f"refs/heads/{name}"]
    assert mirror.default_branch() == name


def test_a_name_that_is_not_utf_8_is_quoted(mirrors, mirrored, origin):
    origin.commit(branch="caf\udce9")  # as Python passes the byte 0xe9
    origin.set_head("caf\udce9")

    mirror = mirrored()

    assert [ref.name for ref in mirror.refs()] == [r'"refs/heads/caf\351"']
    assert mirrors.refresh("lib").outcome == "unchanged"


def test_what_is_missing_is_told(mirrored, origin):
    sha = origin.commit({b"a": b"1"})
    blob = origin.blob(b"1")

    mirror = mirrored()

    assert mirror.missing([sha, blob, "1" * 40, "1" * 40]) == {"1" * 40}
    assert mirror.missing([]) == set()
    assert mirror.missing(f"{n:040x}" for n in range(10_000)) == {f"{n:040x}" for n in range(10_000)}


@pytest.mark.parametrize("name", ["HEAD", "", "1" * 39, "1" * 40 + "\n" + "2" * 40, "-x", "G" * 40])
def test_only_ids_of_objects_can_be_missing(mirrored, origin, name):
    origin.commit()
    mirror = mirrored()

    with pytest.raises(SourceCorrupt, match="is not the id of a commit"):
        mirror.missing([name])
    with pytest.raises(SourceCorrupt, match="is not the id of a commit"):
        list(mirror.log(exclude=[name]))
