"""Why nothing can be told of a release, and what to do about it: one answer for every command and report."""

from __future__ import annotations

from boost_pipeline.warehouse.warehouse import Transaction


def why_unread(transaction: Transaction, tag: str) -> str:
    """Return why a release that is known has nothing here, with the command that mends it if one does."""
    ((kind, is_release, deleted, was_read, has_modules),) = transaction.rows(
        """
        SELECT r.kind, r.is_release, (r.deleted_at AT TIME ZONE 'UTC')::date,
               EXISTS (SELECT FROM cursors c WHERE c.asset = 'boost/dependencies' AND c.unit = r.tag),
               EXISTS (SELECT FROM release_modules m WHERE m.release_id = r.id)
        FROM dated_releases r WHERE r.tag = %s
        """,
        (tag,),
    )
    if deleted:
        return f"The tag {tag} was deleted at the host, as was seen on {deleted}: nothing of it can be read any more."
    if kind == "other" or (kind == "stable" and not is_release):
        return f"{tag} is no release of Boost, and is not read."
    if was_read and not has_modules:
        return f"{tag} was read, and has no submodules, so there is nothing to tell of it."
    if kind == "head":
        mend = "run --schedule daily"
    elif is_release:
        mend = f"backfill {tag}"
    else:
        mend = f"collect collect_boost_libraries --boost-version {tag}"
    return f"{tag} was not read {'whole' if has_modules else 'yet'}. Run: boost-pipeline {mend}"
