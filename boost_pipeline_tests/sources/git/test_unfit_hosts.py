"""A host is believed by what arrived: what is shallow, damaged or of another kind there is told as that.

None of it costs the mirror anything, none is asked for twice in a step, and a host that was mended is mirrored.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from boost_pipeline.errors import SourceUnfit
from boost_pipeline.sources.git import GitMirrors
from boost_pipeline_tests.sources.git.origin import Origin, git
from boost_pipeline_tests.sources.git.test_host_failures import wrapper


def history(origin: Origin, count: int = 4, *parents: str) -> list[str]:
    """Write so many commits, one on the other, each with a file and a folder of its own."""
    shas: list[str] = []
    for number in range(count):
        name = f"{len(parents)}-{number}".encode()
        files = {b"n.txt": name, b"d/" + name: b"in " + name}
        shas.append(origin.commit(files, *(shas[-1:] or parents)))
    return shas


def loose(origin: Origin, name: str) -> Path:
    """The file of an object."""
    sha = origin.git("rev-parse", name)
    return origin.path / "objects" / sha[:2] / sha[2:]


def spoil(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(b"garbage")


def spoil_pack(origin: Origin, change: Callable[[bytes], bytes]) -> None:
    origin.git("repack", "-adq")
    (pack,) = (origin.path / "objects" / "pack").glob("*.pack")
    content = pack.read_bytes()
    pack.unlink()
    pack.write_bytes(change(content))


def make_shallow(origin: Origin, depth: int = 1) -> None:
    """Replace the repository by a shallow copy of it."""
    full = origin.path.rename(origin.path.with_suffix(".full"))
    git(full, "clone", "--quiet", "--bare", f"--depth={depth}", "--no-single-branch", full.as_uri(), str(origin.path))
    shutil.rmtree(full)


def state(mirror: Path) -> tuple[dict[str, bytes], str, bytes]:
    """What a mirror holds: its objects, its refs, its HEAD."""
    objects = {str(file): file.read_bytes() for file in (mirror / "objects").rglob("*") if file.is_file()}
    return objects, git(mirror, "for-each-ref"), (mirror / "HEAD").read_bytes()


def write(path: Path, line: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{line}\n")


DAMAGES: dict[str, Callable[[Origin, list[str]], object]] = {
    "no file": lambda origin, shas: loose(origin, f"{shas[2]}:n.txt").unlink(),
    "no folder": lambda origin, shas: loose(origin, f"{shas[2]}^{{tree}}").unlink(),
    "no commit in the middle": lambda origin, shas: loose(origin, shas[2]).unlink(),
    "no newest commit": lambda origin, shas: loose(origin, shas[3]).unlink(),
    "a file of garbage": lambda origin, shas: spoil(loose(origin, f"{shas[2]}:n.txt")),
    "a folder of garbage": lambda origin, shas: spoil(loose(origin, f"{shas[2]}^{{tree}}")),
    "a pack with a hole": lambda origin, _: spoil_pack(origin, lambda pack: pack[:40] + b"\xff" * 40 + pack[80:]),
    "a pack that was cut": lambda origin, _: spoil_pack(origin, lambda pack: pack[: len(pack) // 2]),
    "no pack": lambda origin, _: spoil_pack(origin, lambda _: b""),
    "a history that was cut off": lambda origin, shas: write(origin.path / "info" / "grafts", shas[3]),
    "a branch that names nothing": lambda origin, _: write(origin.path / "refs" / "heads" / "lost", "1" * 40),
    "a branch of zeros": lambda origin, _: write(origin.path / "refs" / "heads" / "zero", "0" * 40),
    "a branch that names a folder": lambda origin, shas: write(
        origin.path / "refs" / "heads" / "tree", origin.git("rev-parse", f"{shas[2]}^{{tree}}")
    ),
    "no HEAD": lambda origin, _: (origin.path / "HEAD").unlink(),
}
"""What can befall a repository of four commits; the first two of them stay whole."""


@pytest.fixture(params=DAMAGES, ids=lambda name: name.replace(" ", "-"))
def damage(request) -> Callable[[Origin, list[str]], object]:
    """Breaks a repository of four commits."""
    return DAMAGES[request.param]


class TestDamaged:
    def test_a_clone_of_it_is_an_error_of_the_host_and_leaves_nothing(self, mirrors, origin, folder, damage):
        damage(origin, history(origin))

        with pytest.raises(SourceUnfit, match=r"^lib: the host's copy is damaged \(.*\); mend it there") as error:
            mirrors.refresh("lib")

        assert error.value.category == "host"
        assert [path.name for path in folder.iterdir() if path.name != ".locks"] == []

    def test_a_mirror_of_it_is_not_blamed_and_stays_as_it_is(self, mirrors, origin, folder, damage, caplog):
        old = history(origin, 2)
        mirrors.refresh("lib")
        before = state(folder / "lib.git")
        damage(origin, [*old, *history(origin, 2, old[-1])])

        with pytest.raises(SourceUnfit, match="lib: the host's copy is damaged"):
            mirrors.refresh("lib")

        assert state(folder / "lib.git") == before
        assert [path.name for path in folder.glob("lib.git*")] == ["lib.git"]
        assert "new clone" not in caplog.text

    def test_it_is_asked_once(self, folder, origins, origin, damage):
        damage(origin, history(origin))
        mirrors = GitMirrors(folder, f"file://{origins}", attempts=3, backoff=3600)

        with pytest.raises(SourceUnfit):
            mirrors.refresh("lib")

    def test_over_http_it_is_told_as_that_too(self, folder, http_host, origin):
        DAMAGES["no file"](origin, history(origin))

        with pytest.raises(SourceUnfit, match="lib: the host's copy is damaged"):
            GitMirrors(folder, http_host.url, attempts=3, backoff=3600).refresh("lib")

    def test_a_mirror_that_is_damaged_as_well_says_so_and_stays(self, mirrors, origin, folder):
        (sha,) = history(origin, 1)
        mirrors.refresh("lib")
        DAMAGES["no file"](origin, [sha, *history(origin, 3, sha)])
        for pack in (folder / "lib.git" / "objects" / "pack").glob("*.pack"):
            spoil(pack)

        with pytest.raises(SourceUnfit, match="the host's copy is damaged"):
            mirrors.refresh("lib")

        assert [path.name for path in folder.glob("lib.git*")] == ["lib.git"]


class TestShallow:
    def test_a_clone_of_it_names_the_mend_and_leaves_nothing(self, mirrors, origin, folder):
        history(origin)
        make_shallow(origin)

        with pytest.raises(SourceUnfit, match=r"^lib: the host's copy is shallow.*`git fetch --unshallow` there\.$"):
            mirrors.refresh("lib")

        assert [path.name for path in folder.iterdir() if path.name != ".locks"] == []

    @pytest.mark.parametrize("version", [0, 2])
    def test_one_that_becomes_shallow_leaves_the_mirror_as_it_is(self, mirrors, origin, folder, user_config, version):
        user_config.write_text(f"[protocol]\n\tversion = {version}\n[fetch]\n\twriteCommitGraph = true\n")
        old = history(origin, 2)
        mirrors.refresh("lib")
        before = state(folder / "lib.git")
        new = history(origin, 3, old[-1])
        make_shallow(origin)

        with pytest.raises(SourceUnfit, match="the host's copy is shallow"):
            mirrors.refresh("lib", wanted=new[-1:])

        assert state(folder / "lib.git") == before
        assert mirrors.mirror("lib").missing(new) == set(new)

    def test_one_that_holds_all_that_is_new_is_no_error(self, mirrors, origin):
        old = history(origin, 3)
        mirrors.refresh("lib")
        make_shallow(origin)

        assert mirrors.refresh("lib").outcome == "unchanged"
        assert mirrors.mirror("lib").count_commits() == len(old)

    def test_a_branch_that_came_whole_is_undone_with_those_that_did_not(self, mirrors, origin, folder):
        old = history(origin, 2)
        origin.point("refs/heads/topic", old[0])
        mirrors.refresh("lib")
        before = state(folder / "lib.git")
        history(origin, 3, old[-1])
        origin.delete("refs/heads/topic")
        origin.point("refs/heads/topic/one", old[0])
        make_shallow(origin)

        with pytest.raises(SourceUnfit):
            mirrors.refresh("lib")

        assert mirrors.mirror("lib").count_commits() == 2
        assert [ref.name for ref in mirrors.mirror("lib").refs()] == ["refs/heads/develop", "refs/heads/topic"]
        assert state(folder / "lib.git") == before

    def test_a_pin_of_it_is_a_gap_that_leaves_no_trace(self, mirrors, origin, folder):
        old = history(origin, 2)
        mirrors.refresh("lib")
        before = state(folder / "lib.git")
        pinned = history(origin, 3, old[-1])[-1]
        origin.point("refs/heads/develop", pinned)
        make_shallow(origin)
        origin.git("config", "uploadpack.allowAnySHA1InWant", "true")
        origin.git("update-ref", "refs/pull/1/head", pinned)
        origin.git("fetch", "--quiet", str(folder / "lib.git"), "+refs/heads/develop:refs/heads/develop")

        mirrors.refresh("lib", wanted=[pinned])

        assert mirrors.mirror("lib").missing([pinned]) == {pinned}
        assert state(folder / "lib.git") == before

    def test_one_that_was_mended_is_mirrored(self, mirrors, origin, folder):
        old = history(origin, 2)
        mirrors.refresh("lib")
        history(origin, 3, old[-1])
        shutil.copytree(origin.path, folder.parent / "full.git")
        make_shallow(origin)
        with pytest.raises(SourceUnfit):
            mirrors.refresh("lib")

        origin.git("fetch", "--quiet", "--unshallow", str(folder.parent / "full.git"))

        assert mirrors.refresh("lib").outcome == "fetched"
        assert mirrors.mirror("lib").count_commits() == 5


class TestAnotherKind:
    @pytest.fixture
    def sha256(self, origin):
        """Replace the repository by one whose object ids are longer."""

        def sha256() -> None:
            shutil.rmtree(origin.path)
            git(origin.path, "init", "--quiet", "--bare", "--object-format=sha256", str(origin.path))
            origin.point("refs/heads/develop", origin.git("commit-tree", origin.git("mktree")))

        return sha256

    def test_object_ids_of_sha256_are_told(self, mirrors, folder, sha256):
        sha256()

        for ask in (mirrors.refresh, mirrors.tags):
            with pytest.raises(SourceUnfit, match=r"^lib: .*object ids of 64 hexadecimal digits.*SHA-1"):
                ask("lib")

        assert [path.name for path in folder.iterdir() if path.name != ".locks"] == []

    def test_a_mirror_whose_host_takes_up_sha256_stays(self, mirrors, origin, sha256):
        history(origin)
        mirrors.refresh("lib")
        sha256()

        with pytest.raises(SourceUnfit, match="cannot be mirrored"):
            mirrors.refresh("lib")

        assert mirrors.mirror("lib").count_commits() == 4

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param(lambda path: (path / "config").write_text("[core\n"), id="configuration"),
            pytest.param(lambda path: git(path, "config", "core.repositoryFormatVersion", "9"), id="version"),
            pytest.param(lambda path: [shutil.rmtree(path), path.write_text("x")], id="file"),
        ],
    )
    def test_a_repository_that_git_does_not_read_is_told_with_its_reason(self, mirrors, origin, change):
        history(origin)
        change(origin.path)

        with pytest.raises(SourceUnfit, match=r"^lib: the host's copy is of a kind that cannot be mirrored"):
            mirrors.refresh("lib")


class TestArrival:
    def test_a_branch_that_git_leaves_out_is_told_by_name(self, mirrors, origin, folder):
        sha = origin.commit({b"a": b"1"})
        (origin.path / "packed-refs").write_text(f"{sha} refs/heads/a..b\n")

        with pytest.raises(SourceUnfit, match=r"^lib: the host offers 'refs/heads/a\.\.b' and does not send it"):
            mirrors.refresh("lib")

        assert [path.name for path in folder.iterdir() if path.name != ".locks"] == []

    def test_a_host_that_is_pushed_to_meanwhile_is_no_liar(self, mirrors, origin, tmp_path, monkeypatch):
        first = origin.commit({b"a": b"1"})
        second = origin.commit({b"a": b"2"}, first, branch=None)
        real = shutil.which("git")
        push = f'{real} --git-dir="{origin.path}" update-ref refs/heads/develop {second}'
        wrapper(tmp_path / "bin", monkeypatch, f'case "$*" in *" fetch "*) {push};; esac\nexec {real} "$@"')

        assert mirrors.refresh("lib").outcome == "cloned"
        assert [ref.sha for ref in mirrors.mirror("lib").refs()] == [second]

    def test_a_fetch_that_brings_nothing_and_calls_it_a_success_is_an_error(
        self, mirrors, origin, folder, tmp_path, monkeypatch
    ):
        first = origin.commit({b"a": b"1"})
        mirrors.refresh("lib")
        origin.commit({b"a": b"2"}, first)
        real = shutil.which("git")
        wrapper(tmp_path / "bin", monkeypatch, f'case "$*" in *" fetch "*) exit 0;; esac\nexec {real} "$@"')

        with pytest.raises(SourceUnfit, match="the host offers 'refs/heads/develop' and does not send it"):
            mirrors.refresh("lib")

        assert [ref.sha for ref in mirrors.mirror("lib").refs()] == [first]


class TestHead:
    """The default branch of a mirror is what the host says today, whatever it said before."""

    @pytest.fixture(params=[False, True], ids=["clone", "fetch"])
    def changed(self, request, mirrors, origin):
        """Return the mirror of a host whose HEAD was changed, before the first refresh or after it."""

        def changed(change: Callable[[], object]):
            for branch in ("develop", "master"):
                origin.commit({b"a": branch.encode()}, branch=branch)
            if request.param:
                mirrors.refresh("lib")
            change()
            mirrors.refresh("lib")
            return mirrors.mirror("lib")

        return changed

    def test_a_head_that_names_a_commit_is_none(self, changed, origin):
        sha = "refs/heads/develop"

        assert changed(lambda: origin.git("update-ref", "--no-deref", "HEAD", sha)).default_branch() is None

    def test_a_head_that_names_a_branch_that_is_not_there_is_none(self, changed, origin):
        assert changed(lambda: origin.set_head("gone")).default_branch() is None

    def test_a_head_that_names_a_tag_is_none(self, changed, origin):
        def name_a_tag() -> None:
            origin.tag("v1", origin.git("rev-parse", "refs/heads/develop"))
            origin.git("symbolic-ref", "HEAD", "refs/tags/v1")

        assert changed(name_a_tag).default_branch() is None

    def test_a_host_that_goes_on_without_a_default_branch_is_unchanged(self, mirrors, origin):
        origin.git("update-ref", "--no-deref", "HEAD", origin.commit({b"a": b"1"}))
        mirrors.refresh("lib")

        assert mirrors.refresh("lib").outcome == "unchanged"
