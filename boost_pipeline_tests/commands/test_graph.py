"""`boost-pipeline graph`, on graphs whose rows are written by hand into a real database."""

import json
import re
import shutil
import subprocess
import sys

import click
import psycopg
import pytest
from click.testing import CliRunner, Result

from boost_pipeline.cli import Cli
from boost_pipeline.commands.graph import as_svg, graph
from boost_pipeline.errors import BoostPipelineError
from boost_pipeline.reports.release_diff import read_diff
from boost_pipeline.reports.release_graph import find_release, read_graph
from boost_pipeline.settings import load_settings
from boost_pipeline.warehouse.warehouse import Warehouse
from boost_pipeline_tests.commands.graph_rows import Graphs
from boost_pipeline_tests.conftest import database

graphviz = pytest.mark.skipif(
    shutil.which("dot") is None, reason="No Graphviz: `apt-get install graphviz` (Debian) brings it"
)

HOSTILE = 'a"b\\N<i>&\x1b[31m\u202e\n' + "x" * 500


@pytest.fixture(scope="module")
def conninfo(server, migrated_template):
    with database(server, migrated_template) as conninfo:
        yield conninfo


@pytest.fixture(scope="module")
def graphs(conninfo):
    """Two releases, a beta and a head; the later release closed a cycle."""
    graphs = Graphs(Warehouse(lambda: conninfo))
    before = [("graph", "core"), ("geometry", "core"), ("geometry", "range"), ("core", "config"), ("graph", "regex")]
    after = [("graph", "core"), ("geometry", "core"), ("geometry", "graph"), ("graph", "geometry"), ("core", "config")]
    old = graphs.graph("boost-1.88.0", before, modules=["regex", "lambda"], cxxstd={"graph": "11", "config": "98"})
    new = graphs.graph(
        "boost-1.89.0",
        [*after, ("core", "assert")],
        sources=[("graph", "core"), ("graph", "system")],
        tests=[("core", "test")],
        comments=[("config", "detail")],
        cxxstd={"graph": "11", "config": "14"},
    )
    graphs.graph("boost-1.90.0.beta1", [("a", "b")], kind="beta")
    graphs.graph("develop", [("a", "b"), ("b", "c")], kind="head")
    graphs.release("boost-1.70.0", modules=["config"])
    graphs.library(old, "graph", "graph", "11", "Ann")
    graphs.library(new, "graph", "graph", "11", "Ben")
    graphs.library(old, "lambda", "lambda")
    graphs.header(old, "core", "boost/core/old.hpp", "blob1")
    graphs.header(new, "core", "boost/core/new.hpp", "blob1")
    graphs.header(new, "core", "boost/core/more.hpp", "blob2")
    graphs.unknown(new, "core", "boost/gone.hpp")
    names = [f"a_module_with_a_long_name_{number}" for number in range(30)]
    graphs.graph("boost-2.0.0", modules=[*names, HOSTILE])
    graphs.graph("boost-2.1.0", [*((HOSTILE, name) for name in names), (names[0], HOSTILE)])
    return graphs


@pytest.fixture
def run(graphs, conninfo, tmp_path, monkeypatch):
    """Run the command below a group such as the real one."""
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://{parts['user']}@/{parts['dbname']}?host={parts['host']}")
    monkeypatch.setenv("BOOST_HOME", str(tmp_path))
    load_settings.cache_clear()
    group = Cli("boost-pipeline", commands=[graph], params=[click.Option(["--debug"], is_flag=True)])

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(group, ["graph", *arguments])

    yield run
    load_settings.cache_clear()


@pytest.fixture
def told(run):
    """The lines that the command prints, which must succeed, with their blanks made single."""

    def told(*arguments: str) -> list[str]:
        result = run(*arguments)
        assert result.exit_code == 0, result.output
        return [" ".join(line.split()) for line in result.output.splitlines()]

    return told


@pytest.fixture
def as_json(run):
    def as_json(*arguments: str) -> dict:
        result = run(*arguments, "--format", "json")
        assert result.exit_code == 0, result.output
        return json.loads(result.output)

    return as_json


def test_its_help_needs_nothing_heavy():
    heavy = "{'psycopg', 'networkx', 'pydantic', 'rich', 'dagster'}"
    code = f"import sys, boost_pipeline.commands.graph; print(sorted(set(sys.modules) & {heavy}))"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_a_release_is_told_by_its_numbers_its_cycles_and_its_modules_by_level(told):
    assert told("1.89.0") == [
        "boost-1.89.0: 8 modules, 7 dependencies, highest level 2, 1 cycle",
        "cycle: geometry, graph",
        "by includes of header and source files",
        "not known: 1 headers below boost/ that no module of this release has",
        "",
        "level modules",
        "0 assert, config, detail, system, test",
        "1 core",
        "2 geometry, graph",
    ]


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("boost-1.89.0", "boost-1.89.0"),
        ("1.89.0", "boost-1.89.0"),
        ("89", "boost-1.89.0"),
        (" 89 ", "boost-1.89.0"),
        ("1.90.0.beta1", "boost-1.90.0.beta1"),
        ("develop", "develop"),
    ],
)
def test_a_release_may_be_named_as_people_do(as_json, name, tag):
    assert as_json(name)["release"] == tag


def test_a_module_is_told_with_the_file_behind_each_dependency_and_what_the_edge_pulls(told):
    assert told("89", "--module", "graph") == [
        "graph in boost-1.89.0, by includes of header and source files",
        "level 2, weight 5: 3 direct of 5 dependencies; 1 direct of 1 dependents",
        "C++14 by its dependency config; its own minimum: C++11",
        "cycle: geometry, graph",
        "",
        "depends on pulls in first witness",
        "geometry 1 header include/boost/graph/graph.hpp",
        "<boost/geometry.hpp>",
        "system 1 source src/graph.hpp",
        "<boost/system.hpp>",
        "core 0 header, source include/boost/graph/graph.hpp",
        "<boost/core.hpp>",
        "",
        "dependents: geometry",
    ]


def test_a_difference_tells_cycles_libraries_edges_levels_and_headers(told):
    lines = told("89", "--diff", "88")

    assert lines[:6] == [
        "boost-1.88.0 → boost-1.89.0, by includes of header and source files",
        "before: 7 modules, 5 dependencies, highest level 2, no cycles",
        "after: 8 modules, 7 dependencies, highest level 2, 1 cycle",
        "modules added: assert, detail, system, test",
        "modules removed: lambda, range, regex",
        "new cycle: geometry, graph (for example geometry → graph → geometry)",
    ]
    assert lines[lines.index("library change before after") :] == [
        "library change before after",
        "lambda removed lambda",
        "graph maintainers Ann Ben",
        "graph C++ minimum raised by config 11 14",
        "",
        "dependency added first witness",
        "core → assert include/boost/core/core.hpp",
        "<boost/assert.hpp>",
        "geometry → graph include/boost/geometry/geometry.hpp",
        "<boost/graph.hpp>",
        "graph → geometry include/boost/graph/graph.hpp",
        "<boost/geometry.hpp>",
        "graph → system src/graph.hpp",
        "<boost/system.hpp>",
        "",
        "dependency removed first witness",
        "geometry → range include/boost/geometry/geometry.hpp",
        "<boost/range.hpp>",
        "graph → regex include/boost/graph/graph.hpp",
        "<boost/regex.hpp>",
        "",
        "headers of added removed renamed moved",
        "core 1 1",
    ]


def test_a_difference_of_one_module_leaves_out_the_others(as_json):
    found = as_json("89", "--diff", "88", "--module", "core")

    assert [(c["module"], c["depends_on"], c["change"]) for c in found["dependencies"]] == [
        ("core", "assert", "added"),
    ]
    assert found["libraries"] == []
    assert found["new_cycles"] == []
    assert {change["change"] for change in found["headers"]} == {"added", "renamed"}


def test_a_module_that_is_gone_can_still_be_asked_for_in_a_difference(as_json):
    assert as_json("89", "--diff", "88", "--module", "regex")["modules_removed"] == ["regex"]


def test_json_holds_everything_with_sorted_keys(run, as_json):
    found = as_json("89")

    text = run("89", "--format", "json").output
    assert text == json.dumps(found, sort_keys=True) + "\n"
    assert found["kinds"] == ["header", "source"]
    assert found["cycles"] == [{"number": 1, "modules": ["geometry", "graph"]}]
    assert found["unknown_includes"][0]["target"] == "boost/gone.hpp"
    assert next(node for node in found["modules"] if node["module"] == "core") == {
        "module": "core",
        "level": 1,
        "weight": 2,
        "direct": 2,
        "transitive": 2,
        "dependents": 2,
        "transitive_dependents": 2,
        "cycle": None,
        "cxxstd": None,
        "effective_cxxstd": "14",
        "raised_by": "config",
        "is_known": True,
    }
    assert next(d for d in found["dependencies"] if d["depends_on"] == "core" and d["module"] == "graph") == {
        "module": "graph",
        "depends_on": "core",
        "kinds": ["header", "source"],
        "include_count": 4,
        "boostdep_count": 4,
        "pull_weight": 0,
        "witnesses": [
            {"file": "include/boost/graph/graph.hpp", "header": "boost/core.hpp"},
            {"file": "src/graph.hpp", "header": "boost/core.hpp"},
        ],
    }


def test_json_of_one_module_is_about_it_alone(as_json):
    found = as_json("89", "--module", "core")

    assert [node["module"] for node in found["modules"]] == ["core"]
    assert {(d["module"], d["depends_on"]) for d in found["dependencies"]} == {
        ("core", "assert"),
        ("core", "config"),
        ("geometry", "core"),
        ("graph", "core"),
    }
    assert found["cycles"] == []


def test_for_other_kinds_levels_and_weights_are_worked_out_anew(as_json):
    def core(*arguments):
        found = as_json("89", "--module", "core", *arguments)
        needs = [d for d in found["dependencies"] if d["module"] == "core"]
        return found["modules"][0]["direct"], {d["depends_on"]: d["pull_weight"] for d in needs}

    assert core() == (2, {"assert": 1, "config": 1})
    assert core("--kind", "test") == (1, {"test": 1})
    assert core("--kind", "header", "--kind", "test") == (3, {"assert": 1, "config": 1, "test": 1})


def test_boostdep_alone_sees_what_stands_in_comments(as_json):
    ours, theirs = as_json("89"), as_json("89", "--boostdep")

    assert [d for d in ours["dependencies"] if d["depends_on"] == "detail"] == []
    (comment,) = [d for d in theirs["dependencies"] if d["depends_on"] == "detail"]
    assert (comment["module"], comment["include_count"], comment["boostdep_count"]) == ("config", 0, 2)
    assert next(node["level"] for node in theirs["modules"] if node["module"] == "config") == 1


def test_modules_that_are_not_whole_are_named_and_not_compared(server, migrated_template):
    with database(server, migrated_template) as conninfo:
        warehouse = Warehouse(lambda: conninfo)
        graphs = Graphs(warehouse)
        graphs.graph("boost-1.0.0", [("a", "b"), ("c", "b")])
        graphs.gap(graphs.graph("boost-1.1.0", [("c", "a")], modules=["b"]), "a", "no such commit")
        with warehouse.transaction() as tx:
            before, after = (read_graph(tx, find_release(tx, name)) for name in ("1.0.0", "1.1.0"))
            diff = read_diff(tx, before, after)

    assert diff.partial == ("a",)
    assert [(c.module, c.depends_on, c.change) for c in diff.dependencies] == [("c", "b", "removed")]
    assert after.source_gaps[0].detail == "no such commit"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["1.98.0"], "There is no release '1.98.0'. Did you mean boost-1.89.0, boost-1.88.0 or boost-"),
        (["quux"], "There is no release 'quux'. Write boost-1.90.0, 1.90.0, 90, 1.90.0.beta1, develop or master."),
        (["89", "--diff", "nowhere"], "There is no release 'nowhere'."),
        (["89", "--module", "grpah"], "boost-1.89.0 has no module 'grpah'. Did you mean graph?"),
        (["89", "--module", "zzz"], "boost-1.89.0 has no module 'zzz'. See: boost-pipeline graph boost-1.89.0"),
        (["89", "--module", "zzz", "--format", "dot"], "boost-1.89.0 has no module 'zzz'."),
        (
            ["70"],
            "boost-1.70.0 has no dependency graph here. boost-1.70.0 was not read whole. Run: boost-pipeline backfill",
        ),
        (["\udcff\x1b" * 500], r"There is no release '\udcff\x1b"),
    ],
)
def test_an_unknown_name_is_one_line_with_the_mend_and_exit_code_1(run, arguments, said):
    result = run(*arguments)

    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {said}")
    assert result.output.count("\n") == 1
    assert len(result.output) < 600


def test_a_whole_release_is_not_drawn(run):
    for form in ("dot", "svg"):
        result = run("89", "--format", form)
        assert result.exit_code == 2
        assert "needs --module or --diff" in result.output


def test_boostdep_and_a_difference_exclude_each_other(run):
    result = run("89", "--diff", "88", "--boostdep")

    assert result.exit_code == 2
    assert "--boostdep shows one release" in result.output


@pytest.mark.parametrize("arguments", [["2.1.0"], ["2.1.0", "--module", HOSTILE], ["2.1.0", "--diff", "2.0.0"]])
def test_every_table_fits_eighty_columns_and_obeys_no_name(run, arguments):
    output = run(*arguments).output

    assert "a_module_with_a_long_name_1" in output
    assert max(map(len, output.splitlines())) <= 80
    assert not set(output) & {"\x1b", "\u202e"}


def test_dot_of_a_module_is_its_neighbourhood_with_the_cycle_in_red(run):
    output = run("89", "--module", "graph", "--format", "dot").output

    assert output.startswith("digraph dependencies {")
    assert output.count(" -> ") == 4
    assert len(re.findall(r' -> .*color="#cf222e"', output)) == 2
    assert "include/boost/graph/graph.hpp includes <boost/geometry.hpp>" in output


@graphviz
def test_svg_is_drawn_of_a_module_and_of_a_difference(run):
    for arguments in (["--module", "graph"], ["--diff", "88"], ["--diff", "88", "--module", "core"]):
        result = run("89", *arguments, "--format", "svg")
        assert result.exit_code == 0, result.output
        assert "</svg>" in result.output
        assert ">core<" in result.output


def test_without_graphviz_the_error_says_how_to_get_it():
    with pytest.raises(BoostPipelineError, match=r"apt-get install graphviz.*or take --format dot\.$"):
        as_svg("digraph {}", program="no-such-dot")


@graphviz
def test_what_graphviz_refuses_is_told_in_one_line():
    with pytest.raises(BoostPipelineError, match=r"^Graphviz could not draw this: Error: .*syntax error.*$"):
        as_svg("digraph {")
