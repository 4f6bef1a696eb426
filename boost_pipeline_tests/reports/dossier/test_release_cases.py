"""Cases of the dossier, each in a world that holds nothing else."""

from datetime import UTC, date, datetime

import pytest

from boost_pipeline.errors import UnknownName
from boost_pipeline_tests.reports.dossier.conftest import figures, table

IN_WINDOW = datetime(2026, 4, 1, tzinfo=UTC)
TOO_LATE = datetime(2026, 8, 1, tzinfo=UTC)


def test_one_person_is_counted_once_whatever_the_case_of_their_address(world):
    world.commit(world.new, email="Ada@Example.org")
    world.commit(world.new, email="ada@example.org", name="Ada L")

    assert figures(world.dossier())["people who wrote them"] == 1


def test_addresses_that_one_account_is_known_by_are_one_person(world):
    account = world.account("ada")
    for address in ("ada@home.example", "ada@work.example"):
        world.commit(world.new, email=address)
        world.put(
            "commit_author_accounts", email=address, account_id=account, evidence="commit", found_at=datetime.now(UTC)
        )

    assert figures(world.dossier())["people who wrote them"] == 1


def test_merges_bots_and_lost_commits_are_left_out_and_counted(world):
    world.commit(world.new)
    world.commit(world.new, is_merge=True)
    world.commit(world.new, name="dependabot[bot]", email="1+dependabot[bot]@users.noreply.github.com")
    world.commit(world.new, is_reachable=False)

    report = world.dossier()

    assert figures(report)["commits"] == 1
    assert report.section("overview").basis.endswith(
        "Left out: 1 merge, 1 commit of bots and 1 commit that no branch holds any more."
    )


def test_commits_that_landed_before_the_release_before_are_this_release_s_if_it_is_the_first_to_hold_them(world):
    world.commit(world.new, landed=datetime(2020, 1, 1, tzinfo=UTC))

    report = world.dossier()

    assert figures(report)["commits"] == 1
    assert "1 commit on other days" in report.section("overview").charts[0].title


def test_who_came_back_is_no_first_timer_but_a_newcomer_to_another_library(world):
    beast = world.module("beast", world.old, world.new)
    world.commit(world.old)
    world.commit(world.old, name="Ben", email="ben@example.org", repository=beast)
    world.commit(world.new, repository=beast)

    report = world.dossier()

    assert figures(report)["first-timers"] == 0
    assert table(report, "updated", "Modules") == [("beast", "", 1, 3, 1, 1, 1, "Ada 1")]


def test_the_history_of_a_library_that_joins_is_told_apart_from_the_work_on_the_release(world):
    mqtt = world.module("mqtt", world.new)
    world.commit(world.old)
    world.commit(world.new)
    for year in (2015, 2016):
        world.commit(world.new, name="Ben", email="ben@x.org", repository=mqtt, landed=datetime(year, 1, 1, tzinfo=UTC))

    report = world.dossier()

    found = figures(report)
    assert (found["commits"], found["lines added"], found["people who wrote them"]) == (1, 3, 1)
    assert (found["first-timers"], found["commits that new modules brought"]) == (0, 2)
    assert table(report, "updated", "Modules") == [("asio", "", 1, 3, 1, 1, 0, "Ada 1")]
    assert table(report, "updated", "History") == [("mqtt", 2, 1, 6, 2)]
    assert "2 commits that new modules brought" in report.section("overview").basis


def test_in_the_oldest_release_that_has_a_history_nobody_is_a_first_timer(world):
    world.commit(world.old)

    report = world.dossier("boost-1.90.0")

    assert figures(report)["first-timers"] is None
    assert [row[5] for row in table(report, "people", "People")] == ["not known"]
    assert table(report, "people", "First-timers") == []


def test_a_module_without_commits_says_when_it_last_changed(world):
    world.commit(world.old)

    assert table(world.dossier(), "not-updated", "Modules") == [("asio", "asio", "boost-1.90.0", 1, 0, None)]


def test_libraries_of_one_module_share_its_commits_which_count_once(world):
    core = world.module("core", world.old, world.new, libraries=3)
    world.commit(world.new, repository=core)

    report = world.dossier()

    assert figures(report)["commits"] == 1
    assert [row[0] for row in table(report, "updated", "Modules")] == ["core"]


def test_a_library_that_is_gone_is_removed(world):
    world.module("signals", world.old)

    report = world.dossier()

    assert figures(report)["libraries removed"] == 1
    assert table(report, "libraries", "What became") == [("signals", "removed", "signals", None)]


def test_a_history_that_was_not_read_is_no_zero(world):
    world.change("DELETE FROM cursors WHERE asset = 'code/commits'")

    report = world.dossier()

    assert figures(report)["commits"] is None
    assert "No commit was collected yet" in report.section("updated").absent
    assert any("history of 1 repository is not here" in alert for alert in report.alerts)


def test_a_repository_without_history_is_not_among_those_without_a_commit(world):
    world.module("beast", world.old, world.new)
    world.change("DELETE FROM cursors WHERE unit = 'beast'")

    report = world.dossier()

    assert [row[0] for row in table(report, "not-updated", "Modules")] == ["asio"]
    assert ("history not read", "beast", "No commit of the repository is here.") in table(report, "gaps", "Missing")


def test_a_beta_has_all_but_the_commits(world):
    beta = world.release("boost-1.92.0.beta1", 92, date(2026, 9, 1), kind="beta", previous=world.new)
    world.module("beast", beta)

    report = world.dossier("boost-1.92.0.beta1")

    assert figures(report)["commits"] is None
    assert "placed by stable releases" in report.section("people").absent
    assert figures(report)["libraries added"] == 1


def test_a_release_that_was_not_read_has_no_dossier(world):
    world.release("boost-1.93.0", 93, date(2026, 10, 1))

    with pytest.raises(UnknownName, match=r"boost-1\.93\.0 was not read yet.*backfill boost-1\.93\.0"):
        world.dossier("boost-1.93.0")


def test_a_new_cycle_is_the_first_thing_that_is_said(world):
    world.module("geometry", world.old, world.new)
    world.module("graph", world.old, world.new)
    for module, other, includes in (("graph", "geometry", 7), ("geometry", "graph", 1)):
        world.depend(world.new, module, other, includes=includes)
    world.change(
        "UPDATE module_graph g SET cycle = 1 FROM modules m WHERE m.id = g.module_id AND m.name LIKE 'g%%' "
        "AND g.release_id = %s",
        world.new,
    )

    report = world.dossier()

    assert report.alerts == ("New cycle of modules: geometry, graph. No cycle of the release before had all of these.",)
    assert [row[:2] for row in table(report, "decisions", "Which dependency of a cycle")] == [
        ("geometry → graph", 1),
        ("graph → geometry", 7),
    ]


def test_a_cycle_that_lost_a_member_is_not_new(world):
    world.module("a", world.old, world.new)
    world.module("b", world.old, world.new)
    world.change("UPDATE module_graph SET cycle = 1 WHERE release_id = %s", world.old)
    world.change(
        "UPDATE module_graph g SET cycle = 1 FROM modules m WHERE m.id = g.module_id AND m.name IN ('a', 'b') "
        "AND g.release_id = %s",
        world.new,
    )

    report = world.dossier()

    assert report.alerts == ()
    assert table(report, "dependencies", "Cycles") == [("a, b", "as before")]


def test_a_dependency_that_only_moved_from_header_to_source_did_not_come_or_go(world):
    world.module("core", world.old, world.new)
    world.depend(world.old, "asio", "core")
    world.depend(world.new, "asio", "core")
    world.change("UPDATE dependencies SET kind = 'source' WHERE release_id = %s", world.new)

    assert figures(world.dossier())["dependencies added"] == 0


def test_dependencies_that_came_and_went_are_told_with_their_first_include(world):
    world.module("core", world.old, world.new)
    world.module("any", world.old, world.new)
    world.depend(world.old, "asio", "any")
    world.depend(world.new, "asio", "core")

    assert table(world.dossier(), "dependencies", "Dependencies that came") == [
        ("asio → core", "added", "header", "include/boost/asio.hpp includes boost/core.hpp"),
        ("asio → any", "removed", "header", "include/boost/asio.hpp includes boost/any.hpp"),
    ]


def test_an_include_that_alone_brings_three_modules_is_one_that_can_go(world):
    world.module("core", world.old, world.new)
    world.module("any", world.old, world.new)
    world.depend(world.new, "asio", "core", includes=2, pull_weight=3)
    world.depend(world.new, "asio", "any", includes=3, pull_weight=9)

    assert [row[:3] for row in table(world.dossier(), "decisions", "Which include")] == [("asio → core", 3, 2)]


def test_new_maintainers_are_told_from_those_who_maintain_others(world):
    world.module("beast", world.old, world.new, maintainers=("Vinnie",))
    library = world.ids("SELECT r.tag, v.id FROM library_versions v JOIN releases r ON r.id = v.release_id "
                        "JOIN libraries l ON l.id = v.library_id WHERE l.key = 'asio'")["boost-1.91.0"]  # fmt: skip
    for place, name in enumerate(("Vinnie", "Grace")):
        world.put("library_people", library_version_id=library, role="maintainer", position=place, raw=name, name=name)

    assert table(world.dossier(), "maintainers", "Maintainers") == [
        ("asio", "Grace", "added", "new"),
        ("asio", "Vinnie", "added", "maintains others too"),
    ]


def test_the_day_of_the_release_before_is_in_and_that_of_the_release_is_not(world):
    world.cursor("github/issues", "asio")
    world.item(issue=True, created=IN_WINDOW)
    world.item(issue=True, created=TOO_LATE)
    world.item(issue=False, created=IN_WINDOW, merged_at=TOO_LATE, closed_at=TOO_LATE)
    world.item(issue=False, created=IN_WINDOW, merged_at=IN_WINDOW, closed_at=IN_WINDOW)

    found = figures(world.dossier())

    assert (found["issues opened"], found["pull requests merged"]) == (1, 1)


def test_work_of_bots_is_left_out(world):
    world.cursor("github/issues", "asio")
    world.item(issue=True, created=IN_WINDOW, author=world.account("ci[bot]"))
    world.item(issue=False, created=IN_WINDOW, author=world.account("robot", "bot"))

    report = world.dossier()

    assert figures(report)["issues opened"] == 0
    assert figures(report, "work")["pull requests opened"] == 0


def test_github_that_was_not_read_is_no_zero(world):
    report = world.dossier()

    assert figures(report)["issues opened"] is None
    assert "GitHub was not read yet" in report.section("work").absent
    assert [column.head for column in report.section("updated").tables[0].columns][-1] == "Most commits by"


def test_the_review_that_waits_longest_comes_first(world):
    world.cursor("github/issues", "asio")
    later = world.item(issue=False, created=datetime(2026, 6, 1, tzinfo=UTC), title="later")
    first = world.item(issue=False, created=datetime(2026, 5, 1, tzinfo=UTC), title="first")

    rows = table(world.dossier(), "decisions", "Which review")

    assert [(row[0].text, row[1]) for row in rows] == [(f"asio #{first}", "first"), (f"asio #{later}", "later")]
    assert rows[0][0].url == f"https://github.com/boostorg/asio/pull/{first}"


def test_a_failure_that_is_open_is_a_gap(world):
    with world.warehouse.transaction() as transaction:
        transaction.fail("code/commits", "asio", "network", "No answer.", datetime(2026, 9, 1, tzinfo=UTC))

    assert ("failure", "code/commits of asio", "No answer.") in table(world.dossier(), "gaps", "Missing")
