"""`boost-pipeline check`: is everything there that a run needs? No server is started, no table changed.

`up` and `run` do the cheap ones of these checks first.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from boost_pipeline.commands.plan import Job, jobs_of_all, warning_lines
from boost_pipeline.errors import BoostPipelineError, ScheduleError, SettingsError, SourceRefused
from boost_pipeline.scheduling.schedule import Kind, Problem, Schedule
from boost_pipeline.settings import Settings, load_settings

if TYPE_CHECKING:
    from boost_pipeline.collectors.registry import Commands

logger = logging.getLogger("boost_pipeline")

_FREE_GIB: Final = 5
_FULL_GIB: Final = 0.2
"""PostgreSQL alone writes more than this in a run, and stops where it cannot."""
_GIB: Final = 1024**3
_SECONDS_TO_ANSWER: Final = 30


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found, in a sentence with the mend."""

    name: str
    state: Literal["ok", "warning", "failed"]
    told: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How the warehouse is found, without starting or changing it; `schema` is None where it has no tables."""

    running: bool
    place: str
    version: int = 0
    schema: str | None = None


def print_checks(*, as_json: bool) -> bool:
    """Do all checks and print each; return whether none failed."""
    checks = []
    for check in all_checks():
        checks.append(check)
        if not as_json:
            click.echo(f"{check.state:8} {check.name:10} {check.told}")
    if as_json:
        click.echo(json.dumps([asdict(check) for check in checks], ensure_ascii=False))
    return all(check.state != "failed" for check in checks)


def all_checks() -> Iterator[Check]:
    """Yield the checks one by one; without settings only git can be looked at."""
    try:
        settings = load_settings()
    except SettingsError as error:
        yield Check("settings", "failed", str(error))
        yield git(Path.cwd())
        return
    yield Check("settings", "ok", f"state is below {settings.home}")
    yield git(settings.home)
    yield from schedule(settings)
    yield disk(settings)
    yield database(settings)
    yield from sources(settings)


def before_start(settings: Settings, jobs: Sequence[Job] = ()) -> None:
    """Do the cheap checks that are not part of reading settings and schedule; a warning is logged.

    What will make one of the jobs fail is a warning, too: the others can work.

    Raises:
        SettingsError: git is missing or too old, or BOOST_HOME cannot be written to or is full.
    """
    for check in (git(settings.home), disk(settings)):
        if check.state == "failed":
            raise SettingsError(check.told)
        if check.state == "warning":
            logger.warning("%s", check.told)
    for check in tasks(settings, jobs):
        logger.warning("%s", check.told)


def tasks(settings: Settings, jobs: Sequence[Job]) -> Iterator[Check]:
    """Yield what will make tasks fail, once for each reason; a reason names all its tasks."""
    from boost_pipeline.collectors.preflight import troubles

    found: dict[str, list[str]] = {}
    for job in jobs:
        for trouble in troubles(job.selection, settings):
            found.setdefault(trouble, []).append(job.command)
    for trouble, commands in found.items():
        yield Check("tasks", "failed", f"{', '.join(dict.fromkeys(commands))} will fail: {trouble}.")


def git(folder: Path) -> Check:
    """Check that git is there and new enough."""
    from boost_pipeline.sources.git.environment import Host
    from boost_pipeline.sources.git.process import Children, Git

    try:
        told = Git("git", folder, Host(""), Children(), _SECONDS_TO_ANSWER).read("--version")
    except BoostPipelineError as error:
        return Check("git", "failed", str(error))
    return Check("git", "ok", told.decode(errors="replace").strip())


def schedule(settings: Settings) -> Iterator[Check]:
    """Check the schedule file; each mistake and each warning is one check."""
    from boost_pipeline.collectors.registry import Commands
    from boost_pipeline.scheduling.order import order_warnings
    from boost_pipeline.scheduling.schedule_file import read_schedule

    commands = Commands()
    try:
        found = read_schedule(settings.schedule_file, commands)
    except ScheduleError as error:
        yield from (Check("schedule", "failed", line) for line in str(error).splitlines())
        return
    order = order_warnings(found, commands, _upstream())
    for line in warning_lines([*found.warnings, *order, *_never(found, commands)], settings.schedule_file):
        yield Check("schedule", "warning", line)
    enabled = sum(len(group.enabled()) for group in found.groups)
    yield Check("schedule", "ok", f"{settings.schedule_file.name}: groups {len(found.groups)}, enabled tasks {enabled}")
    jobs = jobs_of_all(found, commands)
    foreseen = list(tasks(settings, jobs))
    yield from foreseen or [Check("tasks", "ok", f"nothing is known that keeps one of {len(jobs)} from working")]


def _upstream() -> dict[str, set[str]]:
    from boost_pipeline.commands.run import upstream
    from boost_pipeline.definitions import defs

    return upstream(defs)


def _never(schedule: Schedule, commands: Commands) -> Iterator[Problem]:
    """Yield the on_release tasks that no release ever starts, as nothing of theirs is kept by release."""
    from boost_pipeline.definitions import defs

    graph = defs.resolve_asset_graph()
    by_release = {key.to_user_string() for key in graph.get_all_asset_keys() if graph.get(key).partitions_def}
    for group in schedule.groups:
        for task in group.enabled(Kind.on_release):
            if by_release.isdisjoint(commands.selects(task.command, task.args).assets):
                told = f"{task.command} reads nothing release by release, so on_release never starts it"
                yield Problem(task.line, task.column, told)


def disk(settings: Settings) -> Check:
    """Check that BOOST_HOME, or the folder that it will be made in, can be written to and has space."""
    folder = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        return Check("disk", "failed", f"{folder} cannot be written to. Make it writable, or set BOOST_HOME.")
    free = shutil.disk_usage(folder).free / _GIB
    told = f"{free:.1f} GiB are free at {folder}"
    if free < _FULL_GIB:
        return Check("disk", "failed", f"Only {told}. Free some space, or set BOOST_HOME to another disk.")
    if free < _FREE_GIB:
        return Check("disk", "warning", f"Only {told}. Free some space, or set BOOST_HOME to another disk.")
    return Check("disk", "ok", told)


def database(settings: Settings) -> Check:
    """Check that the database can be used and whether its schema is that of this code."""
    from boost_pipeline.warehouse.schema import HEAD, OLDEST_SERVER

    try:
        found = look(settings)
    except BoostPipelineError as error:
        return Check("database", "failed", str(error))
    if not found.running:
        return Check("database", "ok", f"{found.place} is not running; the commands that need it start it")
    if found.version < OLDEST_SERVER:
        mend = "use 15 or newer, or leave DATABASE_URL unset for the embedded server"
        return Check("database", "failed", f"PostgreSQL {found.version // 10000} of {found.place} is too old: {mend}.")
    if found.schema == HEAD:
        version = f"{found.version // 10000}.{found.version % 10000}"
        return Check("database", "ok", f"{found.place}, PostgreSQL {version}, schema {HEAD}")
    if found.schema is None or found.schema < HEAD:
        now = f"is at schema {found.schema}" if found.schema else "has no tables yet"
        mend = f"`boost-pipeline db upgrade`, or else the next run, brings it to {HEAD}"
        return Check("database", "warning", f"{found.place} {now}; {mend}")
    mend = "Update the code, or use another database."
    return Check("database", "failed", f"{found.place} is at schema {found.schema}, newer than this code's. {mend}")


def look(settings: Settings) -> Standing:
    """Look at the warehouse without starting or changing it.

    Raises:
        BoostPipelineError: it cannot be reached.
    """
    from boost_pipeline.warehouse.databases import WAREHOUSE, Databases

    with Databases(settings).opened() as databases:
        if databases.embedded is None:
            return _ask(databases.warehouse(), "the database of DATABASE_URL")
        place = "the embedded server"
        if not databases.embedded.status().running:
            return Standing(running=False, place=place)
        return _ask(databases.embedded.ensure().conninfo(WAREHOUSE), place)


def _ask(conninfo: str, place: str) -> Standing:
    import psycopg

    from boost_pipeline.warehouse import schema
    from boost_pipeline.warehouse.warehouse import told

    with told(conninfo), psycopg.connect(conninfo, connect_timeout=_SECONDS_TO_ANSWER) as connection:
        return Standing(
            running=True, place=place, version=connection.info.server_version, schema=schema.current(connection)
        )


def sources(settings: Settings) -> Iterator[Check]:
    """Check that the host of the repositories answers, and takes the token if there is one."""
    token = settings.git_token.get_secret_value() if settings.git_token else None
    used = token is not None and settings.git_url.startswith(("http://", "https://"))
    try:
        told = _tags(settings, token)
    except SourceRefused as error:
        yield from _refused(settings, error) if used else [Check("sources", "failed", str(error))]
        return
    except BoostPipelineError as error:
        yield Check("sources", "failed", str(error))
        return
    yield Check("sources", "ok", told)
    if used:
        yield Check("token", "ok", f"{settings.git_url} takes BOOST_GIT_TOKEN")
    elif token is not None:
        yield Check("token", "warning", f"BOOST_GIT_TOKEN is not used, as {settings.git_url} is no HTTP address")


def _refused(settings: Settings, error: SourceRefused) -> Iterator[Check]:
    """Tell a refused token, with which a host refuses public repositories too, from a repository that is gone."""
    try:
        told = _tags(settings, None)
    except BoostPipelineError:
        yield Check("sources", "failed", str(error))
        return
    yield Check("sources", "ok", told)
    mend = "Renew it, or unset it, as the repositories are public."
    yield Check("token", "failed", f"{settings.git_url} refuses BOOST_GIT_TOKEN. {mend}")


def _tags(settings: Settings, token: str | None) -> str:
    from boost_pipeline.boost.releases import SUPERPROJECT
    from boost_pipeline.sources.git import GitMirrors

    limit = min(settings.git_timeout, _SECONDS_TO_ANSWER)
    host = GitMirrors(settings.mirrors, settings.git_url, token=token, timeout=limit, attempts=1)
    return f"{settings.git_url}/{SUPERPROJECT}.git answers with {len(host.tags(SUPERPROJECT))} tags"
