"""An independent answer to what files and dependencies a release has: plain git and a line-by-line search."""

import re
import subprocess

INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]', re.MULTILINE)
KINDS = {"include": "header", "src": "source", "test": "test"}


def git(repository, *arguments):
    command = ["git", "--git-dir", str(repository), *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout


def files(folder, modules):
    """Return (module, path) → (kind, blob) of the held modules below libs/ of a release."""
    found = {}
    for module in modules:
        if not module.is_held or not module.path.startswith("libs/"):
            continue
        listed = git(folder / f"{module.repository}.git", "ls-tree", "-r", "-z", module.commit)
        for line in listed.decode().split("\0")[:-1]:
            about, path = line.split("\t")
            kind = KINDS.get(path.partition("/")[0])
            if kind and about.startswith("100"):
                found[module.name, path] = (kind, about.split()[2])
    return found


def edges(folder, modules):
    """Return (module, depends on, kind) of what boostdep would print for a release."""
    found = files(folder, modules)
    owners = {path.removeprefix("include/"): module for (module, path), (kind, _) in found.items() if kind == "header"}
    repositories = {module.name: module.repository for module in modules}
    result = set()
    for (module, _), (kind, blob) in found.items():
        content = git(folder / f"{repositories[module]}.git", "cat-file", "blob", blob)
        for target in INCLUDE.findall(content):
            owner = owners.get(target.decode())
            if owner not in (None, module) and module in owners.values():
                result.add((module, owner, kind))
    return result
