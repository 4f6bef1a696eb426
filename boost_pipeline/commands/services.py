"""`boost-pipeline up`: PostgreSQL, migrations, Dagster's web UI and daemon, the reports, supervised until Ctrl-C."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from dotenv import dotenv_values

from boost_pipeline.commands import reports_server
from boost_pipeline.commands.reports_server import LOOPBACK
from boost_pipeline.errors import BoostPipelineError, SettingsError
from boost_pipeline.settings import Settings
from boost_pipeline.warehouse.databases import Databases
from boost_pipeline.warehouse.warehouse import Warehouse

logger = logging.getLogger("boost_pipeline")

_SECONDS_TO_STOP = 20.0
_SECONDS_BETWEEN_LOOKS = 1.0
_SECONDS_TO_ANSWER = 5.0


class ServiceStopped(BoostPipelineError):  # noqa: N818
    """A service ended by itself."""


def up(settings: Settings, folder: Path) -> None:
    """Run the services of the checkout in `folder` until this process is interrupted.

    Raises:
        SettingsError: a port is taken, or Dagster would work with other settings than this process; nothing was
            started.
        ServiceStopped: a service ended by itself; the others were stopped.
    """
    check_env_file(folder / ".env", os.environ)
    _check_ports(settings)
    logger.info("Starting. Dagster's own commands work in another terminal after: export DAGSTER_HOME=%s", folder)
    with Databases(settings).opened() as databases:
        Warehouse(databases.warehouse).conninfo()
        databases.dagster()
        settings.dagster.mkdir(parents=True, exist_ok=True)
        with _running(_commands(settings), folder, _environment(settings, folder)) as services:
            _watch(services, databases, _places(settings))


def _commands(settings: Settings) -> dict[str, list[str]]:
    """Return what is run. Of Dagster only warnings are heard: else each poll of a sensor is a line, for ever."""
    python = [sys.executable, "-m"]
    workspace = ["-w", "workspace.yaml"]
    web = ["-h", LOOPBACK, "-p", str(settings.web_port), "--dagster-log-level", "warning"]
    port = str(settings.reports_port)
    return {
        "web UI": [*python, "dagster_webserver", *workspace, *web, "--code-server-log-level", "warning"],
        "daemon": [*python, "dagster._daemon", "run", *workspace, "--log-level", "warning"],
        "reports": [*python, reports_server.__name__, str(settings.reports), port, settings.reports_url],
    }


def _places(settings: Settings) -> dict[str, str]:
    """Return where the services answer that a browser is for."""
    return {
        "The web UI is": f"http://{LOOPBACK}:{settings.web_port}/",
        "The reports are": f"http://{LOOPBACK}:{settings.reports_port}/",
    }


def _environment(settings: Settings, folder: Path) -> dict[str, str]:
    return os.environ | {
        "DAGSTER_HOME": str(folder),
        "BOOST_HOME": str(settings.home),
        "BOOST_COLLECTOR_SCHEDULE_YAML": str(settings.schedule_file),
    }


def check_env_file(path: Path, environment: Mapping[str, str]) -> None:
    """Refuse a .env that says otherwise than the environment: we believe the environment, and Dagster's processes .env.

    Of two such, one would work on another database than the other.
    """
    ours = {str(field.validation_alias) for field in Settings.model_fields.values()}
    said = {name: value for name, value in dotenv_values(path).items() if name in ours and value is not None}
    if other := sorted(name for name, value in said.items() if environment.get(name, value) != value):
        raise SettingsError(
            f"{path} sets {', '.join(other)} otherwise than the environment, and Dagster's processes would believe it. "
            "Take that out of the file, or unset the variable; --sample needs a folder without such a file."
        )


def _check_ports(settings: Settings) -> None:
    for name, port in (("BOOST_WEB_PORT", settings.web_port), ("BOOST_REPORTS_PORT", settings.reports_port)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError as error:
                raise SettingsError(f"Port {port} is taken ({error.strerror}). Set {name} to another.") from error


@contextmanager
def _running(
    commands: dict[str, list[str]], folder: Path, environment: dict[str, str]
) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Run the commands, each as the head of a process group, so that the runs that they start end with them."""
    services: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            services[name] = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, start_new_session=True
            )
        yield services
    finally:
        _stop(list(services.values()))


def _watch(services: dict[str, subprocess.Popen[bytes]], databases: Databases, places: dict[str, str]) -> None:
    """Keep the database running, and say of each of the `places` when it answers; return never."""
    silent = dict(places)
    while True:
        for name, service in services.items():
            if service.poll() is not None:
                raise ServiceStopped(f"The {name} ended with exit code {service.returncode}; its lines are above.")
        if databases.embedded is not None:
            databases.embedded.ensure()
        for name in [name for name, url in silent.items() if _answers(url)]:
            logger.info("%s at %s", name, silent.pop(name))
            if not silent:
                logger.info("Ctrl-C stops everything.")
        time.sleep(_SECONDS_BETWEEN_LOOKS)


def _answers(url: str) -> bool:
    """Tell whether somebody answers there, whatever the answer; a proxy of the environment is not asked."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=_SECONDS_TO_ANSWER):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _stop(services: Sequence[subprocess.Popen[bytes]]) -> None:
    for service in services:
        _signal_group(service, signal.SIGTERM)
    deadline = time.monotonic() + _SECONDS_TO_STOP
    for service in services:
        with suppress(subprocess.TimeoutExpired):
            service.wait(max(0.0, deadline - time.monotonic()))
    for service in services:
        while _signal_group(service, 0) and time.monotonic() < deadline:
            time.sleep(0.05)
        _signal_group(service, signal.SIGKILL)
        service.wait()


def _signal_group(service: subprocess.Popen[bytes], number: int) -> bool:
    """Send a signal to all processes of the group; return whether there were any."""
    try:
        os.killpg(service.pid, number)
    except ProcessLookupError:
        return False
    return True
