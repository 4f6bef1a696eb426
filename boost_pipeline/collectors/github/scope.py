"""Whose repositories are read, and below which asset keys: what one instance of the factory is made for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """One instance of the GitHub assets.

    Attributes:
        prefix: of the asset keys, and the asset group.
        owner: of the repositories, as GitHub names it.
        repositories: the names to read; None for all that the owner has.
        kind: of repositories that the catalogue does not know.
    """

    prefix: str
    owner: str
    repositories: tuple[str, ...] | None = None
    kind: str = "other"

    def key(self, table: str) -> str:
        """Return the key of an asset: github/issues."""
        return f"{self.prefix}/{table}"


def boost(owner: str) -> Scope:
    """Return the scope of the owner of Boost's repositories."""
    return Scope("github", owner)


LLVM = Scope("llvm", "llvm", ("llvm-project",), "llvm")
"""The Clang of the predecessor's run_clang_github_tracker."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository of a scope: its row, and its name at GitHub."""

    id: int
    owner: str
    name: str

    @property
    def full_name(self) -> str:
        """Owner and name."""
        return f"{self.owner}/{self.name}"


def label(scope: Scope, what: str, repository: Repository) -> str:
    """Return the label of raw pages: "github/items boostorg/asio"."""
    return f"{scope.prefix}/{what} {repository.full_name}"
