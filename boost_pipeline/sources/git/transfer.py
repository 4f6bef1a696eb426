"""One transfer from the host into a repository of ours: what is offered, what arrived; undone if it falls short.

A fetch counts by its refs, not by its exit code: git calls it a success when a host whose history is cut off gave
nothing, and it keeps the objects of a fetch that it refuses, so that a commit without its history would pass for one
that we hold. Which repository is brought up to date, and when, belongs to `mirrors.py`.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from boost_pipeline.errors import BoostPipelineError, SourceCorrupt, SourceUnfit
from boost_pipeline.sources.git.failures import GivenUp, NotHeld, damaged, other_kind
from boost_pipeline.sources.git.fields import path as ref_name
from boost_pipeline.sources.git.mirror import Mirror
from boost_pipeline.sources.git.process import Git

_log = logging.getLogger(__name__)

_SHA = re.compile(rb"[0-9a-f]{40}")
_NO_BRANCH = "refs/boost/no-default-branch"
"""What our HEAD names where that of the host names no branch."""
_FETCH = (
    "fetch",
    "--quiet",
    "--no-tags",
    "--no-write-fetch-head",
    "--no-recurse-submodules",
    "--no-auto-maintenance",  # before it is known whether the fetch counts
)
_REFSPECS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")


class Listing(NamedTuple):
    """What a host offers: the branch of its HEAD, as git prints it, and the object of each branch and tag."""

    head: bytes | None
    refs: dict[str, str]


class Transfer:
    """The way from the repository at `url` into ours, which `git` works on; `lock` is held by every git meanwhile."""

    def __init__(self, git: Git, url: str, lock: int | None) -> None:
        self._git = git
        self._url = url
        self._lock = lock

    def offered(self) -> Listing:
        """Ask the host for its refs.

        Raises:
            SourceError: as `Git.network`.
        """
        head, refs = None, {}
        for line in self._git.network("ls-remote", "--symref", self._url, lock=self._lock).splitlines():
            value, _, name = line.partition(b"\t")
            if value.startswith(b"ref: "):
                if name == b"HEAD" and value.startswith(b"ref: refs/heads/"):
                    head = value.removeprefix(b"ref: ")
            elif not _SHA.fullmatch(value):
                raise other_kind(self._git.name, f"object ids of {len(value)} hexadecimal digits")
            elif name.startswith((b"refs/heads/", b"refs/tags/")) and not name.endswith(b"^{}"):
                refs[ref_name(name)] = value.decode()
        return Listing(head, refs)

    def fetch(self, offered: Listing) -> None:
        """Make our branches, tags and HEAD those of the host, or leave all as it is.

        Raises:
            SourceUnfit: what was offered did not arrive, or is damaged.
            SourceError: as `Git.network`.
        """
        with self._all_or_nothing():
            try:
                self._run("--prune", *_REFSPECS)
            except NotHeld as error:
                raise damaged(self._git.name, f"it lists what it does not have: {error.reason}") from error
            self._require_arrival(offered)
            head = _NO_BRANCH if offered.head is None else os.fsdecode(offered.head)
            self._change("symbolic-ref", "HEAD", head)
        try:
            self._change("gc", "--auto", "--quiet")
        except SourceCorrupt as error:
            _log.warning("%s", error)

    def fetch_by_id(self, shas: Collection[str]) -> bool:
        """Ask the host for commits by their ids, and pin them; say whether it gave them, and all behind them."""
        pins = {f"refs/boost/pins/{sha}": sha for sha in shas}
        try:
            with self._all_or_nothing():
                self._run(*(f"+{sha}:{ref}" for ref, sha in pins.items()))
                self._require_pins(pins)
        except (NotHeld, SourceUnfit) as error:
            _log.info("%s", error)
            return False
        return True

    def _run(self, *arguments: str) -> None:
        options = [argument for argument in arguments if argument.startswith("--")]
        refspecs = arguments[len(options) :]
        self._git.network(*_FETCH, *options, self._url, *refspecs, lock=self._lock)

    def _change(self, *arguments: str, stdin: bytes = b"") -> None:
        assert self._lock is not None
        self._git.change(*arguments, lock=self._lock, stdin=stdin)

    def _require_arrival(self, offered: Listing) -> None:
        """Raise unless our refs are those that were offered, or that the host has moved meanwhile."""
        arrived = {ref.name: ref.sha for ref in Mirror(self._git).refs()}
        if arrived == offered.refs:
            return
        now = self.offered().refs
        lost = sorted(
            name
            for name in offered.refs.keys() | arrived.keys()
            if offered.refs.get(name) == now.get(name) != arrived.get(name)
        )
        if lost:
            others = f" (nor {len(lost) - 1} others)" if len(lost) > 1 else ""
            raise SourceUnfit(
                f"{self._git.name}: the host offers {lost[0]!r:.200} and does not send it{others}; see whether its "
                "copy is whole (`git fsck`) and not shallow. The mirror keeps what it has."
            )

    def _require_pins(self, pins: Mapping[str, str]) -> None:
        if not pins.items() <= self._refs().items():
            raise SourceUnfit(f"{self._git.name}: the host does not send the commits that it was asked for.")

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        folder = self._git.path / "objects" / "pack"
        refs, packs = self._refs(), set(folder.iterdir())
        try:
            yield
        except BaseException:
            try:
                self._restore(refs)
            except GivenUp:
                _log.debug("%s: what a fetch brought stays in the mirror, as the run is stopped", self._git.name)
            except BoostPipelineError as error:
                _log.warning("%s What a fetch brought stays in the mirror.", error)
            else:
                for pack in set(folder.iterdir()) - packs:
                    pack.unlink(missing_ok=True)
            raise

    def _refs(self) -> dict[str, str]:
        """Return ref → object id of all our refs, the pins included."""
        lines = self._git.read("for-each-ref", "--format=%(objectname) %(refname)").splitlines()
        return {os.fsdecode(ref): sha.decode() for sha, _, ref in (line.partition(b" ") for line in lines)}

    def _restore(self, refs: Mapping[str, str]) -> None:
        """Make our refs those that were there before."""
        now = self._refs()
        # What is new goes first: "topic/one" may stand in the way of "topic".
        new = [f"delete {ref}" for ref in now.keys() - refs.keys()]
        changed = [f"update {ref} {sha}" for ref, sha in refs.items() if now.get(ref) != sha]
        for commands in (new, changed):
            if commands:
                self._change("update-ref", "--no-deref", "--stdin", stdin=os.fsencode("\n".join([*commands, ""])))
