"""Raw pages: the bodies of answers as they came, so that a table can be rebuilt without asking again.

    <folder>/objects/ab/cdef….zst     a body, named by the SHA-256 of its bytes before compression
    <folder>/index/2026-11-24.jsonl   what was fetched on that day (UTC), one JSON object a line, in order
    <folder>/lock                     shared by writers, held alone by `prune`

A line is added by one write and begins with the line break: a torn one, which a killed process left, spoils no other.
What the pages mean is known to whoever fetched them. Neither headers nor tokens are kept.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import logging
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from boost_pipeline.errors import SettingsError, SourceCorrupt

_log = logging.getLogger(__name__)

_LEVEL = 3
_END = re.compile(rb'"digest":"[0-9a-f]{64}"}$')
_LARGEST = 1 << 30  # bytes unpacked; more is damage


@dataclass(frozen=True, slots=True)
class RawRequest:
    """What was asked for.

    Attributes:
        label: the caller's name for it, such as "pull_requests boostorg/asio"; pages are found again by it.
        method: GET, or POST for a query.
        path: of the API.
        params: of the path, or the variables of the query.
        query: the name of the GraphQL query; None for REST.
    """

    label: str
    method: str
    path: str
    params: Mapping[str, Any]
    query: str | None = None


@dataclass(frozen=True, slots=True)
class RawPage:
    """An answer that was kept.

    Attributes:
        fetched_at: when it came.
        request: what was asked for.
        status: of the answer: a 2xx, or 404, 410, 451 where nothing is there.
        moved_to: the path that answered in place of the one asked for, if there was a redirect.
        digest: names the body.
        body: the parsed JSON.
    """

    fetched_at: datetime
    request: RawRequest
    status: int
    moved_to: str | None
    digest: str
    body: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed.

    Attributes:
        days: of the index.
        objects: bodies.
        bytes: of the bodies, compressed.
    """

    days: int
    objects: int
    bytes: int


class RawPages:
    """The raw pages in one folder; threads and processes may share it.

    Args:
        folder: of the pages; it is made when it is needed.
        keep: how long; whole days of UTC. None keeps them for ever.
    """

    def __init__(self, folder: Path, keep: timedelta | None = None) -> None:
        self._folder = folder.absolute()
        self._keep = keep

    def keep(
        self, request: RawRequest, body: bytes, *, status: int, fetched_at: datetime, moved_to: str | None = None
    ) -> str:
        """Keep a body, and note what it answers; return its digest.

        Raises:
            SettingsError: the folder cannot be written to, or the disk is full.
        """
        digest = hashlib.sha256(body).hexdigest()
        entry = {
            "fetched_at": fetched_at.astimezone(UTC).isoformat(),
            "label": request.label,
            "method": request.method,
            "path": request.path,
            "params": dict(request.params),
            "query": request.query,
            "status": status,
            "moved_to": moved_to,
            "digest": digest,  # the last: `_END` tells whole lines by it
        }
        with self._on_disk(), self._locked(fcntl.LOCK_SH):
            self._store(digest, body)
            self._append(fetched_at.astimezone(UTC).date(), entry)
        return digest

    def replay(self, label_prefix: str = "") -> Iterator[RawPage]:
        """Yield the pages whose label begins with `label_prefix`, in the order in which they were kept.

        `prune` waits until the last one was yielded.

        Raises:
            SourceCorrupt: a file is damaged or missing.
        """
        if not self._folder.is_dir():
            return
        with self._locked(fcntl.LOCK_SH):
            for segment in self._segments():
                for entry in _entries(segment):
                    if entry["label"].startswith(label_prefix):
                        yield _page(entry, self.body(entry["digest"]))

    def body(self, digest: str) -> Any:
        """Return the parsed JSON of a page.

        Raises:
            SourceCorrupt: its file is damaged or missing.
        """
        import zstandard  # needed by whoever reads or writes pages only

        path = self._object(digest)
        state = "damaged"
        try:
            packed = path.read_bytes()
            if 0 <= zstandard.frame_content_size(packed) <= _LARGEST:
                body = zstandard.ZstdDecompressor().decompress(packed)
                if hashlib.sha256(body).hexdigest() == digest:
                    return json.loads(body)
        except FileNotFoundError:
            state = "missing"
        except (OSError, ValueError, RecursionError, zstandard.ZstdError):
            pass
        raise SourceCorrupt(f"The raw page {path} is {state}; remove what is there, and read anew with --full.")

    def prune(self, now: datetime) -> Pruned:
        """Remove the days that ended before the time to keep, and the bodies that no other day names.

        Raises:
            SourceCorrupt: the index is damaged, so that nobody can tell what is needed.
        """
        if self._keep is None or not self._folder.is_dir():
            return Pruned(0, 0, 0)
        cut = (now.astimezone(UTC) - self._keep).date()
        with self._on_disk(), self._locked(fcntl.LOCK_EX):
            old = [segment for segment in self._segments() if segment.stem < cut.isoformat()]
            needed = {
                entry["digest"] for segment in self._segments() if segment not in old for entry in _entries(segment)
            }
            # The index first: a body without an entry is found by the next prune, an entry without a body is damage.
            for segment in old:
                segment.unlink()
            sizes = list(self._remove_objects(needed))
        return Pruned(len(old), len(sizes), sum(sizes))

    def _remove_objects(self, needed: set[str]) -> Iterator[int]:
        for path in self._folder.glob("objects/??/*"):
            if (
                path.suffix != ".zst" or path.parent.name + path.stem not in needed
            ):  # a killed writer's file has no suffix
                size = path.stat().st_size
                path.unlink()
                yield size

    def _store(self, digest: str, body: bytes) -> None:
        import zstandard  # as above

        path = self._object(digest)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix="partial-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(zstandard.ZstdCompressor(level=_LEVEL).compress(body))
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def _append(self, day: date, entry: Mapping[str, Any]) -> None:
        line = b"\n" + json.dumps(entry, separators=(",", ":")).encode()
        path = self._folder / "index" / f"{day.isoformat()}.jsonl"
        path.parent.mkdir(exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            if os.write(descriptor, line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(descriptor)

    def _segments(self) -> list[Path]:
        return sorted(self._folder.glob("index/????-??-??.jsonl"))

    def _object(self, digest: str) -> Path:
        return self._folder / "objects" / digest[:2] / f"{digest[2:]}.zst"

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _on_disk(self) -> Iterator[None]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            yield
        except OSError as error:
            reason = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else error.strerror
            raise SettingsError(
                f"Raw pages cannot be kept in {self._folder} ({reason}); mend that, or set BOOST_GITHUB_RAW_DAYS=0."
            ) from error


def _entries(segment: Path) -> Iterator[dict[str, Any]]:
    with segment.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if (entry := _entry(line, segment, number)) is not None:
                yield entry


def _entry(line: bytes, segment: Path, number: int) -> dict[str, Any] | None:
    line = line.strip()
    if not line:
        return None
    if not _END.search(line):
        _log.warning("%s, line %d was torn when its writer was killed; it is left out.", segment, number)
        return None
    try:
        entry = json.loads(line)
    except ValueError:
        entry = None
    if not _is_entry(entry):
        raise SourceCorrupt(f"The index of raw pages {segment} is damaged in line {number}; remove that line.")
    return dict(entry)


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    return (
        all(isinstance(entry.get(name), str) for name in ("label", "method", "path"))
        and _is_time(entry.get("fetched_at"))
        and isinstance(entry.get("params"), dict)
        and isinstance(entry.get("status"), int)
        and isinstance(entry.get("query"), str | None)
        and isinstance(entry.get("moved_to"), str | None)
    )


def _is_time(text: Any) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except (ValueError, TypeError):
        return False


def _page(entry: Mapping[str, Any], body: Any) -> RawPage:
    return RawPage(
        fetched_at=datetime.fromisoformat(entry["fetched_at"]),
        request=RawRequest(entry["label"], entry["method"], entry["path"], entry["params"], entry["query"]),
        status=entry["status"],
        moved_to=entry["moved_to"],
        digest=entry["digest"],
        body=body,
    )
