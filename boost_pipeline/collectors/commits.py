"""Commits: the whole history of every repository, from its mirror.

Which repositories there are belongs to `collectors.repositories`; how git's log is read to `sources.git`.
"""

import difflib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg

from boost_pipeline.boost.releases import SUPERPROJECT
from boost_pipeline.collectors.commit_history import ASSET, Ingested, ingest, release_pins
from boost_pipeline.collectors.repositories import HEADS
from boost_pipeline.collectors.stopping import skipped
from boost_pipeline.collectors.superproject import pins_at
from boost_pipeline.collectors.units import Units
from boost_pipeline.errors import SourceCorrupt, UnknownName
from boost_pipeline.scheduling.looks import data_version, seen
from boost_pipeline.settings import Settings
from boost_pipeline.sources.git import GitMirrors, Mirror
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse


class CommitsConfig(dg.Config):
    """Which repositories to read; all of them without `libraries`."""

    libraries: list[str] = []


@dg.asset(
    key=ASSET.split("/"),
    deps=[["code", "repositories"]],
    group_name="code",
    kinds={"git", "postgres"},
    output_required=False,
    description="All commits of all branches, tags and releases of every repository, with files, trailers and refs.",
)
def commits(
    context: dg.AssetExecutionContext,
    config: CommitsConfig,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
    mirrors: dg.ResourceParam[GitMirrors],
) -> Iterator[dg.MaterializeResult[None]]:
    """Fetch what moved, and read the commits that are not stored; one transaction a repository."""
    if skipped(context):
        return
    with warehouse.transaction() as transaction:
        names = chosen_repositories(transaction, config.libraries)
        cursors = transaction.cursors(ASSET)
        pins = release_pins(transaction)
    began = datetime.now(UTC)
    mirrors.refresh(SUPERPROJECT)
    marks = head_marks(mirrors.mirror(SUPERPROJECT), settings.git_owner)

    def read(name: str) -> Ingested:
        if name != SUPERPROJECT:
            mirrors.refresh(
                name, mark=marks.get(name, "no head names it"), max_age=timedelta(days=settings.git_sweep_days)
            )
        try:
            return ingest(warehouse, mirrors.mirror(name), settings.git_owner, pins.get(name, {}), cursors.get(name))
        except SourceCorrupt as error:
            context.log.warning("%s The mirror is set aside and made anew.", error)
            mirrors.set_aside(name)
            mirrors.refresh(name, mark=marks.get(name))
            return ingest(warehouse, mirrors.mirror(name), settings.git_owner, pins.get(name, {}), cursors.get(name))

    units = Units(ASSET, warehouse, context.log)
    found = units.each(names, read, label="repositories", jobs=settings.git_jobs, abort=mirrors.abort)
    units.changes = sum((result.changes for result in found.values()), Changes())
    # Where no head tells whether a repository moved, its host is asked once in a while only.
    by_head = dict.fromkeys({*marks, SUPERPROJECT} & found.keys(), began)
    units.asked(by_head | {name: at for name in found.keys() - by_head.keys() if (at := mirrors.asked_at(name))})
    with warehouse.transaction() as transaction:
        rows = transaction.value("SELECT count(*) FROM commits")
    new = sum(result.commits for result in found.values())
    look = units.look(whole=not config.libraries)
    yield dg.MaterializeResult(
        data_version=data_version(look),
        metadata=units.verdict({"dagster/row_count": rows, "new commits": new, **seen(look)}),
    )


def chosen_repositories(transaction: Transaction, libraries: Sequence[str]) -> list[str]:
    """Return the names of the repositories to read, largest history first as far as known.

    Raises:
        UnknownName: a library is neither a repository, a module nor a library's key.
    """
    known = [
        name
        for (name,) in transaction.rows(
            "SELECT name FROM repositories WHERE kind IN ('superproject', 'boost', 'tool') "
            "ORDER BY kind = 'superproject' DESC, name"
        )
    ]
    if not libraries:
        return known
    aliases: dict[str, str] = dict(
        transaction.rows(
            """
            SELECT m.name, p.name FROM release_modules r JOIN modules m ON m.id = r.module_id
            JOIN repositories p ON p.id = r.repository_id
            UNION
            SELECT l.key, p.name FROM library_versions v JOIN libraries l ON l.id = v.library_id
            JOIN release_modules r USING (release_id, module_id) JOIN repositories p ON p.id = r.repository_id
            """
        )
    ) | {name: name for name in known}
    if unknown := [name for name in libraries if name not in aliases]:
        near = difflib.get_close_matches(unknown[0], aliases, n=1)
        raise UnknownName(
            f"There is no library {unknown[0]!r}"
            + (f"; did you mean {near[0]!r}?" if near else ".")
            + " Libraries are known once run_boost_library_tracker has read a release."
        )
    return list(dict.fromkeys(aliases[name] for name in libraries))


def head_marks(superproject: Mirror, owner: str) -> dict[str, str]:
    """Return repository → the commits that the heads of the superproject pin: it moved if they changed."""
    marks: dict[str, list[str]] = {}
    heads = {ref.name: ref.commit_sha for ref in superproject.refs() if ref.name in HEADS and ref.commit_sha}
    with superproject.objects() as objects:
        for name, sha in sorted(heads.items()):
            for module in pins_at(objects, sha, owner).modules:
                marks.setdefault(module.repository, []).append(f"{name}={module.commit_sha}")
    return {repository: " ".join(pinned) for repository, pinned in marks.items()}
