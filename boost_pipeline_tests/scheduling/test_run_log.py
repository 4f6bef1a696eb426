"""What a run prints where it works: a line for its start and its end, and what went wrong, in our words."""

import dagster as dg
import pytest

from boost_pipeline.errors import SourceRefused
from boost_pipeline.scheduling import tags
from boost_pipeline.scheduling.run_log import CHOSEN, NAME, run_log


@dg.asset
def quiet(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    context.log.info("3 repositories")
    context.log.warning("one is old")
    return dg.MaterializeResult(metadata={"rows issues": 3, "rows comments": 4, "rows": 9})


@dg.asset
def refused() -> None:
    raise SourceRefused("GITHUB_TOKEN is refused; renew it.")


@pytest.fixture
def lines(capfd):
    """Materialise an asset with our logger as `up` does; return what it printed, without the times."""

    def run(asset, run_tags=None):
        definitions = dg.Definitions(assets=[asset], loggers={NAME: run_log})
        with dg.DagsterInstance.ephemeral() as instance:
            definitions.resolve_implicit_global_asset_job_def().execute_in_process(
                instance=instance, tags=run_tags or {}, run_config={"loggers": CHOSEN}, raise_on_error=False
            )
        printed = capfd.readouterr()
        assert printed.out == ""
        return [line.partition(" ")[2] for line in printed.err.splitlines()]

    return run


def test_a_run_is_a_line_at_its_start_and_one_at_its_end(lines):
    started, warned, ended = lines(quiet, {tags.COMMAND: "run_x", tags.RELEASE: "boost-1.90.0"})

    assert started == "run_x boost-1.90.0: started"
    assert warned == "run_x boost-1.90.0: one is old"
    assert ended.startswith("run_x boost-1.90.0: succeeded in ")
    assert ended.endswith(" s, 7 rows written")


def test_an_error_is_one_line_without_a_traceback(lines):
    started, error, ended = lines(refused, {tags.COMMAND: "run_x,run_y"})

    assert started == "run_x, run_y: started"
    assert error == "run_x, run_y: GITHUB_TOKEN is refused; renew it."
    assert ended.startswith("run_x, run_y: failed in ")


def test_a_run_of_no_task_is_named_by_its_job(lines):
    assert lines(quiet)[0] == "__ASSET_JOB: started"
