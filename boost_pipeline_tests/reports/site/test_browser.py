"""The dashboard of the miniature organisation in a real browser, opened from its folder, without a network."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from boost_pipeline.commands.reports_server import ReportsServer
from boost_pipeline.reports.dossier.folder import write
from boost_pipeline.reports.dossier.reading import snapshot
from boost_pipeline.reports.dossier.release import read_dossier
from boost_pipeline.reports.site.build import build

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
AXE = Path(__file__).parent / "axe" / "axe.min.js"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="No Chromium: `apt-get install chromium` (Debian) brings it."),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as browser,
    ):
        yield browser


class Visit:
    """A page, and what it complained of and asked for."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.folder = folder
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, path: str) -> Page:
        self.page.goto(f"file://{self.folder}/{path}")
        return self.page


@contextmanager
def visiting(browser: Browser, folder: Path, **options) -> Iterator[Visit]:
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    try:
        yield Visit(context.new_page(), folder)
    finally:
        context.close()


@pytest.fixture
def visit(browser, miniature) -> Iterator[Visit]:
    with visiting(browser, miniature.site.folder) as visit:
        yield visit


def paths(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))


def test_every_page_opens_without_a_complaint_or_a_request_to_the_network(visit):
    for path in paths(visit.folder):
        page = visit.open(path)
        expect(page.locator("h1")).not_to_be_empty()
        charts = page.locator("figure[data-chart] .chart")
        expect(page.locator("figure[data-chart] svg[aria-hidden]")).to_have_count(charts.count())

    assert visit.complaints == []
    assert [url for url in visit.requests if not url.startswith(("file://", "data:"))] == []


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_no_page_has_a_serious_violation_of_accessibility(browser, miniature, colours):
    with visiting(browser, miniature.site.folder, color_scheme=colours) as visit:
        found = []
        every = paths(visit.folder)
        for path in (
            every if colours == "light" else [path for path in every if "libraries/" not in path or path == every[-1]]
        ):
            page = visit.open(path)
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
            page.add_script_tag(path=AXE)
            told = page.evaluate("axe.run(document)")
            assert len(told["passes"]) > 20
            found += [
                (path, one["id"], one["nodes"][0]["html"][:200])
                for one in told["violations"]
                if one["impact"] in ("serious", "critical")
            ]
        assert found == []


def test_no_page_is_wider_than_a_phone(browser, miniature):
    with visiting(browser, miniature.site.folder, viewport={"width": 390, "height": 844}) as visit:
        for path in paths(visit.folder):
            page = visit.open(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_the_table_of_libraries_sorts_by_number_and_by_name(visit):
    page = visit.open("libraries.html")
    commits = page.locator("#libraries thead").get_by_role("button", name="Commits")
    column = "#libraries tbody tr td:nth-child(7)"

    commits.click()
    down = [int(text.replace(",", "")) for text in page.locator(column).all_inner_texts()]
    commits.press("Enter")
    up = [int(text.replace(",", "")) for text in page.locator(column).all_inner_texts()]

    assert down == sorted(down, reverse=True)
    assert up == sorted(up)
    expect(page.locator("#libraries th[aria-sort]")).to_have_attribute("aria-sort", "ascending")


def test_the_table_of_libraries_is_searched_and_filtered(visit, miniature):
    page = visit.open("libraries.html")
    shown = page.locator("#libraries tbody tr:visible")
    expect(shown).to_have_count(miniature.site.libraries)

    page.get_by_label("Search").fill("numeric")
    expect(shown).to_have_count(2)
    expect(page.locator("form output")).to_have_text(f"2 of {miniature.site.libraries} shown")
    page.get_by_label("Search").fill("")
    page.get_by_label("In the newest release").select_option("no")
    gone = miniature.value("SELECT count(*) FROM library_overview WHERE NOT in_newest")
    expect(shown).to_have_count(gone)


def test_a_chart_answers_the_keyboard_and_tells_the_value(visit, miniature):
    page = visit.open("index.html")
    figure = page.locator("figure[data-chart='commits']")
    years = miniature.rows("SELECT year, commits FROM contributors_by_year ORDER BY year")
    told = figure.locator("[aria-live]")

    figure.locator(".chart").focus()
    page.keyboard.press("ArrowRight")
    expect(told).to_have_text(f"{years[0][0]}: commits {years[0][1]}")
    page.keyboard.press("ArrowRight")
    expect(told).to_have_text(f"{years[1][0]}: commits {years[1][1]}")
    page.keyboard.press("End")
    expect(told).to_have_text(f"{years[-1][0]}: commits {years[-1][1]}")
    expect(figure.locator(".marker circle")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(told).to_be_empty()


def test_the_data_of_a_chart_are_behind_a_click(visit):
    page = visit.open("index.html")
    figure = page.locator("figure[data-chart='people']")
    expect(figure.get_by_role("table")).to_be_hidden()

    figure.get_by_text("The data of this chart").click()

    expect(figure.get_by_role("table")).to_be_visible()


def test_two_releases_are_compared_as_the_warehouse_compares_them(visit, miniature):
    page = visit.open("releases.html")
    for before, after in (
        ("boost-1.61.0", "boost-1.71.0"),
        ("boost-1.71.0", "boost-1.61.0"),
        ("boost-1.69.0", "boost-1.70.0"),
    ):
        page.get_by_label("From", exact=True).select_option(label=before)
        page.get_by_label("To", exact=True).select_option(label=after)
        expect(page.locator("#comparison-result")).to_have_attribute("data-shown", f"{before} {after}")
        ids = [miniature.value("SELECT id FROM releases WHERE tag = %s", tag) for tag in (before, after)]

        changes = miniature.rows(
            """
            SELECT m.name || ' → ' || o.name, bool_or(d.release_id = %(after)s), bool_or(d.release_id = %(before)s)
            FROM dependencies d JOIN modules m ON m.id = d.module_id JOIN modules o ON o.id = d.depends_on_id
            WHERE d.release_id IN (%(before)s, %(after)s) AND d.include_count > 0 AND d.kind <> 'test'
              AND NOT EXISTS (SELECT FROM source_gaps g WHERE g.release_id IN (%(before)s, %(after)s)
                                                          AND g.module_id IN (d.module_id, d.depends_on_id))
            GROUP BY 1 HAVING count(DISTINCT d.release_id) = 1
            """.replace("%(after)s", str(ids[1])).replace("%(before)s", str(ids[0]))
        )
        assert listed(page, "edgesAdded") == {edge for edge, is_new, _ in changes if is_new}
        assert listed(page, "edgesRemoved") == {edge for edge, _, is_old in changes if is_old}
        libraries = miniature.rows(
            "SELECT change, l.key FROM library_changes_between(%s, %s) c JOIN libraries l ON l.id = c.library_id", *ids
        )
        assert listed(page, "added") == {key for change, key in libraries if change == "added"}
        assert listed(page, "removed") == {key for change, key in libraries if change == "removed"}


def test_served_over_http_every_page_works_under_its_policy(browser, miniature, tmp_path):
    shutil.copytree(miniature.site.folder, tmp_path / "dashboard")
    with snapshot(miniature.warehouse) as transaction:
        write(read_dossier(transaction, "boost-1.71.0"), tmp_path / "releases" / "boost-1.71.0", with_pdf=False)
    with ReportsServer(tmp_path, 0) as server, visiting(browser, tmp_path / "dashboard") as visit:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = visit.page
        for path in [f"dashboard/{path}" for path in paths(visit.folder)] + ["releases/boost-1.71.0/"]:
            answer = page.goto(f"{server.url}/{path}", wait_until="load")
            assert answer is not None
            assert answer.status == 200, path
            expect(page.locator("h1")).not_to_be_empty()
            charts = page.locator("figure[data-chart] .chart")
            expect(page.locator("figure[data-chart] svg[aria-hidden]")).to_have_count(charts.count())
        page.goto(f"{server.url}/dashboard/releases.html")
        page.get_by_label("From", exact=True).select_option(label="boost-1.61.0")
        expect(page.locator("#comparison-result")).to_have_attribute("data-shown", "boost-1.61.0 boost-1.71.0")
        assert visit.complaints == []
        with page.expect_console_message(lambda told: "Content Security Policy" in told.text):
            page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=1\">')")
        assert page.title() != "1"
        server.shutdown()

    assert {url.split("/", 3)[2] for url in visit.requests if not url.startswith("data:")} == {server.url[7:]}


def test_the_colours_are_changed_by_the_button_and_kept(visit):
    page = visit.open("index.html")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.get_by_role("button", name="Use the other colours").press("Enter")

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    visit.open("risks.html")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


@pytest.mark.parametrize("width", [1280, 390])
def test_a_release_manager_gets_to_the_dossier_and_back(browser, miniature, tmp_path, width):
    with snapshot(miniature.warehouse) as transaction:
        for tag in ("boost-1.70.0", "boost-1.71.0"):
            write(read_dossier(transaction, tag), tmp_path / "reports" / "releases" / tag, with_pdf=False)
    build(miniature.warehouse, tmp_path / "site", reports=tmp_path / "reports")
    with visiting(browser, tmp_path / "site", viewport={"width": width, "height": 900}, bypass_csp=True) as visit:
        page = visit.open("index.html")
        page.get_by_role("link", name="Dossier of boost-1.71.0").click()
        expect(page.locator("h1")).to_have_text("boost-1.71.0")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert page.evaluate("axe.run().then(result => result.violations.map(one => one.id))") == []

        page.get_by_role("link", name="← boost-1.70.0").click()
        expect(page.locator("h1")).to_have_text("boost-1.70.0")
        page.get_by_role("link", name="All dossiers").click()
        page.get_by_role("rowheader", name="boost-1.71.0").get_by_role("link").click()
        page.get_by_role("link", name="Libraries", exact=True).click()
        expect(page.locator("h1")).to_have_text("Libraries")
        assert visit.complaints == []


def listed(page: Page, part: str) -> set[str]:
    return set(page.locator(f"[data-part='{part}'] li").all_text_contents())
