"""The sample: a miniature Boost organisation as bare git repositories, and what happens to it on later days.

    sample = build(folder)                       # folder/boost.git, folder/config.git, …
    sample.truth                                 # what is true of it, not read back from git
    event = release(sample, "boost-1.72.0")
    event.sample.truth                           # what is true afterwards

The same calls give the same commit ids on every machine and at every time. A sample is a value: an event writes what
is new into the repositories and returns the next sample. What the sample holds is told in `modules`, `releases`,
`metadata`, `chapters` and `people`; `script` plays it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from boost_pipeline.errors import SettingsError
from boost_pipeline.sample import days, fast_import
from boost_pipeline.sample.history import History
from boost_pipeline.sample.script import Organisation, play
from boost_pipeline.sample.superproject import NAME
from boost_pipeline.sample.truth import Truth, tell

__all__ = ["Event", "Sample", "Truth", "build", "force_push", "new_commits", "release"]


@dataclass(frozen=True, slots=True)
class Sample:
    """The organisation in a folder; a repository's url is `<url>/<repository>.git`."""

    folder: Path
    url: str
    truth: Truth = field(repr=False)
    organisation: Organisation = field(repr=False, compare=False)

    def copy(self, folder: Path) -> Sample:
        """Copy the repositories into a folder that does not exist yet, for events that others shall not see."""
        shutil.copytree(self.folder, folder)
        return _sample(folder, self.organisation, self.truth)


@dataclass(frozen=True, slots=True)
class Event:
    """What happened on a later day; repositories without any are absent from the mappings.

    Attributes:
        sample: The organisation afterwards.
        new: Repository → ids of the commits that came, parents first.
        lost: Repository → ids of the commits that no branch or tag reaches any more, parents first.
        moved: Repository → full names of the refs that came, or name something else now.
        deleted: Repository → full names of the refs that went.
    """

    sample: Sample
    new: Mapping[str, tuple[str, ...]]
    lost: Mapping[str, tuple[str, ...]]
    moved: Mapping[str, tuple[str, ...]]
    deleted: Mapping[str, tuple[str, ...]]


def build(folder: Path) -> Sample:
    """Write the organisation into `folder`; each repository appears when it is complete.

    Raises:
        SettingsError: the folder holds something already, or git is not installed.
        SourceUnavailable: git failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if next(folder.iterdir(), None):
        raise SettingsError(f"{folder} is not empty; name a fresh folder for the sample.")
    organisation = play()
    with ThreadPoolExecutor() as pool:
        for written in [
            pool.submit(fast_import.create, folder, name, history) for name, history in organisation.histories.items()
        ]:
            written.result()
    return _sample(folder, organisation, _first_truth())


def new_commits(sample: Sample, library: str, count: int = 3) -> Event:
    """A normal day: `count` commits on a library's develop, and the superproject's develop follows.

    Raises:
        UnknownName: no module of today has that repository.
    """
    return _happened(sample, days.new_commits(sample.organisation, library, count))


def release(sample: Sample, tag: str) -> Event:
    """The day of a new stable release: work in config, geometry and mp11; all is cut, pinned and tagged.

    Raises:
        UnknownName: the tag is not that of a stable release later than the newest one.
    """
    return _happened(sample, days.release(sample.organisation, tag))


def force_push(sample: Sample) -> Event:
    """A rewritten history: develop of smart_ptr loses its newest commits for others, and a branch is deleted."""
    return _happened(sample, days.force_push(sample.organisation))


@cache
def _first_truth() -> Truth:
    return _truth(play())


def _truth(organisation: Organisation) -> Truth:
    return tell(organisation.histories, organisation.modules, organisation.releases)


def _sample(folder: Path, organisation: Organisation, truth: Truth) -> Sample:
    return Sample(folder, folder.absolute().as_uri(), truth, organisation)


def _happened(sample: Sample, after: Organisation) -> Event:
    """Write what differs, the superproject last: it never pins what its libraries lack."""
    before = sample.organisation
    for name in sorted(after.histories, key=lambda name: (name == NAME, name)):
        fast_import.update(sample.folder, name, before.histories[name], after.histories[name])
    came, went, moved, deleted = {}, {}, {}, {}
    for name, now in after.histories.items():
        then = before.histories[name]
        reached_then, reached_now = then.reachable(), now.reachable()
        came[name] = _in_order(now, reached_now - reached_then)
        went[name] = _in_order(now, reached_then - reached_now)
        moved[name] = tuple(sorted(ref for ref, sha in now.refs.items() if then.refs.get(ref) != sha))
        deleted[name] = tuple(sorted(then.refs.keys() - now.refs.keys()))
    next_sample = _sample(sample.folder, after, _truth(after))
    return Event(next_sample, *map(_without_empty, (came, went, moved, deleted)))


def _in_order(history: History, commits: Iterable[str]) -> tuple[str, ...]:
    wanted = set(commits)
    return tuple(sha for sha in history.commits if sha in wanted)


def _without_empty(found: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    return {name: things for name, things in found.items() if things}
