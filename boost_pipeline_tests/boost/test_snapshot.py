"""The real data: every tag, .gitmodules and meta/libraries.json of Boost, where a snapshot of them is at hand.

The snapshot leaves out 16 libraries, so the counts of the whole of Boost are compared less what those have.
"""

import csv
import gzip
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from boost_pipeline.boost.categories import CATEGORIES
from boost_pipeline.boost.gitmodules import is_library, module_name, read_gitmodules, repository_of
from boost_pipeline.boost.metadata import Metadata, read_metadata
from boost_pipeline.boost.people import read_people
from boost_pipeline.boost.release_dates import HISTORY, WEBSITE
from boost_pipeline.boost.releases import ReleaseKind, is_catalogued, previous_stable, read_tag

SNAPSHOT = Path(__file__).resolve().parents[3] / "shared" / "boost-snapshot"

pytestmark = pytest.mark.skipif(not SNAPSHOT.is_dir(), reason="no snapshot of Boost beside the project")

LEFT_OUT = {
    *("asio", "beast", "math", "spirit", "json", "serialization", "unordered", "thread"),
    *("range", "uuid", "url", "numeric/interval", "optional", "tuple", "tokenizer", "fusion"),
}


class File(NamedTuple):
    """One meta/libraries.json at one release."""

    release: str
    module: str
    path: str
    text: str
    metadata: Metadata


class Link(NamedTuple):
    """A submodule at one tag."""

    ref: str
    path: str
    submodule_name: str
    url: str
    branch: str
    commit: str
    present: str


def json_lines(name):
    with (gzip.open if name.endswith(".gz") else open)(SNAPSHOT / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def table(name):
    with (gzip.open if name.endswith(".gz") else open)(SNAPSHOT / name, "rt", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def tags():
    return {tag["name"]: tag for tag in json_lines("tags.jsonl")}


@pytest.fixture(scope="module")
def releases(tags):
    return [read_tag(tag) for tag in tags]


@pytest.fixture(scope="module")
def catalogued(releases):
    return sorted(filter(is_catalogued, releases), key=lambda release: release.order)


@pytest.fixture(scope="module")
def links():
    return [Link(**row) for row in table("gitlinks.csv.gz")]


@pytest.fixture(scope="module")
def modules(links):
    """Tag -> the paths of its submodules."""
    paths = defaultdict(set)
    for link in links:
        paths[link.ref].add(link.path)
    return paths


@pytest.fixture(scope="module")
def files():
    return [
        File(row["release"], row["submodule"], row["file"], row["text"], read_metadata(row["text"].encode()))
        for row in json_lines("meta/libraries_json.jsonl.gz")
    ]


@pytest.fixture(scope="module")
def entries(files):
    return [(file, entry) for file in files for entry in file.metadata.entries]


# Tags


def test_every_tag_is_of_the_kind_that_the_snapshot_says(tags):
    kinds = {name: "stable" if tag["kind"] == "final" else tag["kind"] for name, tag in tags.items()}

    assert {name: read_tag(name).kind.value for name in tags} == kinds


def test_of_177_tags_90_are_catalogued_and_76_of_them_begin_a_series(tags, catalogued):
    assert len(tags) == 177
    assert len(catalogued) == 90
    assert sum(release.patch == 0 for release in catalogued) == 76


def test_every_tag_has_a_version(releases):
    assert all(release.version for release in releases)


def test_the_26_tags_before_1_0_are_stable_and_not_catalogued(releases):
    early = [release for release in releases if release.major == 0]

    assert [release.kind for release in early] == [ReleaseKind.STABLE] * 26
    assert not any(map(is_catalogued, early))


def test_the_stable_releases_follow_each_other_from_the_newest_to_the_first(releases, catalogued):
    walked, release = [], read_tag("boost-1.92.0")
    while release is not None:
        walked.append(release)
        release = previous_stable(release, releases)

    assert walked[::-1] == catalogued


def test_a_beta_follows_an_older_release_than_its_own(releases):
    betas = [release for release in releases if release.kind is ReleaseKind.BETA]

    assert all(previous_stable(beta, releases).version < beta.version for beta in betas)


def test_from_1_54_on_the_order_of_releases_is_that_of_their_commits(tags, catalogued):
    later = [release for release in catalogued if release.version >= (1, 54, 0)]
    dates = [datetime.fromisoformat(tags[release.tag]["commit_date"]) for release in later]

    assert dates == sorted(dates)


def test_every_stable_tag_up_to_1_53_carries_one_date_and_has_a_true_one_here(tags, catalogued):
    old = [release.tag for release in catalogued if release.version <= (1, 53, 0)]

    assert {tags[tag]["commit_date"][:10] for tag in old} == {"2013-04-13"}
    assert old == [tag for tag in HISTORY if read_tag(tag).version <= (1, 53, 0)]


def test_every_stable_release_up_to_1_89_has_a_known_day_and_none_comes_out_before_its_commit(tags, catalogued):
    days = {**HISTORY, **WEBSITE}

    assert set(days) == {release.tag for release in catalogued if release.version <= (1, 89, 0)}
    for tag, day in days.items():
        committed = datetime.fromisoformat(tags[tag]["commit_date"]).astimezone(UTC).date()
        assert day >= committed or committed == date(2013, 4, 13)


def test_the_days_of_release_are_those_of_the_version_history_but_for_1_33_1():
    history = {f"boost-{row['version']}": row["last_revision"] for row in table("site_release_dates.csv")}
    days = {tag: re.search(r"\d+ \w{3} \d{4}", history[tag]).group() for tag in HISTORY}
    differing = {
        tag: day for tag, day in days.items() if datetime.strptime(f"{day} Z", "%d %b %Y %z").date() != HISTORY[tag]
    }

    assert differing == {"boost-1.33.1": "5 Dec 2006"}
    assert HISTORY["boost-1.33.1"] == date(2005, 12, 5)


# .gitmodules


def test_every_gitmodules_file_is_read_as_git_reads_it(read_by_git):
    paths = sorted((SNAPSHOT / "gitmodules").iterdir())

    assert len(paths) == 17
    for path in paths:
        read = read_gitmodules(path.read_text(encoding="utf-8"))
        values = dict(read_by_git(path.read_bytes()))
        names = list(dict.fromkeys(name.split(".", 1)[1].rsplit(".", 1)[0] for name in values))

        assert read.problems == ()
        assert [(s.name, s.path, s.url, s.branch) for s in read.submodules] == [
            (name, *(values.get(f"submodule.{name}.{key}") for key in ("path", "url", "branch"))) for name in names
        ]


def test_the_gitlinks_of_a_release_are_those_that_its_gitmodules_names(links):
    for path in (SNAPSHOT / "gitmodules").iterdir():
        tag = path.name.removesuffix(".gitmodules")
        read = read_gitmodules(path.read_text(encoding="utf-8")).submodules
        linked = {(link.submodule_name, link.path, link.url, link.branch or None) for link in links if link.ref == tag}

        assert {(s.name, s.path, s.url, s.branch) for s in read} == linked


def test_every_url_is_a_repository_of_the_organisation(links):
    urls = {link.url for link in links}
    repositories = {repository_of(url) for url in urls}

    assert None not in repositories
    assert {owner for owner, _ in repositories} == {"boostorg"}
    assert len(repositories) == len(urls)


def test_a_module_keeps_one_repository_for_ever(links):
    repositories = defaultdict(set)
    for link in links:
        repositories[module_name(link.path)].add(repository_of(link.url))

    assert {name: found for name, found in repositories.items() if len(found) > 1} == {}


def test_only_hana_and_metaparse_were_ever_named_by_their_path(links):
    odd = {link.submodule_name for link in links if link.submodule_name != repository_of(link.url)[1]}
    refs = {link.ref for link in links if link.submodule_name == "libs/hana" and is_catalogued(read_tag(link.ref))}

    assert odd == {"libs/hana", "libs/metaparse"}
    assert refs == {f"boost-1.{version}" for version in ("61.0", "62.0", "63.0", "64.0", "65.0", "65.1")}


@pytest.mark.parametrize(
    ("version", "submodules", "libraries"),
    [
        ("1.16.1", 14, 14),
        ("1.34.0", 72, 67),
        ("1.53.0", 111, 104),
        ("1.56.0", 121, 113),
        ("1.66.0", 137, 129),
        ("1.82.0", 161, 148),
        ("1.90.0", 171, 157),
        ("1.92.0", 172, 158),
    ],
)
def test_a_release_has_so_many_submodules_and_libraries(modules, version, submodules, libraries):
    paths = modules[f"boost-{version}"]

    assert len(paths) == len({module_name(path) for path in paths}) == submodules
    assert sum(map(is_library, paths)) == libraries


@pytest.mark.parametrize(
    ("version", "removed"),
    [
        ("1.56.0", "compose"),
        ("1.65.0", "tr1"),
        ("1.69.0", "signals"),
        ("1.73.0", "disjoint_sets"),
        ("1.87.0", "compatibility"),
    ],
)
def test_a_library_that_was_removed_is_in_the_release_before(releases, modules, version, removed):
    before = previous_stable(read_tag(f"boost-{version}"), releases)
    libraries = [
        {module_name(path) for path in modules[tag] if is_library(path)} for tag in (before.tag, f"boost-{version}")
    ]

    assert libraries[0] - libraries[1] == {removed}


def test_a_beta_may_have_a_library_that_its_release_lacks(modules):
    assert modules["boost-1.82.0.beta1"] - modules["boost-1.82.0"] == {"libs/sync"}


def test_the_re_release_has_the_modules_of_its_release(links):
    first, again = (
        {(link.path, link.commit) for link in links if link.ref == ref} for ref in ("boost-1.91.0", "boost-1.91.0-1")
    )

    assert first == again


@pytest.mark.parametrize(
    ("version", "added"),
    [
        ("1.29.0", "date_time dynamic_bitset exception format mpl multi_array numeric/ublas signals"),
        ("1.32.0", "algorithm assign logic multi_index numeric/conversion program_options range serialization"),
        ("1.53.0", "atomic coroutine lockfree multiprecision numeric/odeint"),
        ("1.67.0", "container_hash contract hof"),
        ("1.75.0", "json leaf pfr"),
        ("1.84.0", "cobalt redis"),
        ("1.88.0", "hash2 mqtt5"),
        ("1.91.0", "decimal"),
        ("1.92.0", ""),
    ],
)
def test_a_library_that_was_added_is_not_in_the_release_before(releases, modules, version, added):
    before = previous_stable(read_tag(f"boost-{version}"), releases)
    libraries = [
        {module_name(path) for path in modules[tag] if is_library(path)} for tag in (before.tag, f"boost-{version}")
    ]

    assert libraries[1] - libraries[0] == set(added.split())


# meta/libraries.json


def test_exactly_the_four_known_files_are_invalid(files):
    invalid = [(file.release, file.module, file.path) for file in files if not file.metadata.entries]

    assert invalid == [
        ("boost-1.56.0", "libs/ratio", "meta/libraries.json"),
        ("boost-1.57.0", "libs/ratio", "meta/libraries.json"),
        ("boost-1.59.0", "libs/test", "meta/libraries.json"),
        ("boost-1.76.0", "libs/type_traits", "meta/libraries.json"),
    ]


def test_each_of_them_has_one_problem_and_no_other_file_has_any(files):
    problems = [(file.release, problem.kind) for file in files for problem in file.metadata.problems]

    assert problems == [(f"boost-1.{minor}.0", "invalid_json") for minor in (56, 57, 59, 76)]


@pytest.mark.parametrize(
    ("version", "whole_files", "whole_entries"),
    [
        ("1.56.0", 12, 18),
        ("1.57.0", 44, 65),
        ("1.58.0", 91, 114),
        ("1.59.0", 97, 120),
        ("1.60.0", 101, 124),
        ("1.62.0", 111, 134),
        ("1.66.0", 125, 148),
        ("1.70.0", 138, 159),
        ("1.75.0", 145, 167),
        ("1.77.0", 148, 170),
        ("1.82.0", 150, 172),
        ("1.85.0", 155, 172),
    ],
)
def test_a_release_has_the_entries_of_the_census_but_those_left_out(
    files, modules, version, whole_files, whole_entries
):
    release = read_tag(f"boost-{version}")
    valid = [file.metadata for file in files if file.release == release.tag and file.metadata.entries]
    missing_files = whole_files - len(valid)
    missing_entries = whole_entries - sum(len(metadata.entries) for metadata in valid)

    # Each left-out file has one entry, but that of math, which had six from 1.57 to 1.82.
    assert missing_entries == missing_files + (5 if (1, 57, 0) <= release.version <= (1, 82, 0) else 0)
    if release.version >= (1, 66, 0):  # all of them have a file, and spirit has two more from 1.69 on
        left_out = LEFT_OUT & {module_name(path) for path in modules[release.tag]}
        assert missing_files == len(left_out) + (2 if release.version >= (1, 69, 0) else 0)


def test_several_libraries_share_a_module(files):
    modules = {file.module.removeprefix("libs/") for file in files if len(file.metadata.entries) > 1}

    assert modules == {"functional", "core", "bind", "utility", "algorithm", "chrono"}


def test_geometry_has_more_than_one_file(files):
    extra = {
        file.path: (file.module, file.metadata.entries[0].key) for file in files if file.path != "meta/libraries.json"
    }

    assert extra == {
        "index/meta/libraries.json": ("libs/geometry", "geometry/index"),
        "extensions/meta/libraries.json": ("libs/geometry", "geometry/extensions"),
    }


def test_nobody_is_named_as_author_of_some_libraries(entries):
    assert {entry.key for _, entry in entries if not entry.authors} == {"config", "integer", "utility/result_of"}


def test_libraries_that_changed_their_name_kept_their_key(entries):
    names = defaultdict(set)
    for _, entry in entries:
        names[entry.canonical_key].add(entry.name)

    assert {key for key, found in names.items() if len(found) > 1} == {
        *("container_hash", "histogram", "io", "parameter_python", "process", "stl_interfaces", "utility/string_ref"),
    }


def test_maintainers_are_missing_as_often_as_in_the_census(entries):
    # 469 in the whole of Boost; five of them are of math, at each of the 27 releases from 1.57.0 to 1.82.0.
    assert sum(not entry.maintainers for _, entry in entries) == 469 - 5 * 27


def test_the_standard_was_first_told_in_1_76(entries):
    releases = {read_tag(file.release).version for file, entry in entries if entry.cxxstd}

    assert min(releases) == (1, 76, 0)
    assert {entry.cxxstd for _, entry in entries} == {None, "98", "03", "11", "14", "17", "20"}


def test_the_statuses_are_the_known_ones(entries):
    by_status = defaultdict(set)
    for _, entry in entries:
        by_status[entry.status].add(entry.key)
    del by_status[None]

    assert by_status == {
        "hidden": {"detail", "winapi", "geometry/index"},
        "deprecated": {"coroutine", "signals"},
        "unreleased": {"chrono/stopwatch"},
    }


def test_std_is_one_of_the_known_words(entries):
    assert Counter(word for _, entry in entries for word in entry.std).keys() == {"proposal", "tr1", "c++17", "c++23"}


def test_boost_version_is_a_version_or_hidden(entries):
    added = {entry.added_in for _, entry in entries} - {None}

    assert "hidden" in added
    assert all(read_tag(f"boost-{version}").kind is ReleaseKind.STABLE for version in added - {"hidden"})


def test_only_the_hash_moved_between_modules_and_its_identity_did_not(entries):
    keys, modules = defaultdict(set), defaultdict(set)
    for file, entry in entries:
        keys[entry.canonical_key].add(entry.key)
        modules[entry.canonical_key].add(file.module)

    assert {key: found for key, found in keys.items() if len(found) > 1} == {
        "container_hash": {"container_hash", "functional/hash"}
    }
    assert {key: found for key, found in modules.items() if len(found) > 1} == {
        "container_hash": {"libs/container_hash", "libs/functional"}
    }


def test_a_library_is_declared_once_in_a_release(entries):
    declared = Counter((file.release, entry.canonical_key) for file, entry in entries)

    assert [pair for pair, count in declared.items() if count > 1] == []


def test_no_text_of_the_files_is_lost(files):
    plain = ["key", "name", "description", "documentation", "cxxstd", "status"]
    for file in files:
        if file.metadata.entries:
            objects = json.loads(file.text)
            objects = objects if isinstance(objects, list) else [objects]
            expected = [{name: value[name] for name in plain if name in value} for value in objects]
            read = [
                {name: value for name in plain if (value := getattr(e, name)) is not None}
                for e in file.metadata.entries
            ]

            assert read == expected


def test_every_category_is_one_of_the_vocabulary_but_three(entries):
    names = {category.name for _, entry in entries for category in entry.categories}

    assert names - CATEGORIES.keys() == {"Coroutines", "Awaitables", "Asynchronous"}
    assert CATEGORIES.keys() <= names


def test_the_vocabulary_is_that_of_the_web_site():
    assert {row["name"]: " ".join(row["title"].split()) for row in table("site_categories.csv")} == CATEGORIES


# People

SEVERAL = {
    "": [],
    "Dave Abrahams and others": ["Dave Abrahams"],
    "Jeremy Siek and a University of Notre Dame team.": ["Jeremy Siek"],
    "Jeremy Siek and a University of Notre Dame team; now maintained by Andrew Sutton and Jeremiah Willcock.": [
        "Jeremy Siek",
        "Andrew Sutton",
        "Jeremiah Willcock",
    ],
    "Jeremy Siek, Doug Gregor, and a University of Notre Dame team.": ["Jeremy Siek", "Doug Gregor"],
    "John Maddock, Howard Hinnant, et al": ["John Maddock", "Howard Hinnant"],
    "John Maddock, Steve Cleary, et al": ["John Maddock", "Steve Cleary"],
}


@pytest.fixture(scope="module")
def people_strings(files):
    """Every distinct string that names people, here and in the catalogue of the web site."""
    objects = json_lines("site_catalogue.jsonl.gz")
    for file in files:
        if file.metadata.entries:
            value = json.loads(file.text)
            objects += value if isinstance(value, list) else [value]
    strings = set()
    for value in objects:
        for found in (value["authors"], value.get("maintainers", [])):
            strings |= {found} if isinstance(found, str) else set(found)
    return strings


def test_seven_strings_name_nobody_or_several_and_all_others_one_person(people_strings):
    assert SEVERAL.keys() <= people_strings
    for raw in people_strings:
        expected = SEVERAL.get(raw, [raw.partition("<")[0].strip()])

        assert [person.name for person in read_people(raw)] == expected


def test_every_address_is_read(people_strings):
    for raw in people_strings - SEVERAL.keys():
        (person,) = read_people(raw)

        assert (person.email is not None) == ("<" in raw)
        assert person.email is None or re.fullmatch(r"[0-9A-Fa-f]{12}@[a-z0-9.-]+\.[a-z]{2,4}", person.email)
