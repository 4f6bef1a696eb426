"""The options of the commands, and what they do: libraries, bounds in time, everything anew; the other instance."""

from datetime import timedelta

import pytest

from boost_pipeline.collectors.github.assets import github_assets
from boost_pipeline.collectors.github.scope import LLVM, Scope
from boost_pipeline.collectors.registry import Commands, WrongUsage
from boost_pipeline_tests.collectors.github.conftest import NOW, errors_of


def selected(command: str, *arguments: str):
    return Commands().selects(command, arguments)


def test_the_activity_tracker_is_both_halves_and_without_github_git_alone():
    both = selected("run_boost_github_activity_tracker", "--library", "asio", "--since", "2026-01-31")
    git = selected("run_boost_github_activity_tracker", "--skip-github")

    assert git.assets == ("code/repositories", "code/commits")
    assert both.assets[:3] == (*git.assets, "github/repositories")
    assert both.config["github/work_items"] == {
        "libraries": ["asio"],
        "since": "2026-01-31T00:00:00+00:00",
        "until": None,
        "full": False,
    }


def test_the_clang_tracker_is_the_same_assets_below_a_key_of_its_own():
    clang = selected("run_clang_github_tracker")
    boost = selected("run_boost_github_activity_tracker")

    assert [key.removeprefix("llvm/") for key in clang.assets] == [
        key.removeprefix("github/")
        for key in boost.assets
        if key.startswith("github/") and key != "github/releases"  # LLVM's are nobody's days
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--since", "yesterday"], "'yesterday' is no date"),
        (["--full", "--until", "2026-01-01"], "exclude each other"),
        (["--skip-github", "--full"], "leaves nothing for"),
    ],
)
def test_options_that_cannot_be_are_told_before_anything_runs(arguments, told):
    with pytest.raises(WrongUsage, match=told):
        selected("run_boost_github_activity_tracker", *arguments)


def test_only_the_named_library_is_read(platform):
    platform.collect(libraries=["asio"])

    assert platform.rows("SELECT DISTINCT r.name FROM issues i JOIN repositories r ON r.id = i.repository_id") == [
        ("asio",)
    ]


def test_a_library_that_github_does_not_have_is_told(platform):
    result = platform.materialize(libraries=["nothing"])

    assert not result.success
    assert any("There is no library 'nothing'" in error for error in errors_of(result))


def test_bounds_in_time_read_what_changed_between_them_and_remember_nothing(platform, world):
    world.now = NOW + timedelta(days=10)
    world.add_issue("asio", "Between", "ada")
    world.now = NOW + timedelta(days=20)
    world.add_issue("asio", "After", "ada")
    platform.collect(
        since=(NOW + timedelta(days=5)).isoformat(), until=(NOW + timedelta(days=15)).isoformat(), libraries=["asio"]
    )

    assert platform.rows("SELECT title FROM issues") == [("Between",)]
    platform.collect()
    assert platform.value("SELECT count(*) FROM issues") == 4


def test_full_reads_everything_anew_and_writes_nothing_where_nothing_differs(collected):
    again = collected.collect(full=True)

    assert again["rows"] == 0
    assert again["points"] > 6


def test_a_repository_that_fails_turns_the_run_red_and_spares_its_neighbours(platforms, world):
    def block(number: int) -> None:
        if number == 2:  # after the sweep
            world.edit_repository("asio", blocked=True)

    with platforms(world, before=block) as platform:
        assert not platform.materialize().success

        assert platform.rows(
            "SELECT DISTINCT r.name FROM comments c JOIN work_items USING (repository_id, number) "
            "JOIN repositories r ON r.id = c.repository_id"
        ) == [("config",)]
        failed = platform.rows("SELECT asset, unit FROM failures ORDER BY asset")
        assert failed == [("github/comments", "asio"), ("github/issues", "asio")]

        world.edit_repository("asio", blocked=False)
        platform.collect()
        assert platform.value("SELECT count(*) FROM failures WHERE resolved_at IS NULL") == 0
        assert platform.value("SELECT count(*) FROM work_items") == 4


def test_another_instance_reads_one_repository_of_another_owner(platform, world):
    assets = github_assets("llvm", lambda _: Scope("llvm", "boostorg", ("config",), "llvm"))

    result = platform.materialize(assets=assets)

    assert result.success, errors_of(result)
    assert platform.rows("SELECT name, kind FROM repositories") == [("config", "llvm")]
    assert {asset for (asset,) in platform.rows("SELECT DISTINCT asset FROM cursors")} == {
        "llvm/repositories",
        "llvm/issues",
        "llvm/comments",
    }
    assert LLVM.repositories == ("llvm-project",)
