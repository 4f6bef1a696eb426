"""The command as a process, on a database and repositories of the test's own."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from boost_pipeline.sample.github.script import sample_world
from boost_pipeline.sample.github.server import SAMPLE_TOKEN, GitHubEmulator
from boost_pipeline.sample.organisation import Sample
from boost_pipeline.settings import Settings
from boost_pipeline.warehouse.server import EmbeddedServer
from boost_pipeline_tests.conftest import database

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).parent / "boost-pipeline"


@cache
def github() -> GitHubEmulator:
    """The sample's GitHub, which answers as long as this process lives."""
    return GitHubEmulator(sample_world()).__enter__()


class Cli:
    """Runs the command on a database and repositories of the test's own; without `conninfo` on an embedded server."""

    def __init__(self, conninfo: str | None, home: Path, git_url: str) -> None:
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {str(field.validation_alias) for field in Settings.model_fields.values()}
        } | {
            "BOOST_HOME": str(home),
            "BOOST_GIT_URL": git_url,
            "BOOST_GIT_ATTEMPTS": "1",
            "GITHUB_API_URL": github().url,
            "GITHUB_TOKEN": SAMPLE_TOKEN,
        }
        if conninfo is not None:
            parts = psycopg.conninfo.conninfo_to_dict(conninfo)
            self.environment["DATABASE_URL"] = f"postgresql://{parts['user']}@/{parts['dbname']}?host={parts['host']}"

    def __call__(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *arguments],
            cwd=ROOT,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=180,
        )

    @contextmanager
    def copy(self, server: EmbeddedServer, home: Path) -> Iterator["Cli"]:
        """The command on copies of its databases and of its home, for a test that changes them."""
        shutil.copytree(self.environment["BOOST_HOME"], home)
        with database(server, urlsplit(self.environment["DATABASE_URL"]).path[1:]) as conninfo:
            yield Cli(conninfo, home, self.environment["BOOST_GIT_URL"])

    def rows(self, query: str) -> list[tuple]:
        """Ask Dagster's own storage."""
        with psycopg.connect(self.environment["DATABASE_URL"].replace("?", "_dagster?")) as connection:
            return connection.execute(query).fetchall()


def table(stdout: str) -> list[list[str]]:
    """The words of each line of a printed table, below its header."""
    return [line.split() for line in stdout.splitlines()[1:]]


@contextmanager
def stalled_git(sample: Sample, folder: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """Repositories of which one never answers: their URL, and a function that waits until git asks for that one."""
    copy = sample.copy(folder / "stalled")
    refs = copy.folder / "config.git" / "packed-refs"
    refs.unlink(missing_ok=True)
    os.mkfifo(refs)
    ends: list[int] = []

    def wait() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                ends.append(os.open(refs, os.O_WRONLY | os.O_NONBLOCK))
            except OSError:  # nobody reads it yet
                time.sleep(0.05)  # between looks at another process
            else:
                return
        raise AssertionError("git did not ask for the repository")

    try:
        yield copy.url, wait
    finally:
        for end in ends:
            os.close(end)
