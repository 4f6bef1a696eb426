"""Hosts whose repositories are odd: what each of them costs, and what is told."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from boost_pipeline_tests.collectors.conftest import Platform, open_platform
from boost_pipeline_tests.collectors.test_libraries import error_of
from boost_pipeline_tests.sources.git.origin import Origin, break_objects
from boost_pipeline_tests.sources.git.test_host_failures import wrapper
from boost_pipeline_tests.sources.git.test_unfit_hosts import make_shallow

META = b'{"key": "%s", "name": "N", "authors": "A", "description": "d", "category": ["Misc"], "cxxstd": "11"}'


class Host:
    """A superproject and its libraries, each with a branch develop of two commits."""

    def __init__(self, folder: Path, *libraries: str) -> None:
        self.folder = folder
        self.boost = Origin(folder / "boost.git")
        self.libraries = {name: Origin(folder / f"{name}.git") for name in libraries}
        self.pins = {name: self.commit(name) for name in libraries}
        self.entries = {name: f"\tpath = libs/{name}\n\turl = ../{name}.git\n\tbranch = .\n" for name in libraries}

    def commit(self, name: str, branch: str | None = "develop") -> str:
        """Write two commits to a branch of a library; return the newer one."""
        library = self.libraries[name]
        files = {b"meta/libraries.json": META % name.encode(), b"include/boost/x.hpp": b""}
        first = library.commit(files, branch=branch)
        return library.commit(files | {b"n.txt": b"2"}, first, branch=branch)

    def release(self, tag: str) -> None:
        """Tag the pins, and bring both heads there."""
        gitmodules = "".join(f'[submodule "{name}"]\n{entry}' for name, entry in self.entries.items()).encode()
        links = {f"libs/{name}".encode(): ("160000", pin) for name, pin in self.pins.items()}
        sha = self.boost.commit({b".gitmodules": gitmodules, **links})
        self.boost.point("refs/heads/master", sha)
        self.boost.tag(tag, sha)


@pytest.fixture
def host(tmp_path) -> Host:
    return Host(tmp_path / "host", "odd", "sound")


@pytest.fixture
def platform(host, warehouse, tmp_path) -> Iterator[Platform]:
    with open_platform(host.folder.as_uri(), warehouse, tmp_path / "home") as platform:
        platform.settings = platform.settings.model_copy(update={"git_sweep_days": 0})
        yield platform


def on_default_branch(platform: Platform) -> dict[str, tuple[str, int]]:
    """Library → its default branch, and how many commits are on it."""
    rows = platform.rows(
        "SELECT p.name, p.default_branch, count(c.id) FILTER (WHERE c.on_default_branch) FROM repositories p "
        "LEFT JOIN commits c ON c.repository_id = p.id WHERE p.kind = 'boost' GROUP BY p.id"
    )
    return {name: (branch, count) for name, branch, count in rows}


def failures(platform: Platform, asset: str) -> dict[str, tuple[str, str]]:
    rows = platform.rows("SELECT unit, category, error FROM failures WHERE asset = %s AND resolved_at IS NULL", asset)
    return {unit: (category, error) for unit, category, error in rows}


class TestDefaultBranch:
    @pytest.mark.parametrize("branch", [".", "develop"])
    def test_where_head_names_no_branch_it_is_the_one_that_the_superproject_follows(self, host, platform, branch):
        host.commit("odd", "master")
        host.libraries["odd"].git("update-ref", "--no-deref", "HEAD", "refs/heads/master")
        host.entries["odd"] = host.entries["odd"].replace("= .\n", f"= {branch}\n")
        host.release("boost-1.80.0")

        assert platform.materialize().success
        assert on_default_branch(platform) == {"odd": ("develop", 2), "sound": ("develop", 2)}

    def test_a_branch_that_gitmodules_names_comes_before_those_of_the_superproject(self, host, platform):
        host.pins["odd"] = host.commit("odd", "main")
        host.libraries["odd"].set_head("gone")
        host.entries["odd"] = host.entries["odd"].replace("= .\n", "= main\n")
        host.release("boost-1.80.0")

        assert platform.materialize().success
        assert on_default_branch(platform)["odd"] == ("main", 2)

    def test_a_repository_that_no_head_names_any_more_falls_back_to_master(self, host, platform):
        odd = host.libraries["odd"]
        odd.point("refs/heads/master", host.pins["odd"])
        odd.delete("refs/heads/develop")
        host.release("boost-1.80.0")
        del host.pins["odd"], host.entries["odd"]
        host.release("boost-1.81.0")

        assert platform.materialize().success
        assert on_default_branch(platform)["odd"] == ("master", 2)

    @pytest.mark.parametrize("left", ["feature", None])
    def test_a_repository_without_any_is_a_failure_of_its_own(self, host, platform, left):
        host.release("boost-1.80.0")
        odd = host.libraries["odd"]
        if left:
            odd.point(f"refs/heads/{left}", host.pins["odd"])
        odd.delete("refs/heads/develop")

        assert not platform.materialize("boost/releases", "code/repositories", "code/commits").success

        ((unit, (category, error)),) = failures(platform, "code/commits").items()
        assert (unit, category) == ("odd", "host")
        assert "names no branch that it has, and none of develop, master is there; set it there" in error
        assert on_default_branch(platform)["sound"] == ("develop", 2)

    def test_a_host_that_names_a_branch_again_is_believed(self, host, platform):
        host.pins["odd"] = host.commit("odd", "main")
        odd = host.libraries["odd"]
        odd.set_head("gone")
        host.release("boost-1.80.0")
        assert platform.materialize().success
        assert on_default_branch(platform)["odd"] == ("develop", 2)

        odd.set_head("main")

        assert platform.materialize("code/commits").success
        assert on_default_branch(platform)["odd"] == ("main", 2)


class TestUnfit:
    def test_a_shallow_host_is_a_failure_of_the_host_and_costs_itself_alone(self, host, platform):
        make_shallow(host.libraries["odd"])
        host.release("boost-1.80.0")

        assert not platform.materialize().success

        for asset in ("boost/libraries", "boost/headers", "code/commits"):
            ((unit, (category, error)),) = failures(platform, asset).items()
            assert (unit, category) == ("odd", "host")
            assert "run `git fetch --unshallow` there" in error
        assert on_default_branch(platform)["sound"] == ("develop", 2)

    def test_a_host_that_becomes_shallow_keeps_what_was_read(self, host, platform):
        host.release("boost-1.80.0")
        assert platform.materialize().success
        odd = host.libraries["odd"]
        odd.commit({b"a": b"1"}, odd.commit({b"a": b"2"}, host.pins["odd"]))
        make_shallow(odd)

        assert not platform.materialize("code/commits").success

        assert failures(platform, "code/commits").keys() == {"odd"}
        assert on_default_branch(platform)["odd"] == ("develop", 2)

    def test_a_release_of_which_no_library_could_be_read_fails_for_that_reason(self, host, platform):
        for name in host.libraries:
            make_shallow(host.libraries[name])
        host.release("boost-1.80.0")

        error = error_of(platform.materialize("boost/releases", "boost/libraries"))

        assert "2 of 2 units of boost/headers failed" in error
        assert "run `git fetch --unshallow` there" in error

    def test_a_superproject_without_tags_is_a_failure_that_says_so(self, host, platform):
        host.boost.commit({b"a": b"1"})

        assert "has no tags. Check BOOST_GIT_URL" in error_of(platform.materialize("boost/releases"))

    def test_a_head_that_cannot_be_read_does_not_keep_the_commits_of_the_libraries_away(self, host, platform):
        host.release("boost-1.80.0")
        assert platform.materialize().success
        host.boost.commit({b".gitmodules": b"[submodule"})
        odd = host.libraries["odd"]
        odd.commit({b"a": b"1"}, host.pins["odd"])

        assert platform.materialize("code/commits").success
        assert on_default_branch(platform)["odd"] == ("develop", 3)


class TestMirrors:
    @pytest.fixture
    def collected(self, host, platform):
        """The platform, which has read everything."""
        host.release("boost-1.80.0")
        assert platform.materialize().success
        return platform

    def corrupt_mirrors(self, platform: Platform) -> list[str]:
        return sorted(path.name.partition(".git.")[0] for path in platform.settings.mirrors.glob("*.corrupt-*"))

    def test_output_of_git_that_is_not_understood_is_no_damage(self, collected, host, tmp_path, monkeypatch):
        real = shutil.which("git")
        wrapper(tmp_path / "bin", monkeypatch, f'case "$*" in *" log -z "*) echo news; exit 0;; esac\nexec {real} "$@"')
        odd = host.libraries["odd"]
        odd.commit({b"a": b"1"}, host.pins["odd"])

        assert not collected.materialize("code/commits").success

        ((unit, (category, error)),) = failures(collected, "code/commits").items()
        assert (unit, category) == ("odd", "corrupt")
        assert "git log printed something unexpected" in error
        assert self.corrupt_mirrors(collected) == []

    def test_a_damaged_mirror_stays_while_its_host_has_no_other(self, collected, host):
        odd = host.libraries["odd"]
        break_objects(collected.mirrors.mirror("odd").path)
        make_shallow(odd)

        assert not collected.materialize("code/commits").success

        assert failures(collected, "code/commits")["odd"][0] == "host"
        assert collected.mirrors.mirror("odd").exists()
        assert self.corrupt_mirrors(collected) == []

    def test_a_damage_that_only_reading_shows_is_mended_in_the_same_run(self, collected):
        collected.settings = collected.settings.model_copy(update={"git_sweep_days": 7})
        mirror = collected.mirrors.mirror("odd")
        break_objects(mirror.path)
        collected.rows("DELETE FROM cursors WHERE asset = 'code/commits' AND unit = 'odd' RETURNING 1")

        assert collected.materialize("code/commits").success

        assert self.corrupt_mirrors(collected) == ["odd"]
        assert mirror.count_commits() == 2


class TestLostPins:
    """A pinned commit that no ref of the host reaches, and that the host does not give by its id."""

    @pytest.fixture
    def pinned(self, host) -> str:
        """The commit that the release pins, and that the host has lost."""
        odd = host.libraries["odd"]
        host.pins["odd"] = odd.commit(
            {b"meta/libraries.json": META % b"odd", b"include/boost/new.hpp": b""}, branch=None
        )
        host.release("boost-1.80.0")
        shutil.copytree(odd.path, host.folder.parent / "backup.git")
        odd.prune()
        return host.pins["odd"]

    @pytest.fixture
    def asked(self, tmp_path, monkeypatch, pinned) -> Path:
        """What git was told that talks to the host."""
        log, real = tmp_path / "asked", shutil.which("git")
        wrapper(
            tmp_path / "bin",
            monkeypatch,
            f'case "$*" in *{tmp_path}/host*) echo "$@" >> {log};; esac\nexec {real} "$@"',
        )
        return log

    def gaps(self, platform: Platform) -> list[tuple[str, str]]:
        query = "SELECT 'libraries', kind FROM metadata_problems UNION SELECT 'headers', kind FROM source_gaps"
        return sorted(platform.rows(query))

    def test_it_is_a_recorded_gap_and_asked_for_once_in_a_run(self, platform, pinned, asked):
        assert platform.materialize("boost/releases", "boost/libraries").success

        assert self.gaps(platform) == [("headers", "missing_commit"), ("libraries", "missing_commit")]
        assert asked.read_text().count(pinned) == 2  # "+<id>:refs/boost/pins/<id>"

    def test_the_next_run_asks_its_repository_alone(self, platform, pinned, asked, host):
        platform.materialize("boost/releases", "boost/libraries")
        asked.write_text("")

        assert platform.materialize("boost/libraries").success

        assert asked.read_text().count(pinned) == 2
        assert "sound.git" not in asked.read_text()

    def test_a_run_after_the_host_has_it_again_reads_that_repository_and_writes_no_other(self, platform, pinned, host):
        platform.materialize("boost/releases", "boost/libraries")
        others = "SELECT f.xmin::text, f::text FROM {} f JOIN modules m ON m.id = f.module_id WHERE m.name = 'sound'"
        tables = ("source_folders", "release_folders", "release_modules", "library_versions")
        before = [platform.rows(others.format(table)) for table in tables]
        host.libraries["odd"].git(
            "fetch", "--quiet", str(host.folder.parent / "backup.git"), f"{pinned}:refs/tags/found"
        )

        assert platform.materialize("boost/libraries").success

        assert self.gaps(platform) == []
        assert [platform.rows(others.format(table)) for table in tables] == before
        assert all(before)
        files = "SELECT DISTINCT f.paths::text FROM source_folders f JOIN modules m ON m.id = f.module_id"
        assert platform.rows(f"{files} WHERE m.name = 'odd'") == [("{include/boost/new.hpp}",)]
        assert platform.rows("SELECT count(DISTINCT module_id) FROM library_versions") == [(2,)]
        assert platform.rows("SELECT count(*) FROM cursors WHERE position ?| array['missing', 'lost']") == [(0,)]

    def test_a_release_that_is_asked_for_is_read_whole(self, platform, pinned, asked):
        platform.materialize("boost/releases", "boost/libraries")
        platform.rows("DELETE FROM release_folders RETURNING 1")

        config = {"boost/libraries": {"versions": ["boost-1.80.0"]}}
        platform.materialize("boost/libraries", config=config)  # red, as checks miss what is deleted of other releases

        assert platform.rows("SELECT count(*) > 0 FROM release_folders") == [(True,)]
        assert self.gaps(platform) == [("headers", "missing_commit"), ("libraries", "missing_commit")]
