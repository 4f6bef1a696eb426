"""The asset boost/headers: the files of each release, compared with what plain git lists."""

import pytest

from boost_pipeline.sample.organisation import new_commits, release
from boost_pipeline_tests.collectors import graph_oracle
from boost_pipeline_tests.collectors.conftest import events

BY_RELEASE = ("boost/releases", "boost/libraries", "boost/headers")
TABLES = ("source_folders", "release_folders", "blob_includes", "source_gaps", "cursors")


@pytest.fixture
def read(platform):
    """A platform of the test's own that has read all releases."""
    assert platform.materialize(*BY_RELEASE).success
    return platform


def everything(platform):
    return {table: sorted(platform.rows(f"SELECT t::text, t.xmin::text FROM {table} t")) for table in TABLES}


def metadata(result):
    return events(result, "boost/headers")[-1].metadata


def test_the_files_of_every_release_are_those_that_git_lists(collected):
    stored = {}
    for tag, *file in collected.rows(
        "SELECT r.tag, m.name, f.path, f.kind, f.blob_sha FROM source_files f JOIN releases r ON r.id = f.release_id "
        "JOIN modules m ON m.id = f.module_id WHERE r.kind = 'stable'"
    ):
        module, path, *rest = file
        stored.setdefault(tag, {})[module, path] = tuple(rest)

    folder = collected.sample.folder
    assert stored == {told.tag: graph_oracle.files(folder, told.modules) for told in collected.sample.truth.stable}


def test_a_header_is_included_by_its_path_below_include_and_no_other_file_is(collected):
    assert collected.rows(
        "SELECT count(*) FROM source_files "
        "WHERE include_path IS DISTINCT FROM CASE WHEN kind = 'header' THEN substr(path, 9) END"
    ) == [(0,)]


def test_each_distinct_file_is_scanned_once_for_all_releases(platform):
    first = platform.materialize(*BY_RELEASE)
    again = platform.materialize("boost/headers", config={"boost/headers": {"all_versions": True}})

    distinct = platform.rows("SELECT count(DISTINCT blob_sha) FROM source_files")[0][0]
    assert metadata(first)["files scanned"].value == distinct == platform.count("blob_includes")
    assert metadata(again)["files scanned"].value == 0


def test_a_second_run_writes_nothing(read):
    before = everything(read)

    assert read.materialize(*BY_RELEASE).success
    assert everything(read) == before


def test_reading_all_again_writes_nothing(read):
    before = everything(read)

    assert read.materialize("boost/headers", config={"boost/headers": {"all_versions": True}}).success
    assert everything(read) == before


def test_a_head_that_moved_is_read_again_alone(read):
    new_commits(read.sample, "config")

    result = read.materialize(*BY_RELEASE)

    assert metadata(result)["releases read"].value == 1
    pinned = read.rows(
        "SELECT c.position ->> 'commit' = r.commit_sha FROM cursors c JOIN releases r ON r.tag = c.unit "
        "WHERE c.asset = 'boost/headers' AND r.tag = 'develop'"
    )
    assert pinned == [(True,)]


def test_a_pinned_commit_that_no_mirror_has_is_a_gap_and_spares_the_rest(platform):
    """The newest release pins a commit of config that never was."""
    happened = release(platform.sample, "boost-1.73.0")
    told = happened.sample.truth.stable[-1]
    config = next(module for module in told.modules if module.name == "config")
    boost = platform.sample.folder / "boost.git"
    tree = graph_oracle.git(boost, "ls-tree", told.commit).decode().splitlines()
    libs = next(line.split()[2] for line in tree if line.endswith("\tlibs"))
    entries = graph_oracle.git(boost, "ls-tree", libs).decode().replace(config.commit, "1" * 40)
    make = ["git", "--git-dir", str(boost), "mktree", "--missing"]
    libs_now = graph_oracle.subprocess.run(make, input=entries.encode(), capture_output=True, check=True).stdout
    root = "\n".join(tree).replace(libs, libs_now.decode().strip()) + "\n"
    tree_now = graph_oracle.subprocess.run(make, input=root.encode(), capture_output=True, check=True).stdout
    identity = ["-c", "user.name=x", "-c", "user.email=x@x"]
    commit = graph_oracle.git(boost, *identity, "commit-tree", tree_now.decode().strip(), "-m", "lost").decode()
    graph_oracle.git(boost, "tag", "-f", "boost-1.73.0", commit.strip())

    assert platform.materialize(*BY_RELEASE, "boost/dependencies").success

    gaps = platform.rows(
        "SELECT r.tag, m.name, g.kind FROM source_gaps g JOIN releases r ON r.id = g.release_id "
        "JOIN modules m ON m.id = g.module_id"
    )
    assert gaps == [("boost-1.73.0", "config", "missing_commit")]
    others = platform.rows(
        "SELECT count(DISTINCT module_id) FROM source_files f JOIN releases r ON r.id = f.release_id "
        "WHERE r.tag = 'boost-1.73.0'"
    )[0][0]
    whole = {module for module, _ in graph_oracle.files(platform.sample.folder, told.modules)}
    assert others == len(whole) - 1
    removed = platform.rows(
        "SELECT count(*) FROM dependency_changes c JOIN releases r ON r.id = c.release_id "
        "WHERE r.tag = 'boost-1.73.0' AND c.change = 'removed'"
    )
    assert removed == [(0,)], "what cannot be seen has not been removed"


def test_a_release_that_is_not_whole_says_so_and_gives_no_number_that_hangs_on_what_was_not_read(platform):
    """Without its repository config is read in no release; half of Boost needs it."""
    (platform.sample.folder / "config.git").rename(platform.sample.folder / "config.aside")
    platform.materialize(*BY_RELEASE)

    assert platform.rows("SELECT DISTINCT unread_modules, is_whole FROM release_states WHERE tag = 'boost-1.71.0'") == [
        (["config"], False)
    ]
    assert platform.rows("SELECT tag, unread FROM partial_releases WHERE tag = 'boost-1.71.0'") == [("boost-1.71.0", 1)]
    told = platform.rows(
        "SELECT highest_level, cycles, dependencies, modules_unread FROM release_summaries WHERE tag = 'boost-1.71.0'"
    )
    assert told == [(None, None, None, 1)]
    levels = dict(
        platform.rows(
            "SELECT m.name, g.level FROM known_graph g JOIN modules m ON m.id = g.module_id "
            "JOIN releases r ON r.id = g.release_id WHERE r.tag = 'boost-1.71.0'"
        )
    )
    assert levels["smart_ptr"] is None, "it includes boost/config.hpp"
    assert platform.rows(
        "SELECT DISTINCT o.name FROM unknown_includes u LEFT JOIN modules o ON o.id = u.unread_module_id "
        "WHERE u.target = 'boost/config.hpp'"
    ) == [("config",)]


def test_the_newest_release_is_the_newest_that_was_read_whole(platform):
    platform.materialize(*BY_RELEASE)
    with platform.warehouse.transaction() as transaction:
        transaction.execute(
            """
            INSERT INTO source_gaps SELECT r.id, m.id, 'missing_commit', 'planted' FROM releases r, modules m
            WHERE r.tag = 'boost-1.71.0' AND m.name = 'config'
            """
        )

    assert platform.rows("SELECT tag FROM newest_release") == [("boost-1.70.0",)]
    assert platform.rows("SELECT tag FROM partial_releases WHERE is_newer") == [("boost-1.71.0",)]


def test_a_repository_that_is_gone_turns_the_run_red_spares_the_others_and_is_tried_again(platform):
    aside = platform.sample.folder / "config.aside"
    (platform.sample.folder / "config.git").rename(aside)

    platform.materialize(*BY_RELEASE[:2])
    result = platform.materialize("boost/headers")

    assert not result.success
    assert platform.rows("SELECT DISTINCT kind FROM source_gaps") == [("missing_repository",)]
    assert platform.count("source_files") > 0
    aside.rename(platform.sample.folder / "config.git")
    assert platform.materialize(*BY_RELEASE).success
    assert platform.count("source_gaps") == 0
    assert platform.rows(
        "SELECT count(*) > 0 FROM source_files f JOIN modules m ON m.id = f.module_id WHERE m.name = 'config'"
    ) == [(True,)]
