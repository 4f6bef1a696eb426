"""Keeping the mirrors of one host up to date: clone, refresh, try again, set aside what is damaged.

Reading a mirror belongs to `mirror.py`; which repositories are wanted, and when, to the collectors.

    <folder>/<name>.git                    a mirror; if it is there, it is complete
    <folder>/<name>.git.partial            a clone on its way, or what a killed one left
    <folder>/<name>.git.corrupt-<time>     a damaged mirror, kept for a person to look at
    <folder>/.locks/<name>                 held by whoever changes one of these
"""

from __future__ import annotations

import errno
import logging
import random
import re
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import unquote

from boost_pipeline.errors import (
    SettingsError,
    SourceCorrupt,
    SourceRefused,
    SourceUnavailable,
    SourceUnfit,
)
from boost_pipeline.sources.git.environment import Host
from boost_pipeline.sources.git.failures import DamagedData, GivenUp, damaged, disk_full
from boost_pipeline.sources.git.last_refresh import LastRefresh
from boost_pipeline.sources.git.locking import locked, remove_leftovers
from boost_pipeline.sources.git.mirror import Mirror
from boost_pipeline.sources.git.process import Children, Git
from boost_pipeline.sources.git.transfer import Transfer

_log = logging.getLogger(__name__)

T = TypeVar("T")

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_DAMAGED_KEPT = 2
# For whoever runs `git gc` in a mirror by hand: what no branch leads to any more is our only copy of it.
_CONFIG = "[gc]\n\tpruneExpire = never\n\tcruftPacks = true\n\tautoDetach = false\n"


@dataclass(frozen=True, slots=True)
class Refresh:
    """What a refresh did.

    Attributes:
        name: of the repository.
        outcome: "skipped" means that the host was not asked.
        set_aside: where a damaged mirror was moved to that was cloned anew.
    """

    name: str
    outcome: Literal["cloned", "fetched", "unchanged", "skipped"]
    set_aside: Path | None = None


class GitMirrors:
    """The mirrors of the repositories `<url>/<name>.git`; threads may share it.

    Args:
        folder: of the mirrors; it is made when it is needed.
        url: of the host and owner, such as "https://github.com/boostorg"; `file://` works, too.
        token: for private repositories. It reaches git through the environment, by no file and no command line.
        timeout: seconds for one git command, and for waiting for another process at work on the same mirror.
        attempts: how often to ask a host that does not answer.
        backoff: seconds to wait before the second attempt; twice as long before each further one.
    """

    def __init__(
        self,
        folder: Path,
        url: str,
        *,
        token: str | None = None,
        timeout: float = 3600,
        attempts: int = 3,
        backoff: float = 2,
    ) -> None:
        self._folder = folder.absolute()
        self._host = Host.read(url.rstrip("/"), token)
        self._timeout = timeout
        self._attempts = attempts
        self._backoff = backoff
        self._children = Children()

    def mirror(self, name: str) -> Mirror:
        """Return the mirror of a repository, whether it was cloned or not; nothing is read yet.

        Raises:
            SourceRefused: no repository can have that name.
        """
        if not _NAME.fullmatch(name):
            raise SourceRefused(f"{name!r} is no name of a repository; use letters, digits, '.', '_' and '-'.")
        return Mirror(self._git(name, self._folder / f"{name}.git"))

    def refresh(
        self,
        name: str,
        *,
        mark: str | None = None,
        max_age: timedelta | None = None,
        wanted: Collection[str] = (),
    ) -> Refresh:
        """Bring the mirror of a repository to what the host has now; clone it if there is none.

        The host is not asked at all when `mark`, `max_age` and `wanted`, each where it is given, say that the
        mirror will do. Without any of them the host is always asked.

        Args:
            name: of the repository.
            mark: what the caller knows of the host; the mirror will do if the last mark was the same.
            max_age: the mirror will do if its last refresh is younger.
            wanted: commits that the mirror should hold; they are fetched by their id if no branch or tag leads to
                them. The host may refuse that, which is no error: `Mirror.missing` tells.

        Raises:
            SourceUnavailable: no answer, no room on the disk, or the work was stopped by `abort`.
            SourceRefused: the host does not have the repository, or not for us.
            SourceUnfit: what the host has is damaged, shallow or of another kind; the mirror is as it was.
            SettingsError: git is missing or too old, or the folder cannot be written to.
        """
        mirror = self.mirror(name)
        with self._on_disk(mirror):
            if self._will_do(mirror, mark, max_age, wanted):
                return Refresh(name, "skipped")
            with self._locked(mirror) as lock:
                if self._will_do(mirror, mark, max_age, wanted):  # by the work of the one that held the lock
                    return Refresh(name, "skipped")
                started = datetime.now(UTC)
                done = self._persistently(lambda: self._bring_up_to_date(mirror, wanted, lock))
                self._note(mirror, mark, started)
        return done

    def asked_at(self, name: str) -> datetime | None:
        """Return when the host was last asked for the repository; None where that is not known."""
        last = LastRefresh.read(self.mirror(name).path)
        return last.at if last else None

    def tags(self, name: str) -> list[str]:
        """Ask the host for the names of a repository's tags; the mirror is neither needed, changed nor waited for.

        Raises:
            SourceUnavailable: no answer.
            SourceRefused: the host does not have the repository, or not for us.
        """
        mirror = self.mirror(name)
        self._require_host_folder(mirror)
        listing = self._persistently(self._transfer(mirror.path, name, None).offered)
        return sorted(ref.removeprefix("refs/tags/") for ref in listing.refs if ref.startswith("refs/tags/"))

    def repair(self, name: str, *, wanted: Collection[str] = ()) -> bool:
        """Clone a mirror anew if it is damaged; say whether it was.

        One that is whole is left alone: what failed to read it is at fault. A damaged one stays in its place until
        its replacement is whole, and is then kept beside it; of those of one repository, the newest two are.

        Args:
            name: of the repository.
            wanted: see `refresh`.

        Raises:
            SourceError: as `refresh`; the mirror is as it was.
        """
        mirror = self.mirror(name)
        with self._on_disk(mirror), self._locked(mirror) as lock:
            if mirror.exists() and self._is_whole(mirror, wanted):
                return False
            started = datetime.now(UTC)
            self._require_host_folder(mirror)
            self._persistently(lambda: self._replace(mirror, wanted, lock))
            self._note(mirror, None, started)
        return True

    def abort(self) -> None:
        """Stop all work for good, from any thread: git is killed, and whatever waits for it raises."""
        self._children.abort()

    def _git(self, name: str, path: Path) -> Git:
        return Git(name, path, self._host, self._children, self._timeout)

    def _locked(self, mirror: Mirror) -> AbstractContextManager[int]:
        return locked(self._folder / ".locks" / mirror.name, mirror.name, self._children, self._timeout)

    def _will_do(self, mirror: Mirror, mark: str | None, max_age: timedelta | None, wanted: Collection[str]) -> bool:
        if mark is None and max_age is None and not wanted:
            return False
        last = LastRefresh.read(mirror.path)
        if last is None or not last.is_fresh(self._host.url, mark=mark, max_age=max_age, now=datetime.now(UTC)):
            return False
        try:
            return not wanted or not mirror.missing(wanted)
        except SourceCorrupt:
            return False

    def _note(self, mirror: Mirror, mark: str | None, started: datetime) -> None:
        if mark is None and (last := LastRefresh.read(mirror.path)) is not None and last.url == self._host.url:
            mark = last.mark  # what it stands for is still in the mirror
        LastRefresh(self._host.url, mark, started).write(mirror.path)

    def _persistently(self, work: Callable[[], T]) -> T:
        for attempt in range(1, self._attempts):
            try:
                return work()
            except GivenUp:
                raise
            except SourceUnavailable:
                jitter = random.uniform(0.5, 1.5)  # noqa: S311 - so that not all come back at once
                self._children.pause(self._backoff * 2 ** (attempt - 1) * jitter)
        return work()

    def _bring_up_to_date(self, mirror: Mirror, wanted: Collection[str], lock: int) -> Refresh:
        self._require_host_folder(mirror)
        remove_leftovers(mirror.path)
        if mirror.exists():
            try:
                outcome = self._update(mirror, lock)
                return Refresh(mirror.name, "fetched" if self._fetch_pins(mirror, wanted, lock) else outcome)
            except (SourceCorrupt, DamagedData) as error:
                # What git met may be damage of the host or of the mirror.
                if isinstance(error, DamagedData) and self._is_whole(mirror):
                    raise
                _log.warning("%s: the mirror is damaged (%s). A new clone is made now.", mirror.name, error)
        return Refresh(mirror.name, "cloned", self._replace(mirror, wanted, lock))

    def _replace(self, mirror: Mirror, wanted: Collection[str], lock: int) -> Path | None:
        """Put a new clone in place; return where the mirror is now that was there, if any."""
        partial = self._clone(mirror, lock)
        # Only now, as a host that gives no whole clone must not cost us what we have.
        aside = self._set_aside(mirror) if mirror.exists() else None
        partial.rename(mirror.path)
        self._fetch_pins(mirror, wanted, lock)
        return aside

    def _is_whole(self, mirror: Mirror, extra: Collection[str] = ()) -> bool:
        """Whether git can read every object that the mirror's refs, and those of `extra` that it holds, lead to."""
        git = self._git(mirror.name, mirror.path)
        try:
            held = set(extra) - mirror.missing(extra)
            tips = "".join(f"{sha}\n" for sha in sorted(held)).encode()
            git.read("rev-list", "--objects", "--quiet", "--all", "--stdin", stdin=tips or b"\n")
            if packs := sorted(str(pack) for pack in (mirror.path / "objects" / "pack").glob("*.idx")):
                git.read("verify-pack", *packs)
        except SourceCorrupt:
            return False
        return not (mirror.path / "shallow").exists()

    def _update(self, mirror: Mirror, lock: int) -> Literal["fetched", "unchanged"]:
        if (mirror.path / "shallow").exists():
            raise SourceCorrupt(f"{mirror.name}: the mirror is shallow")
        refs = {ref.name: ref.sha for ref in mirror.refs()}
        transfer = self._transfer(mirror.path, mirror.name, lock)
        offered = transfer.offered()
        if refs and not offered.refs:
            raise SourceUnfit(
                f"{mirror.name}: the host lists neither branch nor tag any more; put them back there. "
                "The mirror keeps what it has."
            )
        if offered.refs == refs and offered.head == mirror.head():
            return "unchanged"
        transfer.fetch(offered)
        return "fetched"

    def _clone(self, mirror: Mirror, lock: int) -> Path:
        partial = mirror.path.with_name(f"{mirror.path.name}.partial")
        _remove(partial)
        git = self._git(mirror.name, partial)
        transfer = self._transfer(partial, mirror.name, lock)
        try:
            git.change("init", "--bare", "--quiet", "--template=", "--initial-branch=master", lock=lock)
            with (partial / "config").open("a", encoding="utf-8") as config:
                config.write(_CONFIG)
            transfer.fetch(transfer.offered())
            git.change("pack-refs", "--all", lock=lock)
        except BaseException:
            _remove(partial)
            raise
        return partial

    def _transfer(self, path: Path, name: str, lock: int | None) -> Transfer:
        return Transfer(self._git(name, path), f"{self._host.url}/{name}.git", lock)

    def _fetch_pins(self, mirror: Mirror, wanted: Collection[str], lock: int) -> bool:
        """Fetch the `wanted` commits that are missing, and say whether there were any to be had."""
        missing = sorted(mirror.missing(wanted)) if wanted else []
        if not missing:
            return False
        transfer = self._transfer(mirror.path, mirror.name, lock)
        for shas in (missing, *([sha] for sha in missing if len(missing) > 1)):
            # One refusal refuses them all, so only then is each asked for by itself.
            if transfer.fetch_by_id(shas) and shas is missing:
                return True
        return len(mirror.missing(missing)) < len(missing)

    def _require_host_folder(self, mirror: Mirror) -> None:
        if self._host.url.startswith("file://"):
            folder = Path(unquote(self._host.url.removeprefix("file://")))
            if not folder.is_dir():
                raise SourceUnavailable(
                    f"{mirror.name}: the folder {folder} of BOOST_GIT_URL is not there; mount it or change the setting."
                )
            if (repository := folder / f"{mirror.name}.git").is_dir() and not (repository / "HEAD").is_file():
                raise damaged(mirror.name, f"{repository} has no HEAD")

    def _set_aside(self, mirror: Mirror) -> Path:
        aside = mirror.path.with_name(f"{mirror.path.name}.corrupt-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")
        mirror.path.rename(aside)
        for older in sorted(self._folder.glob(f"{mirror.path.name}.corrupt-*"))[:-_DAMAGED_KEPT]:
            _remove(older)
        return aside

    @contextmanager
    def _on_disk(self, mirror: Mirror) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise disk_full(mirror.name, mirror.path) from error
            raise SettingsError(
                f"{mirror.name}: cannot keep a mirror in {self._folder} ({error.strerror}); make it a folder that can "
                "be written to, or change BOOST_HOME."
            ) from error


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
