"""The asset checks: they pass on what was collected, and find what is planted."""

import psycopg
import pytest

from boost_pipeline.collectors import checks
from boost_pipeline.warehouse.warehouse import Warehouse
from boost_pipeline_tests.collectors.conftest import CHECKS
from boost_pipeline_tests.conftest import database


def test_all_pass_on_a_collected_sample_but_for_the_gaps_that_it_has(platform):
    evaluations = platform.materialize().get_asset_check_evaluations()

    assert len(evaluations) == len(CHECKS)
    assert {evaluation.check_name for evaluation in evaluations if not evaluation.passed} == {"metadata_gaps"}


@pytest.mark.parametrize(
    ("damage", "check", "told"),
    [
        ("DELETE FROM releases WHERE tag = 'boost-1.69.0-beta1'", "releases_equal_tags", "boost-1.69.0-beta1 at "),
        ("DELETE FROM library_versions", "releases_have_libraries", "boost-1.61.0 has no library"),
        ("DELETE FROM cursors WHERE unit = 'boost-1.69.0'", "releases_have_libraries", "boost-1.69.0 was not read"),
        ("DELETE FROM release_modules WHERE path = 'libs/config'", "modules_equal_submodules", "boost-1.52.0 has "),
        (
            "UPDATE repositories SET name = 'other' WHERE name = 'config'",
            "repositories_equal_urls",
            "config is not in the table",
        ),
        ("DELETE FROM cursors WHERE unit = 'config'", "repositories_are_read", "config has no history here"),
        ("DELETE FROM commits WHERE id = (SELECT max(id) FROM commits)", "commits_equal_rev_list", "git counts "),
        (
            "DELETE FROM commits c USING refs r WHERE r.commit_sha = c.sha AND r.name = 'refs/heads/develop'",
            "commits_have_no_orphans",
            "refs without their commit",
        ),
        (
            "DELETE FROM commit_files WHERE commit_id = (SELECT max(commit_id) FROM commit_files)",
            "commits_have_no_orphans",
            "1 file counts without",
        ),
    ],
)
def test_what_is_missing_is_found_and_named(collected, server, damage, check, told):
    template = psycopg.conninfo.conninfo_to_dict(collected.warehouse.conninfo())["dbname"]
    with database(server, template) as conninfo:
        with psycopg.connect(conninfo) as connection:
            connection.execute(damage)
        found = run(check, Warehouse(lambda: conninfo), collected)

    assert not found.passed
    assert told in found.description


def test_gaps_of_the_sources_are_a_warning_with_each_gap_named(collected):
    found = run("metadata_gaps", collected.warehouse, collected)

    assert found.severity.value == "WARN"
    assert "invalid_json, meta/libraries.json" in found.description


def run(check, warehouse, platform):
    """Evaluate one check on a warehouse."""
    function = getattr(checks, check)
    given = {"warehouse": warehouse, "mirrors": platform.mirrors, "settings": platform.settings}
    return function(**{name: given[name] for name in function.required_resource_keys & given.keys()})
