"""The assets reports/release and reports/monthly: both doors, what they choose, and how they fail."""

import json
from datetime import UTC, datetime

import dagster as dg
import pytest

from boost_pipeline.collectors import release_dossier
from boost_pipeline.collectors.registry import BY_RELEASE
from boost_pipeline.collectors.release_choice import ReleasesConfig
from boost_pipeline.reports.dossier import folder as folders
from boost_pipeline.reports.dossier.month import last_whole_month
from boost_pipeline.reports.pdf import PdfError
from boost_pipeline_tests.collectors.conftest import events
from boost_pipeline_tests.reports.dossier.conftest import at_home, materialize

QUICK = {"reports/release": {"pdf": False}}
RELEASE = dg.AssetKey(["reports", "release"])
EVERYTHING = ("boost/releases", *BY_RELEASE, "code/repositories", "code/commits", "reports/release")


def written(platform) -> dict[str, set[str]]:
    root = platform.settings.home / "reports" / "releases"
    return {folder.name: {path.name for path in folder.iterdir()} for folder in root.iterdir()} if root.exists() else {}


def no_pdf(_template, _content):
    raise PdfError("Typst cannot set it: unclosed delimiter.")


def test_without_a_key_the_newest_stable_release_gets_its_dossier(copy):
    result = materialize(copy, "reports/release")

    assert result.success
    assert written(copy) == {"boost-1.71.0": {"index.html", "dossier.pdf", "dossier.json", "manifest.json"}}


def test_a_run_without_a_key_brings_everything_up_to_date_before_it_writes(copy):
    result = materialize(copy, *EVERYTHING, config=QUICK)

    assert result.success
    order = [event.asset_key.to_user_string() for event in result.get_asset_materialization_events()]
    assert order[-1] == "reports/release"
    assert copy.instance.get_materialized_partitions(RELEASE) == {"boost-1.71.0"}


def test_a_run_of_one_partition_writes_that_dossier(copy):
    assert materialize(copy, "boost/releases").success
    result = materialize(copy, *EVERYTHING, config=QUICK, partition_key="boost-1.70.0")

    assert result.success
    assert set(written(copy)) == {"boost-1.70.0"}
    assert copy.instance.get_materialized_partitions(RELEASE) == {"boost-1.70.0"}


@pytest.mark.parametrize("name", ["boost-1.69.0", "develop", "boost-1.71.0.beta1"])
def test_a_release_that_is_named_gets_its_dossier(copy, name):
    assert materialize(copy, "boost/releases").success
    # A beta is read when it is named.
    config = {"boost__by_release": {"versions": [name]}, "reports/release": {"versions": [name], "pdf": False}}

    assert materialize(copy, *BY_RELEASE, "reports/release", config=config).success
    assert set(written(copy)) == {name}


def test_all_is_every_stable_release_and_head(copy):
    tags = release_dossier.choose(copy.warehouse, ReleasesConfig(all_versions=True), ())

    assert tags == [
        "boost-1.52.0",
        "boost-1.53.0",
        "boost-1.61.0",
        "boost-1.69.0",
        "boost-1.70.0",
        "boost-1.71.0",
        *(head for head in ("develop", "master") if head in tags),
    ]


def test_a_dossier_that_was_written_before_is_looked_at_again(copy):
    assert materialize(
        copy, "reports/release", config={"reports/release": {"versions": ["boost-1.61.0"], "pdf": False}}
    ).success

    assert release_dossier.choose(copy.warehouse, ReleasesConfig(), ()) == ["boost-1.61.0", "boost-1.71.0"]


def test_twice_is_once(copy):
    materialize(copy, "reports/release")
    page = copy.settings.home / "reports" / "releases" / "boost-1.71.0"
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in page.iterdir()}
    result = materialize(copy, "reports/release")

    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in page.iterdir()} == before
    assert events(result, "reports/release")[-1].metadata["dossiers written"].value == 0


def test_what_changed_is_written_anew(copy):
    materialize(copy, "reports/release", config=QUICK)
    with copy.warehouse.transaction() as transaction:
        transaction.execute("UPDATE commits SET author_name = 'Somebody Else'")
    result = materialize(copy, "reports/release", config=QUICK)

    assert events(result, "reports/release")[-1].metadata["dossiers written"].value == 1
    page = copy.settings.home / "reports" / "releases" / "boost-1.71.0" / "index.html"
    assert "Somebody Else" in page.read_text()


def test_a_dry_run_writes_nothing(copy):
    assert materialize(copy, "reports/release", config={"reports/release": {"dry_run": True}}).success
    assert written(copy) == {}


def test_each_materialisation_shows_a_preview_the_files_and_counts(copy):
    result = materialize(copy, "reports/release", config=QUICK)
    metadata = events(result, "reports/release")[-1].metadata

    assert "# Release dossier: boost-1.71.0" in metadata["preview"].value
    assert metadata["page"].value == "http://127.0.0.1:3001/releases/boost-1.71.0/"
    assert metadata["data"].value.endswith("/releases/boost-1.71.0/dossier.json")
    assert metadata["dagster/row_count"].value == 1
    assert metadata["bytes"].value > 10_000
    assert metadata["characters without a glyph"].value == 0


def test_where_no_pdf_can_be_made_the_page_is_there_and_the_run_is_red(copy, monkeypatch):
    monkeypatch.setattr(folders, "pdf", no_pdf)
    result = materialize(copy, "reports/release")

    assert not result.success
    assert "index.html" in written(copy)["boost-1.71.0"]
    (failure,) = copy.rows("SELECT unit, category, error FROM failures WHERE resolved_at IS NULL")
    assert failure[:2] == ("boost-1.71.0", "pdf")
    assert "The PDF of boost-1.71.0 is missing, the page is in" in failure[2]
    assert "Typst cannot set it: unclosed delimiter." in failure[2]
    assert copy.instance.get_materialized_partitions(RELEASE) == set()


def test_the_next_run_that_can_make_it_mends_it(copy, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(folders, "pdf", no_pdf)
        materialize(copy, "reports/release")
    result = materialize(copy, "reports/release")

    assert result.success
    assert "dossier.pdf" in written(copy)["boost-1.71.0"]
    assert copy.rows("SELECT count(*) FROM failures WHERE resolved_at IS NULL") == [(0,)]


def test_a_dossier_that_fails_does_not_stop_the_next(copy):
    with copy.warehouse.transaction() as transaction:
        transaction.execute(
            "DELETE FROM release_modules m USING releases r WHERE r.id = m.release_id AND r.tag = 'boost-1.69.0'"
        )
    versions = ["boost-1.69.0", "boost-1.70.0"]
    result = materialize(copy, "reports/release", config={"reports/release": {"versions": versions, "pdf": False}})

    assert not result.success
    assert set(written(copy)) == {"boost-1.70.0"}


def test_a_new_cycle_that_blocks_the_graph_does_not_keep_the_dossier_back(copy):
    """The check no_new_cycle blocks what is made of boost/dependencies; the dossier is made of the warehouse."""
    assert not [dep for spec in release_dossier.release.specs for dep in spec.deps if dep.asset_key.path[0] != "boost"]
    assert [dep.asset_key.to_user_string() for spec in release_dossier.release.specs for dep in spec.deps] == [
        "boost/releases"
    ]


def test_the_check_finds_a_dossier_that_is_gone(copy):
    materialize(copy, "reports/release", config=QUICK)
    (copy.settings.home / "reports" / "releases" / "boost-1.71.0" / "index.html").unlink()

    found = next(release_dossier.dossiers_are_whole(copy.settings, copy.warehouse))

    assert not found.passed
    assert "index.html is not there" in json.dumps(found.metadata["first"].value)


def test_the_report_of_a_month_is_markdown_html_and_pdf(copy):
    result = materialize(copy, "reports/monthly", config={"reports/monthly": {"month": "2019-03"}})
    folder = copy.settings.home / "reports" / "monthly" / "2019-03"

    assert result.success
    assert {path.name for path in folder.iterdir()} == {"report.md", "report.html", "report.pdf", "manifest.json"}
    assert (folder / "report.md").read_text().startswith("# Monthly report: March 2019\n")


def test_without_a_month_it_is_the_last_whole_one(copy):
    materialize(copy, "reports/monthly", config={"reports/monthly": {"pdf": False}})

    (folder,) = (copy.settings.home / "reports" / "monthly").iterdir()
    assert folder.name == f"{last_whole_month(datetime.now(UTC).date()):%Y-%m}"


def test_a_month_goes_where_it_is_told_to(copy, tmp_path):
    config = {"reports/monthly": {"month": "2019-03", "out": str(tmp_path / "mail"), "pdf": False}}

    assert materialize(copy, "reports/monthly", config=config).success
    assert (tmp_path / "mail" / "report.html").is_file()
    assert copy.rows("SELECT count(*) FROM cursors WHERE asset = 'reports/monthly'") == [(0,)]


def test_a_month_without_its_pdf_is_red_and_has_its_page(copy, monkeypatch):
    monkeypatch.setattr(folders, "pdf", no_pdf)
    result = materialize(copy, "reports/monthly", config={"reports/monthly": {"month": "2019-03"}})

    assert not result.success
    assert (copy.settings.home / "reports" / "monthly" / "2019-03" / "report.md").is_file()


def test_a_home_that_moved_is_told_by_the_check(copy, tmp_path):
    materialize(copy, "reports/monthly", config={"reports/monthly": {"month": "2019-03", "pdf": False}})
    from boost_pipeline.collectors.monthly import monthly_reports_are_whole

    moved = at_home(copy, tmp_path / "elsewhere")
    found = next(monthly_reports_are_whole(moved.settings, moved.warehouse))

    assert not found.passed
    assert "run_monthly_report --month 2019-03" in json.dumps(found.metadata["first"].value)
