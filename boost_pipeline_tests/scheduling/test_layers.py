"""The rules of the schedule stand alone: a command line reads a file without waiting for Dagster."""

import subprocess
import sys


def test_no_rule_imports_dagster() -> None:
    modules = ("due", "intervals", "json_schema", "marked_yaml", "order", "schedule", "schedule_file", "wording")
    code = "; ".join(f"import boost_pipeline.scheduling.{module}" for module in modules)
    code += "; import sys; sys.exit('dagster' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
