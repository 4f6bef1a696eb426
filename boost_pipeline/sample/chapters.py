"""What happened once, in one library: the irregularities that real histories are full of.

A chapter has its day; a cut is what a library does instead of, or after, the usual merge for a release.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from boost_pipeline.sample import content
from boost_pipeline.sample import people as who
from boost_pipeline.sample.development import Development
from boost_pipeline.sample.history import EXECUTABLE, SYMLINK, Branch, File
from boost_pipeline.sample.releases import Release

Chapter = Callable[[Development, datetime], None]


def _rename(work: Development, when: datetime, old: str, new: str, *, edit: bool) -> None:
    files = work.develop.files
    file = files.pop(old)
    files[new] = content.add_function(new, file, 9000) if edit else file
    work.develop.commit(f"Move {old.rpartition('/')[2]} to its folder", who.JANE.at(when), renames={new: old})


def shared_ptr_moves(work: Development, when: datetime) -> None:
    """Rename with an edit, rename without, then forwarding headers under the old names."""
    _rename(work, when, "include/boost/shared_ptr.hpp", "include/boost/smart_ptr/shared_ptr.hpp", edit=True)
    later = when + timedelta(hours=1)
    _rename(work, later, "include/boost/weak_ptr.hpp", "include/boost/smart_ptr/weak_ptr.hpp", edit=False)
    work.add_files({"include/boost/shared_ptr.hpp": ("boost/smart_ptr/shared_ptr.hpp",)}, later + timedelta(days=1))
    work.add_files({"include/boost/weak_ptr.hpp": ("boost/smart_ptr/weak_ptr.hpp",)}, later + timedelta(days=2))


def trailers(work: Development, when: datetime) -> None:
    """A commit written by two, signed off by a third."""
    path = "include/boost/smart_ptr/make_shared.hpp"
    work.develop.files[path] = content.add_function(path, work.develop.files[path], 9100)
    work.develop.commit(
        "Allocate once\n\nOne block holds the count and the object. Fixes #77.",
        who.TARO.at(when),
        committer=who.JANE.at(when + timedelta(hours=5)),
        trailers=(
            ("Co-authored-by", "Ola Nordmann-Placeholder <ola@example.org>"),
            ("Signed-off-by", "Jane Doe <jane.doe@example.org>"),
        ),
    )


def never_merged(work: Development, when: datetime) -> None:
    """A feature branch that stays where it is."""
    branch = Branch(work.history, "feature/atomic-counts", work.develop.tip)
    for day in range(3):
        work.edit(branch, 9200 + day, when + timedelta(days=day), author=who.OLA)


def busy_week(work: Development, when: datetime) -> None:
    """Several commits that no release holds yet."""
    for day in range(5):
        work.edit(work.develop, 9700 + day, when + timedelta(days=day))


def empty_commit(work: Development, when: datetime) -> None:
    """A commit that changes no file."""
    work.develop.commit("Run the tests again", who.ADA.at(when))


def latin_1(work: Development, when: datetime) -> None:
    """A commit whose names and message are not UTF-8, and say so."""
    path = "include/boost/cstdint.hpp"
    work.develop.files[path] = content.add_function(path, work.develop.files[path], 9300)
    work.develop.commit("Größe prüfen", who.JUERGEN.at(when), encoding="ISO-8859-1")


def script(work: Development, when: datetime) -> None:
    """A script that becomes executable: a change of mode alone."""
    script = content.text("#!/bin/sh", "exec b2 test # a sample", "exit 1")
    work.develop.files["build.sh"] = script
    work.develop.commit("Add a build script", who.ADA.at(when))
    work.develop.files["build.sh"] = script._replace(mode=EXECUTABLE)
    work.develop.commit("Make the script executable", who.ADA.at(when + timedelta(hours=2)))


def second_root(work: Development, when: datetime) -> None:
    """The library takes in a project that had a repository of its own: a second root."""
    own = Branch(work.history, "import/index")
    header = "include/boost/geometry/index/rtree.hpp"
    own.files[header] = content.code(header, ("boost/geometry/core/point.hpp", "vector"))
    own.commit("Initial commit of the index", who.JAN.at(when - timedelta(days=300)))
    for number in range(5):
        work.edit(own, 9400 + number, when - timedelta(days=200 - number), author=who.JAN)
    work.develop.merge(own, "Merge the index into the library", who.INDIRA.at(when))
    own.delete()


def pictures(work: Development, when: datetime) -> None:
    """Binary files that come, change and go, under names that git quotes."""
    files = work.develop.files
    for name in ("doc/html/overview.png", "doc/html/Größe der Fläche.png", "doc/html/old.png"):
        files[name] = content.binary(name)
    work.develop.commit("Add pictures", who.JAN.at(when))
    files["doc/html/overview.png"] = content.binary("a better one", 600)
    work.develop.commit("Draw the overview again", who.JAN.at(when + timedelta(days=1)))
    del files["doc/html/old.png"]
    work.develop.commit("Remove an old picture", who.JAN.at(when + timedelta(days=2)))


def links(work: Development, when: datetime) -> None:
    """A symbolic link, and a file that becomes one."""
    files = work.develop.files
    files["doc/README.md"] = File(b"../README.md", SYMLINK)
    files["doc/index.htm"] = content.text("see index.html")
    work.develop.commit("Link the documentation", who.INDIRA.at(when))
    files["doc/index.htm"] = File(b"index.html", SYMLINK)
    work.develop.commit("Make index.htm a link", who.INDIRA.at(when + timedelta(days=1)))


def copied_file(work: Development, when: datetime) -> None:
    """A file that is a copy of another one."""
    original = work.develop.files["include/boost/core/swap.hpp"]
    work.develop.files["example/swap_as_it_was.hpp"] = original
    work.develop.commit("Keep a copy of swap.hpp as an example", who.FULANO.at(when))


def hash_leaves(work: Development, when: datetime) -> None:
    """Functional gives its hash away: headers move to another repository."""
    for path in [path for path in work.develop.files if "hash" in path]:
        del work.develop.files[path]
    work.develop.commit("Remove hash: it is container_hash now", who.OLA.at(when))


def hash_arrives(work: Development, when: datetime) -> None:
    """container_hash starts from the old history of functional, and keeps what it needs of it."""
    files, author = work.develop.files, work.module.people[0]
    for path in [path for path in files if path.startswith(("include", "test")) and "hash" not in path]:
        del files[path]
    work.develop.commit("Remove all but hash", author.at(when))
    renames = {
        "include/boost/container_hash/hash.hpp": "include/boost/functional/hash.hpp",
        "include/boost/container_hash/detail/hash_float.hpp": "include/boost/functional/detail/hash_float.hpp",
    }
    for new, old in renames.items():
        files[new] = files.pop(old)
    hash_header = files["include/boost/container_hash/hash.hpp"]
    corrected = hash_header.content.replace(b"boost/functional/detail/", b"boost/container_hash/detail/")
    files["include/boost/container_hash/hash.hpp"] = File(corrected)
    work.develop.commit("Move hash to its own folder", author.at(when + timedelta(days=1)), renames=renames)


def wrong_clock(work: Development, when: datetime) -> None:
    """A commit whose clock was behind its parent's, and one written after it was committed."""
    work.edit(work.develop, 9500, when - timedelta(days=40), author=who.JAN)
    work.edit(work.develop, 9501, when, author=who.FULANO, written=when + timedelta(days=3))


def build_file(work: Development, when: datetime) -> None:
    """All that the module holds: no header, no metadata."""
    work.develop.files["build/Jamfile"] = content.text("# a sample", "project boost/headers ;")
    work.develop.commit("Add a Jamfile", who.MANAGER.at(when))


CHAPTERS: Final[Mapping[str, tuple[tuple[str, Chapter], ...]]] = {
    "config": (("2012-04-02", latin_1), ("2014-07-21", empty_commit)),
    "core": (("2016-11-11", copied_file),),
    "smart_ptr": (
        ("2009-07-15", shared_ptr_moves),
        ("2015-08-08", trailers),
        ("2019-08-28", never_merged),
        ("2019-10-02", busy_week),
    ),
    "functional": (("2017-11-20", hash_leaves),),
    "container_hash": (("2017-11-22", hash_arrives),),
    "geometry": (("2012-02-02", second_root), ("2015-03-03", pictures), ("2017-04-04", links)),
    "mp11": (("2018-08-18", wrong_clock),),
    "headers": (("2018-12-22", build_file),),
    "boostdep": (("2015-02-15", script),),
}
"""Repository → day and what happened then."""


def _mistag(work: Development, release: Release) -> str:
    """The library's own tag names the commit before the one that the release pins."""
    pinned = work.cut(release)
    work.history.tag(release.tag, work.history.commits[pinned].parents[0])
    return pinned


def _fix_aside(work: Development, release: Release) -> str:
    """A fix for this release alone: pinned and tagged, but on no branch."""
    work.cut(release)
    aside = Branch(work.history, "release-fix", work.history.refs["refs/heads/master"])
    work.edit(
        aside, 9600, release.cut + timedelta(hours=4), author=who.MANAGER, subject="Fix the build for the release"
    )
    pinned = aside.tip
    assert pinned is not None
    work.history.tag(release.tag, pinned)
    aside.delete()
    return pinned


CUTS: Final[Mapping[tuple[str, str], Callable[[Development, Release], str]]] = {
    ("signals", "boost-1.61.0"): _mistag,
    ("interval", "boost-1.69.0"): _fix_aside,
}
"""Repository and release → how that release was cut."""
