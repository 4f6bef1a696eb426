"""Files and folders of a mirror, one after the other."""

from itertools import pairwise

import pytest

from boost_pipeline.errors import SourceCorrupt
from boost_pipeline.sources.git import GitObject, TreeEntry
from boost_pipeline_tests.sources.git.origin import EMPTY_TREE, git


@pytest.fixture
def sha(origin):
    return origin.commit(
        {
            b"README": b"hello\n",
            b"empty": b"",
            b"libs/x": ("160000", "1" * 40),
            b"meta/libraries.json": b"{}\n",
            b"nul": b"a\0b\n\n",
            b"run": ("100755", origin.blob(b"x")),
            b"to": ("120000", origin.blob(b"README")),
        }
    )


@pytest.fixture
def objects(mirrored, sha):
    with mirrored().objects() as objects:
        yield objects


def test_a_file_is_found_by_its_path_and_by_its_id(objects, sha):
    found = objects.get(f"{sha}:README")

    assert found == GitObject(found.sha, "blob", b"hello\n")
    assert objects.get(found.sha) == found


@pytest.mark.parametrize(
    ("path", "data"),
    [("empty", b""), ("nul", b"a\0b\n\n"), ("meta/libraries.json", b"{}\n"), ("to", b"README"), ("run", b"x")],
)
def test_content_comes_as_it_is(objects, sha, path, data):
    assert objects.get(f"{sha}:{path}").data == data


def test_commits_and_trees_are_objects_too(objects, sha):
    commit = objects.get(sha)

    assert (commit.sha, commit.kind) == (sha, "commit")
    assert b"Ann Author" in commit.data
    assert objects.get(f"{sha}:meta").kind == "tree"


@pytest.mark.parametrize(
    "name",
    [
        "{}:nothing",
        "{}:README/below",
        "{}:nothing/below",
        "{}:meta/nothing",
        "{}:libs/x",
        "{}:libs/x/below",
        "{}:./README",
        "{}:../README",
        "{}:/README",
        "{}:meta//libraries.json",
        "{}:\ud800",
        "1" * 40,
        "1" * 40 + ":README",
        "no-such-ref",
        "",
        "-x",
        "{} x",
    ],
)
def test_what_is_not_there_is_none_and_the_next_question_is_answered(objects, sha, name):
    assert objects.get(name.format(sha)) is None
    assert objects.get(f"{sha}:README").data == b"hello\n"


def test_an_abbreviation_that_could_be_several_objects_is_none(mirrored, origin):
    origin.commit({b"%d" % number: b"%d" % number for number in range(3)})
    mirror = mirrored()
    git(mirror.path, "fast-import", "--quiet", stdin=b"".join(b"blob\ndata 3\n%03d\n" % n for n in range(1000)))
    listed = git(mirror.path, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").splitlines()
    ambiguous = next(sha[:4] for sha, following in pairwise(sorted(listed)) if sha[:4] == following[:4])

    with mirror.objects() as objects:
        assert objects.get(ambiguous) is None
        assert objects.get(listed[0]).sha == listed[0]


@pytest.mark.parametrize("name", ["{}:a\nb", "{}\n{}", "{}:a\0b"])
def test_a_name_with_a_line_break_is_refused_and_the_next_question_is_answered(objects, sha, name):
    with pytest.raises(SourceCorrupt, match=r"^lib: git cannot be asked for"):
        objects.get(name.format(sha, sha))

    assert objects.get(f"{sha}:README").data == b"hello\n"


def test_an_object_past_the_limit_is_not_read_and_the_next_question_is_answered(mirrored, origin):
    sha = origin.commit({b"big": b"x" * 3_000_000, b"small": b"y"})
    with mirrored().objects() as objects:
        with pytest.raises(SourceCorrupt, match=r"has 3000000 bytes, more than the 2999999 that are read"):
            objects.get(f"{sha}:big", limit=2_999_999)

        assert len(objects.get(f"{sha}:big", limit=3_000_000).data) == 3_000_000
        assert objects.get(f"{sha}:small").data == b"y"


def test_a_tree_lists_its_entries_as_git_does(mirrored, objects, sha):
    entries = objects.tree(sha)

    printed = git(mirrored().path, "ls-tree", sha).splitlines()
    assert [f"{mode} {sha}\t{name.decode()}" for mode, name, sha in entries] == [
        line.replace(" blob", "").replace(" tree", "").replace(" commit", "") for line in printed
    ]
    assert TreeEntry("160000", b"x", "1" * 40) in objects.tree(f"{sha}:libs")


def test_a_tree_is_found_by_its_own_id_and_may_be_empty(mirrored, origin):
    sha = origin.commit(None)
    with mirrored().objects() as objects:
        assert objects.tree(EMPTY_TREE) == objects.tree(sha) == objects.tree(f"{sha}:") == []


def test_names_in_a_tree_may_hold_any_byte(mirrored, origin):
    names = [b"\n", b"\t\xff", b" ", b'"']
    sha = origin.commit(dict.fromkeys(names, b""))
    with mirrored().objects() as objects:
        assert sorted(entry.name for entry in objects.tree(sha)) == sorted(names)


@pytest.mark.parametrize("name", ["1" * 40, "{}:README", "{}:nothing", "{}:libs/x"])
def test_what_is_no_tree_is_no_empty_tree(objects, sha, name):
    with pytest.raises(SourceCorrupt, match=r"^lib: no tree '"):
        objects.tree(name.format(sha))


def test_a_tree_of_another_form_is_damaged(mirrored, origin):
    origin.commit()
    mirror = mirrored()
    tree = git(mirror.path, "hash-object", "-t", "tree", "--literally", "-w", "--stdin", stdin=b"100644 cut\0short")
    with mirror.objects() as objects, pytest.raises(SourceCorrupt, match=r"lib: the mirror is damaged"):
        objects.tree(tree)


class TestDamage:
    """A file that cannot be read must not look like a file that is not there."""

    @pytest.fixture
    def loose(self, mirrored, sha):
        mirror = mirrored()
        packs = [path.read_bytes() for path in mirror.path.glob("objects/pack/*.pack")]
        for path in mirror.path.glob("objects/pack/*"):
            path.unlink()
        for pack in packs:
            git(mirror.path, "unpack-objects", "-q", stdin=pack)

        def loose(name):
            found = git(mirror.path, "rev-parse", name)
            return mirror.path / "objects" / found[:2] / found[2:]

        return loose

    @pytest.mark.parametrize("lost", ["{}^{{tree}}", "{}:meta", "{}:meta/libraries.json"])
    @pytest.mark.parametrize("how", ["lost", "empty", "garbage"])
    def test_a_damaged_object_on_the_way_raises(self, mirrored, sha, loose, lost, how):
        mirror = mirrored()
        path = loose(lost.format(sha))
        content = path.read_bytes()
        path.unlink()
        if how != "lost":
            path.write_bytes(b"" if how == "empty" else bytes(byte ^ 0x55 for byte in content))

        with mirror.objects() as objects, pytest.raises(SourceCorrupt, match=r"^lib: the mirror is damaged"):
            objects.get(f"{sha}:meta/libraries.json")

    def test_a_file_beside_a_damaged_folder_is_read(self, mirrored, sha, loose):
        mirror = mirrored()
        loose(f"{sha}:meta").unlink()

        with mirror.objects() as objects:
            assert objects.get(f"{sha}:README").data == b"hello\n"
            assert objects.get(f"{sha}:nothing") is None


def test_no_git_is_left_behind(mirrored, sha):
    mirror = mirrored()
    with mirror.objects() as objects:
        objects.get(sha)
        assert len(mirror._git._children._running) == 1
    with mirror.objects():
        pass

    assert mirror._git._children._running == set()


def test_many_objects_come_in_the_order_of_the_question_more_than_a_pipe_holds(mirrored, origin, tmp_path):
    files = {b"%04d.txt" % number: b"%d " % number * (number % 700) for number in range(3000)}
    for name, content in files.items():
        (tmp_path / name.decode()).write_bytes(content)
    paths = b"".join(b"%s/%s\n" % (bytes(tmp_path), name) for name in files)
    blobs = origin.git("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=paths).splitlines()
    commit = origin.commit({name: ("100644", blob) for name, blob in zip(files, blobs, strict=True)})
    with mirrored().objects() as objects:
        shas = [entry.sha for entry in objects.tree(commit) if entry.mode == "100644"]
        found = list(objects.get_many(shas))

        assert [sha for sha, _ in found] == shas
        assert [blob.data for _, blob in found] == [files[b"%04d.txt" % number] for number in range(3000)]
        assert objects.get(shas[0]).sha == shas[0]


def test_of_many_objects_a_missing_one_is_none_and_a_large_one_is_cut(mirrored, origin):
    commit = origin.commit({b"big": b"x" * 1000, b"small": b"y"})
    with mirrored().objects() as objects:
        big, small = (entry.sha for entry in objects.tree(commit))

        found = dict(objects.get_many([big, "1" * 40, small], limit=999))

    assert found == {
        big: GitObject(big, "blob", b"x" * 999),
        "1" * 40: None,
        small: GitObject(small, "blob", b"y"),
    }
