"""One meta/libraries.json of a module: the libraries that it declares.

The file is an object, or a list of objects, one for each library; it is written by hand, so it is read with
tolerance, and whatever is wrong with it is reported beside what could be read. Which modules have such a file
and at which release is for the caller to know. The format: https://www.boost.org/development/library_metadata.html
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NoReturn

from boost_pipeline.boost.categories import Category, read_category
from boost_pipeline.boost.library_keys import canonical_key
from boost_pipeline.boost.people import Person, read_people

LARGEST_FILE: Final = 4 * 1024 * 1024
"""Bytes; a larger file is not read. The largest real one has 4 KB."""

LONGEST_KEY: Final = 200
"""Characters of a key or a category, which are keys in the warehouse, too. The longest real key has 30."""

LONGEST_PEOPLE: Final = 500
"""Characters of one string of authors or maintainers. The longest real one has 105."""

MOST_PROBLEMS: Final = 100
"""Problems told of one file; the last one says so when there are more."""

LONGEST_STANDARD: Final = 50
"""Characters that are kept of a C++ standard that is not known."""

_STANDARDS: Final = {"98", "03", "11", "14", "17", "20", "23", "26"}
_DRAFTS: Final = {"0x": "11", "1y": "14", "1z": "17", "2a": "20", "2b": "23", "2c": "26"}
_SPELLED_STANDARD: Final = re.compile(
    r"(?:(?:c|gnu) ?(?:\+\+|xx) ?[-:]? ?)?(?:19(?=98)|20(?=\d\d))?(\d[\dxyzabc]?)", re.IGNORECASE
)

# PostgreSQL refuses NUL, UTF-8 has no lone surrogates; JSON can escape both.
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """A library as its module declares it. A field that the file does not have is None or empty.

    `added_in` is the field "boost-version"; as it is in the file, it is a version, or "hidden".
    """

    key: str
    canonical_key: str
    name: str
    description: str | None = None
    documentation: str | None = None
    cxxstd: str | None = None
    status: str | None = None
    std: tuple[str, ...] = ()
    added_in: str | None = None
    authors: tuple[Person, ...] = ()
    maintainers: tuple[Person, ...] = ()
    categories: tuple[Category, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a file: `detail` is one line of at most 200 characters.

    `kind` is invalid_json, invalid_encoding, unknown_shape, missing_field, invalid_field or duplicate_key.
    """

    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """What one file holds: its entries in their order, and what is wrong with it."""

    entries: tuple[LibraryEntry, ...]
    problems: tuple[Problem, ...]


def read_metadata(data: bytes) -> Metadata:
    """Read a meta/libraries.json. No input is an error: what cannot be read is among the problems."""
    problems = _Problems()
    found: dict[str, LibraryEntry] = {}
    for position, members in enumerate(_objects(data, problems), start=1):
        entry = _read_entry(_Fields(members, f"entry {position}", problems))
        if entry is None:
            continue
        if entry.canonical_key in found:
            problems.note("duplicate_key", f"{entry.key}: declared again by entry {position}; the first one stands")
        found.setdefault(entry.canonical_key, entry)
    return Metadata(tuple(found.values()), tuple(problems.noted))


class _Problems:
    """The problems noted so far."""

    def __init__(self) -> None:
        self.noted: list[Problem] = []

    def note(self, kind: str, detail: str) -> None:
        if len(self.noted) == MOST_PROBLEMS:
            self.noted[-1] = Problem("unknown_shape", f"more than {MOST_PROBLEMS} problems: these are the first ones")
        if len(self.noted) >= MOST_PROBLEMS:
            return
        line = " ".join(_UNSTORABLE.sub("\ufffd", detail).split())
        self.noted.append(Problem(kind, line if len(line) <= 200 else f"{line[:199]}…"))


def _objects(data: bytes, problems: _Problems) -> Iterable[dict[str, object]]:
    """Parse a file into the objects that stand for its libraries."""
    if len(data) > LARGEST_FILE:
        problems.note("invalid_json", f"{len(data)} bytes are too many: at most {LARGEST_FILE} are read")
        return
    try:
        value = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=lambda pairs: _members(pairs, problems),
            parse_int=float,  # no field is a number, and int refuses thousands of digits
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError as error:
        problems.note("invalid_encoding", f"not UTF-8: {error.reason} at byte {error.start}")
        return
    except ValueError as error:
        problems.note("invalid_json", str(error))
        return
    except RecursionError:
        problems.note("invalid_json", "nested too deep")
        return
    items = value if isinstance(value, list) else [value]
    if not items:
        problems.note("unknown_shape", "an empty list: no library is declared")
    for position, item in enumerate(items, start=1):
        if isinstance(item, dict):
            yield item
        else:
            problems.note("unknown_shape", f"entry {position} is {_kind_of(item)}, not an object")


def _members(pairs: list[tuple[str, object]], problems: _Problems) -> dict[str, object]:
    members: dict[str, object] = {}
    for name, value in pairs:
        if name in members:
            problems.note("duplicate_key", f'field "{name}" is given twice: the later one stands')
        members[name] = value
    return members


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _kind_of(value: object) -> str:
    """How a value of JSON is called in a problem."""
    names = {dict: "an object", list: "a list", str: "text", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


class _Fields:
    """The fields of one entry; asked for one, it returns what is usable and notes what is not."""

    def __init__(self, members: dict[str, object], label: str, problems: _Problems) -> None:
        self._members, self._problems = members, problems
        self.label = label

    def note(self, kind: str, detail: str) -> None:
        self._problems.note(kind, f"{self.label}: {detail}")

    def text(self, name: str, *, numbers: bool = False) -> str | None:
        """A text, or None when there is none, or only blanks. With `numbers`, one of two digits is read, and noted."""
        value = self._members.get(name)
        if isinstance(value, str):
            text = self._clean(name, value)
            return text if text.strip() else None
        if value is not None:
            self.note("invalid_field", f'"{name}" is {_kind_of(value)}, not text')
        return f"{value:.0f}" if numbers and isinstance(value, float) and value in range(100) else None

    def required_text(self, name: str) -> str | None:
        """A text whose absence is a problem, as are mere blanks."""
        value = self._members.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            self.note("missing_field", f'no "{name}"')
        return self.text(name)

    def texts(self, name: str) -> list[str]:
        """The texts of a list, or the one text that stands in place of a list."""
        value = self._members.get(name)
        if value is not None and not isinstance(value, str | list):
            self.note("invalid_field", f'"{name}" is {_kind_of(value)}, neither text nor a list of texts')
        texts = []
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str):
                texts.append(self._clean(name, item))
            elif isinstance(value, list):
                self.note("invalid_field", f'"{name}" holds {_kind_of(item)}, not text')
        return [text for text in texts if text.strip()]

    def required_texts(self, name: str) -> list[str]:
        """Texts whose absence is a problem; "" and an empty list say that there are none."""
        if self._members.get(name) is None:
            self.note("missing_field", f'no "{name}"')
        return self.texts(name)

    def flag(self, name: str) -> bool:
        """A boolean; False when it is absent."""
        value = self._members.get(name)
        if value is not None and not isinstance(value, bool):
            self.note("invalid_field", f'"{name}" is {_kind_of(value)}, not a boolean')
        return value is True

    def _clean(self, name: str, text: str) -> str:
        if _UNSTORABLE.search(text):
            self.note("invalid_field", f'"{name}" held NUL characters or lone surrogates, which were dropped')
        return _UNSTORABLE.sub("", text)


def _read_entry(fields: _Fields) -> LibraryEntry | None:
    key = (fields.required_text("key") or "").strip()
    if not key:
        return None
    if len(key) > LONGEST_KEY:
        fields.note("invalid_field", f'"key" has {len(key)} characters, at most {LONGEST_KEY} are read')
        return None
    fields.label = key
    return LibraryEntry(
        key=key,
        canonical_key=canonical_key(key),
        name=fields.required_text("name") or key,
        description=fields.required_text("description"),
        documentation=fields.text("documentation"),
        cxxstd=_cxxstd(fields),
        status=fields.text("status"),
        std=_standards(fields),
        added_in=fields.text("boost-version"),
        authors=_people(fields, "authors", fields.required_texts("authors")),
        maintainers=_people(fields, "maintainers", fields.texts("maintainers")),
        categories=_categories(fields),
    )


def _cxxstd(fields: _Fields) -> str | None:
    """The C++ standard that is needed at least, as "17"; what is none that is known is kept as it is, and noted."""
    stated = fields.text("cxxstd", numbers=True)
    if stated is None:
        return None
    standard = " ".join(stated.split())
    spelled = _SPELLED_STANDARD.fullmatch(standard)
    known = _DRAFTS.get(spelled[1].lower(), spelled[1].zfill(2)) if spelled else standard
    if known in _STANDARDS:
        return known
    fields.note("invalid_field", f'"cxxstd" is "{standard}", which is no C++ standard that is known')
    return standard[:LONGEST_STANDARD]


def _standards(fields: _Fields) -> tuple[str, ...]:
    """The field "std", with the two booleans that stood for it until 1.57."""
    standards = fields.texts("std")
    standards += [name for name in ("proposal", "tr1") if fields.flag(f"std-{name}")]
    return tuple(dict.fromkeys(standards))


def _people(fields: _Fields, name: str, values: Iterable[str]) -> tuple[Person, ...]:
    people: list[Person] = []
    for value in values:
        if len(value) > LONGEST_PEOPLE:
            fields.note("invalid_field", f'"{name}" holds a text of {len(value)} characters')
            continue
        people += read_people(value)
    return tuple(people)


def _categories(fields: _Fields) -> tuple[Category, ...]:
    """The categories, each once; of two spellings of one the first is kept."""
    categories: dict[str, Category] = {}
    for raw in fields.required_texts("category"):
        category = read_category(raw)
        if len(category.name) > LONGEST_KEY:
            fields.note("invalid_field", f'"category" holds a name of {len(category.name)} characters')
            continue
        categories.setdefault(category.name, category)
    return tuple(categories.values())
