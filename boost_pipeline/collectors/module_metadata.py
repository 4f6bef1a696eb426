"""The meta/libraries.json files of one repository at its pinned commits, each distinct file read once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from boost_pipeline.boost.metadata import Metadata, Problem, read_metadata
from boost_pipeline.collectors.superproject import TREE
from boost_pipeline.sources.git import Mirror, Objects


@dataclass(frozen=True, slots=True)
class MetadataFile:
    """One metadata file; its path is relative to the repository."""

    path: str
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class ModuleMetadata:
    """What a repository says at one commit: its metadata files; None where the mirror lacks the commit."""

    files: tuple[MetadataFile, ...] | None


def read_module(mirror: Mirror, commits: Iterable[str]) -> dict[tuple[str, str], ModuleMetadata]:
    """Return the metadata of a repository by (repository, commit).

    The files are `meta/libraries.json` at the top and in each folder of the top: geometry keeps one in `index/`.
    """
    with mirror.objects() as objects:
        reader = _Reader(objects, {}, {})
        return {(mirror.name, commit): ModuleMetadata(reader.at(commit)) for commit in commits}


@dataclass
class _Reader:
    objects: Objects
    folders: dict[str, tuple[tuple[str, str], ...]]
    """Tree id → (path below the tree, blob id) of the metadata files in it. Trees repeat over releases."""
    files: dict[str, Metadata]

    def at(self, commit: str) -> tuple[MetadataFile, ...] | None:
        if self.objects.get(commit) is None:
            return None
        found = []
        for entry in self.objects.tree(commit):
            if entry.mode == TREE:
                name = entry.name.decode(errors="backslashreplace")
                if name == "meta":
                    found += [(f"meta/{file}", blob) for file, blob in self._files(entry.sha)]
                else:
                    found += [(f"{name}/{path}", blob) for path, blob in self._folder(entry.sha)]
        return tuple(MetadataFile(path, self._read(blob)) for path, blob in sorted(found))

    def _folder(self, tree: str) -> tuple[tuple[str, str], ...]:
        if tree not in self.folders:
            self.folders[tree] = tuple(
                (f"meta/{file}", blob)
                for entry in self.objects.tree(tree)
                if entry.mode == TREE and entry.name == b"meta"
                for file, blob in self._files(entry.sha)
            )
        return self.folders[tree]

    def _files(self, tree: str) -> Iterator[tuple[str, str]]:
        for entry in self.objects.tree(tree):
            if entry.name == b"libraries.json" and entry.mode.startswith("100"):
                yield "libraries.json", entry.sha

    def _read(self, blob: str) -> Metadata:
        if blob not in self.files:
            found = self.objects.get(blob)
            if found is None:
                self.files[blob] = Metadata((), (Problem("missing_object", f"the mirror lacks blob {blob}"),))
            else:
                self.files[blob] = read_metadata(found.data)
        return self.files[blob]
