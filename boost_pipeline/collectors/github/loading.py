"""Rows into tables: items with all that hangs on them, comments, accounts. Each load is a merge: twice is once.

What a table holds is told in `warehouse.tables.work_items`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import LiteralString

from boost_pipeline.collectors.github.shapes import Account, Comment, Item, Unread
from boost_pipeline.warehouse.changes import Changes, Row
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

    Whoever has any that are new waits until the transactions of others that have are ended, as two of them could lock
    the same rows crosswise. So what has much to load beside them loads them before, in a transaction of their own.
    """
    told: dict[int, Account] = {}
    for account in accounts:
        before = told.get(account.github_id)
        told[account.github_id] = account if before is None or account.name else account._replace(name=before.name)
    ids, new = _compare(transaction, told)
    if not new:
        return Ids(ids), Changes()
    transaction.lock("accounts")
    _, new = _compare(transaction, told)
    changes = transaction.merge("accounts", Account._fields, new, key=["github_id"])
    ids, _ = _compare(transaction, told)
    return Ids(ids), changes


def _compare(transaction: Transaction, told: Mapping[int, Account]) -> tuple[dict[int, int], list[Account]]:
    """Return the ids of the rows that are stored, by GitHub's id, and the rows that are new or would change."""
    if not told:
        return {}, []
    rows = transaction.rows(
        "SELECT id, github_id, node_id, login, name, kind, avatar_url FROM accounts WHERE github_id = ANY(%s)",
        (list(told),),
    )
    stored = {row[1]: Account(*row[1:]) for row in rows}
    wanted = [_with_stored(account, stored.get(account.github_id)) for account in told.values()]
    return {row[1]: row[0] for row in rows}, [one for one in wanted if one != stored.get(one.github_id)]


def _with_stored(account: Account, stored: Account | None) -> Account:
    if stored is None:
        return account
    return account._replace(
        name=account.name or stored.name,
        node_id=account.node_id or stored.node_id,
        avatar_url=account.avatar_url or stored.avatar_url,
    )


def load_items(transaction: Transaction, repository_id: int, items: Sequence[Item]) -> Changes:
    """Merge issues and pull requests, and what hangs on them.

    What was not read of an item stays as it is stored.
    """
    items = list({item.number: item for item in items}.values())
    if not items:
        return Changes()
    ids, changes = load_accounts(transaction, (account for item in items for account in item.accounts()))
    issues = [item for item in items if item.merge is None]
    if issues:
        of_issues = [(*_item_row(repository_id, item, ids), item.state_reason) for item in issues]
        changes += _merge_items(transaction, "issues", (*_ITEM_COLUMNS, "state_reason"), of_issues, issues)
    pulls = [item for item in items if item.merge is not None]
    if pulls:
        of_pulls = [(*_item_row(repository_id, item, ids), *_merge_row(item, ids)) for item in pulls]
        changes += _merge_items(transaction, "pull_requests", (*_ITEM_COLUMNS, *_MERGE_COLUMNS), of_pulls, pulls)
        changes += _load_reviews(transaction, repository_id, pulls, ids)
    changes += _load_events(transaction, repository_id, items, ids)
    labels = [(item.number, label) for item in items for label in item.labels]
    assignees = [(item.number, ids.of(who)) for item in items for who in item.assignees]
    truncated = [(item.number, *truncated) for item in items for truncated in item.truncated]
    changes += _load_lists(transaction, "item_labels", ("name",), (repository_id, _whole(items, "labels")), labels)
    of_assignees = (repository_id, _whole(items, "assignees"))
    changes += _load_lists(transaction, "item_assignees", ("account_id",), of_assignees, assignees)
    of = (repository_id, [item.number for item in items])
    changes += _load_lists(transaction, "truncated_connections", ("connection", "read", "total"), of, truncated)
    return changes + load_unread(transaction, repository_id, "issues", {item.number: item.unread for item in items})


def load_unread(
    transaction: Transaction, repository_id: int, asset: str, unread: Mapping[int, Collection[Unread]]
) -> Changes:
    """Record what was not read, by the number of its item: all that `asset` has of each number, and nothing else.

    Args:
        transaction: of the unit.
        repository_id: whose items; number 0 is the repository itself.
        asset: what was read: repositories, issues or comments.
        unread: of each number; nothing where all was read.
    """
    numbers = list(unread)
    query: LiteralString = (
        "SELECT EXISTS (SELECT FROM unread_parts WHERE repository_id = %s AND asset = %s AND number = ANY(%s))"
    )
    rows = [(repository_id, asset, number, *one) for number, parts in unread.items() for one in parts]
    if not rows and not transaction.value(query, (repository_id, asset, numbers)):
        return Changes()
    place = ("repository_id", "asset", "number")
    within = dict(zip(place, (repository_id, asset, numbers), strict=True))
    columns = (*place, "part", "reason", "told")
    return transaction.merge("unread_parts", columns, rows, key=(*place, "part"), within=within)


def _whole(items: Sequence[Item], part: str) -> list[int]:
    """Return the numbers of the items whose list came whole: what is stored and did not come is gone."""
    return [item.number for item in items if not _lacks(item, part)]


def _lacks(item: Item, part: str) -> bool:
    return any(one.part.partition(".")[0] == part for one in item.unread)


_COLUMN_OF = {
    "author": "author_id",
    "authorAssociation": "author_association",
    "closedAt": "closed_at",
    "milestone": "milestone",
    "stateReason": "state_reason",
    "mergedBy": "merged_by_id",
    "mergeCommit": "merge_commit_sha",
}
"""The columns that stay as they are where a part was not read."""


def _merge_items(
    transaction: Transaction,
    table: LiteralString,
    columns: Sequence[str],
    rows: Sequence[tuple[object, ...]],
    items: Sequence[Item],
) -> Changes:
    unread = {item.number: {c for part, c in _COLUMN_OF.items() if _lacks(item, part)} for item in items if item.unread}
    if any(unread.values()):
        query: LiteralString = f"SELECT to_jsonb(t) FROM {table} t WHERE repository_id = %s AND number = ANY(%s)"  # noqa: S608 - our names
        stored = {row["number"]: row for (row,) in transaction.rows(query, (rows[0][0], list(unread)))}
        rows = [
            tuple(
                stored.get(item.number, {}).get(column)
                if value is None and column in unread.get(item.number, ())
                else value
                for column, value in zip(columns, row, strict=True)
            )
            for item, row in zip(items, rows, strict=True)
        ]
    return transaction.merge(table, columns, rows, key=["repository_id", "number"])


def _load_lists(
    transaction: Transaction,
    table: LiteralString,
    columns: Sequence[str],
    of: tuple[int, list[int]],
    found: Sequence[tuple[object, ...]],
) -> Changes:
    """Merge all that these items have of something; mostly that is nothing, and to ask is cheaper than to merge it.

    Args:
        transaction: of the page.
        table: with repository_id, number and `columns`, of which the first belongs to the key.
        columns: what is told.
        of: the repository and the numbers of the items.
        found: number and `columns` of each.
    """
    repository_id, numbers = of
    query = f"SELECT EXISTS (SELECT FROM {table} WHERE repository_id = %s AND number = ANY(%s))"  # noqa: S608 - our names
    if not found and not transaction.value(query, of):
        return Changes()
    place = ("repository_id", "number")
    rows = [(repository_id, *one) for one in found]
    within = dict(zip(place, (repository_id, numbers), strict=True))
    return transaction.merge(table, (*place, *columns), rows, key=(*place, columns[0]), within=within)


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
    doubtful = {
        review.node_id for pull in pulls if _lacks(pull, "reviews") for review in pull.reviews if not review.author
    }
    kept = _without_stored(transaction, "reviews", doubtful, [(row[3], row) for row in rows.values()])
    return transaction.merge("reviews", _REVIEW_COLUMNS, kept, key=["github_id"]) if kept else Changes()


def _without_stored(
    transaction: Transaction, table: LiteralString, doubtful: Collection[str], rows: Sequence[tuple[str, Row]]
) -> list[Row]:
    """Return rows by node id, but those whose author was not read, where there is a row already: that knows more."""
    if not doubtful:
        return [row for _, row in rows]
    query: LiteralString = f"SELECT node_id FROM {table} WHERE node_id = ANY(%s)"  # noqa: S608 - our names
    stored = {node_id for (node_id,) in transaction.rows(query, (list(doubtful),))}
    return [row for node_id, row in rows if node_id not in stored]


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
    doubtful = {
        event.node_id for item in items if _lacks(item, "timelineItems") for event in item.events if not event.actor
    }
    kept = _without_stored(transaction, "item_events", doubtful, list(rows.items()))
    return transaction.merge("item_events", columns, kept, key=["node_id"]) if kept else Changes()


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
