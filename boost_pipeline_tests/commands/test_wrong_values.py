"""A wrong value on the command line or in a setting is told before PostgreSQL is started for it."""

from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "told"),
    [
        (("collect", "run_export", "--out", ""), {}, 2, "names no folder"),
        (("collect", "run_monthly_report", "--month", "9999-01"), {}, 2, "There is nothing to report of 9999-01"),
        (("backfill", "latest"), {}, 2, "'latest' is not a Boost version"),
        (("backfill", "1.90.0", "--collector", "run_exprot"), {}, 2, "There is no collector 'run_exprot'"),
        (("export", "--out", ""), {}, 2, "names no folder"),
        (("export", "--table", "a b"), {}, 2, "is no name"),
        (("run", "--schedule", "weekly", "--day-of-week", "noday"), {}, 2, "noday"),
        (("run", "--schedule", "monthly", "--day-of-month", "32"), {}, 2, "--day-of-month"),
        (("run", "--schedule", "interval", "--interval-minutes", "-5"), {}, 2, "--interval-minutes"),
        (("schedule", "--days", "-1"), {}, 2, "--days"),
        (("schedule", "--at", "2026-02-30"), {}, 2, "--at"),
        (("open", "--port", "70000"), {}, 2, "--port"),
        (("run", "--schedule", "daily"), {"BOOST_GITHUB_RAW_DAYS": "-3"}, 1, "BOOST_GITHUB_RAW_DAYS"),
        (("up",), {"BOOST_REPORTS_URL": "reports"}, 1, "BOOST_REPORTS_URL"),
    ],
)
def test_it_is_told_and_nothing_is_started(offline, arguments, settings, code, told):
    result = offline(*arguments, **settings)

    assert (result.returncode, told in result.stderr) == (code, True), result.stderr
    assert not (Path(offline.environment["BOOST_HOME"]) / "postgres").exists()
