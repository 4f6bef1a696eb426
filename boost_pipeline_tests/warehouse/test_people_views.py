"""Bots, persons and authors, as all views count them."""

from itertools import count
from typing import Any

import pytest

from boost_pipeline.collectors.identities import resolve


@pytest.fixture
def transaction(warehouse):
    with warehouse.transaction() as transaction:
        transaction.execute(
            "INSERT INTO repositories (id, owner, name, kind) OVERRIDING SYSTEM VALUE VALUES (1, 'b', 'asio', 'boost')"
        )
        yield transaction


_NUMBERS = count()


def commit(transaction, name: str, email: str, *, trailers: tuple[str, ...] = (), **more: Any) -> None:
    values: dict[str, Any] = {"is_merge": False, "is_reachable": True, "on_default_branch": True} | more
    number = transaction.value(
        """
        INSERT INTO commits (repository_id, sha, parents, author_name, author_email, author_utc_offset, committer_name,
            committer_email, subject, message, is_merge, is_reachable, on_default_branch, files_changed, additions,
            deletions, first_release_id)
        VALUES (1, %(sha)s, '{}', %(name)s, %(email)s, 0, '', '', '', '', %(is_merge)s, %(is_reachable)s,
            %(on_default_branch)s, 1, 10, 1, %(first_release_id)s) RETURNING id
        """,
        {"first_release_id": None, "sha": str(next(_NUMBERS)), "name": name, "email": email} | values,
    )
    for position, value in enumerate(trailers):
        transaction.execute(
            "INSERT INTO commit_trailers VALUES (%s, %s, 'Co-Authored-By', %s)", (number, position, value)
        )


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com"),
        ("dependabot-preview", "x@y.org"),
        ("Renovate Bot", "bot@renovateapp.com"),
        ("renovate", "x@y.org"),
        ("GitHub Action", "action@github.com"),
        ("GitHub Actions", "x@y.org"),
        ("github-actions", "x@y.org"),
        ("actions-user", "x@y.org"),
        ("TagBot", "x@y.org"),
        ("Travis CI User", "travis@example.org"),
        ("Travis bot", "somebody@gmail.com"),
        ("Deployment Bot (from Travis CI)", "deploy@travis-ci.org"),
        ("AppVeyor", "x@y.org"),
        ("Automated Commit", "x@y.org"),
        ("Commit Bot", "x@y.org"),
        ("boost-commitbot", "x@y.org"),
        ("Jenkins nedprod CI", "foo@nowhere"),
        ("Claude", "noreply@anthropic.com"),
        ("Claude Opus 4.8", "x@y.org"),
        ("Copilot", "175728472+Copilot@users.noreply.github.com"),
        ("GitHub Copilot", "x@y.org"),
        ("Cursor Agent", "cursoragent@cursor.com"),
        ("Devin AI", "x@y.org"),
        ("aider (gpt-4o)", "aider@aider.chat"),
        ("Someone", "1+some[bot]@users.noreply.github.com"),
        ("nobody", "nobody@localhost"),
    ],
)
def test_the_published_list_of_bots(transaction, name, email):
    assert transaction.value("SELECT is_bot_author(%s, %s)", (name, email))


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Claude Lacoursière", "claude@x.org"),
        ("Claude", "claude@x.org"),
        ("Devin Smith", "d@x.org"),
        ("Travis Gockel", "t@x.org"),
        ("Vicente J. Botet Escriba", "v@x.org"),
        ("Alex", "leha-bot@users.noreply.github.com"),
        ("robotrovsky", "r@x.org"),
        ("Ci Wang", "c@x.org"),
        ("Andrea Bocci", "a@x.org"),
        ("David Jenkins", "d@jenkins.net"),
        ("Jan Bot", "j@x.org"),
        ("", ""),
    ],
)
def test_people_with_names_like_those_of_bots_are_people(transaction, name, email):
    assert not transaction.value("SELECT is_bot_author(%s, %s)", (name, email))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada Example <ada@example.org>", "Ada Example"),
        ("ada@example.org", "ada"),
        ("Ed (ed (at) example.org)", "Ed"),
        ("Niall D (s [underscore] x {at} nedprod [dot] com", "Niall D"),
        ("Bo <bo -at- example -dot- org>", "Bo"),
        ("Romain Geissler @ Amadeus", "Romain Geissler @ Amadeus"),
        ("  Matt At Home ", "Matt At Home"),
        ("", "unnamed"),
        ("@", "@"),
    ],
)
def test_a_name_is_shown_without_the_address_in_it(transaction, name, shown):
    assert transaction.value("SELECT shown_name(%s)", (name,)) == shown


def test_a_commit_counts_once_and_for_each_of_its_authors(transaction):
    both = ("Ben Bee <ben@x.org>", "ADA@x.org <Ada@x.org>", "Ben Bee <ben@home.org>", "Claude <noreply@anthropic.com>")
    commit(transaction, "Ada Ay", "ada@x.org", trailers=both)
    resolve(transaction)

    assert transaction.rows("SELECT name, place FROM authorships ORDER BY place") == [("Ada Ay", 1), ("Ben Bee", 2)]
    assert transaction.rows("SELECT contributors, commits, absence_factor FROM repository_people") == [(2, 1, 2)]


def test_the_commit_of_a_bot_with_a_person_beside_it_is_the_person_s(transaction):
    commit(transaction, "Copilot", "x@y.org", trailers=("Ada Ay <ada@x.org>",))
    commit(transaction, "Copilot", "x@y.org")
    resolve(transaction)

    assert transaction.rows("SELECT name, place FROM authorships") == [("Ada Ay", 1)]
    assert transaction.rows("SELECT commits, merges, by_bots, by_people FROM commits_left_out") == [(2, 0, 1, 1)]


def test_an_author_who_was_not_resolved_yet_is_a_person_by_the_address(transaction):
    commit(transaction, "Ada Ay", "ada@x.org")
    commit(transaction, "Ada", "ADA@x.org")
    commit(transaction, "ci [bot]", "ci@x.org")

    assert transaction.rows("SELECT commits FROM contributors") == [(2,)]
    before = transaction.rows("SELECT person FROM contributors")
    resolve(transaction)
    assert transaction.rows("SELECT person FROM contributors") == before
    assert resolve(transaction).total == 0


def test_hostile_names_are_one_person_each_and_no_error(transaction):
    for name in ("x" * 100_000, "\u202e<@>" * 50, "<" * 3000 + "@", "(" * 500 + "a@b" + ")" * 500, " at " * 1000):
        commit(transaction, name, "y" * 5000 + name[:3])
    resolve(transaction)

    assert transaction.value("SELECT count(*) FROM contributors") == 5
