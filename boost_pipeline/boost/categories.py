"""The categories of the Boost libraries: one spelling for each of them.

`category` in meta/libraries.json is free text. The vocabulary is that of Boost's web site, where a category
has a key ("Math"), which most libraries write, and a title ("Math and numerics"), which a few write instead.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

CATEGORIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "String": "String and text processing",
        "Containers": "Containers",
        "Iterators": "Iterators",
        "Algorithms": "Algorithms",
        "Function-objects": "Function objects and higher-order programming",
        "Generic": "Generic Programming",
        "Metaprogramming": "Template Metaprogramming",
        "Preprocessor": "Preprocessor Metaprogramming",
        "Concurrent": "Concurrent Programming",
        "Math": "Math and numerics",
        "Correctness": "Correctness and testing",
        "Error-handling": "Error handling and recovery",
        "Data": "Data structures",
        "Domain": "Domain Specific",
        "Image-processing": "Image processing",
        "IO": "Input/Output",
        "Inter-language": "Inter-language support",
        "Emulation": "Language Features Emulation",
        "Memory": "Memory",
        "Parsing": "Parsing",
        "Patterns": "Patterns and Idioms",
        "Programming": "Programming Interfaces",
        "State": "State Machines",
        "System": "System",
        "Miscellaneous": "Miscellaneous",
        "Workarounds": "Broken compiler workarounds",
    }
)
"""Category -> its title, in the order of the web site."""


@dataclass(frozen=True, slots=True)
class Category:
    """A category of a library: `name` in the one spelling, `raw` as the library writes it."""

    name: str
    raw: str


def read_category(raw: str) -> Category:
    """Read one category; of an unknown one the text is kept, with its whitespace folded.

    >>> [read_category(raw).name for raw in ("workarounds", "Container", "Math and Numerics")]
    ['Workarounds', 'Containers', 'Math']
    """
    return Category(_KNOWN.get(_fold(raw)) or " ".join(raw.split()), raw)


def _fold(text: str) -> str:
    """What spellings of one category share: neither case, nor hyphens, nor the plural's s matter."""
    return " ".join(re.split(r"[\s-]+", text)).strip().casefold().removesuffix("s")


_KNOWN: Final = {_fold(spelling): name for name, title in CATEGORIES.items() for spelling in (name, title)}
