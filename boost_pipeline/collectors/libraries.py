"""Libraries: what each release holds, from .gitmodules, gitlinks and meta/libraries.json at the pinned commits.

Which releases there are belongs to `collectors.releases`; how rows of one release are written to
`collectors.release_rows`; reading the formats to `boost`.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from boost_pipeline.boost.releases import SUPERPROJECT
from boost_pipeline.collectors.module_metadata import ModuleMetadata, read_module
from boost_pipeline.collectors.release_rows import load_release, name_libraries
from boost_pipeline.collectors.release_run import Made, ReleaseRun
from boost_pipeline.collectors.superproject import Pins, pins_at
from boost_pipeline.collectors.units import Units
from boost_pipeline.warehouse.changes import Changes

ASSET = "boost/libraries"
READER = 2
"""Raised when the reading of a release changes, so that releases read by older code are read again."""


def make(run: ReleaseRun) -> Made | None:
    """Read the chosen releases; each is one transaction. None: the run only wanted to know which."""
    settings, warehouse, mirrors = run.settings, run.warehouse, run.mirrors
    with warehouse.transaction() as transaction:
        commits: dict[str, str] = dict(
            transaction.rows("SELECT tag, commit_sha FROM releases WHERE deleted_at IS NULL")
        )
        cursors = transaction.cursors(ASSET)
    done = {tag for tag, commit_sha in commits.items() if cursors.get(tag) == position(commit_sha)}
    tags = run.choose(ASSET, commits, done)
    if tags is None:
        return None
    units = run.units(ASSET)
    with mirrors.mirror(SUPERPROJECT).objects() as objects:
        pins = units.each(
            tags, lambda tag: pins_at(objects, commits[tag], settings.git_owner), label="pinned commits", final=False
        )
    metadata = read_repositories(run, units, pins)

    def load(tag: str) -> Changes:
        with warehouse.transaction() as transaction:
            transaction.lock(ASSET)
            changes = load_release(transaction, tag, pins[tag], metadata, settings.git_owner)
            transaction.move_cursor(ASSET, tag, position(commits[tag], missing(tag), lost(tag)), datetime.now(UTC))
        return changes

    def missing(tag: str) -> set[str]:
        return {module.repository for module in pins[tag].modules} & units.failed.keys()

    def lost(tag: str) -> set[str]:
        return {module.repository for module in pins[tag].modules if module.commit_sha in run.lost}

    loaded = units.each([tag for tag in tags if tag in pins], load, label="releases")
    with warehouse.transaction() as transaction:
        units.changes = sum(loaded.values(), name_libraries(transaction))
        rows = transaction.value("SELECT count(*) FROM library_versions")
    whole = [tag for tag in loaded if not missing(tag)]
    run.looked(units, done | set(whole), whole)
    return Made(units, whole, {"dagster/row_count": rows, "releases read": len(loaded)})


def read_repositories(run: ReleaseRun, units: Units, pins: Mapping[str, Pins]) -> dict[tuple[str, str], ModuleMetadata]:
    """Return what each repository says of its libraries at each pinned commit; repositories that fail are absent."""
    wanted: dict[str, set[str]] = {}
    for release in pins.values():
        for module in release.modules:
            wanted.setdefault(module.repository, set()).add(module.commit_sha)

    def read(repository: str) -> dict[tuple[str, str], ModuleMetadata]:
        run.fetch(repository, wanted[repository])
        return read_module(run.mirrors.mirror(repository), wanted[repository])

    jobs, abort = run.settings.git_jobs, run.mirrors.abort
    found = units.each(sorted(wanted), read, label="repositories", jobs=jobs, abort=abort)
    return {key: module for modules in found.values() for key, module in modules.items()}


def position(commit_sha: str, missing: Collection[str] = (), lost: Collection[str] = ()) -> dict[str, Any]:
    """Return the cursor of a release that was read from this commit by this code.

    With repositories that are `missing`, or of which the pinned commit is `lost`, it is none that a run leaves alone.
    """
    found: dict[str, Any] = {"commit": commit_sha, "reader": READER}
    gaps = {"missing": sorted(missing), "lost": sorted(lost)}
    return found | {gap: repositories for gap, repositories in gaps.items() if repositories}
