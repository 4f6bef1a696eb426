"""What starting costs: our definitions against `import dagster`, and `--help`."""

import sys
from pathlib import Path

from benchmarks.measure import command, interleaved, median, python, ratio


def measure(rounds: int) -> None:
    """Print the figures."""
    help_command = [str(Path(sys.executable).parent / "boost-pipeline"), "--help"]
    costs = interleaved(
        rounds,
        dagster=lambda: python("import dagster"),
        definitions=lambda: python("import boost_pipeline.definitions"),
        help=lambda: command(help_command),
    )
    print("starts")
    for name, cost in costs.items():
        print(f"  {name:12} wall {median(cost, 'wall'):5.2f} s   cpu {median(cost, 'cpu'):5.2f} s")
    for figure in ("wall", "cpu"):
        print(f"  definitions / dagster, {figure}: {ratio(costs['definitions'], costs['dagster'], figure):.2f}")
