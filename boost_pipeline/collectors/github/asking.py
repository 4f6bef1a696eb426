"""Questions to GraphQL, and what its errors say of the answers: each costs the part of the data that its path leads to.

What was refused stays so; what GitHub failed to work out is asked for again, and then left out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from boost_pipeline.collectors.github.fields import OddField
from boost_pipeline.errors import SourceCorrupt, SourceError, SourceRefused, SourceUnavailable
from boost_pipeline.sources.github import Aborted, GitHub, GraphQLError, QueryTooHeavy, RateLimited, TokenRejected

ATTEMPTS = 3
"""GitHub's partial failures are those of a moment, as a rule."""

T = TypeVar("T")

_REFUSALS = frozenset({"NOT_FOUND", "FORBIDDEN", "INSUFFICIENT_SCOPES", "SAML", "UNAUTHORIZED"})


_THING = 2
"""The length of a path to what was asked for by its number or sha; what is longer is a field of it."""


class PlaceLost(SourceUnavailable):
    """GitHub does not know the mark of a page any more that it gave us."""


class PartMissing(SourceUnavailable):
    """Only a part of an answer came, however often we asked."""


class Withheld(SourceRefused):
    """GitHub does not give a thing that all else is below.

    Attributes:
        path: of the field that was refused.
    """

    def __init__(self, message: str, path: tuple[str | int, ...]) -> None:
        super().__init__(message)
        self.path = path


class Lack(NamedTuple):
    """A part of an answer that did not come.

    Attributes:
        path: the fields and indices that lead to it; it, or something above it, is null.
        reason: refused, or unanswered.
        told: GitHub's words.
    """

    path: tuple[str | int, ...]
    reason: str
    told: str

    def below(self, *prefix: str | int) -> Lack | None:
        """Return it as seen from `prefix`; None if it is elsewhere."""
        size = len(prefix)
        return self._replace(path=self.path[size:]) if self.path[:size] == prefix else None

    @property
    def names(self) -> str:
        """The path without indices: "timelineItems.nodes.actor"."""
        return ".".join(part for part in self.path if isinstance(part, str))


@dataclass(frozen=True, slots=True)
class Told:
    """The data of an answer, and what is missing in it."""

    data: Mapping[str, Any]
    lacks: tuple[Lack, ...] = ()

    def lacks_below(self, *prefix: str | int) -> tuple[Lack, ...]:
        """Return what is missing below `prefix`, as seen from there."""
        return tuple(found for lack in self.lacks if (found := lack.below(*prefix)) is not None)


def ask(
    github: GitHub,
    query: str,
    variables: Mapping[str, Any],
    *,
    label: str,
    absent: Collection[str] = (),
    top_are_parts: bool = False,
) -> Told:
    """Return an answer of which the fields at the top are there, and what is missing below them.

    Args:
        github: whom to ask.
        query: the text.
        variables: of the query.
        label: names raw pages, and the query in messages.
        absent: types of errors that are an answer: the thing is not there.
        top_are_parts: what is missing may be at the top, too.

    Raises:
        PlaceLost: the mark of a page is no longer valid.
        PartMissing: GitHub did not work out a field at the top, however often we asked.
        Withheld: a field at the top is gone or private.
        BoostPipelineError: as `GitHub.graphql`.
    """
    for attempt in range(1, ATTEMPTS + 1):
        answer = github.graphql(query, variables, label=label)
        errors = [error for error in answer.errors if error.type not in absent or len(error.path) > _THING]
        if lost := next((error for error in errors if error.type == "INVALID_CURSOR_ARGUMENTS"), None):
            raise PlaceLost(f"GitHub, {label}: {lost.message} Read it anew with --full.")
        if attempt < ATTEMPTS and any(error.type not in _REFUSALS for error in errors):
            continue
        whole = [error for error in errors if not top_are_parts and _is_whole(error, answer.data)]
        if refused := next((error for error in whole if error.type in _REFUSALS), None):
            raise Withheld(f"GitHub, {label}: {refused.message} Is it gone, renamed or private?", refused.path)
        if whole:
            raise PartMissing(f"GitHub, {label}: only a part came ({whole[0].message}); the next run tries again.")
        return Told(answer.data, lacks(errors))
    raise AssertionError


def ask_for(
    read: Callable[[Told], T],
    github: GitHub,
    query: str,
    variables: Mapping[str, Any],
    *,
    label: str,
    absent: Collection[str] = (),
) -> T:
    """Return what `read` makes of an answer; one in which it finds something odd is asked for again.

    Raises:
        OddField: however often we asked.
        BoostPipelineError: as `ask`.
    """
    for attempt in range(1, ATTEMPTS + 1):
        told = ask(github, query, variables, label=label, absent=absent)
        try:
            return read(told)
        except OddField:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError


def lacks(errors: Collection[GraphQLError]) -> tuple[Lack, ...]:
    """Return the errors as what is missing."""
    return tuple(
        Lack(error.path, "refused" if error.type in _REFUSALS else "unanswered", error.message) for error in errors
    )


def is_of_all(error: SourceError) -> bool:
    """Tell whether an error ends all work on GitHub, and not only that on the thing that was asked for."""
    if isinstance(error, Aborted | RateLimited | TokenRejected):
        return True
    return not isinstance(error, PlaceLost | PartMissing | QueryTooHeavy | SourceRefused | SourceCorrupt)


def _is_whole(error: GraphQLError, data: Mapping[str, Any]) -> bool:
    """Tell whether an error left nothing of a field at the top; GitHub does not always say which."""
    tops = [error.path[0]] if error.path else [name for name in data if name != "rateLimit"]
    return any(data.get(str(top)) is None for top in tops)
