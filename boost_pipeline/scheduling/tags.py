"""The tags that runs carry: by them Dagster limits, finds and shows the runs of this platform."""

from typing import Final

GROUP: Final = "boost/group"
"""The group of schedule.yaml; two runs of one group never work at the same time."""
COMMAND: Final = "boost/command"
"""The collectors that the run is for."""
RELEASE: Final = "boost/release"
"""The release that the run is for."""
STOP_ON_FAILURE: Final = "boost/stop_on_failure"
""""true": what follows a failed task of the run is skipped."""
