"""Wall time, CPU time and peak memory of a command and of all that it started."""

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """What a measured piece of work took."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds of user and system time, of this process tree."""
    peak: float
    """MiB of the largest single process."""


def command(arguments: Sequence[str], **options: object) -> Cost:
    """Run a command to its end; its output is thrown away.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    started = time.monotonic()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, **options)  # type: ignore[call-overload]
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments)
    return Cost(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def python(code: str, *arguments: str) -> Cost:
    """Run Python code in a fresh process."""
    return command([sys.executable, "-c", code, *arguments], cwd=Path(__file__).parents[1])


def together(work: Callable[[], object]) -> Cost:
    """Measure `work` in this process and the children that it waits for."""
    before = _cpu()
    started = time.monotonic()
    work()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Cost(time.monotonic() - started, _cpu() - before, peak)


def interleaved(rounds: int, **works: Callable[[], Cost]) -> dict[str, list[Cost]]:
    """Measure the works in turn, A B A B …, so that a drift of the machine's speed meets all of them."""
    costs: dict[str, list[Cost]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            costs[name].append(work())
    return costs


def ratio(costs: Sequence[Cost], limits: Sequence[Cost], figure: str = "wall") -> float:
    """Return the median of the ratios, pair by pair."""
    return statistics.median(
        getattr(c, figure) / getattr(limit, figure) for c, limit in zip(costs, limits, strict=True)
    )


def median(costs: Sequence[Cost], figure: str) -> float:
    """Return the median of one figure."""
    return statistics.median(getattr(cost, figure) for cost in costs)


def _cpu() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
