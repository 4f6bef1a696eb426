"""The report of a month: its edges, its comparisons, and what it does not know."""

from datetime import UTC, date, datetime

import pytest

from boost_pipeline.errors import UnknownName
from boost_pipeline.reports.dossier.month import last_whole_month, read_month
from boost_pipeline_tests.reports.dossier.conftest import table


def counts(report) -> dict[str, tuple]:
    return {row[0]: row[1:] for row in table(report, "numbers", "Counts")}


def test_a_month_without_anything_is_whole_and_says_so(world):
    report = world.month(date(2024, 2, 1))

    assert counts(report)["Commits that landed"] == (0, 0, 0)
    assert table(report, "repositories", "Repositories") == []
    assert report.section("repositories").charts == ()


def test_a_leap_day_belongs_to_its_month(world):
    world.commit(landed=datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC))
    world.commit(landed=datetime(2024, 3, 1, tzinfo=UTC))

    assert counts(world.month(date(2024, 2, 1)))["Commits that landed"] == (1, 0, 0)
    assert counts(world.month(date(2024, 3, 1)))["Commits that landed"] == (1, 1, 0)


def test_a_month_is_compared_with_the_one_before_and_with_its_year_before(world):
    for day, times in ((date(2026, 1, 5), 3), (date(2025, 12, 5), 2), (date(2025, 1, 5), 1)):
        for _ in range(times):
            world.commit(landed=datetime(day.year, day.month, day.day, tzinfo=UTC))

    report = world.month(date(2026, 1, 1))

    assert counts(report)["Commits that landed"] == (3, 2, 1)
    heads = [column.head for column in report.section("numbers").tables[0].columns]
    assert heads == ["Number", "January 2026", "December 2025", "January 2025"]


def test_a_first_timer_had_nothing_land_before(world):
    world.commit(landed=datetime(2010, 1, 1, tzinfo=UTC))
    world.commit(landed=datetime(2026, 5, 1, tzinfo=UTC))
    world.commit(landed=datetime(2026, 5, 2, tzinfo=UTC), name="Grace", email="grace@example.org")

    assert table(world.month(date(2026, 5, 1)), "people", "First-timers") == [("Grace", 1, 1)]


def test_work_that_is_on_no_default_branch_has_not_landed(world):
    world.commit(landed=datetime(2026, 5, 1, tzinfo=UTC), landed_at=None, on_default_branch=False)

    assert counts(world.month(date(2026, 5, 1)))["Commits that landed"][0] == 0


def test_releases_of_the_month_are_listed(world):
    world.release("boost-1.92.0.beta1", 92, date(2026, 8, 31), kind="beta")

    assert table(world.month(date(2026, 8, 1)), "releases", "Releases") == [
        ("boost-1.91.0", "stable", "released", date(2026, 8, 1)),
        ("boost-1.92.0.beta1", "beta", "released", date(2026, 8, 31)),
    ]


def test_github_that_was_not_read_is_no_zero(world):
    report = world.month(date(2026, 5, 1))

    assert counts(report)["Issues opened"] == (None, None, None)
    assert report.section("numbers").says[0].startswith("GitHub was not read yet")


def test_response_times_are_those_of_items_opened_in_the_month(world):
    world.cursor("github/issues", "asio")
    opened = datetime(2026, 5, 31, 23, tzinfo=UTC)
    number = world.item(issue=True, created=opened)
    world.put(
        "comments",
        kind="issue",
        github_id=1,
        node_id="",
        repository_id=world.asio,
        number=number,
        author_id=world.account("ben"),
        body="",
        created_at=datetime(2026, 6, 1, 5, tzinfo=UTC),
        updated_at=opened,
    )

    rows = {row[0]: row[1:] for row in table(world.month(date(2026, 5, 1)), "numbers", "Durations")}

    assert rows["Median until an issue's first answer"] == (6.0, None, None)


def test_an_open_failure_is_an_alert(world):
    with world.warehouse.transaction() as transaction:
        transaction.fail("code/commits", "asio", "network", "No answer.", datetime(2026, 5, 9, tzinfo=UTC))

    assert "1 unit failed and is not mended" in world.month(date(2026, 5, 1)).alerts[0]
    assert table(world.month(date(2026, 5, 1)), "health", "What failed") == [
        ("open failure", "code/commits of asio", "No answer.")
    ]
    assert world.month(date(2026, 4, 1)).alerts == ()


def test_what_develop_changed_in_a_month_is_told_by_its_states_of_that_month_and_the_one_before(world):
    head = world.put("releases", tag="develop", kind="head", commit_sha="x", previous_id=world.new)
    ids = {name: world.put("modules", name=name) for name in ("a", "b", "c")}
    for month, pairs in (
        (date(2026, 7, 1), [("a", "b"), ("b", "c")]),
        (date(2026, 8, 1), [("a", "b"), ("a", "c")]),
    ):
        for one, other in pairs:
            world.put("head_dependencies", release_id=head, month=month, module_id=ids[one], depends_on_id=ids[other])

    found = world.month(date(2026, 8, 1))

    assert table(found, "develop", "Dependencies that came and went") == [("a → c", "added"), ("b → c", "removed")]
    assert "is not known. States are kept since July 2026" in world.month(date(2026, 7, 1)).section("develop").absent


def test_a_month_that_is_not_over_says_so(world):
    with world.warehouse.transaction() as transaction:
        transaction.execute(
            "INSERT INTO freshness (asset, checked_at) VALUES ('code/commits', '2026-08-20T10:00Z') "
            "ON CONFLICT (asset) DO UPDATE SET checked_at = EXCLUDED.checked_at"
        )

    report = world.month(date(2026, 8, 1))

    assert "to 2026-08-20 so far" in report.lead
    counts = next(one for one in report.section("numbers").tables if one.caption.startswith("Counts"))
    assert [column.head for column in counts.columns][1:3] == ["August 2026 so far", "July 2026"]


@pytest.mark.parametrize(
    ("today", "month"), [(date(2026, 1, 3), date(2025, 12, 1)), (date(2024, 3, 31), date(2024, 2, 1))]
)
def test_without_a_month_it_is_the_last_whole_one(today, month):
    assert last_whole_month(today) == month


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-1", "october", "2026-10-01", "0000-01", "1997-12", "2026-12", "9" * 9999]
)
def test_what_is_no_month_of_boost_is_told_in_one_line(text):
    with pytest.raises(UnknownName) as told:
        read_month(text, date(2026, 11, 24))

    assert len(str(told.value)) < 200
    assert "\n" not in str(told.value)


def test_the_running_month_may_be_asked_for():
    assert read_month("2026-11", date(2026, 11, 1)) == date(2026, 11, 1)
