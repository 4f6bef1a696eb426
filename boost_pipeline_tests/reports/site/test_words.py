"""One word, one number: every page, report, export and command over one warehouse full of hard cases."""

import csv
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from boost_pipeline.cli import main
from boost_pipeline.collectors.identities import resolve
from boost_pipeline.reports.dossier.document import Report
from boost_pipeline.reports.dossier.folder import write
from boost_pipeline.reports.dossier.month import month_report
from boost_pipeline.reports.dossier.reading import snapshot
from boost_pipeline.reports.dossier.release import read_dossier
from boost_pipeline.reports.export_formats import Format
from boost_pipeline.reports.exports import export
from boost_pipeline.reports.site.build import Site, build
from boost_pipeline.reports.site.environment import day as shown_day
from boost_pipeline.settings import load_settings
from boost_pipeline.warehouse.warehouse import Warehouse
from boost_pipeline_tests.conftest import database
from boost_pipeline_tests.reports.dossier.conftest import figures, table
from boost_pipeline_tests.reports.site.worlds import tables

ADDRESS = re.compile(r"[\w.%+-]+(?:@|\s?[-(\[{]at[-)\]}]\s?)[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}")
WITHOUT_FILES = """
    SELECT m.name FROM release_modules x JOIN modules m ON m.id = x.module_id JOIN releases r ON r.id = x.release_id
    WHERE r.tag = %s AND x.path LIKE 'libs/%%' AND NOT EXISTS
        (SELECT FROM release_folders f WHERE f.release_id = x.release_id AND f.module_id = x.module_id)
"""
NEW, OLD, DELETED = "boost-1.71.0", "boost-1.69.0", "boost-1.70.5"


@dataclass(frozen=True)
class Walked:
    """The warehouse, all that is made of it, and how to ask both."""

    warehouse: Warehouse
    site: Site
    dossiers: dict[str, Report]
    month: Report
    folder: Path

    def rows(self, query: str, *parameters):
        with self.warehouse.transaction() as transaction:
            return transaction.rows(query, parameters)

    def by_tag(self, query: str) -> dict:
        return {row[0]: row[1] if len(row) == 2 else row[1:] for row in self.rows(query)}

    def page(self, path: str) -> dict[str, list[list[str]]]:
        return tables((self.site.folder / path).read_text(encoding="utf-8"))

    @property
    def headlines(self) -> dict[str, float]:
        return {name: value for name, value, _ in self.site.headlines}

    @property
    def releases_page(self) -> dict[str, list[str]]:
        return {row[0]: row for row in self.page("releases.html")["Stable releases, the newest first"]}


@pytest.fixture(scope="module")
def walked(miniature, server, tmp_path_factory) -> Walked:
    """The miniature organisation with hard cases added, and every page, report and export of it."""
    folder = tmp_path_factory.mktemp("walked")
    template = psycopg.conninfo.conninfo_to_dict(miniature.warehouse.conninfo())["dbname"]
    with database(server, str(template)) as conninfo:
        warehouse = Warehouse(lambda: conninfo)
        with warehouse.transaction() as transaction:
            _add_hard_cases(transaction)
            resolve(transaction)
        with snapshot(warehouse) as transaction:
            read = [
                tag
                for (tag,) in transaction.rows(
                    "SELECT tag FROM releases r WHERE deleted_at IS NULL AND EXISTS "
                    "(SELECT FROM release_modules m WHERE m.release_id = r.id)"
                )
            ]
            dossiers = {tag: read_dossier(transaction, tag) for tag in read}
            month = month_report(transaction, date(2019, 3, 1))
        for tag, report in dossiers.items():
            write(report, folder / "reports" / "releases" / tag, with_pdf=False)
        write(month, folder / "reports" / "monthly" / "2019-03", with_pdf=False)
        export(warehouse, Format("csv"), folder / "export")
        yield Walked(warehouse, build(warehouse, folder / "dashboard", ()), dossiers, month, folder)


def _add_hard_cases(transaction) -> None:
    """Add bots, co-authors, tags of 0.x and deleted, a library that joins, names with addresses, a partial release."""
    ids = dict(transaction.rows("SELECT tag, id FROM releases"))
    repositories = dict(transaction.rows("SELECT name, id FROM repositories"))
    numbers = count(1)

    def commit(repository: int, name: str, email: str, release: int | None, year: int = 2019, co: str = "") -> None:
        at = datetime(year, 3, 3, tzinfo=UTC)
        number = transaction.value(
            """
            INSERT INTO commits (repository_id, sha, parents, author_name, author_email, authored_at, author_utc_offset,
                committer_name, committer_email, committed_at, landed_at, subject, message, is_merge, is_reachable,
                on_default_branch, files_changed, additions, deletions, first_release_id)
            VALUES (%s, %s, '{}', %s, %s, %s, 0, 'x', 'x', %s, %s, '', '', false, true, true, 1, 5, 2, %s) RETURNING id
            """,
            (repository, f"{next(numbers):040}", name, email, at, at, at, release),
        )
        if co:
            transaction.execute("INSERT INTO commit_trailers VALUES (%s, 0, 'Co-authored-by', %s)", (number, co))

    config = repositories["config"]
    for name, email in (("Claude", "noreply@anthropic.com"), ("Jenkins nedprod CI", "foo@nowhere")):
        commit(config, name, email, ids[NEW])
    commit(config, "Copilot", "c@example.org", ids[NEW], co="Ada Hard <ada.hard@one.example>")
    commit(config, "Ada Hard", "ada@two.example", ids[NEW], co="Bo Hard <bo.hard@example.org>")
    commit(config, "Bo Hard <bo.hard@example.org>", "bo.hard@example.org", ids[NEW])
    commit(repositories["boostdep"], "Cy (cy [at] example.org)", "cy@example.org", ids[NEW])
    commit(config, "Far Future", "far@example.org", ids[NEW], year=2090)
    deleted, _ = (
        transaction.value(
            "INSERT INTO releases (tag, kind, major, minor, patch, commit_sha, committed_at, deleted_at) "
            "VALUES (%s, 'stable', %s, %s, %s, 'x', '2019-03-09', %s) RETURNING id",
            (tag, *version, gone),
        )
        for tag, version, gone in (
            (DELETED, (1, 70, 5), datetime(2019, 5, 1, tzinfo=UTC)),
            ("boost-0.9.27", (0, 9, 27), None),
        )
    )
    transaction.execute(
        "INSERT INTO release_modules SELECT %s, module_id, repository_id, path, commit_sha FROM release_modules "
        "WHERE release_id = %s",
        (deleted, ids[NEW]),
    )
    commit(config, "Ada Hard", "ada@two.example", deleted)
    joins = transaction.value(
        "INSERT INTO repositories (owner, name, kind) VALUES ('boostorg', 'joins', 'boost') RETURNING id"
    )
    module = transaction.value("INSERT INTO modules (name) VALUES ('joins') RETURNING id")
    transaction.execute("INSERT INTO release_modules VALUES (%s, %s, %s, 'libs/joins', 'x')", (ids[NEW], module, joins))
    transaction.move_cursor("code/commits", "joins", {}, datetime(2026, 1, 1, tzinfo=UTC))
    for year in (2014, 2015, 2016):
        commit(joins, "Di Hard", "di@example.org", ids[NEW], year=year)
    transaction.execute(
        "INSERT INTO source_gaps SELECT %s, id, 'missing_commit', 'lost' FROM modules WHERE name = 'ratio' "
        "ON CONFLICT DO NOTHING",
        (ids[OLD],),
    )
    transaction.execute(
        "UPDATE library_people SET name = 'Ed Hard <ed (at) example.org>' "
        "WHERE library_version_id IN (SELECT max(id) FROM library_versions)"
    )


def test_the_commits_of_a_release_are_the_same_everywhere(walked):
    by_release = walked.by_tag(
        "SELECT tag, commits, contributors, first_timers, brought_commits FROM contributors_by_release"
    )
    by_library = walked.by_tag(
        "SELECT tag, sum(commits)::int, sum(brought_commits)::int FROM repository_commits_by_release GROUP BY tag"
    )
    assert {DELETED, "boost-0.9.27"}.isdisjoint(by_release)
    assert by_release[NEW][3] == 3
    for tag, (commits, people, first_timers, brought) in by_release.items():
        report = walked.dossiers[tag]
        found = figures(report)
        assert (found["commits"], found["people who wrote them"]) == (commits, people), tag
        assert found["first-timers"] == first_timers, tag
        assert found.get("commits that new modules brought", 0) == brought, tag
        assert by_library[tag] == (commits, brought), tag
        assert sum(row[2] for row in table(report, "updated", "Modules")) == commits, tag
        days = [chart.table for chart in report.section("overview").charts if "per day" in chart.title]
        assert commits == 0 or sum(row[1] for row in days[0].rows) == commits, tag


def test_in_the_oldest_release_with_a_history_no_page_calls_anybody_a_first_timer(walked):
    oldest = walked.rows("SELECT tag, first_timers FROM contributors_by_release ORDER BY position LIMIT 1")
    assert oldest[0][1] is None
    assert figures(walked.dossiers[oldest[0][0]])["first-timers"] is None


def test_all_commits_by_people_are_those_of_releases_and_those_that_no_release_has(walked):
    ((released, brought),) = walked.rows("SELECT sum(commits), sum(brought_commits) FROM contributors_by_release")
    ((unreleased,),) = walked.rows(
        """
        SELECT count(*) FROM authorships a WHERE place = 1 AND NOT EXISTS
            (SELECT FROM stable_releases s WHERE s.release_id = a.first_release_id)
        """
    )
    totals = {row[0]: row for row in next(iter(walked.page("contributors.html").values()))}
    ((undated,),) = walked.rows("SELECT undated FROM commits_left_out")
    years = sum(row[0] for row in walked.rows("SELECT commits FROM contributors_by_year"))

    assert walked.headlines["Commits by people"] == released + brought + unreleased
    assert totals["all years"][2].replace(",", "") == str(walked.headlines["Commits by people"])
    assert totals["all years"][1] == str(walked.headlines["People who ever committed"])
    assert undated >= 1
    assert years == walked.headlines["Commits by people"] - undated


def test_modules_libraries_and_dependencies_are_the_same_everywhere(walked):
    graphs = _graphs(walked)
    for tag, row in walked.releases_page.items():
        if tag not in walked.dossiers:
            continue
        found, (modules, libraries, dependencies) = figures(walked.dossiers[tag]), row[2:5]
        notes = {figure.label: figure.note for figure in walked.dossiers[tag].section("overview").figures}
        assert notes["libraries"] == f"in {modules} modules", tag
        assert libraries == (str(found["libraries"]) if found["libraries"] else "–"), tag
        assert dependencies == ("–" if found["dependencies"] is None else str(found["dependencies"])), tag
        if dependencies != "–":
            assert len(graphs[tag]["dependencies"]) == found["dependencies"], tag
            without_files = {name for (name,) in walked.rows(WITHOUT_FILES, tag)}
            assert without_files <= {"headers", "joins"}
            assert len(graphs[tag]["modules"]) == int(modules) - len(without_files), tag
    page, first = walked.releases_page[NEW], walked.headlines
    assert first["Modules in the newest release"] == int(page[2])
    assert first["Libraries in the newest release"] == int(page[3])
    assert first["Dependencies between modules"] == int(page[4])


def test_what_changed_between_two_releases_is_the_same_in_dossier_page_and_command(walked):
    for tag, previous in walked.rows(
        """
        SELECT s.tag, p.tag FROM stable_releases s JOIN releases p ON p.id = s.previous_id
        WHERE EXISTS (SELECT FROM module_graph g WHERE g.release_id = s.release_id)
          AND EXISTS (SELECT FROM module_graph g WHERE g.release_id = p.id)
        """
    ):
        diff = json.loads(_run(walked, "graph", tag, "--diff", previous, "--format", "json"))
        came = sum(change["change"] == "added" for change in diff["dependencies"])
        went = sum(change["change"] == "removed" for change in diff["dependencies"])
        found = figures(walked.dossiers[tag])
        assert (found["dependencies added"], found["dependencies removed"]) == (came, went), tag
        assert walked.releases_page[tag][5:7] == [str(came), str(went)], tag
        cycles = "SELECT modules FROM release_cycles((SELECT id FROM releases WHERE tag = %s)) WHERE is_new"
        new = [modules for (modules,) in walked.rows(cycles, tag)]
        assert [", ".join(cycle["modules"]) for cycle in diff["new_cycles"]] == new, tag


def test_a_module_of_a_release_was_updated_or_not_or_is_new_and_tools_are_told_apart(walked):
    for tag, report in walked.dossiers.items():
        found = figures(report)
        if found["commits"] is None:
            continue
        rows = table(report, "updated", "Modules")
        modules = [row[0] for row in rows if row[1] != "tool"]
        assert found["modules updated"] == len(modules), tag
        assert all(name.startswith(("tools/", "more")) for name in {row[0] for row in rows} - set(modules)), tag
        assert not any(row[0].startswith("tools/") for row in table(report, "not-updated", "Modules")), tag
    assert [row[:2] for row in table(walked.dossiers[NEW], "updated", "History")] == [("joins", 3)]
    assert "tools/boostdep" in {row[0] for row in table(walked.dossiers[NEW], "updated", "Modules")}


def test_the_absence_factor_and_the_people_of_a_module_are_the_same_everywhere(walked):
    view = {name: row for name, *row in walked.rows(
        "SELECT m.module, a.contributors, a.absence_factor "
        "FROM module_risks m JOIN absence_factors a USING (repository_id)"
    )}  # fmt: skip
    pages = walked.page("contributors.html")
    rows = next(rows for caption, rows in pages.items() if "of the commits of a module" in caption)
    libraries = {row[0]: row for row in next(r for c, r in walked.page("libraries.html").items() if "Libraries" in c)}

    assert {row[0]: [int(row[1]), int(row[2])] for row in rows} == view
    for name, (people, factor) in view.items():
        if name in libraries:
            assert libraries[name][7:9] == [str(people), str(factor)]


def test_open_items_and_waiting_reviews_are_the_same_everywhere(walked):
    ((pulls, issues),) = walked.rows(
        """
        SELECT sum(open_pull_requests)::int, sum(open_issues)::int FROM repository_work w
        JOIN repositories p ON p.id = w.repository_id AND p.kind IN ('superproject', 'boost', 'tool')
        """
    )
    waiting = walked.rows(
        "SELECT repository, number FROM longest_waiting_reviews ORDER BY waiting_since, 1, 2 LIMIT 10"
    )
    shown = [
        row[0] for caption, rows in walked.page("risks.html").items() if "review" in caption.lower() for row in rows
    ]

    assert (walked.headlines["Open pull requests"], walked.headlines["Open issues"]) == (pulls, issues)
    assert len(shown) == len(waiting)
    assert all(f"#{number}" in row for row, (_, number) in zip(shown, waiting, strict=True))


def test_the_day_of_a_release_is_the_same_everywhere(walked):
    for tag, day in walked.rows("SELECT tag, day FROM stable_releases"):
        if tag in walked.dossiers:
            assert f"on {day}" in walked.dossiers[tag].lead, tag
            assert shown_day(day) in walked.releases_page[tag][1], tag


def test_releases_are_those_whose_tag_is_there_from_1_16_1_on(walked):
    names = set(walked.by_tag("SELECT tag, day FROM stable_releases"))
    assert set(walked.releases_page) == names
    assert walked.headlines["Stable releases"] == len(names)
    assert {"boost-0.9.27", DELETED}.isdisjoint(names)
    months = defaultdict(int)
    for tag, is_release in walked.rows("SELECT tag, is_release FROM month_releases('2019-03-01')"):
        months[is_release] += 1
        assert tag != DELETED
    assert {row[0]: row[1] for row in table(walked.month, "numbers", "Counts")}["Stable releases"] == months[True]


def test_a_tag_that_was_deleted_is_told_on_the_page_of_health_and_in_the_gaps_with_the_mend(walked):
    (row,) = [row for row in walked.page("health.html")["Tags that the host deleted or moved"] if row[0] == DELETED]
    assert "deleted" in row[1]
    assert "counts again if the host has the tag again" in row[3]
    gaps = [row for row in table(walked.dossiers[NEW], "gaps", "Missing") if row[1] == DELETED]
    assert [gap[0] for gap in gaps] == ["tag that changed"]
    result = CliRunner().invoke(main, ["graph", DELETED], env=_environment(walked))
    assert "was deleted at the host" in result.output


def test_bots_are_nobody_and_a_person_with_two_addresses_is_one(walked):
    names = [name for (name,) in walked.rows("SELECT name FROM contributors")]
    assert {"Claude", "Copilot", "Jenkins nedprod CI"}.isdisjoint(names)
    assert sorted(name for name in names if name.endswith("Hard")) == ["Ada Hard", "Bo Hard", "Di Hard"]
    people = {row[0]: row[1] for row in table(walked.dossiers[NEW], "people", "People")}
    assert (people["Ada Hard"], people["Bo Hard"], people["Cy"]) == (2, 2, 1)
    assert "Di Hard" not in people


def test_no_page_report_or_export_shows_an_address_of_a_person(walked):
    seen = 0
    for path in walked.folder.rglob("*"):
        if path.suffix in (".html", ".js", ".json", ".md", ".csv") and "vendor" not in path.parts:
            seen += 1
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".csv":
                csv.field_size_limit(1 << 30)
            found = {one for one in ADDRESS.findall(text) if "Hard" in one or "hard" in one or "example.org" in one}
            assert not found, (path, found)
    assert seen > 50


def _graphs(walked: Walked) -> dict[str, dict]:
    tags = [
        tag
        for (tag,) in walked.rows("SELECT DISTINCT tag FROM releases JOIN module_graph g ON g.release_id = releases.id")
    ]
    return {tag: json.loads(_run(walked, "graph", tag, "--format", "json")) for tag in tags}


def _environment(walked: Walked) -> dict[str, str]:
    parts = psycopg.conninfo.conninfo_to_dict(walked.warehouse.conninfo())
    load_settings.cache_clear()
    return {
        "DATABASE_URL": f"postgresql://{parts['user']}@/{parts['dbname']}?host={parts['host']}",
        "BOOST_HOME": str(walked.folder / "home"),
    }


def _run(walked: Walked, *arguments: str) -> str:
    result = CliRunner().invoke(main, list(arguments), env=_environment(walked), catch_exceptions=False)
    load_settings.cache_clear()
    assert result.exit_code == 0, result.output
    return result.stdout
