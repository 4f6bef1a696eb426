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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.ingest import fresh_database
from boost_pipeline.sample.github.large import Size
from boost_pipeline.warehouse.server import ServerAddress

TOKEN = "benchmark-token"
PACE = 900
"""Requests in a minute: GitHub's limit."""

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
conninfo, url, token, pace, only = sys.argv[1:]
assets = github_assets("github", lambda _: boost("boostorg"))
limits = Limits(points_per_minute=int(pace))
client = GitHub(api_url=url, tokens=[Token(token, "t")], limits=limits)
with dg.DagsterInstance.ephemeral() as instance, client as github:
    started = time.monotonic()
    result = dg.materialize(
        assets.all(), instance=instance, raise_on_error=True,
        selection=dg.AssetSelection.assets(*[key.split("/") for key in only.split(",")]) if only else None,
        resources={"settings": Settings(), "warehouse": Warehouse(lambda: conninfo), "github": github},
    )
    total = github.costs().total
    steps = {s.step_key: s.end_time - s.start_time for s in instance.get_run_step_stats(result.run_id)}
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
    steps: dict[str, float]


@dataclass
class Host:
    """The emulator in its process."""

    url: str
    pipe: Connection

    def ask(self, what: str) -> dict[str, int]:
        """Have the emulator do something, and return its counts since the last time."""
        self.pipe.send(what)
        found: dict[str, int] = self.pipe.recv()
        return found


def _serve(pipe: Connection, size: Size, latency: float) -> None:
    from boost_pipeline.sample.github.large import large_world
    from boost_pipeline.sample.github.limits import Budget
    from boost_pipeline.sample.github.server import GitHubEmulator

    world = large_world(size)
    budget = {TOKEN: Budget(core=10**9, graphql=10**9)}
    with GitHubEmulator(world, tokens=budget, before=lambda _: time.sleep(latency)) as emulator:
        pipe.send(emulator.url)
        seen = 0
        while (what := pipe.recv()) != "stop":
            if what == "day":
                _warm_day(world)
            calls, seen = emulator.calls[seen:], len(emulator.calls)
            pipe.send(
                {
                    "graphql": sum(call.points for call in calls if call.resource == "graphql"),
                    "rest": sum(call.points for call in calls if call.resource == "core"),
                    "not_modified": sum(call.status == 304 for call in calls),
                    "requests": len(calls),
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
def host(size: Size, latency: float = 0.0) -> Iterator[Host]:
    """Run an emulated GitHub of that size, which thinks for `latency` seconds over each request."""
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, size, latency), daemon=True)
    process.start()
    try:
        yield Host(mine.recv(), mine)
    finally:
        mine.send("stop")
        process.join()


def collect(found: Host, database: str, *, pace: int = 10**6, only: str = "") -> Spent:
    """Run the collector once in a fresh process."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", _COLLECT, database, found.url, TOKEN, str(pace), only],
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
        own["steps"],
    )


def measure(address: ServerAddress, scale: float) -> None:
    """Measure and print."""
    print(f"\n## GitHub: an emulated organisation, {scale:g} of boostorg's size\n")
    size = scaled(scale)
    with host(size) as found:
        database = fresh_database(address, "github")
        first = collect(found, database)
        items = size.pulls + size.issues
        print(f"{size.repositories} repositories, {items:,} items, {size.comments:,} comments")
        _print("first pass", first)
        print(f"  {1000 * first.graphql / items:.1f} GraphQL points per 1,000 items, all lists of theirs included")
        print(f"  {1000 * first.rest / size.comments:.1f} REST points per 1,000 comments")
        _print("again at once", collect(found, database))
        _print("an idle day", collect(found, database))
        found.ask("day")
        _print(f"a warm day, {CHANGED} repositories", collect(found, database))
        _print("the idle day after", collect(found, database))
    small = scaled(scale / 4)
    with host(small) as found:
        quarter = collect(found, fresh_database(address, "github_small"))
    print(f"memory: {quarter.peak:.0f} MiB for a quarter of it, {first.peak:.0f} MiB for all of it")
    _pace(address)


def _pace(address: ServerAddress) -> None:
    """Compare the requests in a minute with what the governor lets pass, GitHub answering after 200 ms."""
    with host(scaled(0.25), latency=0.2) as found:
        database = fresh_database(address, "github_pace")
        collect(found, database, only="github/repositories")
        for asset, name in (
            ("github/issues,github/pull_requests,github/reviews,github/events", "items"),
            ("github/comments", "comments"),
        ):
            spent = collect(found, database, pace=PACE, only=asset)
            seconds = max(spent.steps.values())
            print(f"pace, {name}: {60 * spent.requests / seconds:.0f} requests a minute; the governor allows {PACE}")
        assert found.ask("count")["violations"] == 0


def scaled(scale: float) -> Size:
    """Return boostorg's size (180 repositories whatever the scale), or a part of it."""
    whole = Size()
    return Size(whole.repositories, int(whole.pulls * scale), int(whole.issues * scale), int(whole.comments * scale))


def _print(name: str, spent: Spent) -> None:
    points = f"{spent.points:,} points ({spent.graphql:,} GraphQL, {spent.rest:,} REST)"
    requests = f"{spent.requests:,} requests, {spent.not_modified:,} of them 304"
    print(f"{name}: {points}, {requests}, {spent.wall:.1f} s, {spent.peak:.0f} MiB")
