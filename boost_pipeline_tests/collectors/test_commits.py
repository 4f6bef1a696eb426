"""The assets code/repositories and code/commits, compared with what the sample's script says."""

from boost_pipeline.sample.organisation import force_push, new_commits, release

TABLES = ("repositories", "commits", "commit_files", "commit_trailers", "refs", "cursors", "failures")


def versions(platform):
    """All rows with their versions: any write shows, even one of equal values."""
    return {table: sorted(platform.rows(f"SELECT t.xmin::text, t::text FROM {table} t")) for table in TABLES}


def stored(platform, columns):
    return set(platform.rows(f"SELECT p.name, {columns} FROM commits c JOIN repositories p ON p.id = c.repository_id"))


def test_the_repositories_are_those_that_the_superproject_names_and_itself(collected):
    assert collected.rows("SELECT name FROM repositories ORDER BY name") == [
        (name,) for name in collected.sample.truth.repositories
    ]


def test_each_repository_has_its_kind_and_default_branch(collected):
    found = {
        name: (kind, branch)
        for name, kind, branch in collected.rows("SELECT name, kind, default_branch FROM repositories")
    }

    assert {name: branch for name, (_, branch) in found.items()} == dict(collected.sample.truth.default_branches)
    assert found["boost"][0] == "superproject"
    assert {kind for kind, _ in found.values()} == {"superproject", "boost", "tool"}


def test_every_commit_of_every_branch_and_tag_is_stored(collected):
    assert stored(collected, "c.sha") == {
        (name, sha) for name, commits in collected.sample.truth.commits.items() for sha in commits
    }


def test_people_dates_and_parents_are_those_of_the_commit(collected):
    columns = "c.sha, c.author_name, c.author_email, c.authored_at, c.committer_name, c.committed_at, c.parents::text"

    assert stored(collected, columns) == {
        (
            name,
            sha,
            commit.author.name,
            commit.author.email,
            commit.author.at,
            commit.committer.name,
            commit.committer.at,
            "{" + ",".join(commit.parents) + "}",
        )
        for name, commits in collected.sample.truth.commits.items()
        for sha, commit in commits.items()
    }


def test_a_commit_landed_when_the_default_branch_got_it(collected):
    assert stored(collected, "c.sha, c.landed_at, c.on_default_branch") == {
        (name, sha, collected.sample.truth.landed_at[name].get(sha), sha in collected.sample.truth.landed_at[name])
        for name, commits in collected.sample.truth.commits.items()
        for sha in commits
    }


def test_a_commit_belongs_to_the_first_stable_release_that_contains_it(collected):
    assert stored(collected, "c.sha, (SELECT tag FROM releases r WHERE r.id = c.first_release_id)") == {
        (name, sha, tag) for name, first in collected.sample.truth.first_release.items() for sha, tag in first.items()
    }


def test_the_refs_are_those_of_the_repository(collected):
    assert set(
        collected.rows("SELECT p.name, r.name, r.sha FROM refs r JOIN repositories p ON p.id = r.repository_id")
    ) == {(name, ref, sha) for name, refs in collected.sample.truth.refs.items() for ref, sha in refs.items()}


def test_a_second_run_with_nothing_new_writes_no_row(collected_copy):
    before = versions(collected_copy)

    assert collected_copy.materialize("code/repositories", "code/commits").success
    assert versions(collected_copy) == before


def test_releases_that_are_read_after_the_commits_place_them_all_the_same(platform):
    platform.materialize("code/repositories", "code/commits")
    platform.materialize()

    test_a_commit_belongs_to_the_first_stable_release_that_contains_it(platform)
    test_a_commit_landed_when_the_default_branch_got_it(platform)


def test_a_normal_day_adds_its_commits_and_no_other_row_of_the_repository(collected_copy):
    before = set(collected_copy.rows("SELECT id, sha FROM commits"))
    event = new_commits(collected_copy.sample, "config", 3)
    collected_copy.sample = event.sample

    assert collected_copy.materialize("code/repositories", "code/commits").success

    new = {sha for _, sha in set(collected_copy.rows("SELECT id, sha FROM commits")) - before}
    assert new == {sha for shas in event.new.values() for sha in shas}
    test_a_commit_landed_when_the_default_branch_got_it(collected_copy)


def test_a_library_that_did_not_move_is_not_asked(platform):
    assert platform.materialize().success
    platform.sample = new_commits(platform.sample, "config", 1).sample
    (platform.sample.folder / "geometry.git").rename(platform.sample.folder / "geometry.aside")

    assert platform.materialize("code/repositories", "code/commits").success


def test_commits_that_a_force_push_removed_stay_and_are_marked_unreachable(collected_copy):
    event = force_push(collected_copy.sample)
    collected_copy.sample = event.sample

    # The superproject does not tell of a branch that it does not pin: the full sweep sees it.
    collected_copy.settings = collected_copy.settings.model_copy(update={"git_sweep_days": 0})
    assert collected_copy.materialize("code/repositories", "code/commits").success

    unreachable = stored_unreachable(collected_copy)
    assert unreachable == {(name, sha) for name, shas in event.lost.items() for sha in shas}
    assert unreachable
    assert collected_copy.rows("SELECT count(*) FROM refs WHERE name = 'refs/heads/feature/atomic-counts'") == [(0,)]


def test_a_release_gives_commits_that_were_stored_their_first_release(collected_copy):
    collected_copy.sample = release(collected_copy.sample, "boost-1.73.0").sample

    assert collected_copy.materialize().success

    test_a_commit_belongs_to_the_first_stable_release_that_contains_it(collected_copy)


def test_a_corrupt_mirror_is_set_aside_and_the_run_goes_on(collected_copy):
    mirror = collected_copy.mirrors.mirror("config").path
    for pack in (mirror / "objects" / "pack").glob("*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(b"PACK" + bytes(100))
    collected_copy.sample = new_commits(collected_copy.sample, "config", 2).sample

    assert collected_copy.materialize("code/repositories", "code/commits").success

    test_every_commit_of_every_branch_and_tag_is_stored(collected_copy)
    assert list(mirror.parent.glob("config.git.corrupt-*"))


def test_a_repository_that_is_gone_turns_the_run_red_and_spares_its_neighbours(platform):
    (platform.sample.folder / "config.git").rename(platform.sample.folder / "config.aside")

    assert not platform.materialize("code/repositories", "code/commits").success

    assert platform.rows("SELECT asset, unit, category, attempts FROM failures") == [
        ("code/commits", "config", "permission", 1)
    ]
    assert {name for name, _ in stored(platform, "c.sha")} == set(platform.sample.truth.repositories) - {"config"}


def test_only_the_named_library_is_read(collected_copy):
    for name in ("config", "geometry"):
        collected_copy.sample = new_commits(collected_copy.sample, name, 1).sample
    before = collected_copy.count("commits")

    config = {"code/commits": {"libraries": ["config"]}}
    assert collected_copy.materialize("code/commits", config=config).success
    assert collected_copy.count("commits") == before + 1


def test_a_library_that_does_not_exist_is_told_with_the_nearest_name(collected_copy):
    from boost_pipeline_tests.collectors.test_libraries import error_of

    result = collected_copy.materialize("code/commits", config={"code/commits": {"libraries": ["confg"]}})

    assert not result.success
    assert "There is no library 'confg'; did you mean 'config'?" in error_of(result)


def stored_unreachable(platform):
    return set(
        platform.rows(
            "SELECT p.name, c.sha FROM commits c JOIN repositories p ON p.id = c.repository_id WHERE NOT c.is_reachable"
        )
    )


def test_commits_of_a_release_whose_tag_was_deleted_are_those_of_the_next_that_contains_them(collected_copy):
    query = "SELECT c.sha FROM commits c JOIN releases r ON r.id = c.first_release_id WHERE r.tag = %s"
    of_it = set(collected_copy.rows(query, "boost-1.70.0"))
    with collected_copy.warehouse.transaction() as transaction:
        transaction.execute("UPDATE releases SET deleted_at = '2020-01-01' WHERE tag = 'boost-1.70.0'")

    assert collected_copy.materialize("code/commits").success

    assert of_it
    assert collected_copy.rows(query, "boost-1.70.0") == []
    assert of_it <= set(collected_copy.rows(query, "boost-1.71.0"))
