"""What collectors of GitHub data get wrong: each case, by what the tables hold afterwards."""

from datetime import timedelta

import pytest
from psycopg.types.json import Jsonb

from boost_pipeline.sample.github.model import Commit, Signature
from boost_pipeline_tests.collectors.github.conftest import NOW


def test_a_pull_request_that_is_merged_years_later_is_merged_here(collected):
    collected.world.now = NOW + timedelta(days=900)
    collected.world.merge("asio", 2, "cy")
    collected.collect()

    assert collected.rows("SELECT state, number FROM pull_requests WHERE merged_at IS NOT NULL") == [("merged", 2)]


def test_an_author_date_in_the_future_hides_nothing_that_comes_later(collected, world):
    future = Signature("ben", "ben@example.org", NOW + timedelta(days=3650))
    commit = Commit("f" * 40, world.repository("asio").facts.id, future, future, "From the future")
    world.push("asio", 2, "ben", commit=commit)
    collected.collect()
    world.add_issue("asio", "Reported after that", "ada")
    collected.collect()

    assert collected.value("SELECT count(*) FROM issues WHERE title = 'Reported after that'") == 1
    assert collected.value("SELECT count(*) FROM item_events WHERE created_at > now() + interval '1 year'") == 1


def test_an_edited_old_comment_has_its_new_text_though_nothing_else_moved(collected, world):
    (comment,) = world.repository("asio").comments.of(1)
    for _ in range(3):
        collected.collect()
    world.now = NOW + timedelta(days=400)
    world.edit_comment("asio", comment.id, "Which version of what?")
    collected.collect()

    assert ("Which version of what?",) in collected.rows("SELECT body FROM comments")


def test_an_edited_inline_comment_has_its_new_text(collected, world):
    world.review("asio", 2, "cy", "COMMENTED", lines=[("a.hpp", 3, "Typo")])
    collected.collect()
    (comment,) = world.repository("asio").review_comments.of(2)
    world.edit_review_comment("asio", comment.id, "Two typos")
    collected.collect()

    assert ("Two typos",) in collected.rows("SELECT body FROM comments WHERE kind = 'review'")


def test_a_renamed_login_is_the_same_account(collected, world):
    before = collected.rows("SELECT id, github_id FROM accounts WHERE login = 'ada'")
    world.rename_login("ada", "lovelace")
    world.comment("asio", 1, "lovelace", "It is me.")
    collected.collect()

    assert collected.rows("SELECT id, github_id FROM accounts WHERE login = 'lovelace'") == before
    assert collected.value("SELECT count(*) FROM accounts WHERE login = 'ada'") == 0


def test_a_login_that_somebody_else_took_over_is_another_account(collected, world):
    world.rename_login("ada", "lovelace")
    world.add_account("ada")
    world.comment("asio", 1, "ada", "I am new here.")
    collected.collect()

    authors = collected.rows(
        "SELECT a.github_id FROM accounts a JOIN comments c ON c.author_id = a.id WHERE c.body = 'I am new here.' "
        "UNION SELECT a.github_id FROM accounts a JOIN issues i ON i.author_id = a.id"
    )
    assert len(authors) == 2


def test_a_transferred_issue_is_marked_where_it_was_and_whole_where_it_is(collected, world):
    moved = world.transfer("asio", 1, "config", "cy")
    collected.collect()

    assert collected.rows("SELECT reason, moved_to FROM item_gaps") == [
        ("transferred", f"boostorg/config#{moved.number}")
    ]
    assert collected.value("SELECT count(*) FROM issues WHERE deleted_at IS NOT NULL") == 1
    assert collected.rows(
        "SELECT r.name, c.number FROM comments c JOIN repositories r ON r.id = c.repository_id "
        "WHERE c.deleted_at IS NULL ORDER BY 2, 1"
    ) == [("config", 1), ("config", moved.number)]


def test_a_deleted_issue_is_marked_with_the_reason_and_kept(collected, world):
    world.delete("asio", 1)
    collected.collect()

    assert collected.rows("SELECT number, reason FROM item_gaps") == [(1, "deleted")]
    assert collected.rows("SELECT title FROM issues WHERE deleted_at IS NOT NULL") == [("It does not work",)]
    assert collected.value("SELECT count(*) FROM work_items") == 3


def test_a_number_that_was_gone_before_we_came_is_a_gap_with_its_reason(platform, world):
    world.delete("asio", 1)
    platform.collect()

    assert platform.rows("SELECT number, reason FROM item_gaps") == [(1, "deleted")]


def test_a_discussion_takes_its_number_out_of_the_sequence(collected, world):
    told = world.add_discussion("asio", "What next?", "ada")
    world.add_issue("asio", "Another", "ada")
    collected.collect()

    assert collected.rows("SELECT number, reason FROM item_gaps") == [(told.number, "discussion")]


@pytest.mark.parametrize("as_before_2022", [True, False])
def test_an_issue_that_became_a_discussion_is_accounted_for(collected, world, as_before_2022):
    number = world.convert_to_discussion("asio", 1, "cy", as_before_2022=as_before_2022)
    world.add_issue("asio", "Another", "ada")
    collected.collect()

    assert collected.rows("SELECT number, reason FROM item_gaps") == [(number, "discussion")]
    assert collected.value("SELECT count(*) FROM issues WHERE number = 1 AND deleted_at IS NOT NULL") == as_before_2022


def test_a_deleted_comment_is_marked_and_kept(collected, world):
    (comment,) = world.repository("asio").comments.of(1)
    world.delete_comment("asio", comment.id, "cy")
    collected.collect()

    assert collected.rows("SELECT body FROM comments WHERE deleted_at IS NOT NULL") == [("Which version?",)]
    assert "comment_deleted" in {kind for (kind,) in collected.rows("SELECT kind FROM item_events")}


def test_a_renamed_repository_keeps_its_row_and_all_that_is_in_it(collected, world):
    before = collected.rows("SELECT id, github_id FROM repositories WHERE name = 'asio'")
    world.rename_repository("asio", "net")
    world.add_issue("net", "After the renaming", "ada")
    collected.collect()

    assert collected.rows("SELECT id, github_id FROM repositories WHERE name = 'net'") == before
    assert collected.value("SELECT count(*) FROM repositories") == 2
    assert collected.value("SELECT count(*) FROM issues i WHERE i.repository_id = %s", before[0][0]) == 2


def test_the_items_of_a_renamed_repository_go_to_the_row_that_the_catalogue_made(collected, world):
    with collected.warehouse.transaction() as transaction:
        transaction.execute("INSERT INTO repositories (owner, name, kind) VALUES ('boostorg', 'net', 'boost')")
    world.review("asio", 2, "cy", "APPROVED")
    collected.collect()
    world.rename_repository("asio", "net")
    collected.collect()

    for table in ("issues", "pull_requests", "reviews", "comments"):
        names = collected.rows(f"SELECT DISTINCT r.name FROM {table} t JOIN repositories r ON r.id = t.repository_id")
        assert ("net",) in names
        assert ("asio",) not in names


def test_a_list_of_an_item_that_is_longer_than_a_page_is_read_to_its_end(platform, world):
    for round_ in range(130):
        (world.label if round_ % 2 == 0 else world.unlabel)("asio", 1, "flip", "cy")
    platform.collect()

    assert platform.value("SELECT count(*) FROM item_events WHERE number = 1 AND kind LIKE '%%labeled'") == 130
    assert platform.value("SELECT count(*) FROM truncated_connections") == 0


def test_bots_have_one_account_whichever_api_told_of_them(platform, world):
    world.comment("asio", 1, "helper[bot]", "I am a bot.")
    world.add_issue("config", "Filed by a bot", "helper[bot]")
    platform.collect()

    assert platform.rows("SELECT login, kind FROM accounts WHERE kind = 'bot'") == [("helper[bot]", "bot")]


def test_text_that_no_database_can_hold_is_kept_as_far_as_it_can():
    from boost_pipeline.collectors.github.fields import text

    assert text("a\0b\ud800c\U0001f4a3") == "ab\ufffdc\U0001f4a3"


def test_more_comments_of_one_second_than_a_page_holds_are_all_read_and_then_cost_nothing(platform, world):
    lines = [("a.hpp", line, f"Line {line}") for line in range(230)]
    world.review("asio", 2, "cy", "COMMENTED", lines=lines)
    platform.collect()
    assert platform.value("SELECT count(*) FROM comments WHERE kind = 'review'") == 230

    assert platform.collect()["points"] == 1, "the sweep"

    world.reply("asio", next(iter(world.repository("asio").review_comments)).id, "ben", "All of them?")
    platform.collect()
    assert platform.value("SELECT count(*) FROM comments WHERE kind = 'review'") == 231
    assert platform.collect()["points"] == 1


def test_a_comment_that_follows_a_full_page_is_read(platform, world):
    for number in range(99):  # with the one that is there, exactly a page
        world.comment("asio", 1, "cy", f"Opinion {number}")
    platform.collect()
    platform.collect()
    world.comment("asio", 1, "cy", "The last word")
    platform.collect()

    assert platform.value("SELECT count(*) FROM comments WHERE body = 'The last word'") == 1


@pytest.mark.parametrize("place", ["a place that GitHub forgot", None])
def test_a_pass_that_was_killed_brings_what_changed_since_as_well(collected, world, place):
    with collected.warehouse.transaction() as transaction:
        (position,) = [row[0] for row in transaction.rows(POSITION)]
        stream = {"floor": None, "newest": position["issues"], "after": place, "is_done": False}
        killed = position | {"pass": {"mark": position["mark"], "streams": {"issues": stream}}}
        transaction.execute(
            "UPDATE cursors SET position = %s WHERE asset = 'github/issues' AND unit = 'asio'", (Jsonb(killed),)
        )
    world.add_issue("asio", "Meanwhile", "ada")
    world.merge("asio", 2, "cy")

    collected.collect()

    assert ("Meanwhile",) in collected.rows("SELECT title FROM issues")
    assert (
        collected.value(
            "SELECT state FROM pull_requests p JOIN repositories r ON r.id = p.repository_id WHERE r.name = 'asio'"
        )
        == "merged"
    )
    assert "pass" not in collected.rows(POSITION)[0][0]


POSITION = "SELECT position FROM cursors WHERE asset = 'github/issues' AND unit = 'asio'"
