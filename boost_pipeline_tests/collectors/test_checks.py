"""The asset checks: they pass on what was collected, and find what is planted."""

import inspect

import dagster as dg
import psycopg
import pytest

from boost_pipeline.collectors import checks
from boost_pipeline.definitions import build_definitions
from boost_pipeline.reports.health import NOTHING
from boost_pipeline.scheduling.run_errors import step_errors
from boost_pipeline.settings import Settings
from boost_pipeline.warehouse.warehouse import Warehouse
from boost_pipeline_tests.collectors.conftest import ASSETS, CHECKS
from boost_pipeline_tests.conftest import database


def test_all_pass_on_a_collected_sample_but_for_the_gaps_that_it_has(platform):
    evaluations = platform.materialize().get_asset_check_evaluations()

    assert len(evaluations) == len(CHECKS)
    assert {evaluation.check_name for evaluation in evaluations if not evaluation.passed} == {
        "metadata_gaps",
        "pins_equal_tags",
    }


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
        (
            (
                "UPDATE refs SET commit_sha = repeat('1', 40) FROM repositories p WHERE p.id = refs.repository_id "
                "AND p.name = 'config' AND refs.name = 'refs/tags/boost-1.71.0'"
            ),
            "pins_equal_tags",
            ", its own tag boost-1.71.0 is 1111111111",
        ),
        (
            (
                "UPDATE refs SET name = 'refs/tags/boost-1.72.0', commit_sha = repeat('1', 40) FROM repositories p "
                "WHERE p.id = refs.repository_id AND p.name = 'config' AND refs.name = 'refs/tags/boost-1.71.0'"
            ),
            "pins_equal_tags",
            "master pins config at ",
        ),
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


def test_a_failed_check_fails_the_run_with_what_it_found_and_holds_nothing_up(collected_copy):
    with collected_copy.warehouse.transaction() as transaction:
        transaction.execute("DELETE FROM commit_files WHERE commit_id = (SELECT max(commit_id) FROM commit_files)")

    result = collected_copy.materialize("code/commits")

    assert not result.success
    assert [error.error for error in step_errors(result.all_events)] == [
        "code/commits fails its check commits_have_no_orphans: 1 file counts without their commit"
    ]
    assert len(result.get_asset_check_evaluations()) == 4


def test_a_warning_fails_no_run(platform):
    result = platform.materialize()

    assert result.success
    assert [e.check_name for e in result.get_asset_check_evaluations() if not e.passed] == [
        "metadata_gaps",
        "pins_equal_tags",
    ]


def test_where_nothing_is_there_to_compare_no_check_passes(platform):
    selection = dg.AssetSelection.checks(*CHECKS)
    given = {"settings": platform.settings, "warehouse": platform.warehouse, "mirrors": platform.mirrors}
    result = dg.materialize(
        [*ASSETS, *CHECKS], selection=selection, instance=platform.instance, resources=given, raise_on_error=False
    )

    without_mirrors = [error.step for error in step_errors(result.all_events)]
    assert without_mirrors == ["boost__releases_releases_equal_tags", "code__repositories_repositories_equal_urls"]
    evaluations = result.get_asset_check_evaluations()
    assert len(evaluations) == len(CHECKS) - len(without_mirrors)
    assert {(one.passed, one.severity.name, one.description) for one in evaluations} == {(False, "WARN", NOTHING)}


def test_no_check_of_the_platform_lets_a_run_pass_that_it_fails():
    checks_of_all = build_definitions(Settings.model_validate({})).asset_checks or ()

    assert len(list(checks_of_all)) > 30
    assert all(inspect.isgeneratorfunction(one.op.compute_fn.decorated_fn) for one in checks_of_all)


def run(check, warehouse, platform):
    """Evaluate one check on a warehouse."""
    function = getattr(checks, check)
    given = {"warehouse": warehouse, "mirrors": platform.mirrors, "settings": platform.settings}
    return next(function(**{name: given[name] for name in function.required_resource_keys & given.keys()}))
