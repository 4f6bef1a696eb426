"""build() writes the same organisation everywhere, complete, and in a form that git can serve."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from boost_pipeline.errors import SettingsError, SourceUnavailable
from boost_pipeline.sample.organisation import Sample, build

from .conftest import Git, git_of, run_git

DIGEST = "47704d12d17557ac7e445c2a3f0717ddf2dc20c1769f68989a85b3582d08318b"
"""SHA-256 over all refs of all repositories. It changes with the script only: say so where you change it."""

COMMANDS = {"init", "fast-import"}

BUILD = """
import sys
from pathlib import Path
from boost_pipeline.sample.organisation import build
build(Path(sys.argv[1]))
"""


def refs_of(folder: Path) -> str:
    lines = []
    for repository in sorted(folder.glob("*.git")):
        refs = run_git("--git-dir", repository, "for-each-ref", "--format=%(refname) %(objectname)")
        lines += [f"{repository.name} {line}\n" for line in refs.splitlines()]
    return "".join(lines)


def digest(folder: Path) -> str:
    return hashlib.sha256(refs_of(folder).encode()).hexdigest()


def content_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_refs_are_the_same_on_every_machine_and_at_every_time(sample):
    assert digest(sample.folder) == DIGEST


def test_two_builds_are_equal_byte_for_byte(sample, tmp_path):
    build(tmp_path / "again")

    assert content_of(sample.folder) == content_of(tmp_path / "again")


def test_neither_hashes_nor_time_zone_nor_language_nor_git_configuration_matter(tmp_path):
    home = tmp_path / "home"
    (home / "template" / "hooks").mkdir(parents=True)
    (home / "template" / "hooks" / "post-update").write_text("#!/bin/sh\nexit 1\n")
    (home / ".gitconfig").write_text(
        "[init]\n\tdefaultBranch = trunk\n"
        f"\ttemplateDir = {home / 'template'}\n"
        "[user]\n\tname = Somebody Else\n[core]\n\tcompression = 0\n[i18n]\n\tcommitEncoding = ISO-8859-1\n"
        "[fastimport]\n\tunpackLimit = 100000\n[transfer]\n\tfsckObjects = true\n[broken\n"
    )
    environment = os.environ | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "GIT_DIR": str(home / "elsewhere"),
        "GIT_AUTHOR_DATE": "2001-01-01T00:00:00",
        "GIT_DEFAULT_HASH": "sha256",
        "PYTHONHASHSEED": "4242",
        "TZ": "Asia/Kathmandu",
        "LC_ALL": "C",
    }

    subprocess.run([sys.executable, "-c", BUILD, str(tmp_path / "organisation")], env=environment, check=True)

    assert digest(tmp_path / "organisation") == DIGEST
    assert not list((tmp_path / "organisation").rglob("hooks"))


def test_git_is_only_asked_to_make_repositories_and_to_import_so_no_network_is_needed(tmp_path, monkeypatch):
    git, log = tmp_path / "bin" / "git", tmp_path / "log"
    git.parent.mkdir()
    git.write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {shutil.which("git")} "$@"\n')
    git.chmod(0o755)
    monkeypatch.setenv("PATH", f"{git.parent}:{os.environ['PATH']}")

    sample = build(tmp_path / "organisation")

    commands = Counter(word for line in log.read_text().splitlines() for word in line.split() if word in COMMANDS)
    assert commands == dict.fromkeys(COMMANDS, len(sample.truth.repositories))
    assert len(log.read_text().splitlines()) == commands.total()


def test_every_repository_is_clean_and_holds_no_object_in_vain(sample, git):
    for repository in sample.truth.repositories:
        assert git(repository, "fsck", "--full", "--strict", "--unreachable", "--no-progress") == ""


def test_head_names_the_default_branch(sample, git):
    heads = {name: git(name, "symbolic-ref", "--short", "HEAD").strip() for name in sample.truth.repositories}

    assert heads == sample.truth.default_branches
    assert heads["boost"] == "develop"
    assert heads["hana"] == "master"


def test_git_clones_every_repository_from_its_url(sample, tmp_path):
    for repository in sample.truth.repositories:
        run_git("clone", "--quiet", "--mirror", f"{sample.url}/{repository}.git", tmp_path / repository)

        count = int(run_git("--git-dir", tmp_path / repository, "rev-list", "--all", "--count"))
        assert len(sample.truth.commits[repository]) == count


def test_git_clones_the_superproject_with_its_submodules(sample, tmp_path):
    run_git(
        "clone",
        "--quiet",
        "--recurse-submodules",
        "--branch=boost-1.71.0",
        f"{sample.url}/boost.git",
        tmp_path / "boost",
    )

    assert (tmp_path / "boost/libs/numeric/conversion/include/boost/numeric/conversion/cast.hpp").is_file()
    assert (tmp_path / "boost/tools/boostdep/src/boostdep.cpp").is_file()


def test_any_commit_can_be_fetched_by_its_id(sample, tmp_path):
    commit = next(iter(sample.truth.commits["config"]))
    run_git("init", "--quiet", "--bare", tmp_path / "mirror.git")

    run_git("--git-dir", tmp_path / "mirror.git", "fetch", "--quiet", f"{sample.url}/config.git", commit)

    assert run_git("--git-dir", tmp_path / "mirror.git", "cat-file", "-t", commit) == "commit\n"


def test_it_is_called_a_sample_wherever_it_shows(sample, git):
    for repository in sample.truth.repositories:
        assert "sample" in (sample.folder / f"{repository}.git" / "description").read_text()
        assert "sample" in git(repository, "show", f"{sample.truth.default_branches[repository]}:README.md")


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(SettingsError, match=r"is not empty; name a fresh folder"):
        build(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_no_repository_is_half_there_when_git_fails(tmp_path, monkeypatch):
    broken = tmp_path / "bin" / "git"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nfor last; do :; done\nmkdir -p \"$last\"; echo 'disk full' >&2; exit 128\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken.parent}:{os.environ['PATH']}")

    with pytest.raises(SourceUnavailable, match=r"disk full"):
        build(tmp_path / "organisation")

    assert not list((tmp_path / "organisation").glob("*.git"))


def test_a_machine_without_git_is_told_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(SettingsError, match=r"git is not on PATH"):
        build(tmp_path / "organisation")


def test_a_copy_is_a_sample_of_its_own(sample: Sample, own_sample: Sample, git: Git):
    assert own_sample.folder != sample.folder
    assert own_sample.truth == sample.truth
    assert git("boost", "for-each-ref") == git_of(own_sample)("boost", "for-each-ref")
