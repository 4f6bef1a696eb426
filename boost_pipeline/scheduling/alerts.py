"""Sensors that tell failed runs to webhooks: one for each webhook that the settings name.

Each has a cursor of its own, so that a webhook that is down holds up no other, and none hears a thing twice because of
another. A tick that reaches nobody fails with one line and leaves the cursor where it is: the next one tells all that
came meanwhile. Told is after posted, so whatever is killed in between is told twice rather than never.

What the messages look like belongs to `sources.webhook`.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

import dagster as dg

from boost_pipeline.errors import SettingsError, SourceError
from boost_pipeline.scheduling.run_errors import end_error, planned_assets, planned_checks, step_errors
from boost_pipeline.scheduling.tags import COMMAND, GROUP
from boost_pipeline.settings import Settings
from boost_pipeline.sources.webhook import Alert, Service, Webhook

_SECONDS: Final = 60
_AT_ONCE: Final = 200
"""Failed runs that one tick tells at most; the next tells the rest."""
_PATIENCE: Final = 15
"""Seconds after which no other message is begun: a tick that takes a minute is ended by Dagster, its cursor lost."""
_OVERLAP: Final = 1000
"""Events that are looked at again: an event with a lower id can be committed after one with a higher."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Which failures were told, by the storage ids of their events.

    All up to `after` were, and of the later ones those in `told`. The ids grow with the moment of the failure, however
    early the run had started, and stay what they are when a retry adds a tag to a failed run.
    """

    after: int
    told: frozenset[int] = frozenset()

    @classmethod
    def read(cls, text: str) -> Cursor:
        """Read what `write` wrote.

        Raises:
            SettingsError: it is something else.
        """
        try:
            written = json.loads(text)
            return cls(int(written["after"]), frozenset(map(int, written["told"])))
        except (ValueError, TypeError, KeyError):
            mend = "clear it on the sensor's page in the web UI; failures from then on are told."
            raise SettingsError(f"The cursor of this sensor is damaged: {mend}") from None

    def write(self) -> str:
        """Return the cursor as text."""
        return json.dumps({"after": self.after, "told": sorted(self.told)})

    def advanced(self, told: Collection[int], waiting: Collection[int]) -> Cursor:
        """Return the cursor after some were told, while others, of those that were found, still wait."""
        all_told = self.told | set(told)
        bounds = [max(all_told, default=0) - _OVERLAP, *(event - 1 for event in waiting)]
        after = max(self.after, min(bounds))
        return Cursor(after, frozenset(event for event in all_told if event > after))


class Reason(NamedTuple):
    """Why a run failed; failures with equal reasons are told as one."""

    group: str | None
    task: str | None
    asset: str | None
    error: str


class Failure(NamedTuple):
    """A failed run."""

    event: int
    """The storage id of the event that says so."""
    run_id: str
    at: datetime
    reasons: tuple[Reason, ...]
    """One for each step that failed, or one for the run."""


def failure_alerts(settings: Settings) -> list[dg.SensorDefinition]:
    """Return a sensor, `failure_alerts_<service>`, for each webhook that is set."""
    urls = {
        Service.slack: settings.slack_webhook_url,
        Service.discord: settings.discord_webhook_url,
        Service.webhook: settings.webhook_url,
    }
    webhooks = [Webhook(service, url.get_secret_value()) for service, url in urls.items() if url]
    return [_sensor(webhook, settings.web_url) for webhook in webhooks]


def _sensor(webhook: Webhook, web_url: str) -> dg.SensorDefinition:
    @dg.sensor(
        name=f"failure_alerts_{webhook.service}",
        minimum_interval_seconds=_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells failed runs to the webhook of the settings.",
    )
    def failure_alerts(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        """Tell the failures since the cursor; the first look tells none, so that old ones stay old."""
        if not context.cursor:
            newest = context.instance.fetch_run_status_changes(dg.DagsterEventType.RUN_FAILURE, limit=1).records
            start = Cursor(max((record.storage_id for record in newest), default=0))
            return dg.SensorResult(skip_reason="Failures from now on are told.", cursor=start.write())
        cursor = Cursor.read(context.cursor)
        failures = list(_failures(context.instance, cursor))
        told, error = _tell(webhook, failures, web_url)
        if error and not told:
            raise error
        waiting = {failure.event for failure in failures} - told
        reason = f"Failed runs told: {len(told)}, waiting: {len(waiting)}."
        return dg.SensorResult(
            skip_reason=f"{reason} {error}" if error else reason, cursor=cursor.advanced(told, waiting).write()
        )

    return failure_alerts


def _failures(instance: dg.DagsterInstance, cursor: Cursor) -> Iterator[Failure]:
    """Yield the failed runs that were not told, in the order in which they failed."""
    found = instance.fetch_run_status_changes(
        dg.RunStatusChangeRecordsFilter(event_type=dg.DagsterEventType.RUN_FAILURE, after_storage_id=cursor.after),
        limit=min(_AT_ONCE + len(cursor.told), 1000),
        ascending=True,
    )
    new = [record for record in found.records if record.storage_id not in cursor.told][:_AT_ONCE]
    if not new:
        return
    runs = instance.get_runs(dg.RunsFilter(run_ids=[record.run_id for record in new]))
    tags = {run.run_id: run.tags for run in runs}
    for record in new:
        at = datetime.fromtimestamp(record.timestamp, UTC)
        reasons = dict.fromkeys(_reasons(instance, record, tags.get(record.run_id, {})))
        yield Failure(record.storage_id, record.run_id, at, tuple(reasons))


def _reasons(instance: dg.DagsterInstance, record: dg.EventLogRecord, tags: Mapping[str, str]) -> Iterator[Reason]:
    end = record.event_log_entry.get_dagster_event()
    group = tags.get(GROUP) or (None if end.job_name.startswith("__") else end.job_name)
    kinds = {
        dg.DagsterEventType.STEP_FAILURE,
        dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED,
        dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED,
    }
    records = instance.get_records_for_run(record.run_id, of_type=kinds).records
    events = [each.event_log_entry.get_dagster_event() for each in records]
    assets, checks = planned_assets(events), planned_checks(events)
    failed = list(step_errors(events))
    for step in failed:
        checked = [checks[step.step].asset_key.to_user_string()] if step.step in checks else []
        about = ", ".join(assets.get(step.step, checked)) or step.step
        yield Reason(group, tags.get(COMMAND), about, step.error)
    if not failed:
        yield Reason(group, tags.get(COMMAND), None, end_error(end).error)


def _tell(webhook: Webhook, failures: Sequence[Failure], web_url: str) -> tuple[set[int], SourceError | None]:
    """Post messages until one fails or time is up; return the events of the runs that were told, and the error."""
    by_reason: dict[Reason, list[Failure]] = defaultdict(list)
    for failure in failures:
        for reason in failure.reasons:
            by_reason[reason].append(failure)
    waiting = {_alert(reason, of_it, web_url): of_it for reason, of_it in by_reason.items()}
    error = None
    deadline = time.monotonic() + _PATIENCE
    for message in webhook.messages(list(waiting)):
        try:
            webhook.post(message)
        except SourceError as refused:
            error = refused
            break
        for alert in message.alerts:
            del waiting[alert]
        if time.monotonic() > deadline:
            break
    untold = {failure.event for of_it in waiting.values() for failure in of_it}
    return {failure.event for failure in failures} - untold, error


def _alert(reason: Reason, failures: Sequence[Failure], web_url: str) -> Alert:
    last = failures[-1]
    return Alert(*reason, times=len(failures), last=last.at, link=f"{web_url}/runs/{last.run_id}")
