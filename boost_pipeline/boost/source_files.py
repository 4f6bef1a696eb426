"""Which files of a module are read for their includes, and what they are; how boostdep finds and names modules.

The rules are those of boostdep. A folder with `include/` is a library; the folders below one with an entry named
`sublibs` may be libraries, too, and so on. Of a library every file below `include/`, `src/` and `test/` is read,
whatever its name or extension: with headers come Perl scripts and text files, with tests their data.

For boostdep each such library is a module. For us a module is a submodule of Boost, and what lies in a library
within it is the submodule's. What the files include is `includes`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

HEADER: Final = "header"
SOURCE: Final = "source"
TEST: Final = "test"
KINDS: Final = (HEADER, SOURCE, TEST)
"""The kinds of files; of two that fit one file the former counts."""

_FOLDERS: Final = {"include": HEADER, "src": SOURCE, "test": TEST}


class SourceFile(NamedTuple):
    """A file to read: its path in the repository, its kind, and of a header the path by which it is included."""

    path: str
    kind: str
    include_path: str | None = None


def source_files(paths: Iterable[str]) -> Iterator[SourceFile]:
    """Yield the files of a module that are read, in the order of `paths`.

    Args:
        paths: The regular files of the tree of a repository. boostdep follows symbolic links to files; those of a
            repository are the business of whoever lists the tree.

    >>> [*source_files(["include/boost/x.hpp", "src/x.cpp", "doc/x.cpp"])]  # doctest: +NORMALIZE_WHITESPACE
    [SourceFile(path='include/boost/x.hpp', kind='header', include_path='boost/x.hpp'),
     SourceFile(path='src/x.cpp', kind='source', include_path=None)]
    """
    paths = list(paths)
    libraries = _libraries("", paths)
    for path in paths:
        found = [file for library in libraries if (file := _source_file(path, library))]
        if found:
            yield min(found, key=lambda file: KINDS.index(file.kind))


def _source_file(path: str, library: str) -> SourceFile | None:
    """Return what the file is to the library in a folder; None if it is nothing to it."""
    if not path.startswith(library):
        return None
    folder, slash, rest = path[len(library) :].partition("/")
    kind = _FOLDERS.get(folder)
    if not slash or kind is None:
        return None
    return SourceFile(path, kind, rest if kind == HEADER else None)


def boostdep_modules(paths: Iterable[str]) -> list[str]:
    """Return the names of the modules that boostdep finds, sorted.

    Args:
        paths: The files of Boost with those of its submodules, from the root of the superproject.

    >>> boostdep_modules(["libs/any/include/a", "libs/numeric/sublibs", "libs/numeric/ublas/include/b"])
    ['any', 'numeric~ublas']
    """
    libraries = _libraries("libs/", ["libs/sublibs", *(path for path in paths if path.startswith("libs/"))])
    return sorted(boostdep_name(library[5:-1]) for library in libraries if library != "libs/")


def boostdep_name(module: str) -> str:
    """Return boostdep's name of a module, for example "numeric~conversion" of "numeric/conversion"."""
    return module.replace("/", "~")


def module_of_boostdep_name(name: str) -> str:
    """Return the module, below `libs/`, that boostdep calls so."""
    return name.replace("~", "/")


def _libraries(folder: str, paths: list[str]) -> list[str]:
    """Return the folders with libraries among `paths`, from `folder` on, each with a slash at the end."""
    found = []
    pending = [(folder, paths)]
    while pending:
        folder, paths = pending.pop()
        entries: dict[str, list[str]] = defaultdict(list)
        for path in paths:
            entries[path[len(folder) :].partition("/")[0]].append(path)
        if entries.get("include", [f"{folder}include"]) != [f"{folder}include"]:
            found.append(folder)
        if "sublibs" in entries:
            pending += [(f"{folder}{name}/", inside) for name, inside in entries.items() if inside != [folder + name]]
    return sorted(found)
