"""`python -m … DATABASE API_URL HOME TOKEN…`: collect all of the GitHub half in a process of its own, to be killed."""

import sys

import dagster as dg

from boost_pipeline.settings import Settings
from boost_pipeline.sources.github import GitHub, Token
from boost_pipeline.warehouse.warehouse import Warehouse
from boost_pipeline_tests.collectors.github.conftest import GITHUB, LIMITS


def main() -> None:
    conninfo, url, home, *tokens = sys.argv[1:]
    # Two repositories at once: what is under way when the process is killed is asked for again.
    settings = Settings.model_validate({"BOOST_HOME": home, "BOOST_GITHUB_JOBS": 1})
    warehouse = Warehouse(lambda: conninfo)
    with (
        warehouse.keeping_connections(),  # as the resource of a run does
        dg.DagsterInstance.ephemeral() as instance,
        GitHub(
            api_url=url,
            tokens=[Token(token, f"token {place}") for place, token in enumerate(tokens)],
            limits=LIMITS,
        ) as github,
    ):
        print("begins", flush=True)
        result = dg.materialize(
            GITHUB.all(),
            selection=dg.AssetSelection.all(),
            instance=instance,
            resources={"settings": settings, "warehouse": warehouse, "github": github},
            raise_on_error=False,
        )
    sys.exit(not result.success)


if __name__ == "__main__":
    main()
