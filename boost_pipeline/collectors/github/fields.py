"""The typed border: fields of GitHub's answers, read as what their columns take. What is odd is told with its path."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from boost_pipeline.errors import SourceCorrupt

INTEGER, BIG_INTEGER = 2**31 - 1, 2**63 - 1
"""The largest that PostgreSQL's columns hold."""

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_DECIMAL = re.compile(r"[0-9]{1,19}", re.ASCII)
_EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
_LATEST = datetime(9999, 12, 30, tzinfo=UTC)


class OddField(SourceCorrupt):
    """A field is not what the API promises.

    Attributes:
        path: the names that lead to it, such as "reviews.fullDatabaseId".
        told: what was wanted, and what came.
    """

    def __init__(self, path: str, wanted: str, found: object) -> None:
        self.path = path
        self.told = f"{wanted} was expected, {_kind(found)} came"
        super().__init__(f"GitHub, {path}: {self.told}; the next run asks again.")


_ABSENT: Any = type("Absent", (), {})()


@dataclass(frozen=True, slots=True)
class Fields:
    """An object of an answer.

    What is asked for is always there, be it null: a field that is absent is as odd as one of another type.
    """

    node: Mapping[str, Any]
    path: str = ""

    @classmethod
    def of(cls, value: object, path: str = "") -> Fields:
        """Return what came as an object."""
        if not isinstance(value, Mapping):
            raise OddField(path, "an object", value)
        return cls(value, path)

    def where(self, name: str) -> str:
        """Return the path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> bool:
        """Tell whether a field that only some types have is here, and not null."""
        return self.node.get(name) is not None

    def asked(self, name: str) -> None:
        """Make sure that a field is here, be it null."""
        self._value(name)

    def text(self, name: str) -> str:
        """Return a text as PostgreSQL can keep it."""
        value = self._value(name)
        if not isinstance(value, str):
            raise OddField(self.where(name), "a text", value)
        return text(value)

    def maybe_text(self, name: str) -> str | None:
        """Return a text, or None for null."""
        return None if self._value(name) is None else self.text(name)

    def word(self, name: str, known: Collection[str]) -> str:
        """Return one of the `known` words, in lower case."""
        found = self.text(name).lower()
        if found not in known:
            raise OddField(self.where(name), " or ".join(sorted(known)), found)
        return found

    def number(self, name: str, largest: int = INTEGER) -> int:
        """Return a whole number that is not negative; GitHub writes large ones as texts."""
        value = self._value(name)
        if isinstance(value, str) and _DECIMAL.fullmatch(value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= largest:
            raise OddField(self.where(name), "a whole number", value)
        return value

    def identity(self, name: str) -> int:
        """Return an id or an item's number: at least 1."""
        if (found := self.number(name, BIG_INTEGER)) < 1:
            raise OddField(self.where(name), "an id", found)
        return found

    def flag(self, name: str) -> bool:
        """Return true or false."""
        value = self._value(name)
        if not isinstance(value, bool):
            raise OddField(self.where(name), "true or false", value)
        return value

    def time(self, name: str) -> datetime:
        """Return a time."""
        value = self._value(name)
        try:
            found = datetime.fromisoformat(value)
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
            if _EARLIEST < found < _LATEST:
                return found
        except (TypeError, ValueError):
            pass  # told below
        raise OddField(self.where(name), "a time", value)

    def maybe_time(self, name: str) -> datetime | None:
        """Return a time, or None for null."""
        return None if self._value(name) is None else self.time(name)

    def object(self, name: str) -> Fields:
        """Return an object."""
        return Fields.of(self._value(name), self.where(name))

    def maybe_object(self, name: str) -> Fields | None:
        """Return an object, or None for null."""
        return None if self._value(name) is None else self.object(name)

    def entries(self, name: str) -> list[Any]:
        """Return the entries of a list, whatever they are."""
        value = self._value(name)
        if not isinstance(value, list):
            raise OddField(self.where(name), "a list", value)
        return value

    def _value(self, name: str) -> Any:
        value = self.node.get(name, _ABSENT)
        if value is _ABSENT:
            raise OddField(self.where(name), "a value", _ABSENT)
        return value


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, as GraphQL gives it.

    Attributes:
        nodes: its entries; None for what GitHub may not show.
        total: how many the list has, as GitHub counts.
        end: GitHub's mark of the last entry.
        has_next: there is more.
    """

    nodes: list[Any]
    total: int
    end: str | None
    has_next: bool

    @classmethod
    def read(cls, fields: Fields, name: str) -> Page:
        """Return the page of the list `name`.

        Raises:
            OddField: it is none, or tells of a next page without telling where.
        """
        found = fields.object(name)
        info = found.object("pageInfo")
        has_next, end = info.flag("hasNextPage"), info.maybe_text("endCursor")
        if has_next and not end:
            raise OddField(info.where("endCursor"), "the mark of the next page", end)
        return cls(found.entries("nodes"), found.number("totalCount"), end, has_next)


def text(value: str | None) -> str:
    """Return a text as PostgreSQL can keep it: NUL bytes are dropped, halves of surrogate pairs replaced.

    >>> text("a" + chr(0) + "b"), text(None)
    ('ab', '')
    """
    return _UNSTORABLE.sub(lambda found: "" if found[0] == "\0" else "\ufffd", value or "")


def _kind(value: object) -> str:
    if value is _ABSENT:
        return "nothing"
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else f"{value[:40]}…")
    if isinstance(value, bool | int | float):
        return f"{value!r:.40}"
    return {dict: "an object", list: "a list", type(None): "null"}.get(type(value), type(value).__name__)
