"""What an export says about itself: `manifest.json`, `schema.json` and `LICENSE.txt` beside the data.

docs/exports.md describes them for their readers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from boost_pipeline import __version__
from boost_pipeline.reports.duckdb_session import stored_type
from boost_pipeline.reports.export_formats import Format
from boost_pipeline.reports.personal_data import MASK
from boost_pipeline.reports.relations import Column, Relation

KIND: Final = "boost-pipeline export"
VERSION: Final = 2
"""Of the manifest's form; raised when a reader of an older one would misread it."""

MANIFEST: Final = "manifest.json"
SCHEMA: Final = "schema.json"
LICENSE: Final = "LICENSE.txt"

_LICENSE_NOTE = """\
This folder was made by boost-pipeline from public sources: the git repositories of the Boost C++ libraries and what
their hosts publish about them.

The code of boost-pipeline is under the Boost Software License 1.0 (https://www.boost.org/LICENSE_1_0.txt). That
licence does not cover this data, and nothing here grants rights that others hold:

- Facts (dates, counts, versions, identifiers) are facts of the sources.
- Texts (commit messages, descriptions, titles, comments) are their authors' and come under the terms of the repository
  or the host that published them; for the repositories of Boost that is mostly the Boost Software License 1.0.
- Names of people, and e-mail addresses where they were asked for, are personal data. Whoever keeps or publishes this
  folder is responsible for them under the law that applies, the GDPR for example: use them for a purpose that is
  compatible with why they were published, and remove a person who asks for it.

{emails}
"""
_EMAILS_OUT = "E-mail addresses: left out, as columns and within texts (manifest.json lists what is missing)."
_EMAILS_IN = "E-mail addresses: INCLUDED. Do not publish this folder."


@dataclass(frozen=True, slots=True)
class Exported:
    """One relation of an export."""

    relation: Relation
    """With the columns that were exported."""
    file: str
    """Its name in the folder."""
    rows: int
    left_out: tuple[str, ...] = ()
    """Names of the other columns."""


def describe(
    folder: Path,
    form: Format,
    exported: Sequence[Exported],
    *,
    snapshot_at: datetime,
    reads: Mapping[str, datetime | None],
    revision: str | None,
    emails: bool,
) -> dict[str, int]:
    """Write the three files beside the data in `folder`; return the size of every file in bytes, by name.

    Args:
        folder: holds the files of data, finished.
        form: of the data.
        exported: what is in them.
        snapshot_at: the moment that all data are of.
        reads: when each source was last read; None: never.
        revision: of the warehouse's schema.
        emails: whether e-mail addresses are in the data.
    """
    _write_json(folder / SCHEMA, [_described(one.relation) for one in exported])
    (folder / LICENSE).write_text(_LICENSE_NOTE.format(emails=_EMAILS_IN if emails else _EMAILS_OUT), encoding="utf-8")
    names = [*dict.fromkeys(one.file for one in exported), SCHEMA, LICENSE]
    told = {source: at and at.isoformat() for source, at in reads.items()}
    manifest = {
        "kind": KIND,
        "version": VERSION,
        "made_by": f"boost-pipeline {__version__}",
        "format": str(form),
        "snapshot_at": snapshot_at.isoformat(),
        "as_of": min((at for at in told.values() if at), default=None),
        "sources": told,
        "schema_revision": revision,
        "emails": emails,
        "addresses_replaced_by": None if emails else MASK,
        "tables": [_table(one, form) for one in exported],
        "files": [
            {"file": name, "bytes": (folder / name).stat().st_size, "sha256": _digest(folder / name)} for name in names
        ],
    }
    _write_json(folder / MANIFEST, manifest)
    return {name: (folder / name).stat().st_size for name in (*names, MANIFEST)}


def is_export(folder: Path) -> bool:
    """Tell whether a folder is an export of ours, with nothing beside it."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        known = {MANIFEST, *(file["file"] for file in manifest["files"])}
        return manifest["kind"] == KIND and {path.name for path in folder.iterdir()} <= known
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return False


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of an export by name, as its manifest has them."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return {file["file"]: file["sha256"] for file in manifest["files"]}


def _table(one: Exported, form: Format) -> dict[str, Any]:
    told: dict[str, Any] = {"table": one.relation.name, "file": one.file, "rows": one.rows}
    told["columns"] = [_column(column, form) for column in one.relation.columns]
    return told | {"left_out": list(one.left_out)}


def _column(column: Column, form: Format) -> dict[str, Any]:
    told: dict[str, Any] = {"name": column.name, "type": column.type}
    if form in (Format.parquet, Format.duckdb):
        told["stored_as"] = stored_type(column)
    return told | {"comment": column.comment}


def _described(relation: Relation) -> dict[str, Any]:
    """Return what the schema says of a relation: keys only where all of their columns were exported."""
    names = {column.name for column in relation.columns}

    def whole(columns: Iterable[str]) -> bool:
        return names.issuperset(columns)

    return {
        "table": relation.name,
        "kind": "view" if relation.is_view else "table",
        "comment": relation.comment,
        "columns": [
            {"name": c.name, "type": c.type, "nullable": c.nullable, "comment": c.comment} for c in relation.columns
        ],
        "primary_key": list(relation.primary_key) if whole(relation.primary_key) else [],
        "unique": [list(key) for key in relation.unique if whole(key)],
        "foreign_keys": [asdict(key) for key in relation.foreign_keys if whole(key.columns)],
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
