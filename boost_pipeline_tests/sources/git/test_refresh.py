"""A refresh brings a mirror to what the host has, with as few questions as can be, and never loses an object."""

import json
import os
import shutil
from datetime import timedelta

import pytest

from boost_pipeline.errors import SourceCorrupt, SourceRefused, SourceUnavailable, SourceUnfit
from boost_pipeline.sources.git import GitMirrors
from boost_pipeline_tests.sources.git.origin import Origin, break_objects, git

DAY = timedelta(days=1)


def heads_and_tags(mirror):
    return {ref.name: ref.sha for ref in mirror.refs()}


def test_a_first_refresh_clones_branches_and_tags_and_no_pull_requests(mirrors, origin):
    first = origin.commit({b"a": b"1"})
    second = origin.commit({b"a": b"2"}, first, branch="master")
    tag = origin.tag("boost-1.0.0", first, annotated=True)
    origin.point("refs/pull/1/head", origin.commit({b"a": b"3"}, branch=None))

    refresh = mirrors.refresh("lib")

    mirror = mirrors.mirror("lib")
    assert (refresh.name, refresh.outcome, refresh.set_aside) == ("lib", "cloned", None)
    assert heads_and_tags(mirror) == {
        "refs/heads/develop": first,
        "refs/heads/master": second,
        "refs/tags/boost-1.0.0": tag,
    }
    assert mirror.path.name == "lib.git"
    assert mirror.exists()


def test_the_default_branch_is_the_one_of_the_host(mirrored, origin):
    sha = origin.commit()
    assert mirrored().default_branch() == "develop"

    origin.point("refs/heads/trunk", sha)
    origin.set_head("trunk")

    assert mirrored().default_branch() == "trunk"


def test_a_repository_without_any_commit_is_cloned_and_has_nothing(mirrored, origin):
    mirror = mirrored()

    assert mirror.refs() == []
    assert mirror.default_branch() is None
    assert list(mirror.log()) == []
    assert list(mirror.history()) == []
    assert mirror.count_commits() == 0


def test_a_refresh_finds_out_that_nothing_changed(mirrors, origin):
    origin.tag("boost-1.0.0", origin.commit(), annotated=True)
    mirrors.refresh("lib")

    assert mirrors.refresh("lib").outcome == "unchanged"


def test_new_commits_branches_and_tags_are_fetched(mirrors, origin):
    first = origin.commit({b"a": b"1"})
    mirrors.refresh("lib")
    second = origin.commit({b"a": b"2"}, first)
    origin.point("refs/heads/feature/x", second)
    origin.tag("boost-1.1.0", second)

    assert mirrors.refresh("lib").outcome == "fetched"

    assert heads_and_tags(mirrors.mirror("lib")) == {
        "refs/heads/develop": second,
        "refs/heads/feature/x": second,
        "refs/tags/boost-1.1.0": second,
    }


def test_a_forced_push_moves_the_branch_and_the_old_commits_stay(mirrors, origin):
    old = origin.commit({b"a": b"old"})
    mirrors.refresh("lib")
    new = origin.commit({b"a": b"new"})
    origin.prune()

    mirrors.refresh("lib")

    mirror = mirrors.mirror("lib")
    assert heads_and_tags(mirror) == {"refs/heads/develop": new}
    assert mirror.missing([old, new]) == set()
    with mirror.objects() as objects:
        assert objects.get(f"{old}:a").data == b"old"


def test_a_deleted_branch_and_a_moved_tag_are_seen_and_their_commits_stay(mirrors, origin):
    first = origin.commit({b"a": b"1"})
    gone = origin.commit({b"a": b"2"}, first, branch="gone")
    origin.tag("boost-1.0.0", gone)
    mirrors.refresh("lib")
    origin.delete("refs/heads/gone")
    origin.tag("boost-1.0.0", first)
    origin.prune()

    mirrors.refresh("lib")

    mirror = mirrors.mirror("lib")
    assert heads_and_tags(mirror) == {"refs/heads/develop": first, "refs/tags/boost-1.0.0": first}
    assert mirror.missing([gone]) == set()


def test_a_branch_may_become_a_folder_of_branches(mirrors, origin):
    sha = origin.commit(branch="topic")
    mirrors.refresh("lib")
    origin.delete("refs/heads/topic")
    origin.point("refs/heads/topic/one", sha)

    mirrors.refresh("lib")

    assert heads_and_tags(mirrors.mirror("lib")) == {"refs/heads/topic/one": sha}


def test_a_garbage_collection_by_hand_prunes_nothing(mirrors, origin):
    old = origin.commit({b"a": b"old"})
    mirrors.refresh("lib")
    origin.commit({b"a": b"new"})
    mirrors.refresh("lib")
    mirror = mirrors.mirror("lib")

    git(mirror.path, "gc", "--quiet")

    assert mirror.missing([old]) == set()


def test_the_housekeeping_of_git_joins_packs_and_prunes_nothing(mirrors, origin):
    shas = [origin.commit({b"a": b"0"})]
    mirrors.refresh("lib")
    mirror = mirrors.mirror("lib")
    git(mirror.path, "config", "gc.autoPackLimit", "3")

    for number in range(1, 6):
        shas.append(origin.commit({b"a": b"%d" % number}))  # each push is a forced one
        mirrors.refresh("lib")

    assert mirror.missing(shas) == set()
    assert mirror.count_commits() == 1
    assert len(list(mirror.path.glob("objects/pack/*.pack"))) <= 4


def test_a_host_that_lists_nothing_is_not_believed(mirrors, origin):
    sha = origin.commit()
    mirrors.refresh("lib")
    origin.delete("refs/heads/develop")

    with pytest.raises(SourceUnfit, match="lib: the host lists neither branch nor tag"):
        mirrors.refresh("lib")

    assert heads_and_tags(mirrors.mirror("lib")) == {"refs/heads/develop": sha}


class TestSkipping:
    def test_the_same_mark_means_that_the_host_is_not_asked(self, mirrors, origin):
        origin.commit()
        mirrors.refresh("lib", mark="m1")
        shutil.rmtree(origin.path)

        assert mirrors.refresh("lib", mark="m1").outcome == "skipped"

    def test_another_mark_means_that_it_is_asked(self, mirrors, origin):
        origin.commit()
        mirrors.refresh("lib", mark="m1")

        assert mirrors.refresh("lib", mark="m2").outcome == "unchanged"
        assert mirrors.refresh("lib", mark="m2").outcome == "skipped"
        assert mirrors.refresh("lib", mark="m1").outcome == "unchanged"

    def test_without_a_condition_the_host_is_always_asked(self, mirrors, origin):
        origin.commit()
        mirrors.refresh("lib", mark="m1")

        assert mirrors.refresh("lib").outcome == "unchanged"

    def test_a_refresh_without_a_mark_keeps_the_last_one(self, mirrors, origin):
        origin.commit()
        mirrors.refresh("lib", mark="m1")
        mirrors.refresh("lib")

        assert mirrors.refresh("lib", mark="m1").outcome == "skipped"

    def test_a_mirror_that_is_young_enough_will_do(self, mirrors, origin):
        origin.commit()
        mirrors.refresh("lib")

        assert mirrors.refresh("lib", max_age=DAY).outcome == "skipped"
        assert mirrors.refresh("lib", max_age=timedelta(0)).outcome == "unchanged"

    def test_the_same_mark_does_not_excuse_an_old_mirror(self, mirrors, origin):
        origin.commit()
        mirrors.refresh("lib", mark="m1")

        assert mirrors.refresh("lib", mark="m1", max_age=DAY).outcome == "skipped"
        assert mirrors.refresh("lib", mark="m1", max_age=timedelta(0)).outcome == "unchanged"

    def test_a_mirror_from_the_future_is_not_young(self, mirrors, origin, folder):
        origin.commit()
        mirrors.refresh("lib")
        note = folder / "lib.git" / "boost-refresh.json"
        note.write_text(json.dumps(json.loads(note.read_text()) | {"at": "2999-01-01T00:00:00+00:00"}))

        assert mirrors.refresh("lib", max_age=DAY).outcome == "unchanged"

    def test_a_wanted_commit_that_is_missing_is_a_reason_to_ask(self, mirrors, origin):
        first = origin.commit({b"a": b"1"})
        mirrors.refresh("lib", mark="m1")
        second = origin.commit({b"a": b"2"}, first)

        assert mirrors.refresh("lib", mark="m1", wanted=[first]).outcome == "skipped"
        assert mirrors.refresh("lib", mark="m1", wanted=[first, second]).outcome == "fetched"

    def test_a_mirror_that_holds_the_wanted_commits_will_do_for_them(self, mirrors, origin):
        sha = origin.commit()
        mirrors.refresh("lib")

        assert mirrors.refresh("lib", wanted=[sha]).outcome == "skipped"

    def test_another_host_is_asked_whatever_the_mark(self, folder, origins, origin, tmp_path):
        origin.commit()
        GitMirrors(folder, f"file://{origins}", attempts=1).refresh("lib", mark="m1")
        origins.rename(tmp_path / "moved")

        moved = GitMirrors(folder, f"file://{tmp_path}/moved", attempts=1)

        assert moved.refresh("lib", mark="m1").outcome == "unchanged"

    @pytest.mark.parametrize("note", [b"", b"{", b"[]", b"null", b'{"url": 1}', b"\xff"])
    def test_a_note_that_cannot_be_read_costs_no_more_than_a_question(self, mirrors, origin, folder, note):
        origin.commit()
        mirrors.refresh("lib", mark="m1")
        (folder / "lib.git" / "boost-refresh.json").write_bytes(note)

        assert mirrors.refresh("lib", mark="m1").outcome == "unchanged"
        assert mirrors.refresh("lib", mark="m1").outcome == "skipped"


class TestPins:
    """Commits that a release pins, though no branch or tag leads to them any more."""

    def test_a_wanted_commit_is_fetched_by_its_id_and_kept(self, mirrors, origin):
        origin.git("config", "uploadpack.allowAnySHA1InWant", "true")
        origin.commit({b"a": b"1"})
        pinned = origin.commit({b"a": b"2"}, branch=None)

        refresh = mirrors.refresh("lib", wanted=[pinned])

        mirror = mirrors.mirror("lib")
        assert refresh.outcome == "cloned"
        assert mirror.missing([pinned]) == set()
        assert [ref.name for ref in mirror.refs()] == ["refs/heads/develop"]
        mirrors.refresh("lib")
        assert git(mirror.path, "rev-parse", f"refs/boost/pins/{pinned}") == pinned

    def test_pins_that_come_when_nothing_else_changed_count_as_fetched(self, mirrors, origin):
        origin.commit({b"a": b"1"})
        mirrors.refresh("lib")
        pinned = origin.commit({b"a": b"2"}, branch=None)

        assert mirrors.refresh("lib", wanted=[pinned]).outcome == "fetched"

    def test_a_commit_that_the_host_lacks_is_a_gap_and_spares_the_others(self, mirrors, origin):
        origin.commit({b"a": b"1"})
        pinned = origin.commit({b"a": b"2"}, branch=None)
        lost = "0123456789" * 4

        mirrors.refresh("lib", wanted=[lost, pinned, "f" * 40])

        assert mirrors.mirror("lib").missing([lost, pinned, "f" * 40]) == {lost, "f" * 40}

    def test_a_host_that_refuses_commits_by_id_leaves_a_gap(self, mirrors, origin, user_config):
        user_config.write_text("[protocol]\n\tversion = 0\n")  # in which hosts refuse what no ref leads to
        origin.commit({b"a": b"1"})
        pinned = origin.commit({b"a": b"2"}, branch=None)

        assert mirrors.refresh("lib", wanted=[pinned]).outcome == "cloned"
        assert mirrors.refresh("lib", wanted=[pinned]).outcome == "unchanged"

        assert mirrors.mirror("lib").missing([pinned]) == {pinned}


class TestDamage:
    @pytest.fixture
    def damaged(self, mirrors, origin):
        """A mirror whose packs are gone."""
        origin.commit({b"a": b"1"})
        mirrors.refresh("lib", mark="m1")
        mirror = mirrors.mirror("lib")
        break_objects(mirror.path)
        return mirror

    def test_a_mirror_without_its_packs_is_set_aside_and_cloned_anew(self, mirrors, damaged):
        refresh = mirrors.refresh("lib")

        assert refresh.outcome == "cloned"
        assert refresh.set_aside.name.startswith("lib.git.corrupt-")
        assert refresh.set_aside.is_dir()
        assert damaged.count_commits() == 1

    def test_a_damaged_mirror_does_not_hide_behind_wanted_commits(self, mirrors, damaged):
        sha = damaged.path.joinpath("packed-refs").read_text().split()[-2]

        assert mirrors.refresh("lib", mark="m1", wanted=[sha]).outcome == "cloned"

        assert damaged.missing([sha]) == set()

    @pytest.mark.parametrize(
        "damage",
        [
            pytest.param(lambda path: shutil.rmtree(path / "objects"), id="no objects"),
            pytest.param(lambda path: (path / "HEAD").write_bytes(b"\0" * 20), id="HEAD of zeros"),
            pytest.param(lambda path: (path / "HEAD").unlink(), id="no HEAD"),
            pytest.param(lambda path: (path / "config").write_bytes(b"[core\n"), id="broken config"),
            pytest.param(lambda path: (path / "refs/heads/broken").write_bytes(b"\0" * 41), id="broken ref"),
            pytest.param(lambda path: (path / "refs/heads/lost").write_text("1" * 40), id="ref to nothing"),
            pytest.param(lambda path: (path / "packed-refs").write_bytes(b"\xff\n"), id="broken packed-refs"),
            pytest.param(lambda path: [shutil.rmtree(path), path.mkdir()], id="empty folder"),
            pytest.param(lambda path: [shutil.rmtree(path), path.write_bytes(b"")], id="a file"),
        ],
    )
    def test_whatever_the_damage_a_refresh_mends_it(self, mirrors, origin, damage):
        sha = origin.commit({b"a": b"1"})
        mirrors.refresh("lib")
        mirror = mirrors.mirror("lib")
        damage(mirror.path)

        refresh = mirrors.refresh("lib")

        assert refresh.outcome == "cloned"
        assert refresh.set_aside.exists()
        assert heads_and_tags(mirror) == {"refs/heads/develop": sha}
        assert mirrors.refresh("lib").outcome == "unchanged"

    def test_a_damaged_mirror_is_kept_as_long_as_the_host_gives_no_other(self, mirrors, damaged, origin):
        shutil.rmtree(origin.path)

        with pytest.raises(SourceRefused):
            mirrors.refresh("lib")

        assert damaged.exists()

    def test_a_damaged_mirror_never_answers_from_a_repository_around_it(self, mirrors, origin, tmp_path):
        origin.commit()
        mirrors.refresh("lib")
        Origin(tmp_path / ".git").commit({b"theirs": b""})
        mirror = mirrors.mirror("lib")
        (mirror.path / "HEAD").unlink()

        with pytest.raises(SourceCorrupt, match="not a git repository"):
            mirror.refs()

    def test_a_caller_may_have_a_damaged_mirror_repaired(self, mirrors, damaged, folder):
        assert mirrors.repair("lib")

        assert damaged.count_commits() == 1
        assert len(list(folder.glob("lib.git.corrupt-*"))) == 1

    def test_a_mirror_that_is_whole_is_not_repaired(self, mirrors, origin, folder):
        origin.commit({b"a": b"1"})
        mirrors.refresh("lib", mark="m1")

        assert not mirrors.repair("lib")

        assert [path.name for path in folder.glob("lib.git*")] == ["lib.git"]
        assert mirrors.refresh("lib", mark="m1").outcome == "skipped"

    def test_damage_that_only_a_file_shows_is_repaired(self, mirrors, origin):
        sha = origin.commit({b"a": os.urandom(5000)})
        mirrors.refresh("lib")
        mirror = mirrors.mirror("lib")
        (pack,) = (mirror.path / "objects" / "pack").glob("*.pack")
        pack.chmod(0o600)
        content = bytearray(pack.read_bytes())
        content[len(content) // 2] ^= 255
        pack.write_bytes(content)

        assert mirrors.repair("lib")

        with mirror.objects() as objects:
            assert len(objects.get(f"{sha}:a").data) == 5000

    def test_a_history_without_its_beginning_that_a_pin_leads_to_is_repaired(self, mirrors, origin, tmp_path):
        first = origin.commit({b"a": b"1"})
        second = origin.commit({b"a": b"2"}, first)
        mirrors.refresh("lib")
        mirror = mirrors.mirror("lib")
        lone = origin.commit({b"a": b"3"}, origin.commit({b"a": b"4"}, second, branch=None), branch=None)
        git(mirror.path, "hash-object", "-t", "commit", "-w", "--stdin", stdin=origin.raw("commit", lone))

        assert mirrors.repair("lib", wanted=[lone])

        assert mirror.missing([lone]) == set()
        assert mirror.count_commits(extra=[lone]) == 4

    def test_a_mirror_that_cannot_be_replaced_stays_where_it_is(self, mirrors, damaged, origin, folder):
        shutil.rmtree(origin.path)

        with pytest.raises(SourceRefused):
            mirrors.repair("lib")

        assert [path.name for path in folder.glob("lib.git*")] == ["lib.git"]

    def test_a_mirror_that_somebody_made_shallow_is_replaced(self, mirrors, origin):
        first = origin.commit({b"a": b"1"})
        second = origin.commit({b"a": b"2"}, first)
        mirrors.refresh("lib")
        (mirrors.mirror("lib").path / "shallow").write_text(f"{second}\n")

        assert mirrors.refresh("lib").outcome == "cloned"
        assert mirrors.mirror("lib").count_commits() == 2

    def test_only_the_newest_two_damaged_mirrors_are_kept(self, mirrors, origin, folder):
        origin.commit({b"a": b"1"})
        asides = []
        for _ in range(4):
            mirrors.refresh("lib")
            break_objects(mirrors.mirror("lib").path)
            asides.append(mirrors.refresh("lib").set_aside)

        assert sorted(folder.glob("*.corrupt-*")) == asides[-2:]


class TestTagsOfTheHost:
    def test_they_are_told_without_a_mirror(self, mirrors, origin, folder):
        sha = origin.commit()
        origin.tag("boost-1.90.0", sha)
        origin.tag("boost-1.61.0", sha, annotated=True)

        assert mirrors.tags("lib") == ["boost-1.61.0", "boost-1.90.0"]
        assert not folder.exists()

    def test_they_are_those_of_now_whatever_the_mirror_holds(self, mirrors, origin):
        sha = origin.commit()
        mirrors.refresh("lib")
        origin.tag("boost-1.91.0", sha)

        assert mirrors.tags("lib") == ["boost-1.91.0"]
        assert [ref.name for ref in mirrors.mirror("lib").refs()] == ["refs/heads/develop"]

    def test_a_host_that_is_gone_does_not_look_like_one_without_tags(self, mirrors, origins):
        with pytest.raises(SourceUnavailable, match="is not there"):
            mirrors.tags("lib")
        origins.mkdir()
        with pytest.raises(SourceRefused):
            mirrors.tags("lib")


class TestNames:
    @pytest.mark.parametrize("name", ["boost", "numeric_conversion", "a.b", "x-1", "_", "9"])
    def test_a_repository_may_be_called(self, mirrors, name, folder):
        assert mirrors.mirror(name).path == folder / f"{name}.git"
        assert not folder.exists()

    @pytest.mark.parametrize("name", ["", ".", "..", ".git", "-x", "a/b", "../a", "a\n", "a b", "ä", "a\0", "a:b"])
    def test_no_repository_is_called(self, mirrors, name):
        with pytest.raises(SourceRefused, match="is no name of a repository"):
            mirrors.mirror(name)
        with pytest.raises(SourceRefused):
            mirrors.refresh(name)
