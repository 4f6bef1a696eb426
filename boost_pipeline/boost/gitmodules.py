"""The modules of a release: what .gitmodules of the superproject says, and how modules are named.

Here belongs the meaning of the entries; their syntax is `git_config`. Two facts of the real data: the name of
a submodule is not always its repository (1.61.0 to 1.65.1 call two of them "libs/hana" and "libs/metaparse"),
so the repository comes from the url; and a library may sit deeper than `libs/` (libs/numeric/conversion).
"""

import re
from dataclasses import dataclass
from typing import Final

from boost_pipeline.boost.git_config import config_entries

_LIBRARIES: Final = "libs/"
_SAFE_NAME: Final = re.compile(r"(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
# Relative urls are relative to https://github.com/<owner>/boost.git.
_SIBLING: Final = re.compile(r"\.\./(?P<name>[^/]+)")
_REPOSITORY: Final = re.compile(r"(?:\.\./\.\./|https://github\.com/|git@github\.com:)(?P<owner>[^/]+)/(?P<name>[^/]+)")


@dataclass(frozen=True, slots=True)
class Submodule:
    """An entry of .gitmodules; the branch "." is the one of the same name as the superproject's."""

    name: str
    path: str
    url: str
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class Gitmodules:
    """A .gitmodules file: its submodules in their order, and one line for each that was left out."""

    submodules: tuple[Submodule, ...]
    problems: tuple[str, ...]


def read_gitmodules(text: str) -> Gitmodules:
    """Read a .gitmodules file.

    Of two values for one key the later wins, and so does the later of two submodules at one path. An entry
    without path or url, or with values that no tree of git can hold, is left out and reported.

    Raises:
        SourceCorrupt: the text breaks the syntax of git-config; nothing of such a file can be relied on.
    """
    found: dict[str, Submodule] = {}
    problems = []
    for name, values in _values_by_submodule(text).items():
        path, url, branch = values.get("path"), values.get("url"), values.get("branch")
        if not path or not url:
            missing = " and ".join(key for key, value in (("path", path), ("url", url)) if not value)
            problems.append(f"submodule {_shown(name)} has no {missing}")
        elif not _is_inside(path):
            problems.append(f"submodule {_shown(name)} has a path that is not below the root of the repository")
        elif not (name + path + url + (branch or "")).isprintable():
            problems.append(f"submodule {_shown(name)} has a value with characters that cannot be printed")
        else:
            if path in found:
                problems.append(f"submodule {_shown(found[path].name)} has the path of {_shown(name)}")
            found[path] = Submodule(name, path, url, branch)
    return Gitmodules(tuple(found.values()), tuple(problems))


def _values_by_submodule(text: str) -> dict[str, dict[str, str | None]]:
    submodules: dict[str, dict[str, str | None]] = {}
    for entry, value in config_entries(text):
        section, _, rest = entry.partition(".")
        name, dot, key = rest.rpartition(".")
        if section == "submodule" and dot:
            submodules.setdefault(name, {})[key] = value
    return submodules


def _shown(name: str) -> str:
    return repr(name if len(name) <= 50 else f"{name[:50]}…")


def _is_inside(path: str) -> bool:
    """Whether a path names something below the root of the repository, as that of a submodule must."""
    return not path.startswith("-") and not {"", ".", ".."} & set(path.split("/"))


def repository_of(url: str, owner: str = "boostorg") -> tuple[str, str] | None:
    """Return (owner, repository) of a submodule's url; None unless it is a repository of GitHub.

    Args:
        url: `../x.git`, `../../o/x.git`, `https://github.com/o/x.git` or `git@github.com:o/x.git`; the suffix
            may be absent.
        owner: The owner of the superproject, to which a relative url refers.

    >>> repository_of("../numeric_conversion.git"), repository_of("https://example.org/o/x.git")
    (('boostorg', 'numeric_conversion'), None)
    """
    if match := _SIBLING.fullmatch(url):
        found = owner, match.group("name").removesuffix(".git")
    elif match := _REPOSITORY.fullmatch(url):
        found = match.group("owner"), match.group("name").removesuffix(".git")
    else:
        return None
    return found if all(_SAFE_NAME.fullmatch(name) for name in found) else None


def is_library(path: str) -> bool:
    """Whether the submodule at this path is a library; the others are tools, and `more`."""
    return path.startswith(_LIBRARIES)


def module_name(path: str) -> str:
    """Return the name of the module at this path.

    A library is named by its path below `libs/`, everything else by its whole path, so that a tool never
    takes the name of a library.

    >>> module_name("libs/numeric/conversion"), module_name("tools/boostdep")
    ('numeric/conversion', 'tools/boostdep')
    """
    return path.removeprefix(_LIBRARIES)
