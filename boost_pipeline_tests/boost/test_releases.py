import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boost_pipeline.boost.release_dates import HISTORY, WEBSITE
from boost_pipeline.boost.releases import (
    FIRST_RELEASE,
    Release,
    ReleaseKind,
    is_catalogued,
    previous_stable,
    read_tag,
)

numbers = st.integers(0, 2**31 - 1)
versions = st.tuples(numbers, numbers, numbers)


def tags(*names):
    return [read_tag(name) for name in names]


# What a tag says


def test_a_stable_tag_is_read_with_its_numbers():
    assert read_tag("boost-1.90.0") == Release("boost-1.90.0", ReleaseKind.STABLE, 1, 90, 0, None)


@pytest.mark.parametrize(
    ("tag", "kind", "version", "prerelease"),
    [
        ("boost-1.69.0-beta1", "beta", (1, 69, 0), "beta1"),
        ("boost-1.64.0-beta2", "beta", (1, 64, 0), "beta2"),
        ("boost-1.70.0.beta1", "beta", (1, 70, 0), "beta1"),
        ("boost-1.34.0-rc1", "rc", (1, 34, 0), "rc1"),
        ("boost-1.95.0.rc12", "rc", (1, 95, 0), "rc12"),
    ],
)
def test_betas_and_candidates_are_read_with_a_dash_and_with_a_dot(tag, kind, version, prerelease):
    release = read_tag(tag)

    assert (release.kind, release.version, release.prerelease) == (kind, version, prerelease)


@pytest.mark.parametrize(
    ("tag", "version", "prerelease"),
    [
        ("boost-1.25.1-bgl", (1, 25, 1), "bgl"),
        ("boost-1.91.0-1", (1, 91, 0), "1"),
        ("boost-1.70.0-alpha1", (1, 70, 0), "alpha1"),
        ("boost-1.2.3.4", (1, 2, 3), "4"),
    ],
)
def test_a_tag_made_after_a_release_is_other_and_keeps_its_version(tag, version, prerelease):
    release = read_tag(tag)

    assert (release.kind, release.version, release.prerelease) == (ReleaseKind.OTHER, version, prerelease)


@pytest.mark.parametrize(
    "tag",
    [
        "",
        "boost",
        "boost-1.90",
        "Boost-1.90.0",
        "boost_1_90_0",
        "v1.90.0",
        "boost-1.90.0-",
        "boost-1.90.0\n",
        " boost-1.90.0",
        "boost-1.90.0-beta1 ",
        "boost-1.90.0-\0",
        "boost-01.90.0",
        "boost-1.90.٣",
        "boost--1.90.0",
        "svn-trunk",
    ],
)
def test_what_is_no_version_is_other_without_numbers(tag):
    assert read_tag(tag) == Release(tag, ReleaseKind.OTHER, None, None, None, None)


@pytest.mark.parametrize("number", ["2147483648", "99999999999", "9" * 5000])
def test_a_number_too_large_for_the_warehouse_is_no_version(number):
    assert read_tag(f"boost-1.{number}.0") == Release(f"boost-1.{number}.0", ReleaseKind.OTHER)


def test_the_largest_number_that_the_warehouse_holds_is_a_version():
    assert read_tag("boost-1.2147483647.0").version == (1, 2147483647, 0)


def test_a_beta_number_of_thousands_of_digits_does_no_harm():
    release = read_tag("boost-1.90.0-beta" + "9" * 5000)

    assert (release.kind, release.version) == (ReleaseKind.OTHER, (1, 90, 0))
    assert release.order > read_tag("boost-1.90.0").order


@settings(deadline=None)
@given(st.text() | st.from_regex(r"boost-[0-9.]*[-.]?[a-z0-9.]*"))
def test_any_tag_can_be_read_and_sorted(tag):
    release = read_tag(tag)

    assert release.tag == tag
    assert release.order >= read_tag("").order
    assert (release.kind is ReleaseKind.OTHER) or release.version is not None


# Order


@settings(deadline=None)
@given(versions, versions)
def test_tags_order_as_their_numbers_do(one, other):
    first, second = (read_tag("boost-{}.{}.{}".format(*version)) for version in (one, other))

    assert (first.order < second.order) == (one < other)


def test_betas_come_before_candidates_and_those_before_the_release():
    in_order = [
        "svn-trunk",
        "boost-1.9.0",
        "boost-1.89.0",
        "boost-1.90.0.beta1",
        "boost-1.90.0-beta2",
        "boost-1.90.0.beta10",
        "boost-1.90.0.rc1",
        "boost-1.90.0",
        "boost-1.90.0-2",
        "boost-1.90.0-10",
        "boost-1.91.0.beta1",
        "boost-1.100.0",
    ]
    shuffled = tags(*random.Random(1).sample(in_order, len(in_order)))

    assert [release.tag for release in sorted(shuffled, key=lambda release: release.order)] == in_order


def test_no_two_tags_have_the_same_place_in_the_order():
    dash, dot = tags("boost-1.70.0-beta1", "boost-1.70.0.beta1")

    assert dash.order != dot.order


# The catalogue


@pytest.mark.parametrize(
    ("tag", "catalogued"),
    [
        ("boost-1.16.1", True),
        ("boost-1.92.0", True),
        ("boost-1.16.0", False),
        ("boost-0.9.28", False),
        ("boost-1.92.0.beta1", False),
        ("boost-1.91.0-1", False),
        ("boost-1.25.1-bgl", False),
        ("svn-trunk", False),
    ],
)
def test_the_catalogue_holds_the_stable_releases_from_the_first_one_on(tag, catalogued):
    assert is_catalogued(read_tag(tag)) is catalogued


def test_the_first_release_is_the_oldest_that_the_catalogue_holds():
    assert FIRST_RELEASE == (1, 16, 1) == read_tag("boost-1.16.1").version


@pytest.mark.parametrize(
    ("tag", "previous"),
    [
        ("boost-1.90.0", "boost-1.89.0"),
        ("boost-1.90.0.beta1", "boost-1.89.0"),
        ("boost-1.66.0", "boost-1.65.1"),
        ("boost-1.65.1", "boost-1.65.0"),
        ("boost-1.90.0-1", "boost-1.90.0"),
        ("boost-2.0.0.beta1", "boost-1.90.0"),
        ("boost-1.16.1", None),
        ("boost-0.9.28", None),
        ("svn-trunk", None),
    ],
)
def test_the_previous_release_is_the_stable_one_before_by_version(tag, previous):
    known = tags(
        "boost-0.9.27",
        "boost-0.9.28",
        "boost-1.16.1",
        "boost-1.9.0",
        "boost-1.65.0",
        "boost-1.65.1",
        "boost-1.66.0",
        "boost-1.90.0",
        "boost-1.89.0",
        "boost-1.89.0.beta1",
        "boost-1.25.1-bgl",
    )
    found = previous_stable(read_tag(tag), known)

    assert (found and found.tag) == previous


# Dates


def test_the_old_releases_have_the_day_on_which_they_came_out():
    assert HISTORY["boost-1.16.1"] == date(2000, 7, 5)
    assert HISTORY["boost-1.53.0"] == date(2013, 2, 4)


def test_1_33_1_came_out_in_2005_not_in_2006_as_the_version_history_has_it():
    assert HISTORY["boost-1.33.1"] == date(2005, 12, 5)


def test_1_79_0_has_its_own_day_though_its_tag_names_the_commit_of_its_beta():
    assert WEBSITE["boost-1.79.0"] == date(2022, 4, 13)


def test_no_release_has_its_day_from_two_tables():
    assert not HISTORY.keys() & WEBSITE.keys()


def test_the_days_of_release_follow_the_versions():
    days = {**HISTORY, **WEBSITE}
    in_order = sorted(days, key=lambda tag: read_tag(tag).order)

    assert [days[tag] for tag in in_order] == sorted(set(days.values()))
    assert all(is_catalogued(read_tag(tag)) for tag in in_order)
