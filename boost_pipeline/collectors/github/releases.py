"""What GitHub has published as releases of the superproject: one list, from which a release has its day.

Drafts are shown to nobody but their owners, and are left out. A tag that a release names need not exist.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import dagster as dg

from boost_pipeline.boost.releases import SUPERPROJECT
from boost_pipeline.collectors.github import sweep
from boost_pipeline.collectors.github.costs import accounted
from boost_pipeline.collectors.github.items import label
from boost_pipeline.collectors.github.scope import Repository, Scope
from boost_pipeline.collectors.github.shapes import time
from boost_pipeline.collectors.releases import date_releases
from boost_pipeline.collectors.stopping import skipped
from boost_pipeline.collectors.units import Units
from boost_pipeline.errors import SourceCorrupt, UnknownName
from boost_pipeline.settings import Settings
from boost_pipeline.sources.github import GitHub
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

COLUMNS = ("repository_id", "github_id", "tag", "name", "is_prerelease", "published_at")


class Published(NamedTuple):
    """A release that GitHub shows."""

    github_id: int
    tag: str
    name: str | None
    is_prerelease: bool
    published_at: datetime


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
        with accounted(github, warehouse, context.run.run_id, units.asset) as spent:

            def read(name: str) -> Changes:
                with warehouse.transaction() as transaction:
                    repository = sweep.repositories(transaction, scope).get(name)
                if repository is None:
                    raise UnknownName(f"GitHub shows no repository {scope.owner}/{name}; check BOOST_GITHUB_OWNER.")
                found = list(published(github, scope, repository))
                spent.items = len(found)
                with warehouse.transaction() as transaction:
                    changes = load(transaction, repository.id, found)
                    transaction.move_cursor(units.asset, name, {"releases": len(found)}, datetime.now(UTC))
                return changes

            read_now = units.each([SUPERPROJECT], read, label="releases at GitHub", abort=github.abort)
        units.changes = sum(read_now.values(), Changes())
        with warehouse.transaction() as transaction:
            rows = transaction.value("SELECT count(*) FROM github_releases")
        yield dg.MaterializeResult(metadata=units.verdict({"dagster/row_count": rows} | spent.metadata()))

    return releases


def published(github: GitHub, scope: Scope, repository: Repository) -> Iterator[Published]:
    """Ask for all releases of a repository.

    Raises:
        SourceError: GitHub does not answer as promised.
    """
    path = f"/repos/{repository.full_name}/releases"
    for answer in github.pages(path, {"per_page": "100"}, label=label(scope, "releases", repository)):
        for entry in answer.items():
            if not entry.get("draft") and entry.get("published_at"):
                yield _published(entry, answer.path)


def load(transaction: Transaction, repository_id: int, found: list[Published]) -> Changes:
    """Make the table say what GitHub shows, and date the releases by it."""
    changes = transaction.merge(
        "github_releases",
        COLUMNS,
        [
            (repository_id, one.github_id, one.tag, one.name, one.is_prerelease, one.published_at)
            for one in {one.tag: one for one in found}.values()
        ],
        key=["repository_id", "tag"],
        within={"repository_id": repository_id},
    )
    return changes + date_releases(transaction)


def _published(entry: dict[str, Any], path: str) -> Published:
    number, tag, name = entry.get("id"), entry.get("tag_name"), entry.get("name")
    if not isinstance(number, int) or not isinstance(tag, str) or not tag:
        raise SourceCorrupt(f"GitHub, {path}: a release without id or tag; see the API's version.")
    return Published(
        number,
        tag.replace("\0", "")[:250],
        name.replace("\0", "") if isinstance(name, str) else None,
        bool(entry.get("prerelease")),
        time(entry["published_at"]),
    )
