"""Loading accounts: whoever has new ones waits for others that have, and nobody else does."""

import pytest

from boost_pipeline.collectors.github import items
from boost_pipeline.collectors.github.loading import load_accounts, load_items
from boost_pipeline.collectors.github.shapes import Account

ADA = Account(1, "U_1", "ada", "Ada", "user", "https://example.org/1")
BEN = Account(2, "U_2", "ben", None, "user", "https://example.org/2")


@pytest.fixture
def stored(warehouse):
    """Ada is stored already; return the warehouse."""
    with warehouse.transaction() as transaction:
        load_accounts(transaction, [ADA])
    return warehouse


def locks(transaction) -> int:
    """Return how many advisory locks the transaction holds."""
    return transaction.value(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()"
    )


def test_who_tells_of_known_accounts_only_writes_nothing_and_keeps_nobody_waiting(stored):
    with stored.transaction() as transaction:
        ids, changes = load_accounts(transaction, [ADA, ADA._replace(name=None)])

        assert ids.of(ADA) == transaction.value("SELECT id FROM accounts WHERE login = 'ada'")
        assert changes.total == 0
        assert locks(transaction) == 0


@pytest.mark.parametrize("account", [BEN, ADA._replace(login="ada-of-old"), ADA._replace(avatar_url="elsewhere")])
def test_who_tells_of_a_new_or_changed_account_writes_that_alone_and_holds_the_lock(stored, account):
    with stored.transaction() as transaction:
        ids, changes = load_accounts(transaction, [ADA._replace(github_id=3, login="cy"), account])

        assert changes.total == 2
        assert locks(transaction) == 1
        query = "SELECT login, avatar_url FROM accounts WHERE id = %s"
        assert transaction.rows(query, (ids.of(account),)) == [(account.login, account.avatar_url)]


def test_what_another_loaded_meanwhile_is_not_written_again(stored):
    with stored.transaction() as first, stored.transaction() as second:
        load_accounts(first, [BEN])
        first.connection.commit()
        _, changes = load_accounts(second, [BEN])

        assert changes.total == 0


def test_a_page_of_items_is_loaded_without_keeping_others_from_accounts(platform, monkeypatch):
    held = []

    def watched(transaction, *page):
        changes = load_items(transaction, *page)
        held.append(locks(transaction))
        return changes

    monkeypatch.setattr(items, "load_items", watched)
    platform.collect()

    assert held
    assert not any(held)
