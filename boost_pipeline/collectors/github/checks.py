"""Asset checks of the GitHub assets: counts and numbers against GitHub's own, and what is known to be missing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import LiteralString

import dagster as dg

from boost_pipeline.collectors.checks import asset_check, verdict
from boost_pipeline.collectors.github.gaps import UNACCOUNTED
from boost_pipeline.collectors.github.items import is_new
from boost_pipeline.collectors.github.scope import Scope
from boost_pipeline.settings import Settings
from boost_pipeline.warehouse.warehouse import Warehouse

OLDEST_PASS = timedelta(hours=48)
"""A daily pass that failed once is told by its run; one that failed twice, here."""

_WRONG_COUNTS: LiteralString = """
    SELECT r.name, %(what)s::text, c.count, r.total FROM (
        SELECT id, name, CASE WHEN %(what)s = 'issues' THEN issue_count ELSE pull_request_count END AS total
        FROM repositories JOIN cursors ON asset = %(asset)s AND unit = name
        WHERE owner = %(owner)s AND github_id IS NOT NULL
    ) r CROSS JOIN LATERAL (
        SELECT count(*) AS count FROM (
            SELECT repository_id, deleted_at FROM issues WHERE %(what)s = 'issues'
            UNION ALL SELECT repository_id, deleted_at FROM pull_requests WHERE %(what)s = 'pull requests'
        ) i WHERE i.repository_id = r.id AND i.deleted_at IS NULL
    ) c WHERE c.count <> r.total ORDER BY r.name
"""

_COMMENT_COUNTS: LiteralString = """
    SELECT r.name, i.number, coalesce(c.count, 0), i.comment_count FROM (
        SELECT repository_id, number, comment_count, deleted_at FROM issues
        UNION ALL SELECT repository_id, number, comment_count, deleted_at FROM pull_requests
    ) i JOIN repositories r ON r.id = i.repository_id
    LEFT JOIN (
        SELECT repository_id, number, count(*) AS count FROM comments
        WHERE kind = 'issue' AND deleted_at IS NULL GROUP BY repository_id, number
    ) c ON c.repository_id = i.repository_id AND c.number = i.number
    WHERE r.owner = %s AND i.deleted_at IS NULL AND i.comment_count <> coalesce(c.count, 0)
    ORDER BY r.name, i.number
"""


def github_checks(prefix: str, scope_of: Callable[[Settings], Scope]) -> list[dg.AssetChecksDefinition]:
    """Return the checks of the assets that `github_assets` makes with the same arguments."""
    return [
        _last_pass(prefix, scope_of),
        _listed(prefix, scope_of),
        _rows(prefix, scope_of, "issues", "issues"),
        _rows(prefix, scope_of, "pull_requests", "pull requests"),
        _numbers(prefix, scope_of),
        _unread(prefix, scope_of),
        _truncated(prefix, scope_of, "events", "timelineItems"),
        _truncated(prefix, scope_of, "reviews", "reviews"),
        _comments(prefix, scope_of),
        _addresses(prefix, scope_of),
        _estimates(prefix, scope_of),
    ]


def _last_pass(prefix: str, scope_of: Callable[[Settings], Scope]) -> dg.AssetChecksDefinition:
    @asset_check(
        asset=[prefix, "repositories"],
        name="last_complete_pass_is_recent",
        description="No repository has waited for more than two days for a pass over its items that came to an end.",
    )
    def check(settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
        """Compare what the sweep saw change, and when, with what the last complete pass of each repository read."""
        scope, now = scope_of(settings), datetime.now(UTC)
        with warehouse.transaction() as transaction:
            query = "SELECT unit, position, completed_at FROM cursors WHERE asset = %s ORDER BY unit"
            swept = transaction.rows(query, (scope.key("repositories"),))
            read = transaction.cursors(scope.key("issues"))
        waiting = {name: now - at for name, mark, at in swept if is_new(read.get(name), mark)}
        problems = [
            f"{name} changed {age.days} days ago and was not read since"
            for name, age in sorted(waiting.items(), key=lambda one: one[1], reverse=True)
            if age > OLDEST_PASS
        ]
        if not swept:
            problems = [f"the repositories of {scope.owner} were never read"]
        found = verdict(problems, len(swept))
        return found._replace(metadata={**found.metadata, "waiting for a pass": dg.MetadataValue.int(len(waiting))})

    return check


def _listed(prefix: str, scope_of: Callable[[Settings], Scope]) -> dg.AssetChecksDefinition:
    @asset_check(
        asset=[prefix, "repositories"],
        name="repositories_are_listed",
        description="Every repository that was ever read is still listed by GitHub: not deleted, private or blocked.",
    )
    def check(settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
        """List those that the last sweep did not find; a warning, as only their owners know."""
        scope = scope_of(settings)
        with warehouse.transaction() as transaction:
            rows = transaction.rows(
                "SELECT r.name, c.unit FROM repositories r LEFT JOIN cursors c ON c.asset = %s AND c.unit = r.name "
                "WHERE r.owner = %s AND r.github_id IS NOT NULL ORDER BY r.name",
                (scope.key("repositories"), scope.owner),
            )
        gone = [f"{name} is not listed by GitHub any more" for name, unit in rows if unit is None]
        return verdict(gone, len(rows), severity=dg.AssetCheckSeverity.WARN)

    return check


def _rows(prefix: str, scope_of: Callable[[Settings], Scope], table: str, what: str) -> dg.AssetChecksDefinition:
    @asset_check(
        asset=[prefix, table],
        name=f"{table}_equal_total_count",
        description=f"Each repository has as many {what} here as GitHub's totalCount says; those that are gone, apart.",
    )
    def check(settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
        """Count rows of the repositories that were read, and compare with what GitHub said last."""
        scope = scope_of(settings)
        with warehouse.transaction() as transaction:
            asset = scope.key("issues")
            checked = transaction.value(
                "SELECT count(*) FROM repositories JOIN cursors ON asset = %s AND unit = name "
                "WHERE owner = %s AND github_id IS NOT NULL",
                (asset, scope.owner),
            )
            wrong = transaction.rows(_WRONG_COUNTS, {"owner": scope.owner, "what": what, "asset": asset})
        return verdict(
            [f"{name} has {count} {what}, GitHub counts {total}" for name, _, count, total in wrong], checked
        )

    return check


def _numbers(prefix: str, scope_of: Callable[[Settings], Scope]) -> dg.AssetChecksDefinition:
    @asset_check(
        asset=[prefix, "issues"],
        name="numbers_are_gap_free",
        description="Each number from 1 to the highest is an issue, a pull request, or a gap with its reason.",
    )
    def check(settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
        """List the numbers that nothing accounts for; and tell how many gaps there are, by reason."""
        scope = scope_of(settings)
        problems = []
        with warehouse.transaction() as transaction:
            repositories = transaction.rows(
                "SELECT id, name, github_id FROM repositories WHERE owner = %s ORDER BY name", (scope.owner,)
            )
            for number, name, _ in repositories:
                missing = [str(found) for (found,) in transaction.rows(UNACCOUNTED, {"id": number})]
                if missing:
                    problems.append(f"{name} lacks {len(missing)} of its numbers: {', '.join(missing[:10])}")
            gaps: dict[str, int] = dict(
                transaction.rows(
                    "SELECT g.reason, count(*) FROM item_gaps g JOIN repositories r ON r.id = g.repository_id "
                    "WHERE r.owner = %s GROUP BY g.reason",
                    (scope.owner,),
                )
            )
        found = verdict(problems, sum(github_id is not None for _, _, github_id in repositories))
        return found._replace(metadata={**found.metadata, "gaps by reason": dg.MetadataValue.json(gaps)})

    return check


def _unread(prefix: str, scope_of: Callable[[Settings], Scope]) -> dg.AssetChecksDefinition:
    @asset_check(
        asset=[prefix, "issues"],
        name="nothing_is_withheld",
        description="GitHub gave every field that was asked for, of repositories, items and comments.",
    )
    def check(settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
        """List what was refused, never worked out or damaged; a warning, as the rest is here and the next run asks."""
        scope = scope_of(settings)
        with warehouse.transaction() as transaction:
            rows = transaction.rows(
                "SELECT r.name || CASE WHEN u.number = 0 THEN '' ELSE '#' || u.number END, u.part, u.reason, u.told "
                "FROM unread_parts u JOIN repositories r ON r.id = u.repository_id WHERE r.owner = %s "
                "ORDER BY r.name, u.number, u.part",
                (scope.owner,),
            )
            read = transaction.value(
                "SELECT count(*) FROM repositories WHERE owner = %s AND github_id IS NOT NULL", (scope.owner,)
            )
        return verdict(
            [f"{where}, {part}, {reason}: {told}" for where, part, reason, told in rows],
            read,
            severity=dg.AssetCheckSeverity.WARN,
        )

    return check


def _truncated(
    prefix: str, scope_of: Callable[[Settings], Scope], table: str, connection: str
) -> dg.AssetChecksDefinition:
    @asset_check(
        asset=[prefix, table],
        name=f"no_{table}_are_truncated",
        description="No list of an item was left unread beyond what was read of it.",
    )
    def check(settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
        """List the items whose list is known not to be whole; labels and assignees count with the events."""
        scope = scope_of(settings)
        lists = [connection] if table == "reviews" else [connection, "labels", "assignees"]
        with warehouse.transaction() as transaction:
            rows = transaction.rows(
                "SELECT r.name, t.number, t.connection, t.read, t.total FROM truncated_connections t "
                "JOIN repositories r ON r.id = t.repository_id WHERE r.owner = %s AND t.connection = ANY(%s) "
                "ORDER BY r.name, t.number",
                (scope.owner, lists),
            )
            checked = transaction.value(
                "SELECT count(*) FROM work_items w JOIN repositories r ON r.id = w.repository_id WHERE r.owner = %s "
                "AND (%s OR w.item = 'pull_request')",
                (scope.owner, table != "reviews"),
            )
        return verdict(
            [f"{name}#{number} has {total} {list_}, {read} are here" for name, number, list_, read, total in rows],
            checked,
        )

    return check


def _comments(prefix: str, scope_of: Callable[[Settings], Scope]) -> dg.AssetChecksDefinition:
    @asset_check(
        asset=[prefix, "comments"],
        name="comments_equal_total_count",
        description="Each issue and pull request has as many comments here as GitHub counts; inline ones apart.",
    )
    def check(settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
        """Compare the comments of each item with the count that came with it."""
        scope = scope_of(settings)
        with warehouse.transaction() as transaction:
            wrong = transaction.rows(_COMMENT_COUNTS, (scope.owner,))
            checked = transaction.value(
                "SELECT count(*) FROM work_items w JOIN repositories r ON r.id = w.repository_id WHERE r.owner = %s",
                (scope.owner,),
            )
        return verdict(
            [f"{name}#{number} has {count} comments, GitHub counts {total}" for name, number, count, total in wrong],
            checked,
        )

    return check


def _addresses(prefix: str, scope_of: Callable[[Settings], Scope]) -> dg.AssetChecksDefinition:
    @asset_check(
        asset=[prefix, "accounts"],
        name="addresses_are_resolved",
        description="Every author's address of the commits was looked up; how many belong to no account is told.",
    )
    def check(settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
        """List addresses without an answer; a warning, as the next run asks again."""
        scope = scope_of(settings)
        with warehouse.transaction() as transaction:
            missing = transaction.rows(
                "SELECT DISTINCT c.author_email FROM commits c JOIN repositories r ON r.id = c.repository_id "
                "WHERE r.owner = %s AND r.github_id IS NOT NULL AND c.author_email <> '' AND NOT EXISTS "
                "(SELECT FROM commit_author_accounts k WHERE k.email = c.author_email) ORDER BY 1",
                (scope.owner,),
            )
            found: dict[str, int] = dict(
                transaction.rows("SELECT evidence, count(*) FROM commit_author_accounts GROUP BY evidence")
            )
        result = verdict(
            [f"{email!r:.100} was not looked up" for (email,) in missing],
            sum(found.values()),
            severity=dg.AssetCheckSeverity.WARN,
        )
        return result._replace(metadata={**result.metadata, "by evidence": dg.MetadataValue.json(found)})

    return check


def _estimates(prefix: str, scope_of: Callable[[Settings], Scope]) -> dg.AssetChecksDefinition:
    @asset_check(
        asset=[prefix, "durations"],
        name="estimates_cover_all_items",
        description="The estimates over all repositories are made of every item that is here, but for the excluded.",
    )
    def check(settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
        """Count the items behind each estimate of the whole owner."""
        scope = scope_of(settings)
        with warehouse.transaction() as transaction:
            rows = transaction.rows(
                """
                SELECT e.metric, e.items + e.excluded, CASE WHEN e.metric LIKE 'issue%%' THEN t.issues ELSE t.pulls END
                FROM duration_estimates e CROSS JOIN (
                    SELECT (SELECT count(*) FROM issues i JOIN repositories r ON r.id = i.repository_id
                            WHERE r.owner = %(owner)s) AS issues,
                           (SELECT count(*) FROM pull_requests p JOIN repositories r ON r.id = p.repository_id
                            WHERE r.owner = %(owner)s) AS pulls
                ) t WHERE e.scope = %(owner)s ORDER BY e.metric
                """,
                {"owner": scope.owner},
            )
        return verdict(
            [f"{metric} is of {count} items, {total} are here" for metric, count, total in rows if count != total],
            sum(1 for _, _, total in rows if total),
        )

    return check
