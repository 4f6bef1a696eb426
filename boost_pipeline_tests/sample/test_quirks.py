"""The irregularities of the real organisation that the sample promises to have."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from datetime import UTC, datetime
from itertools import chain

import pytest

from boost_pipeline.sample.organisation import Sample

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^">]+)[">]', re.MULTILINE)


@pytest.fixture(scope="session")
def commits(sample: Sample):
    """All commits of all repositories."""
    return list(chain.from_iterable(history.values() for history in sample.truth.commits.values()))


def entry(sample: Sample, tag: str, key: str) -> dict:
    (found,) = (library.entry for library in sample.truth.release(tag).libraries if library.key == key)
    return found


def includes(sample: Sample, git, tag: str) -> dict[tuple[str, str], list[str]]:
    """Module and path → include targets, for the code of a release."""
    found = {}
    for module in sample.truth.release(tag).modules:
        if not module.is_held:
            continue
        for path in git(module.repository, "ls-tree", "-r", "--name-only", module.commit).splitlines():
            if path.startswith(("include/", "src/", "test/")):
                text = git(module.repository, "show", f"{module.commit}:{path}")
                found[module.name, path] = INCLUDE.findall(text)
    return found


def edges(found: dict[tuple[str, str], list[str]], *folders: str) -> set[tuple[str, str]]:
    """Dependencies by the rule of boostdep, from the files in some folders."""
    owner = {path.removeprefix("include/"): module for module, path in found if path.startswith("include/")}
    return {
        (module, owner[target])
        for (module, path), targets in found.items()
        if path.startswith(folders)
        for target in targets
        if target in owner and owner[target] != module
    }


# ---------------------------------------------------------------- size


def test_about_a_thousand_commits_over_more_than_ten_years(commits):
    years = {commit.committer.at.year for commit in commits}

    assert 900 <= len(commits) <= 1200
    assert set(range(2008, 2020)) <= years


def test_every_person_and_address_is_invented(commits):
    domains = {signature.email.rpartition("@")[2] for c in commits for signature in (c.author, c.committer)}

    assert domains == {"example.org", "example.com", "users.noreply.example.com"}


# ---------------------------------------------------------------- releases


def test_the_tags_have_every_kind_and_both_spellings(sample):
    assert [(release.tag, release.kind) for release in sample.truth.releases] == [
        ("boost-1.52.0", "stable"),
        ("boost-1.53.0", "stable"),
        ("boost-1.61.0", "stable"),
        ("boost-1.69.0-beta1", "beta"),
        ("boost-1.69.0-rc1", "rc"),
        ("boost-1.69.0", "stable"),
        ("boost-1.70.0.beta1", "beta"),
        ("boost-1.70.0", "stable"),
        ("boost-1.71.0.beta1", "beta"),
        ("boost-1.71.0", "stable"),
        ("boost-1.71.0-1", "other"),
    ]


def test_one_tag_is_annotated(sample):
    assert [release.tag for release in sample.truth.releases if release.tagged_at] == ["boost-1.61.0"]


def test_the_oldest_releases_share_the_day_of_the_conversion_and_have_no_metadata(sample):
    oldest = sample.truth.stable[:2]

    assert {datetime(2013, 4, 13, 12, tzinfo=UTC)} == {release.committed_at for release in oldest}
    assert [()] * 2 == [release.libraries for release in oldest] == [release.problems for release in oldest]


def test_some_tags_are_on_no_branch(sample, git):
    merged = set(git("boost", "tag", "--merged", "master").split())

    aside = {"boost-1.52.0", "boost-1.53.0", "boost-1.70.0.beta1", "boost-1.71.0-1"}
    assert {release.tag for release in sample.truth.releases} - merged == aside


def test_the_re_release_pins_what_the_release_pins(sample):
    assert sample.truth.release("boost-1.71.0").modules == sample.truth.release("boost-1.71.0-1").modules


# ---------------------------------------------------------------- modules


def test_modules_join_and_leave(sample):
    present = {release.tag: {module.name for module in release.modules} for release in sample.truth.releases}

    assert {"core", "hana", "tools/boostdep"} == present["boost-1.61.0"] - present["boost-1.53.0"]
    assert {"container_hash", "mp11"} == present["boost-1.69.0"] - present["boost-1.61.0"]
    assert {"signals"} == present["boost-1.61.0"] - present["boost-1.69.0"]
    assert {"headers"} == present["boost-1.70.0"] - present["boost-1.69.0"]


def test_neither_name_nor_path_always_tells_the_repository(sample):
    modules = {module.repository: module for module in sample.truth.release("boost-1.61.0").modules}

    assert modules["hana"].submodule == "libs/hana"
    assert modules["numeric_conversion"].path == "libs/numeric/conversion"
    assert modules["interval"].path == "libs/numeric/interval"
    assert modules["boostdep"].path == "tools/boostdep"


def test_a_submodule_changes_its_name(sample):
    names = {m.submodule for r in sample.truth.releases for m in r.modules if m.repository == "hana"}

    assert names == {"libs/hana", "hana"}


def test_gitmodules_has_relative_urls_and_branches(git):
    text = git("boost", "show", "develop:.gitmodules")

    assert "\turl = ../numeric_conversion.git\n" in text
    assert "\tbranch = .\n" in text
    assert "\tbranch = master\n" in text


def test_one_gitlink_of_a_beta_leads_nowhere_and_no_other(sample):
    nowhere = [(r.tag, m.name) for r in sample.truth.releases for m in r.modules if not m.is_held]

    assert nowhere == [("boost-1.70.0.beta1", "geometry")]


def test_a_library_is_tagged_elsewhere_than_it_is_pinned(sample):
    (pinned,) = (m.commit for m in sample.truth.release("boost-1.61.0").modules if m.repository == "signals")

    assert pinned != sample.truth.refs["signals"]["refs/tags/boost-1.61.0"]
    assert sample.truth.first_release["signals"][pinned] == "boost-1.61.0"


def test_a_stable_release_pins_a_commit_that_is_on_no_branch(sample, git):
    (pinned,) = (m.commit for m in sample.truth.release("boost-1.69.0").modules if m.repository == "interval")

    assert git("interval", "branch", "--contains", pinned) == ""
    assert git("interval", "tag", "--contains", pinned).split() == ["boost-1.69.0"]


def test_libraries_are_tagged_for_the_releases_they_were_part_of(sample):
    for release in sample.truth.releases:
        if release.kind != "other":
            tag = f"refs/tags/{release.tag}"
            tagged = {name for name, refs in sample.truth.refs.items() if tag in refs}
            assert tagged == {"boost"} | {module.repository for module in release.modules}


# ---------------------------------------------------------------- metadata


def test_metadata_files_are_objects_and_lists_of_one_or_several(sample, git):
    found = Counter()
    for module in sample.truth.release("boost-1.71.0").modules:
        if module.repository in {library.module for library in sample.truth.release("boost-1.71.0").libraries}:
            value = json.loads(git(module.repository, "show", f"{module.commit}:meta/libraries.json"))
            found["object" if isinstance(value, dict) else "one" if len(value) == 1 else "several"] += 1

    assert found.keys() == {"object", "one", "several"}


def test_invalid_json_is_mended_by_the_next_release(sample):
    problems = {(problem.release, problem.module, problem.kind) for problem in sample.truth.problems}

    assert ("boost-1.61.0", "ratio", "invalid_json") in problems
    assert "ratio" in sample.truth.release("boost-1.69.0").keys


def test_every_kind_of_problem_occurs(sample):
    kinds = {problem.kind for problem in sample.truth.problems}

    assert kinds == {"missing_file", "invalid_json", "unknown_shape", "missing_field"}


def test_authors_are_lists_and_texts_and_nothing(sample):
    authors = [library.entry["authors"] for library in sample.truth.release("boost-1.61.0").libraries]

    assert "" in authors
    assert "Max Mustermann" in authors
    assert ["Jane Doe", "Ada Sample, Ola Nordmann-Placeholder"] in authors


def test_maintainers_hide_their_addresses_in_many_ways_or_are_missing(sample):
    libraries = sample.truth.release("boost-1.71.0").libraries
    said = {text for library in libraries for text in library.entry.get("maintainers", ())}

    assert {"Jane Doe <jane.doe -at- example.org>", "Jane Doe <jane.doe -at - example.org>"} <= said
    assert {"<team@example.com>", "< - at - >", "<indira -at-  example.com>", "Taro Yamada-Sample"} <= said
    assert not all("maintainers" in library.entry for library in libraries)


def test_one_category_has_several_spellings(sample):
    said = {text for r in sample.truth.stable for library in r.libraries for text in library.entry["category"]}

    assert {"workarounds", "Workarounds", "Math and Numerics", "Math and numerics", "Math"} <= said


def test_a_repository_has_two_metadata_files(sample):
    libraries = sample.truth.release("boost-1.70.0").libraries

    files = [library.file for library in libraries if library.module == "geometry"]
    assert files == ["index/meta/libraries.json", "meta/libraries.json"]


def test_a_key_moves_to_another_repository_and_changes_there(sample):
    homes = {
        release.tag: [(lib.module, lib.key) for lib in release.libraries if "hash" in lib.key]
        for release in sample.truth.stable[2:]
    }

    assert homes == {
        "boost-1.61.0": [("functional", "functional/hash")],
        "boost-1.69.0": [("container_hash", "functional/hash")],
        "boost-1.70.0": [("container_hash", "functional/hash")],
        "boost-1.71.0": [("container_hash", "container_hash")],
    }


def test_cxxstd_and_status_come_when_they_come(sample):
    with_standard = [r.tag for r in sample.truth.stable if any("cxxstd" in lib.entry for lib in r.libraries)]

    assert with_standard == ["boost-1.71.0"]
    assert entry(sample, "boost-1.71.0", "hana")["cxxstd"] == "14"
    assert entry(sample, "boost-1.61.0", "signals")["status"] == "deprecated"
    assert entry(sample, "boost-1.71.0", "geometry/index")["status"] == "hidden"


# ---------------------------------------------------------------- history


def test_one_author_has_several_names_and_addresses(commits):
    authors = {(commit.author.name, commit.author.email) for commit in commits}

    assert {
        ("Jane Doe", "jane.doe@example.org"),
        ("j. doe", "Jane.Doe@example.org"),
        ("jane", "jane@example.com"),
    } <= authors
    assert {("Max Mustermann", "team@example.com"), ("Erika Mustermann", "team@example.com")} <= authors
    assert {("Jürgen Beispiel", "juergen@example.org"), ("Juergen Beispiel", "juergen@example.org")} <= authors


def test_committers_differ_from_authors_and_web_merges_have_their_own(commits):
    others = [commit for commit in commits if commit.committer[:2] != commit.author[:2]]

    assert len(others) >= 20
    assert any(commit.committer.name == "Sample Web" and len(commit.parents) == 2 for commit in others)


def test_commits_are_written_long_before_and_even_after_they_are_committed(commits):
    days = [(commit.committer.at - commit.author.at).days for commit in commits]

    assert max(days) >= 40
    assert min(days) < 0


def test_a_commit_is_older_than_its_parent(sample):
    commits = sample.truth.commits["mp11"]

    assert any(commits[p].committer.at > commit.committer.at for commit in commits.values() for p in commit.parents)


def test_clocks_are_in_many_zones(commits):
    zones = {commit.author.at.strftime("%z") for commit in commits}

    assert {"+0000", "-0500", "+0530", "+0900"} <= zones


def test_merges_come_from_branches_and_pull_requests(commits):
    subjects = [commit.subject for commit in commits if len(commit.parents) == 2]

    assert any(re.fullmatch(r"Merge branch 'feature/\d+' into develop", subject) for subject in subjects)
    assert any(re.fullmatch(r"Merge pull request #\d+ from [\w-]+/[\w-]+", subject) for subject in subjects)
    assert not any(len(commit.parents) > 2 for commit in commits)


def test_files_are_renamed_with_and_without_edits(commits):
    renames = [change for commit in commits for change in commit.changes if change.status == "R"]

    assert {True, False} == {bool(change.additions) for change in renames}
    assert all(change.previous_path for change in renames)


def test_files_are_added_changed_deleted_and_change_their_type(commits):
    statuses = Counter(change.status for commit in commits for change in commit.changes)

    assert statuses.keys() == {"A", "M", "D", "R", "T"}


def test_binary_files_have_no_counts(sample):
    changes = [c for commit in sample.truth.commits["geometry"].values() for c in commit.changes]

    binary = {(change.status, change.path) for change in changes if change.additions is None}
    assert {("A", "doc/html/old.png"), ("M", "doc/html/overview.png"), ("D", "doc/html/old.png")} <= binary
    assert any(not path.isascii() and " " in path for _, path in binary)


def test_there_are_links_scripts_and_a_change_of_mode_alone(sample, git):
    assert git("geometry", "ls-tree", "develop", "doc/README.md").split()[0] == "120000"
    assert git("boostdep", "ls-tree", "develop", "build.sh").split()[0] == "100755"
    mode_alone = [c for commit in sample.truth.commits["boostdep"].values() for c in commit.changes if c[3:] == (0, 0)]
    assert [change[:2] for change in mode_alone] == [("M", "build.sh")]


def test_a_file_is_a_copy_of_another(git):
    assert "C100" in git("core", "log", "--raw", "--find-copies-harder", "--", "include", "example")


def test_a_commit_changes_nothing(commits):
    assert any(len(c.parents) == 1 and not c.changes and c.subject == "Run the tests again" for c in commits)


def test_a_commit_has_trailers(commits):
    tokens = {token for commit in commits for token, _ in commit.trailers}

    assert tokens == {"Co-authored-by", "Signed-off-by"}


def test_a_commit_is_not_utf_8_and_says_so(sample, git):
    ((sha, commit),) = ((sha, c) for sha, c in sample.truth.commits["config"].items() if c.encoding)

    raw = subprocess.run(
        ["git", "--git-dir", sample.folder / "config.git", "cat-file", "commit", sha], capture_output=True, check=True
    ).stdout
    assert b"\nencoding ISO-8859-1\n" in raw
    assert "Jürgen Beispiel <".encode("latin-1") in raw
    assert (commit.author.name, commit.subject) == ("Jürgen Beispiel", "Größe prüfen")


def test_a_repository_has_several_roots(git):
    assert len(git("geometry", "rev-list", "--max-parents=0", "develop").split()) == 2


def test_two_repositories_share_their_early_history(sample):
    shared = sample.truth.commits["functional"].keys() & sample.truth.commits["container_hash"].keys()

    assert len(shared) >= 5


def test_a_feature_branch_was_never_merged(git):
    assert git("smart_ptr", "branch", "--no-merged", "develop", "--list", "feature/*").split() == [
        "feature/atomic-counts"
    ]


def test_releases_are_merged_to_master_so_develop_lacks_the_pinned_commits(sample, git):
    (pinned,) = (m.commit for m in sample.truth.release("boost-1.69.0").modules if m.repository == "config")

    assert git("config", "branch", "--format=%(refname:short)", "--contains", pinned).split() == ["master"]
    assert pinned not in sample.truth.landed_at["config"]


# ---------------------------------------------------------------- headers


def test_no_header_is_in_two_modules_of_a_release(sample, git):
    for release in sample.truth.stable:
        owners = Counter(path for _, path in includes(sample, git, release.tag) if path.startswith("include/"))
        assert max(owners.values()) == 1


def test_the_headers_make_layers_and_a_cycle(sample, git):
    found = edges(includes(sample, git, "boost-1.71.0"), "include/")

    assert {("smart_ptr", "config"), ("smart_ptr", "core"), ("geometry", "mp11")} <= found
    assert {("numeric/conversion", "numeric/interval"), ("numeric/interval", "numeric/conversion")} <= found
    assert not [edge for edge in found if edge[0] == "mp11"]


def test_some_edges_come_from_sources_or_tests_alone(sample, git):
    found = includes(sample, git, "boost-1.53.0")

    assert ("signals", "smart_ptr") in edges(found, "include/", "src/") - edges(found, "include/")
    assert ("geometry", "ratio") in edges(found, "test/") - edges(found, "include/", "src/")


def test_edges_and_the_owner_of_a_header_change_between_releases(sample, git):
    before, after = (edges(includes(sample, git, tag), "test/") for tag in ("boost-1.61.0", "boost-1.69.0"))

    assert ("smart_ptr", "functional") in before - after
    assert ("smart_ptr", "container_hash") in after - before


def test_directives_have_unusual_forms_and_one_target_exists_nowhere(git):
    text = "".join(
        git(name, "grep", "-h", "include", "develop", "--", "include") for name in ("config", "core", "geometry")
    )
    text += git("numeric_conversion", "grep", "-h", "include", "develop", "--", "include")
    text += git("ratio", "grep", "-h", "include", "develop", "--", "include")

    for form in (
        "#include BOOST_COMPILER_CONFIG",
        '#   include "boost/config.hpp"',
        "#include<boost/config.hpp>",
        "#\tinclude <limits>",
        "/* #include <boost/core/ref.hpp> in a comment */",
        "#include <boost/geometry/algorithms/detail//sum.hpp>",
        "#include <boost/nowhere/removed_long_ago.hpp>",
    ):
        assert form in text
