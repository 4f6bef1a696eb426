"""The truth, computed without git, is what plain git says."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import pytest

from boost_pipeline.sample.history import Change

CONTENT_FIELDS = {"key", "name", "authors", "description", "category"}
"""The fields that every real entry has."""


def changes_by_git(text: str) -> dict[str, list[Change]]:
    """Read `git log -z -M --raw --numstat --format=%x01%H`."""
    found = {}
    for part in text.split("\x01")[1:]:
        fields = iter(part.replace("\0\n", "\0").split("\0"))
        sha = next(fields)
        found[sha] = list(_changes(fields))
    return found


def _changes(fields: Iterator[str]) -> Iterator[Change]:
    status: dict[str, str] = {}
    for field in fields:
        if field.startswith(":"):
            letter = field.split()[4][0]
            path = next(fields)
            status[next(fields) if letter == "R" else path] = letter
        elif field:
            added, deleted, path = field.split("\t")
            previous, path = (None, path) if path else (next(fields), next(fields))
            yield Change(status[path], path, previous, *(None if n == "-" else int(n) for n in (added, deleted)))


def test_the_repositories_are_those_in_the_folder(sample):
    assert sample.truth.repositories == tuple(sorted(path.stem for path in sample.folder.iterdir()))


def test_the_refs_and_the_objects_behind_them_agree(sample, git):
    for repository in sample.truth.repositories:
        lines = git(repository, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        assert sample.truth.refs[repository] == dict(line.split() for line in lines)


def test_the_commits_and_their_number_agree(sample, git):
    for repository, commits in sample.truth.commits.items():
        assert len(commits) == int(git(repository, "rev-list", "--all", "--count"))
        assert set(commits) == set(git(repository, "rev-list", "--all").split())


def test_parents_come_before_children(sample):
    for commits in sample.truth.commits.values():
        seen = set()
        for sha, commit in commits.items():
            assert seen.issuperset(commit.parents)
            seen.add(sha)


def test_who_when_and_what_was_said_agree(sample, git):
    form = "%x01%H%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B"
    for repository, commits in sample.truth.commits.items():
        for line in git(repository, "log", "--all", f"--format={form}").split("\x01")[1:]:
            sha, parents, *people, message = line.split("\0")
            commit = commits[sha]
            assert commit.parents == tuple(parents.split())
            signatures = (commit.author, commit.committer)
            assert people == [text for s in signatures for text in (s.name, s.email, s.at.isoformat())]
            assert commit.message.strip() == message.strip()
            assert commit.subject == message.splitlines()[0]


def test_the_changed_files_agree_with_their_counts_and_renames(sample, git):
    for repository, commits in sample.truth.commits.items():
        arguments = ("log", "--all", "-z", "-M", "--raw", "--numstat", "--root", "--format=%x01%H")
        by_git = changes_by_git(git(repository, *arguments))
        assert by_git == {sha: list(commit.changes) for sha, commit in commits.items()}


def test_the_merges_and_authors_agree(sample, git):
    for repository in sample.truth.repositories:
        assert set(git(repository, "rev-list", "--all", "--merges").split()) == set(sample.truth.merges(repository))
        authors = git(repository, "log", "--all", "--format=%an%x00%ae").splitlines()
        assert {tuple(author.split("\0")) for author in authors} == sample.truth.authors(repository)


def test_the_trailers_agree(sample, git):
    for repository, commits in sample.truth.commits.items():
        found = git(repository, "log", "--all", "--format=%x01%H%n%(trailers:only,unfold)")
        for part in found.split("\x01")[1:]:
            sha, *lines = part.strip().splitlines()
            assert list(commits[sha].trailers) == [tuple(line.split(": ", 1)) for line in lines]


def test_the_tags_of_the_superproject_agree_with_their_dates(sample, git):
    form = "--format=%(refname:short) %(objecttype) %(taggerdate:iso-strict)"
    tags = {line.split()[0]: line.split()[1:] for line in git("boost", "for-each-ref", form, "refs/tags").splitlines()}

    assert set(tags) == {release.tag for release in sample.truth.releases}
    for release in sample.truth.releases:
        sha, date = git("boost", "log", "-1", "--format=%H %cI", release.tag).split()
        assert (release.commit, release.committed_at) == (sha, datetime.fromisoformat(date))
        tagged = tags[release.tag][1:]
        assert tags[release.tag][0] == ("tag" if release.tagged_at else "commit")
        assert ([release.tagged_at] if release.tagged_at else []) == [datetime.fromisoformat(date) for date in tagged]


def test_the_modules_of_each_release_agree_with_gitmodules_and_gitlinks(sample, git):
    for release in sample.truth.releases:
        tree = [line.split(maxsplit=3) for line in git("boost", "ls-tree", "-r", release.tag).splitlines()]
        links = {path: sha for mode, _, sha, path in tree if mode == "160000"}
        submodules = defaultdict(dict)
        for line in git("boost", "config", "--blob", f"{release.tag}:.gitmodules", "--list").splitlines():
            name, _, value = line.removeprefix("submodule.").partition("=")
            submodules[name.rpartition(".")[0]][name.rpartition(".")[2]] = value

        expected = {(m.submodule, m.path, f"../{m.repository}.git", m.commit) for m in release.modules}
        assert expected == {(name, m["path"], m["url"], links.pop(m["path"])) for name, m in submodules.items()}
        assert not links


def test_a_pinned_commit_is_held_where_the_truth_says_so(sample, git):
    for release in sample.truth.releases:
        for module in release.modules:
            held = git(module.repository, "rev-list", "--all").split()
            assert module.is_held == (module.commit in held)


def test_the_libraries_and_problems_of_each_release_are_in_the_pinned_files(sample, git):
    for release in sample.truth.releases:
        found, problems = [], []
        for module in release.modules:
            if not module.is_held:
                continue
            paths = git(module.repository, "ls-tree", "-r", "--name-only", module.commit).splitlines()
            files = [path for path in paths if f"/{path}".endswith("/meta/libraries.json")]
            if not files and module.path.startswith("libs/") and module.name != "headers":
                problems.append((module.name, "missing_file"))
            for file in files:
                entries, problem = _read(git(module.repository, "show", f"{module.commit}:{file}"))
                found += [(module.name, file, entry) for entry in entries]
                problems += [(module.name, problem)] if problem else []

        assert [(library.module, library.file, library.entry) for library in release.libraries] == found
        assert [(problem.module, problem.kind) for problem in release.problems] == (problems if found else [])


def _read(text: str) -> tuple[list[dict[str, object]], str | None]:
    try:
        value = json.loads(text)
    except ValueError:
        return [], "invalid_json"
    entries = value if isinstance(value, list) else [value]
    if not all(isinstance(entry, dict) for entry in entries):
        return [], "unknown_shape"
    return entries, None if all(entry.keys() >= CONTENT_FIELDS for entry in entries) else "missing_field"


def test_the_first_release_of_a_commit_is_the_first_that_contains_it(sample, git):
    for repository, first in sample.truth.first_release.items():
        expected: dict[str, str | None] = dict.fromkeys(git(repository, "rev-list", "--all").split())
        for release in reversed(sample.truth.stable):
            pins = [m.commit for m in release.modules if m.repository == repository]
            for pin in pins if repository != "boost" else [release.commit]:
                expected |= dict.fromkeys(git(repository, "rev-list", pin).split(), release.tag)
        assert first == expected


@pytest.mark.parametrize("repository", ["hana", "interval", "ratio"])
def test_a_commit_landed_with_the_first_parent_commit_that_brought_it(sample, git, repository):
    line = git(repository, "log", "--first-parent", "--reverse", "--format=%H %cI", "HEAD").splitlines()
    (root, root_date), *_ = steps = [tuple(entry.split()) for entry in line]

    expected = {root: datetime.fromisoformat(root_date)}
    for (before, _), (after, date) in pairwise(steps):
        brought = git(repository, "rev-list", after, "--not", before).split()
        expected |= dict.fromkeys(brought, datetime.fromisoformat(date))
    assert sample.truth.landed_at[repository] == expected


def test_what_has_not_landed_is_off_the_default_branch(sample, git):
    for repository, landed in sample.truth.landed_at.items():
        assert set(landed) == set(git(repository, "rev-list", "HEAD").split())
