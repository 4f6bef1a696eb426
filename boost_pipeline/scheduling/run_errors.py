"""Why the steps of a run failed, in lines that a person can act on.

The one place where Dagster's events of failed steps are read: for the command line, and for alerts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import dagster as dg


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
            yield StepError(event.step_key or "", error_line(data.error))


def error_line(error: Any) -> str:
    """Return the message of our own error in a chain of causes, without its class; the innermost if none is ours.

    `error` is what Dagster keeps of an exception (its SerializableErrorInfo), or None.
    """
    message = "failed without an error"
    while error is not None:
        message = _one_line(error.message)
        name, separator, rest = message.partition(": ")
        if separator and name.startswith("boost_pipeline."):
            return rest
        error = error.cause
    return message


def _one_line(text: str) -> str:
    return " ".join(text.split())
