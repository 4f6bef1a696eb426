"""How the commands by release read the releases that they are asked for."""

import pytest

from boost_pipeline.collectors.registry import BY_RELEASE_STEP, Commands, WrongUsage


def options(command: str, *args: str) -> dict:
    chosen = Commands().selects(command, args).config[BY_RELEASE_STEP]
    return {name: value for name, value in chosen.items() if value not in (None, False)}


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        ("new", {}),
        ("NEW", {}),
        ("", {}),
        (" All ", {"all_versions": True}),
        ("90, 1.65.1 ,develop", {"versions": ["boost-1.90.0", "boost-1.65.1", "develop"]}),
        ("boost-1.90.0,", {"versions": ["boost-1.90.0"]}),
    ],
)
@pytest.mark.parametrize("command", ["collect_boost_libraries", "import_boost_dependencies", "run_on_release_sync"])
def test_a_release_is_named_as_in_the_predecessor(command, value, meaning):
    assert options(command, "--boost-version", value) == meaning


@pytest.mark.parametrize("value", [",,", " , ", "1.82", "1_56_0", "new,90", "all,1.90.0", "latest"])
def test_what_names_no_release_or_may_name_two_is_refused_in_one_line(value):
    with pytest.raises(WrongUsage) as error:
        options("collect_boost_libraries", "--boost-version", value)

    assert "--boost-version" in str(error.value)
    assert "\n" not in str(error.value)
