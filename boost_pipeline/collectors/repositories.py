"""Repositories: every git repository that the superproject ever named.

Their history belongs to `collectors.commits`.
"""

from collections.abc import Iterable, Iterator

import dagster as dg

from boost_pipeline.boost.releases import SUPERPROJECT
from boost_pipeline.collectors.stopping import skipped
from boost_pipeline.collectors.superproject import PinnedModule, pins_at
from boost_pipeline.errors import SourceCorrupt
from boost_pipeline.scheduling.looks import data_version, looked, seen
from boost_pipeline.settings import Settings
from boost_pipeline.sources.git import GitMirrors
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

ASSET = "code/repositories"
HEADS = ("refs/heads/develop", "refs/heads/master")


@dg.asset(
    key=ASSET.split("/"),
    deps=[["boost", "releases"]],
    group_name="code",
    kinds={"git", "postgres"},
    output_required=False,
    description="Every repository that a tag or a head of the superproject names as a submodule, and the superproject.",
)
def repositories(
    context: dg.AssetExecutionContext,
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
    mirrors: dg.ResourceParam[GitMirrors],
) -> Iterator[dg.MaterializeResult[None]]:
    """Read the submodules of every tag and head of the superproject into `repositories`."""
    if skipped(context):
        return
    mirrors.refresh(SUPERPROJECT)
    superproject = mirrors.mirror(SUPERPROJECT)
    commits = {
        ref.commit_sha for ref in superproject.refs() if ref.commit_sha and (ref.kind == "tag" or ref.name in HEADS)
    }
    modules: list[PinnedModule] = []
    with superproject.objects() as objects:
        for sha in sorted(commits):
            try:
                modules += pins_at(objects, sha, settings.git_owner).modules
            except SourceCorrupt as error:
                # Of one tag among many: boost/libraries, whose matter it is, turns red.
                context.log.warning("%s: %s", sha, error)
    with warehouse.transaction() as transaction:
        before = transaction.value("SELECT count(*) FROM repositories")
        merge_repositories(transaction, modules, settings.git_owner)
        rows = transaction.value("SELECT count(*) FROM repositories")
        changed = transaction.written["repositories"] > 0
    context.log.info("%d repositories, %d of them new", rows, rows - before)
    look = looked(warehouse, ASSET, changed=changed)
    yield dg.MaterializeResult(
        data_version=data_version(look),
        metadata={"dagster/row_count": rows, "rows inserted": rows - before, **seen(look)},
    )


def merge_repositories(transaction: Transaction, modules: Iterable[PinnedModule], owner: str) -> dict[str, int]:
    """Add the repositories of `modules`, and the superproject; return their ids by name.

    A repository that is both a library's and a tool's at different times counts as a library's.
    """
    kinds = {SUPERPROJECT: "superproject"}
    for module in modules:
        if module.is_library:
            kinds[module.repository] = "boost"
        else:
            kinds.setdefault(module.repository, "tool")
    known: dict[str, str] = dict(transaction.rows("SELECT name, kind FROM repositories WHERE owner = %s", (owner,)))
    rows = [
        (owner, name, kind)
        for name, kind in kinds.items()
        if known.get(name) in (None, "other") or (kind, known[name]) == ("boost", "tool")
    ]
    transaction.merge("repositories", ["owner", "name", "kind"], rows, key=["owner", "name"])
    return dict(transaction.rows("SELECT name, id FROM repositories WHERE owner = %s", (owner,)))
