"""A process that collects everything once, for tests that kill it: `python -m … CONNINFO HOME URL`.

It prints a line when the work begins.
"""

import sys
from pathlib import Path

from boost_pipeline.warehouse.warehouse import Warehouse
from boost_pipeline_tests.collectors.conftest import open_platform

if __name__ == "__main__":
    conninfo, home, url = sys.argv[1:]
    with open_platform(url, Warehouse(lambda: conninfo), Path(home)) as platform:
        print("begins", flush=True)
        sys.exit(0 if platform.materialize().success else 1)
