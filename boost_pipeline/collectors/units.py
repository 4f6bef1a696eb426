"""Units of work: each stands alone, fails alone, and is tried again by the next run.

A unit is a repository, a release, a list: what one transaction holds. The rules are laws 3 and 5 of
docs/architecture.md: a failure is recorded, spares the neighbours, and turns the run red at the end.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import dagster as dg

from boost_pipeline.errors import BoostPipelineError, SourceCorrupt
from boost_pipeline.progress import track
from boost_pipeline.scheduling.looks import looked
from boost_pipeline.warehouse.changes import Changes, Look
from boost_pipeline.warehouse.warehouse import Warehouse

Result = TypeVar("Result")


def nothing() -> None:
    """Abort nothing."""


@dataclass
class Units:
    """The units of one asset in one run: what was written, and what failed."""

    asset: str
    warehouse: Warehouse
    log: dg.DagsterLogManager
    changes: Changes = field(default_factory=Changes)
    done: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    _counting: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def wrote(self, changes: Changes) -> None:
        """Count what a unit wrote, also if it failed afterwards; from any thread."""
        with self._counting:
            self.changes += changes

    def each(
        self,
        units: Sequence[str],
        work: Callable[[str], Result],
        *,
        label: str,
        jobs: int = 1,
        abort: Callable[[], None] = nothing,
        final: bool = True,
    ) -> dict[str, Result]:
        """Do `work` for each of `units`, `jobs` at once; return the results of those that worked.

        `abort` is called when the run is interrupted, to end what other threads wait for. With `final` off, more
        work on the same units follows, and only that can close what had failed.

        Raises:
            WarehouseError: the database is gone, so that not even a failure can be recorded.
        """
        results: dict[str, Result] = {}
        pool = ThreadPoolExecutor(jobs, thread_name_prefix=self.asset)
        try:
            with track(label, len(units)) as advance:
                futures: dict[Future[Result], str] = {pool.submit(work, unit): unit for unit in units}
                for future in as_completed(futures):
                    unit = futures[future]
                    error = future.exception()
                    if error is None:
                        results[unit] = future.result()
                    else:
                        self.fail(unit, error)
                    advance(unit)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            abort()
            raise
        finally:
            pool.shutdown()
        if final:
            self._resolve([unit for unit in results if unit not in self.failed])
            self.done += len(results)
        return results

    def fail(self, unit: str, error: BaseException) -> None:
        """Record that `unit` failed, and go on."""
        if isinstance(error, BoostPipelineError):
            category, line = error.category, str(error)
        else:
            category, line = "unknown", f"{type(error).__name__}: {error}".splitlines()[0]
            self.log.error("".join(traceback.format_exception(error)))
        self.failed[unit] = line
        self.log.error("%s of %s failed: %s", unit, self.asset, line)
        with self.warehouse.transaction() as transaction:
            transaction.fail(self.asset, unit, category, line, datetime.now(UTC))

    def judge(self, unit: str, problem: str) -> None:
        """Record that `unit` has a problem which does not end its work, or with "" that it has none any more."""
        if problem:
            self.fail(unit, SourceCorrupt(f"{problem}; the next run asks again."))
        else:
            self._resolve([unit])

    def _resolve(self, units: Sequence[str]) -> None:
        with self.warehouse.transaction() as transaction:
            if transaction.resolve(self.asset, units, datetime.now(UTC)):
                self.log.info("%s: units that had failed work again", self.asset)

    def look(self, *, whole: bool = True, changed: bool = False, version: str | None = None) -> Look:
        """Record that the asset was looked at; with failed units, or of a part only, that is no check."""
        changed = changed or self.changes.total > 0
        whole = whole and not self.failed
        return looked(self.warehouse, self.asset, changed=changed, version=version, whole=whole)

    def asked(self, units: Mapping[str, datetime]) -> None:
        """Record when the source of each of `units` was asked, but for those that failed."""
        with self.warehouse.transaction() as transaction:
            transaction.looked_at(self.asset, {unit: at for unit, at in units.items() if unit not in self.failed})

    def metadata(self) -> dict[str, Any]:
        """Return the counts for Dagster."""
        return {
            "units": self.done,
            "rows inserted": self.changes.inserted,
            "rows updated": self.changes.updated,
            "rows deleted": self.changes.deleted,
        }

    def verdict(self, extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the metadata of a run in which every unit worked.

        Raises:
            dagster.Failure: some did not. Rows and cursors of the others are kept.
        """
        metadata = self.metadata() | dict(extra or {})
        if not self.failed:
            return metadata
        failed = dg.MetadataValue.json({self.asset: self.failed})
        raise dg.Failure(self.complaint(), metadata=metadata | {"failed": failed})

    def complaint(self) -> str:
        """Return how many units failed, and the first of them, in one line."""
        unit, line = next(iter(self.failed.items()))
        return (
            f"{len(self.failed)} of {self.done + len(self.failed)} units of {self.asset} failed; "
            f"{unit}: {line} The next run tries them again."
        )
