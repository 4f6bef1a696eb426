"""Synthetic repositories of a shape like Boost's, for machines without real ones; the same bytes each time.

The superproject has the numbers of the real one: 52,000 commits that move one of 160 submodules each, and a file of
the superproject itself in every fifth, for 1.2 rows of commit_files to a commit.
"""

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path


def build(folder: Path, *, repositories: int = 4, commits: int = 2500, superproject: int = 52_000) -> None:
    """Write bare repositories `library-0.git` … and `boost.git` into `folder`."""
    for number in range(repositories):
        _write(folder / f"library-{number}.git", _library(random.Random(number), commits))
    _write(folder / "boost.git", _superproject(random.Random(0), superproject))


def _write(path: Path, stream: Iterator[bytes]) -> None:
    subprocess.run(["git", "init", "--quiet", "--bare", "-b", "develop", path], check=True)
    importer = subprocess.Popen(
        ["git", "--git-dir", path, "fast-import", "--quiet"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert importer.stdin is not None
    for block in stream:
        importer.stdin.write(block)
    importer.stdin.close()
    if importer.wait():
        raise SystemExit(f"git fast-import failed for {path}")


def _superproject(dice: random.Random, commits: int) -> Iterator[bytes]:
    files: dict[str, list[str]] = {}
    for number in range(commits):
        library = f"library{dice.randrange(160)}"
        yield _commit(number, "Automated Commit", f"Update {library} from develop\n")
        yield f"M 160000 {dice.getrandbits(160):040x} libs/{library}\n".encode()
        if number % 5 == 0:
            yield _edit(dice, files, f"tools/file{dice.randrange(40)}.jam", 1500)


def _library(dice: random.Random, commits: int) -> Iterator[bytes]:
    files: dict[str, list[str]] = {}
    for number in range(commits):
        yield _commit(number, f"A{dice.randrange(60)}", f"Change {number}\n\nWhy it was changed.\n")
        for _ in range(min(60, int(dice.paretovariate(1.1)))):
            yield _edit(dice, files, f"include/boost/part{dice.randrange(12)}/file{dice.randrange(60)}.hpp", 400)


def _commit(number: int, author: str, message: str) -> bytes:
    seconds = 1_300_000_000 + number * 9000
    return (
        f"commit refs/heads/develop\nmark :{number + 1}\n"
        f"author {author} <{author.lower().replace(' ', '.')}@example.org> {seconds} +0100\n"
        f"committer C <c@example.org> {seconds} +0000\ndata {len(message)}\n{message}"
    ).encode()


def _edit(dice: random.Random, files: dict[str, list[str]], path: str, longest: int) -> bytes:
    lines = files.setdefault(path, [f"line {n} of {path}" for n in range(dice.randrange(20, longest))])
    for _ in range(dice.randrange(1, 12)):
        lines[dice.randrange(len(lines))] = f"changed {dice.getrandbits(40)}"
    content = "\n".join(lines) + "\n"
    return f"M 100644 inline {path}\ndata {len(content)}\n{content}\n".encode()
