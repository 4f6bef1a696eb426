"""What GitHub has published as releases of the superproject: one list, from which a release has its day.

Drafts are shown to nobody but their owners, and are left out. A tag that a release names need not exist.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

import dagster as dg

from boost_pipeline.boost.release_dates import HISTORY, WEBSITE
from boost_pipeline.boost.releases import SUPERPROJECT
from boost_pipeline.collectors.checks import asset_check, verdict
from boost_pipeline.collectors.github import sweep
from boost_pipeline.collectors.github.costs import accounted
from boost_pipeline.collectors.github.fields import BIG_INTEGER, Fields, OddField
from boost_pipeline.collectors.github.loading import load_unread
from boost_pipeline.collectors.github.scope import Repository, Scope, label
from boost_pipeline.collectors.github.shapes import Unread
from boost_pipeline.collectors.releases import date_releases
from boost_pipeline.collectors.stopping import skipped
from boost_pipeline.collectors.units import Units
from boost_pipeline.errors import UnknownName
from boost_pipeline.scheduling.looks import data_version, seen
from boost_pipeline.settings import Settings
from boost_pipeline.sources.github import GitHub
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

logger = logging.getLogger("boost_pipeline")

COLUMNS = ("repository_id", "github_id", "tag", "name", "is_prerelease", "published_at")

_LONGEST_TAG = 250


class Published(NamedTuple):
    """A release that GitHub shows."""

    github_id: int
    tag: str
    name: str | None
    is_prerelease: bool
    published_at: datetime


@dataclass
class Listed:
    """The list as it came: what it holds, and which of its entries cannot be stored."""

    found: dict[str, Published] = field(default_factory=dict)
    """By tag."""
    odd: list[Unread] = field(default_factory=list)


def github_releases(scope_of: Callable[[Settings], Scope]) -> dg.AssetsDefinition:
    """Return the asset for the superproject of a scope."""

    @dg.asset(
        key=["github", "releases"],
        deps=[["github", "repositories"], ["boost", "releases"]],
        kinds={"github", "postgres"},
        output_required=False,
        description="What GitHub has published as releases of the superproject; the days of releases.released_on.",
        group_name="github",
        op_tags={"dagster/priority": "-5"},
    )
    def releases(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        warehouse: dg.ResourceParam[Warehouse],
        github: dg.ResourceParam[GitHub],
    ) -> Iterator[dg.MaterializeResult[None]]:
        """Read the list of releases, and date the releases of the catalogue by it."""
        if skipped(context):
            return
        scope = scope_of(settings)
        units = Units(scope.key("releases"), warehouse, context.log)
        began = datetime.now(UTC)
        with accounted(github, warehouse, context.run.run_id, units.asset) as spent:

            def read(name: str) -> None:
                with warehouse.transaction() as transaction:
                    repository = sweep.repositories(transaction, scope).get(name)
                if repository is None:
                    raise UnknownName(f"GitHub shows no repository {scope.owner}/{name}; check BOOST_GITHUB_OWNER.")
                listed = published(github, scope, repository)
                spent.items = len(listed.found)
                with warehouse.transaction() as transaction:
                    units.wrote(load(transaction, repository.id, listed))
                    transaction.move_cursor(units.asset, name, {"releases": len(listed.found)}, began)

            units.each([SUPERPROJECT], read, label="releases at GitHub", abort=github.abort)
        units.asked({SUPERPROJECT: began})
        look = units.look()
        with warehouse.transaction() as transaction:
            rows = transaction.value("SELECT count(*) FROM github_releases")
        metadata = units.verdict({"dagster/row_count": rows} | spent.metadata() | seen(look))
        yield dg.MaterializeResult(data_version=data_version(look), metadata=metadata)

    return releases


def published(github: GitHub, scope: Scope, repository: Repository) -> Listed:
    """Ask for all releases of a repository; an entry that cannot be stored costs itself alone, and is told.

    Raises:
        SourceError: GitHub does not answer as promised.
    """
    listed = Listed()
    path = f"/repos/{repository.full_name}/releases"
    for answer in github.pages(path, {"per_page": "100"}, label=label(scope, "releases", repository)):
        for place, entry in enumerate(answer.items()):
            try:
                one = _published(Fields.of(entry))
            except OddField as error:
                told = f"{error.path}: {error.told}"
                logger.warning("%s, release %s is left out, %s", repository.full_name, entry.get("id"), told)
                listed.odd.append(Unread(f"releases.{entry.get('id', place)}"[:100], "damaged", told))
            else:
                if one is not None:
                    listed.found[one.tag] = one
    return listed


def load(transaction: Transaction, repository_id: int, listed: Listed) -> Changes:
    """Make the table say what GitHub shows, and date the releases by it; what could not be read stays as it was."""
    rows: Sequence[tuple[object, ...]] = [
        (repository_id, one.github_id, one.tag, one.name, one.is_prerelease, one.published_at)
        for one in listed.found.values()
    ]
    within = {} if listed.odd else {"within": {"repository_id": repository_id}}
    changes = transaction.merge("github_releases", COLUMNS, rows, key=["repository_id", "tag"], **within)
    changes += load_unread(transaction, repository_id, "releases", {0: listed.odd})
    return changes + date_releases(transaction)


def _published(entry: Fields) -> Published | None:
    """Return what an entry says; None for a draft."""
    if entry.flag("draft") or not entry.has("published_at"):
        return None
    return Published(
        entry.number("id", BIG_INTEGER),
        entry.text("tag_name")[:_LONGEST_TAG],
        entry.maybe_text("name"),
        entry.flag("prerelease"),
        entry.time("published_at"),
    )


@asset_check(
    asset=["github", "releases"],
    description="The sources agree on the days of releases, and no release is its own beta.",
)
def release_days_agree(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """List days on which two sources differ, and releases whose tag names the commit of their beta or candidate."""
    known = {**WEBSITE, **HISTORY}
    with warehouse.transaction() as transaction:
        published = transaction.rows(
            "SELECT g.tag, (g.published_at AT TIME ZONE 'UTC')::date FROM github_releases g ORDER BY g.tag"
        )
        same = transaction.rows(
            """
            SELECT r.tag, string_agg(b.tag, ', ' ORDER BY b.tag), r.released_on FROM dated_releases r
            JOIN releases b ON b.commit_sha = r.commit_sha AND b.kind IN ('beta', 'rc') AND b.deleted_at IS NULL
                           AND (b.major, b.minor, b.patch) = (r.major, r.minor, r.patch)
            WHERE r.is_release GROUP BY r.tag, r.released_on ORDER BY r.tag
            """
        )
    problems = [
        f"{tag} came out on {known[tag]} by Boost's notes, GitHub published it on {day}"
        for tag, day in published
        if tag in known and known[tag] != day
    ]
    problems += [
        f"{tag} names the commit of {beta}, so that its commit is older than its release"
        + ("" if day else "; no source knows its day")
        for tag, beta, day in same
    ]
    checked = sum(tag in known for tag, _ in published) + len(same)
    return verdict(problems, checked, severity=dg.AssetCheckSeverity.WARN)
