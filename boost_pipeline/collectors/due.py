"""How often each asset is due by the schedule that is in force."""

from collections.abc import Mapping

from boost_pipeline.collectors.registry import KEPT_BY_RELEASE, Commands
from boost_pipeline.errors import ScheduleError
from boost_pipeline.reports.freshness import Due
from boost_pipeline.scheduling.freshness import due_times
from boost_pipeline.scheduling.schedule_file import read_schedule
from boost_pipeline.settings import Settings


def due_by(settings: Settings) -> Mapping[str, Due]:
    """Return how often each asset is due; nothing is where no schedule can be read, which whoever loads it tells."""
    commands = Commands()
    try:
        return due_times(read_schedule(settings.schedule_file, commands), commands, KEPT_BY_RELEASE)
    except ScheduleError:
        return {}
