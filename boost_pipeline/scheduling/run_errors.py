"""Why the steps of a run failed, in lines that a person can act on.

The one place where Dagster's events of failed steps are read: for the command line, and for alerts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import dagster as dg


@dataclass(frozen=True, slots=True)
class StepError:
    """A step that failed."""

    step: str
    """Dagster's key of the step."""
    error: str
    """One line."""
    units: tuple[str, ...] = ()
    """A line for each unit of work that failed in it."""


def step_errors(events: Iterable[dg.DagsterEvent]) -> Iterator[StepError]:
    """Yield the failed steps among the events of one run."""
    for event in events:
        if not event.is_step_failure:
            continue
        data = event.step_failure_data
        failure = data.user_failure_data
        if failure is not None and failure.description:
            failed: Any = failure.metadata.get("failed")
            units = tuple(f"{unit}: {line}" for unit, line in failed.data.items()) if failed is not None else ()
            yield StepError(event.step_key or "", _one_line(failure.description), units)
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
