"""Fixtures for the tests of the embedded server."""

from collections.abc import Iterator

import pytest

from boost_pipeline.warehouse.server import EmbeddedServer
from boost_pipeline_tests.conftest import Homes


@pytest.fixture(scope="session")
def _used(homes: Homes, postgres_user: str) -> Iterator[EmbeddedServer]:
    with homes() as home:
        yield EmbeddedServer(home / "postgres", user=postgres_user)


@pytest.fixture
def stopped(_used: EmbeddedServer) -> Iterator[EmbeddedServer]:
    """A server that does not run and that nobody uses; its cluster is there, and other tests have used it."""
    _used.start()
    _used.stop()
    yield _used
    _used.release_and_stop_if_unused()
    _used.stop()
