"""What the libraries say about themselves: meta/libraries.json, from which release on, with its irregularities.

The shapes are those of Boost's own files: an object or a list of entries, authors as a list or as one text, several
ways to hide an address, free spellings of categories, keys that are not the repository's name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

Entry = Mapping[str, Any]
"""An entry of a libraries.json, as JSON has it."""


class Document(NamedTuple):
    """A metadata file: its text, the entries that can be read in it, and what is wrong with it.

    `problem` is one of invalid_json, unknown_shape, missing_field, or None.
    """

    text: str
    entries: tuple[Entry, ...]
    problem: str | None = None


def _entry(
    key: str, name: str, authors: list[str] | str, category: list[str], *maintainers: str, **more: Any
) -> dict[str, Any]:
    entry: dict[str, Any] = {"key": key, "name": name, "authors": authors}
    if maintainers:
        entry["maintainers"] = list(maintainers)
    return entry | {"description": f"A sample entry for {name}.", "category": category} | more


def _one(entry: Entry) -> Document:
    return Document(json.dumps(entry, indent=4, ensure_ascii=False) + "\n", (entry,))


def _several(*entries: Entry) -> Document:
    return Document(json.dumps(entries, indent=4, ensure_ascii=False) + "\n", entries)


def _without_a_comma(entry: Entry) -> Document:
    return Document(_one(entry).text.replace(",\n", "\n", 1), (), "invalid_json")


_MATH = ["Math and Numerics"]
_JANE = "Jane Doe <jane.doe -at- example.org>"
_FUNCTIONAL = (
    _entry(
        "functional", "Functional", ["Ola Nordmann-Placeholder"], ["Function-objects"], **{"boost-version": "1.16.0"}
    ),
    _entry(
        "functional/factory",
        "Functional/Factory",
        ["Indira Placeholder"],
        ["Function-objects"],
        documentation="factory/",
    ),
)
_HASH = _entry(
    "functional/hash",
    "Functional/Hash",
    ["Ola Nordmann-Placeholder"],
    ["Function-objects"],
    "Ola Nordmann-Placeholder <ola -at- example.org>",
    std=["tr1"],
)
_CORE = (
    _entry("core", "Core", ["Ada Sample", "Jane Doe"], ["Miscellaneous"], "Ada Sample <ada.sample -at- example.org>"),
    _entry("utility/swap", "Swap", "Max Mustermann", ["Miscellaneous"], "< - at - >"),
    _entry("bind/ref", "Ref", ["Jane Doe", "Ada Sample and others"], ["Function-objects"]),
)
_CONFIG = _entry("config", "Config", "", ["workarounds"], "Jane Doe <jane.doe -at - example.org>")
_CONVERSION = _entry(
    "numeric/conversion",
    "Numeric Conversion",
    ["Fulano de Tal"],
    [*_MATH, "Miscellaneous"],
    "Fulano de Tal <fulano@example.com>",
)
_RATIO = _entry(
    "ratio", "Ratio", ["Taro Yamada-Sample, Jane Doe, et al"], ["Math"], "Taro Yamada-Sample", std=["c++11"]
)
_HANA = _entry("hana", "Hana", ["Erika Mustermann"], ["Metaprogramming"], "<team@example.com>")
_MP11 = _entry("mp11", "Mp11", ["Ada Sample"], ["Metaprogramming"], "Ada Sample <ada.sample -at- example.org>")
_GEOMETRY = _entry(
    "geometry",
    "Geometry",
    ["Jan Modaal", "Indira Placeholder", "Jürgen Beispiel"],
    ["Algorithms", "Math"],
    "Jan Modaal <jan.modaal -at- example.org>",
    "<indira -at-  example.com>",
)
_INDEX = _entry("geometry/index", "Geometry Index", ["Jan Modaal"], ["Containers"], status="hidden")
_CONTAINER_HASH = _HASH | {"key": "container_hash", "name": "Container Hash", "cxxstd": "03"}

FILE: Final = "meta/libraries.json"
INDEX_FILE: Final = "index/meta/libraries.json"

METADATA: Final[Mapping[str, Mapping[str, Mapping[str, Document]]]] = {
    "config": {
        "boost-1.61.0": {FILE: _one(_CONFIG)},
        "boost-1.71.0.beta1": {FILE: _one(_CONFIG | {"category": ["Workarounds"], "cxxstd": "98"})},
    },
    "core": {
        "boost-1.61.0": {FILE: _several(*_CORE)},
        "boost-1.71.0.beta1": {FILE: _several(*(entry | {"cxxstd": "03"} for entry in _CORE))},
    },
    "smart_ptr": {
        "boost-1.61.0": {
            FILE: _one(
                _entry(
                    "smart_ptr", "Smart Ptr", ["Jane Doe", "Ada Sample, Ola Nordmann-Placeholder"], ["Memory"], _JANE
                )
            )
        }
    },
    "functional": {
        "boost-1.61.0": {FILE: _several(*_FUNCTIONAL, _HASH)},
        "boost-1.69.0-beta1": {FILE: _several(*_FUNCTIONAL)},
    },
    "container_hash": {
        "boost-1.69.0-beta1": {FILE: _several(_HASH)},
        "boost-1.71.0": {FILE: _several(_CONTAINER_HASH)},
    },
    "numeric_conversion": {"boost-1.69.0-beta1": {FILE: _one(_CONVERSION)}},
    "interval": {
        "boost-1.61.0": {
            FILE: _one(_entry("numeric/interval", "Interval", "Erika Mustermann, now nobody", ["Math and numerics"]))
        }
    },
    "signals": {
        "boost-1.61.0": {
            FILE: _one(_entry("signals", "Signals", ["Max Mustermann"], ["Function-objects"], status="deprecated"))
        }
    },
    "ratio": {
        "boost-1.61.0": {FILE: _without_a_comma(_RATIO)},
        "boost-1.69.0-beta1": {FILE: _one(_RATIO)},
        "boost-1.71.0.beta1": {
            FILE: _one({name: value for name, value in _RATIO.items() if name != "category"})._replace(
                problem="missing_field"
            )
        },
        "boost-1.71.0": {FILE: _one(_RATIO)},
    },
    "geometry": {
        "boost-1.61.0": {FILE: _several(_GEOMETRY)},
        "boost-1.69.0-beta1": {INDEX_FILE: _one(_INDEX)},
    },
    "hana": {
        "boost-1.61.0": {FILE: _one(_HANA)},
        "boost-1.71.0.beta1": {FILE: _one(_HANA | {"cxxstd": "14"})},
    },
    "mp11": {
        "boost-1.69.0-beta1": {FILE: _one(_MP11)},
        "boost-1.70.0.beta1": {FILE: Document('"to be written"\n', (), "unknown_shape")},
        "boost-1.70.0": {FILE: _one(_MP11)},
        "boost-1.71.0.beta1": {FILE: _one(_MP11 | {"cxxstd": "11"})},
    },
}
"""Repository → first release that has it → path → the file, as it stays until a later release replaces it."""
