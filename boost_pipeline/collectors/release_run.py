"""One run over releases, as the assets that are kept by release see it, and what each of them makes of it."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from boost_pipeline.collectors.release_choice import ReleasesConfig, chosen_releases
from boost_pipeline.collectors.units import Units
from boost_pipeline.settings import Settings
from boost_pipeline.sources.git import GitMirrors
from boost_pipeline.warehouse.warehouse import Warehouse

logger = logging.getLogger("boost_pipeline")


@dataclass(frozen=True, slots=True)
class ReleaseRun:
    """What a run was asked for: its options, and the releases that were named, by version or as partitions.

    `lost` holds the pinned commits that hosts were asked for in this run and did not give.
    """

    config: ReleasesConfig
    wanted: Sequence[str]
    log: dg.DagsterLogManager
    settings: Settings
    warehouse: Warehouse
    mirrors: GitMirrors
    lost: set[str] = field(default_factory=set)

    def fetch(self, repository: str, pinned: Collection[str]) -> None:
        """See to it that the mirror of a repository holds these commits; each is asked for once in a run.

        Raises:
            SourceError: the host was asked, and fails; that it does not give a commit is no failure.
        """
        self.mirrors.refresh(repository, max_age=timedelta.max, wanted=set(pinned) - self.lost)
        self.lost.update(self.mirrors.mirror(repository).missing(pinned))

    def choose(self, asset: str, known: Collection[str], done: Collection[str]) -> list[str] | None:
        """Return the releases that `asset` has to read, oldest first; None where the run only wants to know.

        Raises:
            UnknownName: a wanted release is not among the `known`.
        """
        tags = chosen_releases(self.config, self.wanted, known, done)
        told = (asset, len(tags), ", ".join(tags) or "none is new")
        self.log.info("%s: %d releases to read: %s", *told)
        if self.config.dry_run:  # Dagster's own lines are not shown
            logger.info("%s: %d releases would be read: %s", *told)
        return None if self.config.dry_run else tags

    @property
    def is_whole(self) -> bool:
        """It looks at all releases, not at some that were named."""
        return not self.wanted and self.config.limit is None

    def looked(self, units: Units, known: Collection[str], read: Collection[str]) -> None:
        """Record that releases were looked at: all that are `known`, in a run over some only those it `read`."""
        units.asked(dict.fromkeys(known if self.is_whole else read, datetime.now(UTC)))

    @property
    def names_releases(self) -> bool:
        """Whether releases are read because somebody said so, not because something of them is new or missing."""
        return bool(self.wanted or self.config.all_versions)

    def units(self, asset: str) -> Units:
        """Return what records the units of `asset`."""
        return Units(asset, self.warehouse, self.log)


@dataclass(frozen=True, slots=True)
class Made:
    """What one asset made of a run: its units, the releases that are whole, and what to tell Dagster."""

    units: Units
    whole: Collection[str]
    metadata: Mapping[str, Any]
    by_release: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
