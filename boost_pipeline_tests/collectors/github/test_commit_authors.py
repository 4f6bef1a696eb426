"""Addresses of commits and the accounts that they belong to."""

import pytest

from boost_pipeline.sample.github.model import Commit, Signature
from boost_pipeline_tests.collectors.github.conftest import NOW


def commit(platform, email: str, sha: str, *, at_github: bool = True) -> None:
    """Put a commit into the table, and to GitHub."""
    state = platform.world.repository("asio")
    if at_github:
        who = Signature("somebody", email, NOW)
        state.commits[sha] = Commit(sha, state.facts.id, who, who, "Work")
    with platform.warehouse.transaction() as transaction:
        transaction.execute(
            """
            INSERT INTO commits (repository_id, sha, parents, author_name, author_email, author_utc_offset,
                committer_name, committer_email, subject, message, is_merge, is_reachable, on_default_branch,
                files_changed, additions, deletions)
            SELECT id, %s, '{}', 'somebody', %s, 0, 'x', 'x', 's', 's', false, true, true, 0, 0, 0
            FROM repositories WHERE name = 'asio'
            """,
            (sha, email),
        )


@pytest.fixture
def links(collected):
    """Resolve, and return address → (GitHub's id, evidence)."""

    def resolved() -> dict:
        collected.collect()
        return {
            email: (number, evidence)
            for email, number, evidence in collected.rows(
                "SELECT k.email, a.github_id, k.evidence FROM commit_author_accounts k "
                "LEFT JOIN accounts a ON a.id = k.account_id"
            )
        }

    return resolved


def test_the_id_in_a_noreply_address_is_the_account_whatever_its_login_is_now(collected, world, links):
    ada = world.login("ada").id
    commit(collected, f"{ada}+oldname@users.noreply.github.com", "1" * 40)
    commit(collected, "4242+stranger@users.noreply.github.com", "2" * 40)

    assert links() == {
        f"{ada}+oldname@users.noreply.github.com": (ada, "noreply"),
        "4242+stranger@users.noreply.github.com": (4242, "noreply"),
    }
    assert collected.rows("SELECT login FROM accounts WHERE github_id = %s", ada) == [("ada",)]


def test_other_addresses_are_asked_for_by_one_commit_each_many_at_once(collected, world, links):
    commit(collected, "ben@example.org", "3" * 40)
    commit(collected, "nobody@example.org", "4" * 40)
    commit(collected, "gone@example.org", "5" * 40, at_github=False)
    before = len(collected.emulator.calls)

    assert links() == {
        "ben@example.org": (world.login("ben").id, "commit"),
        "nobody@example.org": (None, "none"),
        "gone@example.org": (None, "none"),
    }
    asked = [call for call in collected.emulator.calls[before:] if call.resource == "graphql"]
    assert len(asked) == 2, "the sweep, and one query for the three"


def test_an_address_is_asked_for_once_also_if_nobody_has_it(collected, world, links):
    commit(collected, "nobody@example.org", "4" * 40)
    links()
    before = len(collected.emulator.calls)
    links()

    asked = [call for call in collected.emulator.calls[before:] if call.resource == "graphql"]
    assert len(asked) == 1, "the sweep"


def test_a_bot_that_is_known_by_its_address_is_a_bot(collected, world, links):
    commit(collected, "49699333+dependabot[bot]@users.noreply.github.com", "6" * 40)
    links()

    assert collected.rows("SELECT kind FROM accounts WHERE github_id = 49699333") == [("bot",)]
