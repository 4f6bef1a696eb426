"""Synthetic repositories of a shape like Boost's, for machines without real ones; the same bytes each time."""

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path


def build(folder: Path, *, repositories: int = 4, commits: int = 2500) -> None:
    """Write bare repositories `library-0.git` … into `folder`."""
    for number in range(repositories):
        path = folder / f"library-{number}.git"
        subprocess.run(["git", "init", "--quiet", "--bare", "-b", "develop", path], check=True)
        importer = subprocess.Popen(
            ["git", "--git-dir", path, "fast-import", "--quiet"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        assert importer.stdin is not None
        for block in _stream(random.Random(number), commits):
            importer.stdin.write(block)
        importer.stdin.close()
        if importer.wait():
            raise SystemExit(f"git fast-import failed for {path}")


def _stream(dice: random.Random, commits: int) -> Iterator[bytes]:
    files: dict[str, list[str]] = {}
    for number in range(commits):
        message = f"Change {number}\n\nWhy it was changed.\n"
        yield (
            f"commit refs/heads/develop\nmark :{number + 1}\n"
            f"author A{dice.randrange(60)} <a{dice.randrange(60)}@example.org> {1_300_000_000 + number * 9000} +0100\n"
            f"committer C <c@example.org> {1_300_000_000 + number * 9000} +0000\ndata {len(message)}\n{message}"
        ).encode()
        for _ in range(min(60, int(dice.paretovariate(1.1)))):
            path = f"include/boost/part{dice.randrange(12)}/file{dice.randrange(60)}.hpp"
            lines = files.setdefault(path, [f"line {n} of {path}" for n in range(dice.randrange(20, 400))])
            for _ in range(dice.randrange(1, 12)):
                lines[dice.randrange(len(lines))] = f"changed {dice.getrandbits(40)}"
            content = "\n".join(lines) + "\n"
            yield f"M 100644 inline {path}\ndata {len(content)}\n{content}\n".encode()
