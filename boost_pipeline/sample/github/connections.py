"""Pages of GraphQL connections, by opaque cursors that name a place in an order and not a row number.

So a client that walks an ascending order loses nothing when items change on the way: those come again at the end.
A cursor is base64 of "cursor:v2:" and the sort key of the item, as JSON.
"""

from __future__ import annotations

import base64
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Key = tuple[Any, ...]


class BadCursor(Exception):  # noqa: N818
    """A text that is no cursor of ours."""


class Paging(NamedTuple):
    """What a client asks a connection for."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The things behind a connection, ascending by `key`; `more` are further fields of the connection."""

    things: Sequence[Any]
    key: Callable[[Any], Key]
    descending: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Connection:
    """One page of a listing, in the order of the listing; `between` counts what lies between the cursors."""

    listing: Listing
    nodes: Sequence[Any]
    has_next: bool
    has_previous: bool
    between: int

    def cursor(self, thing: Any) -> str:
        """Return the cursor of a thing of this page."""
        return write_cursor(self.listing.key(thing))


def page(listing: Listing, paging: Paging) -> Connection:
    """Cut a page out of a listing.

    Raises:
        BadCursor: `after` or `before` is no cursor.
    """
    low, high = 0, len(listing.things)
    # In a descending order "after" is below, and the first ones are at the end.
    below, above = (paging.before, paging.after) if listing.descending else (paging.after, paging.before)
    if below:
        low = bisect_right(listing.things, read_cursor(below), key=listing.key)
    if above:
        high = bisect_left(listing.things, read_cursor(above), key=listing.key)
    from_low, from_high = (paging.last, paging.first) if listing.descending else (paging.first, paging.last)
    stop = high if from_low is None else min(high, low + from_low)
    start = low if from_high is None else max(low, stop - from_high)
    nodes = listing.things[start : max(start, stop)]
    more_above, more_below = stop < len(listing.things), start > 0
    if listing.descending:
        return Connection(listing, nodes[::-1], more_below, more_above, high - low)
    return Connection(listing, nodes, more_above, more_below, high - low)


def write_cursor(key: Key) -> str:
    """Return the cursor of a sort key."""
    return base64.b64encode(b"cursor:v2:" + json.dumps(key, separators=(",", ":")).encode()).decode()


def read_cursor(text: str) -> Key:
    """Return the sort key of a cursor.

    Raises:
        BadCursor: it is none.
    """
    try:
        kind, _, key = base64.b64decode(text, validate=True).decode().partition("v2:")
        found = json.loads(key)
    except ValueError:
        found = kind = None
    if kind != "cursor:" or not isinstance(found, list):
        raise BadCursor(f"`{text}` does not appear to be a valid cursor.")
    return tuple(found)
