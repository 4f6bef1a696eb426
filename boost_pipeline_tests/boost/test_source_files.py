import pytest
from hypothesis import given
from hypothesis import strategies as st

from boost_pipeline.boost.source_files import (
    SourceFile,
    boostdep_modules,
    boostdep_name,
    module_of_boostdep_name,
    source_files,
)


def kinds(*paths):
    return {file.path: file.kind for file in source_files(paths)}


@pytest.mark.parametrize("name", ["boost/x.hpp", "boost/x", "boost/x.SUNWCCh", "boost/detail/x.pl", "x.h", "include/x"])
def test_every_file_below_include_is_a_header_whatever_its_extension(name):
    assert list(source_files([f"include/{name}"])) == [SourceFile(f"include/{name}", "header", name)]


@pytest.mark.parametrize("name", ["x.cpp", "detail/x.hpp", "x.ipp", "x.c", "win/x.asm", "Jamfile.v2", "data/x.txt"])
def test_every_file_below_src_and_test_is_read_whatever_its_extension(name):
    paths = ["include/boost/x.hpp", f"src/{name}", f"test/{name}"]

    assert list(source_files(paths))[1:] == [
        SourceFile(f"src/{name}", "source", None),
        SourceFile(f"test/{name}", "test", None),
    ]


@pytest.mark.parametrize(
    "path",
    [
        "include",
        "src",
        "x.hpp",
        "example/x.cpp",
        "tests/x.cpp",
        "lib/src/x.cpp",
        "Include/x.hpp",
        "build/include/x.hpp",
    ],
)
def test_no_other_file_is_read(path):
    assert kinds("include/boost/x.hpp", path) == {"include/boost/x.hpp": "header"}


def test_a_module_without_headers_is_no_library():
    assert kinds("src/x.cpp", "test/x.cpp") == {}


def test_the_files_keep_their_order():
    paths = ["test/b", "include/c", "src/a"]

    assert [file.path for file in source_files(paths)] == paths


def test_where_a_marker_stands_the_folders_below_may_be_libraries_too():
    paths = ["sublibs", "one/include/boost/x.hpp", "one/src/x.cpp", "two/src/x.cpp", "include/boost/y.hpp"]

    assert kinds(*paths) == {
        "one/include/boost/x.hpp": "header",
        "one/src/x.cpp": "source",
        "include/boost/y.hpp": "header",
    }
    assert [file.include_path for file in source_files(paths)] == ["boost/x.hpp", None, "boost/y.hpp"]


def test_markers_lead_as_deep_as_they_stand():
    assert kinds("sublibs", "a/sublibs/x", "a/b/include/c") == {"a/b/include/c": "header"}
    assert kinds("sublibs", "a/b/include/c", "a/b/sublibs", "d/sublibs") == {}


def test_a_header_of_a_library_within_the_tests_is_a_header():
    assert kinds("include/a", "sublibs", "test/include/b") == {"include/a": "header", "test/include/b": "header"}


def test_a_marker_at_every_level_of_a_deep_tree_is_followed():
    folder = "a/" * 2000

    assert kinds(*("a/" * depth + "sublibs" for depth in range(2000)), f"{folder}include/x") == {
        f"{folder}include/x": "header"
    }


# boostdep's modules


def test_boostdep_finds_the_folders_of_libs_that_hold_headers():
    paths = ["libs/any/include/boost/any.hpp", "libs/headers/build.jam", "tools/bcp/include/x", "boost/x.hpp", "libs/x"]

    assert boostdep_modules(paths) == ["any"]


def test_boostdep_looks_for_modules_within_a_folder_only_where_the_marker_stands():
    paths = ["libs/numeric/ublas/include/x", "libs/other/one/include/x", "libs/numeric/sublibs", "libs/numeric/x/y"]

    assert boostdep_modules(paths) == ["numeric~ublas"]


def test_a_module_may_hold_modules():
    paths = ["libs/a/include/x", "libs/a/sublibs", "libs/a/b/include/y", "libs/a/b/c/include/z"]

    assert boostdep_modules(paths) == ["a", "a~b"]


def test_boostdep_writes_a_tilde_for_a_slash():
    assert boostdep_name("numeric/conversion") == "numeric~conversion"
    assert module_of_boostdep_name("numeric~conversion") == "numeric/conversion"


@given(st.from_regex(r"[a-z_]+(/[a-z_]+){0,3}", fullmatch=True))
def test_a_module_is_found_again_by_the_name_that_boostdep_gives_it(module):
    assert module_of_boostdep_name(boostdep_name(module)) == module
