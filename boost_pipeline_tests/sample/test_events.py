"""What happens on later days: new commits, a new release, a rewritten history."""

from __future__ import annotations

import pytest

from boost_pipeline.errors import UnknownName
from boost_pipeline.sample.organisation import Sample, build, force_push, new_commits, release

from .conftest import Git, git_of, run_git

DEVELOP = "refs/heads/develop"


def refs(git: Git, repository: str) -> dict[str, str]:
    lines = git(repository, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return dict(line.split() for line in lines)


def assert_git_agrees(sample: Sample) -> None:
    git = git_of(sample)
    for repository in sample.truth.repositories:
        assert sample.truth.refs[repository] == refs(git, repository)
        assert set(sample.truth.commits[repository]) == set(git(repository, "rev-list", "--all").split())
        assert git(repository, "fsck", "--full", "--strict", "--no-dangling", "--no-progress") == ""


# ---------------------------------------------------------------- a normal day


def test_new_commits_are_on_top_of_develop_and_the_superproject_follows(own_sample):
    before = own_sample.truth

    event = new_commits(own_sample, "ratio", count=4)

    git = git_of(own_sample)
    old, new = before.refs["ratio"][DEVELOP], event.sample.truth.refs["ratio"][DEVELOP]
    assert list(event.new["ratio"]) == git("ratio", "rev-list", "--reverse", f"{old}..{new}").split()
    assert len(event.new["ratio"]) == 4
    assert ["160000", "commit", new, "libs/ratio"] == git("boost", "ls-tree", "develop", "libs/ratio").split()
    assert event.moved == {"boost": (DEVELOP,), "ratio": (DEVELOP,)}
    assert event.lost == event.deleted == {}
    assert_git_agrees(event.sample)


def test_new_commits_are_of_the_day_after(own_sample):
    newest = max(c.committer.at for commits in own_sample.truth.commits.values() for c in commits.values())

    event = new_commits(own_sample, "hana")

    commits = event.sample.truth.commits["hana"]
    assert all(newest < commits[sha].committer.at for sha in event.new["hana"])


def test_new_commits_are_in_no_release(own_sample):
    event = new_commits(own_sample, "config")

    first = event.sample.truth.first_release["config"]
    assert {None} == {first[sha] for sha in event.new["config"]}


def test_a_library_that_is_not_there_today_is_named_with_those_that_are(own_sample):
    with pytest.raises(UnknownName, match=r"no library 'signals' today; it has boostdep, config, .*smart_ptr"):
        new_commits(own_sample, "signals")


# ---------------------------------------------------------------- a release


def test_a_release_is_a_new_tag_on_master_that_pins_what_is_new(own_sample):
    event = release(own_sample, "boost-1.72.0")

    git, truth = git_of(own_sample), event.sample.truth
    assert "boost-1.72.0" == truth.stable[-1].tag == truth.releases[-1].tag
    assert truth.releases[-1].commit == git("boost", "rev-parse", "master", "boost-1.72.0").split()[0]
    links = git("boost", "ls-tree", "-r", "boost-1.72.0")
    assert all(f"{module.commit}\t{module.path}\n" in links for module in truth.releases[-1].modules)
    assert_git_agrees(event.sample)


def test_a_release_moves_gitlinks_and_holds_the_commits_since_the_last(own_sample):
    event = release(own_sample, "boost-1.72.0")

    pins = [{m.name: m.commit for m in r.modules} for r in event.sample.truth.stable[-2:]]
    assert {"config", "geometry", "mp11"} <= {name for name, commit in pins[1].items() if commit != pins[0][name]}
    assert pins[0]["headers"] == pins[1]["headers"]
    first = event.sample.truth.first_release["geometry"]
    assert {"boost-1.72.0"} == {first[sha] for sha in event.new["geometry"]}


def test_a_release_tags_every_library_of_it(own_sample):
    event = release(own_sample, "boost-1.72.0")

    tagged = {name for name, moved in event.moved.items() if "refs/tags/boost-1.72.0" in moved}
    assert tagged == {"boost"} | {module.repository for module in event.sample.truth.releases[-1].modules}


def test_a_release_keeps_the_metadata_and_the_earlier_releases(own_sample):
    event = release(own_sample, "boost-1.72.0")

    before, after = own_sample.truth, event.sample.truth
    assert before.releases == after.releases[:-1]
    assert before.release("boost-1.71.0").libraries == after.releases[-1].libraries


@pytest.mark.parametrize("tag", ["boost-1.71.0", "boost-1.9.0", "boost-1.72.0.beta1", "1.72.0", "boost-1.72"])
def test_only_a_later_stable_tag_can_be_released(own_sample, tag):
    with pytest.raises(UnknownName, match=r"name a stable tag later than boost-1\.71\.0"):
        release(own_sample, tag)

    assert_git_agrees(own_sample)


# ---------------------------------------------------------------- a rewritten history


def test_a_force_push_takes_commits_out_of_reach(own_sample):
    before = own_sample.truth.refs["smart_ptr"][DEVELOP]

    event = force_push(own_sample)

    git = git_of(own_sample)
    after = event.sample.truth.refs["smart_ptr"][DEVELOP]
    reached = git("smart_ptr", "rev-list", "--all").split()
    assert before in event.lost["smart_ptr"]
    assert not set(event.lost["smart_ptr"]) & set(reached)
    assert set(event.new["smart_ptr"]) < set(reached)
    assert git("smart_ptr", "merge-base", before, after).strip() not in {before, after}
    assert_git_agrees(event.sample)


def test_a_force_push_deletes_a_branch(own_sample):
    event = force_push(own_sample)

    assert event.deleted == {"smart_ptr": ("refs/heads/feature/atomic-counts",)}
    assert git_of(own_sample)("smart_ptr", "branch", "--list", "feature/*") == ""
    assert own_sample.truth.refs["smart_ptr"]["refs/heads/feature/atomic-counts"] in event.lost["smart_ptr"]


def test_a_force_push_leaves_all_releases_complete(own_sample):
    event = force_push(own_sample)

    assert own_sample.truth.releases == event.sample.truth.releases
    assert {"boost", "smart_ptr"} == event.moved.keys()


def test_a_mirror_that_fetches_with_prune_sees_what_was_lost(own_sample, tmp_path):
    mirror = tmp_path / "mirror.git"
    run_git("clone", "--quiet", "--mirror", f"{own_sample.url}/smart_ptr.git", mirror)

    event = force_push(own_sample)

    run_git("--git-dir", mirror, "fetch", "--quiet", "--prune")
    assert set(event.sample.truth.commits["smart_ptr"]) == set(
        run_git("--git-dir", mirror, "rev-list", "--all").split()
    )


def test_a_lost_commit_can_still_be_fetched_by_its_id(own_sample, tmp_path):
    run_git("init", "--quiet", "--bare", tmp_path / "mirror.git")
    lost = force_push(own_sample).lost["smart_ptr"][-1]

    run_git("--git-dir", tmp_path / "mirror.git", "fetch", "--quiet", f"{own_sample.url}/smart_ptr.git", lost)

    assert run_git("--git-dir", tmp_path / "mirror.git", "cat-file", "-t", lost) == "commit\n"


# ---------------------------------------------------------------- all of them


def test_events_follow_one_another(own_sample):
    first = new_commits(own_sample, "mp11", count=1)
    second = release(first.sample, "boost-1.72.0")
    third = force_push(second.sample)
    fourth = new_commits(third.sample, "smart_ptr")
    fifth = release(fourth.sample, "boost-1.73.0")
    last = force_push(fifth.sample)

    assert [release.tag for release in last.sample.truth.stable[-2:]] == ["boost-1.72.0", "boost-1.73.0"]
    assert_git_agrees(last.sample)


def test_events_are_the_same_everywhere(sample, tmp_path):
    events = []
    for folder in (tmp_path / "one", tmp_path / "other"):
        event = force_push(release(new_commits(build(folder), "core").sample, "boost-1.72.0").sample)
        events.append((event.sample.truth, event.new, event.lost))

    assert events[0] == events[1]


def test_an_event_does_not_touch_the_sample_it_starts_from(sample, own_sample, git):
    before = {name: dict(found) for name, found in sample.truth.refs.items()}

    release(own_sample, "boost-1.72.0")

    assert before == sample.truth.refs == own_sample.truth.refs
    assert before == {name: refs(git, name) for name in sample.truth.repositories}
