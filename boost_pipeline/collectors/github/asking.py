"""Questions to GraphQL whose answers must be whole: a part that is missing is not taken for nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from boost_pipeline.errors import SourceRefused, SourceUnavailable
from boost_pipeline.sources.github import GitHub, GraphQLError

ATTEMPTS = 3
"""GitHub's partial failures are those of a moment, as a rule."""

_REFUSALS = frozenset({"NOT_FOUND", "FORBIDDEN", "INSUFFICIENT_SCOPES", "SAML"})


class PlaceLost(SourceUnavailable):
    """GitHub does not know the mark of a page any more that it gave us."""


def ask(
    github: GitHub, query: str, variables: Mapping[str, Any], *, label: str, absent: Collection[str] = ()
) -> Mapping[str, Any]:
    """Return the data of an answer without errors, but for those of the types in `absent`.

    Raises:
        PlaceLost: the mark of a page is no longer valid.
        SourceUnavailable: parts were missing, however often we asked.
        SourceRefused: something is gone or private.
        BoostPipelineError: as `GitHub.graphql`.
    """
    for attempt in range(1, ATTEMPTS + 1):
        answer = github.graphql(query, variables, label=label)
        error = next(iter(serious(answer.errors, absent)), None)
        if error is None:
            return answer.data
        if error.type == "INVALID_CURSOR_ARGUMENTS":
            raise PlaceLost(f"GitHub, {label}: {error.message} Read it anew with --full.")
        if error.type in _REFUSALS:
            raise SourceRefused(f"GitHub, {label}: {error.message} Is it gone, renamed or private?")
        if attempt == ATTEMPTS:
            raise SourceUnavailable(f"GitHub, {label}: only a part came ({error.message}); the next run tries again.")
    raise AssertionError


def serious(errors: Collection[GraphQLError], absent: Collection[str] = ()) -> list[GraphQLError]:
    """Return the errors that are not of a type in `absent`."""
    return [error for error in errors if error.type not in absent]
