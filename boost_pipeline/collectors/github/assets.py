"""The factory of the GitHub assets: called once for Boost's own repositories, once for LLVM's.

What is asked for at once is one step, so that nothing is asked twice: issues, pull requests, reviews and events come in
one stream. No step depends on one that may fail for a single repository, as Dagster would not run it (decisions/0004);
numbers put them in order.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString

import dagster as dg
from pydantic import field_validator

from boost_pipeline.collectors.commits import chosen_repositories
from boost_pipeline.collectors.github import sweep as sweeping
from boost_pipeline.collectors.github.comments import Comments
from boost_pipeline.collectors.github.commit_authors import CommitAuthors
from boost_pipeline.collectors.github.costs import Spent, accounted
from boost_pipeline.collectors.github.durations import estimate
from boost_pipeline.collectors.github.interrupted import Interrupted
from boost_pipeline.collectors.github.items import Pass, Window, is_new
from boost_pipeline.collectors.github.scope import Repository, Scope
from boost_pipeline.collectors.identities import resolve
from boost_pipeline.collectors.stopping import skipped
from boost_pipeline.collectors.units import Units
from boost_pipeline.errors import SourceRefused, UnknownName
from boost_pipeline.scheduling.looks import data_version, looked, seen
from boost_pipeline.settings import Settings
from boost_pipeline.sources.github import GitHub
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

WORKERS = 2
"""Repositories at once for each request at once: while one waits for GitHub, another is shaped and loaded."""

ITEM_TABLES: dict[str, str] = {
    "issues": "Every issue, with labels, assignees and the numbers that are no item, with the reason.",
    "pull_requests": "Every pull request, with labels and assignees.",
    "reviews": "Every submitted review of a pull request, with its verdict.",
    "events": "The timeline of every issue and pull request: who labeled, closed, merged, pushed what and when.",
}
"""What one step brings, by the last part of the key."""

_LISTS = ("item_labels", "item_assignees", "item_gaps", "truncated_connections")
_WRITES: dict[str, tuple[str, ...]] = {
    "issues": ("issues", *_LISTS),
    "pull_requests": ("pull_requests", *_LISTS),
    "reviews": ("reviews",),
    "events": ("item_events",),
}
"""The tables of each of them. What an issue and a pull request share counts for both."""

_COUNTS: dict[str, LiteralString] = {
    "repositories": "SELECT count(*) FROM repositories WHERE owner = %s AND github_id IS NOT NULL",
    "issues": "SELECT count(*) FROM issues t JOIN repositories r ON r.id = t.repository_id WHERE r.owner = %s",
    "pull_requests": (
        "SELECT count(*) FROM pull_requests t JOIN repositories r ON r.id = t.repository_id WHERE r.owner = %s"
    ),
    "reviews": "SELECT count(*) FROM reviews t JOIN repositories r ON r.id = t.repository_id WHERE r.owner = %s",
    "events": "SELECT count(*) FROM item_events t JOIN repositories r ON r.id = t.repository_id WHERE r.owner = %s",
    "comments": "SELECT count(*) FROM comments t JOIN repositories r ON r.id = t.repository_id WHERE r.owner = %s",
    "durations": "SELECT count(*) FROM duration_estimates WHERE scope = %s OR scope LIKE %s || '/%%'",
}


_ACCOUNTS: LiteralString = """
    SELECT to_hex(coalesce(bit_xor(hashtextextended(row, 0)), 0)) FROM (
        SELECT a::text AS row FROM accounts a UNION ALL SELECT k::text FROM commit_author_accounts k) every
"""
"""What the accounts are known by: they come with all that people wrote, so that no step writes them alone."""


_UNREAD: LiteralString = (
    "SELECT DISTINCT r.name FROM unread_parts u JOIN repositories r ON r.id = u.repository_id "
    "WHERE r.owner = %s AND u.asset = 'issues' AND u.number > 0"
)
"""Repositories with items of which something is to be asked for again."""


class ItemsConfig(dg.Config):
    """Which repositories to read, and what of them; without anything, what changed in all of them.

    Times are ISO 8601, in UTC where they do not say otherwise. With `since` or `until` nothing is remembered as read.
    """

    libraries: list[str] = []
    since: str | None = None
    until: str | None = None
    full: bool = False

    @field_validator("since", "until")
    @classmethod
    def _is_time(cls, value: str | None) -> str | None:
        return value if value is None else datetime.fromisoformat(value).isoformat()

    @property
    def is_whole(self) -> bool:
        """It looks at all that changed, of all repositories."""
        return not self.libraries and not self.window.is_bounded

    @property
    def window(self) -> Window:
        """It, as times."""
        return Window(self.full, _aware(self.since), _aware(self.until))


@dataclass(frozen=True, slots=True)
class GitHubAssets:
    """The assets of one scope, in the order of their steps."""

    repositories: dg.AssetsDefinition
    items: dg.AssetsDefinition
    comments: dg.AssetsDefinition
    accounts: dg.AssetsDefinition
    durations: dg.AssetsDefinition

    def all(self) -> list[dg.AssetsDefinition]:
        """Return all of them."""
        return [self.repositories, self.items, self.comments, self.accounts, self.durations]


ScopeOf = Callable[[Settings], Scope]


def github_assets(prefix: str, scope_of: ScopeOf, *, after: dg.AssetKey | None = None) -> GitHubAssets:
    """Return the assets of a scope, which the settings tell when they run.

    Args:
        prefix: of the keys, and the group.
        scope_of: the scope; its prefix is the same.
        after: an asset that tells which repositories there are.
    """
    return GitHubAssets(
        _repositories(prefix, scope_of, after),
        _items(prefix, scope_of),
        _comments(prefix, scope_of),
        _accounts(prefix, scope_of),
        _durations(prefix, scope_of),
    )


def _place(place: int) -> dict[str, str]:
    """Return the tags of a step's place among those that are ready: a lower one runs earlier."""
    return {"dagster/priority": str(-place)}


def _repositories(prefix: str, scope_of: ScopeOf, after: dg.AssetKey | None) -> dg.AssetsDefinition:
    @dg.asset(
        key=[prefix, "repositories"],
        deps=[after] if after else [],
        kinds={"github", "postgres"},
        output_required=False,
        description="Facts of every repository (stars, forks, licence, languages, topics), and whether items changed.",
        group_name=prefix,
        op_tags=_place(0),
    )
    def repositories(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        warehouse: dg.ResourceParam[Warehouse],
        github: dg.ResourceParam[GitHub],
    ) -> Iterator[dg.MaterializeResult[None]]:
        """Sweep over the repositories of the owner."""
        if skipped(context):
            return
        scope = scope_of(settings)
        with accounted(github, warehouse, context.run.run_id, scope.key("repositories")) as spent:
            swept = sweeping.sweep(github, scope)
            if not swept.found:
                raise SourceRefused(
                    f"GitHub lists no repository of {scope.owner}; check BOOST_GITHUB_OWNER and the token."
                )
            spent.items = len(swept.found)
            units = Units(scope.key("repositories"), warehouse, context.log)
            with warehouse.transaction() as transaction:
                units.wrote(sweeping.load(transaction, scope, swept.found, is_whole=not swept.problems))
            # No failure of the step, which would keep all that follows from running: the others are read.
            units.judge(scope.owner, "; ".join(swept.problems))
        look = units.look(whole=not swept.problems)
        told = _counted(warehouse, scope, "repositories") | units.metadata() | spent.metadata() | seen(look)
        yield dg.MaterializeResult(data_version=data_version(look), metadata=told)

    return repositories


def _items(prefix: str, scope_of: ScopeOf) -> dg.AssetsDefinition:
    specs = [
        dg.AssetSpec(
            [prefix, table],
            deps=[[prefix, "repositories"]],
            group_name=prefix,
            kinds={"github", "postgres"},
            description=description,
            skippable=True,
        )
        for table, description in ITEM_TABLES.items()
    ]

    @dg.multi_asset(
        name=f"{prefix}__work_items",
        specs=specs,
        can_subset=True,
        op_tags=_place(1),
        description="Reads what changed of issues and pull requests, with all that hangs on them, in one stream.",
    )
    def work_items(
        context: dg.AssetExecutionContext,
        config: ItemsConfig,
        settings: dg.ResourceParam[Settings],
        warehouse: dg.ResourceParam[Warehouse],
        github: dg.ResourceParam[GitHub],
    ) -> Iterator[dg.MaterializeResult[None]]:
        """Read one repository after the other; all four tables, whichever of them was asked for."""
        if skipped(context):
            return
        scope = scope_of(settings)
        asset = scope.key("issues")
        units = Units(asset, warehouse, context.log)
        with accounted(github, warehouse, context.run.run_id, asset) as spent:
            written = read_items(units, github, scope, config, spent, WORKERS * settings.github_jobs)
        looks = {
            table: looked(
                warehouse,
                scope.key(table),
                changed=any(written[name] for name in names),
                whole=config.is_whole and not units.failed,
            )
            for table, names in _WRITES.items()
        }
        metadata = units.verdict(spent.metadata())
        for key in sorted(context.selected_asset_keys):
            table = key.path[-1]
            # Rows written are told once: the summary of a run adds them up.
            told = _counted(warehouse, scope, table) | (metadata if table == "issues" else {}) | seen(looks[table])
            yield dg.MaterializeResult(asset_key=key, data_version=data_version(looks[table]), metadata=told)

    return work_items


def read_items(
    units: Units, github: GitHub, scope: Scope, config: ItemsConfig, spent: Spent, jobs: int
) -> Counter[str]:
    """Read the items of the chosen repositories that have anything new; return how many rows of which table."""
    warehouse, window = units.warehouse, config.window
    with warehouse.transaction() as transaction:
        chosen = _chosen(transaction, scope, config.libraries)
        marks, cursors = transaction.cursors(scope.key("repositories")), transaction.cursors(units.asset)
        unread = {name for (name,) in transaction.rows(_UNREAD, (scope.owner,))}
    changed = [
        name
        for name in chosen
        if name in marks
        and (window.full or window.is_bounded or name in unread or is_new(cursors.get(name), marks[name]))
    ]
    began = datetime.now(UTC)
    fulls, passes = list[bool](), list[Pass]()

    def read(name: str) -> None:
        reading = Pass(github, warehouse, scope, chosen[name], window)
        passes.append(reading)
        try:
            fulls.append(reading.run(cursors.get(name), marks[name]))
        finally:
            units.wrote(reading.changes)
            spent.items += reading.items

    units.each(changed, read, label=f"{scope.owner}: issues and pull requests", jobs=jobs, abort=github.abort)
    spent.is_full = bool(fulls) and all(fulls)
    units.log.info("%d of %d repositories have something new", len(changed), len(chosen))
    if not window.is_bounded:
        units.asked(dict.fromkeys(marks.keys() & chosen.keys(), began))
    return sum((reading.written for reading in passes), Counter())


def _comments(prefix: str, scope_of: ScopeOf) -> dg.AssetsDefinition:
    @dg.asset(
        key=[prefix, "comments"],
        deps=[[prefix, "repositories"]],
        kinds={"github", "postgres"},
        output_required=False,
        description="Every comment on issues, pull requests and lines of diffs, as last edited.",
        group_name=prefix,
        op_tags=_place(2),
    )
    def comments(
        context: dg.AssetExecutionContext,
        config: ItemsConfig,
        settings: dg.ResourceParam[Settings],
        warehouse: dg.ResourceParam[Warehouse],
        github: dg.ResourceParam[GitHub],
    ) -> Iterator[dg.MaterializeResult[None]]:
        """Ask each repository for the comments that changed; where none did, that costs no point."""
        if skipped(context):
            return
        scope = scope_of(settings)
        units = Units(scope.key("comments"), warehouse, context.log)
        with accounted(github, warehouse, context.run.run_id, units.asset) as spent:
            read_comments(units, github, scope, config, spent, WORKERS * settings.github_jobs)
        look = units.look(whole=config.is_whole)
        metadata = _counted(warehouse, scope, "comments") | units.verdict(spent.metadata() | seen(look))
        yield dg.MaterializeResult(data_version=data_version(look), metadata=metadata)

    return comments


def read_comments(units: Units, github: GitHub, scope: Scope, config: ItemsConfig, spent: Spent, jobs: int) -> None:
    """Read the comments of the chosen repositories, but for those that a run which was killed has just done."""
    window = config.window
    with units.warehouse.transaction() as transaction:
        chosen = _chosen(transaction, scope, config.libraries)
        spent.is_full = window.full or not transaction.cursors(units.asset)
    whole = not (config.libraries or window.is_bounded or window.full)
    progress = Interrupted(units.warehouse, units.asset) if whole else None
    done = progress.done() if progress else set()

    def read(name: str) -> None:
        reading = Comments(github, units.warehouse, scope, chosen[name], window)
        try:
            reading.run()
        finally:
            units.wrote(reading.changes)
            spent.items += reading.read
        if progress:
            progress.add(name)

    began = datetime.now(UTC)
    left = [name for name in chosen if name not in done]
    units.each(left, read, label=f"{scope.owner}: comments", jobs=jobs, abort=github.abort)
    if progress:
        progress.clear()
    if not window.is_bounded:
        units.asked(dict.fromkeys(left, began))


def _accounts(prefix: str, scope_of: ScopeOf) -> dg.AssetsDefinition:
    @dg.asset(
        key=[prefix, "accounts"],
        deps=[[prefix, "repositories"]],
        kinds={"github", "postgres"},
        output_required=False,
        description="Whose account each author's address of the commits belongs to; accounts themselves come with all "
        "that they wrote.",
        group_name=prefix,
        op_tags=_place(3),
    )
    def accounts(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        warehouse: dg.ResourceParam[Warehouse],
        github: dg.ResourceParam[GitHub],
    ) -> Iterator[dg.MaterializeResult[None]]:
        """Resolve the addresses that were never asked for."""
        if skipped(context):
            return
        scope = scope_of(settings)
        units = Units(scope.key("accounts"), warehouse, context.log)
        resolving = CommitAuthors(github, warehouse, scope)
        with accounted(github, warehouse, context.run.run_id, units.asset) as spent:
            units.each(["commit authors"], lambda _: resolving.run(), label="addresses of authors", abort=github.abort)
            spent.items = resolving.resolved
        units.changes = resolving.changes
        with warehouse.transaction() as transaction:
            units.changes += resolve(transaction)
            rows = transaction.value("SELECT count(*) FROM accounts")
            version = transaction.value(_ACCOUNTS)
        look = units.look(version=version)
        metadata = units.verdict({"dagster/row_count": rows} | spent.metadata() | seen(look))
        yield dg.MaterializeResult(data_version=data_version(look), metadata=metadata)

    return accounts


def _durations(prefix: str, scope_of: ScopeOf) -> dg.AssetsDefinition:
    @dg.asset(
        key=[prefix, "durations"],
        deps=[[prefix, "repositories"]],
        kinds={"postgres"},
        output_required=False,
        description="Medians of response and duration in which what still waits counts (Kaplan-Meier), per repository.",
        group_name=prefix,
        op_tags=_place(4),
    )
    def durations(
        context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings], warehouse: dg.ResourceParam[Warehouse]
    ) -> Iterator[dg.MaterializeResult[None]]:
        """Estimate anew from what is stored."""
        if skipped(context):
            return
        scope = scope_of(settings)
        with warehouse.transaction() as transaction:
            changes = estimate(transaction, scope)
        look = looked(warehouse, scope.key("durations"), changed=changes.total > 0)
        told = _counted(warehouse, scope, "durations") | _told(changes) | seen(look)
        yield dg.MaterializeResult(data_version=data_version(look), metadata=told)

    return durations


def _chosen(transaction: Transaction, scope: Scope, libraries: list[str]) -> dict[str, Repository]:
    """Return the repositories to read by name; a large one first, so that nothing waits for it at the end.

    Raises:
        UnknownName: a library is none, or GitHub has no repository of it.
    """
    known = sweeping.repositories(transaction, scope)
    if not libraries:
        return known
    others = [name for name in libraries if name not in known]
    names = [name for name in libraries if name in known]
    names += chosen_repositories(transaction, others) if others else []
    if missing := [name for name in names if name not in known]:
        raise UnknownName(f"GitHub shows no repository {scope.owner}/{missing[0]}; was github/repositories run?")
    return {name: known[name] for name in dict.fromkeys(names)}


def _counted(warehouse: Warehouse, scope: Scope, table: str) -> dict[str, Any]:
    query = _COUNTS[table]
    with warehouse.transaction() as transaction:
        return {"dagster/row_count": transaction.value(query, (scope.owner,) * query.count("%s"))}


def _told(changes: Changes) -> dict[str, int]:
    return {
        "rows inserted": changes.inserted,
        "rows updated": changes.updated,
        "rows deleted": changes.deleted,
    }


def _aware(value: str | None) -> datetime | None:
    if value is None:
        return None
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
