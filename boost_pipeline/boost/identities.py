"""Which authors of commits are one person: those of one account or address, and those of one full name.

An address counts in lower case. A full name has two words or more, and is the same whatever its case, its spaces and
its form in Unicode. Both hold through others: one person is all that hangs together. Who is a bot is told by the
warehouse's functions is_bot and is_bot_author; a bot is nobody's other identity.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

NAMES_OF_NOBODY: Final = frozenset(
    {
        "author unknown", "boost commits", "boost developers", "default user", "github web flow", "jane doe",
        "john doe", "local user", "no author", "no name", "not known", "root user", "system administrator",
        "test user", "the author", "unknown author", "unknown name", "unknown user", "user name", "web flow",
        "your full name", "your name",
    }
)  # fmt: skip
"""Full names that many write by; two addresses by one of them are not one person."""

ADDRESSES_OF_NOBODY: Final = frozenset(
    {
        "", "(no author)", "email@example.com", "name@example.com", "nobody@localhost", "none", "none@none",
        "none@none.none", "noreply", "noreply@github.com", "root", "root@localhost", "root@localhost.localdomain",
        "test@example.com", "test@test.com", "unknown", "unknown@unknown", "user@example.com", "user@localhost",
        "you@example.com", "your@email.com",
    }
)  # fmt: skip
"""Addresses that tools write where none was set: who writes by one of them is told by the name alone."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A name and an address that somebody committed by."""

    name: str
    """Without an address in it."""
    email: str
    account: int | None = None
    """The account of GitHub that the address is known to belong to."""
    is_bot: bool = False


def people(identities: Iterable[Identity]) -> dict[Identity, str]:
    """Return the person of each: a digest that all identities of one person share, and nobody else.

    It is made of the first of their addresses by the alphabet, so that the same identities give the same person.
    """
    roots: dict[tuple[str, str], tuple[str, str]] = {}

    def root(key: tuple[str, str]) -> tuple[str, str]:
        roots.setdefault(key, key)
        while roots[key] != key:
            roots[key] = roots[roots[key]]
            key = roots[key]
        return key

    keys = {identity: _keys(identity) for identity in identities}
    for first, *others in keys.values():
        for other in others:
            one, two = sorted((root(first), root(other)), key=_by_alphabet)
            roots[two] = one
    return {identity: _digest(root(found[0])) for identity, found in keys.items()}


def full_name(name: str) -> str | None:
    """Return what two equal full names share; None for a single word, and for names that many write by.

    >>> full_name(" Ada  LOVELACE"), full_name("Ada"), full_name("Unknown Author")
    ('ada lovelace', None, None)
    """
    words = unicodedata.normalize("NFKC", name).casefold().split()
    folded = unicodedata.normalize("NFKC", " ".join(words))
    named = sum(any(sign.isalpha() for sign in word) for word in words)
    return folded if named > 1 and folded not in NAMES_OF_NOBODY else None


def _keys(identity: Identity) -> list[tuple[str, str]]:
    """Return what identifies somebody, as (kind, text); who shares one of them is the same person."""
    kind = "bot " if identity.is_bot else ""
    address = identity.email.strip().lower()
    if address in ADDRESSES_OF_NOBODY:
        found = [(f"{kind}name", " ".join(identity.name.split()).casefold())]
    else:
        found = [(f"{kind}address", address)]
    if not identity.is_bot:
        if identity.account is not None:
            found.append(("account", str(identity.account)))
        if (name := full_name(identity.name)) is not None:
            found.append(("full name", name))
    return found


def _by_alphabet(key: tuple[str, str]) -> tuple[bool, str, str]:
    """Addresses come first: ids of accounts are the database's own, and names change."""
    return (not key[0].endswith("address"), key[1], key[0])


def _digest(key: tuple[str, str]) -> str:
    """An address alone is told as the views tell one that was not resolved yet."""
    text = key[1] if key[0] == "address" else " ".join(key)
    return hashlib.md5(text.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest()
