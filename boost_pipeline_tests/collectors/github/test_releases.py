"""The asset github/releases: the days on which GitHub published the releases of the superproject."""

from datetime import UTC, date, datetime

import pytest

from boost_pipeline.boost.release_dates import HISTORY, WEBSITE
from boost_pipeline.collectors.github.releases import github_releases, release_days_agree
from boost_pipeline.collectors.github.scope import boost
from boost_pipeline_tests.collectors.github.conftest import GITHUB, errors_of


class Assets:
    """The GitHub assets of the scope, with the list of releases."""

    repositories = GITHUB.repositories

    @staticmethod
    def all() -> list:
        return [*GITHUB.all(), github_releases(lambda settings: boost(settings.git_owner))]


@pytest.fixture
def known(platform):
    """The superproject at GitHub, and a catalogue of three releases and a beta."""
    platform.world.add_repository("boost")
    with platform.warehouse.transaction() as transaction:
        for tag, kind, minor, commit in (
            ("boost-1.69.0", "stable", 69, "a"),
            ("boost-1.70.0", "stable", 70, "b"),
            ("boost-1.92.0.beta1", "beta", 92, "c"),
            ("boost-1.92.0", "stable", 92, "c"),
        ):
            transaction.execute(
                "INSERT INTO releases (tag, kind, major, minor, patch, commit_sha) VALUES (%s, %s, 1, %s, 0, %s)",
                (tag, kind, minor, commit),
            )
    return platform


def publish(platform, tag: str, when: datetime | None, **facts) -> None:
    platform.world.publish_release("boost", tag, None, when, **facts)


def collect(platform):
    result = platform.materialize("github/repositories", "github/releases", assets=Assets)
    assert result.success, errors_of(result)
    return platform.rows("SELECT tag, released_on, released_on_source FROM releases ORDER BY id")


def test_a_release_that_git_and_boost_s_notes_do_not_date_has_the_day_on_which_github_published_it(known):
    publish(known, "boost-1.92.0", datetime(2026, 8, 5, 23, 30, tzinfo=UTC))
    publish(known, "boost-1.92.0.beta1", datetime(2026, 7, 9, tzinfo=UTC), is_prerelease=True)

    assert collect(known) == [
        ("boost-1.69.0", HISTORY["boost-1.69.0"], "history"),
        ("boost-1.70.0", WEBSITE["boost-1.70.0"], "website"),
        ("boost-1.92.0.beta1", date(2026, 7, 9), "github"),
        ("boost-1.92.0", date(2026, 8, 5), "github"),
    ]


def test_github_goes_before_the_web_site_and_behind_boost_s_version_history(known):
    publish(known, "boost-1.69.0", datetime(2018, 12, 24, tzinfo=UTC))
    publish(known, "boost-1.70.0", datetime(2019, 4, 13, tzinfo=UTC))

    assert collect(known)[:2] == [
        ("boost-1.69.0", HISTORY["boost-1.69.0"], "history"),
        ("boost-1.70.0", date(2019, 4, 13), "github"),
    ]


def test_a_draft_dates_nothing_and_a_release_that_is_withdrawn_dates_nothing_any_more(known):
    publish(known, "boost-1.92.0.beta1", None)
    publish(known, "boost-1.92.0", datetime(2026, 8, 5, tzinfo=UTC))
    assert [day for _, day, _ in collect(known)[2:]] == [None, date(2026, 8, 5)]

    known.world.repository("boost").releases.clear()

    assert [day for _, day, _ in collect(known)[2:]] == [None, None]


def test_more_than_a_page_of_releases_is_read_to_its_end(known):
    for number in range(130):
        publish(known, f"tag-{number}", datetime(2020, 1, 1, tzinfo=UTC))

    collect(known)

    assert known.value("SELECT count(*) FROM github_releases") == 130


def test_the_check_tells_days_on_which_sources_differ_and_a_release_that_is_its_own_beta(known):
    publish(known, "boost-1.70.0", datetime(2019, 4, 13, tzinfo=UTC))
    collect(known)

    found = next(release_days_agree(warehouse=known.warehouse))

    assert not found.passed
    assert (
        "boost-1.70.0 came out on 2019-04-12 by Boost's notes, GitHub published it on 2019-04-13" in found.description
    )
    assert "boost-1.92.0 names the commit of boost-1.92.0.beta1" in found.description


def test_an_entry_that_cannot_be_stored_costs_itself_alone_and_what_was_known_of_it_stays(known, platforms, caplog):
    publish(known, "boost-1.92.0.beta1", datetime(2026, 7, 9, tzinfo=UTC))
    publish(known, "boost-1.92.0", datetime(2026, 8, 5, tzinfo=UTC))
    collect(known)

    def alter(_number, value):
        if isinstance(value, list) and value and "tag_name" in value[0]:
            value[-1]["id"] = None
        return value

    with platforms(known.world, known.warehouse, alter=alter) as later:
        assert [day for _, day, _ in collect(later)[2:]] == [date(2026, 7, 9), date(2026, 8, 5)]
        assert later.value("SELECT told FROM unread_parts") == "id: a whole number was expected, null came"
    assert "is left out, id: a whole number was expected" in caplog.text
