"""A folder of origins, mirrors of them, and a user whose git configuration the tests can write."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from boost_pipeline.sources.git import GitMirrors, Mirror
from boost_pipeline_tests.sources.git.http_host import HttpHost
from boost_pipeline_tests.sources.git.origin import Origin


@pytest.fixture(autouse=True)
def user_config(tmp_path, monkeypatch) -> Path:
    """The user's ~/.gitconfig; whoever runs the tests may have another."""
    home = tmp_path / "user"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for variable in ("XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_DIR", "http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return home / ".gitconfig"


@pytest.fixture
def origins(tmp_path) -> Path:
    """The folder of the host's repositories."""
    return tmp_path / "origins"


@pytest.fixture
def origin(origins) -> Origin:
    """The repository `lib` of the host, without a commit."""
    return Origin(origins / "lib.git")


@pytest.fixture
def folder(tmp_path) -> Path:
    """The folder of the mirrors."""
    return tmp_path / "mirrors"


@pytest.fixture
def mirrors(folder, origins) -> GitMirrors:
    return GitMirrors(folder, f"file://{origins}", attempts=1, timeout=60)


@pytest.fixture
def mirrored(mirrors, origin) -> Callable[[], Mirror]:
    """Bring the mirror of `origin` up to date, and return it."""

    def mirrored() -> Mirror:
        mirrors.refresh("lib")
        return mirrors.mirror("lib")

    return mirrored


@pytest.fixture
def http_host(origins) -> Iterator[HttpHost]:
    with HttpHost(origins) as host:
        thread = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield host
        host.shutdown()
        thread.join()
