"""What is true of the sample, computed from its script and never read back through git: what tests compare with.

`commits`, `first_release` and `landed_at` hold what a branch or a tag reaches; what a rewritten history left
behind is not in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from boost_pipeline.sample.history import Commit, History
from boost_pipeline.sample.metadata import METADATA, Document, Entry
from boost_pipeline.sample.modules import Module
from boost_pipeline.sample.releases import POSITION, Release
from boost_pipeline.sample.superproject import NAME, submodule_name


@dataclass(frozen=True, slots=True)
class PinnedModule:
    """A module of a release.

    Attributes:
        name: The path below libs/, or the whole path elsewhere.
        submodule: What .gitmodules calls it.
        path: Where it is mounted.
        repository: The name of its repository.
        commit: The gitlink.
        is_held: Whether the repository holds that commit.
    """

    name: str
    submodule: str
    path: str
    repository: str
    commit: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class Library:
    """An entry of a metadata file of a release: its key, its module, the file, and the JSON object itself."""

    key: str
    module: str
    file: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the metadata of a module.

    `kind` is missing_file, invalid_json, unknown_shape or missing_field. A missing file is listed for modules
    below libs/ but `headers`, which is no library, and only where some library of the release has one; not where
    the commit itself is missing.
    """

    release: str
    module: str
    kind: str


@dataclass(frozen=True, slots=True)
class ReleaseTruth:
    """A tag of the superproject and what it holds; `commit` is behind the tag object, if there is one."""

    tag: str
    kind: str
    commit: str
    committed_at: datetime
    tagged_at: datetime | None
    modules: tuple[PinnedModule, ...]
    libraries: tuple[Library, ...]
    problems: tuple[Problem, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its libraries, sorted."""
        return tuple(sorted(library.key for library in self.libraries))


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of all repositories.

    Attributes:
        default_branches: Repository → what HEAD names.
        refs: Repository → full name of a ref → id of the object, a tag object for an annotated tag.
        commits: Repository → id → commit, parents first.
        first_release: Repository → id of a commit → first stable release that contains it, or None.
        landed_at: Repository → id → committer date of the first-parent commit that brought it to the default
            branch; commits off that branch are absent.
        releases: In order of version.
    """

    default_branches: Mapping[str, str]
    refs: Mapping[str, Mapping[str, str]]
    commits: Mapping[str, Mapping[str, Commit]]
    first_release: Mapping[str, Mapping[str, str | None]]
    landed_at: Mapping[str, Mapping[str, datetime]]
    releases: tuple[ReleaseTruth, ...]

    @property
    def repositories(self) -> tuple[str, ...]:
        """The names of all repositories, sorted, the superproject among them."""
        return tuple(sorted(self.commits))

    @property
    def stable(self) -> tuple[ReleaseTruth, ...]:
        """The stable releases, in order of version."""
        return tuple(release for release in self.releases if release.kind == "stable")

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of all releases."""
        return tuple(problem for release in self.releases for problem in release.problems)

    def release(self, tag: str) -> ReleaseTruth:
        """Return the release of that tag; KeyError if there is none."""
        return {release.tag: release for release in self.releases}[tag]

    def authors(self, repository: str) -> frozenset[tuple[str, str]]:
        """Return name and address of everybody who wrote a commit."""
        return frozenset((commit.author.name, commit.author.email) for commit in self.commits[repository].values())

    def merges(self, repository: str) -> tuple[str, ...]:
        """Return the ids of the merge commits."""
        return tuple(sha for sha, commit in self.commits[repository].items() if len(commit.parents) > 1)


def tell(histories: Mapping[str, History], modules: Sequence[Module], releases: Sequence[Release]) -> Truth:
    """Compute the truth about an organisation."""
    told = tuple(_release(release, histories, modules) for release in releases)
    held = {name: history.reachable() for name, history in histories.items()}
    return Truth(
        default_branches={name: history.default_branch for name, history in histories.items()},
        refs={name: MappingProxyType(dict(sorted(history.refs.items()))) for name, history in histories.items()},
        commits={
            name: MappingProxyType({sha: commit for sha, commit in history.commits.items() if sha in held[name]})
            for name, history in histories.items()
        },
        first_release={name: _first_releases(name, history, held[name], told) for name, history in histories.items()},
        landed_at={name: _landed(history) for name, history in histories.items()},
        releases=told,
    )


def _release(release: Release, histories: Mapping[str, History], modules: Sequence[Module]) -> ReleaseTruth:
    boost = histories[NAME]
    commit = boost.commits[boost.commit_of(f"refs/tags/{release.tag}")]
    pinned = tuple(
        PinnedModule(
            module.name,
            submodule_name(module, release.tag),
            module.path,
            module.repository,
            sha := commit.files[module.path].content.decode(),
            sha in histories[module.repository].commits,
        )
        for module in sorted(modules, key=lambda module: module.path)
        if module.path in commit.files
    )
    libraries = tuple(library for module in pinned for library in _libraries(module, release.tag))
    problems = tuple(problem for module in pinned for problem in _problems(module, release.tag) if libraries)
    return ReleaseTruth(
        release.tag,
        release.kind,
        commit.sha,
        commit.committer.at,
        release.annotated,
        pinned,
        libraries,
        problems,
    )


def _documents(module: PinnedModule, release: str) -> Mapping[str, Document]:
    """Return path → metadata file of a module at a release; nothing where the repository lacks the commit."""
    at = POSITION.get(release, len(POSITION))
    states = METADATA.get(module.repository, {}) if module.is_held else {}
    found: dict[str, Document] = {}
    for since, documents in states.items():
        if POSITION[since] <= at:
            found |= documents
    return dict(sorted(found.items()))


def _libraries(module: PinnedModule, release: str) -> Iterator[Library]:
    for file, document in _documents(module, release).items():
        for entry in document.entries:
            yield Library(entry["key"], module.name, file, entry)


def _problems(module: PinnedModule, release: str) -> Iterator[Problem]:
    documents = _documents(module, release)
    kinds = [document.problem for document in documents.values()]
    if module.is_held and module.path.startswith("libs/") and module.name != "headers" and not documents:
        kinds = ["missing_file"]
    yield from (Problem(release, module.name, kind) for kind in kinds if kind)


def _first_releases(
    name: str, history: History, held: set[str], releases: Sequence[ReleaseTruth]
) -> Mapping[str, str | None]:
    first: dict[str, str | None] = dict.fromkeys(held)
    for release in releases:
        if release.kind != "stable":
            continue
        pins = [release.commit] if name == NAME else [m.commit for m in release.modules if m.repository == name]
        for sha in history.reachable(pins) & held:
            if first.get(sha) is None:
                first[sha] = release.tag
    return MappingProxyType(first)


def _landed(history: History) -> Mapping[str, datetime]:
    line: list[str] = []
    tip: str | None = history.refs[f"refs/heads/{history.default_branch}"]
    while tip:
        line.append(tip)
        tip = next(iter(history.commits[tip].parents), None)
    landed: dict[str, datetime] = {}
    for sha in reversed(line):
        landed |= dict.fromkeys(history.reachable([sha], landed.keys()), history.commits[sha].committer.at)
    return MappingProxyType(landed)
