"""A value that cannot be is refused when a command line or a schedule is read: before anything is started."""

import pytest

from boost_pipeline.collectors.registry import COLLECTORS, Commands, WrongUsage

BY_RELEASE = ("collect_boost_libraries", "import_boost_dependencies", "run_on_release_sync")
OF_GITHUB = ("run_boost_github_activity_tracker", "run_clang_github_tracker")
WITH_FOLDER = ("run_export", "run_monthly_report", "run_boost_library_usage_dashboard")

WRONG = [
    ("run_boost_library_tracker", "--version", "latest"),
    ("run_boost_library_tracker", "--version", ""),
    ("run_boost_library_tracker", "--version", "1.90.0", "--all-versions"),
    *((command, "--boost-version", value) for command in BY_RELEASE for value in ("latest", ",", "1.90.0,x")),
    *((command, "--limit", value) for command in BY_RELEASE for value in ("0", "-1", "many", "1.5")),
    *(
        (command, option, value)
        for command in OF_GITHUB
        for option in ("--since", "--until")
        for value in ("yesterday", "2026-02-30", "2026-13-01", "", "0001-01-01T00:00:00+14:00")
    ),
    *((command, "--since", "2026-02-01", "--until", "2026-01-01") for command in OF_GITHUB),
    *((command, "--since", "2026-02-01", "--until", "2026-02-01") for command in OF_GITHUB),
    *((command, "--full", "--since", "2026-02-01") for command in OF_GITHUB),
    *(("run_boost_github_activity_tracker", "--library", value) for value in ("", "a b", "../x", "a//b", "x;y", "é")),
    ("run_boost_github_activity_tracker", "--skip-github", "--full"),
    ("run_export", "--format", "xml"),
    *(("run_export", "--table", value) for value in ("", "a b", "commits;")),
    *(("run_monthly_report", "--month", value) for value in ("2026-13", "2026-1", "1997-12", "9999-01", "x", "")),
    *((command, "--paper", "A3") for command in ("run_monthly_report", "run_on_release_sync")),
    *((command, "--out", value) for command in WITH_FOLDER for value in ("", " ", "a\0b")),
    *((command, "--unknown", "1") for command in COLLECTORS),
    *((command, "something") for command in COLLECTORS),
]


@pytest.mark.parametrize("line", WRONG, ids=" ".join)
def test_a_value_that_cannot_be_is_told_in_one_line(line):
    command, *arguments = line

    with pytest.raises(WrongUsage) as error:
        Commands().selects(command, arguments)

    assert str(error.value).startswith(f"{command}: ")
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    "line",
    [
        ("run_boost_github_activity_tracker", "--library", "numeric/conversion", "--library", "c++~x.y_z"),
        ("run_boost_github_activity_tracker", "--library", "boost-1"),
        ("run_clang_github_tracker", "--since", "2026-01-01", "--until", "2026-01-02T00:00:00+01:00"),
        ("run_monthly_report", "--month", "2019-08"),
        ("collect_boost_libraries", "--boost-version", "90, 91"),
    ],
    ids=" ".join,
)
def test_a_value_that_can_be_is_taken(line):
    command, *arguments = line

    assert Commands().selects(command, arguments).assets
