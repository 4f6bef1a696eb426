"""Which releases a run reads: the named ones, all, or those that are not done."""

from collections.abc import Collection, Sequence
from typing import Any

import dagster as dg

from boost_pipeline.boost.releases import HEADS, is_catalogued, is_followed, read_tag, read_version
from boost_pipeline.errors import UnknownName


class ReleasesConfig(dg.Config):
    """Which releases to read. Without any option: those that were not read yet, and heads that moved.

    `limit` keeps so many releases, the newest ones, and no head.
    """

    versions: list[str] = []
    all_versions: bool = False
    limit: int | None = None
    dry_run: bool = False


def chosen_releases(
    config: ReleasesConfig, wanted: Sequence[str], known: Collection[str], done: Collection[str]
) -> list[str]:
    """Return the tags and heads to read, oldest version first.

    Args:
        config: the options; `versions` is what `wanted` was made of.
        wanted: partitions or versions that were named.
        known: all releases that exist.
        done: those that need not be read again.

    Raises:
        UnknownName: a wanted release does not exist.
    """
    if wanted:
        tags = [tag if tag in known else read_version(tag) for tag in wanted]
        if unknown := [tag for tag in tags if tag not in known]:
            catalogued = [tag for tag in known if is_catalogued(read_tag(tag))]
            raise UnknownName(
                f"There is no release {', '.join(unknown)}; the newest is "
                f"{max(catalogued, key=_order, default='not known yet')}. "
                "`boost-pipeline collect run_boost_library_tracker` looks for new tags."
            )
    else:
        tags = [tag for tag in known if is_followed(read_tag(tag)) and (config.all_versions or tag not in done)]
    tags = sorted(set(tags), key=_order)
    if config.limit is None:
        return tags
    releases = [tag for tag in tags if tag not in HEADS]
    return releases[-config.limit :] if config.limit > 0 else []


def _order(tag: str) -> Any:
    return read_tag(tag).order
