"""Numbers on pages, each against SQL that is written here anew, over the miniature organisation."""

import json
import re

from boost_pipeline.reports.site.environment import day, number
from boost_pipeline.reports.site.figures import comment
from boost_pipeline_tests.reports.site.worlds import tables

PEOPLE = """
    FROM commits c JOIN repositories p ON p.id = c.repository_id AND p.kind IN ('boost', 'tool')
    LEFT JOIN commit_author_accounts k ON k.email = c.author_email LEFT JOIN accounts a ON a.id = k.account_id
    WHERE (c.on_default_branch OR c.first_release_id IS NOT NULL) AND cardinality(c.parents) < 2
      AND coalesce(a.kind, '') <> 'bot'
      AND coalesce(a.login, '') NOT LIKE '%%[bot]' AND c.author_name NOT LIKE '%%[bot]%%'
"""
PERSON = "coalesce('account ' || k.account_id, lower(c.author_email))"


def figures(miniature) -> dict[str, int]:
    found = re.findall(r"<li><b>([\d,]+)</b>([^<\n]+)", miniature.page("index.html"))
    return {name.strip(): int(value.replace(",", "")) for value, name in found}


def test_the_figures_of_the_first_page_are_those_of_the_tables(miniature):
    value = miniature.value
    newest = value("SELECT id FROM releases WHERE kind = 'stable' ORDER BY major DESC, minor DESC, patch DESC LIMIT 1")

    assert figures(miniature) == {
        "Libraries in the newest release": value("SELECT count(*) FROM library_versions WHERE release_id = %s", newest),
        "Modules in the newest release": value(
            "SELECT count(*) FROM release_modules WHERE release_id = %s AND path LIKE 'libs/%%'", newest
        ),
        "Dependencies between modules": value(
            """
            SELECT count(DISTINCT (module_id, depends_on_id)) FROM dependencies
            WHERE release_id = %s AND include_count > 0 AND kind <> 'test'
            """,
            newest,
        ),
        "Modules in a dependency cycle": value(
            "SELECT count(*) FROM module_graph WHERE release_id = %s AND cycle IS NOT NULL", newest
        ),
        "Stable releases": value("SELECT count(*) FROM releases WHERE kind = 'stable'"),
        "Commits by people": value(f"SELECT count(*) {PEOPLE}"),
        "People who ever committed": value(f"SELECT count(DISTINCT {PERSON}) {PEOPLE}"),
        "People who committed in the last 365 days": value(
            f"""
            SELECT count(DISTINCT {PERSON}) {PEOPLE}
            AND c.authored_at > (SELECT max(completed_at) FROM cursors) - interval '365 days'
            """
        ),
        "Open pull requests": _open(value, "pull_requests"),
        "Open issues": _open(value, "issues"),
        "Units that fail now": value("SELECT count(*) FROM failures WHERE resolved_at IS NULL"),
    }


def test_first_timers_and_retention_are_counted_over_the_whole_history(miniature):
    rows = tables(miniature.page("contributors.html"))[
        "People who committed, and those who did for the first time, by year"
    ]
    years: dict[int, set[str]] = {}
    for year, person in miniature.rows(
        f"SELECT extract(year FROM c.authored_at AT TIME ZONE 'UTC')::int, {PERSON} {PEOPLE}"
    ):
        years.setdefault(year, set()).add(person)
    known: set[str] = set()
    expected = []
    for year in range(min(years), max(years) + 1):
        active = years.get(year, set())
        expected.append([str(year), str(len(active)), str(len(active - known)) if year > min(years) else "–"])
        known |= active

    assert rows == expected
    retention = tables(miniature.page("contributors.html"))["Share of last year's contributors who committed again"]
    assert retention == [
        [str(year), f"{len(years[year] & years[year - 1]) / len(years[year - 1]) * 100:.0f} %"]
        for year in sorted(years)
        if year - 1 in years
    ]


def test_the_row_and_the_page_of_a_library_say_what_the_tables_say(miniature):
    (row,) = [
        row
        for row in next(
            rows for caption, rows in tables(miniature.page("libraries.html")).items() if "Libraries" in caption
        )
        if row[0] == "container_hash"
    ]
    ((level, needs, needed),) = miniature.rows(
        """
        SELECT g.level, g.transitive, g.transitive_dependents FROM module_graph g
        JOIN modules m ON m.id = g.module_id AND m.name = 'container_hash'
        JOIN releases r ON r.id = g.release_id AND r.tag = 'boost-1.71.0'
        """
    )
    ((commits, people, last),) = miniature.rows(
        f"SELECT count(*), count(DISTINCT {PERSON}), max(c.authored_at) {PEOPLE} AND p.name = 'container_hash'"
    )

    assert row[2:5] == [number(level), number(needs), number(needed)]
    assert row[6:8] == [number(commits), number(people)]
    assert row[9] == day(last)
    page = tables(miniature.page("libraries/container_hash.html"))
    assert sum(int(year[1]) for year in page["Commits by people, by year"]) == commits
    assert {line[0] for line in page["Modules whose headers it includes"]} == {
        module
        for (module,) in miniature.rows(
            """
            SELECT o.name FROM dependencies d JOIN modules o ON o.id = d.depends_on_id
            JOIN modules m ON m.id = d.module_id AND m.name = 'container_hash'
            JOIN releases r ON r.id = d.release_id AND r.tag = 'boost-1.71.0'
            WHERE d.include_count > 0 AND d.kind <> 'test'
            """
        )
    }


def test_the_table_of_releases_equals_the_tables(miniature):
    rows = tables(miniature.page("releases.html"))["Stable releases, the newest first"]

    counted = {
        tag: [str(modules), str(libraries) if libraries else "–"]
        for tag, modules, libraries in miniature.rows(
            """
            SELECT tag, (SELECT count(*) FROM release_modules x WHERE x.release_id = r.id AND x.path LIKE 'libs/%%'),
                   (SELECT count(*) FROM library_versions x WHERE x.release_id = r.id)
            FROM releases r WHERE kind = 'stable'
            """
        )
    }
    assert {row[0]: row[2:4] for row in rows} == counted


def test_the_data_of_the_comparison_hold_the_graph_of_each_release(miniature):
    for tag in ("boost-1.70.0", "boost-1.71.0"):
        script = miniature.page(f"data/{tag}.js")
        told = json.loads(script.removeprefix("boostRelease(").removesuffix(");\n"))
        names = [module[0] for module in told["modules"]]
        assert {(names[one], names[other]) for one, other in told["edges"]} == set(
            miniature.rows(
                """
                SELECT DISTINCT m.name, o.name FROM dependencies d JOIN modules m ON m.id = d.module_id
                JOIN modules o ON o.id = d.depends_on_id JOIN releases r ON r.id = d.release_id
                WHERE r.tag = %s AND d.include_count > 0 AND d.kind <> 'test'
                """,
                tag,
            )
        )


def test_each_figure_names_its_view_with_the_formula_of_the_database(miniature):
    for path in miniature.site.folder.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        for view in re.findall(r'From <a href="[./]*counted\.html#(\w+)">', page):
            kept = miniature.value("SELECT obj_description(to_regclass(%s), 'pg_class')", view)
            kept = kept or miniature.value(
                "SELECT obj_description(p.oid, 'pg_proc') FROM pg_proc p WHERE proname = %s", view
            )
            assert kept == comment(view)


def test_every_page_ends_with_the_decisions_that_it_supports(miniature):
    for path in miniature.site.folder.rglob("*.html"):
        if path.name != "counted.html":
            assert ">Decisions this supports</h2>" in path.read_text(encoding="utf-8").partition("</main>")[0]


def test_no_page_holds_an_address_of_a_person(miniature):
    addresses = {
        address for (address,) in miniature.rows("SELECT DISTINCT author_email FROM commits") if "@" in address
    }
    for path in miniature.site.folder.rglob("*"):
        if path.suffix in (".html", ".js", ".json") and "vendor" not in path.parts:
            page = path.read_text(encoding="utf-8")
            assert not [address for address in addresses if address in page]


def test_bots_are_no_contributors(miniature):
    assert miniature.value("SELECT count(*) FROM accounts WHERE kind = 'bot'") > 0
    assert not miniature.rows("SELECT * FROM contributors WHERE name LIKE '%%[bot]%%'")


def _open(value, table: str) -> int:
    return value(
        f"""
        SELECT count(*) FROM {table} i JOIN repositories p ON p.id = i.repository_id AND p.kind <> 'other'
        LEFT JOIN accounts a ON a.id = i.author_id
        WHERE i.closed_at IS NULL AND i.deleted_at IS NULL AND coalesce(a.kind, '') <> 'bot'
          AND coalesce(a.login, '') NOT LIKE '%%[bot]'
        """
    )
