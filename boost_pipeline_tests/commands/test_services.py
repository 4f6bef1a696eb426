"""What `up` refuses before it starts anything."""

import pytest

from boost_pipeline.commands.services import check_env_file
from boost_pipeline.errors import SettingsError


def test_an_env_file_that_says_otherwise_than_the_environment_is_refused_without_its_values(tmp_path):
    """Dagster's processes would work on the database of the file, and this one on that of the environment."""
    file = tmp_path / ".env"
    file.write_text("DATABASE_URL=postgresql://u:hunter2@real/boost\nGITHUB_TOKEN=hunter2\nBOOST_WEB_PORT=4000\n")

    with pytest.raises(SettingsError, match="sets DATABASE_URL, GITHUB_TOKEN otherwise") as error:
        check_env_file(file, {"DATABASE_URL": "", "GITHUB_TOKEN": "sample", "BOOST_WEB_PORT": "4000"})

    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("text", [None, "", "BOOST_WEB_PORT=4000\n", "EDITOR=vi\n"])
def test_one_that_says_the_same_or_nothing_of_ours_is_fine(tmp_path, text):
    if text is not None:
        (tmp_path / ".env").write_text(text)

    check_env_file(tmp_path / ".env", {"BOOST_WEB_PORT": "4000", "EDITOR": "ed"})
