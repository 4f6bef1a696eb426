"""What will make a task fail, as far as settings and a glance at the hosts can tell before anything starts.

Each asset, or all below a prefix, may have a function here that is given the settings and the options of its steps. No
database is asked, nothing is written, and no look at a host takes more than some seconds.
"""

from __future__ import annotations

import os
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from boost_pipeline.collectors.registry import Selection
from boost_pipeline.errors import BoostPipelineError
from boost_pipeline.settings import Settings
from boost_pipeline.sources.github.endpoint import Endpoint

Options = dict[str, Any]
Foresees = Callable[[Settings, Options], Iterator[str]]

_SECONDS_TO_ANSWER: Final = 3.0
_PORTS: Final = {"http": 80, "https": 443}


def troubles(selection: Selection, settings: Settings) -> Iterator[str]:
    """Yield why a task of this selection cannot work, each with its mend, once."""
    found: dict[str, None] = {}
    for asset in selection.assets:
        for prefix, foresees in PREFLIGHTS.items():
            if asset.startswith(prefix):
                found |= dict.fromkeys(foresees(settings, selection.config.get(asset, {})))
    yield from found


def _git(settings: Settings, _options: Options) -> Iterator[str]:
    yield from _unreachable("BOOST_GIT_URL", settings.git_url)


def _github(settings: Settings, _options: Options) -> Iterator[str]:
    has_app = settings.github_app_id and settings.github_app_installation_id
    if not (settings.github_token or settings.github_scraping_tokens or has_app):
        yield "GitHub answers nobody without a token; set GITHUB_TOKEN, or give --skip-github if it is an option"
    try:
        Endpoint.read(settings.github_api_url)
    except BoostPipelineError as error:
        yield str(error).rstrip(".")
        return
    yield from _unreachable("GITHUB_API_URL", settings.github_api_url)


def _dashboard(settings: Settings, options: Options) -> Iterator[str]:
    if settings.dashboard_publish_url is None or options.get("skip_publish"):
        return
    url = settings.dashboard_publish_url.get_secret_value()
    parts = urlsplit(url)
    if parts.scheme in _PORTS and not (settings.github_write_token or settings.git_token or parts.password):
        yield (
            "nothing lets us push to the repository of BOOST_DASHBOARD_PUBLISH_URL; set GITHUB_TOKEN_WRITE, or give "
            "--skip-publish"
        )
    yield from _unreachable("BOOST_DASHBOARD_PUBLISH_URL", url)


def _folder(_settings: Settings, options: Options) -> Iterator[str]:
    """A folder of --out that cannot be made or written."""
    if not options.get("out"):
        return
    out = Path(options["out"]).expanduser().absolute()
    there = next(folder for folder in (out, *out.parents) if folder.exists())
    if not there.is_dir():
        yield f"--out {out} cannot be made, as {there} is a file; choose another folder"
    elif not os.access(there, os.W_OK | os.X_OK):
        yield f"--out {out} cannot be written, as {there} is closed to us; choose another folder"


PREFLIGHTS: Final[dict[str, Foresees]] = {
    "boost/": _git,
    "code/": _git,
    "github/": _github,
    "llvm/": _github,
    "reports/dashboard": _dashboard,
    "reports/": _folder,
}
"""What is looked at for the assets below a prefix."""


def _unreachable(setting: str, url: str) -> Iterator[str]:
    """Tell an HTTP host that does not let us in at all; what it answers is for the task to see."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        return
    proxy = urllib.request.getproxies().get(parts.scheme)
    asked = urlsplit(proxy) if proxy and not urllib.request.proxy_bypass(parts.hostname) else parts
    trouble = _no_connection(asked.hostname or "", asked.port or _PORTS.get(asked.scheme, 80))
    if trouble:
        yield f"{asked.hostname} cannot be reached ({trouble}); look to the network, or to {setting}"


@cache
def _no_connection(host: str, port: int) -> str | None:
    """Return why there is no connection; None if there is one. A name that nobody resolves in time is one, too."""
    outcome = ["no answer in time"]

    def connect() -> None:
        try:
            socket.create_connection((host, port), timeout=_SECONDS_TO_ANSWER).close()
            outcome[0] = ""
        except OSError as error:
            outcome[0] = error.strerror or str(error)

    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(_SECONDS_TO_ANSWER)
    return outcome[0] or None
