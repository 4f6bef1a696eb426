"""Commits: the whole history of every repository, from its mirror.

Which repositories there are belongs to `collectors.repositories`; how git's log is read to `sources.git`.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dagster as dg

from boost_pipeline.boost.releases import SUPERPROJECT
from boost_pipeline.collectors.commit_history import ASSET, Ingested, ingest, release_pins
from boost_pipeline.collectors.identities import resolve
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
    heads = Heads.of(mirrors.mirror(SUPERPROJECT), settings.git_owner)
    for problem in heads.unread:
        context.log.warning("%s Repositories are asked whether they moved.", problem)
    # What is asked for by name is asked for now.
    always = bool(config.libraries or heads.unread)
    sweep = timedelta(days=settings.git_sweep_days)

    def read(name: str) -> Ingested:
        mirror, pinned = mirrors.mirror(name), pins.get(name, {})
        if name != SUPERPROJECT:
            mirrors.refresh(name) if always else mirrors.refresh(name, mark=heads.mark(name), max_age=sweep)
        try:
            return ingest(warehouse, mirror, settings.git_owner, pinned, heads.branches(name), cursors.get(name))
        except SourceCorrupt as error:
            if not mirrors.repair(name, wanted=pinned):
                raise  # the mirror is whole: what reads it is at fault
            context.log.warning("%s It was made anew.", error)
            return ingest(warehouse, mirror, settings.git_owner, pinned, heads.branches(name), cursors.get(name))

    units = Units(ASSET, warehouse, context.log)
    found = units.each(names, read, label="repositories", jobs=settings.git_jobs, abort=mirrors.abort)
    units.changes = sum((result.changes for result in found.values()), Changes())
    # Where no head tells whether a repository moved, its host is asked once in a while only.
    by_head = dict.fromkeys({*heads.pinned, SUPERPROJECT} & found.keys(), began)
    units.asked(by_head | {name: at for name in found.keys() - by_head.keys() if (at := mirrors.asked_at(name))})
    with warehouse.transaction() as transaction:
        units.changes += resolve(transaction)
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


@dataclass(frozen=True, slots=True)
class Heads:
    """What the heads of the superproject say of each repository.

    Attributes:
        pinned: repository → what pins it, as "<head>=<commit>".
        followed: repository → the branches that it is followed on.
        unread: why a head could not be read, for each of them that could not.
    """

    pinned: Mapping[str, list[str]]
    followed: Mapping[str, list[str]]
    unread: Sequence[str]

    @classmethod
    def of(cls, superproject: Mirror, owner: str) -> "Heads":
        """Read the heads of the superproject."""
        pinned: dict[str, list[str]] = {}
        followed: dict[str, list[str]] = {}
        unread = []
        commits = {ref.name: ref.commit_sha for ref in superproject.refs()}
        with superproject.objects() as objects:
            for head in HEADS:
                sha = commits.get(head)
                try:
                    modules = pins_at(objects, sha, owner).modules if sha else ()
                except SourceCorrupt as error:
                    unread.append(f"{head.removeprefix('refs/heads/')} of the superproject: {error}")
                    continue
                for module in modules:
                    pinned.setdefault(module.repository, []).append(f"{head}={module.commit_sha}")
                    branch = head.removeprefix("refs/heads/") if module.branch == "." else module.branch
                    if branch:
                        followed.setdefault(module.repository, []).append(branch)
        return cls(pinned, followed, unread)

    def mark(self, repository: str) -> str:
        """Return what changes when a head pins another commit."""
        return " ".join(self.pinned.get(repository, ["no head names it"]))

    def branches(self, repository: str) -> list[str]:
        """Return the branches that stand in for a default branch, the best first."""
        heads = [head.removeprefix("refs/heads/") for head in HEADS]
        return list(dict.fromkeys([*self.followed.get(repository, []), *heads]))
