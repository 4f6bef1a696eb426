"""Asset checks: each table against an outside truth, and what is known to be missing.

The truth is asked of git anew; no number is compared with itself.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any, LiteralString

import dagster as dg

from boost_pipeline.boost.releases import SUPERPROJECT, Release, is_catalogued, read_tag
from boost_pipeline.collectors.commit_history import release_pins
from boost_pipeline.collectors.repositories import HEADS
from boost_pipeline.collectors.superproject import GITLINK, TREE, pins_at
from boost_pipeline.reports.health import NOTHING
from boost_pipeline.settings import Settings
from boost_pipeline.sources.git import GitMirrors, Objects
from boost_pipeline.warehouse.warehouse import Warehouse

RELEASES, LIBRARIES = ["boost", "releases"], ["boost", "libraries"]
REPOSITORIES, COMMITS = ["code", "repositories"], ["code", "commits"]

_URL = (
    r"^[ \t]*url[ \t]*=[ \t]*\"?(?:(?:\./)*\.\./|[^\s#;]*github\.com(?::[0-9]+)?[:/]+{owner}/)"
    r"([\w.-]+?)(?:\.git)?/*\"?[ \t]*$"
)


def asset_check(**options: Any) -> Callable[[Callable[..., dg.AssetCheckResult]], dg.AssetChecksDefinition]:
    """Return `dg.asset_check` with these options, for checks whose failure is a failure of the run.

    Dagster records a failed check and calls the run a success. Here its step fails once the result is recorded, if its
    severity is ERROR; so it is in the exit code, in alerts and in the web UI like any other. No asset waits for it,
    unless it is `blocking`.
    """

    def decorate(compute: Callable[..., dg.AssetCheckResult]) -> dg.AssetChecksDefinition:
        name = options.get("name", compute.__name__)

        def check(*arguments: Any, **given: Any) -> Iterator[dg.AssetCheckResult]:
            result = compute(*arguments, **given)
            yield result
            if not result.passed and result.severity is dg.AssetCheckSeverity.ERROR:
                asset = dg.AssetKey(options["asset"]).to_user_string()
                raise dg.Failure(f"{asset} fails its check {name}: {result.description}", allow_retries=False)

        made: Any = wraps(compute)(check)  # Dagster takes a generator; its types tell of functions only
        return dg.asset_check(**options)(made)

    return decorate


def verdict(
    problems: Sequence[str], checked: int, *, severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR
) -> dg.AssetCheckResult:
    """Return a check's result: passed without problems, which are listed otherwise (the first twenty).

    Where nothing was there to compare, nothing is proved: that is a warning which says so.
    """
    nothing = not checked and not problems
    return dg.AssetCheckResult(
        passed=not problems and not nothing,
        severity=dg.AssetCheckSeverity.WARN if nothing else severity,
        description=NOTHING if nothing else "; ".join(problems[:3]) or f"{checked} checked",
        metadata={"checked": checked, "problems": len(problems), "first": dg.MetadataValue.json(list(problems[:20]))},
    )


@asset_check(
    asset=RELEASES, description="Every tag and head of the superproject is a row, with the commit that git names."
)
def releases_equal_tags(
    warehouse: dg.ResourceParam[Warehouse], mirrors: dg.ResourceParam[GitMirrors]
) -> dg.AssetCheckResult:
    """Compare `releases` with git's own list of tags. Those that are gone are told by `tags_stay`."""
    refs = mirrors.mirror(SUPERPROJECT).refs()
    truth = {
        (ref.name.removeprefix("refs/tags/").removeprefix("refs/heads/"), ref.commit_sha)
        for ref in refs
        if ref.commit_sha and (ref.kind == "tag" or ref.name in HEADS)
    }
    with warehouse.transaction() as transaction:
        rows = set(transaction.rows("SELECT tag, commit_sha FROM releases WHERE deleted_at IS NULL"))
    problems = [f"{tag} at {sha} is not in the table" for tag, sha in sorted(truth - rows)]
    problems += [f"{tag} at {sha} is no tag any more" for tag, sha in sorted(rows - truth)]
    return verdict(problems, len(truth))


@asset_check(asset=RELEASES, description="No tag was deleted, or moved to another commit, since it was first seen.")
def tags_stay(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """List tags that are gone or have moved; a warning, as the host may have meant it."""
    with warehouse.transaction() as transaction:
        checked = transaction.value("SELECT count(*) FROM releases WHERE kind <> 'head'")
        rows = transaction.rows("SELECT tag, what, mend FROM changed_tags ORDER BY tag")
    return verdict([f"{tag} {what}: {mend}" for tag, what, mend in rows], checked, severity=dg.AssetCheckSeverity.WARN)


@asset_check(asset=LIBRARIES, description="Each read release has as many modules as its tree has submodules.")
def modules_equal_submodules(
    warehouse: dg.ResourceParam[Warehouse], mirrors: dg.ResourceParam[GitMirrors]
) -> dg.AssetCheckResult:
    """Count the gitlinks of each release's whole tree, and compare."""
    with warehouse.transaction() as transaction:
        read = transaction.rows(
            """
            SELECT r.tag, r.commit_sha, count(m.module_id) FROM releases r JOIN cursors c ON c.unit = r.tag
            LEFT JOIN release_modules m ON m.release_id = r.id WHERE c.asset = 'boost/libraries' GROUP BY r.id
            """
        )
    with mirrors.mirror(SUPERPROJECT).objects() as objects:
        counted = _Gitlinks(objects)
        problems = [
            f"{tag} has {count} modules, its tree {truth} submodules"
            for tag, sha, count in read
            if (truth := counted.below(sha)) != count
        ]
    return verdict(problems, len(read))


@asset_check(asset=LIBRARIES, description="No release from 1.56.0 on is without libraries, and none is unread.")
def releases_have_libraries(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """Libraries have metadata since 1.56.0; a release without any was not read right.

    A release that nobody asked for yet is a warning: a platform may begin with the newest one.
    """
    with warehouse.transaction() as transaction:
        rows = transaction.rows(
            """
            SELECT r.tag, count(v.id), count(c.unit) > 0, coalesce(bool_or(c.position ? 'missing'), false),
                   (r.major, r.minor) >= (1, 56) FROM dated_releases r
            LEFT JOIN library_versions v ON v.release_id = r.id
            LEFT JOIN cursors c ON c.asset = 'boost/libraries' AND c.unit = r.tag
            WHERE r.is_release GROUP BY r.id, r.tag, r.major, r.minor, r.patch ORDER BY r.major, r.minor, r.patch
            """
        )
    problems = [f"{tag} was not read completely" for tag, _, _, lacks, _ in rows if lacks]
    problems += [
        f"{tag} has no library"
        for tag, count, read, lacks, has_metadata in rows
        if read and not lacks and has_metadata and not count
    ]
    unread = [f"{tag} was not read yet" for tag, _, read, _, _ in rows if not read]
    severity = dg.AssetCheckSeverity.ERROR if problems else dg.AssetCheckSeverity.WARN
    return verdict(problems + unread, len(rows), severity=severity)


@asset_check(asset=LIBRARIES, description="Gaps: metadata that is missing or wrong in the sources, release by release.")
def metadata_gaps(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """List commits, files and fields that the sources lack; a warning, as only their owners can mend them."""
    with warehouse.transaction() as transaction:
        rows = transaction.rows(
            """
            SELECT r.tag, m.name, p.kind, p.detail FROM metadata_problems p
            JOIN releases r ON r.id = p.release_id JOIN modules m ON m.id = p.module_id
            WHERE p.kind <> 'missing_file' ORDER BY r.major DESC, r.minor DESC, r.patch DESC, m.name
            """
        )
        checked = transaction.value("SELECT count(*) FROM release_modules")
    return verdict(
        [f"{tag} {module}: {kind}, {detail}" for tag, module, kind, detail in rows],
        checked,
        severity=dg.AssetCheckSeverity.WARN,
    )


@asset_check(asset=REPOSITORIES, description="Every url in any .gitmodules of the superproject is a row.")
def repositories_equal_urls(
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
    mirrors: dg.ResourceParam[GitMirrors],
) -> dg.AssetCheckResult:
    """Search the .gitmodules of all tags and heads for urls of the owner, whatever else they say, and compare."""
    pattern = re.compile(_URL.format(owner=re.escape(settings.git_owner)), re.MULTILINE | re.IGNORECASE)
    superproject = mirrors.mirror(SUPERPROJECT)
    truth = {SUPERPROJECT}
    with superproject.objects() as objects:
        for sha in {ref.commit_sha for ref in superproject.refs() if ref.kind == "tag" or ref.name in HEADS}:
            file = objects.get(f"{sha}:.gitmodules")
            truth |= set(pattern.findall(file.data.decode(errors="replace"))) if file else set()
    with warehouse.transaction() as transaction:
        rows = transaction.rows("SELECT name FROM repositories WHERE owner = %s", (settings.git_owner,))
    missing = truth - {name for (name,) in rows}
    return verdict([f"{name} is not in the table" for name in sorted(missing)], len(truth))


@asset_check(asset=COMMITS, description="Every repository was read.")
def repositories_are_read(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """List repositories without a cursor of code/commits: their history is not here.

    A warning, as what failed is told by its run, and a run may be asked for one library alone.
    """
    with warehouse.transaction() as transaction:
        names = [
            name
            for (name,) in transaction.rows(
                "SELECT name FROM repositories WHERE kind IN ('superproject', 'boost', 'tool') ORDER BY name"
            )
        ]
        read = transaction.cursors("code/commits").keys()
    unread = [f"{name} has no history here" for name in names if name not in read]
    return verdict(unread, len(names), severity=dg.AssetCheckSeverity.WARN)


@asset_check(asset=COMMITS, description="What the superproject pins is what a library itself tagged as the release.")
def pins_equal_tags(
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
    mirrors: dg.ResourceParam[GitMirrors],
) -> dg.AssetCheckResult:
    """Compare the pins of each release, beta and candidate with the libraries' own tags of that name.

    Of the coming version the pins of master are compared. A warning: which of the two is wrong, people know.
    """
    with warehouse.transaction() as transaction:
        releases = transaction.rows("SELECT tag, commit_sha, kind FROM releases WHERE deleted_at IS NULL")
        tagged: dict[str, dict[str, str]] = {}
        for tag, repository, commit_sha in transaction.rows(
            """
            SELECT substr(f.name, 11), p.name, f.commit_sha FROM refs f JOIN repositories p ON p.id = f.repository_id
            WHERE f.kind = 'tag' AND f.name LIKE 'refs/tags/boost-%%' AND f.commit_sha IS NOT NULL
              AND p.kind IN ('boost', 'tool')
            """
        ):
            tagged.setdefault(tag, {})[repository] = commit_sha
    pinned_at = {tag: commit_sha for tag, commit_sha, kind in releases if kind in ("stable", "beta", "rc")}
    coming = _coming([read_tag(tag) for tag in tagged.keys() - pinned_at.keys()], [read_tag(tag) for tag in pinned_at])
    heads = {tag: commit_sha for tag, commit_sha, kind in releases if kind == "head"}
    if coming and "master" in heads:
        pinned_at[coming.tag] = heads["master"]
    problems, checked = [], 0
    with mirrors.mirror(SUPERPROJECT).objects() as objects:
        for tag in sorted(pinned_at.keys() & tagged.keys(), key=lambda tag: read_tag(tag).order):
            for module in pins_at(objects, pinned_at[tag], settings.git_owner).modules:
                if (own := tagged[tag].get(module.repository)) is None:
                    continue
                checked += 1
                if own != module.commit_sha:
                    where = "master" if coming and tag == coming.tag else tag
                    problems.append(
                        f"{where} pins {module.name} at {module.commit_sha[:10]}, its own tag {tag} is {own[:10]}"
                    )
    return verdict(problems[::-1], checked, severity=dg.AssetCheckSeverity.WARN)


def _coming(unknown: Sequence[Release], known: Sequence[Release]) -> Release | None:
    """Return the newest release that libraries have tagged and the superproject has not, if it is newer than all."""
    newest = max((release.order for release in known if is_catalogued(release)), default=None)
    later = [one for one in unknown if is_catalogued(one) and (newest is None or one.order > newest)]
    return max(later, key=lambda one: one.order, default=None)


@asset_check(asset=COMMITS, description="Each repository has as many commits as git rev-list --count says.")
def commits_equal_rev_list(
    settings: dg.ResourceParam[Settings],
    warehouse: dg.ResourceParam[Warehouse],
    mirrors: dg.ResourceParam[GitMirrors],
) -> dg.AssetCheckResult:
    """Compare the reachable commits of each repository with git's own count, unless its mirror has moved on since."""
    with warehouse.transaction() as transaction:
        refs: dict[str, dict[str, str]] = {}
        for name, ref, sha in transaction.rows(
            "SELECT p.name, f.name, f.sha FROM refs f JOIN repositories p ON p.id = f.repository_id WHERE p.owner = %s",
            (settings.git_owner,),
        ):
            refs.setdefault(name, {})[ref] = sha
        rows = transaction.rows(
            """
            SELECT p.name, count(*) FILTER (WHERE c.is_reachable) FROM repositories p
            JOIN cursors u ON u.asset = 'code/commits' AND u.unit = p.name
            LEFT JOIN commits c ON c.repository_id = p.id WHERE p.owner = %s GROUP BY p.name ORDER BY p.name
            """,
            (settings.git_owner,),
        )
        pins = release_pins(transaction)
    problems, checked = [], 0
    for name, count in rows:
        mirror = mirrors.mirror(name)
        if {ref.name: ref.sha for ref in mirror.refs()} != refs.get(name, {}):
            continue  # fetched for another step; the next run reads it
        checked += 1
        pinned = set(pins.get(name, ())) - mirror.missing(pins.get(name, ()))
        truth = mirror.count_commits(extra=pinned)
        if truth != count:
            problems.append(f"{name} has {count} commits, git counts {truth}")
    return verdict(problems, checked)


ORPHANS: dict[str, LiteralString] = {
    "files": """
        SELECT count(*) FROM commit_files f WHERE NOT EXISTS (SELECT FROM commits c WHERE c.id = f.commit_id)
    """,
    "parents": """
        SELECT count(*) FROM commits c CROSS JOIN unnest(c.parents) AS parent
        WHERE c.is_reachable AND NOT EXISTS
            (SELECT FROM commits p WHERE p.repository_id = c.repository_id AND p.sha = parent)
    """,
    "refs": """
        SELECT count(*) FROM refs r WHERE r.commit_sha IS NOT NULL AND NOT EXISTS
            (SELECT FROM commits c WHERE c.repository_id = r.repository_id AND c.sha = r.commit_sha)
    """,
    "file counts": """
        SELECT count(*) FROM commits c WHERE c.files_changed <>
            (SELECT count(*) FROM commit_files f WHERE f.commit_id = c.id)
    """,
}
"""What must not be, as queries that count it."""


@asset_check(asset=COMMITS, description="Every parent, ref and file has its commit, and every commit all its files.")
def commits_have_no_orphans(warehouse: dg.ResourceParam[Warehouse]) -> dg.AssetCheckResult:
    """Count the rows that lack what they point to."""
    with warehouse.transaction() as transaction:
        counts = {name: transaction.value(query) for name, query in ORPHANS.items()}
        checked = transaction.value("SELECT count(*) FROM commits")
    return verdict([f"{count} {name} without their commit" for name, count in counts.items() if count], checked)


class _Gitlinks:
    """Counts the submodules of whole trees; a tree that releases share is counted once."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._counts: dict[str, int] = {}

    def below(self, tree: str) -> int:
        if tree not in self._counts:
            self._counts[tree] = sum(
                1 if entry.mode == GITLINK else self.below(entry.sha) if entry.mode == TREE else 0
                for entry in self._objects.tree(tree)
            )
        return self._counts[tree]
