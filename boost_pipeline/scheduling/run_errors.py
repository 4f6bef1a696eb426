"""Why the steps of a run failed, in lines that a person can act on.

The one place where Dagster's events of failed steps are read: for the command line, for alerts, and for `health`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pydoc import locate
from typing import Any

import dagster as dg

from boost_pipeline.errors import BoostPipelineError


@dataclass(frozen=True, slots=True)
class UnitError:
    """A unit of work of an asset that failed."""

    asset: str
    unit: str
    error: str
    """One line."""


@dataclass(frozen=True, slots=True)
class StepError:
    """A step that failed."""

    step: str
    """Dagster's key of the step."""
    error: str
    """One line, with the first of the units."""
    units: tuple[UnitError, ...] = ()
    """The units of work that failed in it."""
    category: str | None = None
    """That of our own error, "unknown" for another's; None where the step itself says what failed in it."""


def step_errors(events: Iterable[dg.DagsterEvent]) -> Iterator[StepError]:
    """Yield the failed steps among the events of one run."""
    for event in events:
        if not event.is_step_failure:
            continue
        data = event.step_failure_data
        failure = data.user_failure_data
        if failure is not None and failure.description:
            failed: Any = failure.metadata.get("failed")
            by_asset = failed.data if failed is not None else {}
            units = (UnitError(asset, *each) for asset, errors in by_asset.items() for each in errors.items())
            yield StepError(event.step_key or "", _one_line(failure.description), tuple(units))
        else:
            category, line = _told(data.error)
            yield StepError(event.step_key or "", line, category=category)


def planned_assets(events: Iterable[dg.DagsterEvent]) -> dict[str, list[str]]:
    """Return the assets that each step was to make, by the key of the step."""
    found: dict[str, list[str]] = defaultdict(list)
    for event in events:
        if event.is_asset_materialization_planned and event.step_key and event.asset_key:
            found[event.step_key].append(event.asset_key.to_user_string())
    return {step: sorted(assets) for step, assets in found.items()}


def planned_checks(events: Iterable[dg.DagsterEvent]) -> dict[str, dg.AssetCheckKey]:
    """Return the check that each step was to make, by the key of the step."""
    found: dict[str, dg.AssetCheckKey] = {}
    for event in events:
        if event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED and event.step_key:
            data: Any = event.event_specific_data
            found[event.step_key] = data.asset_check_key
    return found


def end_error(end: dg.DagsterEvent) -> StepError:
    """Return why a run failed without a failed step, of the event that ended it."""
    error = getattr(end.event_specific_data, "error", None)  # a run that was ended from outside has no data
    category, line = _told(error) if error else (None, end.message or "failed")
    return StepError("", line, category=category)


def error_line(error: Any) -> str:
    """Return the message of our own error in a chain of causes, without its class; the innermost if none is ours.

    `error` is what Dagster keeps of an exception (its SerializableErrorInfo), or None.
    """
    return _told(error)[1]


def _told(error: Any) -> tuple[str, str]:
    """Return the category and the line of an error."""
    message = "failed without an error"
    while error is not None:
        message = _one_line(error.message)
        name, separator, rest = message.partition(": ")
        if separator and name.startswith("boost_pipeline."):
            found: Any = locate(name)
            known = isinstance(found, type) and issubclass(found, BoostPipelineError)
            return found.category if known else "unknown", rest
        error = error.cause
    return "unknown", message


def _one_line(text: str) -> str:
    return " ".join(text.split())
