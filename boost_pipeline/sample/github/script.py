"""The GitHub side of the sample organisation: each repository's issues and pull requests, played in order of time.

Pull requests that the git histories tell of ("Merge pull request #13 from …", "Rebased work (#25)") are here with
their numbers, commits and authors; the numbers between are issues, and the first nine of some repositories are
`incidents`. Numbers have no holes but those that the incidents make.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any, Final

from boost_pipeline.sample.content import choose
from boost_pipeline.sample.github.cast import CI_BOT, MEMBERS, VISITORS, assemble, association
from boost_pipeline.sample.github.incidents import INCIDENTS, finish
from boost_pipeline.sample.github.model import Commit, Signature
from boost_pipeline.sample.github.world import World
from boost_pipeline.sample.history import Commit as GitCommit
from boost_pipeline.sample.history import History
from boost_pipeline.sample.releases import END, MODULAR, RELEASES
from boost_pipeline.sample.script import Organisation, play
from boost_pipeline.sample.superproject import NAME

OWNER: Final = "boostorg"
FIRST_NAMES: Final = {"container_hash": "hash"}
"""Repository → the name under which it was made."""

_MERGE: Final = re.compile(r"Merge pull request #(\d+) from ([\w-]+)/(\S+)\n\n(.*)")
_SQUASH: Final = re.compile(r"(.*) \(#(\d+)\)")
_OPEN_FOR: Final = timedelta(days=18)
_TITLES: Final = (
    "Warning with -Wconversion in {}",
    "Does not compile with C++17",
    "Documentation of {} is unclear",
    "Crash with an empty range",
    "Feature request: constexpr",
    "Test fails on a big-endian machine",
)
_LABELS: Final = ("bug", "documentation", "enhancement", "question")
_WORDS: Final = (
    "Can you reproduce that with the newest develop?",
    "Confirmed. The **fix** is in `detail`; see below.\n\n```cpp\n#include <boost/config.hpp>\n```",
    "Thanks! Works for me now. 🎉",
    "I would rather not change the interface for this.",
    "@janedoe what do you think?",
)


@dataclass(frozen=True, slots=True)
class _Merged:
    """A pull request that the history tells of."""

    number: int
    title: str
    head: str
    owner: str
    commits: tuple[GitCommit, ...]
    landed: GitCommit


Act = tuple[datetime, Callable[[], object]]


def sample_world(organisation: Organisation | None = None, *, edits_touch: bool = False) -> World:
    """Return the GitHub of the sample organisation, on the evening of the sample's last day.

    Args:
        organisation: The histories; by default the sample as it is built.
        edits_touch: Whether an edited comment moves its item's `updated_at`; GitHub does not document it.
    """
    world = World(MODULAR, OWNER, edits_touch=edits_touch)
    assemble(world)
    organisation = organisation or play()
    acts: list[Act] = []
    for name, history in sorted(organisation.histories.items()):
        acts += _repository(world, name, history)
    # Sorted by time alone: acts of one moment stay in the order in which they were told.
    for when, act in sorted(acts, key=lambda told: told[0]):
        world.now = when
        act()
    world.now = END
    finish(world)
    for release in RELEASES:
        if release.published:
            world.publish_release(
                NAME, release.tag, MEMBERS[0], release.published, is_prerelease=release.kind != "stable"
            )
    world.now = END
    return world


def _repository(world: World, name: str, history: History) -> Iterator[Act]:
    born = min(commit.committer.at for commit in history.commits.values()).astimezone(UTC)
    born = max(born, MODULAR - timedelta(days=30))
    first_name = FIRST_NAMES.get(name, name)
    state = world.add_repository(
        first_name,
        created_at=born,
        default_branch=history.default_branch,
        description=f"{name}, a sample; not the Boost library of that name",
        stars=choose(range(20, 400), name, "stars"),
        forks=choose(range(5, 90), name, "forks"),
        topics=("boost", "cpp", *(("superproject",) if name == NAME else ())),
        languages=(("C++", choose(range(50_000, 900_000), name)), ("CMake", 4_000), ("HTML", 1_200)),
        pushed_at=max(commit.committer.at for commit in history.commits.values()).astimezone(UTC),
    )
    state.commits |= {sha: read_commit(state.facts.id, commit) for sha, commit in history.commits.items()}
    if first_name != name:
        world.rename_repository(first_name, name)
    merged = {pull.number: pull for pull in _merged(history)}
    for number, when in _opened(merged, INCIDENTS.get(name, {}), born).items():
        if incident := INCIDENTS.get(name, {}).get(number):
            yield from incident(world, name, number, when)
        elif number in merged:
            yield from _pull_story(world, name, merged[number], when)
        else:
            yield from _issue_story(world, name, number, when)


def read_commit(repository: int, commit: GitCommit) -> Commit:
    """Return a commit of a git history as the API tells it."""
    together = tuple(
        (found[1], found[2])
        for kind, value in commit.trailers
        if kind == "Co-authored-by" and (found := re.fullmatch(r"(.*) <(.*)>", value))
    )
    author, committer = Signature(*commit.author), Signature(*commit.committer)
    return Commit(commit.sha, repository, author, committer, commit.message, commit.parents, together)


def _merged(history: History) -> Iterator[_Merged]:
    for commit in history.commits.values():
        if found := _MERGE.match(commit.message):
            number, owner, head, title = int(found[1]), found[2], found[3], found[4]
            tip = history.commits[commit.parents[1]]
            topic = (history.commits[tip.parents[0]], tip)
            yield _Merged(number, title, head, owner, topic, commit)
        elif found := _SQUASH.fullmatch(commit.subject):
            yield _Merged(int(found[2]), found[1], "rebased", "fulano-sample", (commit,), commit)


def _opened(merged: Mapping[int, _Merged], incidents: Mapping[int, Any], born: datetime) -> dict[int, datetime]:
    """Return number → when it was opened, for all numbers up to the last; later numbers are later."""
    known = {0: max(born, MODULAR)}
    for number, pull in sorted(merged.items()):
        known[number] = max(pull.landed.committer.at.astimezone(UTC) - _OPEN_FOR, known[max(known)])
        # Its commits say that it fixes the next number, so that was there before it was merged.
        known[number + 1] = known[number] + _OPEN_FOR / 2
    last = max((*known, *incidents)) + 2
    known[last] = max(END - timedelta(days=20), known[max(known)])
    opened: dict[int, datetime] = {}
    for (low, start), (high, stop) in pairwise(sorted(known.items())):
        step = (stop - start) / (high - low)
        opened |= {number: (start + step * (number - low)) for number in range(low, high)}
    del opened[0]
    return {number: when.replace(microsecond=0) for number, when in opened.items()}


def _issue_story(world: World, name: str, number: int, when: datetime) -> Iterator[Act]:
    key = (name, number)
    author = choose(VISITORS, "author", *key)
    title = choose(_TITLES, "title", *key).format(name)
    label = choose(_LABELS, "label", *key)

    def open_it() -> None:
        body = "" if number % 11 == 0 else f"Seen with {name}.\r\n\r\nSteps:\r\n1. include it\r\n2. compile"
        world.add_issue(name, title, author, body=body, labels=(label,), association="NONE", number=number)

    def say(speaker: str, words: str) -> None:
        world.comment(name, number, speaker, words, association=association(speaker))

    def close(closer: str, reason: str | None) -> None:
        if world.item(name, number).state == "open":
            world.close(name, number, closer, reason)

    yield when, open_it
    for place in range(choose(range(5), "comments", *key)):
        speaker = choose((author, *MEMBERS), "speaker", place, *key)
        words = choose(_WORDS, "words", place, *key)
        yield when + timedelta(days=2 * place + 1, hours=place), partial(say, speaker, words)
    if number % 3 != 1 and when + timedelta(days=30) < END:
        reason = choose(("completed", "completed", "not_planned", None), "reason", *key)
        closer = choose(MEMBERS, "closer", *key)
        yield when + timedelta(days=30), partial(close, closer, reason)


def _pull_story(world: World, name: str, pull: _Merged, when: datetime) -> Iterator[Act]:
    key, state = (name, pull.number), world.repository(name)
    by = world.email(pull.commits[0].author.email)
    author = by.login if by else "fulano-sample"
    reviewer = choose([login for login in MEMBERS if login != author], "reviewer", *key)
    landed = pull.landed.committer.at.astimezone(UTC)
    merger = world.email(pull.landed.author.email)
    commits = [read_commit(state.facts.id, commit) for commit in pull.commits]

    def open_it() -> None:
        world.add_pull_request(
            name,
            pull.title,
            author,
            body=f"Fixes #{pull.number + 1}",
            head=f"{pull.owner}:{pull.head}",
            commits=commits,
            size=(3 + pull.number, pull.number % 4, 1 + pull.number % 3),
            association=association(author),
            number=pull.number,
        )

    def review() -> None:
        verdict = choose(("APPROVED", "APPROVED", "CHANGES_REQUESTED", "COMMENTED"), "verdict", *key)
        lines = [("test/test.cpp", 3 + place, "Is that covered?") for place in range(choose(range(3), "lines", *key))]
        world.review(name, pull.number, reviewer, verdict, "", lines=lines)

    def merge() -> None:
        by = merger.login if merger else "sample-release-manager"
        world.merge(name, pull.number, by, sha=pull.landed.sha)
        fixed = world.repository(name).items.get(pull.number + 1)
        if fixed and fixed.state == "open":
            world.close(name, fixed.number, by, by_pull=pull.number)

    yield when, open_it
    yield when + timedelta(minutes=7), lambda: world.comment(name, pull.number, CI_BOT, "All checks have passed")
    yield when + (landed - when) / 2, review
    if pull.number % 2:
        yield (
            when + (landed - when) * 0.8,
            lambda: world.comment(name, pull.number, reviewer, "Looks good.", association="MEMBER"),
        )
    yield landed, merge
