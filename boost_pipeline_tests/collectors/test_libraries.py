"""The asset boost/libraries: what each release holds, compared with what the sample's script says."""

import shutil

import dagster as dg
import pytest

from boost_pipeline.boost.library_keys import canonical_key
from boost_pipeline.sample.organisation import release
from boost_pipeline_tests.collectors.conftest import events

TABLES = (
    "release_modules",
    "libraries",
    "library_versions",
    "library_people",
    "library_categories",
    "metadata_problems",
    "cursors",
)


@pytest.fixture
def read(platform):
    """A platform of the test's own that has read all releases."""
    assert platform.materialize("boost/releases", "boost/libraries").success
    return platform


def everything(platform):
    return {table: sorted(platform.rows(f"SELECT t::text, t.xmin::text FROM {table} t"), key=str) for table in TABLES}


def test_the_modules_of_every_release_are_those_that_it_pins(collected):
    stored = set(
        collected.rows(
            """
            SELECT r.tag, m.name, x.path, p.name, x.commit_sha FROM release_modules x
            JOIN releases r ON r.id = x.release_id AND r.kind = 'stable' JOIN modules m ON m.id = x.module_id
            JOIN repositories p ON p.id = x.repository_id
            """
        )
    )

    assert stored == {
        (told.tag, module.name, module.path, module.repository, module.commit)
        for told in collected.sample.truth.stable
        for module in told.modules
    }


def test_the_libraries_of_every_release_are_those_of_its_metadata_files(collected):
    stored = set(
        collected.rows(
            """
            SELECT r.tag, v.key, l.key, m.name, v.metadata_path, v.name, v.description FROM library_versions v
            JOIN releases r ON r.id = v.release_id AND r.kind = 'stable' JOIN libraries l ON l.id = v.library_id
            JOIN modules m ON m.id = v.module_id
            """
        )
    )

    assert stored == {
        (
            told.tag,
            library.key,
            canonical_key(library.key),
            library.module,
            library.file,
            library.entry["name"],
            library.entry.get("description"),
        )
        for told in collected.sample.truth.stable
        for library in told.libraries
    }


def test_what_is_wrong_in_the_metadata_is_on_record(collected):
    stored = set(
        collected.rows(
            """
            SELECT r.tag, m.name, p.kind FROM metadata_problems p
            JOIN releases r ON r.id = p.release_id AND r.kind = 'stable' JOIN modules m ON m.id = p.module_id
            """
        )
    )

    stable = {told.tag for told in collected.sample.truth.stable}
    assert stored == {(p.release, p.module, p.kind) for p in collected.sample.truth.problems if p.release in stable}


def test_a_release_before_metadata_has_modules_and_no_libraries(collected):
    counts = collected.rows(
        """
        SELECT count(DISTINCT m.module_id), count(DISTINCT v.id) FROM releases r
        JOIN release_modules m ON m.release_id = r.id LEFT JOIN library_versions v ON v.release_id = r.id
        WHERE r.tag = 'boost-1.53.0'
        """
    )

    assert counts[0][0] > 0
    assert counts[0][1] == 0


def test_a_key_that_moved_stays_one_library_with_its_old_key_as_alias(collected):
    assert collected.rows("SELECT aliases FROM libraries WHERE key = 'container_hash'") == [(["functional/hash"],)]
    assert collected.rows("SELECT key FROM libraries WHERE key = 'functional/hash'") == []


def test_a_library_has_the_name_of_its_newest_release(collected):
    newest = collected.sample.truth.stable[-1]
    expected = {canonical_key(library.key): library.entry["name"] for library in newest.libraries}

    stored = dict(collected.rows("SELECT key, name FROM libraries"))
    assert {key: stored[key] for key in expected} == expected


def test_every_release_read_is_a_materialised_partition(collected):
    done = collected.instance.get_materialized_partitions(dg.AssetKey(["boost", "libraries"]))

    assert done == {told.tag for told in collected.sample.truth.stable} | {"develop", "master"}


def test_a_second_run_writes_nothing(read):
    before = everything(read)

    assert read.materialize("boost/releases", "boost/libraries").success
    assert everything(read) == before


def test_reading_a_release_again_writes_nothing(read):
    before = everything(read)

    result = read.materialize("boost/libraries", config={"boost/libraries": {"all_versions": True}})

    assert result.success
    assert everything(read) == before


def test_a_new_release_alone_is_read_on_the_next_run(read):
    release(read.sample, "boost-1.73.0")

    result = read.materialize("boost/releases", "boost/libraries")

    assert result.success
    materialised = [event.partition for event in events(result, "boost/libraries")]
    assert materialised == ["boost-1.73.0", "develop", "master", None]
    assert read.rows(
        "SELECT count(*) > 0 FROM release_modules JOIN releases r ON r.id = release_id WHERE r.tag = 'boost-1.73.0'"
    ) == [(True,)]


def test_only_the_named_release_is_read(platform):
    platform.materialize("boost/releases")

    platform.materialize("boost/libraries", config={"boost/libraries": {"versions": ["boost-1.70.0"]}})

    assert platform.rows("SELECT DISTINCT r.tag FROM release_modules JOIN releases r ON r.id = release_id") == [
        ("boost-1.70.0",)
    ]


def test_a_partition_can_be_materialised_by_its_key(platform):
    platform.materialize("boost/releases")

    assert platform.materialize("boost/libraries", partition_key="boost-1.69.0").success
    done = platform.instance.get_materialized_partitions(dg.AssetKey(["boost", "libraries"]))
    assert done == {"boost-1.69.0"}


def test_a_range_of_partitions_is_one_run(platform):
    platform.materialize("boost/releases")
    tags = platform.instance.get_dynamic_partitions("boost_releases")

    result = platform.materialize(
        "boost/libraries",
        tags={"dagster/asset_partition_range_start": tags[1], "dagster/asset_partition_range_end": tags[3]},
    )

    assert result.success
    done = platform.instance.get_materialized_partitions(dg.AssetKey(["boost", "libraries"]))
    assert done == set(tags[1:4])


def test_a_release_that_does_not_exist_is_told_by_name(platform):
    platform.materialize("boost/releases")

    result = platform.materialize("boost/libraries", config={"boost/libraries": {"versions": ["boost-1.99.0"]}})

    assert not result.success
    assert "There is no release boost-1.99.0; the newest is boost-1.71.0" in error_of(result)


def test_a_dry_run_reads_nothing_and_names_what_it_would_read(platform, caplog):
    platform.materialize("boost/releases")

    with caplog.at_level("INFO", "boost_pipeline"):
        assert platform.materialize("boost/libraries", config={"boost/libraries": {"dry_run": True}}).success
    assert "boost/libraries: " in caplog.text
    assert "releases would be read: boost-1.52.0, boost-1.53.0" in caplog.text
    assert platform.count("release_modules") == 0
    assert platform.rows("SELECT unit FROM cursors WHERE asset = 'boost/libraries'") == []


def test_the_limit_keeps_the_newest(platform):
    platform.materialize("boost/releases")

    platform.materialize("boost/libraries", config={"boost/libraries": {"limit": 1}})

    newest = platform.sample.truth.stable[-1].tag
    assert platform.rows("SELECT unit FROM cursors WHERE asset = 'boost/libraries'") == [(newest,)]


def test_a_repository_that_is_gone_turns_the_run_red_spares_the_others_and_is_tried_again(platform):
    aside = platform.sample.folder / "config.aside"
    (platform.sample.folder / "config.git").rename(aside)

    result = platform.materialize("boost/releases", "boost/libraries")

    assert not result.success
    assert platform.rows("SELECT asset, unit, category FROM failures ORDER BY asset") == [
        ("boost/headers", "config", "permission"),
        ("boost/libraries", "config", "permission"),
    ]
    assert platform.rows("SELECT count(*) FROM metadata_problems WHERE kind = 'missing_repository'")[0][0] > 0
    assert platform.count("library_versions") > 0
    done = platform.instance.get_materialized_partitions(dg.AssetKey(["boost", "libraries"]))
    assert done == {t.tag for t in platform.sample.truth.stable if "config" not in {m.repository for m in t.modules}}

    shutil.move(aside, platform.sample.folder / "config.git")
    assert platform.materialize("boost/releases", "boost/libraries").success
    assert platform.rows("SELECT DISTINCT resolved_at IS NULL FROM failures") == [(False,)]
    assert platform.rows("SELECT count(*) FROM metadata_problems WHERE kind = 'missing_repository'") == [(0,)]


def test_a_pinned_commit_that_no_repository_holds_is_a_recorded_gap(platform):
    beta = next(told for told in platform.sample.truth.releases if any(not module.is_held for module in told.modules))
    platform.materialize("boost/releases")

    result = platform.materialize("boost/libraries", config={"boost/libraries": {"versions": [beta.tag]}})

    assert result.success
    assert platform.rows(
        "SELECT m.name FROM metadata_problems p JOIN modules m ON m.id = p.module_id WHERE kind = 'missing_commit'"
    ) == [(module.name,) for module in beta.modules if not module.is_held]


def error_of(result):
    """The messages of the failed step, from the outside in."""
    (event,) = [event for event in result.all_events if event.is_step_failure]
    error, messages = event.step_failure_data.error, []
    while error is not None:
        messages.append(error.message)
        error = error.cause
    return " ".join(messages)
