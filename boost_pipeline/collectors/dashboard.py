"""The dashboard: a static site of what is in the warehouse, and of how the platform stands.

What stands on its pages and how it is built belongs to `reports.site`, how it gets to a branch to `publishing`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from boost_pipeline.collectors.due import due_by
from boost_pipeline.collectors.publishing import Target, publish
from boost_pipeline.collectors.report_links import link
from boost_pipeline.collectors.stopping import skipped
from boost_pipeline.reports.site.build import Site, build, default_folder
from boost_pipeline.reports.site.environment import moment, number
from boost_pipeline.scheduling.health import HealthReader
from boost_pipeline.scheduling.looks import data_version, looked, seen
from boost_pipeline.settings import Settings
from boost_pipeline.warehouse.warehouse import Warehouse

ASSET = "reports/dashboard"


class DashboardConfig(dg.Config):
    """Where the site goes, and whether it is published where BOOST_DASHBOARD_PUBLISH_URL says."""

    out: str | None = None
    """The folder; without it BOOST_HOME/reports/dashboard."""
    skip_publish: bool = False


@dg.asset(
    key=ASSET.split("/"),
    deps=[
        ["boost", "libraries"],
        ["boost", "dependencies"],
        ["code", "commits"],
        *(
            ["github", table]
            for table in ("repositories", "issues", "pull_requests", "reviews", "comments", "durations")
        ),
    ],
    group_name="reports",
    kinds={"postgres", "html"},
    output_required=False,
    description="A static site: releases, libraries, people, risks and the health of the data. It opens from a file.",
)
def dashboard(
    context: dg.AssetExecutionContext,
    config: DashboardConfig,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
    health: dg.ResourceParam[HealthReader],
) -> Iterator[dg.MaterializeResult[None]]:
    """Build the site in the place of the last one, and publish it if the settings name a repository."""
    if skipped(context):
        return
    folder = Path(config.out) if config.out else default_folder(settings.home)
    site = build(warehouse, folder, health.read(context.instance), settings.reports, due_by(settings))
    context.log.info("%d pages, %d of them made anew, are in %s", site.pages, site.rendered, site.folder)
    target = None if config.skip_publish else _target(settings)
    published = publish(target, site.folder, settings.home / "publishing" / "dashboard.git") if target else None
    if published:
        context.log.info("%s", published)
    look = looked(warehouse, ASSET, version=site.version)
    metadata = _metadata(settings, site, published) | seen(look)
    yield dg.MaterializeResult(data_version=data_version(look), metadata=metadata)


def _target(settings: Settings) -> Target | None:
    """Return where to publish; None where the settings name no repository."""
    if settings.dashboard_publish_url is None:
        return None
    token = settings.github_write_token or settings.git_token
    return Target(
        url=settings.dashboard_publish_url.get_secret_value(),
        branch=settings.dashboard_publish_branch,
        token=token.get_secret_value() if token else None,
    )


def _metadata(settings: Settings, site: Site, published: str | None) -> dict[str, Any]:
    lines = ["| figure | value | as of |", "|---|---|---|"]
    lines += [f"| {figure} | {number(value)} | {moment(as_of)} |" for figure, value, as_of in site.headlines]
    pages = (
        f"{site.pages} pages, {site.rendered} of them made anew: {site.libraries} libraries, {site.releases} releases, "
        f"{site.reports} dossiers and monthly reports."
    )
    return {
        "preview": dg.MetadataValue.md("\n".join([pages, "", *lines])),
        "open": link(settings, site.index),
        "folder": dg.MetadataValue.path(site.folder),
        "pages": site.pages,
        "pages made anew": site.rendered,
        "files": site.files,
        "bytes": site.bytes,
        **({"published": published} if published else {}),
    }
