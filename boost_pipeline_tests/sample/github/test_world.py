"""What each act leaves behind, and which of them touch the item."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from boost_pipeline.errors import UnknownName
from boost_pipeline.sample.github.model import Gap
from boost_pipeline.sample.github.world import World

DAY = datetime(2019, 10, 1, 12, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    """Two repositories; in one an issue 1 with a comment, and a pull request 2 with a review and an inline comment."""
    world = World(DAY)
    for login in ("jane", "ada"):
        world.add_account(login)
    world.add_repository("config")
    world.add_repository("core")
    world.add_issue("config", "Broken", "jane", labels=("bug",))
    world.comment("config", 1, "ada", "Where?")
    world.add_pull_request("config", "Mend", "jane")
    world.review("config", 2, "ada", "CHANGES_REQUESTED", "No.", lines=[("a.hpp", 3, "Why?")])
    return world


def comment_id(world: World) -> int:
    return world.repository("config").comments.of(1)[0].id


def inline_id(world: World) -> int:
    return world.repository("config").review_comments.of(2)[0].id


TOUCHING: dict[str, tuple[int, Callable[[World], object]]] = {
    "comment": (1, lambda w: w.comment("config", 1, "jane", "Here.")),
    "delete a comment": (1, lambda w: w.delete_comment("config", comment_id(w), "jane")),
    "edit the title": (1, lambda w: w.edit_item("config", 1, "jane", title="Very broken")),
    "label": (1, lambda w: w.label("config", 1, "urgent", "ada")),
    "unlabel": (1, lambda w: w.unlabel("config", 1, "bug", "ada")),
    "assign": (1, lambda w: w.assign("config", 1, "ada", "jane")),
    "milestone": (1, lambda w: w.milestone("config", 1, "1.72", "ada")),
    "close": (1, lambda w: w.close("config", 1, "ada")),
    "lock": (1, lambda w: w.lock("config", 1, "ada", "spam")),
    "convert": (1, lambda w: w.convert_to_discussion("config", 1, "ada")),
    "review": (2, lambda w: w.review("config", 2, "ada", "APPROVED")),
    "reply": (2, lambda w: w.reply("config", inline_id(w), "jane", "Because.")),
    "push": (2, lambda w: w.push("config", 2, "jane")),
    "force-push": (2, lambda w: w.force_push("config", 2, "jane")),
    "draft": (2, lambda w: w.convert_to_draft("config", 2, "jane")),
    "request": (2, lambda w: w.request_review("config", 2, "ada", "jane")),
    "merge": (2, lambda w: w.merge("config", 2, "ada")),
    "dismiss": (2, lambda w: w.dismiss_review("config", w.repository("config").reviews.of(2)[0].id, "ada", "Old.")),
}
SILENT: dict[str, tuple[int, Callable[[World], object]]] = {
    "edit a comment": (1, lambda w: w.edit_comment("config", comment_id(w), "Where exactly?")),
    "edit an inline comment": (2, lambda w: w.edit_review_comment("config", inline_id(w), "Why not?")),
    "mention": (1, lambda w: w.mention("config", 1, ("config", 2), "jane")),
    "reference": (1, lambda w: w.reference("config", 1, "0" * 40, "jane")),
    "rename a label": (1, lambda w: w.rename_label("config", "bug", "defect")),
    "rename a login": (1, lambda w: w.rename_login("jane", "jane-d")),
    "delete an account": (1, lambda w: w.delete_account("jane")),
    "star": (1, lambda w: w.star("config")),
    "write a pending review": (2, lambda w: w.review("config", 2, "jane", "PENDING", "Hm.")),
    "delete the fork": (2, lambda w: w.delete_fork("config", 2)),
}


@pytest.mark.parametrize("act", TOUCHING)
def test_this_touches_the_item(world: World, act):
    number, do = TOUCHING[act]
    before = world.item("config", number).updated_at
    do(world)

    assert world.item("config", number).updated_at > before


@pytest.mark.parametrize("act", SILENT)
def test_this_does_not_touch_the_item(world: World, act):
    number, do = SILENT[act]
    before = world.item("config", number).updated_at
    do(world)

    assert world.item("config", number).updated_at == before


def test_an_edited_comment_touches_the_item_where_the_world_is_made_so(world: World):
    world.edits_touch = True
    world.edit_comment("config", comment_id(world), "Where exactly?")

    assert world.item("config", 1).updated_at == world.now


def test_a_mention_in_a_comment_leaves_events_of_the_one_who_is_mentioned(world: World):
    ada = world.login("ada")
    world.comment("config", 1, "jane", "@ada and @nobody: see mail@ada.example and a/@ada")

    events = [(event.kind, event.actor) for event in world.repository("config").events.of(1)]
    assert ada
    assert events[1:] == [("mentioned", ada.id), ("subscribed", ada.id)]


def test_an_edited_comment_says_when(world: World):
    edited = world.edit_comment("config", comment_id(world), "Where exactly?")

    assert edited.created_at < edited.updated_at == edited.edited_at == world.now


def test_a_transfer_gives_the_issue_another_id_and_number_and_leaves_a_trace(world: World):
    old = world.item("config", 1)
    world.add_issue("core", "First", "ada")
    moved = world.transfer("config", 1, "core", "ada")
    there = world.repository("core")

    assert (moved.number, moved.created_at, moved.labels) == (2, old.created_at, ())
    assert moved.id != old.id
    assert [comment.body for comment in there.comments.of(2)] == ["Where?"]
    assert [event.kind for event in there.events.of(2)] == ["transferred"]
    assert world.repository("config").gaps == {1: Gap("transferred", (there.facts.id, 2))}
    assert not world.repository("config").comments.of(1)


def test_a_deleted_issue_leaves_only_its_number(world: World):
    world.delete("config", 1)
    state = world.repository("config")

    assert state.gaps == {1: Gap("deleted")}
    assert 1 not in state.items
    assert not [*state.comments.of(1), *state.events.of(1)]
    assert world.add_issue("config", "Next", "jane").number == 3


def test_a_number_is_not_given_twice(world: World):
    with pytest.raises(UnknownName, match="has the number 1 already"):
        world.add_issue("config", "Again", "jane", number=1)


def test_today_a_converted_issue_stays_closed_and_locked_beside_a_discussion(world: World):
    number = world.convert_to_discussion("config", 1, "ada")
    item = world.item("config", 1)

    assert (item.state, item.locked, number) == ("closed", True, 3)
    assert world.repository("config").discussions[3].title == "Broken"


def test_before_2022_a_converted_issue_became_the_discussion_of_its_number(world: World):
    assert world.convert_to_discussion("config", 1, "ada", as_before_2022=True) == 1
    assert 1 not in world.repository("config").items


def test_a_force_push_replaces_the_commits_and_outdates_inline_comments(world: World):
    old = world.pull("config", 2)
    world.push("config", 2, "jane")
    new = world.force_push("config", 2, "jane")
    kinds = [event.kind for event in world.repository("config").events.of(2)]

    assert new.head_sha != old.head_sha
    assert kinds == ["head_ref_force_pushed", "committed"]
    assert world.repository("config").review_comments.of(2)[0].line is None


def test_reviews_decide_by_the_latest_verdict_of_each(world: World):
    state = world.repository("config")
    assert state.decision(2) == "CHANGES_REQUESTED"
    world.review("config", 2, "ada", "COMMENTED", "Hm.")
    assert state.decision(2) == "CHANGES_REQUESTED"
    world.review("config", 2, "ada", "APPROVED")
    assert state.decision(2) == "APPROVED"
    world.dismiss_review("config", state.reviews.of(2)[-1].id, "jane", "Too soon.")
    assert state.decision(2) == "CHANGES_REQUESTED"


def test_a_login_that_was_given_up_may_be_taken_and_no_other(world: World):
    jane = world.login("jane")
    assert jane
    with pytest.raises(UnknownName, match="'ada' is taken"):
        world.rename_login("jane", "ada")
    world.rename_login("jane", "jane-d")
    other = world.add_account("jane")

    assert other.id != jane.id
    assert world.accounts[jane.id].login == "jane-d"
    assert world.item("config", 1).author == jane.id


def test_what_is_not_there_is_named(world: World):
    with pytest.raises(UnknownName, match="no repository 'nowhere'"):
        world.add_issue("nowhere", "x", "jane")
    with pytest.raises(UnknownName, match="no account 'nobody'"):
        world.add_issue("config", "x", "nobody")
    with pytest.raises(UnknownName, match="neither an issue nor a pull request 9"):
        world.close("config", 9, "jane")
    with pytest.raises(UnknownName, match="no pull request"):
        world.merge("config", 1, "jane")


def test_a_noreply_address_names_the_account_by_its_number_whatever_the_login(world: World):
    jane = world.login("jane")
    assert jane

    assert world.email(f"{jane.id}+old-login@users.noreply.github.com") == jane
    assert world.email("nobody@example.org") is None


def test_each_act_takes_a_second(world: World):
    before = world.now
    first, second = world.comment("config", 1, "jane", "a"), world.comment("config", 1, "jane", "b")

    assert (first.created_at - before).seconds == (second.created_at - first.created_at).seconds == 1
    assert first.id < second.id
