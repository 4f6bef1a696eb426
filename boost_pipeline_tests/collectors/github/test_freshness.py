"""What is asked of GitHub records each look, and each table is known by its own changes."""

from datetime import timedelta

from boost_pipeline_tests.collectors.github.conftest import NOW

TABLES = ("repositories", "issues", "pull_requests", "reviews", "events", "comments", "accounts", "durations")


def times(platform):
    """Return when each asset was checked and changed, and the version of its data."""
    rows = platform.rows("SELECT asset, checked_at, changed_at, version FROM freshness")
    return {asset: tuple(facts) for asset, *facts in rows}


def test_a_look_that_finds_nothing_moves_what_was_checked_and_not_what_changed(platform):
    platform.collect()
    before, units = times(platform), platform.rows("SELECT asset, unit, checked_at FROM looks ORDER BY 1, 2")

    platform.collect()

    after = times(platform)
    assert after.keys() == {f"github/{table}" for table in TABLES}
    for key in after:
        assert after[key][0] > before[key][0], key
        assert after[key][1:] == before[key][1:], key
    moved = platform.rows("SELECT asset, unit, checked_at FROM looks ORDER BY 1, 2")
    assert [row[:2] for row in moved] == [row[:2] for row in units]
    assert all(new[2] > old[2] for new, old in zip(moved, units, strict=True))


def test_a_look_at_a_part_or_a_time_is_no_check(platform):
    platform.collect()
    before = times(platform)

    platform.materialize("github/issues", "github/comments", libraries=["asio"])
    platform.materialize("github/issues", "github/comments", since=(NOW - timedelta(days=900)).isoformat())

    assert times(platform) == before
