"""Publishing of a site to a folder of a branch of a git repository, such as the one that a web server serves.

Only that folder is replaced: all else on the branch stays. No working tree is kept, so that none can be dirty; the
commit is made of the branch as it is at the host, and pushed without force, so that what somebody pushes meanwhile
is refused here and taken up by the next run. The token goes to git in its environment (`sources.git.environment`),
never on a command line, into a URL or a configuration.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from boost_pipeline.errors import BoostPipelineError, SourceRefused
from boost_pipeline.settings import BRANCH, REPOSITORY
from boost_pipeline.sources.git.environment import Host
from boost_pipeline.sources.git.process import Children, Git

FOLDER: Final = "develop"
"""Where the site goes on the branch, as the predecessor had it."""

_LEFT_OUT = frozenset({"manifest.json"})
"""It holds the moment of the build, which alone is no reason for a commit."""


class PublishingError(BoostPipelineError):
    """A site cannot be published there."""

    category = "publication"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a site is published, and what lets us in."""

    url: str
    """Of the repository; a password in it never reaches a command line."""
    branch: str
    token: str | None
    author: str = "boost-pipeline"
    email: str = "boost-pipeline@noreply.invalid"


def publish(target: Target, site: Path, state: Path, *, timeout: float = 3600) -> str:
    """Put a site in the place of the last one on the branch; return what was done, in one line.

    Args:
        target: where.
        site: a folder with an index.html.
        state: a bare repository that this function keeps, to send only what is new.
        timeout: seconds for each step of git.

    Raises:
        PublishingError: the target is not of a form that is safe to hand to git, there is no page to publish, or the
            host refuses us.
        SourceUnavailable: the host does not answer, or the branch moved meanwhile; the next run tries again.
    """
    _refuse_unsafe(target)
    if not (site / "index.html").is_file():
        raise PublishingError(f"{site} has no index.html, so nothing is published. Build the dashboard first.")
    host = Host.read(target.url, target.token)
    git = Git(site.name, state, host, Children(), timeout)
    try:
        return _publish(git, host, target, site)
    except SourceRefused as error:
        raise PublishingError(
            f"The dashboard cannot be published to {host.url}: {str(error).split(';')[0]}; "
            "check BOOST_DASHBOARD_PUBLISH_URL, and that GITHUB_TOKEN_WRITE may push there."
        ) from error


def _publish(git: Git, host: Host, target: Target, site: Path) -> str:
    git.path.parent.mkdir(parents=True, exist_ok=True)
    git.read("init", "--quiet", "--bare", "--template=", str(git.path))
    ref = f"refs/heads/{target.branch}"
    listed = git.network("ls-remote", "--heads", host.url, ref, lock=None).split()
    parent = listed[0].decode() if listed else None
    if parent:
        git.network("fetch", "--quiet", "--no-tags", "--depth=1", host.url, ref, lock=None)
    tree = _tree(git, site, parent)
    if parent and tree == git.read("rev-parse", f"{parent}^{{tree}}").strip().decode():
        return f"{target.branch} of {host.url} is as it should be"
    identity = ("-c", f"user.name={target.author}", "-c", f"user.email={target.email}")
    parents = ("-p", parent) if parent else ()
    made = git.read(*identity, "commit-tree", tree, *parents, "-m", "Publish the dashboard").strip().decode()
    git.network("push", "--quiet", host.url, f"{made}:{ref}", lock=None)
    return f"published as {made[:12]} to {FOLDER}/ on {target.branch} of {host.url}"


def _tree(git: Git, site: Path, parent: str | None) -> str:
    """Write the tree of the branch with the site in its folder; return its name."""
    found = sorted(path for path in site.rglob("*") if path.is_file())
    kept = [path for path in found if path.relative_to(site).as_posix() not in _LEFT_OUT]
    names = "".join(f"{path.resolve()}\n" for path in kept).encode()
    blobs = git.read("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=names).decode().split()
    folder = _folder(git, {path.relative_to(site).parts: blob for path, blob in zip(kept, blobs, strict=True)})
    others = git.read("ls-tree", "-z", parent).split(b"\0")[:-1] if parent else []
    entries = [entry for entry in others if entry.partition(b"\t")[2] != FOLDER.encode()]
    entries.append(f"040000 tree {folder}\t{FOLDER}".encode())
    return _mktree(git, entries)


def _folder(git: Git, blobs: dict[tuple[str, ...], str]) -> str:
    """Write a folder with all that is below it; return its name."""
    entries = [f"100644 blob {blob}\t{parts[0]}".encode() for parts, blob in blobs.items() if len(parts) == 1]
    for name in sorted({parts[0] for parts in blobs if len(parts) > 1}):
        below = {parts[1:]: blob for parts, blob in blobs.items() if parts[0] == name and len(parts) > 1}
        entries.append(f"040000 tree {_folder(git, below)}\t{name}".encode())
    return _mktree(git, entries)


def _mktree(git: Git, entries: list[bytes]) -> str:
    return git.read("mktree", "-z", stdin=b"".join(entry + b"\0" for entry in entries)).strip().decode()


def _refuse_unsafe(target: Target) -> None:
    if not REPOSITORY.fullmatch(target.url):
        raise PublishingError(
            "BOOST_DASHBOARD_PUBLISH_URL is no URL of a repository: write https://HOST/OWNER/NAME.git."
        )
    if not BRANCH.fullmatch(target.branch) or ".." in target.branch or target.branch.endswith((".lock", ".")):
        raise PublishingError("BOOST_DASHBOARD_PUBLISH_BRANCH is no name of a branch; write main or gh-pages.")
