"""A message that names a command is followed: no two of them send a person in a circle."""

import re

import psycopg
import pytest

from boost_pipeline_tests.commands.process import Cli
from boost_pipeline_tests.conftest import database

COMMAND = re.compile(
    r"boost-pipeline ((?:run|collect|backfill|graph|db|status)\b[^`\n]*?)(?:`|[.;] |[.;]?$)", re.MULTILINE
)


@pytest.fixture(scope="module")
def begun(server, platform_template, built_sample, tmp_path_factory):
    """A platform that has read 1.70.0 and knows all tags, one of them deleted at the host since."""
    with database(server, platform_template) as conninfo:
        cli = Cli(conninfo, tmp_path_factory.mktemp("home"), built_sample.url)
        assert cli("backfill", "1.70.0").returncode == 0
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO releases (tag, kind, major, minor, patch, commit_sha, deleted_at) "
                "VALUES ('boost-1.68.7', 'stable', 1, 68, 7, 'x', '2026-05-01')"
            )
        cli.tags = {}
        with psycopg.connect(conninfo) as connection:
            for tag, kind in connection.execute("SELECT tag, kind FROM releases WHERE deleted_at IS NULL ORDER BY tag"):
                cli.tags.setdefault(kind, tag)
        cli.conninfo = conninfo
        yield cli


def commands(text: str) -> list[list[str]]:
    """Return the commands that a message names, as arguments."""
    return [found.split() for found in COMMAND.findall(text)]


@pytest.mark.parametrize("kind", ["stable", "beta", "rc", "other", "head"])
def test_what_graph_says_to_run_makes_the_graph_or_is_the_last_word(begun, kind):
    if kind not in begun.tags:
        pytest.skip(f"the sample has no tag of kind {kind}")
    tag = begun.tags[kind]
    for _ in range(2):
        told = begun("graph", tag)
        named = commands(told.stderr)
        if told.returncode == 0 or not named:
            break
        assert begun(*named[0]).returncode == 0, named
    assert told.returncode == 0 or "has no submodules" in told.stderr or "is no release of Boost" in told.stderr


def test_a_tag_that_was_deleted_is_told_as_that_by_every_command_and_sends_nobody_anywhere(begun):
    for arguments in (("graph", "1.68.7"), ("graph", "1.70.0", "--diff", "1.68.7"), ("backfill", "1.68.7")):
        told = begun(*arguments)
        assert told.returncode == 1
        assert "was deleted at the host" in told.stderr, arguments
        assert commands(told.stderr.splitlines()[-1]) == [], arguments


@pytest.mark.parametrize("name", ["1.70.3", "1.99.0"])
def test_a_release_that_does_not_exist_is_told_as_that_by_every_command(begun, name):
    for arguments in (
        ("graph", name),
        ("backfill", name),
        ("collect", "collect_boost_libraries", "--boost-version", name),
    ):
        told = begun(*arguments)
        assert told.returncode == 1, arguments
        assert "There is no release" in told.stderr, arguments
        for command in commands(told.stderr):
            followed = begun(*command)
            assert followed.returncode == 0, (command, followed.stderr)
            assert "There is no release" not in followed.stderr


def test_on_an_empty_platform_what_graph_says_to_run_lets_it_say_more(prepared):
    told = prepared("graph", "1.71.0")
    assert "No release was collected yet" in told.stderr
    (command,) = commands(told.stderr)
    assert prepared(*command).returncode == 0
    again = prepared("graph", "1.71.0")
    assert again.returncode == 0, again.stderr
