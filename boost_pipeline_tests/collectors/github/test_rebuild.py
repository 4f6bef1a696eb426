"""The tables rebuilt from raw pages, with the network off."""

from boost_pipeline.collectors.github.rebuild import rebuild
from boost_pipeline.sample.github.days import advance
from boost_pipeline.sample.github.script import sample_world
from boost_pipeline_tests.collectors.github.conftest import SCOPE
from boost_pipeline_tests.collectors.github.truth import stored


def marked(platform) -> list:
    return [
        sorted(platform.rows(f"SELECT repository_id, number FROM {table} WHERE deleted_at IS NOT NULL"))
        for table in ("issues", "pull_requests", "comments")
    ]


def test_emptied_tables_are_equal_after_a_rebuild_without_a_request(platforms):
    with platforms(sample_world()) as platform:
        platform.collect()
        for day in range(3):
            advance(platform.world, day)
            platform.collect()
        (comment, *_) = platform.world.repository("config").comments
        platform.world.delete_comment("config", comment.id, "janedoe")
        platform.collect()
        before, gone, calls = stored(platform), marked(platform), len(platform.emulator.calls)

        counts = rebuild(platform.warehouse, platform.raw.replay("github/"), SCOPE, empty=True)

        assert stored(platform) == before
        assert marked(platform) == gone
        assert len(platform.emulator.calls) == calls
        assert counts["items"] > 500


def test_rows_whose_pages_are_gone_stay_unless_told_otherwise(collected):
    rebuild(collected.warehouse, [], SCOPE)
    assert collected.value("SELECT count(*) FROM issues") == 2

    rebuild(collected.warehouse, [], SCOPE, empty=True)
    assert collected.value("SELECT count(*) FROM issues") == 0
