"""The commands that schedule.yaml can name: each selects assets and gives their options.

It imports neither Dagster nor the assets, so that a command line and a schedule file are checked at once.
A new collector is a function here and its assets in a module beside this one.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import click

from boost_pipeline.boost.releases import read_version
from boost_pipeline.errors import BoostPipelineError, UnknownName
from boost_pipeline.reports.export_formats import Format

BY_RELEASE = ("boost/libraries", "boost/headers", "boost/dependencies")
BY_RELEASE_STEP = "boost/by_release"
"""The assets that are kept by release, in their order, and the step that makes them."""


KEPT_BY_RELEASE = frozenset({*BY_RELEASE, "reports/release"})
"""The assets with a partition for each release."""

_PARTIAL = ("versions", "limit", "dry_run", "libraries", "since", "until", "tables", "month")
"""Options that ask for a part."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a command with its arguments asks for: assets by key, and the configuration of some of their steps."""

    assets: tuple[str, ...]
    config: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.assets, json.dumps(self.config, sort_keys=True)))

    @property
    def is_whole(self) -> bool:
        """It asks for all of each asset, not for some releases, repositories, a time or nothing but a list."""
        return not any(options.get(name) for options in self.config.values() for name in _PARTIAL)

    def run_config(self) -> dict[str, Any]:
        """Return it in the form that Dagster takes: options by op, whose names have two underscores for the slash."""
        return {"ops": {step.replace("/", "__"): {"config": options} for step, options in self.config.items()}}


class WrongUsage(BoostPipelineError):  # noqa: N818 - reads as the sentence it starts
    """The arguments of a command do not fit its options."""

    category = "usage"


def _version(_context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
    """Read one or several releases as people write them, or explain."""
    try:
        return read_version(value) if isinstance(value, str) else tuple(map(read_version, value))
    except UnknownName as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.option(
    "--version",
    "versions",
    multiple=True,
    callback=_version,
    help="A release: boost-1.90.0 or 1.90.0; may be repeated.",
)
@click.option("--all-versions", is_flag=True, help="All stable releases, whether read before or not.")
def run_boost_library_tracker(versions: tuple[str, ...], *, all_versions: bool) -> Selection:
    """Releases; libraries, headers and dependencies of those not read yet, and of the heads that moved.

    \b
    Example:
        boost-pipeline collect run_boost_library_tracker --version boost-1.90.0
    """
    if versions and all_versions:
        raise click.UsageError("--version and --all-versions exclude each other")
    options = {"versions": list(versions), "all_versions": all_versions}
    return Selection(("boost/releases", *BY_RELEASE), {BY_RELEASE_STEP: options})


_boost_version = click.option(
    "--boost-version",
    default="new",
    show_default=True,
    help="new, all, a tag, a minor number (90), develop, or several by comma.",
)
_limit = click.option("--limit", type=click.IntRange(min=1), help="At most so many releases, the newest ones.")
_dry_run = click.option("--dry-run", is_flag=True, help="Only say which releases would be read.")


def _by_release(boost_version: str, limit: int | None, *, dry_run: bool) -> dict[str, Any]:
    """Read the predecessor's flags for releases into the options of assets that are kept by release.

    As there, "" is new, and the words are read in any case. A list without a name asks for nothing: it is refused.
    """
    options: dict[str, Any] = {"limit": limit, "dry_run": dry_run}
    word = boost_version.strip().lower()
    if word == "all":
        options["all_versions"] = True
    elif word not in ("new", ""):
        given = [name.strip() for name in boost_version.split(",") if name.strip()]
        if not given:
            said = f"{boost_version[:40]!r} names no release; write new, all, or 1.90.0."
            raise click.BadParameter(said, param_hint="--boost-version")
        try:
            options["versions"] = [read_version(name) for name in given]
        except UnknownName as error:
            raise click.BadParameter(str(error), param_hint="--boost-version") from None
    return options


@click.command()
@_boost_version
@_limit
@_dry_run
def collect_boost_libraries(boost_version: str, limit: int | None, *, dry_run: bool) -> Selection:
    """The libraries, and the graph that is made of them: the predecessor's command, with its flags.

    \b
    Example:
        boost-pipeline collect collect_boost_libraries --boost-version 90,91
    """
    options = _by_release(boost_version, limit, dry_run=dry_run)
    return Selection(("boost/releases", *BY_RELEASE), {BY_RELEASE_STEP: options})


@click.command()
@_boost_version
@_limit
@_dry_run
def import_boost_dependencies(boost_version: str, limit: int | None, *, dry_run: bool) -> Selection:
    """The dependency graph, with the libraries and headers it is made of: the predecessor's command, with its flags.

    \b
    Example:
        boost-pipeline collect import_boost_dependencies --boost-version boost-1.90.0,develop
    """
    options = _by_release(boost_version, limit, dry_run=dry_run)
    return Selection(("boost/releases", *BY_RELEASE), {BY_RELEASE_STEP: options})


GITHUB_TABLES = (
    "repositories",
    "issues",
    "pull_requests",
    "reviews",
    "events",
    "comments",
    "accounts",
    "durations",
)
"""The GitHub assets below the prefix of an instance, in their order."""


def _time(_context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
    """Read a day or a time as people write it; UTC where it does not say."""
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        raise click.BadParameter(f"{value[:40]!r} is no date; write 2026-01-31 or 2026-01-31T12:00:00Z.") from None


def _window(command: Callable[..., Selection]) -> Callable[..., Selection]:
    """Add the options of what is read from GitHub."""
    for option in (
        click.option("--full", is_flag=True, help="Everything of GitHub, whatever was read before."),
        click.option("--until", callback=_time, metavar="TIME", help="Only items that changed before."),
        click.option("--since", callback=_time, metavar="TIME", help="Only items that changed then or later."),
    ):
        command = option(command)
    return command


def _github(prefix: str, libraries: Sequence[str], since: str | None, until: str | None, *, full: bool) -> Selection:
    """Return the GitHub assets of an instance with their options."""
    if full and (since or until):
        raise click.UsageError("--full and --since or --until exclude each other")
    if since and until and datetime.fromisoformat(since) >= datetime.fromisoformat(until):
        raise click.UsageError("--since is not before --until, so that nothing lies between them")
    options = {"libraries": list(libraries), "since": since, "until": until, "full": full}
    assets = tuple(f"{prefix}/{table}" for table in GITHUB_TABLES)
    return Selection(assets, {f"{prefix}/work_items": options, f"{prefix}/comments": options})


def names(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what cannot be a name; whether there is something of that name is known to the warehouse."""
    for name in value:
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.+~-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.+~-]*)*", name):
            raise click.BadParameter(f"{name[:40]!r} is no name; write asio or numeric/conversion.")
    return value


@click.command()
@click.option(
    "--library",
    "libraries",
    multiple=True,
    callback=names,
    metavar="NAME",
    help="A library, module or repository; may be repeated.",
)
@_window
@click.option("--skip-github", is_flag=True, help="Only git: repositories and commits, which need no token.")
def run_boost_github_activity_tracker(
    libraries: tuple[str, ...], since: str | None, until: str | None, *, full: bool, skip_github: bool
) -> Selection:
    """All commits; issues, pull requests, comments of GitHub.

    Reviews, the timelines, accounts and facts of repositories as well.

    \b
    Example:
        boost-pipeline collect run_boost_github_activity_tracker --library asio
        boost-pipeline collect run_boost_github_activity_tracker --skip-github
    """
    git = Selection(("code/repositories", "code/commits"), {"code/commits": {"libraries": list(libraries)}})
    if skip_github:
        if full or since or until:
            raise click.UsageError("--skip-github leaves nothing for --since, --until and --full")
        return git
    github = _github("github", libraries, since, until, full=full)
    return Selection((*git.assets, *github.assets, "github/releases"), git.config | github.config)


@click.command()
@_window
def run_clang_github_tracker(since: str | None, until: str | None, *, full: bool) -> Selection:
    """Issues, pull requests, comments of llvm/llvm-project.

    Reviews, the timelines and facts of the repository as well.

    \b
    Example:
        boost-pipeline collect run_clang_github_tracker --since 2026-01-01
    """
    return _github("llvm", (), since, until, full=full)


def folder(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse what cannot be the name of a folder."""
    if value is not None and (not value.strip() or "\0" in value):
        raise click.BadParameter("it names no folder; leave it out for the usual one.")
    return value


@click.command()
@click.option("--format", "form", type=click.Choice([*Format]), default=Format.json, show_default=True)
@click.option(
    "--table",
    "tables",
    multiple=True,
    callback=names,
    metavar="NAME",
    help="A table or view; may be repeated. Else all tables.",
)
@click.option("--out", callback=folder, help="The folder; else BOOST_HOME/exports/<format>.")
@click.option("--with-emails", is_flag=True, help="Include e-mail addresses, which are personal data.")
def run_export(form: str, tables: tuple[str, ...], out: str | None, *, with_emails: bool) -> Selection:
    """The tables and views of the warehouse as files.

    \b
    Example:
        boost-pipeline collect run_export --format parquet
    """
    options = {"format": str(form), "tables": list(tables), "out": out, "with_emails": with_emails}
    return Selection(("reports/exports",), {"reports/exports": options})


def _month(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Read a month as people write it, of those that a report can be of."""
    if value is None:
        return None
    from boost_pipeline.reports.dossier.month import read_month  # only for who gives one: it brings the reports

    try:
        return f"{read_month(value, datetime.now(UTC).date()):%Y-%m}"
    except UnknownName as error:
        raise click.BadParameter(str(error)) from None


_paper = click.option(
    "--paper", type=click.Choice(["A4", "letter"]), default="A4", show_default=True, help="The size of the PDF's pages."
)
_no_pdf = click.option("--no-pdf", is_flag=True, help="No PDF.")


@click.command()
@click.option("--month", callback=_month, metavar="YYYY-MM", help="The month; else the last whole one.")
@click.option("--out", callback=folder, help="The folder; else BOOST_HOME/reports/monthly/<month>.")
@_paper
@_no_pdf
def run_monthly_report(month: str | None, out: str | None, paper: str, *, no_pdf: bool) -> Selection:
    """The report of a month, in Markdown, HTML and PDF.

    \b
    Example:
        boost-pipeline collect run_monthly_report --month 2026-10
    """
    options = {"month": month, "out": out, "paper": paper, "pdf": not no_pdf}
    return Selection(("reports/monthly",), {"reports/monthly": options})


@click.command()
@_boost_version
@_limit
@_dry_run
@click.option("--with-github", is_flag=True, help="Read what changed on GitHub first, too.")
@_paper
@_no_pdf
def run_on_release_sync(
    boost_version: str, limit: int | None, paper: str, *, dry_run: bool, with_github: bool, no_pdf: bool
) -> Selection:
    """Everything that depends on a release, then its dossier: page, PDF and data. Safe to run again.

    \b
    Example:
        boost-pipeline collect run_on_release_sync --boost-version 1.90.0
    """
    options = _by_release(boost_version, limit, dry_run=dry_run)
    read = Selection(("boost/releases", *BY_RELEASE), {BY_RELEASE_STEP: options})
    if not dry_run:
        read = Selection((*read.assets, "code/repositories", "code/commits"), read.config)
    if with_github and not dry_run:
        github = _github("github", (), None, None, full=False)
        read = Selection(read.assets + github.assets, read.config | github.config)
    dossier = {"reports/release": options | {"paper": paper, "pdf": not no_pdf}}
    return Selection((*read.assets, "reports/release"), read.config | dossier)


@click.command()
@click.option(
    "--out", callback=folder, metavar="FOLDER", help="Where the site goes; without it BOOST_HOME/reports/dashboard."
)
@click.option("--skip-publish", is_flag=True, help="Build it, and push it nowhere.")
def run_boost_library_usage_dashboard(out: str | None, *, skip_publish: bool) -> Selection:
    """The dashboard: a static site of releases, libraries, people, risks and the health of the data.

    \b
    Example:
        boost-pipeline collect run_boost_library_usage_dashboard --out site --skip-publish
    """
    return Selection(("reports/dashboard",), {"reports/dashboard": {"out": out, "skip_publish": skip_publish}})


COLLECTORS: dict[str, click.Command] = {
    "run_boost_library_tracker": run_boost_library_tracker,
    "run_boost_github_activity_tracker": run_boost_github_activity_tracker,
    "run_clang_github_tracker": run_clang_github_tracker,
    "collect_boost_libraries": collect_boost_libraries,
    "import_boost_dependencies": import_boost_dependencies,
    "run_boost_library_usage_dashboard": run_boost_library_usage_dashboard,
    "run_export": run_export,
    "run_monthly_report": run_monthly_report,
    "run_on_release_sync": run_on_release_sync,
}

COMING = frozenset(
    {
        "backfill_300_file_commits",
        "backfill_clang_github_tracker",
        "backfill_discord_activity_tracker",
        "backfill_file_renames",
        "check_new_boost_release",
        "cleanup_workspace_orphans",
        "fill_boost_files",
        "import_boost_file_from_csv",
        "import_wg21_metadata_from_csv",
        "migrate_workspace_layout",
        "run_boost_library_docs_tracker",
        "run_boost_mailing_list_tracker",
        "run_boost_usage_tracker",
        "run_cppa_pinecone_sync",
        "run_cppa_slack_tracker",
        "run_cppa_user_tracker",
        "run_cppa_youtube_script_tracker",
        "run_discord_activity_tracker",
        "run_slack_event_handler",
        "run_update_created_repos_by_language",
        "run_update_db",
        "run_wg21_paper_tracker",
        "send_startup_notification",
    }
)
"""Commands of the predecessor without a collector here: a schedule may name them, and is told so."""


class Commands:
    """What a schedule is checked against."""

    def known(self) -> Collection[str]:
        """Return the names of the collectors."""
        return COLLECTORS.keys()

    def coming(self) -> Collection[str]:
        """Return the predecessor's commands that have no collector here."""
        return COMING

    def selects(self, command: str, args: Sequence[str]) -> Selection:
        """Return what a command with its arguments asks for.

        Raises:
            WrongUsage: there is no such collector; an argument is unknown, missing or of the wrong form.
        """
        if command not in COLLECTORS:
            near = difflib.get_close_matches(command, COLLECTORS, n=1)
            raise WrongUsage(
                f"There is no collector {command!r}"
                + (f"; did you mean {near[0]!r}?" if near else ".")
                + " `boost-pipeline collectors` lists them."
            )
        try:
            selection = COLLECTORS[command].main(list(args), prog_name=command, standalone_mode=False)
        except click.ClickException as error:
            raise WrongUsage(
                f"{command}: {error.format_message().rstrip('.')}. See: boost-pipeline collect {command} --help"
            ) from None
        if not isinstance(selection, Selection):  # --help, which click answers itself
            raise WrongUsage(f"{command}: --help does not belong in a schedule.")
        return selection
