"""`boost-pipeline up`: PostgreSQL, migrations, the Dagster web UI and daemon, supervised until Ctrl-C or SIGTERM."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from boost_pipeline.errors import BoostPipelineError, SettingsError
from boost_pipeline.settings import Settings
from boost_pipeline.warehouse.databases import Databases
from boost_pipeline.warehouse.warehouse import Warehouse

logger = logging.getLogger("boost_pipeline")

_SECONDS_TO_STOP = 20.0
_SECONDS_BETWEEN_LOOKS = 1.0


class ServiceStopped(BoostPipelineError):  # noqa: N818
    """A service ended by itself."""


def up(settings: Settings, folder: Path) -> None:
    """Run the services of the checkout in `folder` until this process is interrupted.

    Raises:
        SettingsError: the port of the web UI is taken.
        ServiceStopped: a service ended by itself; the others were stopped.
    """
    with Databases(settings).opened() as databases:
        _check_port(settings.web_port)
        Warehouse(databases.warehouse).conninfo()
        databases.dagster()
        settings.dagster.mkdir(parents=True, exist_ok=True)
        with _running(_commands(settings.web_port), folder, _environment(settings, folder)) as services:
            logger.info("The web UI is at http://127.0.0.1:%d; Ctrl-C stops everything.", settings.web_port)
            _watch(services, databases)


def _commands(port: int) -> dict[str, list[str]]:
    python = [sys.executable, "-m"]
    return {
        "web UI": [*python, "dagster_webserver", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)],
        "daemon": [*python, "dagster._daemon", "run", "-w", "workspace.yaml"],
    }


def _environment(settings: Settings, folder: Path) -> dict[str, str]:
    return os.environ | {
        "DAGSTER_HOME": str(folder),
        "BOOST_HOME": str(settings.home),
        "BOOST_COLLECTOR_SCHEDULE_YAML": str(settings.schedule_file),
    }


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise SettingsError(f"Port {port} is taken ({error.strerror}). Set BOOST_WEB_PORT to another.") from error


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


def _watch(services: dict[str, subprocess.Popen[bytes]], databases: Databases) -> None:
    while True:
        for name, service in services.items():
            if service.poll() is not None:
                raise ServiceStopped(f"The {name} ended with exit code {service.returncode}; its lines are above.")
        if databases.embedded is not None:
            databases.embedded.ensure()
        time.sleep(_SECONDS_BETWEEN_LOOKS)


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
