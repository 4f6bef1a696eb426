"""Node ids of the form that GitHub uses since 2021: a prefix for the type, and numbers packed with MessagePack.

The ids are opaque to clients; they are packed like the real ones so that nothing depends on their being short or
readable: `U_kgDOAAAQkg` is [0, 4242] of a user.
"""

from __future__ import annotations

import base64
import binascii
from typing import NamedTuple


class NodeId(NamedTuple):
    """The prefix that tells the type, and the numbers (a commit has its sha) that tell which."""

    prefix: str
    parts: tuple[int | str, ...]


def node_id(prefix: str, *parts: int | str) -> str:
    """Return the node id.

    >>> node_id("U", 4242)
    'U_kgDOAAAQkg'
    """
    packed = bytes([0x91 + len(parts), 0]) + b"".join(map(_pack, parts))
    return f"{prefix}_{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"


def read_node_id(text: str) -> NodeId | None:
    """Return what a node id tells, or None for what is none.

    >>> read_node_id("U_kgDOAAAQkg")
    NodeId(prefix='U', parts=(4242,))
    """
    prefix, _, packed = text.partition("_")
    try:
        raw = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        parts = tuple(_unpack(raw))
    except (binascii.Error, ValueError, IndexError):
        return None
    return NodeId(prefix, parts) if prefix else None


def _pack(part: int | str) -> bytes:
    if isinstance(part, str):
        return bytes([0xD9, len(part)]) + part.encode("ascii")
    return b"\xce" + part.to_bytes(4, "big") if part < 1 << 32 else b"\xcf" + part.to_bytes(8, "big")


def _unpack(raw: bytes) -> list[int | str]:
    count, at = raw[0] - 0x91, 2
    parts: list[int | str] = []
    for _ in range(count):
        kind, size = raw[at], {0xCE: 4, 0xCF: 8}.get(raw[at], 0)
        if kind == 0xD9:
            size, at = raw[at + 1], at + 1
        piece = raw[at + 1 : at + 1 + size]
        parts.append(piece.decode("ascii") if kind == 0xD9 else int.from_bytes(piece, "big"))
        at += 1 + size
    return parts
