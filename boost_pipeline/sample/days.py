"""What may happen on the day after the newest commit: from one organisation to the next, without git.

Each function returns a new organisation and leaves the given one as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from boost_pipeline.errors import UnknownName
from boost_pipeline.sample.development import Development
from boost_pipeline.sample.history import Branch, History
from boost_pipeline.sample.modules import Module
from boost_pipeline.sample.releases import Release
from boost_pipeline.sample.script import Organisation
from boost_pipeline.sample.superproject import NAME, Superproject

REWRITTEN: Final = "smart_ptr"
DELETED_BRANCH: Final = "refs/heads/feature/atomic-counts"
_REWRITTEN_COMMITS: Final = 4
_BUSY: Final = ("config", "geometry", "mp11")
_STABLE: Final = re.compile(r"boost-(\d+)\.(\d+)\.(\d+)")


def new_commits(before: Organisation, library: str, count: int) -> Organisation:
    """Return the organisation after some commits on a library's develop.

    Raises:
        UnknownName: no module of today has that repository.
    """
    day = _Day(before)
    day.work(library, count)
    return day.close()


def release(before: Organisation, tag: str) -> Organisation:
    """Return the organisation after work in some libraries and a stable release.

    Raises:
        UnknownName: the tag is not that of a stable release later than the newest one.
    """
    stable = [known.tag for known in before.releases if known.kind == "stable"]
    if not _STABLE.fullmatch(tag) or _version(tag) <= max(map(_version, stable)):
        raise UnknownName(f"{tag!r} cannot be released next; name a stable tag later than {stable[-1]}.")
    day = _Day(before)
    for library in _BUSY:
        day.work(library, 2)
    day.release(tag)
    return day.close()


def force_push(before: Organisation) -> Organisation:
    """Return the organisation after one library's develop was rewritten and one of its branches deleted."""
    day = _Day(before)
    day.rewrite(REWRITTEN)
    day.histories[REWRITTEN].refs.pop(DELETED_BRANCH, None)
    return day.close()


class _Day:
    """A day of work on copies of the histories."""

    def __init__(self, before: Organisation) -> None:
        self._before = before
        self._releases = before.releases
        self.histories: dict[str, History] = {name: history.copy() for name, history in before.histories.items()}
        self._boost = Superproject(self.histories[NAME])
        self._modules = [module for module in before.modules if module.path in self._boost.develop.files]
        newest = max(commit.committer.at for history in self.histories.values() for commit in history.commits.values())
        self._now = newest.replace(hour=9, minute=0, second=0) + timedelta(days=1)

    def work(self, library: str, count: int) -> None:
        """Commit on develop."""
        self._commit(Development(self._module(library), self.histories[library]), count)

    def rewrite(self, library: str) -> None:
        """Replace the newest commits of develop by others."""
        history = self.histories[library]
        kept = history.refs["refs/heads/develop"]
        for _ in range(_REWRITTEN_COMMITS):
            kept = history.commits[kept].parents[0]
        Branch(history, "develop", kept)
        self._commit(Development(self._module(library), history), _REWRITTEN_COMMITS)

    def release(self, tag: str) -> None:
        """Cut every library from develop, pin and tag."""
        cut, on = self._later(), self._later(hours=6)
        release = Release(tag, "stable", cut, on)
        pinned = {m.repository: Development(m, self.histories[m.repository]).cut(release) for m in self._modules}
        self._boost.release(release, self._modules, pinned)
        self._releases = (*self._releases, release)

    def close(self) -> Organisation:
        """Let the superproject's develop follow, and return the organisation of the evening."""
        tips = {name: history.commit_of("refs/heads/develop") for name, history in self.histories.items()}
        self._boost.bump(self._boost.develop, self._modules, tips, self._later())
        return replace(self._before, histories=self.histories, releases=self._releases)

    def _commit(self, work: Development, count: int) -> None:
        for _ in range(count):
            # So high that no number of the script, and none of an earlier day, is used again.
            work.edit(work.develop, 100_000 + len(work.history.commits), self._later())

    def _later(self, hours: float = 0.2) -> datetime:
        self._now += timedelta(hours=hours)
        return self._now

    def _module(self, library: str) -> Module:
        found = {module.repository: module for module in self._modules}
        if library not in found:
            raise UnknownName(f"The sample has no library {library!r} today; it has {_listed(found)}.")
        return found[library]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _version(tag: str) -> tuple[int, ...]:
    return tuple(int(number) for number in tag.removeprefix("boost-").split("."))
