"""The modules of a release: what .gitmodules of the superproject says, and how modules are named.

Here belongs the meaning of the entries; their syntax is `git_config`. Two facts of the real data: the name of
a submodule is not always its repository (1.61.0 to 1.65.1 call two of them "libs/hana" and "libs/metaparse"),
so the repository comes from the url; and a library may sit deeper than `libs/` (libs/numeric/conversion).
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from boost_pipeline.boost.git_config import config_entries

NO_LIBRARIES: Final = {
    "headers": "its folder holds the build instructions of the folder boost/ alone",
    "numeric": "a folder of modules before they had repositories of their own",
}
"""Modules below libs/ that hold no library, so neither headers nor metadata, and why."""

_LIBRARIES: Final = "libs/"
_SAFE_NAME: Final = re.compile(r"(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
# What a relative url of the superproject is relative to, as git does it: "..", and the last part of the path goes.
_SUPERPROJECT: Final = "https://github.com/{owner}/boost.git"
_URL: Final = re.compile(
    r"(?P<scheme>[A-Za-z0-9+.-]+)://(?:[^/?#\\]*@)?(?P<host>[^/?#\\@:]+)(?::(?P<port>[0-9]*))?/(?P<path>[^?#\\]*)"
)
_SCP: Final = re.compile(
    r"(?P<bracket>\[)?(?:[^/@:\[\]]+@)?(?P<host>[^/@:\[\]]+)(?(bracket)(?::(?P<port>[0-9]+))?\]):(?P<path>.*)"
)
_PORTS: Final = {
    "https": {"443"},
    "http": {"80"},
    "git": {"9418"},
    "ssh": {"22", "443"},
    "git+ssh": {"22", "443"},
    "ssh+git": {"22", "443"},
}
"""The schemes that lead to GitHub, with the ports at which it answers; git:// did so until 2022."""
_HOSTS: Final = {"github.com", "www.github.com", "ssh.github.com"}
_SUFFIX: Final = re.compile(r"\.git\Z", re.IGNORECASE)
_USER_INFO: Final = re.compile(r"(?<=://)[^/@\s]+@")
_LONGEST: Final = 4096
"""Characters of a path or url; no system checks out a longer path."""


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
        elif max(len(path), len(url)) > _LONGEST:
            problems.append(f"submodule {_shown(name)} has a path or url of more than {_LONGEST} characters")
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
        url: in any form that git and GitHub take: relative to the superproject, of the schemes https, http, ssh and
            git, or `git@github.com:o/x.git`. User, password, default port, `www.`, the suffix `.git`, slashes at the
            end and percent-encoding say nothing about the repository, nor do capitals of host and owner.
        owner: The owner of the superproject, to which a relative url refers; it is returned in its own spelling.

    >>> repository_of("../numeric_conversion.git"), repository_of("https://example.org/o/x.git")
    (('boostorg', 'numeric_conversion'), None)
    """
    if len(url) > _LONGEST:
        return None
    path = _path_at_github(_absolute(url, _SUPERPROJECT.format(owner=owner)))
    parts = [] if path is None else [part for part in path.split("/") if part]
    if len(parts) != 2:
        return None
    found, name = parts[0], _SUFFIX.sub("", parts[1])
    if not (_SAFE_NAME.fullmatch(found) and _SAFE_NAME.fullmatch(name)):
        return None
    return owner if found.casefold() == owner.casefold() else found, name


def shown_url(url: str) -> str:
    """Return a url as a message may show it: without user and password, in one line of bounded length."""
    shown = _USER_INFO.sub("", url)
    return repr(shown if len(shown) <= 200 else f"{shown[:200]}…")


def _absolute(url: str, base: str) -> str:
    """Resolve a url that begins with "./" or "../" against `base`; any other is absolute already."""
    while url.startswith(("./", "../")):
        step, _, url = url.partition("/")
        if step == "..":
            base = base.rpartition("/")[0]
        if not url.startswith(("./", "../")):
            return f"{base}/{url}"
    return url


def _path_at_github(url: str) -> str | None:
    """Return the path of a url at GitHub, decoded; None if it leads elsewhere."""
    if match := _URL.fullmatch(url):
        scheme, path = match["scheme"].lower(), _without_dots(match["path"])
    elif "://" not in url and not url.startswith("-") and (match := _SCP.fullmatch(url)):
        scheme, path = "ssh", match["path"]
    else:
        return None
    known = match["host"].lower().removesuffix(".") in _HOSTS and scheme in _PORTS
    return path if known and (not match["port"] or match["port"] in _PORTS[scheme]) else None


def _without_dots(path: str) -> str:
    """Decode a path, without its "." and "..", as clients of HTTP do; one that leads out of it is nobody's."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in ("", "."):
            parts.append(unquote(part).replace("/", "%2F"))
    return "/".join(parts)


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
