"""What GitHub's data costs: points of a first pass, of a warm and of an idle day; pace and memory of the collector.

GitHub is the emulator, in a process of its own, over an organisation of boostorg's real shape; the collector is another
process, with a warehouse of its own. Points are those that the emulator charges, by the formulas that GitHub documents.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.ingest import fresh_database
from boost_pipeline.sample.github.large import Size
from boost_pipeline.warehouse.server import ServerAddress

TOKEN = "benchmark-token"
PACE = 900
"""Requests in a minute: GitHub's limit."""

ANSWER = 0.2
"""Seconds that the emulator takes for an answer, its own work included, where the pace is measured."""

CHANGED = 40
"""Repositories of a warm day."""

_COLLECT = """
import json, sys, time
import dagster as dg
from boost_pipeline.collectors.github.assets import github_assets
from boost_pipeline.collectors.github.scope import boost
from boost_pipeline.settings import Settings
from boost_pipeline.sources.github import GitHub, Limits, Token
from boost_pipeline.warehouse.warehouse import Warehouse
conninfo, url, token, pace = sys.argv[1:]
assets = github_assets("github", lambda _: boost("boostorg"))
limits = Limits(points_per_minute=int(pace))
client = GitHub(api_url=url, tokens=[Token(token, "t")], limits=limits)
warehouse = Warehouse(lambda: conninfo)
with dg.DagsterInstance.ephemeral() as instance, client as github, warehouse.keeping_connections():
    started = time.monotonic()
    result = dg.materialize(
        assets.all(), instance=instance, raise_on_error=True,
        resources={"settings": Settings(), "warehouse": warehouse, "github": github},
    )
    total = github.costs().total
    steps = {s.step_key: (s.start_time, s.end_time) for s in instance.get_run_step_stats(result.run_id)}
print(json.dumps({"seconds": time.monotonic() - started, "requests": total.requests, "points": total.points,
                  "steps": steps}))
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one run asked for, by the emulator's log and by the collector's own ledger."""

    wall: float
    requests: int
    points: int
    graphql: int
    rest: int
    not_modified: int
    peak: float
    """MiB of the collector."""
    steps: dict[str, tuple[float, float]]
    """When each began and ended, in seconds of the epoch."""
    at: list[float]
    """When each request was answered, likewise."""


@dataclass
class Host:
    """The emulator in its process."""

    url: str
    pipe: Connection

    def ask(self, what: str) -> dict[str, Any]:
        """Have the emulator do something, and return its counts since the last time."""
        self.pipe.send(what)
        found: dict[str, Any] = self.pipe.recv()
        return found


def _serve(pipe: Connection, size: Size) -> None:
    from boost_pipeline.sample.github.large import large_world
    from boost_pipeline.sample.github.limits import Budget
    from boost_pipeline.sample.github.server import GitHubEmulator

    class Emulator(GitHubEmulator):
        seconds = 0.0

        def answer(self, *asked: Any) -> Any:
            began = time.monotonic()
            answered = super().answer(*asked)
            time.sleep(max(0.0, self.seconds - (time.monotonic() - began)))
            return answered

    world = large_world(size)
    budget = {TOKEN: Budget(core=10**9, graphql=10**9)}
    with Emulator(world, tokens=budget) as emulator:
        pipe.send(emulator.url)
        seen = 0
        while (what := pipe.recv()) != "stop":
            match what:
                case "day":
                    _warm_day(world)
                case "slow":
                    emulator.seconds = ANSWER
                case "fast":
                    emulator.seconds = 0.0
            calls, seen = emulator.calls[seen:], len(emulator.calls)
            pipe.send(
                {
                    "graphql": sum(call.points for call in calls if call.resource == "graphql"),
                    "rest": sum(call.points for call in calls if call.resource == "core"),
                    "not_modified": sum(call.status == 304 for call in calls),
                    "requests": len(calls),
                    "at": [call.at for call in calls],
                    "violations": len(emulator.violations),
                }
            )


def _warm_day(world) -> None:  # type: ignore[no-untyped-def]
    """Let things happen in 40 repositories: comments, an edited one, a new issue, a merged or reviewed pull request."""
    dice = random.Random(7)
    world.now = world.now.replace(year=world.now.year + 1)
    people = [account.login for account in world.accounts.values() if account.kind == "User"]
    for state in dice.sample(sorted(world.repositories.values(), key=lambda state: state.facts.name), CHANGED):
        name, numbers = state.facts.name, sorted(state.items)
        world.add_issue(name, "New today", dice.choice(people))
        for number in dice.sample(numbers, min(4, len(numbers))):
            world.comment(name, number, dice.choice(people), "Said today.")
        pulls = [pull.number for pull in state.pulls() if pull.state == "open"]
        if pulls:
            world.review(name, pulls[-1], dice.choice(people), "APPROVED", lines=[("a.hpp", 1, "Nice.")])
            world.merge(name, pulls[-1], dice.choice(people))
        if first := next(iter(state.comments), None):
            world.edit_comment(name, first.id, "Edited today.")


@contextmanager
def host(size: Size) -> Iterator[Host]:
    """Run an emulated GitHub of that size, which answers as fast as it can."""
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, size), daemon=True)
    process.start()
    try:
        yield Host(mine.recv(), mine)
    finally:
        mine.send("stop")
        process.join()


def collect(found: Host, database: str, *, pace: int = 10**6) -> Spent:
    """Run the collector once in a fresh process."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", _COLLECT, database, found.url, TOKEN, str(pace)],
            stdout=output,
            stderr=errors,
            cwd=Path(__file__).parents[1],
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            raise subprocess.CalledProcessError(process.returncode, "collector", stderr=errors.read()[-3000:])
        output.seek(0)
        own = json.load(output)
    counts = found.ask("count")
    assert own["points"] == counts["graphql"] + counts["rest"], "the ledger and the emulator differ"
    return Spent(
        own["seconds"],
        counts["requests"],
        own["points"],
        counts["graphql"],
        counts["rest"],
        counts["not_modified"],
        usage.ru_maxrss / 1024,
        {name: (began, ended) for name, (began, ended) in own["steps"].items()},
        counts["at"],
    )


def measure(address: ServerAddress, scale: float) -> None:
    """Measure and print; the first pass at GitHub's pace, the days after it as fast as they go."""
    print(f"\n## GitHub: an emulated organisation, {scale:g} of boostorg's size\n")
    size = scaled(scale)
    with host(size) as found:
        database = fresh_database(address, "github")
        found.ask("slow")
        first = collect(found, database, pace=PACE)
        most = max(bisect_left(first.at, start + 60) - place for place, start in enumerate(first.at))
        assert found.ask("fast")["violations"] == 0
        assert most <= PACE, "more than GitHub allows went out in a minute"
        items = size.pulls + size.issues
        print(f"{size.repositories} repositories, {items:,} items, {size.comments:,} comments")
        _print("first pass", first)
        print(f"  {1000 * first.graphql / items:.1f} GraphQL points per 1,000 items, all lists of theirs included")
        print(f"  {1000 * first.rest / size.comments:.1f} REST points per 1,000 comments")
        _print_pace("items", first, "github__work_items")
        _print_pace("comments", first, "github__comments")
        print(f"  in the fullest minute: {most}")
        _print("again at once", collect(found, database))
        _print("an idle day", collect(found, database))
        found.ask("day")
        _print(f"a warm day, {CHANGED} repositories", collect(found, database))
        _print("the idle day after", collect(found, database))
    small = scaled(scale / 4)
    with host(small) as found:
        quarter = collect(found, fresh_database(address, "github_small"))
    print(f"memory: {quarter.peak:.0f} MiB for a quarter of it, {first.peak:.0f} MiB for all of it")


def _print_pace(name: str, spent: Spent, step: str) -> None:
    """Compare requests in a minute with what GitHub allows: of a whole step, and of its middle eight tenths."""
    began, ended = spent.steps[step]
    at = [moment for moment in spent.at if began <= moment <= ended]
    whole = 60 * len(at) / (ended - began)
    middle = at[len(at) // 10 : -len(at) // 10]
    steady = 60 * (len(middle) - 1) / (middle[-1] - middle[0])
    print(
        f"  pace, {name}: {len(at):,} requests in {ended - began:.1f} s, each answered after {ANSWER * 1000:.0f} ms: "
        f"{whole:.0f} a minute of {PACE} allowed ({whole / PACE:.3f}); {steady:.0f} ({steady / PACE:.3f}) without the "
        "first and the last tenth"
    )


def scaled(scale: float) -> Size:
    """Return boostorg's size (180 repositories whatever the scale), or a part of it."""
    whole = Size()
    return Size(whole.repositories, int(whole.pulls * scale), int(whole.issues * scale), int(whole.comments * scale))


def _print(name: str, spent: Spent) -> None:
    points = f"{spent.points:,} points ({spent.graphql:,} GraphQL, {spent.rest:,} REST)"
    requests = f"{spent.requests:,} requests, {spent.not_modified:,} of them 304"
    print(f"{name}: {points}, {requests}, {spent.wall:.1f} s, {spent.peak:.0f} MiB")
