"""A platform of its own for each test: a sample organisation, a warehouse, mirrors, an instance of Dagster."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from psycopg.conninfo import conninfo_to_dict

from boost_pipeline.collectors import by_release, checks, commits, graph_checks, releases, repositories
from boost_pipeline.collectors.registry import BY_RELEASE, BY_RELEASE_STEP
from boost_pipeline.sample.organisation import Sample
from boost_pipeline.settings import Settings
from boost_pipeline.sources.git import GitMirrors
from boost_pipeline.warehouse.warehouse import Warehouse
from boost_pipeline_tests.conftest import database

ASSETS = [releases.releases, by_release.by_release, repositories.repositories, commits.commits]
CHECKS = dg.load_asset_checks_from_modules([checks, graph_checks])


@dataclass
class Platform:
    """What a test acts on."""

    settings: Settings
    warehouse: Warehouse
    mirrors: GitMirrors
    instance: dg.DagsterInstance
    sample: Sample | None = None

    def materialize(
        self, *keys: str, config: dict[str, Any] | None = None, **options: Any
    ) -> dg.ExecuteInProcessResult:
        """Materialise the assets of these keys, with their checks; all of them without a key."""
        if set(BY_RELEASE) & set(keys):  # one step, whole
            keys = tuple(dict.fromkeys([*keys, *BY_RELEASE]))
        selection = dg.AssetSelection.assets(*[key.split("/") for key in keys]) if keys else dg.AssetSelection.all()
        return dg.materialize(
            [*ASSETS, *CHECKS],
            selection=selection,
            instance=self.instance,
            resources={"settings": self.settings, "warehouse": self.warehouse, "mirrors": self.mirrors},
            run_config={"ops": {_op(key): {"config": value} for key, value in (config or {}).items()}},
            raise_on_error=False,
            **options,
        )

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.warehouse.transaction() as transaction:
            return transaction.rows(query, parameters)

    def count(self, table: str) -> int:
        """Return the number of rows."""
        return self.rows(f"SELECT count(*) FROM {table}")[0][0]


def _op(key: str) -> str:
    """Return the name of the step that makes an asset."""
    return (BY_RELEASE_STEP if key in BY_RELEASE else key).replace("/", "__")


@pytest.fixture
def sample(built_sample, tmp_path) -> Sample:
    """A sample that the test may change."""
    return built_sample.copy(tmp_path / "organisation")


@pytest.fixture
def platform(sample, warehouse, tmp_path) -> Iterator[Platform]:
    """An empty platform on a sample of its own."""
    with open_platform(sample.url, warehouse, tmp_path / "home") as platform:
        platform.sample = sample
        yield platform


@pytest.fixture(scope="session")
def collected(built_sample, server, migrated_template, tmp_path_factory) -> Iterator[Platform]:
    """A platform that has collected everything, for tests that only look."""
    home = tmp_path_factory.mktemp("collected")
    with (
        database(server, migrated_template) as conninfo,
        open_platform(built_sample.url, Warehouse(lambda: conninfo), home) as platform,
    ):
        platform.sample = built_sample
        assert platform.materialize().success
        yield platform


@pytest.fixture
def collected_copy(collected, server, sample, tmp_path) -> Iterator[Platform]:
    """A platform that has collected everything, and on which the test may do more: all but Dagster's own history."""
    shutil.copytree(collected.settings.home, tmp_path / "home")
    template = conninfo_to_dict(collected.warehouse.conninfo())["dbname"]
    with (
        database(server, str(template)) as conninfo,
        open_platform(sample.url, Warehouse(lambda: conninfo), tmp_path / "home") as platform,
    ):
        platform.sample = sample
        yield platform


@contextmanager
def open_platform(url: str, warehouse: Warehouse, home: Path) -> Iterator[Platform]:
    """A platform on the repositories at `url`, with its state below `home`."""
    settings = Settings.model_validate({"BOOST_HOME": str(home), "BOOST_GIT_URL": url})
    mirrors = GitMirrors(settings.mirrors, settings.git_url, attempts=1)
    with dg.DagsterInstance.ephemeral() as instance:
        yield Platform(settings, warehouse, mirrors, instance)


def events(result: dg.ExecuteInProcessResult, key: str) -> list[dg.AssetMaterialization]:
    """Return the materialisations of an asset in a run, in their order."""
    found = [event.materialization for event in result.get_asset_materialization_events()]
    return [event for event in found if event.asset_key.to_user_string() == key]
