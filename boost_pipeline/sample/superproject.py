"""The repository boost: .gitmodules and gitlinks, moved by a bot on develop and on master, tagged for each release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from boost_pipeline.sample import content
from boost_pipeline.sample import people as who
from boost_pipeline.sample.history import GITLINK, Branch, File, History
from boost_pipeline.sample.modules import Module
from boost_pipeline.sample.releases import MODULAR, POSITION, Release

NAME = "boost"


def submodule_name(module: Module, release: str) -> str:
    """Return what .gitmodules calls the module at a release; later releases than the script's are the newest."""
    latest = len(POSITION)
    if module.submodule and POSITION.get(release, latest) < POSITION[module.renamed]:
        return module.submodule
    return module.repository


def members(modules: Sequence[Module], release: str) -> tuple[Module, ...]:
    """Return the modules that a release of the script has."""
    at = POSITION[release]
    return tuple(
        module
        for module in modules
        if POSITION.get(module.joined, 0) <= at and at < POSITION.get(module.left, len(POSITION))
    )


class Superproject:
    """The work on boost.git; the history grows with each call."""

    def __init__(self, history: History | None = None) -> None:
        self.history = history or History("develop")
        self.master = Branch(self.history, "master")
        self.develop = Branch(self.history, "develop")

    def convert(self, release: Release, modules: Sequence[Module], pinned: Mapping[str, str]) -> None:
        """Make the commit and tag of a release from before the superproject: a line of their own, on no branch."""
        earlier = list(self.history.commits)
        branch = Branch(self.history, "conversion", earlier[-1] if earlier else None)
        self._fill(branch, release.tag, modules, pinned)
        branch.commit(f"State of {release.tag}", who.MANAGER.at(release.on))
        self._tag(release, branch)
        branch.delete()

    def start(self, modules: Sequence[Module], pinned: Mapping[str, str], release: str) -> None:
        """Make the first commit of master and develop."""
        self._fill(self.master, release, modules, pinned)
        first = self.master.commit("Initial commit of the superproject (a sample)", who.MANAGER.at(MODULAR))
        self.develop = Branch(self.history, "develop", first)

    def bump(self, branch: Branch, modules: Sequence[Module], tips: Mapping[str, str], when: datetime) -> None:
        """Move the gitlinks that are behind, one commit for each."""
        name = branch.ref.removeprefix("refs/heads/")
        for module in modules:
            link = _link(tips[module.repository])
            if module.path in branch.files and branch.files[module.path] != link:
                branch.files[module.path] = link
                when += timedelta(minutes=7)
                branch.commit(f"Update {module.repository} from {name}", who.BOT.at(when))

    def release(self, release: Release, modules: Sequence[Module], pinned: Mapping[str, str]) -> None:
        """Bring master to what a release pins, and tag it; develop gets the same modules."""
        self.bump(self.master, modules, pinned, release.on - timedelta(hours=3))
        self._line_up(self.master, release, modules, pinned)
        self._line_up(self.develop, release, modules, pinned)
        branch = self.master
        if release.aside:
            branch = Branch(self.history, "aside", self.master.tip)
            branch.files |= {m.path: _link(release.lost[m.repository]) for m in modules if m.repository in release.lost}
            branch.files["boost-build.jam"] = content.text(
                f"# {release.tag}, a sample", "boost-build tools/build/src ;"
            )
            branch.commit(f"Prepare {release.tag}", who.MANAGER.at(release.on))
        self._tag(release, branch)
        if release.aside:
            branch.delete()

    def _line_up(self, branch: Branch, release: Release, modules: Sequence[Module], pinned: Mapping[str, str]) -> None:
        """Commit which modules there are, and what .gitmodules says of them: first those that go."""
        at = who.MANAGER.at(release.on)
        gone = _submodules(branch) - {module.path for module in modules}
        if gone:
            branch.files = {path: file for path, file in branch.files.items() if path not in gone}
            kept = [module for module in modules if module.path in branch.files]
            branch.files[".gitmodules"] = _gitmodules(kept, release.tag)
            branch.commit(f"Remove {', '.join(sorted(gone))}", at)
        before = dict(branch.files)
        links = {module.path: _link(pinned[module.repository]) for module in modules}
        branch.files = links | branch.files | {".gitmodules": _gitmodules(modules, release.tag)}
        if branch.files != before or (branch is self.master and not release.aside):
            branch.commit(f"Modules of {release.tag}", at)

    def _fill(self, branch: Branch, release: str, modules: Sequence[Module], pinned: Mapping[str, str]) -> None:
        branch.files = {
            "README.md": content.text("# boost (a sample)", "", "Made by code for a demo and for tests. Not Boost."),
            "Jamroot": content.text("# a sample", "project boost ;"),
            "libs/numeric/sublibs": content.text(
                "The existence of this file tells that modules lie below this folder."
            ),
            ".gitmodules": _gitmodules(modules, release),
            **{module.path: _link(pinned[module.repository]) for module in modules},
        }

    def _tag(self, release: Release, branch: Branch) -> None:
        assert branch.tip is not None
        if release.annotated:
            self.history.annotate(release.tag, branch.tip, who.MANAGER.at(release.annotated), f"Sample {release.tag}")
        else:
            self.history.tag(release.tag, branch.tip)


def _link(commit: str) -> File:
    return File(commit.encode(), GITLINK)


def _submodules(branch: Branch) -> set[str]:
    return {path for path, file in branch.files.items() if file.mode == GITLINK}


def _gitmodules(modules: Sequence[Module], release: str) -> File:
    """Write .gitmodules; the old ones said nothing of branches."""
    modern = POSITION.get(release, len(POSITION)) >= POSITION["boost-1.61.0"]
    lines = []
    for module in modules:
        lines += [f'[submodule "{submodule_name(module, release)}"]', f"\tpath = {module.path}"]
        lines.append(f"\turl = ../{module.repository}.git")
        if modern:
            branch = "." if module.default_branch == "develop" else module.default_branch
            lines += ["\tfetchRecurseSubmodules = on-demand", f"\tbranch = {branch}"]
    return content.text(*lines)
