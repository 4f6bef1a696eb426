"""A scripted host, a clock that only moves when somebody sleeps, and clients of both."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from boost_pipeline.sources.github import GitHub, Limits, Token
from boost_pipeline_tests.sources.github.scripted_host import ScriptedHost, scripted_host

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class FakeClock:
    """Time stands still but for sleeping; `slept` holds how long each sleep was."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.elapsed = 0.0
        self.slept: list[float] = []
        self.is_awake = False
        self.on_sleep: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return START + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    def sleep(self, seconds: float) -> None:
        self.on_sleep()
        with self._lock:
            if not self.is_awake:
                self.slept.append(seconds)
                self.elapsed += seconds

    def wake(self) -> None:
        self.is_awake = True


class World:
    """A host, a clock, and clients."""

    def __init__(self, host: ScriptedHost) -> None:
        self.host = host
        self.clock = FakeClock()
        self._opened: list[GitHub] = []

    def client(self, *tokens: Any, **options: Any) -> GitHub:
        """Return a client of the host; tokens are given as text."""
        limits = options.pop("limits", {})
        quick = {"connect_timeout": 2.0, "read_timeout": 2.0, "points_per_minute": 60_000}
        github = GitHub(
            api_url=options.pop("api_url", self.host.url),
            tokens=[Token(token, f"token {token}") if isinstance(token, str) else token for token in tokens],
            limits=Limits(**(quick | limits)),
            clock=options.pop("clock", self.clock),
            **options,
        )
        self._opened.append(github)
        return github

    def budget(self, remaining: int, *, resets_in: float = 3600, limit: int = 5000, **more: str) -> dict[str, str]:
        """Return the headers of a budget."""
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset": str(int((self.clock.now() + timedelta(seconds=resets_in)).timestamp())),
            "Date": self.date(),
        } | {name.replace("_", "-"): value for name, value in more.items()}

    def date(self, seconds: float = 0) -> str:
        """Return an HTTP date, so many seconds from now."""
        return format_datetime(self.clock.now() + timedelta(seconds=seconds), usegmt=True)

    def close(self) -> None:
        for github in self._opened:
            github.close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have proxies, and passwords in ~/.netrc."""
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "NETRC"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def world() -> Iterator[World]:
    with scripted_host() as host:
        world = World(host)
        yield world
        world.close()


@pytest.fixture
def host(world: World) -> ScriptedHost:
    return world.host


@pytest.fixture
def clock(world: World) -> FakeClock:
    return world.clock


@pytest.fixture
def github(world: World) -> GitHub:
    """A client with one token."""
    return world.client("ghp_one")
