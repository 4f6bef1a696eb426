"""A repository on the other side: what the tests make, change and break there."""

import os
import subprocess
from pathlib import Path

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
IDENTITY = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Ann Author",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_AUTHOR_DATE": "1000000000 +0200",
    "GIT_COMMITTER_NAME": "Cora Committer",
    "GIT_COMMITTER_EMAIL": "cora@example.org",
    "GIT_COMMITTER_DATE": "1000000060 +0000",
}


def git(repository: Path, *arguments: str, stdin: bytes = b"", **environment: str) -> str:
    """Run git on a repository, as Ann and Cora."""
    done = subprocess.run(
        ["git", f"--git-dir={repository}", *arguments],
        input=stdin,
        stdout=subprocess.PIPE,
        check=True,
        env=os.environ | IDENTITY | environment,
    )
    return os.fsdecode(done.stdout).rstrip("\n")


class Origin:
    """A bare repository that is written to by git's plumbing, object by object."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=develop")
        self.git("hash-object", "-t", "tree", "-w", "--stdin")

    def git(self, *arguments: str, stdin: bytes = b"", **environment: str) -> str:
        return git(self.path, *arguments, stdin=stdin, **environment)

    def blob(self, content: bytes) -> str:
        return self.git("hash-object", "-w", "--stdin", stdin=content)

    def tree(self, entries: dict[bytes, bytes | tuple[str, str]]) -> str:
        """Write a tree: path → content of a file, or (mode, object id); folders are made as needed."""
        lines = b""
        folders: dict[bytes, dict[bytes, bytes | tuple[str, str]]] = {}
        for path, entry in entries.items():
            folder, slash, rest = path.partition(b"/")
            if slash:
                folders.setdefault(folder, {})[rest] = entry
                continue
            mode, sha = entry if isinstance(entry, tuple) else ("100644", self.blob(entry))
            kind = {"160000": "commit", "040000": "tree"}.get(mode, "blob")
            lines += f"{mode} {kind} {sha}\t".encode() + path + b"\0"
        for folder, inner in folders.items():
            lines += f"040000 tree {self.tree(inner)}\t".encode() + folder + b"\0"
        return self.git("mktree", "-z", "--missing", stdin=lines)

    def commit(
        self,
        files: dict[bytes, bytes | tuple[str, str]] | None = None,
        *parents: str,
        message: bytes = b"Subject\n",
        branch: str | None = "develop",
        **environment: str,
    ) -> str:
        """Write a commit of `files`, and point `branch` to it."""
        tree = self.tree(files) if files else EMPTY_TREE
        options = [option for parent in parents for option in ("-p", parent)]
        sha = self.git("commit-tree", tree, *options, stdin=message, **environment)
        if branch is not None:
            self.point(f"refs/heads/{branch}", sha)
        return sha

    def raw_commit(
        self,
        *,
        author: bytes = b"Ann Author <ann@example.org> 1000000000 +0200",
        committer: bytes = b"Cora Committer <cora@example.org> 1000000060 +0000",
        message: bytes = b"Subject\n",
        extra: bytes = b"",
    ) -> str:
        """Write a commit that no git would make, and point develop to it."""
        content = b"tree %s\nauthor %s\ncommitter %s\n%s\n%s" % (
            EMPTY_TREE.encode(),
            author,
            committer,
            extra,
            message,
        )
        sha = self.git("hash-object", "-t", "commit", "--literally", "-w", "--stdin", stdin=content)
        self.point("refs/heads/develop", sha)
        return sha

    def raw(self, kind: str, sha: str) -> bytes:
        """Return an object as it is stored."""
        return subprocess.run(
            ["git", f"--git-dir={self.path}", "cat-file", kind, sha], stdout=subprocess.PIPE, check=True
        ).stdout

    def tag(self, name: str, sha: str, *, annotated: bool = False, **environment: str) -> str:
        if annotated:
            self.git("tag", "--force", "--annotate", "--message=tag", name, sha, **environment)
        else:
            self.point(f"refs/tags/{name}", sha)
        return self.git("rev-parse", f"refs/tags/{name}")

    def point(self, ref: str, sha: str) -> None:
        self.git("update-ref", ref, sha)

    def delete(self, ref: str) -> None:
        self.git("update-ref", "-d", ref)

    def set_head(self, branch: str) -> None:
        self.git("symbolic-ref", "HEAD", f"refs/heads/{branch}")

    def prune(self) -> None:
        """Drop for good what no ref leads to."""
        self.git("gc", "--quiet", "--prune=now")


def break_objects(repository: Path) -> None:
    """Remove all packs of a repository, as a failing disk might."""
    packs = list((repository / "objects" / "pack").glob("pack-*"))
    assert packs
    for pack in packs:
        pack.unlink()
