"""`boost-pipeline graph`: the dependency graph of a release, or what changed since another, in a form of one's choice.

Nothing heavy is imported before the command runs, as the command line imports this module for its help.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import click

from boost_pipeline.errors import BoostPipelineError

if TYPE_CHECKING:
    from boost_pipeline.reports.release_diff import GraphDiff
    from boost_pipeline.reports.release_graph import ReleaseGraph
    from boost_pipeline.warehouse.warehouse import Transaction

_SECONDS_TO_DRAW: Final = 120
_DOUBTFUL: Final = ("level", "weight", "direct", "transitive", "effective_cxxstd", "raised_by")


@click.command()
@click.argument("release")
@click.option("--diff", "since", metavar="OTHER", help="What changed from OTHER to RELEASE.")
@click.option("--module", metavar="NAME", help="Only what touches this module.")
@click.option("--format", "form", type=click.Choice(["table", "json", "dot", "svg"]), default="table")
@click.option(
    "--kind",
    "kinds",
    type=click.Choice(["header", "source", "test"]),
    multiple=True,
    default=("header", "source"),
    show_default=True,
    help="Which files' includes; more than once for several.",
)
@click.option("--boostdep", is_flag=True, help="The edges that boostdep prints, comments and all.")
def graph(
    release: str, since: str | None, module: str | None, form: str, kinds: tuple[str, ...], *, boostdep: bool
) -> None:
    """Show how the modules of RELEASE depend on each other.

    \b
    RELEASE is boost-1.90.0, 1.90.0, 90, 1.90.0.beta1, develop or master.

    \b
    Example:
        boost-pipeline graph 1.90.0
        boost-pipeline graph 1.90.0 --module graph
        boost-pipeline graph develop --diff 1.90.0 --format json
        boost-pipeline graph 1.90.0 --diff 1.89.0 --format svg > changes.svg
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    if form in ("dot", "svg") and not (module or since):
        raise click.UsageError(
            f"--format {form} needs --module or --diff: a whole release cannot be read as a picture."
        )
    if since and boostdep:
        raise click.UsageError("--boostdep shows one release; leave out --diff, which compares what a compiler sees.")
    found, diff = _read(release, since, kinds, boostdep=boostdep)
    if module and not (diff and any(node.module == module for node in diff.before.nodes)):
        found.node(module)
    if diff and module:
        diff = diff.of(module)
    if form == "json":
        click.echo(json.dumps(_diff_as_json(diff) if diff else _graph_as_json(found, module), sort_keys=True))
    elif form == "table":
        from boost_pipeline.commands.graph_tables import print_diff, print_module, print_release

        if diff:
            print_diff(diff)
        elif module:
            print_module(found, module)
        else:
            print_release(found)
    else:
        from boost_pipeline.reports.graph_drawing import draw_diff, draw_neighbourhood

        text = draw_diff(diff) if diff else draw_neighbourhood(found, str(module))
        click.echo(as_svg(text) if form == "svg" else text, nl=False)


def as_svg(dot: str, program: str = "dot") -> str:
    """Let Graphviz draw a text in the DOT language.

    Raises:
        BoostPipelineError: Graphviz is missing, or failed.
    """
    try:
        done = subprocess.run(
            [program, "-Tsvg"], input=dot.encode(), capture_output=True, timeout=_SECONDS_TO_DRAW, check=False
        )
    except FileNotFoundError:
        raise BoostPipelineError(
            "SVG needs Graphviz, and there is no program dot here. Install it (apt-get install graphviz, "
            "brew install graphviz), or take --format dot."
        ) from None
    except subprocess.TimeoutExpired:
        raise BoostPipelineError(
            f"Graphviz did not draw this in {_SECONDS_TO_DRAW} s. Take --format dot, or name a --module."
        ) from None
    if done.returncode:
        told = " ".join(done.stderr.decode(errors="replace").split())[:300]
        raise BoostPipelineError(f"Graphviz could not draw this: {told}. Take --format dot.")
    return done.stdout.decode()


def _read(
    release: str, since: str | None, kinds: tuple[str, ...], *, boostdep: bool
) -> tuple[ReleaseGraph, GraphDiff | None]:
    from boost_pipeline.reports.release_diff import read_diff
    from boost_pipeline.reports.release_graph import find_release, read_graph
    from boost_pipeline.settings import load_settings
    from boost_pipeline.warehouse.databases import Databases
    from boost_pipeline.warehouse.warehouse import Warehouse

    with Warehouse(Databases(load_settings()).warehouse).transaction() as transaction:
        for name in (release, since):
            if name is not None:
                _tell_of_tag(transaction, find_release(transaction, name).tag)
        found = read_graph(transaction, find_release(transaction, release), kinds, boostdep=boostdep)
        if since is None:
            return found, None
        before = read_graph(transaction, find_release(transaction, since), kinds)
        return found, read_diff(transaction, before, found)


def _tell_of_tag(transaction: Transaction, tag: str) -> None:
    """Say on standard error if the host deleted or moved a tag, and what to do."""
    for what, mend in transaction.rows("SELECT what, mend FROM changed_tags WHERE tag = %s", (tag,)):
        click.echo(f"The tag {tag} {what}: {mend}.", err=True)


def _graph_as_json(graph: ReleaseGraph, module: str | None) -> dict[str, Any]:
    """Return all of a graph, or what touches a module, as one object."""
    everything = asdict(graph)
    found: dict[str, Any] = {
        "release": graph.release.tag,
        "kinds": graph.kinds,
        "boostdep": graph.boostdep,
        "modules": [_known(node) for node in everything["nodes"]],
        "cycles": [{"number": number, "modules": members} for number, members in graph.cycles.items()],
        **{name: everything[name] for name in ("dependencies", "unknown_includes", "source_gaps")},
    }
    if module is None:
        return found
    return found | {
        "modules": [node for node in found["modules"] if node["module"] == module],
        "cycles": [cycle for cycle in found["cycles"] if module in cycle["modules"]],
        "dependencies": [d for d in found["dependencies"] if module in (d["module"], d["depends_on"])],
        "unknown_includes": [unknown for unknown in found["unknown_includes"] if unknown["module"] == module],
        "source_gaps": [gap for gap in found["source_gaps"] if gap["module"] == module],
    }


def _known(node: dict[str, Any]) -> dict[str, Any]:
    """Return a node with null for what is not known of it."""
    doubtful = () if node["is_known"] else _DOUBTFUL
    return node | dict.fromkeys(doubtful)


def _diff_as_json(diff: GraphDiff) -> dict[str, Any]:
    """Return the changes as one object; the two graphs are left to a call for each."""
    found = {name: value for name, value in asdict(diff).items() if name not in ("before", "after")}
    return found | {"from": diff.before.release.tag, "to": diff.after.release.tag, "kinds": diff.after.kinds}
