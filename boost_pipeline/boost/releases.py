"""Releases of Boost: what a tag of the superproject means, and how releases follow each other.

Here belongs everything that the name of a tag tells. The branches `develop` and `master` are read beside the tags, as
releases that move. When a release came out is `release_dates`; which tags exist is for the caller to know. Two
spellings of pre-releases are in use: `boost-1.69.0-beta1` up to 1.69.0 and `boost-1.70.0.beta1` from 1.70.0 on.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from boost_pipeline.errors import UnknownName

__all__ = [
    "FIRST_RELEASE",
    "HEADS",
    "SUPERPROJECT",
    "Release",
    "ReleaseKind",
    "is_catalogued",
    "is_followed",
    "previous_stable",
    "read_tag",
    "read_version",
]

SUPERPROJECT: Final = "boost"
"""The repository whose tags are the releases, and whose submodules are the modules."""

FIRST_RELEASE: Final = (1, 16, 1)
"""The oldest release of Boost that has a tag.

The tags `boost-0.x` are of 2003, years after it: they name states of a repository that was merged in.
"""

# Ten digits hold every integer of PostgreSQL; with leading zeros one release would have two tags.
_NUMBER = r"(0|[1-9][0-9]{0,9})"
_TAG = re.compile(rf"boost-{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:[.-]([0-9A-Za-z][0-9A-Za-z._-]*))?")
HEADS: Final = ("develop", "master")
"""Branches of the superproject whose state is read like a release's, again whenever they move."""

_PRERELEASE = re.compile(r"(beta|rc|)([0-9]{0,9})")
_SHORT_VERSION = re.compile(r"0|[1-9][0-9]{0,9}")
_LARGEST_INTEGER = 2**31 - 1
_NO_VERSION = (-1, -1, -1)
_AFTER_ALL_VERSIONS = (_LARGEST_INTEGER + 1,) * 3


class ReleaseKind(StrEnum):
    """What a tag of the superproject stands for."""

    STABLE = "stable"
    BETA = "beta"
    RC = "rc"
    OTHER = "other"
    HEAD = "head"


_STAGES: Final = {
    ReleaseKind.BETA: 0,
    ReleaseKind.RC: 1,
    ReleaseKind.STABLE: 2,
    ReleaseKind.OTHER: 3,
    ReleaseKind.HEAD: 4,
}


@dataclass(frozen=True, slots=True)
class Release:
    """A tag or a head of the superproject, read.

    `major`, `minor` and `patch` are None for a tag without a version. `prerelease` is what follows the
    version: "beta1", "rc2", "bgl" of boost-1.25.1-bgl, "1" of boost-1.91.0-1.
    """

    tag: str
    kind: ReleaseKind
    major: int | None = None
    minor: int | None = None
    patch: int | None = None
    prerelease: str | None = None

    @property
    def version(self) -> tuple[int, int, int] | None:
        """The three numbers, or None for a tag without a version."""
        if self.major is None or self.minor is None or self.patch is None:
            return None
        return self.major, self.minor, self.patch

    @property
    def order(self) -> tuple[int, int, int, int, int, str]:
        """A sort key: by version, then betas, candidates, the stable release, what was made after it.

        Tags without a version come first, heads last. The tag itself is the last part, so that no two are equal.
        """
        version = _AFTER_ALL_VERSIONS if self.kind is ReleaseKind.HEAD else self.version or _NO_VERSION
        match = _PRERELEASE.fullmatch(self.prerelease or "")
        number = int(match.group(2) or 0) if match else 0
        return *version, _STAGES[self.kind], number, self.tag


def read_tag(tag: str) -> Release:
    """Read the name of any tag or head of the superproject; what is no release is of the kind "other".

    >>> read_tag("boost-1.9.0").order < read_tag("boost-1.90.0.beta1").order < read_tag("boost-1.90.0").order
    True
    """
    if tag in HEADS:
        return Release(tag, ReleaseKind.HEAD)
    match = _TAG.fullmatch(tag)
    if match is None:
        return Release(tag, ReleaseKind.OTHER)
    major, minor, patch = (int(number) for number in match.groups()[:3])
    if max(major, minor, patch) > _LARGEST_INTEGER:
        return Release(tag, ReleaseKind.OTHER)
    return Release(tag, _kind(match.group(4)), major, minor, patch, match.group(4))


def _kind(prerelease: str | None) -> ReleaseKind:
    if prerelease is None:
        return ReleaseKind.STABLE
    match = _PRERELEASE.fullmatch(prerelease)
    return ReleaseKind(match.group(1) or ReleaseKind.OTHER) if match else ReleaseKind.OTHER


def is_catalogued(release: Release) -> bool:
    """Whether the catalogue holds this release: stable, and of Boost proper."""
    return release.kind is ReleaseKind.STABLE and (release.version or _NO_VERSION) >= FIRST_RELEASE


def is_followed(release: Release) -> bool:
    """Whether it is read without being asked for: a catalogued release, or a head."""
    return release.kind is ReleaseKind.HEAD or is_catalogued(release)


def previous_stable(release: Release, all_releases: Iterable[Release]) -> Release | None:
    """Return the stable release before `release` in version order, or None when it is the first.

    Only catalogued releases count: the tags `boost-0.x` precede none of Boost's releases. What has no
    version has no predecessor.
    """
    earlier = (other for other in all_releases if is_catalogued(other) and other.order < release.order)
    return max(earlier, key=lambda other: other.order, default=None)


def read_version(text: str) -> str:
    """Return the tag that a person means: "boost-1.90.0", "1.90.0", "90", "1.90.0.beta1", or the head "develop".

    Whether the release exists is not known here.

    Raises:
        UnknownName: the text has none of these forms.
    """
    wanted = text.strip()
    if wanted in HEADS:
        return wanted
    if _SHORT_VERSION.fullmatch(wanted):
        wanted = f"1.{wanted}.0"
    tag = f"boost-{wanted.removeprefix('boost-')}"
    if read_tag(tag).kind is ReleaseKind.OTHER:
        shown = text if len(text) <= 60 else f"{text[:60]}…"
        raise UnknownName(f"{shown!r} is not a Boost version: write boost-1.90.0, 1.90.0, 90, or develop.")
    return tag
