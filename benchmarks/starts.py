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
        wall, cpu, peak = (median(cost, figure) for figure in ("wall", "cpu", "peak"))
        print(f"  {name:12} wall {wall:5.2f} s   cpu {cpu:5.2f} s   {peak:4.0f} MiB")
    for figure in ("wall", "cpu"):
        print(f"  definitions / dagster, {figure}: {ratio(costs['definitions'], costs['dagster'], figure):.2f}")
