"""The script of the sample, played: from what the other modules tell to the histories of all repositories.

It runs neither git nor a clock, so it gives the same histories wherever and whenever it is played.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Final

from boost_pipeline.sample.chapters import CHAPTERS, CUTS
from boost_pipeline.sample.content import choose
from boost_pipeline.sample.development import Development
from boost_pipeline.sample.history import Branch, History
from boost_pipeline.sample.metadata import METADATA
from boost_pipeline.sample.modules import MODULES, Module
from boost_pipeline.sample.releases import END, MODULAR, RELEASES, Release, utc
from boost_pipeline.sample.superproject import NAME, Superproject, members

FIRST_NUMBER: Final = 10
"""The number of the first step of routine work; pull requests are numbered by it."""

_BUMP_EVERY: Final = timedelta(days=120)

Step = tuple[datetime, Callable[[datetime], object]]


@dataclass(frozen=True, slots=True)
class Organisation:
    """The histories of all repositories, the modules that take part today, and the releases so far."""

    histories: Mapping[str, History]
    modules: tuple[Module, ...]
    releases: tuple[Release, ...]


@dataclass(slots=True)
class _Life:
    """A library from its first day to the last: its history, what was pinned, and where develop was when."""

    history: History
    pinned: dict[str, str]
    days: list[datetime]
    tips: list[str]

    def tip(self, when: datetime) -> str:
        """Return the tip of develop at a time, or the first one before that."""
        return self.tips[max(0, bisect_right(self.days, when) - 1)]


@cache
def play() -> Organisation:
    """Return the organisation as the script has it; the histories are shared, so copy before you add to them."""
    lives: dict[str, _Life] = {}
    for module in MODULES:
        lives[module.repository] = _live(module, lives)
    histories = {name: life.history for name, life in lives.items()}
    return Organisation(histories | {NAME: _superproject(lives)}, MODULES, RELEASES)


def _live(module: Module, lives: Mapping[str, _Life]) -> _Life:
    work = Development(module, _inherited(lives) if module.repository == "container_hash" else None)
    life = _Life(work.history, {}, [], [])
    for when, act in sorted(_steps(module, work, life), key=lambda step: step[0]):
        act(when)
        assert work.develop.tip is not None
        life.days.append(when)
        life.tips.append(work.develop.tip)
    return life


def _inherited(lives: Mapping[str, _Life]) -> History:
    """Return the old commits of functional, from which container_hash was split: they are in both repositories."""
    functional, history = lives["functional"], History("develop")
    kept = functional.history.reachable([functional.pinned["boost-1.53.0"]])
    history.commits = {sha: commit for sha, commit in functional.history.commits.items() if sha in kept}
    Branch(history, "develop", functional.pinned["boost-1.53.0"])
    return history


def _steps(module: Module, work: Development, life: _Life) -> Iterator[Step]:
    born = utc(module.born)
    yield born, partial(work.start, module.files.get(None, {}))
    for day, files in module.files.items():
        if day is not None:
            yield utc(day), partial(work.add_files, files)
    for day, chapter in CHAPTERS.get(module.repository, ()):
        yield utc(day), partial(chapter, work)
    for release in RELEASES:
        if documents := METADATA.get(module.repository, {}).get(release.tag):
            yield release.cut - timedelta(hours=30), partial(work.describe, documents, release.tag)
        if release.kind != "other" and module in members((module,), release.tag):
            yield release.cut, partial(_cut, work, life, release)
    span = (utc(module.active_until) - born) / (module.routine + 1)
    for number in range(FIRST_NUMBER, FIRST_NUMBER + module.routine):
        jitter = timedelta(minutes=choose(range(600), module.repository, number))
        when = born + span * (number - FIRST_NUMBER + 1) + jitter
        yield when.replace(second=0, microsecond=0), partial(work.routine, number)


def _cut(work: Development, life: _Life, release: Release, _: datetime) -> None:
    cut = CUTS.get((work.module.repository, release.tag))
    life.pinned[release.tag] = cut(work, release) if cut else work.cut(release)


def _superproject(lives: Mapping[str, _Life]) -> History:
    boost, pinned, day = Superproject(), dict[str, str](), MODULAR
    for release in RELEASES:
        modules = members(MODULES, release.tag)
        pinned |= {name: life.pinned[release.tag] for name, life in lives.items() if release.tag in life.pinned}
        if release.on < MODULAR:
            boost.convert(release, modules, pinned)
            continue
        if boost.develop.tip is None:
            boost.start(members(MODULES, "boost-1.53.0"), pinned, "boost-1.53.0")
        while day < release.on:
            boost.bump(boost.develop, MODULES, {name: life.tip(day) for name, life in lives.items()}, day)
            day += _BUMP_EVERY
        boost.release(release, modules, pinned)
    boost.bump(boost.develop, MODULES, {name: life.tip(END) for name, life in lives.items()}, END)
    return boost.history
