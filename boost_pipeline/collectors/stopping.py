"""Stop-on-failure within a run: what follows a failed task is skipped, and says so."""

import dagster as dg

from boost_pipeline.scheduling import tags


def skipped(context: dg.AssetExecutionContext) -> bool:
    """Tell whether this step is to be skipped, since an earlier one of a run that stops on failure failed.

    Dagster goes on with steps that do not depend on a failed one; a guard, as a chain of dependencies would not be
    true of the data.
    """
    if context.run.tags.get(tags.STOP_ON_FAILURE) != "true":
        return False
    for step in context.instance.get_run_step_stats(context.run.run_id):
        if step.status is not None and step.status.value == "FAILURE":
            assets = ", ".join(sorted(key.to_user_string() for key in context.selected_asset_keys))
            context.log.warning("%s is skipped, since %s failed", assets, step.step_key)
            return True
    return False
