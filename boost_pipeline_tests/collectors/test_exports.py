"""`reports/exports` as an asset: its options, where it writes, and what Dagster is shown."""

import json

import dagster as dg
import pytest

from boost_pipeline.collectors.exports import exports
from boost_pipeline.settings import Settings


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def materialize(warehouse, home):
    """Materialise the asset with these options."""

    def run(**options):
        with dg.DagsterInstance.ephemeral() as instance:
            return dg.materialize(
                [exports],
                instance=instance,
                resources={"settings": Settings.model_validate({"BOOST_HOME": str(home)}), "warehouse": warehouse},
                run_config={"ops": {"reports__exports": {"config": options}}},
                raise_on_error=False,
            )

    return run


def test_without_options_everything_is_exported_as_json_below_the_home(materialize, warehouse, home):
    with warehouse.transaction() as transaction:
        transaction.merge("modules", ["name"], [("config",), ("core",)], key=["name"])

    run = materialize()

    assert run.success
    folder = home / "exports" / "json"
    assert [row["name"] for row in json.loads((folder / "modules.json").read_text())] == ["config", "core"]
    (materialization,) = run.asset_materializations_for_node("reports__exports")
    shown = {name: value.value for name, value in materialization.metadata.items()}
    assert shown["folder"] == str(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert shown["dagster/row_count"] == sum(table["rows"] for table in manifest["tables"]) >= 2
    assert shown["bytes"] == sum(path.stat().st_size for path in folder.iterdir())
    records = {record.data["table"]: record.data for record in materialization.metadata["tables"].records}
    assert records["modules"] == {"table": "modules", "rows": 2, "file": "modules.json"}


def test_options_choose_format_tables_and_folder(materialize, tmp_path):
    run = materialize(format="csv", tables=["releases"], out=str(tmp_path / "out"), with_emails=True)

    assert run.success
    told = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (told["format"], told["emails"], [table["table"] for table in told["tables"]]) == ("csv", True, ["releases"])


def test_an_unknown_table_turns_the_run_red(materialize, home):
    run = materialize(tables=["comits"])

    assert not run.success
    assert not home.exists()
