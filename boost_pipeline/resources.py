"""What the assets are given: the settings, the warehouse and the git mirrors. Tests put others in their place."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from boost_pipeline.scheduling import tags
from boost_pipeline.scheduling.sensors import run_lock
from boost_pipeline.settings import Settings
from boost_pipeline.sources.git import GitMirrors
from boost_pipeline.warehouse.databases import Databases
from boost_pipeline.warehouse.warehouse import Warehouse


def open_warehouse(settings: Settings) -> Warehouse:
    """Return the warehouse of these settings; nothing is opened or started before it is used."""
    return Warehouse(Databases(settings).warehouse)


def open_mirrors(settings: Settings) -> GitMirrors:
    """Return the mirrors of these settings."""
    return GitMirrors(
        settings.mirrors,
        settings.git_url,
        token=settings.git_token.get_secret_value() if settings.git_token else None,
        timeout=settings.git_timeout,
        attempts=settings.git_attempts,
    )


def build_resources(settings: Settings) -> dict[str, object]:
    """Return the resources of the assets by name."""

    @dg.resource(description="The warehouse; a run that uses it holds a lock of its own, and its group's.")
    def warehouse(context: dg.InitResourceContext) -> Iterator[Warehouse]:
        opened = open_warehouse(settings)
        if context.run is None:
            yield opened
            return
        group = context.run.tags.get(tags.GROUP)
        # Whoever started it: the run queue keeps the daemon's runs of a group apart, the lock all of them.
        with opened.held(run_lock(context.run.run_id), *([f"group {group}"] if group else [])):
            yield opened

    return {"settings": settings, "warehouse": warehouse, "mirrors": open_mirrors(settings)}
