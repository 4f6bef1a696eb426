"""The superproject boostorg/boost as the collectors read it: which modules it holds at a commit, and their pins.

Everything comes from the objects of the mirror: .gitmodules and the gitlinks of the tree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from boost_pipeline.boost.gitmodules import is_library, module_name, read_gitmodules, repository_of, shown_url
from boost_pipeline.boost.releases import SUPERPROJECT
from boost_pipeline.errors import SourceCorrupt
from boost_pipeline.sources.git import Objects

GITLINK, TREE = "160000", "040000"
"""Modes of entries of a tree: a submodule, a folder."""


@dataclass(frozen=True, slots=True)
class PinnedModule:
    """A submodule at one commit of the superproject."""

    name: str
    path: str
    repository: str
    commit_sha: str
    branch: str | None = None
    """What .gitmodules says that the module follows; "." is the superproject's branch of the same name."""

    @property
    def is_library(self) -> bool:
        """It lives below libs/."""
        return is_library(self.path)


class PinProblem(NamedTuple):
    """Something of the superproject that could not be read."""

    module: str
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Pins:
    """The modules of one commit of the superproject, and what of it could not be read."""

    modules: tuple[PinnedModule, ...]
    problems: tuple[PinProblem, ...]


def pins_at(objects: Objects, commit_sha: str, owner: str) -> Pins:
    """Return the modules that the commit pins, in the order of their paths.

    Raises:
        SourceCorrupt: the mirror lacks the commit or its tree.
    """
    gitmodules = objects.get(f"{commit_sha}:.gitmodules")
    if gitmodules is None:
        if objects.get(commit_sha) is None:
            raise SourceCorrupt(f"The mirror of the superproject lacks commit {commit_sha}; the next run fetches it.")
        return Pins((), ())
    read = read_gitmodules(gitmodules.data.decode(errors="replace"))
    links = _gitlinks(objects, commit_sha, _folders_of(submodule.path for submodule in read.submodules))
    modules = []
    problems = [PinProblem(SUPERPROJECT, "invalid_gitmodules", problem) for problem in read.problems]
    for submodule in sorted(read.submodules, key=lambda submodule: submodule.path):
        repository = repository_of(submodule.url, owner)
        name = module_name(submodule.path)
        sha = links.pop(submodule.path, None)
        if sha is None:
            problems.append(PinProblem(name, "missing_gitlink", f"{submodule.path} is in .gitmodules, not in the tree"))
        elif repository is None or repository[0] != owner:
            problems.append(PinProblem(name, "foreign_url", f"{shown_url(submodule.url)} is no repository of {owner}"))
        else:
            modules.append(PinnedModule(name, submodule.path, repository[1], sha, submodule.branch))
    problems += [
        PinProblem(module_name(path), "unnamed_gitlink", f"{path} is in the tree, not in .gitmodules")
        for path in sorted(links)
    ]
    return Pins(tuple(modules), tuple(problems))


def _folders_of(paths: Iterable[str]) -> set[str]:
    """Return the folders in which submodules are looked for, with those around them."""
    folders = {"libs", "tools"}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return folders


def _gitlinks(objects: Objects, commit_sha: str, folders: Collection[str]) -> dict[str, str]:
    """Return path → commit of the submodules at the top of a commit's tree and in `folders`."""
    links = {}
    pending = [("", commit_sha)]
    while pending:
        prefix, tree = pending.pop()
        for entry in objects.tree(tree):
            path = prefix + entry.name.decode(errors="replace")
            if entry.mode == GITLINK:
                links[path] = entry.sha
            elif entry.mode == TREE and path in folders:
                pending.append((f"{path}/", entry.sha))
    return links
