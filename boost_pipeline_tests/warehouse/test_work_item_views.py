"""The CHAOSS views, compared with rows computed by hand. Days are of January 2026, hours of the first."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from boost_pipeline.collectors.identities import resolve
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(days: float = 0, hours: float = 0) -> datetime:
    return START + timedelta(days=days, hours=hours)


class Tables:
    """Writes rows that say only what a test is about."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self.ids = count(1000)
        self.put("repositories", owner="boostorg", name="asio", kind="boost")
        for login, kind in (("ada", "user"), ("ben", "user"), ("cy", "user"), ("ci[bot]", "user"), ("app", "bot")):
            self.put("accounts", github_id=next(self.ids), login=login, kind=kind)

    def put(self, table: str, **values: Any) -> None:
        names = list(values)
        columns, marks = ", ".join(names), ", ".join(["%s"] * len(names))
        self.transaction.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(values.values()))

    def account(self, login: str | None) -> Any:
        return self.transaction.value("SELECT id FROM accounts WHERE login = %s", (login,))

    @property
    def asio(self) -> int:
        return self.transaction.value("SELECT id FROM repositories WHERE name = 'asio'")

    def item(self, number: int, author: str | None = "ada", created: datetime = START, **more: Any) -> None:
        """Add a pull request; with `issue=True` an issue."""
        issue = more.pop("issue", False)
        values = {
            "repository_id": self.asio,
            "number": number,
            "github_id": next(self.ids),
            "node_id": "",
            "title": f"#{number}",
            "body": "",
            "state": "open",
            "author_id": self.account(author),
            "created_at": created,
            "updated_at": created,
            "is_locked": False,
            "comment_count": 0,
        }
        if not issue:
            values |= dict.fromkeys(("base_ref", "head_ref", "base_sha", "head_sha"), "x")
            values |= {"is_draft": False, "additions": 1, "deletions": 1, "changed_files": 1}
        if more.get("merged_at"):
            more.setdefault("closed_at", more["merged_at"])
        self.put("issues" if issue else "pull_requests", **values | more)

    def comment(self, number: int, author: str | None, when: datetime, **more: Any) -> None:
        self.put(
            "comments",
            **{
                "kind": "issue",
                "github_id": next(self.ids),
                "node_id": "",
                "repository_id": self.asio,
                "number": number,
                "author_id": self.account(author),
                "body": "",
                "created_at": when,
                "updated_at": when,
            }
            | more,
        )

    def review(self, number: int, author: str, state: str, when: datetime) -> None:
        self.put(
            "reviews",
            github_id=next(self.ids),
            node_id="",
            repository_id=self.asio,
            number=number,
            author_id=self.account(author),
            state=state,
            body="",
            submitted_at=when,
            updated_at=when,
        )

    def event(self, number: int, kind: str, when: datetime) -> None:
        self.put(
            "item_events",
            node_id=str(next(self.ids)),
            repository_id=self.asio,
            number=number,
            kind=kind,
            created_at=when,
            payload="{}",
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.transaction.rows(query)


@pytest.fixture
def tables(warehouse: Warehouse):
    with warehouse.transaction() as transaction:
        yield Tables(transaction)


def test_the_first_response_is_the_first_word_of_a_person_other_than_the_author(tables):
    tables.item(1, "ada")
    tables.comment(1, "ada", at(hours=1))
    tables.comment(1, "ci[bot]", at(hours=2))
    tables.comment(1, "app", at(hours=3))
    tables.comment(1, None, at(hours=4))
    tables.comment(1, "ben", at(hours=5), deleted_at=at(1))
    tables.review(1, "ben", "commented", at(hours=7))
    tables.comment(1, "cy", at(hours=6))

    assert tables.rows("SELECT hours, what, login FROM first_responses f JOIN accounts a ON a.id = f.responder_id") == [
        (6, "comment", "cy")
    ]


def test_items_of_bots_wait_for_no_answer_and_those_of_ghosts_do(tables):
    tables.item(1, "ci[bot]")
    tables.item(2, None)
    tables.comment(2, "ben", at(hours=2))

    assert tables.rows("SELECT number, hours FROM first_responses") == [(2, 2)]


def test_time_to_first_response_is_a_median_of_the_answered_and_counts_the_others(tables):
    for number, hours in ((1, 1), (2, 3), (3, 20)):
        tables.item(number, issue=True)
        tables.comment(number, "ben", at(hours=hours))
    tables.item(4, issue=True)
    tables.item(5, issue=True, closed_at=at(1))

    assert tables.rows(
        "SELECT item, items, answered, waiting, median_hours_of_answered FROM time_to_first_response"
    ) == [("issue", 5, 3, 1, 3)]


def test_responses_are_counted_to_the_release_in_whose_window_the_item_was_opened(tables):
    for number, (tag, day) in enumerate((("boost-1.80.0", 0), ("boost-1.81.0", 10)), start=1):
        tables.put(
            "releases",
            tag=tag,
            kind="stable",
            major=1,
            minor=80 + number,
            patch=0,
            commit_sha="x",
            released_on=at(day).date(),
            released_on_source="website",
        )
        if number == 2:
            tables.transaction.execute(
                "UPDATE releases SET previous_id = (SELECT id FROM releases WHERE tag = 'boost-1.80.0') WHERE tag = %s",
                (tag,),
            )
    for number, day in ((1, 0), (2, 9), (3, 10)):
        tables.item(number, created=at(day), issue=True)
    tables.comment(1, "ben", at(hours=4))

    assert tables.rows(
        "SELECT r.tag, v.items, v.answered, v.median_hours_of_answered FROM response_by_release v "
        "JOIN releases r ON r.id = v.release_id"
    ) == [("boost-1.81.0", 2, 1, 4)]


def test_responders_are_told_with_how_often_they_came_first(tables):
    tables.item(1)
    tables.item(2)
    for number, who, hours in ((1, "ben", 1), (1, "cy", 2), (2, "ben", 3)):
        tables.comment(number, who, at(hours=hours))
    tables.review(1, "ben", "approved", at(hours=4))

    assert tables.rows("SELECT login, answers, items, first_answers, reviews FROM responders ORDER BY login") == [
        ("ben", 3, 2, 2, 1),
        ("cy", 1, 1, 0, 0),
    ]


def test_a_review_round_is_changes_requested_then_a_push_then_another_review(tables):
    tables.item(1)
    story = [
        "changes_requested",
        "changes_requested",
        "push",
        "push",
        "commented",
        "push",
        "approved",
        "push",
        "commented",
    ]
    for hour, what in enumerate(story, start=1):
        if what == "push":
            tables.event(1, "committed", at(hours=hour))
        else:
            tables.review(1, "ben", what, at(hours=hour))
    tables.item(2)
    tables.review(2, "ada", "commented", at(hours=1))

    assert tables.rows("SELECT number, rounds FROM review_rounds ORDER BY number") == [(1, 2), (2, 0)]


def test_reviews_of_closed_pull_requests_are_those_of_others(tables):
    tables.item(1, merged_at=at(1), state="merged")
    tables.review(1, "ben", "approved", at(hours=1))
    tables.item(2, closed_at=at(1), state="closed")
    tables.review(2, "ada", "commented", at(hours=1))
    tables.item(3)
    tables.review(3, "ben", "changes_requested", at(hours=1))

    assert tables.rows(
        "SELECT closed, reviewed, approved, changes_requested, reviewed_ratio FROM change_request_reviews"
    ) == [(2, 1, 1, 0, 0.5)]


def test_closure_and_acceptance_are_null_where_nothing_divides_them(tables):
    tables.item(1, created=at(1), merged_at=at(2), state="merged")
    tables.item(2, created=at(1), merged_at=at(3), state="merged")
    tables.item(3, created=at(1), closed_at=at(4), state="closed")
    tables.item(4, created=at(1))
    tables.item(5, "app", created=at(1), closed_at=at(2), state="closed")

    def between(start: datetime, end: datetime) -> list:
        return tables.transaction.rows(
            "SELECT opened, closed, merged, closed_unmerged, closure_ratio, acceptance_ratio, "
            "round(merged_share::numeric, 3)::float FROM change_request_ratios_between(%s, %s)",
            (start, end),
        )

    assert between(at(0), at(9)) == [(4, 3, 2, 1, 0.75, 2, 0.667)]
    assert between(at(2), at(4)) == [(0, 2, 2, 0, None, None, 1)]
    assert between(at(20), at(30)) == []
    assert tables.rows("SELECT year::text, opened FROM change_request_ratios") == [("2026-01-01", 4)]


def test_the_age_of_issues_at_a_day_is_of_those_open_then(tables):
    tables.item(1, issue=True, closed_at=at(20), state="closed")
    tables.event(1, "closed", at(5))
    tables.event(1, "reopened", at(8))
    tables.event(1, "closed", at(20))
    tables.item(2, created=at(2), issue=True)
    tables.item(3, created=at(11), issue=True)
    tables.item(4, created=at(1), issue=True, closed_at=at(3), state="closed")

    def aged(day: int) -> list:
        return tables.transaction.rows("SELECT open_issues, median_days, oldest_days FROM issue_age_at(%s)", (at(day),))

    assert aged(6) == [(1, 4, 4)]
    assert aged(10) == [(2, 9, 10)]
    assert aged(30) == [(2, 23.5, 28)]


@pytest.mark.parametrize(
    ("contributions", "factor"),
    [([1000, 202, 90, 33, 332, 343, 42, 433], 2), ([1, 1], 2), ([3, 1], 1), ([5], 1), ([], 0), ([0, 0], 0)],
)
def test_the_absence_factor_is_that_of_the_example_of_chaoss(tables, contributions, factor):
    assert tables.transaction.value("SELECT absence_factor(%s::bigint[])", (contributions,)) == factor


def test_contributors_are_accounts_where_known_and_bots_and_merges_are_none(tables):
    def commit(email: str, **more: Any) -> None:
        values = dict.fromkeys(("author_name", "committer_name", "committer_email", "subject", "message"), "x")
        flags = {"is_merge": False, "is_reachable": True, "on_default_branch": True}
        figures = dict.fromkeys(("author_utc_offset", "files_changed", "additions", "deletions"), 0)
        sha = str(next(tables.ids))
        tables.put(
            "commits",
            **values | flags | figures | more,
            author_email=email,
            repository_id=tables.asio,
            sha=sha,
            parents=[],
        )

    for email, login in (("ada@work", "ada"), ("ada@home", "ada"), ("ci@x", "ci[bot]")):
        tables.put(
            "commit_author_accounts", email=email, account_id=tables.account(login), evidence="commit", found_at=START
        )
    for email in ("ada@work", "ada@home", "ci@x", "ci@x", "ci@x", "ben@home"):
        commit(email)
    commit("ben@home", is_merge=True)
    resolve(tables.transaction)

    assert tables.rows("SELECT contributors, commits, absence_factor FROM absence_factors") == [(2, 3, 1)]


def test_who_waits_is_told_since_when(tables):
    tables.item(1, issue=True, created=at(1))
    tables.item(2, created=at(2))
    tables.comment(2, "ben", at(3))
    tables.item(3, created=at(4), is_draft=True)
    tables.item(4, created=at(5), updated_at=at(9))
    tables.review(4, "ben", "changes_requested", at(6))
    tables.event(4, "committed", at(7))
    tables.event(4, "committed", at(4000))

    assert tables.rows("SELECT number, waiting_since FROM waiting_items") == [(1, at(1))]
    assert tables.rows("SELECT number, waiting_since FROM waiting_reviews ORDER BY 1") == [(2, at(2)), (4, at(7))]
