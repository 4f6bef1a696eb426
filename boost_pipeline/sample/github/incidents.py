"""What is not routine: the cases that collectors of GitHub data get wrong, each under its own number.

An incident takes a number below ten of one repository, is opened when that number's turn comes, and may go on for
years. `finish` is what happened on the sample's last days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha1
from typing import Final

from boost_pipeline.sample.github.cast import CI_BOT, DEPENDABOT, IMPORTED, MEMBERS
from boost_pipeline.sample.github.model import OTHER_LICENSE, Commit, Signature
from boost_pipeline.sample.github.world import World
from boost_pipeline.sample.releases import END, utc

Act = tuple[datetime, Callable[[], object]]
Incident = Callable[[World, str, int, datetime], Iterator[Act]]

HOSTILE_TITLE: Final = (
    "</script><script>alert('title')</script> \u202egnp.exe\u202c \u2066isolated\u2069 \U0001f4a3 "
    "'; DROP TABLE issues; -- \\N {{7*7}} %s \u00a0\u200b\ufeff <!-- "
).ljust(256, "x")
"""As long as GitHub lets a title be."""

HOSTILE_BODY: Final = (
    "</script><img src=x onerror=alert(1)>\u202eright to left\u202c \u2028 \u2029 \t \x1b[31m "
    "e\u0301\u0300\u0301 \U0001f468\u200d\U0001f469\u200d\U0001f467 \\0 \\u0000 COPY \\. \r\n|a|b|\r\n|-|-|\r\n"
).ljust(10_000, "\u6f22")
"""10,000 characters, most of them of three bytes."""

MANY_COMMENTS: Final = 130
MANY_PUSHES: Final = 110
LATE_MERGE: Final = END - timedelta(days=2)
LATE_EDIT: Final = END - timedelta(days=5)
FUTURE: Final = utc("2031-05-06 07:08")


def hostile(world: World, name: str, number: int, when: datetime) -> Iterator[Act]:
    """Text that breaks pages, terminals and loaders."""
    yield when, lambda: world.add_issue(name, HOSTILE_TITLE, "curious-reader", body=HOSTILE_BODY, number=number)
    yield when + timedelta(days=1), lambda: world.comment(name, number, "curious-reader", HOSTILE_BODY)


def many_comments(world: World, name: str, number: int, when: datetime) -> Iterator[Act]:
    """An issue whose comments need two pages."""
    yield when, lambda: world.add_issue(name, "Which compilers shall we support?", "janedoe", number=number)
    for place in range(MANY_COMMENTS):
        speaker = (*MEMBERS, "goner", CI_BOT)[place % 7]
        said = partial(world.comment, name, number, speaker, f"Opinion {place + 1}")
        yield when + timedelta(hours=place + 1), said


def ghost(world: World, name: str, number: int, when: datetime) -> Iterator[Act]:
    """By somebody who left GitHub later, as did a commenter."""
    yield when, lambda: world.add_issue(name, "I will be gone", "goner", body="Soon.", number=number)
    yield when + timedelta(days=1), lambda: world.comment(name, number, "goner", "Bye.")
    yield when + timedelta(days=2), lambda: world.comment(name, number, "janedoe", "Why?", association="MEMBER")


def transferred(world: World, name: str, number: int, when: datetime) -> Iterator[Act]:
    """Opened in the wrong repository, and moved years later (see `finish`)."""
    yield when, lambda: world.add_issue(name, "swap is ambiguous", "mustermann", labels=("bug",), number=number)
    yield when + timedelta(days=3), lambda: world.comment(name, number, "ada-sample", "That is core's.")


def plain(title: str) -> Incident:
    """Return an incident that only opens an issue with one comment; something happens to it in `finish`."""

    def incident(world: World, name: str, number: int, when: datetime) -> Iterator[Act]:
        yield when, lambda: world.add_issue(name, title, "mustermann", body="As the title says.", number=number)
        yield when + timedelta(days=1), lambda: world.comment(name, number, "janedoe", "Noted.", association="MEMBER")

    return incident


def before_discussions(world: World, name: str, number: int, when: datetime) -> Iterator[Act]:
    """Became a discussion when those took over the number."""
    yield when, lambda: world.add_issue(name, "How do I …?", "curious-reader", number=number)
    yield (
        when + timedelta(days=9),
        lambda: world.convert_to_discussion(name, number, "janedoe", as_before_2022=True),
    )


def merged_late(world: World, name: str, number: int, when: datetime) -> Iterator[Act]:
    """A pull request that nobody touched for years, and that was merged in the end."""
    yield when, lambda: world.add_pull_request(name, "Support a new compiler", "jbeispiel", number=number)
    yield when + timedelta(days=4), lambda: world.review(name, number, "ada-sample", "COMMENTED", "Later.")
    yield LATE_MERGE, lambda: world.merge(name, number, "janedoe")


def locked(world: World, name: str, number: int, when: datetime) -> Iterator[Act]:
    """Locked, unlocked, and locked again for another reason."""
    yield when, lambda: world.add_issue(name, "This library is wrong", "curious-reader", number=number)
    yield when + timedelta(days=1), lambda: world.comment(name, number, "curious-reader", "WRONG!")
    yield when + timedelta(days=2), lambda: world.lock(name, number, "janedoe")
    yield when + timedelta(days=3), lambda: world.unlock(name, number, "janedoe")
    yield when + timedelta(days=4), lambda: world.lock(name, number, "janedoe", "too heated")
    yield when + timedelta(days=4), lambda: world.close(name, number, "janedoe", "not_planned")


def review_rounds(world: World, name: str, number: int, when: datetime) -> Iterator[Act]:
    """A draft with more than a page of events, three rounds of review, a force push, a verdict that was dismissed."""

    def dismiss() -> None:
        reviews = world.repository(name).reviews.of(number)
        world.dismiss_review(name, reviews[0].id, "janedoe", "That was about the old commits.")

    def answer() -> None:
        comment = world.repository(name).review_comments.of(number)[0]
        world.reply(name, comment.id, "fulano-sample", "Done.")

    day = timedelta(days=1)
    yield when, lambda: world.add_pull_request(name, "Rewrite the core", "fulano-sample", draft=True, number=number)
    for push in range(MANY_PUSHES):
        yield when + day + timedelta(minutes=push), lambda: world.push(name, number, "fulano-sample")
    yield when + 2 * day, lambda: world.ready_for_review(name, number, "fulano-sample")
    yield when + 2 * day, lambda: world.request_review(name, number, "ada-sample", "fulano-sample")
    lines = [("include/boost/shared_ptr.hpp", 12, "Why?"), ("test/shared_ptr_test.cpp", 40, "Missing: weak_ptr")]
    yield (
        when + 3 * day,
        lambda: world.review(name, number, "ada-sample", "CHANGES_REQUESTED", "Two remarks.", lines=lines),
    )
    yield when + 3 * day, lambda: world.review(name, number, "jan-modaal", "PENDING", "not yet sent", lines=lines[:1])
    yield when + 4 * day, answer
    yield when + 5 * day, lambda: world.force_push(name, number, "fulano-sample")
    yield when + 5 * day, dismiss
    yield when + 6 * day, lambda: world.review(name, number, "indira-p", "CHANGES_REQUESTED", "One more.")
    for push in range(MANY_PUSHES):
        yield when + 7 * day + timedelta(minutes=push), lambda: world.push(name, number, "fulano-sample")
    yield when + 8 * day, lambda: world.review(name, number, "indira-p", "APPROVED", "")
    yield when + 9 * day, lambda: world.merge(name, number, "janedoe")


def from_the_future(world: World, name: str, number: int, when: datetime) -> Iterator[Act]:
    """A commit whose author's clock was years ahead."""
    ahead = Signature("Fulano de Tal", "4242+fulano-sample@users.noreply.github.com", FUTURE)
    sha = sha1(f"{name} {number} from the future".encode(), usedforsecurity=False).hexdigest()
    commit = Commit(sha, world.repository(name).facts.id, ahead, ahead, "Written tomorrow")
    yield when, lambda: world.add_pull_request(name, "Mind the clock", "fulano-sample", commits=[commit], number=number)
    yield when + timedelta(days=5), lambda: world.merge(name, number, "ada-sample")


def renamed_label(world: World, name: str, number: int, when: datetime) -> Iterator[Act]:
    """A label that has another name today."""
    yield when, lambda: world.add_issue(name, "Leak in make_shared", "erika-m", labels=("defect",), number=number)
    yield when + timedelta(days=300), lambda: world.rename_label(name, "defect", "memory")


def renamed_login(world: World, name: str, number: int, when: datetime) -> Iterator[Act]:
    """By ola-n, who has another login now, while ola-n is somebody else (see `finish`)."""
    yield when, lambda: world.add_issue(name, "From Ola, before", "ola-n", number=number)
    yield when + timedelta(days=1), lambda: world.assign(name, number, "ola-n", "janedoe")


def discussion(world: World, name: str, number: int, when: datetime) -> Iterator[Act]:
    """A number that was a discussion from the start."""
    yield when, lambda: world.add_discussion(name, "Show and tell", "curious-reader", body="Look!", number=number)


def long_life(world: World, name: str, number: int, when: datetime) -> Iterator[Act]:
    """Renamed, planned, assigned, closed, opened again, closed as a duplicate; imported comments; emoji."""
    day = timedelta(days=1)
    yield when, lambda: world.add_issue(name, "🐛 in weak_ptr", "erika-m", body="🤷", number=number)
    yield when + day, lambda: world.comment(name, number, IMPORTED, "Moved here from Trac.", association="MANNEQUIN")
    yield when + 2 * day, lambda: world.edit_item(name, number, "janedoe", title="🐛 in weak_ptr::lock 😱")
    yield when + 3 * day, lambda: world.milestone(name, number, "Boost 1.61", "janedoe")
    yield when + 3 * day, lambda: world.assign(name, number, "ada-sample", "janedoe")
    yield when + 4 * day, lambda: world.assign(name, number, "tarosample", "janedoe")
    yield when + 5 * day, lambda: world.unassign(name, number, "ada-sample", "janedoe")
    yield when + 6 * day, lambda: world.label(name, number, "bug", "janedoe")
    yield when + 7 * day, lambda: world.close(name, number, "tarosample")
    yield when + 8 * day, lambda: world.reopen(name, number, "erika-m")
    yield when + 9 * day, lambda: world.mention(name, number, (name, 1), "fulano-sample")
    yield when + 9 * day, lambda: world.mention(name, number, ("config", 1), "fulano-sample")
    yield when + 10 * day, lambda: world.unlabel(name, number, "bug", "janedoe")
    yield when + 11 * day, lambda: world.close(name, number, "janedoe", "duplicate")


def bots(world: World, name: str, number: int, when: datetime) -> Iterator[Act]:
    """A bot's pull request with a bot's comments, one of them deleted; closed without a merge."""

    def clean_up() -> None:
        world.delete_comment(name, world.repository(name).comments.of(number)[0].id, "janedoe")

    yield when, lambda: world.add_pull_request(name, "Bump checkout from 1 to 2", DEPENDABOT, number=number)
    for place in range(3):
        yield when + timedelta(hours=place + 1), partial(world.comment, name, number, CI_BOT, f"Run {place}")
    yield when + timedelta(days=1), clean_up
    yield when + timedelta(days=2), lambda: world.comment(name, number, DEPENDABOT, "OK, I won't notify you again.")
    yield when + timedelta(days=2), lambda: world.close(name, number, "janedoe")


def draft(world: World, name: str, number: int, when: datetime) -> Iterator[Act]:
    """An open draft from a fork that is gone."""
    yield when, lambda: world.add_pull_request(name, "WIP: spherical", "tarosample", number=number)
    yield when + timedelta(days=1), lambda: world.convert_to_draft(name, number, "tarosample")
    yield when + timedelta(days=90), lambda: world.delete_fork(name, number)


INCIDENTS: Final[Mapping[str, Mapping[int, Incident]]] = {
    "config": {
        1: hostile,
        2: many_comments,
        3: ghost,
        4: transferred,
        5: plain("Delete me"),
        6: before_discussions,
        7: plain("An old comment that was edited"),
        8: merged_late,
        9: locked,
    },
    "smart_ptr": {
        1: review_rounds,
        2: from_the_future,
        3: renamed_label,
        4: renamed_login,
        5: plain("From the other ola-n"),
        6: discussion,
        7: long_life,
        8: bots,
    },
    "geometry": {1: plain("Is this a question?"), 2: draft},
}
"""Repository → number → incident."""


def finish(world: World) -> None:
    """Play the last days: what happened late to old things."""
    world.now = LATE_EDIT
    old = world.repository("config").comments.of(7)[0]
    world.edit_comment("config", old.id, "Noted, and corrected years later.")
    world.delete("config", 5)
    world.transfer("config", 4, "core", "janedoe")
    world.convert_to_discussion("geometry", 1, "indira-p")
    world.rename_login("ola-n", "ola-placeholder")
    world.add_account("ola-n", name="Another Ola")
    world.comment("smart_ptr", 5, "ola-n", "I am not the Ola that you know.")
    world.delete_account("goner")
    world.edit_repository("signals", is_archived=True)
    world.edit_repository("boostdep", license=OTHER_LICENSE)
    world.edit_repository("headers", license=None, description=None, languages=(), topics=())
    world.now = END
