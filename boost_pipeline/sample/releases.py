"""The releases of the sample: which tags there are, of what kind, and when.

The version numbers are those of real releases, so that what is known about them (release days up to 1.53.0, the
two spellings of betas) applies; what the releases hold is invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final


def utc(text: str) -> datetime:
    """Read "2016-05-05" or "2016-05-05 18:00" as UTC.

    >>> utc("2016-05-05 18:00").isoformat()
    '2016-05-05T18:00:00+00:00'
    """
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


MODULAR: Final = utc("2013-12-01")
"""Until then all was one Subversion repository: no branches, and the tags were made when it was converted."""


@dataclass(frozen=True, slots=True)
class Release:
    """A tag of the superproject.

    Attributes:
        tag: The name.
        kind: stable, beta, rc or other.
        cut: When the libraries merged to master and were tagged.
        on: The date of the superproject's commit.
        annotated: When the tag object was made; None for a lightweight tag.
        lost: Repository → pinned commit that the repository does not hold.
        aside: The superproject's commit is on no branch.
        published: When GitHub shows it as published; None where nobody did that.
    """

    tag: str
    kind: str
    cut: datetime
    on: datetime
    annotated: datetime | None = None
    lost: Mapping[str, str] = field(default_factory=dict)
    aside: bool = False
    published: datetime | None = None


_CONVERSION = utc("2013-04-13 12:00")

RELEASES: Final = (
    Release("boost-1.52.0", "stable", utc("2012-10-30"), _CONVERSION, aside=True),
    Release("boost-1.53.0", "stable", utc("2013-01-28"), _CONVERSION, aside=True),
    Release("boost-1.61.0", "stable", utc("2016-05-01"), utc("2016-05-05 18:00"), annotated=utc("2016-05-13 20:00")),
    Release("boost-1.69.0-beta1", "beta", utc("2018-10-20"), utc("2018-10-25 17:00")),
    Release("boost-1.69.0-rc1", "rc", utc("2018-11-24"), utc("2018-11-28 17:00")),
    Release("boost-1.69.0", "stable", utc("2018-12-01"), utc("2018-12-05 19:00")),
    Release(
        "boost-1.70.0.beta1",
        "beta",
        utc("2019-03-02"),
        utc("2019-03-07 16:00"),
        lost={"geometry": "5a3bce5a3bce5a3bce5a3bce5a3bce5a3bce5a3b"},
        aside=True,
    ),
    Release("boost-1.70.0", "stable", utc("2019-04-04"), utc("2019-04-09 18:00"), published=utc("2019-04-12 06:04")),
    Release(
        "boost-1.71.0.beta1", "beta", utc("2019-07-13"), utc("2019-07-18 17:00"), published=utc("2019-07-19 08:15")
    ),
    Release("boost-1.71.0", "stable", utc("2019-08-09"), utc("2019-08-14 12:00"), published=utc("2019-08-19 15:31")),
    Release("boost-1.71.0-1", "other", utc("2019-08-20"), utc("2019-08-22 09:00"), aside=True),
)
"""In order of version, which is here the order of time too."""

END: Final = utc("2019-10-15")
"""The day up to which the sample's history goes."""

POSITION: Final = {release.tag: position for position, release in enumerate(RELEASES)}
"""Tag → its place in the order."""
