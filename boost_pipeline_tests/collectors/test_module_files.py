"""The files of a module by folder, read from git's trees: the same that the rules of `boost.source_files` name."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from boost_pipeline.boost.source_files import source_files
from boost_pipeline.collectors.module_files import ModuleFiles
from boost_pipeline.sources.git import GitMirrors
from boost_pipeline_tests.sources.git.origin import Origin

LIBRARY_IN_SOURCES = ["include/a.hpp", "src/sublibs", "src/inner/include/b.hpp", "src/inner/src/b.cpp", "sublibs"]
name = st.sampled_from(["include", "src", "test", "sublibs", "lib", "boost", "x.hpp"])


@pytest.fixture
def read(tmp_path):
    """Commit files of these paths, and read them by folder: (path, kind, include path)."""
    origin = Origin(tmp_path / "origins" / "lib.git")
    mirrors = GitMirrors(tmp_path / "mirrors", f"file://{tmp_path}/origins", attempts=1, timeout=60)

    def read(paths):
        sha = origin.commit({path.encode(): path.encode() for path in paths})
        mirrors.refresh("lib")
        with mirrors.mirror("lib").objects() as objects:
            folders = ModuleFiles(objects).at([sha])[sha]
        return {(path, folder.kind) for folder in folders for path in folder.paths}, folders

    return read


def told(paths):
    return {(file.path, file.kind) for file in source_files(paths)}


def test_files_of_include_src_and_test_are_read_and_no_others(read):
    paths = ["include/boost/a.hpp", "src/a.cpp", "src/deep/er/b.cpp", "test/t.cpp", "doc/x.hpp", "README.md"]

    assert read(paths)[0] == told(paths)


def test_a_folder_holds_its_own_files_alone(read):
    _, folders = read(["include/a.hpp", "include/boost/b.hpp", "include/boost/c.hpp"])

    assert [folder.paths for folder in folders] == [("include/a.hpp",), ("include/boost/b.hpp", "include/boost/c.hpp")]


def test_a_library_within_the_sources_of_another_has_headers(read):
    assert ("src/inner/include/b.hpp", "header") in told(LIBRARY_IN_SOURCES)
    assert read(LIBRARY_IN_SOURCES)[0] == told(LIBRARY_IN_SOURCES)


def test_a_folder_has_the_digest_of_its_row_whatever_release_it_is_of(read):
    _, first = read(["include/a.hpp", "src/b.cpp"])
    _, second = read(["include/a.hpp", "src/c.cpp"])

    digests = [{folder.path: folder.digest for folder in folders} for folders in (first, second)]
    assert digests[0][b"include/"] == digests[1][b"include/"]
    assert digests[0][b"src/"] != digests[1][b"src/"]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(name, min_size=1, max_size=5).map("/".join), min_size=1, max_size=12, unique=True))
@example(["include", "src/include"])
def test_any_tree_is_read_as_the_rules_say(read, paths):
    paths = [path for path in paths if not any(other.startswith(f"{path}/") for other in paths)]

    assert read(paths)[0] == told(paths)
