"""The asset checks: they pass on what was collected, and find what is planted."""

import gzip
import json
from pathlib import Path

import dagster as dg
import pytest

from boost_pipeline.collectors.github import items
from boost_pipeline.reports.health import NOTHING
from boost_pipeline.sample.github.script import sample_world
from boost_pipeline_tests.collectors.github.conftest import CHECKS, SCOPE

SNAPSHOT = Path(__file__).resolve().parents[4] / "shared" / "boost-snapshot" / "pulls.csv.gz"


def evaluated(platform, name: str):
    (check,) = (check for check in CHECKS if {key.name for key in check.check_keys} == {name})
    given = {"warehouse": platform.warehouse, "settings": platform.settings}
    return next(check(**{resource: given[resource] for resource in check.required_resource_keys & given.keys()}))


def damage(platform, statement: str) -> None:
    with platform.warehouse.transaction() as transaction:
        assert transaction.execute(statement)


@pytest.mark.parametrize(
    ("statement", "check", "told"),
    [
        (
            "DELETE FROM issues WHERE id = (SELECT max(id) FROM issues)",
            "issues_equal_total_count",
            " has 0 issues, GitHub counts 1",
        ),
        (
            "UPDATE repositories SET pull_request_count = 9 WHERE name = 'asio'",
            "pull_requests_equal_total_count",
            "asio has 1 pull requests, GitHub counts 9",
        ),
        (
            "UPDATE pull_requests SET number = 4 WHERE id = (SELECT min(id) FROM pull_requests)",
            "numbers_are_gap_free",
            "lacks 2 of its numbers: 2, 3",
        ),
        (
            "INSERT INTO truncated_connections SELECT id, 2, 'reviews', 100, 120 FROM repositories WHERE name = 'asio'",
            "no_reviews_are_truncated",
            "asio#2 has 120 reviews, 100 are here",
        ),
        (
            "INSERT INTO truncated_connections SELECT id, 1, 'labels', 100, 120 FROM repositories WHERE name = 'asio'",
            "no_events_are_truncated",
            "asio#1 has 120 labels, 100 are here",
        ),
        (
            "DELETE FROM comments WHERE id = (SELECT min(id) FROM comments)",
            "comments_equal_total_count",
            "#1 has 0 comments, GitHub counts 1",
        ),
        (
            "UPDATE duration_estimates SET items = 1 WHERE scope = 'boostorg' AND metric = 'issue_resolution'",
            "estimates_cover_all_items",
            "issue_resolution is of 1 items, 2 are here",
        ),
        (
            """
            UPDATE cursors SET position = '{"issues": []}', completed_at = now() - interval '3 days'
            WHERE asset = 'github/repositories' AND unit = 'asio'
            """,
            "last_complete_pass_is_recent",
            "asio changed 3 days ago and was not read since",
        ),
        ("DELETE FROM cursors", "last_complete_pass_is_recent", "the repositories of boostorg were never read"),
    ],
)
def test_what_is_missing_is_found_and_named(collected, statement, check, told):
    damage(collected, statement)

    found = evaluated(collected, check)

    assert not found.passed
    assert told in found.description


def test_gaps_that_have_a_reason_are_no_failure_and_are_counted(collected, world):
    world.delete("asio", 1)

    assert collected.failing_checks() == {}
    assert evaluated(collected, "numbers_are_gap_free").metadata["gaps by reason"].value == {"deleted": 1}


def test_a_list_that_was_not_read_to_its_end_fails_the_check_until_it_is(platform, world, monkeypatch):
    for round_ in range(130):
        (world.label if round_ % 2 == 0 else world.unlabel)("asio", 1, "flip", "cy")
    monkeypatch.setattr(items.Pass, "inner_pages", 0)
    monkeypatch.setattr(items.Pass.__init__, "__defaults__", (0, *items.Pass.__init__.__defaults__[1:]))

    assert platform.failing_checks() == {"no_events_are_truncated": "asio#1 has 131 timelineItems, 100 are here"}

    monkeypatch.undo()
    platform.collect(full=True)
    assert platform.failing_checks() == {}


def test_a_repository_that_github_lists_no_more_is_told_and_asked_for_no_more(collected, world):
    world.edit_repository("asio", blocked=True)
    collected.collect()

    assert evaluated(collected, "repositories_are_listed").description == "asio is not listed by GitHub any more"
    assert collected.value("SELECT count(*) FROM issues") == 2


def test_an_address_that_nobody_looked_up_is_a_warning(collected):
    damage(
        collected,
        """
        INSERT INTO commits (repository_id, sha, parents, author_name, author_email, author_utc_offset, committer_name,
            committer_email, subject, message, is_merge, is_reachable, on_default_branch, files_changed, additions,
            deletions)
        SELECT id, 'x', '{}', 'x', 'new@example.org', 0, 'x', 'x', 's', 's', false, true, true, 0, 0, 0
        FROM repositories
        """,
    )

    found = evaluated(collected, "addresses_are_resolved")

    assert not found.passed
    assert found.severity.value == "WARN"
    assert "'new@example.org' was not looked up" in found.description


def test_where_nothing_was_read_no_check_passes(platforms):
    with platforms(sample_world()) as platform:
        found = {name: evaluated(platform, name) for check in CHECKS for name in {key.name for key in check.check_keys}}

    assert not any(result.passed for result in found.values())
    nothing = {name for name, result in found.items() if result.description == NOTHING}
    assert set(found) - nothing == {"last_complete_pass_is_recent"}
    assert {found[name].severity for name in nothing} == {dg.AssetCheckSeverity.WARN}


@pytest.mark.skipif(not SNAPSHOT.exists(), reason="the snapshot of Boost's real pull requests is not on this machine")
def test_the_real_numbers_of_pull_requests_leave_exactly_the_others_unaccounted(collected):
    with gzip.open(SNAPSHOT, "rt") as file:
        next(file)
        numbers = sorted({int(line.split(",")[1]) for line in file if line.startswith("accumulators,")})
    rows = json.dumps(numbers)
    damage(collected, "INSERT INTO repositories (owner, name, kind) VALUES ('boostorg', 'accumulators', 'boost')")
    with collected.warehouse.transaction() as transaction:
        transaction.execute(
            """
            INSERT INTO pull_requests (repository_id, number, github_id, node_id, title, body, created_at, updated_at,
                is_locked, comment_count, state, is_draft, base_ref, head_ref, base_sha, head_sha, additions, deletions,
                changed_files)
            SELECT r.id, n.value::int, n.value::int, '', '', '', now(), now(), false, 0, 'open', false, '', '', '', '',
                0, 0, 0
            FROM repositories r CROSS JOIN jsonb_array_elements_text(%s::jsonb) n WHERE r.name = 'accumulators'
            """,
            (rows,),
        )
    missing = max(numbers) - len(numbers)

    found = evaluated(collected, "numbers_are_gap_free")

    assert missing > 0
    assert f"accumulators lacks {missing} of its numbers" in found.description
    assert SCOPE.owner == "boostorg"
