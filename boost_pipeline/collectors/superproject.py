"""The superproject boostorg/boost as the collectors read it: which modules it holds at a commit, and their pins.

Everything comes from the objects of the mirror: .gitmodules and the gitlinks of the tree.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

from boost_pipeline.boost.gitmodules import is_library, module_name, read_gitmodules, repository_of
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
    folders = {"libs", "tools"} | {str(PurePosixPath(submodule.path).parent) for submodule in read.submodules}
    links = _gitlinks(objects, commit_sha, folders)
    modules = []
    problems = [PinProblem(SUPERPROJECT, "invalid_gitmodules", problem) for problem in read.problems]
    for submodule in sorted(read.submodules, key=lambda submodule: submodule.path):
        repository = repository_of(submodule.url, owner)
        name = module_name(submodule.path)
        sha = links.pop(submodule.path, None)
        if sha is None:
            problems.append(PinProblem(name, "missing_gitlink", f"{submodule.path} is in .gitmodules, not in the tree"))
        elif repository is None or repository[0] != owner:
            problems.append(PinProblem(name, "foreign_url", f"{submodule.url[:200]!r} is no repository of {owner}"))
        else:
            modules.append(PinnedModule(name, submodule.path, repository[1], sha))
    problems += [
        PinProblem(module_name(path), "unnamed_gitlink", f"{path} is in the tree, not in .gitmodules")
        for path in sorted(links)
    ]
    return Pins(tuple(modules), tuple(problems))


def _gitlinks(objects: Objects, tree: str, folders: Collection[str], prefix: str = "") -> dict[str, str]:
    """Return path → commit of the submodules at the top of `tree` and in those of its folders."""
    links = {}
    for entry in objects.tree(tree):
        path = prefix + entry.name.decode(errors="replace")
        if entry.mode == GITLINK:
            links[path] = entry.sha
        elif entry.mode == TREE and any(f"{folder}/".startswith(f"{path}/") for folder in folders):
            links |= _gitlinks(objects, entry.sha, folders, f"{path}/")
    return links
