"""What the superproject pins at a commit, read from .gitmodules and the gitlinks of its tree."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from boost_pipeline.collectors.superproject import PinProblem, pins_at
from boost_pipeline.sources.git import GitMirrors
from boost_pipeline_tests.sources.git.origin import Origin

PIN = "1" * 40


@pytest.fixture
def superproject(tmp_path) -> Origin:
    return Origin(tmp_path / "origins" / "boost.git")


def pins(superproject: Origin, files: dict[bytes, bytes | tuple[str, str]]):
    """The pins of a commit of these files."""
    commit = superproject.commit(files)
    mirrors = GitMirrors(superproject.path.parents[1] / "mirrors", f"file://{superproject.path.parent}", attempts=1)
    mirrors.refresh("boost")
    with mirrors.mirror("boost").objects() as objects:
        return pins_at(objects, commit, "boostorg")


def entry(path: str, url: str, branch: str = ".") -> bytes:
    return f'[submodule "{path}"]\n\tpath = {path}\n\turl = {url}\n\tbranch = {branch}\n'.encode()


def modules(*urls: str) -> dict[bytes, bytes | tuple[str, str]]:
    """A tree with one module for each url."""
    entries = [entry(f"libs/m{number}", url) for number, url in enumerate(urls)]
    links = {f"libs/m{number}".encode(): ("160000", PIN) for number in range(len(urls))}
    return {b".gitmodules": b"".join(entries), **links}


def test_a_module_is_found_by_its_url_in_whatever_form(superproject):
    found = pins(
        superproject, modules("../a.git", "ssh://git@github.com/BoostOrg/b/", "https://u:p@www.github.com/boostorg/c")
    )

    assert [module.repository for module in found.modules] == ["a", "b", "c"]
    assert found.problems == ()


@pytest.mark.parametrize("url", ["--upload-pack=touch x", "ext::sh -c x", "file:///etc", "/etc", "-x", "./x.git"])
def test_a_url_that_leads_elsewhere_is_a_problem_of_its_module_alone(superproject, url):
    found = pins(superproject, modules("../a.git", url))

    assert [module.repository for module in found.modules] == ["a"]
    assert found.problems == (PinProblem("m1", "foreign_url", f"{url!r} is no repository of boostorg"),)


def test_a_password_in_a_foreign_url_is_not_told(superproject):
    (problem,) = pins(superproject, modules("https://ann:s3cret@example.org/o/x.git")).problems

    assert problem.detail == "'https://example.org/o/x.git' is no repository of boostorg"


def test_a_module_says_which_branch_it_follows(superproject):
    files = {b".gitmodules": entry("libs/a", "../a.git", "main"), b"libs/a": ("160000", PIN)}

    assert [module.branch for module in pins(superproject, files).modules] == ["main"]


def test_a_module_is_found_in_folders_within_folders(superproject):
    files = {
        b".gitmodules": entry("libs/x/y/z", "../z.git"),
        b"libs/x/y/z": ("160000", PIN),
        b"libs/x/w": ("160000", PIN),
    }
    found = pins(superproject, files)

    assert [(module.name, module.commit_sha) for module in found.modules] == [("x/y/z", PIN)]
    assert [problem.module for problem in found.problems] == ["x/w"]


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of ours `work` runs."""
    ours, count = str(Path(sys.modules["boost_pipeline"].__path__[0])), 0

    def trace(frame, event, argument):
        nonlocal count
        count += event == "line"
        return trace if frame.f_code.co_filename.startswith(ours) else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def test_twice_as_many_modules_are_twice_the_work(superproject):
    folder = superproject.tree({b"m": ("160000", PIN)})

    def files(count: int) -> dict[bytes, bytes | tuple[str, str]]:
        paths = [f"libs/f{number}/m" for number in range(count)]
        entries = b"".join(entry(path, f"../m{number}.git") for number, path in enumerate(paths))
        return {b".gitmodules": entries, **{f"libs/f{number}".encode(): ("040000", folder) for number in range(count)}}

    commits = [superproject.commit(files(count)) for count in (200, 400)]
    superproject.point("refs/heads/half", commits[0])
    mirrors = GitMirrors(superproject.path.parents[1] / "mirrors", f"file://{superproject.path.parent}", attempts=1)
    mirrors.refresh("boost")
    with mirrors.mirror("boost").objects() as objects:
        half, whole = (lines_run(lambda commit=commit: pins_at(objects, commit, "boostorg")) for commit in commits)

    assert half > 200
    assert whole < 2.1 * half
