"""The sample's GitHub fits its git histories, has no holes, and has each case that it promises."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from boost_pipeline.sample.github.days import advance
from boost_pipeline.sample.github.incidents import FUTURE, LATE_EDIT, LATE_MERGE
from boost_pipeline.sample.github.model import PullRequest
from boost_pipeline.sample.github.script import sample_world
from boost_pipeline.sample.github.world import World
from boost_pipeline.sample.releases import END
from boost_pipeline.sample.script import play

DIGEST = """
from hashlib import sha256
from boost_pipeline.sample.github.script import sample_world
world = sample_world()
told = [(s.facts, s.items, s.gaps, s.discussions, list(s.comments), list(s.reviews), list(s.events))
        for s in world.repositories.values()]
print(sha256(repr((told, world.accounts)).encode()).hexdigest())
"""


def test_the_sample_is_the_same_on_every_machine():
    digests = set()
    for seed, zone in (("1", "UTC"), ("4242", "Asia/Kathmandu")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone}
        done = subprocess.run([sys.executable, "-c", DIGEST], env=environment, capture_output=True, check=True)
        digests.add(done.stdout)

    assert len(digests) == 1


def test_every_repository_of_the_sample_is_there(world: World):
    assert {state.facts.name for state in world.repositories.values()} == set(play().histories)


def test_numbers_have_no_holes(world: World):
    for state in world.repositories.values():
        known = [*state.items, *state.gaps, *state.discussions]
        assert sorted(known) == list(range(1, state.next_number))


def test_later_numbers_were_opened_later(world: World):
    for state in world.repositories.values():
        opened = [item.created_at for _, item in sorted(state.items.items()) if item.number != state.next_number - 1]
        assert opened == sorted(opened)


def test_the_pull_requests_of_the_histories_are_there_with_their_merges(world: World):
    count = 0
    for name, history in play().histories.items():
        for commit in history.commits.values():
            if found := re.match(r"Merge pull request #(\d+) from ([\w-]+)/(\S+)", commit.message):
                pull = world.pull(name, int(found[1]))
                assert (pull.merge_commit_sha, pull.head_sha) == (commit.sha, commit.parents[1])
                assert pull.merged_at
                assert abs((pull.merged_at - commit.committer.at).total_seconds()) < 5
                assert (pull.head_owner, pull.head_ref) == (found[2], found[3])
                count += 1
    assert count > 20


def test_nothing_happened_after_the_last_day(world: World):
    newest = max(item.updated_at for state in world.repositories.values() for item in state.items.values())

    assert newest < END
    assert world.now == END


def test_an_old_comment_was_edited_late_without_touching_its_issue(world: World):
    state = world.repository("config")
    edited = state.comments.of(7)[0]

    assert edited.updated_at > LATE_EDIT
    assert (LATE_EDIT - edited.created_at).days > 1000
    assert state.items[7].updated_at < LATE_EDIT


def test_a_pull_request_was_merged_years_after_anybody_touched_it(world: World):
    pull = world.pull("config", 8)
    others = [thing.created_at for thing in world.repository("config").reviews.of(8)]

    assert pull.merged_at
    assert pull.merged_at > LATE_MERGE
    assert (pull.merged_at - max(others)).days > 1000


def test_a_commit_is_from_the_future(world: World):
    pull = world.pull("smart_ptr", 2)

    assert world.repository("smart_ptr").commits[pull.head_sha].author.at == FUTURE > world.now


def test_no_text_holds_a_nul(world: World):
    for state in world.repositories.values():
        texts = [text for item in state.items.values() for text in (item.title, item.body)]
        texts += [comment.body for comment in state.comments]
        assert not any("\0" in text for text in texts)


def test_a_later_day_changes_what_it_says_and_nothing_else(world: World):
    before = {state.facts.name: (dict(state.items), len(state.comments)) for state in world.repositories.values()}
    touched = advance(world, 1)
    changed = {
        state.facts.name
        for state in world.repositories.values()
        if (dict(state.items), len(state.comments)) != before.get(state.facts.name)
    }

    assert len(touched) == 3
    assert set(touched) <= changed
    assert len(changed) <= len(touched) + 1  # a transferred issue arrives somewhere


def test_the_same_days_give_the_same_world():
    one, other = sample_world(), sample_world()
    for day in range(12):
        assert advance(one, day) == advance(other, day)

    assert [state.items for state in one.repositories.values()] == [s.items for s in other.repositories.values()]
    kinds = {event.kind for state in one.repositories.values() for event in state.events}
    assert {"head_ref_force_pushed", "transferred", "converted_to_discussion", "merged", "closed"} <= kinds


def test_pull_requests_are_of_every_state(world: World):
    pulls = [item for s in world.repositories.values() for item in s.items.values() if isinstance(item, PullRequest)]

    assert {(pull.state, pull.merged_at is not None) for pull in pulls} == {
        ("open", False),
        ("closed", False),
        ("closed", True),
    }
    assert any(pull.is_draft for pull in pulls)
    assert any(pull.head_owner is None for pull in pulls)
