"""Asset checks of what is written to files: each file is there, and is the one that was written."""

import hashlib
import json
from pathlib import Path

import dagster as dg

from boost_pipeline.collectors.checks import asset_check, verdict
from boost_pipeline.reports.site.build import MANIFEST, default_folder
from boost_pipeline.settings import Settings

EXPORTS, DASHBOARD = ["reports", "exports"], ["reports", "dashboard"]


@asset_check(asset=EXPORTS, description="Each file of each export has the size and the SHA-256 of its manifest.")
def exports_are_whole(settings: dg.ResourceParam[Settings]) -> dg.AssetCheckResult:
    """Read every file of the exports below BOOST_HOME, and compare it with what the export wrote down of it."""
    problems, checked = [], 0
    for manifest in sorted((settings.home / "exports").glob("*/manifest.json")):
        for file in json.loads(manifest.read_text(encoding="utf-8"))["files"]:
            checked += 1
            path = manifest.parent / file["file"]
            if not path.is_file():
                problems.append(f"{path} is gone")
            elif _digest(path) != file["sha256"]:
                problems.append(f"{path} is not the file that was written")
    return verdict(problems, checked)


@asset_check(asset=DASHBOARD, description="Each file of the dashboard is the one that its build wrote.")
def dashboard_is_whole(settings: dg.ResourceParam[Settings]) -> dg.AssetCheckResult:
    """Read every file of the site below BOOST_HOME, and compare it with the build's manifest."""
    folder = default_folder(settings.home)
    manifest = folder / MANIFEST
    files = json.loads(manifest.read_text(encoding="utf-8"))["files"] if manifest.is_file() else {}
    problems = [
        f"{folder / name} is {'not the file that was written' if (folder / name).is_file() else 'gone'}"
        for name, file in files.items()
        if not (folder / name).is_file() or _digest(folder / name) != file["sha256"]
    ]
    return verdict(problems, len(files))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
