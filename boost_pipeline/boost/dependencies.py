"""The dependencies between modules, from what their files include: the graph that boostdep prints, and the true one.

boostdep's rule holds for both: an include of exactly the path below `include/` of another module's header is a
dependency, between <> as between "". A path is not normalised ("boost/a//b.hpp" is the header of nobody), and
conditional compilation does not matter. What a file includes is `includes`; which files are read, `source_files`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

MOST_WITNESSES: Final = 5
MOST_FILES: Final = 3

_OWN_HEADERS: Final = "boost/"


class Include(NamedTuple):
    """How many files of one module and kind include one target.

    Attributes:
        module: The module of the files.
        kind: header, source or test, as `source_files` says.
        target: What stands between the delimiters.
        include_count: Files with such a directive.
        boostdep_count: Files with a line that boostdep takes for one.
        files: The first of them by path, at least one and at most `MOST_FILES`; if `include_count` is not zero, of
            those with the directive.
    """

    module: str
    kind: str
    target: str
    include_count: int
    boostdep_count: int
    files: tuple[str, ...]


class Witness(NamedTuple):
    """A file that makes a dependency, and the header of the other module that it includes."""

    file: str
    header: str


@dataclass(frozen=True, slots=True)
class Edge:
    """One module depends on another through files of one kind.

    Attributes:
        module: The module that includes.
        depends_on: The module that owns the headers.
        kind: header, source or test.
        include_count: Pairs of file and header with a directive; with 0 there is no dependency.
        boostdep_count: Such pairs for boostdep; with 0 it sees no dependency.
        witnesses: The first `MOST_WITNESSES`, by file and header; those with a directive come first.
    """

    module: str
    depends_on: str
    kind: str
    include_count: int
    boostdep_count: int
    witnesses: tuple[Witness, ...]


class UnknownInclude(NamedTuple):
    """An include of something below boost/ that no module owns, with the first file that has it."""

    module: str
    kind: str
    target: str
    include_count: int
    boostdep_count: int
    file: str


def header_map(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return include path -> owner, from (include path, module).

    No path of a release had two owners so far. If one has, the owner is the module with the smallest name;
    boostdep then takes the folder that the file system lists last.
    """
    owners: dict[str, str] = {}
    for path, module in headers:
        if module < owners.setdefault(path, module):
            owners[path] = module
    return owners


def resolve(includes: Iterable[Include], owners: Mapping[str, str]) -> tuple[list[Edge], list[UnknownInclude]]:
    """Return the dependencies and the includes without an owner, both sorted.

    A module's includes of its own headers are no dependency. A target that nobody owns is reported if it begins
    with "boost/": any other is a header of the system, or relative to the file that includes it.

    Args:
        includes: In any order, one for each module, kind and target.
        owners: Include path -> module, as `header_map` makes it.
    """
    found: dict[tuple[str, str, str], list[Include]] = defaultdict(list)
    unknown = []
    for include in includes:
        owner = owners.get(include.target)
        if owner is None:
            if include.target.startswith(_OWN_HEADERS):
                unknown.append(UnknownInclude(*include[:5], file=include.files[0]))
        elif owner != include.module:
            found[include.module, owner, include.kind].append(include)
    return [_edge(*key, found[key]) for key in sorted(found)], sorted(unknown)


def _edge(module: str, depends_on: str, kind: str, includes: list[Include]) -> Edge:
    pairs = sorted(
        [(include.include_count == 0, file, include.target) for include in includes for file in include.files]
    )
    return Edge(
        module,
        depends_on,
        kind,
        sum(include.include_count for include in includes),
        sum(include.boostdep_count for include in includes),
        tuple([Witness(file, header) for _, file, header in pairs[:MOST_WITNESSES]]),
    )
