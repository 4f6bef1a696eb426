"""The identity of a library: its `key` in meta/libraries.json, whatever name or module it had over time."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# functional/hash was an entry of libs/functional up to 1.66.0, of libs/container_hash from 1.67.0 to 1.77.0,
# and is called container_hash since.
KEY_ALIASES: Final[Mapping[str, str]] = MappingProxyType({"functional/hash": "container_hash"})
"""Former key -> the key of today."""


def canonical_key(key: str) -> str:
    """Return the key under which the library is known today.

    >>> canonical_key("functional/hash"), canonical_key("functional/factory")
    ('container_hash', 'functional/factory')
    """
    return KEY_ALIASES.get(key, key)
