"""Histories into bare git repositories, through `git fast-import` (https://git-scm.com/docs/git-fast-import).

Here belongs what runs git. What the histories hold is for the rest of the room.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from boost_pipeline.errors import SettingsError, SourceUnavailable
from boost_pipeline.sample.history import GITLINK, Commit, History

# Neither the user's nor the machine's git configuration may change what is written.
_ISOLATION: Final = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_NO_OBJECT: Final = "0" * 40
# Small imports would be unpacked into one file per object; a sample need not survive a power cut.
_OPTIONS: Final = ("-c", "fastimport.unpackLimit=1", "-c", "core.fsync=none")


def create(folder: Path, name: str, history: History) -> None:
    """Write `history` as the bare repository `<folder>/<name>.git`, which appears when it is complete.

    Raises:
        SettingsError: git is not installed.
        SourceUnavailable: git failed, with its own words.
    """
    repository, draft = folder / f"{name}.git", folder / f".{name}.git.draft"
    _git("init", "--quiet", "--bare", "--template=", "--object-format=sha1", "-b", history.default_branch, str(draft))
    with (draft / "config").open("a", encoding="utf-8") as config:
        config.write("[uploadpack]\n\tallowAnySHA1InWant = true\n\tallowFilter = true\n")
    description = f"{name}: a sample, made by code; not the Boost repository of that name\n"
    (draft / "description").write_text(description, encoding="utf-8")
    _import(draft, _stream(History(history.default_branch), history))
    draft.rename(repository)


def update(folder: Path, name: str, before: History, after: History) -> None:
    """Bring `<folder>/<name>.git` from one history to a later one: new commits first, then all refs.

    Raises:
        SettingsError: git is not installed.
        SourceUnavailable: git failed, with its own words.
    """
    if before.refs != after.refs:
        _import(folder / f"{name}.git", _stream(before, after))


def _import(repository: Path, stream: Iterator[bytes]) -> None:
    _git(*_OPTIONS, "--git-dir", str(repository), "fast-import", "--quiet", "--force", stdin=b"".join(stream))


def _git(*arguments: str, stdin: bytes = b"") -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | _ISOLATION
    try:
        done = subprocess.run(["git", *arguments], input=stdin, env=environment, capture_output=True, check=False)
    except FileNotFoundError:
        raise SettingsError("git is not on PATH; install git 2.32 or newer.") from None
    if done.returncode:
        said = " ".join(done.stderr.decode(errors="replace").split())
        raise SourceUnavailable(f"git could not write the sample ({arguments[-1]}): {said}. Try a fresh folder.")


def _stream(before: History, after: History) -> Iterator[bytes]:
    """Yield the commands that lead from one state of a repository to another."""
    marks: dict[str, int] = {}
    # Every commit passes through the default branch; where the refs end up is said at the end.
    branch = f"refs/heads/{after.default_branch}".encode()
    for commit in after.commits.values():
        if commit.sha not in before.commits:
            marks[commit.sha] = len(marks) + 1
            yield from _commit(commit, branch, marks, after)
    for ref, sha in after.refs.items():
        name = ref.removeprefix("refs/tags/")
        if name in after.annotated and ref.startswith("refs/tags/"):
            if before.refs.get(ref) != sha:
                tag = after.annotated[name]
                yield b"tag %s\nfrom %s\n" % (name.encode(), _name(tag.commit, marks))
                yield b"tagger %s\n%s" % (str(tag.tagger).encode(), _data(tag.message.encode()))
        elif before.refs.get(ref) != sha or ref.encode() == branch:
            yield b"reset %s\nfrom %s\n\n" % (ref.encode(), _name(sha, marks))
    for ref in sorted(before.refs.keys() - after.refs.keys()):
        yield b"reset %s\nfrom %s\n\n" % (ref.encode(), _NO_OBJECT.encode())


def _commit(commit: Commit, branch: bytes, marks: dict[str, int], history: History) -> Iterator[bytes]:
    charset = commit.encoding or "utf-8"
    if not commit.parents:
        yield b"reset %s\n" % branch
    yield b"commit %s\nmark :%d\n" % (branch, marks[commit.sha])
    yield f"author {commit.author}\ncommitter {commit.committer}\n".encode(charset)
    if commit.encoding:
        yield b"encoding %s\n" % commit.encoding.encode()
    yield _data(commit.message.encode(charset))
    for word, parent in zip((b"from", b"merge"), commit.parents, strict=False):
        yield b"%s %s\n" % (word, _name(parent, marks))
    before = history.commits[commit.parents[0]].files if commit.parents else {}
    yield from (b"D %s\n" % path.encode() for path in sorted(before.keys() - commit.files.keys()))
    for path, file in commit.files.items():
        if before.get(path) == file:
            continue
        if file.mode == GITLINK:
            yield b"M %s %s %s\n" % (file.mode.encode(), file.content, path.encode())
        else:
            yield b"M %s inline %s\n%s" % (file.mode.encode(), path.encode(), _data(file.content))
    yield b"\n"


def _name(sha: str, marks: dict[str, int]) -> bytes:
    """A commit of this stream by its mark, one that the repository holds already by its id."""
    return b":%d" % marks[sha] if sha in marks else sha.encode()


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
