"""A platform of the GitHub half for each test: an emulated GitHub, a client, a warehouse, an instance of Dagster."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from boost_pipeline.collectors.github.assets import github_assets
from boost_pipeline.collectors.github.checks import github_checks
from boost_pipeline.collectors.github.scope import boost
from boost_pipeline.reports.health import NOTHING
from boost_pipeline.sample.github.server import SAMPLE_TOKEN, GitHubEmulator
from boost_pipeline.sample.github.world import World
from boost_pipeline.settings import Settings
from boost_pipeline.sources.github import GitHub, Limits, RawPages, Token
from boost_pipeline.warehouse.warehouse import Warehouse

SCOPE = boost("boostorg")
GITHUB = github_assets("github", lambda settings: boost(settings.git_owner))
CHECKS = github_checks("github", lambda settings: boost(settings.git_owner))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


LIMITS = Limits(points_per_minute=10**6, backoff=0.01, read_timeout=5)


class HastyClock:
    """A clock that jumps where others sleep."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    def sleep(self, seconds: float) -> None:
        self._ahead += max(0.0, seconds)

    def wake(self) -> None:
        """Nobody sleeps."""


@dataclass
class GitHubPlatform:
    """What a test acts on."""

    settings: Settings
    warehouse: Warehouse
    github: GitHub
    emulator: GitHubEmulator
    raw: RawPages
    instance: dg.DagsterInstance = field(repr=False)

    @property
    def world(self) -> World:
        """What there is at GitHub."""
        return self.emulator.world

    def materialize(self, *keys: str, assets: Any = GITHUB, checks: Any = (), **options: Any) -> Any:
        """Materialise the assets of these keys, all without one; `options` are those of the items and comments."""
        selection = dg.AssetSelection.assets(*[key.split("/") for key in keys]) if keys else dg.AssetSelection.all()
        prefix = assets.repositories.key.path[0]
        ops = [f"{prefix}__work_items", f"{prefix}__comments"] if options else []
        return dg.materialize(
            [*assets.all(), *checks],
            selection=selection,
            instance=self.instance,
            resources={"settings": self.settings, "warehouse": self.warehouse, "github": self.github},
            run_config={"ops": {op: {"config": options} for op in ops}},
            raise_on_error=False,
        )

    def collect(self, **options: Any) -> dict[str, int]:
        """Materialise everything, which must work; return what it cost: requests, points and rows written."""
        calls, points = len(self.emulator.calls), sum(self.emulator.points.values())
        result = self.materialize(**options)
        assert result.success, errors_of(result)
        rows = sum(
            int(value.value or 0)
            for event in result.get_asset_materialization_events()
            for name, value in event.materialization.metadata.items()
            if name.startswith("rows ")
        )
        return {
            "requests": len(self.emulator.calls) - calls,
            "points": sum(self.emulator.points.values()) - points,
            "rows": rows,
        }

    def failing_checks(self) -> dict[str, str]:
        """Collect, evaluate all checks, and return those that find a fault with what they tell."""
        result = self.materialize(checks=CHECKS)
        evaluations = result.get_asset_check_evaluations()
        assert len(evaluations) == len(CHECKS)
        found = {found.check_name: found.description for found in evaluations if not found.passed}
        return {check: told for check, told in found.items() if told != NOTHING}

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.warehouse.transaction() as transaction:
            return transaction.rows(query, parameters)

    def value(self, query: str, *parameters: Any) -> Any:
        """Return the one value of a query."""
        ((value,),) = self.rows(query, *parameters)
        return value


def errors_of(result: Any) -> list[str]:
    """Return what went wrong in a run."""
    errors = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
    return [str(error.cause.message if error.cause else error.message) for error in errors]


Platforms = Callable[..., AbstractContextManager[GitHubPlatform]]


@pytest.fixture
def platforms(warehouse, tmp_path) -> Platforms:
    """Open platforms on a world; `options` are the emulator's. A second one shares the warehouse of the first."""

    @contextmanager
    def opened(world: World, warehouse: Warehouse = warehouse, **options: Any) -> Iterator[GitHubPlatform]:
        raw = RawPages(tmp_path / "raw")
        tokens = options.get("tokens") or {SAMPLE_TOKEN: None}
        with (
            GitHubEmulator(world, **options) as emulator,
            dg.DagsterInstance.ephemeral() as instance,
            GitHub(
                api_url=emulator.url,
                tokens=[Token(token, f"token {place}") for place, token in enumerate(tokens)],
                limits=LIMITS,
                raw=raw,
                clock=HastyClock(),
            ) as github,
        ):
            settings = Settings.model_validate({"BOOST_HOME": str(tmp_path / "home")})
            yield GitHubPlatform(settings, warehouse, github, emulator, raw, instance)

    return opened


@pytest.fixture
def world() -> World:
    """Two repositories with a few items, and people who wrote them."""
    world = World(NOW, "boostorg")
    for login in ("ada", "ben", "cy"):
        world.add_account(login, name=login.title(), emails=(f"{login}@example.org",))
    world.add_account("helper[bot]", kind="Bot")
    for name in ("asio", "config"):
        world.add_repository(name, stars=3, topics=("cpp",), description=f"Boost.{name}")
        world.add_issue(name, "It does not work", "ada", body="At all.")
        world.add_pull_request(name, "Make it work", "ben", body="Like this.")
        world.comment(name, 1, "ben", "Which version?")
    return world


@pytest.fixture
def platform(world, platforms) -> Iterator[GitHubPlatform]:
    """An empty platform on that world."""
    with platforms(world) as platform:
        yield platform


@pytest.fixture
def collected(platform) -> GitHubPlatform:
    """A platform that has collected that world."""
    platform.collect()
    return platform
