"""What the client returns: answers of the REST and of the GraphQL API, parsed but not yet understood.

Which fields an answer has is known to whoever asked for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from boost_pipeline.sources.github.failures import BadAnswer, plain

_ETAG = re.compile(r'(\w+) ((?:W/)?"[!#-~]{0,200}")')


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the REST API.

    Attributes:
        path: that was asked for, for messages.
        status: 200, 204 or 304, seldom another 2xx.
        body: the parsed JSON, an object or a list; None for 204 and 304.
        etag: to be kept, and given to `GitHub.get` the next time. It is GitHub's ETag after the fingerprint of the
            token that it holds for: GitHub gives each token ETags of its own.
        not_modified: whether this is a 304: all is as it was when the given ETag was kept.
        final_url: where the answer came from.
        page: the digest of the raw page, if raw pages are kept.
        moved_to: the path that answered in place of the one asked for, such as "/repositories/7590028/issues", when a
            repository was renamed or transferred.
        next_url: of the next page; `GitHub.pages` follows it, `GitHub.get` takes it.
    """

    path: str
    status: int
    body: Any = field(repr=False)
    etag: str | None
    not_modified: bool
    final_url: str
    page: str | None
    moved_to: str | None
    next_url: str | None

    def object(self) -> dict[str, Any]:
        """Return the body as an object.

        Raises:
            BadAnswer: it is none.
        """
        if not isinstance(self.body, dict):
            raise BadAnswer(
                f"GitHub, {self.path}: an object was expected, {_kind(self.body)} came; see the API's version."
            )
        return self.body

    def entries(self) -> list[Any]:
        """Return the entries of a list, whatever they are.

        Raises:
            BadAnswer: it is no list.
        """
        if self.body is None and self.status == 204:
            return []
        if not isinstance(self.body, list):
            raise BadAnswer(
                f"GitHub, {self.path}: a list was expected, {_kind(self.body)} came; see the API's version."
            )
        return self.body

    def items(self) -> list[dict[str, Any]]:
        """Return the objects of a list, or of the list `items` of a search.

        Raises:
            BadAnswer: it is no such list.
        """
        found = self.body.get("items") if isinstance(self.body, dict) else self.body
        if found is None and self.status == 204:
            return []
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise BadAnswer(
                f"GitHub, {self.path}: a list of objects was expected, {_kind(self.body)} came; see the API's version."
            )
        return found


@dataclass(frozen=True, slots=True)
class GraphQLError:
    """One entry of `errors`.

    Attributes:
        type: such as NOT_FOUND or FORBIDDEN; "" where GitHub gives none.
        message: GitHub's own words, as one line.
        path: the fields and indices that lead to the part of `data` that is null because of it.
    """

    type: str
    message: str
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class GraphQLAnswer:
    """An answer of the GraphQL API.

    Attributes:
        data: with nulls where `errors` says why.
        errors: of parts of the data, such as repositories that are not there; none of them means that all is missing.
        cost: points of the hourly budget, as the query's `rateLimit { cost }` tells; 1 if it does not ask for it.
        page: the digest of the raw page, if raw pages are kept.
    """

    data: Mapping[str, Any] = field(repr=False)
    errors: tuple[GraphQLError, ...]
    cost: int
    page: str | None


def read_errors(found: object) -> Iterator[GraphQLError]:
    """Yield the entries of the `errors` of a GraphQL answer, whatever shape they have."""
    for entry in found if isinstance(found, list) else [found]:
        if isinstance(entry, dict):
            path = entry.get("path")
            yield GraphQLError(
                plain(entry.get("type") or ""),
                plain(entry.get("message") or "no reason given"),
                tuple(part for part in path if isinstance(part, str | int)) if isinstance(path, list) else (),
            )
        else:
            yield GraphQLError("", plain(entry), ())


def read_etag(kept: str | None) -> tuple[str | None, str | None]:
    """Split what `Answer.etag` holds into the fingerprint of a token and GitHub's ETag; None for what is not there."""
    match = _ETAG.fullmatch(kept or "")
    return (match[1], match[2]) if match else (None, None)


def write_etag(fingerprint: str, etag: str | None) -> str | None:
    """Put together what `read_etag` takes apart; None if GitHub sent no ETag that could be sent back."""
    kept = f"{fingerprint} {etag}"
    return kept if etag is not None and _ETAG.fullmatch(kept) else None


def _kind(body: object) -> str:
    return {dict: "an object", list: "a list", type(None): "nothing"}.get(type(body), type(body).__name__)
