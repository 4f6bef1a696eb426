"""The rows of one release: modules, libraries, versions, people, categories and problems, merged as a set."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from boost_pipeline.boost.gitmodules import NO_LIBRARIES
from boost_pipeline.boost.metadata import LibraryEntry
from boost_pipeline.collectors.module_metadata import ModuleMetadata
from boost_pipeline.collectors.repositories import merge_repositories
from boost_pipeline.collectors.superproject import PinnedModule, Pins
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.warehouse import Transaction

VERSION_COLUMNS = (
    "library_id",
    "release_id",
    "module_id",
    "key",
    "metadata_path",
    "name",
    "description",
    "documentation",
    "cxxstd",
    "status",
    "std",
    "added_in",
)


@dataclass(frozen=True, slots=True)
class FoundLibrary:
    """An entry of a metadata file, and where it stood."""

    module: PinnedModule
    path: str
    entry: LibraryEntry


def load_release(
    transaction: Transaction,
    tag: str,
    pins: Pins,
    metadata: Mapping[tuple[str, str], ModuleMetadata],
    owner: str,
) -> Changes:
    """Make the tables say of release `tag` what `pins` and `metadata` say, and nothing else."""
    release_id = transaction.value("SELECT id FROM releases WHERE tag = %s", (tag,))
    found, problems = _collect(pins, metadata)
    changes, modules = _load_modules(transaction, release_id, pins, owner)
    libraries = _library_ids(transaction, found.values())
    changes += transaction.merge(
        "library_versions",
        VERSION_COLUMNS,
        [_version_row(libraries[key], release_id, modules[f.module.name], f) for key, f in found.items()],
        key=["library_id", "release_id"],
        within={"release_id": release_id},
    )
    versions = dict(
        transaction.rows(
            "SELECT l.key, v.id FROM library_versions v JOIN libraries l ON l.id = v.library_id WHERE release_id = %s",
            (release_id,),
        )
    )
    changes += transaction.merge(
        "library_people",
        ["library_version_id", "role", "position", "raw", "name", "email"],
        [(versions[key], *row) for key, f in found.items() for row in _people(f.entry)],
        key=["library_version_id", "role", "position"],
        within={"library_version_id": list(versions.values())},
    )
    changes += transaction.merge(
        "library_categories",
        ["library_version_id", "category", "raw"],
        [(versions[k], name, raw) for k, f in found.items() for name, raw in _categories(f.entry).items()],
        key=["library_version_id", "category"],
        within={"library_version_id": list(versions.values())},
    )
    changes += transaction.merge(
        "metadata_problems",
        ["release_id", "module_id", "kind", "detail"],
        {(release_id, modules[module], kind, detail) for module, kind, detail in problems},
        key=["release_id", "module_id", "kind", "detail"],
        within={"release_id": release_id},
    )
    return changes


def name_libraries(transaction: Transaction) -> Changes:
    """Give each library the name of its newest stable release, and as aliases the other keys that it had."""
    updated = transaction.execute(
        """
        UPDATE libraries l SET name = n.name, aliases = n.aliases
        FROM (
            SELECT v.library_id,
                   (array_agg(v.name ORDER BY r.kind <> 'head' DESC, r.major DESC, r.minor DESC, r.patch DESC,
                                            r.kind = 'stable' DESC))[1]
                       AS name,
                   coalesce(array_agg(DISTINCT v.key ORDER BY v.key) FILTER (WHERE v.key <> o.key), '{}') AS aliases
            FROM library_versions v JOIN releases r ON r.id = v.release_id JOIN libraries o ON o.id = v.library_id
            GROUP BY v.library_id
        ) n
        WHERE n.library_id = l.id AND (l.name, l.aliases) IS DISTINCT FROM (n.name, n.aliases)
        """
    )
    return Changes(updated=updated)


def _collect(
    pins: Pins, metadata: Mapping[tuple[str, str], ModuleMetadata]
) -> tuple[dict[str, FoundLibrary], list[tuple[str, str, str]]]:
    """Return the libraries by canonical key, and the problems as (module, kind, detail)."""
    found: dict[str, FoundLibrary] = {}
    problems: list[tuple[str, str, str]] = list(pins.problems)
    without: list[str] = []
    for module in pins.modules:
        read = metadata.get((module.repository, module.commit_sha))
        if read is None:
            problems.append((module.name, "missing_repository", f"{module.repository} could not be fetched"))
        elif read.files is None:
            problems.append((module.name, "missing_commit", f"{module.repository} lacks commit {module.commit_sha}"))
        elif not read.files and module.is_library and module.name not in NO_LIBRARIES:
            without.append(module.name)
        for file in (read.files or ()) if read else ():
            problems += [
                (module.name, problem.kind, f"{file.path}: {problem.detail}") for problem in file.metadata.problems
            ]
            for entry in file.metadata.entries:
                first = found.setdefault(entry.canonical_key, FoundLibrary(module, file.path, entry))
                if first.entry is not entry:
                    where = f"{first.module.path}/{first.path}"
                    problems.append((module.name, "duplicate_key", f"{file.path}: {entry.key} is in {where} as well"))
    if found:  # before 1.56.0 no library had such a file: that is no problem of each of them
        problems += [(module, "missing_file", "meta/libraries.json") for module in without]
    return found, problems


def _load_modules(transaction: Transaction, release_id: int, pins: Pins, owner: str) -> tuple[Changes, dict[str, int]]:
    repositories = merge_repositories(transaction, pins.modules, owner)
    names = {module.name for module in pins.modules} | {problem.module for problem in pins.problems}
    transaction.merge("modules", ["name"], [(name,) for name in sorted(names)], key=["name"])
    modules: dict[str, int] = dict(transaction.rows("SELECT name, id FROM modules"))
    changes = transaction.merge(
        "release_modules",
        ["release_id", "module_id", "repository_id", "path", "commit_sha"],
        [(release_id, modules[m.name], repositories[m.repository], m.path, m.commit_sha) for m in pins.modules],
        key=["release_id", "module_id"],
        within={"release_id": release_id},
    )
    return changes, modules


def _library_ids(transaction: Transaction, found: Iterable[FoundLibrary]) -> dict[str, int]:
    entries = {f.entry.canonical_key: f.entry for f in found}
    known = {key for (key,) in transaction.rows("SELECT key FROM libraries")}
    transaction.merge(
        "libraries",
        ["key", "name", "aliases"],
        [(key, entry.name, []) for key, entry in entries.items() if key not in known],
        key=["key"],
    )
    return dict(transaction.rows("SELECT key, id FROM libraries"))


def _version_row(library_id: int, release_id: int, module_id: int, found: FoundLibrary) -> tuple[object, ...]:
    entry = found.entry
    return (
        library_id,
        release_id,
        module_id,
        entry.key,
        found.path,
        entry.name,
        entry.description,
        entry.documentation,
        entry.cxxstd,
        entry.status,
        list(entry.std),
        entry.added_in,
    )


def _people(entry: LibraryEntry) -> Iterator[tuple[str, int, str, str, str | None]]:
    for role, people in (("author", entry.authors), ("maintainer", entry.maintainers)):
        for position, person in enumerate(people):
            yield role, position, person.raw, person.name, person.email


def _categories(entry: LibraryEntry) -> dict[str, str]:
    names: dict[str, str] = {}
    for category in entry.categories:
        names.setdefault(category.name, category.raw)
    return names
