"""The drill: a real daemon, web server and PostgreSQL; a release appears, and whatever can be killed is killed.

In the end each of two consumers has materialised each release exactly once, and no run is left started.
"""

import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from boost_pipeline.sample.organisation import release
from boost_pipeline.settings import load_settings
from boost_pipeline_tests.test_services import environment, graphql, until

ROOT = Path(__file__).parents[2]
LOCATION = ["-m", "boost_pipeline_tests.scheduling.drill_definitions"]
RELEASES = ("boost-1.71.0", "boost-1.72.0")
UNFINISHED = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]

pytestmark = pytest.mark.slow
__all__ = ["environment"]


class Service:
    """One of Dagster's services, with the processes that it starts."""

    def __init__(self, environment, module, *arguments):
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def end(self):
        """End everything that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(30)


@pytest.fixture
def drill(environment, built_sample, tmp_path, monkeypatch):
    """The environment of the drill, and an instance to look at what happens."""
    sample = built_sample.copy(tmp_path / "organisation")
    (tmp_path / "notes").mkdir()
    later = datetime.now(UTC) + timedelta(hours=2)
    environment |= {
        "BOOST_GIT_URL": sample.url,
        "DAGSTER_HOME": str(ROOT),
        "DRILL_FOLDER": str(tmp_path / "notes"),
        "DRILL_TIME": f"{later:%H:%M}",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    load_settings.cache_clear()
    with dg.DagsterInstance.from_config(str(ROOT), "dagster.yaml") as instance:
        yield environment, instance, sample, tmp_path / "notes"
    load_settings.cache_clear()


def test_each_release_reaches_each_consumer_exactly_once_whatever_is_killed(drill):
    environment, instance, sample, notes = drill
    services = [
        Service(environment, "dagster._daemon", "run", *LOCATION),
        Service(environment, "dagster_webserver", *LOCATION, "-h", "127.0.0.1", "-p", environment["BOOST_WEB_PORT"]),
    ]
    try:
        # The newest release waits; `docs` fails, and the worker of `news` is killed in the middle.
        kill_worker(notes, RELEASES[0])
        # The daemon is killed, and a release appears while there is none.
        services[0].end()
        sample = release(sample, RELEASES[1]).sample
        services[0] = Service(environment, "dagster._daemon", "run", *LOCATION)
        kill_worker(notes, RELEASES[1])
        until(lambda: graphql(environment["BOOST_WEB_PORT"], "{version}"))
        services[1].end()
        for tag in RELEASES:
            until((notes / f"docs {tag}").exists, seconds=120)
        # The batch of the groups, whose time is in a minute, tries again what failed.
        services[0].end()
        environment["DRILL_TIME"] = f"{datetime.now(UTC) + timedelta(seconds=75):%H:%M}"
        services[0] = Service(environment, "dagster._daemon", "run", *LOCATION)
        until(lambda: len(finished(notes)) >= 2 * len(RELEASES), seconds=240)
        until(lambda: not instance.get_runs_count(dg.RunsFilter(statuses=UNFINISHED)), seconds=240)
    finally:
        for service in services:
            service.end()

    assert Counter(finished(notes)) == {f"{name} {tag}": 1 for name in ("docs", "news") for tag in RELEASES}
    for name in ("docs", "news"):
        key = dg.AssetKey(["x", name])
        assert instance.get_materialized_partitions(key) == set(RELEASES)
        assert len(instance.fetch_materializations(key, limit=100).records) == len(RELEASES)


def kill_worker(notes, tag):
    """Wait until the worker of `news` is at work on a release, and kill it."""
    pid = until((notes / f"pid {tag}").read_text, seconds=180)
    os.kill(int(pid), signal.SIGKILL)


def finished(notes):
    path = notes / "done"
    return path.read_text().splitlines() if path.exists() else []
