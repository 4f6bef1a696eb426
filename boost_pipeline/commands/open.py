"""`boost-pipeline open`: the reports of BOOST_HOME in a browser, served for as long as this process lives."""

from __future__ import annotations

import threading
import webbrowser
from contextlib import suppress
from urllib.parse import urlsplit

import click

from boost_pipeline.commands.reports_server import LOOPBACK, ReportsServer, require_dashboard
from boost_pipeline.errors import SettingsError
from boost_pipeline.settings import Settings


def serve_and_open(settings: Settings, port: int | None, *, browser: bool) -> None:
    """Serve until Ctrl-C.

    Args:
        settings: of the platform.
        port: on 127.0.0.1; None takes that of the settings or, where `up` already serves on it, a free one.
        browser: open one; where there is none, the address is told all the same.

    Raises:
        SettingsError: there is nothing to show yet, or the port is taken.
    """
    require_dashboard(settings.reports)
    with _server(settings, port) as server, suppress(KeyboardInterrupt):
        url = f"{server.url}/dashboard/"
        click.echo(f"The dashboard is at {url} (Ctrl-C ends this).")
        if browser:
            # Beside the server, as a browser in a terminal holds its caller until it is closed.
            threading.Thread(target=_show, args=[url], daemon=True).start()
        server.serve_forever()


def _show(url: str) -> None:
    if not webbrowser.open(url):
        click.echo("No browser was found here: open the address in one.", err=True)


def _server(settings: Settings, port: int | None) -> ReportsServer:
    names = [urlsplit(settings.reports_url).hostname or LOOPBACK]
    if port is not None:
        return ReportsServer(settings.reports, port, names)
    try:
        return ReportsServer(settings.reports, settings.reports_port, names)
    except SettingsError:
        return ReportsServer(settings.reports, 0, names)
