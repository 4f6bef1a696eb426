"""GitHub's public GraphQL schema, fetched by npm from the package that carries it."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path

from graphql import GraphQLSchema, build_schema

PACKAGE = "@octokit/graphql-schema"


class OutOfReach(Exception):  # noqa: N818 - reads as the sentence it starts
    """The package cannot be fetched here; the message says why."""


def fetch(folder: Path) -> GraphQLSchema:
    """Return the schema; the package is left in `folder`.

    Raises:
        OutOfReach: npm is not installed, or its registry does not answer.
    """
    if shutil.which("npm") is None:
        raise OutOfReach("No npm, which fetches GitHub's public schema: `apt-get install npm` (Debian) brings it")
    command = ["npm", "pack", "--silent", PACKAGE]
    packed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=90)
    if packed.returncode:
        raise OutOfReach(f"npm cannot fetch {PACKAGE}, which carries GitHub's public schema: {packed.stderr[-200:]}")
    with tarfile.open(folder / packed.stdout.strip()) as archive:
        member = archive.extractfile("package/schema.graphql")
        assert member
        return build_schema(member.read().decode(), assume_valid=True)
