"""Headers: the header, source and test files of each release, and what each of them includes.

All is read from git objects at the pinned commits; nothing is checked out. Which module a header makes another depend
on belongs to `collectors.dependencies`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import dagster as dg

from boost_pipeline.boost.gitmodules import is_library
from boost_pipeline.collectors import libraries
from boost_pipeline.collectors.module_files import COLUMNS, ModuleFiles, blob_of, path_of, read_includes
from boost_pipeline.collectors.release_run import Made, ReleaseRun
from boost_pipeline.sources.git import Mirror, Objects
from boost_pipeline.warehouse.changes import Changes
from boost_pipeline.warehouse.copy_text import text_array, text_line
from boost_pipeline.warehouse.warehouse import Transaction, Warehouse

ASSET = "boost/headers"

READER = 1
"""Raised when the reading of files changes, so that releases read by older code are read again."""

_FILE_COLUMNS = ("release_id", "module_id", *COLUMNS)
_INCLUDE_COLUMNS = ("blob_sha", "targets", "commented", "spliced", "macros", "line_count", "byte_count")


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
        commits: dict[str, str] = dict(transaction.rows("SELECT tag, commit_sha FROM releases"))
        cursors = transaction.cursors(ASSET)
        listed = transaction.cursors(libraries.ASSET)
    known = [tag for tag, commit in commits.items() if listed.get(tag, {}).get("commit") == commit]
    tags = run.choose(ASSET, known, {tag for tag in known if cursors.get(tag) == position(commits[tag])})
    if tags is None:
        return None
    units = run.units(ASSET)
    with warehouse.transaction() as transaction:
        pins = _pins(transaction, tags)

    def read(repository: str) -> Found:
        wanted = {pin.commit_sha for pin in pins[repository]}
        mirrors.refresh(repository, max_age=timedelta.max, wanted=wanted)
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
            transaction.execute("ANALYZE source_files, blob_includes, source_gaps")
        rows = transaction.value("SELECT count(*) FROM source_files")
    return Made(
        units,
        [tag for tag in tags if tag not in partial] if units.failed else tags,
        {
            "dagster/row_count": rows,
            "releases read": len(tags),
            "files scanned": sum(one.scanned for one in found.values()),
            "partial releases": dg.MetadataValue.json(partial),
        },
    )


def position(commit_sha: str, missing: Collection[str] = ()) -> dict[str, Any]:
    """Return the cursor of a release whose files were read by this code; with `missing` modules it is tried again."""
    found = {"commit": commit_sha, "reader": READER}
    return found | ({"missing": sorted(missing)} if missing else {})


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
        reader = ModuleFiles(objects)
        files = {commit: reader.at(commit) for commit in {pin.commit_sha for pin in held}}
        lost = _load_includes(warehouse, objects, {blob_of(line) for each in files.values() for line in each}, found)
    if lost:
        found.gaps += [
            (
                pin.release_id,
                pin.module_id,
                "missing_blob",
                f"{mirror.name} lacks {blob_of(line)}, {path_of(line)}"[:500],
            )
            for pin in held
            for line in files[pin.commit_sha]
            if blob_of(line) in lost
        ]
    with warehouse.transaction() as transaction:
        transaction.lock(f"{ASSET} {mirror.name}")
        found.changes += _load_files(transaction, held, files)
    return found


def _pins(transaction: Transaction, tags: Collection[str]) -> dict[str, list[Pin]]:
    """Return the library modules of the releases by repository."""
    pins: dict[str, list[Pin]] = {}
    for repository, path, *pin in transaction.rows(
        """
        SELECT p.name, m.path, m.release_id, m.module_id, m.commit_sha FROM release_modules m
        JOIN repositories p ON p.id = m.repository_id JOIN releases r ON r.id = m.release_id
        WHERE r.tag = ANY(%s) ORDER BY p.name, r.major, r.minor, r.patch, r.tag
        """,
        (list(tags),),
    ):
        if is_library(path):
            pins.setdefault(repository, []).append(Pin(*pin))
    return pins


def _load_includes(warehouse: Warehouse, objects: Objects, blobs: Collection[str], found: Found) -> set[str]:
    """Scan the blobs that were never scanned; return those that the mirror lacks."""
    with warehouse.transaction() as transaction:
        known = {
            sha
            for (sha,) in transaction.rows("SELECT blob_sha FROM blob_includes WHERE blob_sha = ANY(%s)", [list(blobs)])
        }
    lost: set[str] = set()
    new = sorted(set(blobs) - known)
    if not new:
        return lost

    def rows() -> Iterator[str]:
        for sha, includes in read_includes(objects, new):
            if includes is None:
                lost.add(sha)
                continue
            found.scanned += 1
            texts = (includes.targets, includes.commented, includes.spliced, includes.macros)
            yield text_line(sha, *map(text_array, texts), str(includes.line_count), str(includes.byte_count))

    with warehouse.transaction() as transaction:
        staging = transaction.stage("blob_includes", _INCLUDE_COLUMNS, rows())
        assert staging == "staging_blob_includes"
        # Repositories share files, and are read at once: whoever comes second finds the row.
        found.changes += Changes(
            inserted=transaction.execute(
                "INSERT INTO blob_includes SELECT * FROM staging_blob_includes ORDER BY blob_sha ON CONFLICT DO NOTHING"
            )
        )
    return lost


def _load_files(transaction: Transaction, pins: Collection[Pin], files: Mapping[str, list[str]]) -> Changes:
    """Write the files of the modules: copied where a module has none yet, merged where it has."""

    def rows(chosen: Iterable[Pin]) -> Iterator[str]:
        for pin in chosen:
            ids = text_line(str(pin.release_id), str(pin.module_id), "")[:-1]
            lines = files[pin.commit_sha]
            if lines:
                yield ids + ids.join(lines)

    changes = Changes()
    for module_id in {pin.module_id for pin in pins}:
        mine = [pin for pin in pins if pin.module_id == module_id]
        releases = [pin.release_id for pin in mine]
        present = {
            release
            for (release,) in transaction.rows(
                "SELECT DISTINCT release_id FROM source_files WHERE module_id = %s AND release_id = ANY(%s)",
                (module_id, releases),
            )
        }
        fresh = [pin for pin in mine if pin.release_id not in present]
        if fresh:
            changes += Changes(inserted=transaction.copy("source_files", _FILE_COLUMNS, rows(fresh)))
        if present:
            changes += transaction.merge(
                "source_files",
                _FILE_COLUMNS,
                rows(pin for pin in mine if pin.release_id in present),
                key=["release_id", "module_id", "path"],
                within={"module_id": [module_id], "release_id": sorted(present)},
            )
    return changes


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
