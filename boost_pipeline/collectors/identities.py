"""Keeps author_identities: each name and address that commits were written by, and which person it is."""

from __future__ import annotations

from typing import Final, LiteralString

from boost_pipeline.boost.identities import Identity, people
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Transaction

LONGEST: Final = 2000
"""Bytes of a name and an address together, as they are a key; a longer pair stays a person by itself."""

_WRITTEN_BY: LiteralString = """
    WITH written AS (
        SELECT author_name AS name, author_email AS email FROM commits GROUP BY 1, 2
        UNION SELECT name, email FROM co_authors
    )
    SELECT w.name, w.email, shown_name(w.name), k.account_id,
           is_bot_author(w.name, w.email) OR is_bot(a.kind, a.login)
    FROM written w LEFT JOIN commit_author_accounts k ON k.email = w.email LEFT JOIN accounts a ON a.id = k.account_id
    WHERE octet_length(w.name) + octet_length(w.email) <= %s
"""


def resolve(transaction: Transaction) -> Changes:
    """Bring author_identities to what commits, their trailers and the known accounts say now."""
    transaction.lock("author_identities")
    rows = transaction.rows(_WRITTEN_BY, (LONGEST,))
    found = {(email, name): Identity(shown, email, account, bot) for name, email, shown, account, bot in rows}
    person = people(set(found.values()))
    return transaction.merge(
        "author_identities",
        ["email", "name", "person", "shown_name", "is_bot"],
        [(*key, person[one], one.name, one.is_bot) for key, one in found.items()],
        key=["email", "name"],
    )
