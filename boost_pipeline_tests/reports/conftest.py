"""Where exports go."""

from pathlib import Path

import pytest


@pytest.fixture
def out(tmp_path) -> Path:
    """Where exports go; nothing else is there."""
    return tmp_path / "exports" / "out"
