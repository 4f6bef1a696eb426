"""The real include lines of 16 releases, where a snapshot is at hand: the graph is the one that boostdep prints.

The snapshot leaves out 16 libraries, whose headers have no owner in it, and so do the edges that it expects.
"""

import csv
import gzip
import json
import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest

from boost_pipeline.boost.dependencies import MOST_FILES, Include, header_map, resolve
from boost_pipeline.boost.source_files import source_files

SNAPSHOT = Path(__file__).resolve().parents[3] / "shared" / "boost-snapshot"

pytestmark = pytest.mark.skipif(not SNAPSHOT.is_dir(), reason="no snapshot of Boost beside the project")

RELEASES = (
    *("1.55.0", "1.58.0", "1.62.0", "1.66.0", "1.70.0", "1.74.0", "1.78.0", "1.82.0"),
    *("1.85.0", "1.86.0", "1.87.0", "1.88.0", "1.89.0", "1.90.0", "1.91.0", "1.92.0"),
)
LINE_OF_BOOSTDEP = re.compile(r"[ \t]*#[ \t]*include[ \t]*")


class Graph(NamedTuple):
    """A release of the snapshot: its headers with their owners, the includes of its files, and what follows."""

    owners: dict
    includes: list
    edges: list
    unknown: list


@pytest.fixture(scope="module", params=RELEASES)
def release(request):
    return request.param


@pytest.fixture(scope="module")
def graph(release):
    headers, includes = [], []
    with gzip.open(SNAPSHOT / f"headers/boost-{release}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for module in map(json.loads, lines):
            name = module["submodule"]
            files = {file["path"]: file["includes"] for file in module["headers"] + module["sources"]}
            found = list(source_files(files))
            assert len(found) == len(files)
            headers += [(file.include_path, name) for file in found if file.include_path]
            includes += module_includes(name, [(file.path, file.kind, files[file.path]) for file in found])
    owners = header_map(headers)
    assert len(owners) == len(headers)
    return Graph(owners, includes, *resolve(includes, owners))


def module_includes(module, files):
    """The rows of one module, from (path, kind, includes of the snapshot)."""
    real, seen = defaultdict(set), defaultdict(set)
    for path, kind, includes in files:
        for _, target, *rest in includes:
            before, in_comment = rest or ("#include ", 0)
            if target[0] in '<"':
                if not in_comment:
                    real[kind, target[1:-1]].add(path)
                if LINE_OF_BOOSTDEP.fullmatch(before):
                    seen[kind, target[1:-1]].add(path)
    for key in sorted(real.keys() | seen.keys()):
        witnesses = sorted(real[key] or seen[key])[:MOST_FILES]
        yield Include(module, *key, len(real[key]), len(seen[key]), tuple(witnesses))


@pytest.fixture(scope="module")
def expected_by_release():
    rows = defaultdict(dict)
    with gzip.open(SNAPSHOT / "expected_edges.csv.gz", "rt", encoding="utf-8") as lines:
        for name, start, end, headers, from_headers in list(csv.reader(lines))[1:]:
            rows[name.removeprefix("boost-")][start, end] = int(headers), int(from_headers)
    return rows


@pytest.fixture
def expected(expected_by_release, release):
    return expected_by_release[release]


def test_the_edges_of_headers_and_sources_are_those_that_boostdep_prints(graph, expected):
    assert {(edge.module, edge.depends_on) for edge in graph.edges if edge.boostdep_count} == expected.keys()


def test_the_edges_of_headers_alone_are_those_that_boostdep_prints_without_sources(graph, expected):
    found = {(edge.module, edge.depends_on) for edge in graph.edges if edge.boostdep_count and edge.kind == "header"}

    assert found == {edge for edge, (_, from_headers) in expected.items() if from_headers}


def test_each_edge_is_made_by_as_many_headers_as_expected(graph, expected):
    headers, from_headers = defaultdict(set), defaultdict(set)
    for row in graph.includes:
        owner = graph.owners.get(row.target, row.module)
        if row.boostdep_count and owner != row.module:
            headers[row.module, owner].add(row.target)
            if row.kind == "header":
                from_headers[row.module, owner].add(row.target)

    assert {edge: (len(found), len(from_headers[edge])) for edge, found in headers.items()} == expected


def test_comments_make_pairs_of_file_and_header_but_no_edge(graph):
    """Nor does an include_next: where boostdep sees an edge there is one, and the other way round."""
    assert [edge for edge in graph.edges if not (edge.include_count and edge.boostdep_count)] == []
    assert 1 <= sum(edge.boostdep_count - edge.include_count for edge in graph.edges) <= 4


def test_a_double_slash_in_a_path_is_the_header_of_nobody(graph, release):
    unknown = {row.target for row in graph.unknown if row.module == "libs/gil" and "//" in row.target}

    with_it = RELEASES[RELEASES.index("1.70.0") : RELEASES.index("1.91.0")]
    assert unknown == ({"boost/gil/extension/io/targa/detail//write.hpp"} if release in with_it else set())
