"""Commands on databases of their own, and schedule files."""

import pytest

from boost_pipeline_tests.commands.process import Cli
from boost_pipeline_tests.conftest import database


@pytest.fixture
def cli(server, built_sample, tmp_path):
    """A command on an empty database."""
    with database(server, "template1") as conninfo:
        yield Cli(conninfo, tmp_path / "home", built_sample.url)


@pytest.fixture
def prepared(server, platform_template, built_sample, tmp_path):
    """A command whose databases have all tables and no row."""
    with database(server, platform_template) as conninfo:
        yield Cli(conninfo, tmp_path / "home", built_sample.url)


@pytest.fixture
def offline(tmp_path):
    """A command that has no database: its embedded server would have to be started."""
    return Cli(None, tmp_path / "home", (tmp_path / "nowhere").as_uri())


@pytest.fixture
def schedule_file(tmp_path):
    """Write a schedule file; return the setting that names it."""

    def write(groups: str) -> dict[str, str]:
        path = tmp_path / "schedule.yaml"
        path.write_text(f"groups:\n{groups}", encoding="utf-8")
        return {"BOOST_COLLECTOR_SCHEDULE_YAML": str(path)}

    return write
