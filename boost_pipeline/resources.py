"""What the assets are given: the settings, the warehouse, git mirrors and GitHub. Tests put others in their place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
from pydantic import SecretStr

from boost_pipeline.progress import waits
from boost_pipeline.scheduling import tags
from boost_pipeline.scheduling.sensors import run_lock
from boost_pipeline.settings import Settings, redactor
from boost_pipeline.sources.git import GitMirrors
from boost_pipeline.sources.github import GitHub, RawPages, app_credentials, open_github
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


def open_client(settings: Settings) -> GitHub:
    """Return the client of GitHub's APIs; nothing is asked before it is used.

    Raises:
        SettingsError: a token, the app or GITHUB_API_URL cannot work.
    """
    return open_github(
        api_url=settings.github_api_url,
        token=_secret(settings.github_token),
        scraping_tokens=[token.get_secret_value() for token in settings.github_scraping_tokens],
        write_token=_secret(settings.github_write_token),
        app=app_credentials(
            settings.github_app_id,
            settings.github_app_installation_id,
            _secret(settings.github_app_private_key),
            settings.github_app_private_key_file,
        ),
        raw_folder=settings.github_raw,
        raw_days=settings.github_raw_days,
        points_per_minute=settings.github_points_per_minute,
        concurrent=settings.github_jobs,
        max_wait_minutes=settings.github_max_wait_minutes,
        pace_file=settings.github_pace,
        redactor=redactor(),
        on_wait=lambda wait: waits.tell(wait.reason, wait.until),
    )


def raw_pages(settings: Settings) -> RawPages:
    """Return GitHub's answers as they came."""
    days = settings.github_raw_days
    return RawPages(settings.github_raw, None if days is None else timedelta(days=days))


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None


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
        held = opened.held(run_lock(context.run.run_id), *([f"group {group}"] if group else []))
        with held, opened.keeping_connections():
            yield opened

    @dg.resource(description="The client of GitHub's APIs, for the time of a run.")
    def github(_context: dg.InitResourceContext) -> Iterator[GitHub]:
        with open_client(settings) as client:
            yield client
        raw_pages(settings).prune(datetime.now(UTC))

    return {"settings": settings, "warehouse": warehouse, "mirrors": open_mirrors(settings), "github": github}
