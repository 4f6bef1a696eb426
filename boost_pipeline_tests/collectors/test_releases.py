"""The asset boost/releases: the tags of the superproject."""

from datetime import date

from boost_pipeline.sample.organisation import new_commits, release
from boost_pipeline_tests.sample.conftest import git_of


def test_every_tag_is_a_row_with_its_kind_commit_and_dates(platform):
    assert platform.materialize("boost/releases").success

    expected = {
        (told.tag, told.kind, told.commit, told.committed_at, told.tagged_at) for told in platform.sample.truth.releases
    }
    stored = platform.rows("SELECT tag, kind, commit_sha, committed_at, tagged_at FROM releases WHERE kind <> 'head'")
    assert set(stored) == expected


def test_the_heads_of_the_superproject_are_releases_that_move(platform):
    platform.materialize("boost/releases")
    before = dict(platform.rows("SELECT tag, commit_sha FROM releases WHERE kind = 'head'"))
    new_commits(platform.sample, "config")

    platform.materialize("boost/releases")

    heads = platform.rows(
        "SELECT r.tag, r.commit_sha, r.released_on, p.tag FROM releases r JOIN releases p ON p.id = r.previous_id "
        "WHERE r.kind = 'head' ORDER BY r.tag"
    )
    newest = platform.sample.truth.stable[-1].tag
    assert [(tag, released_on, previous) for tag, _, released_on, previous in heads] == [
        ("develop", None, newest),
        ("master", None, newest),
    ]
    git = git_of(platform.sample)
    for tag, commit_sha, *_ in heads:
        assert commit_sha == git("boost", "rev-parse", f"refs/heads/{tag}").strip()
    assert before.keys() == {"develop", "master"}
    assert before["develop"] != heads[0][1]


def test_a_branch_comes_before_a_tag_that_is_called_like_it(platform):
    git = git_of(platform.sample)
    git("boost", "tag", "develop", "boost-1.70.0")

    platform.materialize("boost/releases")

    assert platform.rows("SELECT kind, commit_sha FROM releases WHERE tag = 'develop'") == [
        ("head", git("boost", "rev-parse", "refs/heads/develop").strip())
    ]


def test_the_previous_release_is_the_stable_one_before_it_in_version_order(platform):
    platform.materialize("boost/releases")

    stable = [told.tag for told in platform.sample.truth.stable]
    previous = dict(platform.rows("SELECT r.tag, p.tag FROM releases r LEFT JOIN releases p ON p.id = r.previous_id"))
    assert [previous[tag] for tag in stable] == [None, *stable[:-1]]


def test_each_stable_release_and_head_is_a_partition_and_betas_are_none(platform):
    platform.materialize("boost/releases")

    partitions = platform.instance.get_dynamic_partitions("boost_releases")
    assert sorted(partitions) == sorted([*(told.tag for told in platform.sample.truth.stable), "develop", "master"])


def test_a_release_has_the_day_on_which_it_came_out_and_the_source_of_it(platform):
    platform.materialize("boost/releases")

    rows = platform.rows(
        "SELECT tag, released_on, released_on_source FROM releases WHERE released_on IS NOT NULL ORDER BY tag"
    )
    assert rows == [
        ("boost-1.52.0", date(2012, 11, 5), "history"),
        ("boost-1.53.0", date(2013, 2, 4), "history"),
        ("boost-1.61.0", date(2016, 5, 12), "history"),
        ("boost-1.69.0", date(2018, 12, 12), "history"),
        ("boost-1.70.0", date(2019, 4, 12), "website"),
        ("boost-1.71.0", date(2019, 8, 19), "website"),
    ]


def test_a_release_whose_day_no_source_knows_counts_by_the_day_of_its_tag(platform):
    platform.materialize("boost/releases")

    assert platform.rows("SELECT released_on, tagged_on, day FROM dated_releases WHERE tag = 'boost-1.70.0.beta1'") == [
        (None, date(2019, 3, 7), date(2019, 3, 7))
    ]


def test_a_deleted_tag_keeps_its_row_and_counts_no_more_until_it_is_back(platform):
    platform.materialize("boost/releases")
    git = git_of(platform.sample)
    commit = git("boost", "rev-parse", "boost-1.70.0^{commit}").strip()
    git("boost", "tag", "-d", "boost-1.70.0")

    platform.materialize("boost/releases")

    assert platform.rows("SELECT commit_sha, is_release FROM dated_releases WHERE tag = 'boost-1.70.0'") == [
        (commit, False)
    ]
    assert platform.rows("SELECT tag, what FROM changed_tags") == [("boost-1.70.0", "was deleted at the host")]
    assert "boost-1.70.0" not in [tag for (tag,) in platform.rows("SELECT tag FROM stable_releases")]
    assert platform.rows(
        "SELECT p.tag FROM releases r JOIN releases p ON p.id = r.previous_id WHERE r.tag = 'boost-1.71.0'"
    ) == [("boost-1.69.0",)]

    git("boost", "tag", "boost-1.70.0", commit)
    platform.materialize("boost/releases")

    assert platform.rows("SELECT * FROM changed_tags") == []


def test_a_tag_that_moved_says_from_where(platform):
    platform.materialize("boost/releases")
    git = git_of(platform.sample)
    before, after = (git("boost", "rev-parse", f"{tag}^{{commit}}").strip() for tag in ("boost-1.70.0", "boost-1.71.0"))
    git("boost", "tag", "-f", "boost-1.70.0", after)

    platform.materialize("boost/releases")

    assert platform.rows("SELECT tag, what FROM changed_tags") == [
        ("boost-1.70.0", f"moved from {before[:10]} to {after[:10]}")
    ]


def test_a_new_tag_is_added_on_the_next_run_and_only_heads_change_beside_it(platform):
    platform.materialize("boost/releases")
    before = set(platform.rows("SELECT tag, id, commit_sha FROM releases"))
    release(platform.sample, "boost-1.73.0")

    platform.materialize("boost/releases")

    new = set(platform.rows("SELECT tag, id, commit_sha FROM releases")) - before
    assert sorted(tag for tag, _, _ in new) == ["boost-1.73.0", "develop", "master"]
    assert "boost-1.73.0" in platform.instance.get_dynamic_partitions("boost_releases")


def test_a_superproject_that_is_not_there_fails_and_keeps_what_is_stored(platform):
    platform.materialize("boost/releases")
    before = platform.count("releases")
    (platform.sample.folder / "boost.git").rename(platform.sample.folder / "gone.git")

    assert not platform.materialize("boost/releases").success
    assert platform.count("releases") == before
