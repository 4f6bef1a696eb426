"""Headers: the header, source and test files of each release, and what each of them includes.

All is read from git objects at the pinned commits; nothing is checked out. Which module a header makes another depend
on belongs to `collectors.dependencies`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

import dagster as dg

from boost_pipeline.boost.gitmodules import is_library
from boost_pipeline.collectors import libraries
from boost_pipeline.collectors.module_files import COLUMNS, INCLUDE_COLUMNS, Folder, ModuleFiles, read_includes
from boost_pipeline.collectors.release_run import Made, ReleaseRun
from boost_pipeline.sources.git import Mirror, Objects
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.copy_text import text_line
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

ASSET = "boost/headers"

READER = 2
"""Raised when the reading of files changes, so that releases read by older code are read again."""

_FOLDER_COLUMNS = ("module_id", *COLUMNS)
_BLOBS = 2_000
"""Contents that are scanned before their rows are written."""


MANY = 10_000
"""Rows after which the server is told to look at a table anew: it would plan what follows for an empty one."""


class Pin(NamedTuple):
    """A module of a release, by ids, at the commit that the release pins."""

    release_id: int
    module_id: int
    commit_sha: str


@dataclass
class Found:
    """What reading one repository came to: rows written, and (release, module, kind, detail) of what it lacks."""

    changes: Changes = field(default_factory=Changes)
    scanned: int = 0
    gaps: list[tuple[int, int, str, str]] = field(default_factory=list)


def make(run: ReleaseRun) -> Made | None:
    """Read the files of the chosen releases, repository by repository. None: the run only wanted to know which."""
    warehouse, mirrors = run.warehouse, run.mirrors
    with warehouse.transaction() as transaction:
        commits: dict[str, str] = dict(
            transaction.rows("SELECT tag, commit_sha FROM releases WHERE deleted_at IS NULL")
        )
        cursors = transaction.cursors(ASSET)
        listed = transaction.cursors(libraries.ASSET)
    known = [tag for tag, commit in commits.items() if listed.get(tag, {}).get("commit") == commit]
    done = {tag for tag in known if cursors.get(tag) == position(commits[tag])}
    tags = run.choose(ASSET, known, done)
    if tags is None:
        return None
    units = run.units(ASSET)
    # Of a release that lacks modules only those are read again, unless somebody asks for all of it.
    lacking = {} if run.names_releases else _lacking({tag: cursors.get(tag, {}) for tag in tags}, commits)
    with warehouse.transaction() as transaction:
        pins = _pins(transaction, tags, lacking)

    def read(repository: str) -> Found:
        run.fetch(repository, {pin.commit_sha for pin in pins[repository]})
        return read_repository(warehouse, mirrors.mirror(repository), pins[repository])

    found = units.each(sorted(pins), read, label="headers", jobs=run.settings.git_jobs, abort=mirrors.abort)
    gaps = [gap for one in found.values() for gap in one.gaps]
    gaps += [
        (pin.release_id, pin.module_id, "missing_repository", f"{repository} could not be read")
        for repository in units.failed.keys() & pins.keys()
        for pin in pins[repository]
    ]
    partial = _close(warehouse, tags, commits, gaps)
    units.changes = sum((one.changes for one in found.values()), Changes())
    with warehouse.transaction() as transaction:
        if units.changes.inserted > MANY:
            transaction.execute("ANALYZE source_folders, release_folders, blob_includes, source_gaps")
        rows = transaction.value(
            "SELECT sum(f.file_count) FROM release_folders r JOIN source_folders f ON f.id = r.folder_id"
        )
    whole = [tag for tag in tags if tag not in partial] if units.failed else tags
    run.looked(units, done | set(whole), whole)
    return Made(
        units,
        whole,
        {
            "dagster/row_count": int(rows or 0),
            "releases read": len(tags),
            "files scanned": sum(one.scanned for one in found.values()),
            "partial releases": dg.MetadataValue.json(partial),
        },
    )


def position(commit_sha: str, missing: Collection[str] = ()) -> dict[str, Any]:
    """Return the cursor of a release whose files were read by this code; with `missing` modules it is tried again."""
    found = {"commit": commit_sha, "reader": READER}
    return found | ({"missing": sorted(missing)} if missing else {})


def _lacking(cursors: Mapping[str, Mapping[str, Any]], commits: Mapping[str, str]) -> dict[str, set[str]]:
    """Return release → the modules that it lacks, for those that were read from this commit by this code."""
    return {
        tag: set(cursor["missing"])
        for tag, cursor in cursors.items()
        if cursor.get("missing") and cursor == position(commits[tag], cursor["missing"])
    }


def read_repository(warehouse: Warehouse, mirror: Mirror, pins: Collection[Pin]) -> Found:
    """Bring the files of one repository's modules to what its pinned commits hold.

    Raises:
        SourceCorrupt: the mirror is damaged; no file of it was written.
    """
    found = Found()
    missing = mirror.missing({pin.commit_sha for pin in pins})
    held = [pin for pin in pins if pin.commit_sha not in missing]
    found.gaps += [
        (pin.release_id, pin.module_id, "missing_commit", f"{mirror.name} lacks commit {pin.commit_sha}")
        for pin in pins
        if pin.commit_sha in missing
    ]
    with mirror.objects() as objects:
        folders = ModuleFiles(objects).at({pin.commit_sha for pin in held})
        distinct = {folder.digest: folder for each in folders.values() for folder in each}
        lost = _load_includes(warehouse, objects, {sha for each in distinct.values() for sha in each.blobs}, found)
    if lost:
        found.gaps += [
            (pin.release_id, pin.module_id, "missing_blob", f"{mirror.name} lacks {sha}, {path}"[:500])
            for pin in held
            for folder in folders[pin.commit_sha]
            for path, sha in zip(folder.paths, folder.blobs, strict=True)
            if sha in lost
        ]
    with warehouse.transaction() as transaction:
        for module_id in sorted({pin.module_id for pin in held}):
            transaction.lock(f"{ASSET} {module_id}")
            mine = {pin.release_id: folders[pin.commit_sha] for pin in held if pin.module_id == module_id}
            found.changes += _load_folders(transaction, module_id, mine)
    return found


def _pins(
    transaction: Transaction, tags: Collection[str], lacking: Mapping[str, Collection[str]]
) -> dict[str, list[Pin]]:
    """Return the library modules of the releases by repository; of a release in `lacking` those that it lacks."""
    pins: dict[str, list[Pin]] = {}
    for tag, name, repository, path, *pin in transaction.rows(
        """
        SELECT r.tag, n.name, p.name, m.path, m.release_id, m.module_id, m.commit_sha FROM release_modules m
        JOIN repositories p ON p.id = m.repository_id JOIN releases r ON r.id = m.release_id
        JOIN modules n ON n.id = m.module_id
        WHERE r.tag = ANY(%s) ORDER BY p.name, r.major, r.minor, r.patch, r.tag
        """,
        (list(tags),),
    ):
        if is_library(path) and (tag not in lacking or name in lacking[tag]):
            pins.setdefault(repository, []).append(Pin(*pin))
    return pins


def _load_includes(warehouse: Warehouse, objects: Objects, blobs: Collection[str], found: Found) -> set[str]:
    """Scan the blobs that were never scanned; return those that the mirror lacks."""
    with warehouse.transaction() as transaction:
        new = sorted(set(blobs) - _scanned(transaction, blobs))
    lost: set[str] = set()
    includes = read_includes(objects, new)
    while lines := dict(islice(includes, _BLOBS)):
        lost |= {sha for sha, line in lines.items() if line is None}
        with warehouse.transaction() as transaction:
            # Repositories share files, and are read at once: whoever comes second finds the row.
            transaction.lock("blob_includes")
            here = _scanned(transaction, lines)
            rows = [line for sha, line in lines.items() if line is not None and sha not in here]
            found.changes += Changes(inserted=transaction.copy("blob_includes", INCLUDE_COLUMNS, rows))
        found.scanned += len(lines)
    found.scanned -= len(lost)
    return lost


def _scanned(transaction: Transaction, blobs: Collection[str]) -> set[str]:
    query = "SELECT blob_sha FROM blob_includes WHERE blob_sha = ANY(%s)"
    return {sha for (sha,) in transaction.rows(query, [list(blobs)])}


def _load_folders(transaction: Transaction, module_id: int, found: Mapping[int, list[Folder]]) -> Changes:
    """Make the tables say which folders a module has in these releases."""
    ids = _known(transaction, module_id)
    new = {folder.digest: folder for folders in found.values() for folder in folders if folder.digest not in ids}
    changes = Changes()
    if new:
        lines = (text_line(str(module_id), "")[:-1] + folder.line for folder in new.values())
        changes += Changes(inserted=transaction.copy("source_folders", _FOLDER_COLUMNS, lines))
        ids = _known(transaction, module_id)

    def rows(releases: Iterable[int]) -> Iterator[str]:
        return (f"{release}\t{module_id}\t{ids[each.digest]}\n" for release in releases for each in found[release])

    columns = ("release_id", "module_id", "folder_id")
    present = {
        release
        for (release,) in transaction.rows(
            "SELECT DISTINCT release_id FROM release_folders WHERE module_id = %s AND release_id = ANY(%s)",
            (module_id, list(found)),
        )
    }
    if found.keys() > present:
        changes += Changes(inserted=transaction.copy("release_folders", columns, rows(found.keys() - present)))
    if present:
        within = {"module_id": module_id, "release_id": sorted(present)}
        changes += transaction.merge("release_folders", columns, rows(present), key=columns, within=within)
        changes += Changes(
            deleted=transaction.execute(
                "DELETE FROM source_folders f WHERE module_id = %s "
                "AND NOT EXISTS (SELECT FROM release_folders r WHERE r.folder_id = f.id)",
                (module_id,),
            )
        )
    return changes


def _known(transaction: Transaction, module_id: int) -> dict[str, int]:
    return dict(transaction.rows("SELECT digest, id FROM source_folders WHERE module_id = %s", (module_id,)))


def _close(
    warehouse: Warehouse,
    tags: Collection[str],
    commits: Mapping[str, str],
    gaps: Collection[tuple[int, int, str, str]],
) -> dict[str, list[str]]:
    """Write down what is missing, and that the releases were read; return the modules that are missing by release."""
    partial: dict[str, list[str]] = {}
    with warehouse.transaction() as transaction:
        ids = dict(transaction.rows("SELECT tag, id FROM releases WHERE tag = ANY(%s)", (list(tags),)))
        names = dict(transaction.rows("SELECT id, name FROM modules"))
        by_release: dict[int, dict[tuple[int, int, str], str]] = {}
        for release_id, module_id, kind, detail in gaps:
            by_release.setdefault(release_id, {}).setdefault((release_id, module_id, kind), detail)
        transaction.merge(
            "source_gaps",
            ["release_id", "module_id", "kind", "detail"],
            [(*key, detail) for each in by_release.values() for key, detail in each.items()],
            key=["release_id", "module_id", "kind"],
            within={"release_id": list(ids.values())},
        )
        for tag, release_id in ids.items():
            missing = sorted({names[module_id] for _, module_id, _ in by_release.get(release_id, {})})
            if missing:
                partial[tag] = missing
            transaction.move_cursor(ASSET, tag, position(commits[tag], missing), datetime.now(UTC))
    return partial
