"""The sample, built once, and plain git to ask about it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from boost_pipeline.sample.organisation import Sample, build

Git = Callable[..., str]


def run_git(*arguments: str | Path) -> str:
    """Run git without the configuration of user and machine; return what it says, or raise."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
    options = ("-c", "protocol.file.allow=always", "-c", "core.quotePath=false")
    done = subprocess.run(["git", *options, *map(str, arguments)], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def git_of(sample: Sample) -> Git:
    """Return a function that runs git in a repository of the sample: `git("boost", "log")`."""
    return lambda repository, *arguments: run_git("--git-dir", sample.folder / f"{repository}.git", *arguments)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The sample, for tests that only read it."""
    return build(tmp_path_factory.mktemp("sample") / "organisation")


@pytest.fixture(scope="session")
def git(sample: Sample) -> Git:
    return git_of(sample)


@pytest.fixture
def own_sample(sample: Sample, tmp_path: Path) -> Sample:
    """A copy, for a test that lets something happen."""
    return sample.copy(tmp_path / "organisation")
