"""One odd answer costs itself alone: what GitHub refuses, fails to work out, or sends as nonsense."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from boost_pipeline.sample.github.faults import Fault, FaultPlan, Refused
from boost_pipeline_tests.collectors.github.conftest import errors_of
from boost_pipeline_tests.collectors.github.truth import expected, stored

UNREAD = "SELECT r.name, u.number, u.part, u.reason FROM unread_parts u JOIN repositories r ON r.id = u.repository_id"


def unread(platform) -> set:
    return set(platform.rows(UNREAD))


def assert_whole(platform, *tables: str) -> None:
    """Compare tables, all but gaps without any, with the world."""
    found, truth = stored(platform), expected(platform.world)
    for table in tables or truth:
        assert found[table] == truth[table], table


def later(platform, platforms, **options: Any):
    """Open the platform again on the same world and warehouse: another day, another mood of GitHub."""
    return platforms(platform.world, platform.warehouse, **options)


def altered(change: Callable[[Any], Any], *, times: int | None = None) -> Callable[[int, Any], Any]:
    """Return what hands the answers of queries for items to `change`, at most so many times."""
    left = [times]

    def alter(_number: int, value: Any) -> Any:
        repository = ((value.get("data") or {}).get("repository")) if isinstance(value, dict) else None
        if not repository or not {"issues", "pullRequests"} & repository.keys() or left[0] == 0:
            return value
        if "fullDatabaseId" not in str(repository):
            return value
        if change(repository) is not False and left[0] is not None:
            left[0] -= 1
        return value

    return alter


# ---- refused fields ----


def test_a_refused_field_of_one_item_leaves_that_field_open_and_the_rest_is_stored(world, platforms, caplog):
    faults = FaultPlan(refused=(Refused("PullRequest.author", numbers=frozenset({2})),))
    with platforms(world, faults=faults) as platform, caplog.at_level(logging.WARNING):
        platform.collect()

        assert_whole(platform, "issues", "comments", "events", "labels")
        assert platform.rows("SELECT number, author_id FROM pull_requests") == [(2, None), (2, None)]
        assert unread(platform) == {(name, 2, "author", "refused") for name in ("asio", "config")}
        assert "boostorg/asio#2, author, refused: Resource not accessible" in caplog.text


@pytest.mark.parametrize(
    ("field", "kind", "reason"),
    [
        ("Issue.milestone", "FORBIDDEN", "refused"),
        ("Issue.labels", "INSUFFICIENT_SCOPES", "refused"),
        ("Issue.labels", "SERVICE_UNAVAILABLE", "unanswered"),
        # What is above these may not be null, so that the whole item is.
        ("Issue.assignees", "SAML", "refused"),
        ("Issue.assignees", "NOT_FOUND", "refused"),
        ("Issue.timelineItems", "", "unanswered"),
    ],
)
def test_a_part_that_is_not_given_is_asked_for_by_the_next_run(world, platforms, field, kind, reason):
    world.label("asio", 1, "bug", "cy")
    world.assign("asio", 1, "ben", "cy")
    world.milestone("asio", 1, "Boost 2", "cy")
    faults = FaultPlan(refused=(Refused(field, kind, frozenset({1})),))
    with platforms(world, faults=faults) as platform:
        platform.collect()
        part = field.removeprefix("Issue.")
        assert unread(platform) == {(name, 1, part, reason) for name in ("asio", "config")}
        assert len(stored(platform)["issues"]) == 2

        with later(platform, platforms) as again:
            again.collect()
            assert unread(again) == set()
            assert_whole(again)


def test_what_is_stored_of_a_part_stays_where_it_is_refused_later(world, platforms):
    world.label("asio", 1, "bug", "cy")
    world.assign("asio", 1, "ben", "cy")
    with platforms(world) as platform:
        platform.collect()
        world.edit_item("asio", 1, "ada", title="It does not work at all")
        refused = tuple(Refused(f"Issue.{part}") for part in ("author", "labels", "assignees", "timelineItems"))
        with later(platform, platforms, faults=FaultPlan(refused=refused)) as again:
            again.collect()
            found = stored(again)
            assert {row[3] for row in found["issues"]} >= {"It does not work at all"}
            assert_whole(again, "issues", "labels", "assignees")


def test_a_refused_fact_of_one_repository_spares_the_others(world, platforms):
    faults = FaultPlan(refused=(Refused("Repository.licenseInfo", numbers=frozenset({"asio"})),))
    with platforms(world, faults=faults) as platform:
        platform.collect()

        assert_whole(platform, "issues", "pull_requests", "topics")
        licences = {row[0]: row[-1] for row in stored(platform)["repositories"]}
        assert licences == {"asio": None, "config": "BSL-1.0"}
        assert unread(platform) == {("asio", 0, "licenseInfo", "refused")}


def test_a_repository_whose_issues_are_refused_has_its_pull_requests(world, platforms):
    faults = FaultPlan(refused=(Refused("Repository.issues", numbers=frozenset({"asio"})),))
    with platforms(world, faults=faults) as platform:
        result = platform.materialize()
        assert result.success, errors_of(result)

        assert_whole(platform, "pull_requests", "issues")  # by their numbers
        assert ("asio", 0, "issues", "refused") in unread(platform)

        with later(platform, platforms) as again:
            again.collect()
            assert_whole(again)


def test_a_refused_author_of_one_commit_leaves_only_that_address_open(world, platforms):
    from boost_pipeline_tests.collectors.github.test_commit_authors import commit

    faults = FaultPlan(refused=(Refused("Commit.author", numbers=frozenset({"3" * 40})),))
    with platforms(world, faults=faults) as platform:
        platform.collect()
        commit(platform, "ada@example.org", "3" * 40)
        commit(platform, "ben@example.org", "4" * 40)
        platform.collect()
        assert platform.rows("SELECT email FROM commit_author_accounts") == [("ben@example.org",)]

        with later(platform, platforms) as again:
            again.collect()
            assert again.value("SELECT count(*) FROM commit_author_accounts WHERE evidence = 'commit'") == 2


def test_a_token_without_scopes_reads_who_was_asked_for_a_review(world, platforms):
    world.request_review("asio", 2, "cy", "ben")
    with platforms(world) as platform:
        platform.collect()

        assert_whole(platform)


# ---- what never comes ----


@pytest.mark.parametrize("kind", ["Issue", "PullRequest"])
def test_an_item_that_github_never_finishes_is_a_gap_with_a_reason_and_the_pass_ends(world, platforms, kind):
    for number in range(9):
        world.add_issue("asio", f"Issue {number}", "ada")
        world.add_pull_request("asio", f"Pull request {number}", "ben")
    lost = 3 if kind == "Issue" else 4
    faults = FaultPlan(refused=(Refused(f"{kind}.title", "", frozenset({lost}), "Something went wrong"),))
    with platforms(world, faults=faults) as platform:
        platform.collect()
        assert unread(platform) == {("asio", lost, "item", "unanswered")}
        missing = {(row[0], row[1]) for table in ("issues", "pull_requests") for row in expected(world)[table]} - {
            (row[0], row[1]) for table in ("issues", "pull_requests") for row in stored(platform)[table]
        }
        assert missing == {("asio", lost)}

        with later(platform, platforms) as again:
            again.collect()
            assert_whole(again)


def test_an_item_that_no_answer_survives_costs_itself_alone(world, platforms):
    for number in range(9):
        world.add_issue("asio", f"Issue {number}", "ada")

    def break_(_number: int, value: Any) -> Any:
        return {"data": {"repository": 7}} if "Issue 4" in str(value) else value

    with platforms(world, alter=break_) as platform:
        platform.collect()

        assert len(stored(platform)["issues"]) == len(expected(world)["issues"]) - 1
        ((name, _, part, _),) = unread(platform)
        assert (name, part) == ("asio", "item")
    with later(platform, platforms) as again:
        again.collect()
        assert_whole(again)


def test_a_list_that_ends_too_early_is_not_taken_for_complete(world, platforms):
    for number in range(4):
        world.add_issue("asio", f"Issue {number}", "ada")

    def cut(repository: Any) -> None:
        if "issues" in repository and len(repository["issues"]["nodes"]) > 2:
            repository["issues"]["nodes"] = repository["issues"]["nodes"][:2]
            repository["issues"]["pageInfo"]["hasNextPage"] = False

    with platforms(world, alter=altered(cut)) as platform:
        platform.materialize()
        with later(platform, platforms) as again:
            again.collect()
            assert_whole(again)


def test_lists_of_numbers_that_end_early_too_leave_the_pass_open_for_the_next_run(world, platforms):
    for number in range(4):
        world.add_issue("asio", f"Issue {number}", "ada")

    def cut(_number: int, value: Any) -> Any:
        repository = ((value.get("data") or {}).get("repository") or {}) if isinstance(value, dict) else {}
        if "nodes" in (repository.get("issues") or {}):
            issues = repository["issues"]
            issues["nodes"] = [node for node in issues["nodes"] if node["number"] < 4]
            issues["pageInfo"]["hasNextPage"] = False
        return value

    with platforms(world, alter=cut) as platform:
        result = platform.materialize()
        assert not result.success
        assert "counts more of boostorg/asio than it gives: 3 of its issues" in " ".join(errors_of(result))
        assert result.get_asset_materialization_events()
        with later(platform, platforms) as again:
            again.collect()
            assert_whole(again)


def test_a_count_that_stays_higher_than_all_lists_is_a_gap_after_a_second_look(world, platforms):
    def more(_number: int, value: Any) -> Any:
        text = value.get("data") if isinstance(value, dict) else None
        for found in _connections(text):
            found["totalCount"] += 1
        return value

    with platforms(world, alter=more) as platform:
        assert not platform.materialize().success
        platform.collect()
        assert ("asio", 0, "issues", "unlisted") in unread(platform)
        assert platform.collect()["points"] < 10
        assert_whole(platform)


def _connections(value: Any):
    if isinstance(value, dict):
        for name, found in value.items():
            if name in ("issues", "pullRequests") and isinstance(found, dict) and "totalCount" in found:
                yield found
            yield from _connections(found)
    elif isinstance(value, list):
        for found in value:
            yield from _connections(found)


def test_a_mark_of_the_next_page_that_leads_round_in_a_circle_ends(world, platforms):
    for number in range(40):
        world.add_issue("asio", f"Issue {number}", "ada")
    marks: list[Any] = []

    def circle(repository: Any) -> None:
        info = repository.get("issues", {}).get("pageInfo")
        if info and info["hasNextPage"]:
            marks.append(info["endCursor"])
            info["endCursor"] = marks[0]

    with platforms(world, alter=altered(circle)) as platform:
        platform.materialize()
        with later(platform, platforms) as again:
            again.collect()
            assert_whole(again)


# ---- nonsense ----


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("fullDatabaseId", None, "fullDatabaseId: a whole number was expected, null came"),
        ("id", None, "id: a text was expected, null came"),
        ("title", 7, "title: a text was expected, 7 came"),
        ("createdAt", "yesterday", "createdAt: a time was expected, 'yesterday' came"),
        ("state", "HALF_OPEN", "state: closed or open was expected, 'half_open' came"),
        ("comments", [], "comments: an object was expected, a list came"),
        ("fullDatabaseId", str(2**70), "fullDatabaseId: a whole number was expected"),
    ],
)
def test_a_field_that_no_row_can_hold_costs_that_row_and_a_line_that_names_both(
    world, platforms, caplog, field, value, told
):
    def spoil(repository: Any) -> Any:
        for node in (repository.get("issues") or {}).get("nodes", ()):
            if repository["databaseId"] == world.repository("asio").facts.id and node["number"] == 1:
                node[field] = value
                return True
        return False

    world.add_issue("asio", "Another", "ada")
    with platforms(world, alter=altered(spoil, times=1)) as platform, caplog.at_level(logging.WARNING):
        platform.collect()

        assert "boostorg/asio#1, damaged: " + told in caplog.text
        assert_whole(platform)  # it was asked for again at once, by its number
        assert unread(platform) == set()


def test_an_item_whose_number_is_null_is_found_by_what_is_counted(world, platforms):
    def spoil(repository: Any) -> None:
        for node in (repository.get("issues") or {}).get("nodes", ()):
            node["number"] = None

    with platforms(world, alter=altered(spoil)) as platform:
        platform.collect()

        assert_whole(platform)


def test_the_same_item_twice_in_an_answer_is_one_row(world, platforms):
    def double(repository: Any) -> None:
        for kind in ("issues", "pullRequests"):
            nodes = (repository.get(kind) or {}).get("nodes")
            if nodes:
                nodes += [dict(node) for node in nodes]

    with platforms(world, alter=altered(double)) as platform:
        platform.collect()

        assert_whole(platform)


def test_two_items_of_one_id_are_the_first_and_a_gap(world, platforms, caplog):
    world.add_issue("asio", "Another", "ada")

    def same(repository: Any) -> Any:
        nodes = (repository.get("issues") or {}).get("nodes", ())
        if len(nodes) < 2:
            return False
        nodes[1]["fullDatabaseId"] = nodes[0]["fullDatabaseId"]
        return True

    with platforms(world, alter=altered(same, times=1)) as platform:
        platform.collect()

        assert_whole(platform)


def test_a_comment_that_cannot_be_stored_spares_the_others_and_is_read_with_its_item(world, platforms, caplog):
    world.review("asio", 2, "cy", "COMMENTED", lines=[("a.hpp", 3, "Typo"), ("b.hpp", 4, "Here, too")])
    world.comment("asio", 1, "cy", "None.")
    spoiled: list[str] = []

    def spoil(_number: int, value: Any) -> Any:
        if isinstance(value, list) and value and "body" in value[0] and "created_at" in value[0]:
            kind = "pull_request_url" if "pull_request_url" in value[0] else "issue_url"
            if kind not in spoiled and "asio" in value[0][kind]:
                spoiled.append(kind)
                value[0]["id"] = None
        return value

    with platforms(world, alter=spoil) as platform, caplog.at_level(logging.WARNING):
        platform.collect()

        assert sorted(spoiled) == ["issue_url", "pull_request_url"]
        assert (
            "boostorg/asio#1, a comment is left out, comment.id: a whole number was expected, null came" in caplog.text
        )
        assert_whole(platform)


def test_a_comment_that_is_nothing_is_read_by_the_next_run(world, platforms):
    def spoil(_number: int, value: Any) -> Any:
        if isinstance(value, list) and value and "created_at" in value[0]:
            value[0] = None
        return value

    with platforms(world, alter=spoil) as platform:
        platform.collect()
        with later(platform, platforms) as again:
            again.collect()
            assert_whole(again)


def test_a_list_of_repositories_that_ends_too_early_forgets_none_of_them(world, platforms, caplog):
    with platforms(world) as platform:
        platform.collect()
        world.add_issue("config", "Meanwhile", "ada")

        def cut(_number: int, value: Any) -> Any:
            owner = ((value.get("data") or {}).get("repositoryOwner")) if isinstance(value, dict) else None
            if owner:
                owner["repositories"]["nodes"] = owner["repositories"]["nodes"][:1]
            return value

        with later(platform, platforms, alter=cut) as again:
            again.collect()
            assert again.rows("SELECT error FROM failures WHERE resolved_at IS NULL") == [
                ("GitHub counts 2 repositories of boostorg, and lists 1; the next run asks again.",)
            ]
        with later(platform, platforms) as third:
            third.collect()
            assert third.rows("SELECT error FROM failures WHERE resolved_at IS NULL") == []
            assert_whole(third)


@pytest.mark.parametrize("number", [1, 2, 4])
def test_the_words_of_a_limit_are_one_whatever_the_headers_say(world, platforms, number):
    with platforms(world, faults=FaultPlan(at={number: Fault.LIMIT_BARE})) as platform:
        platform.collect()

        assert_whole(platform)


def test_rows_written_are_counted_also_where_the_unit_failed_afterwards(world, platforms):
    def more(_number: int, value: Any) -> Any:
        for found in _connections(value.get("data") if isinstance(value, dict) else None):
            found["totalCount"] += 1
        return value

    with platforms(world, alter=more) as platform:
        result = platform.materialize()
        (failure,) = [e for e in result.all_events if e.is_step_failure]
        metadata = failure.step_failure_data.user_failure_data.metadata
        assert metadata["rows inserted"].value >= 4


def test_the_check_tells_what_is_withheld_and_warns(world, platforms):
    faults = FaultPlan(refused=(Refused("Issue.author", numbers=frozenset({1})),))
    with platforms(world, faults=faults) as platform:
        told = platform.failing_checks()

        assert list(told) == ["nothing_is_withheld"]
        assert told["nothing_is_withheld"].startswith("asio#1, author, refused: Resource not accessible")
        gaps = platform.rows("SELECT gap, at, module FROM known_gaps ORDER BY module")
        assert gaps == [("not given: refused", "#1", "asio"), ("not given: refused", "#1", "config")]


def test_what_stays_refused_costs_a_point_for_each_repository_on_another_day(world, platforms):
    faults = FaultPlan(refused=(Refused("Issue.author"),))
    with platforms(world, faults=faults) as platform:
        platform.collect()
        assert platform.collect()["points"] == 1 + 2, "the sweep, and the two items by their numbers"
