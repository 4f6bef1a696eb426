"""What the assets are given: the settings, the warehouse and the git mirrors. Tests put others in their place."""

from __future__ import annotations

from boost_pipeline.settings import Settings
from boost_pipeline.sources.git import GitMirrors
from boost_pipeline.warehouse.databases import Databases
from boost_pipeline.warehouse.warehouse import Warehouse


def build_resources(settings: Settings) -> dict[str, object]:
    """Return the resources by name; nothing is opened or started before it is used."""
    return {
        "settings": settings,
        "warehouse": Warehouse(Databases(settings).warehouse),
        "mirrors": GitMirrors(
            settings.mirrors,
            settings.git_url,
            token=settings.git_token.get_secret_value() if settings.git_token else None,
            timeout=settings.git_timeout,
            attempts=settings.git_attempts,
        ),
    }
