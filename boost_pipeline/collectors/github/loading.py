"""Rows into tables: items with all that hangs on them, comments, accounts. Each load is a merge: twice is once.

What a table holds is told in `warehouse.tables.work_items`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from boost_pipeline.collectors.github.shapes import Account, Comment, Item
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Transaction

_ITEM_COLUMNS = (
    "repository_id",
    "number",
    "github_id",
    "node_id",
    "title",
    "body",
    "state",
    "author_id",
    "author_association",
    "created_at",
    "updated_at",
    "closed_at",
    "is_locked",
    "milestone",
    "comment_count",
    "deleted_at",
)
_MERGE_COLUMNS = (
    "merged_at",
    "merged_by_id",
    "is_draft",
    "base_ref",
    "head_ref",
    "base_sha",
    "head_sha",
    "merge_commit_sha",
    "additions",
    "deletions",
    "changed_files",
)
_REVIEW_COLUMNS = (
    "repository_id",
    "number",
    "github_id",
    "node_id",
    "author_id",
    "author_association",
    "state",
    "body",
    "submitted_at",
    "updated_at",
    "commit_sha",
)
_COMMENT_COLUMNS = (
    "repository_id",
    "number",
    "kind",
    "github_id",
    "node_id",
    "author_id",
    "author_association",
    "body",
    "created_at",
    "updated_at",
    "review_github_id",
    "in_reply_to",
    "path",
    "line",
    "commit_sha",
    "deleted_at",
)


class Ids:
    """The ids of accounts that were merged, by account."""

    def __init__(self, ids: dict[int, int]) -> None:
        self._ids = ids

    def of(self, account: Account | None) -> int | None:
        """Return the id of the account's row; None for a ghost."""
        return None if account is None else self._ids[account.github_id]


def load_accounts(transaction: Transaction, accounts: Iterable[Account]) -> tuple[Ids, Changes]:
    """Merge accounts by GitHub's id: a new login renames the row; a name is kept where the answer told none.

    Whoever loads waits for others that do, as two of them could lock the same rows crosswise.
    """
    known: dict[int, Account] = {}
    for account in accounts:
        before = known.get(account.github_id)
        known[account.github_id] = account if before is None or account.name else account._replace(name=before.name)
    if not known:
        return Ids({}), Changes()
    transaction.lock("accounts")
    stored = {
        row[0]: Account(*row)
        for row in transaction.rows(
            "SELECT github_id, node_id, login, name, kind, avatar_url FROM accounts WHERE github_id = ANY(%s)",
            (list(known),),
        )
    }
    rows = [_with_stored(account, stored.get(account.github_id)) for account in known.values()]
    changes = transaction.merge("accounts", Account._fields, rows, key=["github_id"])
    ids = transaction.rows("SELECT github_id, id FROM accounts WHERE github_id = ANY(%s)", (list(known),))
    return Ids(dict(ids)), changes


def _with_stored(account: Account, stored: Account | None) -> Account:
    if stored is None:
        return account
    return account._replace(
        name=account.name or stored.name,
        node_id=account.node_id or stored.node_id,
        avatar_url=account.avatar_url or stored.avatar_url,
    )


def load_items(transaction: Transaction, repository_id: int, items: Sequence[Item]) -> Changes:
    """Merge issues and pull requests, and what hangs on them."""
    if not items:
        return Changes()
    ids, changes = load_accounts(transaction, (account for item in items for account in item.accounts()))
    issues = [item for item in items if item.merge is None]
    if issues:
        rows = [(*_item_row(repository_id, item, ids), item.state_reason) for item in issues]
        changes += transaction.merge("issues", (*_ITEM_COLUMNS, "state_reason"), rows, key=["repository_id", "number"])
    pulls = [item for item in items if item.merge is not None]
    if pulls:
        rows = [(*_item_row(repository_id, item, ids), *_merge_row(item, ids)) for item in pulls]
        columns = (*_ITEM_COLUMNS, *_MERGE_COLUMNS)
        changes += transaction.merge("pull_requests", columns, rows, key=["repository_id", "number"])
        changes += _load_reviews(transaction, repository_id, pulls, ids)
    changes += _load_events(transaction, repository_id, items, ids)
    numbers = [item.number for item in items]
    within = {"repository_id": repository_id, "number": numbers}
    for table, column, pairs in (
        ("item_labels", "name", [(item.number, label) for item in items for label in item.labels]),
        ("item_assignees", "account_id", [(item.number, ids.of(who)) for item in items for who in item.assignees]),
    ):
        key = ("repository_id", "number", column)
        changes += transaction.merge(table, key, [(repository_id, *pair) for pair in pairs], key=key, within=within)
    return changes + _load_truncated(transaction, repository_id, items, numbers)


def _load_truncated(
    transaction: Transaction, repository_id: int, items: Sequence[Item], numbers: Sequence[int]
) -> Changes:
    """Seldom is there one, so that asking first is cheaper than a merge of nothing."""
    rows = [(repository_id, item.number, *truncated) for item in items for truncated in item.truncated]
    within = {"repository_id": repository_id, "number": numbers}
    query = "SELECT EXISTS (SELECT FROM truncated_connections WHERE repository_id = %s AND number = ANY(%s))"
    if not rows and not transaction.value(query, (repository_id, numbers)):
        return Changes()
    key = ("repository_id", "number", "connection")
    return transaction.merge("truncated_connections", (*key, "read", "total"), rows, key=key, within=within)


def close_gaps(transaction: Transaction, repository_id: int, numbers: Sequence[int]) -> Changes:
    """Forget that these numbers are gaps: they are items, perhaps again."""
    found = transaction.execute(
        "DELETE FROM item_gaps WHERE repository_id = %s AND number = ANY(%s)", (repository_id, list(numbers))
    )
    return Changes(deleted=found)


def _item_row(repository_id: int, item: Item, ids: Ids) -> tuple[object, ...]:
    return (
        repository_id,
        item.number,
        item.github_id,
        item.node_id,
        item.title,
        item.body,
        item.state,
        ids.of(item.author),
        item.author_association,
        item.created_at,
        item.updated_at,
        item.closed_at,
        item.is_locked,
        item.milestone,
        item.comment_count,
        None,
    )


def _merge_row(item: Item, ids: Ids) -> tuple[object, ...]:
    assert item.merge is not None
    merged_at, merged_by, *others = item.merge
    return (merged_at, ids.of(merged_by), *others)


def _load_reviews(transaction: Transaction, repository_id: int, pulls: Sequence[Item], ids: Ids) -> Changes:
    rows = {
        review.github_id: (
            repository_id,
            pull.number,
            review.github_id,
            review.node_id,
            ids.of(review.author),
            *review[3:],
        )
        for pull in pulls
        for review in pull.reviews
    }
    return transaction.merge("reviews", _REVIEW_COLUMNS, rows.values(), key=["github_id"]) if rows else Changes()


def _load_events(transaction: Transaction, repository_id: int, items: Sequence[Item], ids: Ids) -> Changes:
    from psycopg.types.json import Jsonb  # psycopg is only needed by a run

    rows = {
        event.node_id: (
            repository_id,
            item.number,
            event.node_id,
            event.kind,
            ids.of(event.actor),
            event.created_at,
            Jsonb(event.payload),
        )
        for item in items
        for event in item.events
    }
    columns = ("repository_id", "number", "node_id", "kind", "actor_id", "created_at", "payload")
    return transaction.merge("item_events", columns, rows.values(), key=["node_id"]) if rows else Changes()


def load_comments(transaction: Transaction, repository_id: int, comments: Sequence[Comment]) -> Changes:
    """Merge comments; one that moved with its issue is then here."""
    if not comments:
        return Changes()
    ids, changes = load_accounts(transaction, (comment.author for comment in comments if comment.author))
    rows = {
        (comment.kind, comment.github_id): (
            repository_id,
            comment.number,
            comment.kind,
            comment.github_id,
            comment.node_id,
            ids.of(comment.author),
            *comment[5:],
            None,
        )
        for comment in comments
    }
    return changes + transaction.merge("comments", _COMMENT_COLUMNS, rows.values(), key=["kind", "github_id"])


def mark_deleted_comments(
    transaction: Transaction, repository_id: int, number: int, there: Sequence[int], at: datetime
) -> int:
    """Mark the comments on an item as a whole that are not among `there`, all that GitHub has; return how many."""
    return transaction.execute(
        "UPDATE comments SET deleted_at = %s WHERE repository_id = %s AND number = %s AND kind = 'issue' "
        "AND deleted_at IS NULL AND github_id <> ALL(%s)",
        (at, repository_id, number, list(there)),
    )
