"""Publishes a report as a folder that appears whole or not at all: the page, its PDF, its data, and a manifest.

The same report again is not written again: the manifest tells what the folder was made of, and of which bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from boost_pipeline.reports.dossier.document import Report
from boost_pipeline.reports.dossier.manuscript import TEMPLATE, manuscript
from boost_pipeline.reports.dossier.pages import data, html, markdown
from boost_pipeline.reports.pdf import Paper, PdfError, pdf
from boost_pipeline.reports.publication import PublicationError, published

KIND: Final = "boost-pipeline report"
MANIFEST: Final = "manifest.json"


class _Manifest(NamedTuple):
    """What a folder was made of, as a digest, and the digests of its files by name."""

    content: str
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Written:
    """A report that was written, or was there already.

    Attributes:
        folder: where it is.
        files: size in bytes by name.
        content: a digest of all that it says.
        is_new: whether anything was written.
        missing: what went wrong with the PDF, if one was wanted; the other files are there.
        unset: characters that the PDF spells, as its fonts do not have them.
    """

    folder: Path
    files: dict[str, int]
    content: str
    is_new: bool
    missing: PdfError | None = None
    unset: tuple[str, ...] = ()


def write(report: Report, folder: Path, *, paper: Paper = Paper.A4, with_pdf: bool = True) -> Written:
    """Write a report into `folder`, which replaces an older one; a missing PDF does not keep the page back.

    Raises:
        PublicationError: the folder is not ours to replace, or cannot be written.
    """
    texts = {
        report.page: html(report),
        report.data: data(report) if report.data.endswith(".json") else markdown(report),
    }
    on_paper = manuscript(report, paper)
    template = TEMPLATE.read_text(encoding="utf-8")
    content = hashlib.sha256("\0".join([*texts.values(), on_paper.content, template]).encode()).hexdigest()
    unset = on_paper.unset if with_pdf else ()
    wanted = {*texts, *([report.pdf] if with_pdf else [])}
    manifest = _manifest(folder)
    if manifest and manifest.content == content and manifest.files.keys() == wanted and _is_whole(folder, manifest):
        return Written(folder, _sizes(folder), content, is_new=False, unset=unset)
    files, missing = {name: text.encode() for name, text in texts.items()}, None
    if with_pdf:
        try:
            files[report.pdf] = pdf(TEMPLATE, on_paper.content)
        except PdfError as error:
            missing = error
    try:
        with published(folder, is_report) as aside:
            _fill(aside, files, content)
    except OSError as error:
        raise PublicationError(
            f"{folder} cannot be written: {error.strerror}. Free space, or choose another."
        ) from error
    return Written(folder, _sizes(folder), content, is_new=True, missing=missing, unset=unset)


def is_report(folder: Path) -> bool:
    """Tell whether a folder is a report of ours, with nothing beside it."""
    manifest = _manifest(folder)
    return manifest is not None and {path.name for path in folder.iterdir()} <= {MANIFEST, *manifest.files}


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a report by name, as its manifest has them; nothing where there is none."""
    manifest = _manifest(folder)
    return manifest.files if manifest else {}


def problems(folder: Path, wanted: Iterable[str]) -> list[str]:
    """Return what is wrong with a folder that was written with the `wanted` files: what is gone, or not as it was."""
    manifest = _manifest(folder)
    if manifest is None:
        return [f"{folder} is not there"]
    missing = [f"{folder / name} is not there" for name in sorted(wanted) if not (folder / name).is_file()]
    if missing:
        return missing
    return [] if _is_whole(folder, manifest) else [f"{folder} holds other bytes than were written"]


def _fill(folder: Path, files: dict[str, bytes], content: str) -> None:
    digests = {}
    for name, written in sorted(files.items()):
        (folder / name).write_bytes(written)
        digests[name] = hashlib.sha256(written).hexdigest()
    manifest = {"kind": KIND, "content": content, "files": digests}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def _manifest(folder: Path) -> _Manifest | None:
    """Return what the folder says of itself; None where it is no report."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return _Manifest(told["content"], dict(told["files"])) if told["kind"] == KIND else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_whole(folder: Path, manifest: _Manifest) -> bool:
    try:
        return all(
            hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
            for name, digest in manifest.files.items()
        )
    except OSError:
        return False


def _sizes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
