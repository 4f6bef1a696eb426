"""What goes over the wire, as values: a request that was read, and a reply that is to be written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """A request: `path` without the query and without /api/v3; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base: str
    token: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """A status, a JSON value (None: no body), headers; what it costs, and of which resource."""

    status: int
    value: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    resource: str = "core"
    points: int = 1

    def content(self) -> bytes:
        """Return the body."""
        if self.value is None:
            return b""
        return json.dumps(self.value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def error(status: int, message: str, **more: Any) -> Reply:
    """Return an error as GitHub words it."""
    return Reply(status, {"message": message, "documentation_url": "https://docs.github.com/rest", **more})


def etag(content: bytes, token: str | None) -> str:
    """Return the weak ETag of a body: another one for each token, as on github.com."""
    return f'W/"{sha256((token or "").encode() + content).hexdigest()}"'
