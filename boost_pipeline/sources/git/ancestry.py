"""What can be known of a commit from its descendants: whether, when and with which release it arrived.

Labels flow from the tips to their ancestors while commits arrive children first, as `Mirror.history` and
`Mirror.log` yield them. Pure: no process and no file. What a release is belongs to the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple


class Standing(NamedTuple):
    """Where a commit stands.

    Attributes:
        on_default_branch: whether the default branch reaches it.
        landed_at: when it came to the default branch: the committer date of the oldest first-parent commit of the
            branch from which it can be reached; of such a commit itself, its own. None off the branch.
        first_release: the lowest rank of a pinned commit that reaches it; None if no release holds it.
    """

    on_default_branch: bool
    landed_at: datetime | None
    first_release: int | None


class _Label(NamedTuple):
    """What a commit hears from its children.

    Attributes:
        depth: how far down the first-parent line of the default branch the oldest commit is that reaches it.
        landed_at: the date of that one.
        is_next: whether it is itself the next of that line.
        release: the lowest rank of a pin that reaches it.
    """

    depth: int | None
    landed_at: datetime | None
    is_next: bool
    release: int | None


_SILENCE = _Label(depth=None, landed_at=None, is_next=False, release=None)


class Ancestry:
    """The standing of each commit of a history; labels are kept for the frontier only, so memory stays flat.

    Args:
        default_tip: the commit of the default branch; None if there is no such branch.
        pins: the commits that releases are made of, each with the lowest rank of its releases.
    """

    def __init__(self, *, default_tip: str | None, pins: Mapping[str, int]) -> None:
        self._pins = pins
        self._heard: dict[str, _Label] = {}
        if default_tip is not None:
            self._heard[default_tip] = _SILENCE._replace(depth=-1, is_next=True)

    def place(self, sha: str, parents: Sequence[str], committed_at: datetime | None) -> Standing:
        """Tell where a commit stands, and its parents what they need to know; call it once, children first."""
        depth, landed_at, is_next, release = self._heard.pop(sha, _SILENCE)
        if is_next and depth is not None:
            depth, landed_at = depth + 1, committed_at
        release = _lowest(release, self._pins.get(sha))
        if depth is not None or release is not None:
            for number, parent in enumerate(parents):
                self._tell(parent, _Label(depth, landed_at, is_next and number == 0, release))
        return Standing(depth is not None, landed_at, release)

    def _tell(self, sha: str, label: _Label) -> None:
        known = self._heard.get(sha)
        if known is not None:
            # The deeper one is the older one, whatever its date says.
            older = max(known, label, key=lambda one: -1 if one.depth is None else one.depth)
            is_next = known.is_next or label.is_next
            label = _Label(older.depth, older.landed_at, is_next, _lowest(known.release, label.release))
        self._heard[sha] = label


def _lowest(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
