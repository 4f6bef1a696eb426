"""What `dagster.yaml` names: where the Dagster instance keeps runs, events, schedules and logs.

Storage is a database beside the warehouse, in the same PostgreSQL server, embedded or not; files are below
BOOST_HOME. So `dagster dev`, `dagster job execute` and `dagster-webserver`, typed in the repository's root,
find everything with nothing exported.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster._core.execution.compute_logs import redirect_to_file
from dagster._core.storage.compute_log_manager import CapturedLogContext, ComputeIOType
from dagster._core.storage.local_compute_log_manager import IO_TYPE_EXTENSION, LocalComputeLogManager
from dagster._core.storage.root import LocalArtifactStorage
from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage

from boost_pipeline.settings import load_settings
from boost_pipeline.warehouse.databases import Databases


class BesideWarehouseStorage(DagsterPostgresStorage):
    """Runs, events and schedules in the database that stands beside the warehouse."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """It takes no configuration: the settings say where."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> BesideWarehouseStorage:
        """Find the database, starting the embedded server if need be."""
        del config_value
        return cls(postgres_url=Databases(load_settings()).dagster(), inst_data=inst_data)


class HomeArtifactStorage(LocalArtifactStorage):
    """Files of the instance below BOOST_HOME."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """It takes no configuration."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> HomeArtifactStorage:
        """Use the folder of the settings."""
        del config_value
        return cls(base_dir=str(load_settings().dagster), inst_data=inst_data)


class HomeComputeLogManager(LocalComputeLogManager):
    """What steps print, below BOOST_HOME.

    As long as it is `mirrored`, which Dagster's own commands need, processes of Dagster's show it on standard output
    and error as well.
    """

    mirrored = True

    @contextmanager
    def capture_logs(self, log_key: Sequence[str]) -> Iterator[CapturedLogContext]:
        """Capture what is printed in the block; see `ComputeLogManager`."""
        if self.mirrored:
            with super().capture_logs(log_key) as context:
                yield context
            return
        kinds = (IO_TYPE_EXTENSION[ComputeIOType.STDOUT], IO_TYPE_EXTENSION[ComputeIOType.STDERR], "complete")
        out, err, complete = (Path(self.get_captured_local_path(log_key, kind)) for kind in kinds)
        out.parent.mkdir(parents=True, exist_ok=True)
        with redirect_to_file(sys.stdout, out), redirect_to_file(sys.stderr, err):
            yield CapturedLogContext(log_key)
        complete.touch()

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """It takes no configuration."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> HomeComputeLogManager:
        """Use the folder of the settings."""
        del config_value
        return cls(base_dir=str(load_settings().dagster / "logs"), inst_data=inst_data)
