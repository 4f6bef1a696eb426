"""One pass over the history of one repository: from its mirror into commits, commit_files, commit_trailers and refs.

New commits are those reachable now and not from the tips that were stored (law 2: sets, not dates).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from boost_pipeline.boost.releases import SUPERPROJECT
from boost_pipeline.errors import SourceUnfit
from boost_pipeline.sources.git import Ancestry, Mirror, Ref, Standing
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.commit_loader import CommitLoader, Place, bounded_path
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

ASSET = "code/commits"

ReleasePins = Mapping[str, int]
"""The commits of one repository that stable releases pin, in the order of the releases' versions → release id."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What one pass over a repository wrote."""

    commits: int = 0
    changes: Changes = field(default_factory=Changes)


@dataclass(frozen=True, slots=True)
class Tips:
    """What a mirror offers to read, and what is asked of each commit."""

    refs: list[Ref]
    default_branch: str | None
    default_tip: str | None
    pins: ReleasePins
    """Those that the mirror holds."""

    @classmethod
    def of(cls, mirror: Mirror, pins: ReleasePins, branches: Sequence[str]) -> "Tips":
        """Ask the mirror; the first of `branches` that it has stands in for a default branch where the host names none.

        Raises:
            SourceUnfit: there is none of them either, so that no commit would be on a default branch.
        """
        refs = mirror.refs()
        heads = {ref.name.removeprefix("refs/heads/"): ref.commit_sha for ref in refs if ref.kind == "branch"}
        branch = mirror.default_branch() or next((name for name in branches if name in heads), None)
        if branch is None:
            raise SourceUnfit(
                f"{mirror.name}: HEAD of the host's copy names no branch that it has, and none of "
                f"{', '.join(branches)} is there; set it there (`git symbolic-ref HEAD refs/heads/…`)."
            )
        tip = heads.get(branch)
        missing = mirror.missing(pins) if pins else set()
        return cls(refs, branch, tip, {sha: release for sha, release in pins.items() if sha not in missing})

    def position(self) -> dict[str, Any]:
        """Return the cursor that covers all of it: equal cursors, nothing to do."""
        return {
            "default": self.default_branch,
            "refs": _digest(f"{ref.name} {ref.sha} {ref.commit_sha}" for ref in self.refs),
            "pins": _digest(f"{sha} {release}" for sha, release in self.pins.items()),
            "tips": sorted({ref.commit_sha for ref in self.refs if ref.commit_sha} | self.pins.keys()),
        }

    def ancestry(self) -> Ancestry:
        """Return what places commits that arrive children first."""
        return Ancestry(default_tip=self.default_tip, pins={sha: rank for rank, sha in enumerate(self.pins)})

    def place(self, standing: Standing, releases: list[int]) -> Place:
        """Translate the rank of a release into its id."""
        first = standing.first_release
        return Place(standing.on_default_branch, standing.landed_at, None if first is None else releases[first])


def ingest(
    warehouse: Warehouse, mirror: Mirror, owner: str, pins: ReleasePins, branches: Sequence[str], cursor: Any
) -> Ingested:
    """Bring the rows of the repository to what its mirror holds; `cursor` is the stored position, if any.

    Raises:
        SourceCorrupt: the mirror is damaged; nothing was written.
        SourceUnfit: it has no default branch, nor one of `branches`; nothing was written.
    """
    tips = Tips.of(mirror, pins, branches)
    if cursor == tips.position():
        return Ingested()
    with warehouse.transaction() as transaction:
        transaction.lock(f"{ASSET} {mirror.name}")
        stored = transaction.cursor(ASSET, mirror.name)
        repository_id = transaction.value(
            "SELECT id FROM repositories WHERE owner = %s AND name = %s", (owner, mirror.name)
        )
        updated = transaction.execute(
            "UPDATE repositories SET default_branch = %(b)s "
            "WHERE id = %(id)s AND default_branch IS DISTINCT FROM %(b)s",
            {"b": tips.default_branch, "id": repository_id},
        )
        loader = _load_new(transaction, mirror, repository_id, tips, stored["tips"] if stored else [])
        if stored is not None:
            updated += _place_again(transaction, mirror, repository_id, tips)
        changes = _merge_refs(transaction, repository_id, tips.refs)
        transaction.move_cursor(ASSET, mirror.name, tips.position(), datetime.now(UTC))
    return Ingested(loader.commits, changes + Changes(inserted=loader.written, updated=updated))


def release_pins(transaction: Transaction) -> dict[str, dict[str, int]]:
    """Return the pins of all repositories, by name. A commit that several releases pin belongs to the first.

    A release whose tag is gone pins nothing: its commits belong to the next that contains them.

    The superproject is pinned by its tags.
    """
    pins: dict[str, dict[str, int]] = {}
    for repository, sha, release_id in transaction.rows(
        """
        SELECT pinned.* FROM dated_releases r CROSS JOIN LATERAL (
            SELECT p.name, m.commit_sha, r.id FROM release_modules m
            JOIN repositories p ON p.id = m.repository_id WHERE m.release_id = r.id
            UNION ALL SELECT %s, r.commit_sha, r.id
        ) pinned
        WHERE r.is_release ORDER BY r.major, r.minor, r.patch
        """,
        (SUPERPROJECT,),
    ):
        pins.setdefault(repository, {}).setdefault(sha, release_id)
    return pins


def _load_new(
    transaction: Transaction, mirror: Mirror, repository_id: int, tips: Tips, stored: list[str]
) -> CommitLoader:
    loader = CommitLoader(transaction, repository_id)
    ancestry, releases = tips.ancestry(), list(tips.pins.values())
    for commit in mirror.log(exclude=stored, extra=tips.pins):
        standing = ancestry.place(commit.sha, commit.parents, commit.committed_at)
        loader.add(commit, tips.place(standing, releases))
    loader.flush()
    return loader


def _place_again(transaction: Transaction, mirror: Mirror, repository_id: int, tips: Tips) -> int:
    """Place all commits anew: stored ones may have landed, been released, or become unreachable."""
    ancestry, releases = tips.ancestry(), list(tips.pins.values())
    rows = (
        (node.sha, *tips.place(ancestry.place(node.sha, node.parents, node.committed_at), releases))
        for node in mirror.history(extra=tips.pins)
    )
    transaction.stage("commits", ["sha", "on_default_branch", "landed_at", "first_release_id"], rows)
    return transaction.execute(
        """
        UPDATE commits c
        SET on_default_branch = n.on_default_branch, landed_at = n.landed_at,
            first_release_id = n.first_release_id, is_reachable = n.is_reachable
        FROM (
            SELECT k.id, coalesce(s.on_default_branch, false) AS on_default_branch, s.landed_at, s.first_release_id,
                   s.sha IS NOT NULL AS is_reachable
            FROM commits k LEFT JOIN staging_commits s USING (sha) WHERE k.repository_id = %s
        ) n
        WHERE n.id = c.id
          AND (c.on_default_branch, c.landed_at, c.first_release_id, c.is_reachable)
              IS DISTINCT FROM (n.on_default_branch, n.landed_at, n.first_release_id, n.is_reachable)
        """,
        (repository_id,),
    )


def _merge_refs(transaction: Transaction, repository_id: int, refs: list[Ref]) -> Changes:
    return transaction.merge(
        "refs",
        ["repository_id", "name", "kind", "sha", "commit_sha"],
        [(repository_id, bounded_path(ref.name), ref.kind, ref.sha, ref.commit_sha) for ref in refs],
        key=["repository_id", "name"],
        within={"repository_id": repository_id},
    )


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
