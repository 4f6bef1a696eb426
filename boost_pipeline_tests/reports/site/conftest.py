"""Dashboards: of the miniature organisation with its GitHub, and of warehouses that a test fills itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from boost_pipeline.reports.health import CheckResult, CheckState, Health, Outcome, TaskState
from boost_pipeline.reports.site.build import Site, build
from boost_pipeline.sample.github.script import sample_world
from boost_pipeline.sample.github.server import SAMPLE_TOKEN, GitHubEmulator
from boost_pipeline.sources.github import GitHub, Token
from boost_pipeline.warehouse.warehouse import Warehouse
from boost_pipeline_tests.collectors.conftest import open_platform
from boost_pipeline_tests.collectors.github.conftest import GITHUB, LIMITS, HastyClock, errors_of
from boost_pipeline_tests.conftest import database

AT = datetime(2026, 3, 1, tzinfo=UTC)
HEALTH = Health(
    as_of=AT,
    tasks=(TaskState("github", "run_boost_library_tracker", Outcome.succeeded, AT, run_id="1"),),
    failed_runs=(),
    checks=(CheckState("code/commits", "commits_equal_rev_list", CheckResult.passed, AT, "9 checked"),),
    failures=(),
    assets=(),
)
"""A platform on which nothing is wrong."""


@dataclass(frozen=True)
class Miniature:
    """The warehouse of the miniature organisation, all of it collected, and its dashboard."""

    warehouse: Warehouse
    site: Site

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.warehouse.transaction() as transaction:
            return transaction.rows(query, parameters)

    def value(self, query: str, *parameters: Any) -> Any:
        """Return the one value of a query."""
        ((value,),) = self.rows(query, *parameters)
        return value

    def page(self, path: str) -> str:
        """Return a page's text."""
        return (self.site.folder / path).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def miniature(built_sample, server, migrated_template, tmp_path_factory) -> Iterator[Miniature]:
    """The miniature organisation and its dashboard, which no test may change."""
    home = tmp_path_factory.mktemp("miniature")
    with database(server, migrated_template) as conninfo:
        warehouse = Warehouse(lambda: conninfo)
        with open_platform(built_sample.url, warehouse, home) as platform:
            assert platform.materialize().success
            _collect_github(platform.settings, warehouse, platform.instance)
        yield Miniature(warehouse, build(warehouse, home / "dashboard", HEALTH))


def _collect_github(settings: Any, warehouse: Warehouse, instance: dg.DagsterInstance) -> None:
    with (
        GitHubEmulator(sample_world()) as emulator,
        GitHub(
            api_url=emulator.url, tokens=[Token(SAMPLE_TOKEN, "sample")], limits=LIMITS, clock=HastyClock()
        ) as github,
    ):
        result = dg.materialize(
            GITHUB.all(),
            instance=instance,
            resources={"settings": settings, "warehouse": warehouse, "github": github},
            raise_on_error=False,
        )
        assert result.success, errors_of(result)


@pytest.fixture
def folder(tmp_path) -> Path:
    """Where a dashboard goes; nothing else is there."""
    return tmp_path / "reports" / "dashboard"
