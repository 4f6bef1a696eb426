"""The asset checks of written files: what is gone or changed is found."""

import dagster as dg
import pytest

from boost_pipeline.collectors import exports, report_checks


@pytest.fixture
def exported(platform):
    config = {"ops": {"reports__exports": {"config": {"format": "csv", "tables": ["modules", "releases"]}}}}
    checked = [exports.exports, report_checks.exports_are_whole]
    resources = {"settings": platform.settings, "warehouse": platform.warehouse}

    def run(**options):
        options |= {"instance": platform.instance, "resources": resources, "raise_on_error": False}
        result = dg.materialize(checked, **options)
        (evaluation,) = result.get_asset_check_evaluations()
        return evaluation

    assert run(run_config=config).passed
    platform.check = lambda: run(selection=dg.AssetSelection.checks(report_checks.exports_are_whole))
    return platform


def test_an_export_as_it_was_written_passes(exported):
    assert exported.check().metadata["checked"].value == 4


def test_a_file_that_is_gone_is_found(exported):
    (exported.settings.home / "exports" / "csv" / "modules.csv").unlink()

    found = exported.check()

    assert not found.passed
    assert found.description.endswith("modules.csv is gone")


def test_a_file_that_was_changed_is_found(exported):
    (exported.settings.home / "exports" / "csv" / "releases.csv").write_text("other")

    found = exported.check()

    assert not found.passed
    assert found.description.endswith("releases.csv is not the file that was written")
