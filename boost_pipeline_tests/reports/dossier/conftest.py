"""Two worlds for reports: the sample as collected, whose truth is known, and small ones that a test fills itself."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg
import pytest
from psycopg.types.json import Jsonb

from boost_pipeline.collectors import monthly, release_dossier
from boost_pipeline.collectors.identities import resolve
from boost_pipeline.reports.dossier.document import Report
from boost_pipeline.reports.dossier.month import month_report
from boost_pipeline.reports.dossier.reading import snapshot
from boost_pipeline.reports.dossier.release import read_dossier
from boost_pipeline.settings import Settings
from boost_pipeline.warehouse.warehouse import Warehouse
from boost_pipeline_tests.collectors.conftest import ASSETS, Platform, collected, open_platform
from boost_pipeline_tests.conftest import database

__all__ = ["collected"]

REPORTS = [release_dossier.release, monthly.monthly]
CHECKS = [release_dossier.dossiers_are_whole, monthly.monthly_reports_are_whole]


@pytest.fixture
def copy(collected, server, tmp_path) -> Iterator[Platform]:
    """The sample as collected, with a database and a home of the test's own."""
    template = psycopg.conninfo.conninfo_to_dict(collected.warehouse.conninfo())["dbname"]
    with (
        database(server, str(template)) as conninfo,
        open_platform(collected.sample.url, Warehouse(lambda: conninfo), tmp_path / "home") as platform,
    ):
        yield platform


def materialize(
    platform: Platform, *keys: str, config: dict[str, Any] | None = None, **options: Any
) -> dg.ExecuteInProcessResult:
    """Materialise assets, reports among them, with the checks of reports."""
    return dg.materialize(
        [*ASSETS, *REPORTS, *CHECKS],
        selection=dg.AssetSelection.assets(*[key.split("/") for key in keys]),
        instance=platform.instance,
        resources={"settings": platform.settings, "warehouse": platform.warehouse, "mirrors": platform.mirrors},
        run_config={"ops": {key.replace("/", "__"): {"config": value} for key, value in (config or {}).items()}},
        raise_on_error=False,
        **options,
    )


def at_home(platform: Platform, home: Path) -> Platform:
    """Return the same platform with another home."""
    settings = Settings.model_validate({"BOOST_HOME": str(home), "BOOST_GIT_URL": platform.settings.git_url})
    return replace(platform, settings=settings)


class World:
    """A warehouse that holds what a test says: two releases in April and August 2026, and module `asio` in both."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self._numbers = count(1)
        self.old = self.release("boost-1.90.0", 90, date(2026, 4, 1))
        self.new = self.release("boost-1.91.0", 91, date(2026, 8, 1), previous=self.old)
        self.asio = self.module("asio", self.old, self.new)

    def put(self, table: str, **values: Any) -> Any:
        """Insert a row; return its id, where it has one."""
        names = ", ".join(values)
        marks = ", ".join(["%s"] * len(values))
        with self.warehouse.transaction() as transaction:
            cursor = transaction.connection.execute(
                f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING *", list(values.values())
            )
            return cursor.fetchone()[0]

    def release(self, tag: str, minor: int, day: date, *, kind: str = "stable", previous: int | None = None) -> int:
        """Add a release."""
        return self.put(
            "releases",
            tag=tag,
            kind=kind,
            major=1,
            minor=minor,
            patch=0,
            commit_sha=tag,
            committed_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
            released_on=day,
            released_on_source="website",
            previous_id=previous,
        )

    def module(self, name: str, *releases: int, libraries: int = 1, maintainers: tuple[str, ...] = ()) -> int:
        """Add a module with its repository and libraries to some releases; return the repository."""
        repository = self.put("repositories", owner="boostorg", name=name, kind="boost")
        self.cursor("code/commits", name)
        module = self.put("modules", name=name)
        keys = [name if not place else f"{name}/{place}" for place in range(libraries)]
        ids = [self.put("libraries", key=key, name=key, aliases=[]) for key in keys]
        for release in releases:
            self.put(
                "release_modules",
                release_id=release,
                module_id=module,
                repository_id=repository,
                path=f"libs/{name}",
                commit_sha=f"{name} {release}",
            )
            self.put(
                "module_graph",
                **dict.fromkeys(("level", "weight", "direct", "transitive", "dependents", "transitive_dependents"), 0),
                release_id=release,
                module_id=module,
                is_known=True,
            )
            for library, key in zip(ids, keys, strict=True):
                version = self.put(
                    "library_versions",
                    library_id=library,
                    release_id=release,
                    module_id=module,
                    key=key,
                    metadata_path="meta/libraries.json",
                    name=key,
                    std=[],
                )
                for place, person in enumerate(maintainers):
                    self.put(
                        "library_people",
                        library_version_id=version,
                        role="maintainer",
                        position=place,
                        raw=person,
                        name=person,
                    )
        return repository

    def cursor(self, asset: str, unit: str) -> None:
        """Say that an asset has read a unit."""
        at = datetime(2026, 9, 1, tzinfo=UTC)
        with self.warehouse.transaction() as transaction:
            transaction.move_cursor(asset, unit, {}, at)
            transaction.looked_at(asset, {unit: at})
            transaction.looked(asset, at)

    def commit(
        self,
        release: int | None = None,
        *,
        name: str = "Ada",
        email: str = "ada@example.org",
        landed: datetime | None = None,
        repository: int | None = None,
        **more: Any,
    ) -> None:
        """Add a commit of the repository asio, or of another."""
        when = landed or datetime(2026, 5, 5, 5, tzinfo=UTC)
        values: dict[str, Any] = {
            "repository_id": repository or self.asio,
            "sha": f"{next(self._numbers):040}",
            "parents": [],
            "author_name": name,
            "author_email": email,
            "authored_at": when,
            "author_utc_offset": 0,
            "committer_name": name,
            "committer_email": email,
            "committed_at": when,
            "landed_at": when,
            "subject": "",
            "message": "",
            "is_merge": False,
            "is_reachable": True,
            "on_default_branch": True,
            "files_changed": 1,
            "additions": 3,
            "deletions": 1,
            "first_release_id": release,
        }
        self.put("commits", **(values | more))

    def item(self, *, issue: bool, created: datetime, author: int | None = None, **more: Any) -> int:
        """Add an issue or a pull request of asio; return its number."""
        number = next(self._numbers)
        values: dict[str, Any] = {
            "repository_id": self.asio,
            "number": number,
            "github_id": number,
            "node_id": str(number),
            "title": f"item {number}",
            "body": "",
            "state": "closed" if more.get("closed_at") else "open",
            "author_id": author,
            "created_at": created,
            "updated_at": created,
            "is_locked": False,
            "comment_count": 0,
        }
        if not issue:
            values |= dict.fromkeys(("base_ref", "head_ref", "base_sha", "head_sha"), "x")
            values |= {"is_draft": False, "additions": 1, "deletions": 1, "changed_files": 1}
        self.put("issues" if issue else "pull_requests", **(values | more))
        return number

    def account(self, login: str, kind: str = "user") -> int:
        """Add an account."""
        return self.put("accounts", login=login, kind=kind, github_id=next(self._numbers))

    def depend(self, release: int, module: str, depends_on: str, *, includes: int = 1, pull_weight: int = 1) -> None:
        """Add a dependency of headers."""
        ids = self.ids("SELECT name, id FROM modules")
        edge = {"release_id": release, "module_id": ids[module], "depends_on_id": ids[depends_on]}
        witness = {"file": f"include/boost/{module}.hpp", "header": f"boost/{depends_on}.hpp"}
        counts = {"include_count": includes, "boostdep_count": includes}
        self.put("dependencies", **edge, kind="header", **counts, witnesses=Jsonb([witness]))
        self.put("dependency_weights", **edge, pull_weight=pull_weight)

    def ids(self, query: str) -> dict[str, Any]:
        """Return the pairs of a query."""
        with self.warehouse.transaction() as transaction:
            return dict(transaction.rows(query))

    def change(self, statement: str, *parameters: Any) -> None:
        """Run a statement."""
        with self.warehouse.transaction() as transaction:
            transaction.execute(statement, parameters)

    def dossier(self, tag: str = "boost-1.91.0") -> Report:
        """Read the dossier of a release."""
        return dossier(self.warehouse, tag)

    def month(self, month: date) -> Report:
        """Read the report of a month."""
        with self.warehouse.transaction() as transaction:
            resolve(transaction)
        with snapshot(self.warehouse) as transaction:
            return month_report(transaction, month)


@pytest.fixture
def world(warehouse) -> World:
    """Two releases with one module; no commit, no item."""
    return World(warehouse)


def dossier(warehouse: Warehouse, tag: str) -> Report:
    """Read the dossier of a release, when who is a person was found out as after each run."""
    with warehouse.transaction() as transaction:
        resolve(transaction)
    with snapshot(warehouse) as transaction:
        return read_dossier(transaction, tag)


def figures(report: Report, key: str = "overview") -> dict[str, float | None]:
    """Return the single numbers of a section by label."""
    return {figure.label: figure.value for figure in report.section(key).figures}


def table(report: Report, key: str, caption: str) -> list[tuple[Any, ...]]:
    """Return the rows of the table whose caption starts so."""
    (found,) = [one for one in report.section(key).tables if one.caption.startswith(caption)]
    return list(found.rows)
