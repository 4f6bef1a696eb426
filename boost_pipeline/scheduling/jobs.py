"""The Dagster jobs and schedules that a schedule file asks for.

One job and schedule for each group, a second pair for its on_release tasks, whose assets are partitioned by release,
and one pair for each distinct interval. What is due when belongs to `scheduling.due`; which assets a command means is
asked of the commands it is given.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import dagster as dg

from boost_pipeline.scheduling import run_log, tags
from boost_pipeline.scheduling.due import distinct, is_due, passes
from boost_pipeline.scheduling.intervals import crons, last_tick
from boost_pipeline.scheduling.pending import note_none_waits, pending_releases
from boost_pipeline.scheduling.schedule import Group, Kind, Schedule, Task
from boost_pipeline.scheduling.schedule_file import Commands
from boost_pipeline.warehouse.warehouse import Warehouse

Request = dg.RunRequest | dg.SkipReason


class Selects(Protocol):
    """What a command with its arguments asks for."""

    @property
    def assets(self) -> tuple[str, ...]:
        """Keys of assets."""
        ...

    def run_config(self) -> dict[str, Any]:
        """Options in Dagster's form."""
        ...


@dataclass
class Automation:
    """Makes jobs and schedules of a schedule file.

    `assets` are the keys of all assets in the order in which Dagster runs them within one run; `partitioned` are those
    that are partitioned by release, and `by_release` those of them that no other task looks at: where no release waits
    for one, that is recorded as a look.
    """

    schedule: Schedule
    commands: Commands
    assets: Sequence[str]
    partitioned: Collection[str]
    warehouse: Warehouse
    by_release: Collection[str] = ()
    jobs: list[Any] = field(default_factory=list)
    schedules: list[dg.ScheduleDefinition] = field(default_factory=list)

    def __post_init__(self) -> None:
        for group in self.schedule.groups:
            timed = group.enabled(Kind.daily, Kind.weekly, Kind.monthly)
            if timed:
                self._add_group(group, timed)
            on_release = [task for task in group.enabled(Kind.on_release) if self._partitioned(task)]
            if on_release:
                self._add_releases(group, on_release)
        for minutes in self.schedule.intervals:
            self._add_interval(minutes)

    @property
    def release_jobs(self) -> list[tuple[Group, Task]]:
        """The tasks that a new release starts, each with its group."""
        return [
            (group, task)
            for group in self.schedule.groups
            for task in group.enabled(Kind.on_release)
            if self._partitioned(task)
        ]

    def release_requests(
        self, instance: dg.DagsterInstance, group: Group, task: Task, occasion: str, job: str | None = None
    ) -> Iterator[dg.RunRequest]:
        """Yield a run for each release that waits for a task and that no run is working on.

        `occasion` makes the run's key: once for each, whatever became of it. A sensor of several jobs names the `job`.
        """
        for tag in pending_releases(instance, self.warehouse, self._partitioned(task)):
            at_work = dg.RunsFilter(
                tags={tags.COMMAND: task.command, tags.RELEASE: tag, tags.GROUP: group.job_name},
                statuses=[
                    dg.DagsterRunStatus.QUEUED,
                    dg.DagsterRunStatus.NOT_STARTED,
                    dg.DagsterRunStatus.STARTING,
                    dg.DagsterRunStatus.STARTED,
                ],
            )
            if not instance.get_runs_count(at_work):
                key = f"{group.job_name}:{task.command}:{tag}:{occasion}"
                yield self._request(key, group, [task], release=tag, job=job)

    @property
    def warnings(self) -> list[str]:
        """What of the file can never run: on_release tasks none of whose assets is partitioned by release."""
        return [
            f"line {task.line}: {task.command} reads nothing release by release, so on_release never starts it"
            for group in self.schedule.groups
            for task in group.enabled(Kind.on_release)
            if not self._partitioned(task)
        ]

    def _partitioned(self, task: Task) -> list[str]:
        return [asset for asset in self._selects(task).assets if asset in self.partitioned]

    def _add_group(self, group: Group, timed: Sequence[Task]) -> None:
        daily = [task for task in timed if task.kind is Kind.daily] or list(timed)
        job = dg.define_asset_job(
            group.job_name,
            selection=dg.AssetSelection.assets(*self._keys(timed)),
            config=self._run_config(daily),
            tags=_run_tags(group, daily),
            description="In this order: " + ", ".join(task.command for task in timed),
        )

        def requests(context: dg.ScheduleEvaluationContext) -> Iterator[Request]:
            """Ask for a run for each release that still waits, or say that none does."""
            day = context.scheduled_execution_time.date()
            due = distinct([task for task in timed if is_due(task, day)], self.commands)
            places = {asset: place for place, asset in enumerate(self.assets)}
            for number, batch in enumerate(passes(due, self.commands, places)):
                yield self._request(f"{group.job_name}:{day}:{number}", group, batch, order=-number)
            if not due:
                yield dg.SkipReason(f"No task of {group.name} is due on {day}.")

        self._add(group.job_name, job, [_cron(group)], requests, f"What is due of {group.name} on the day of the tick.")

    def _add_releases(self, group: Group, on_release: Sequence[Task]) -> None:
        job = dg.define_asset_job(
            group.release_job_name,
            selection=dg.AssetSelection.assets(*self._keys(on_release)),
            config=self._run_config(on_release),
            tags=_run_tags(group, on_release),
            description="For one release: " + ", ".join(task.command for task in on_release),
        )

        def requests(context: dg.ScheduleEvaluationContext) -> Iterator[Request]:
            day = context.scheduled_execution_time.date()
            waiting = [
                request
                for task in on_release
                for request in self.release_requests(context.instance, group, task, f"{day}")
            ]
            yield from waiting
            for asset in {asset: None for task in on_release for asset in self._partitioned(task)}:
                if asset in self.by_release:
                    note_none_waits(context.instance, self.warehouse, asset)
            if not waiting:
                yield dg.SkipReason(f"No release waits for {group.name}.")

        description = f"The releases that still wait for {group.name}, whoever failed before."
        self._add(group.release_job_name, job, [_cron(group)], requests, description)

    def _add_interval(self, minutes: int) -> None:
        name = f"interval_{minutes}min"
        groups = [
            (group, tasks)
            for group in self.schedule.groups
            if (tasks := [task for task in group.enabled(Kind.interval) if task.minutes == minutes])
        ]
        every = [task for _, tasks in groups for task in tasks]
        job = dg.define_asset_job(
            name,
            selection=dg.AssetSelection.assets(*self._keys(every)),
            config=self._run_config(every),
            description=f"Every {minutes} minutes: " + ", ".join(task.command for task in every),
        )

        def requests(context: dg.ScheduleEvaluationContext) -> Iterator[Request]:
            # The run key holds the exact tick: a grid that is finer than the interval, and a daemon that slept over
            # a tick, both come to one run for each.
            tick = last_tick(minutes, context.scheduled_execution_time)
            for group, tasks in groups:
                for number, batch in enumerate(passes(distinct(tasks, self.commands), self.commands)):
                    yield self._request(f"{name}:{group.job_name}:{tick:%Y-%m-%dT%H:%M}:{number}", group, batch)

        self._add(name, job, crons(minutes), requests, f"Every {minutes} minutes, exactly.")

    def _add(self, name: str, job: Any, cron: list[str], requests: Any, description: str) -> None:
        self.jobs.append(job)
        self.schedules.append(
            dg.schedule(
                name=name,
                job=job,
                cron_schedule=cron[0] if len(cron) == 1 else cron,
                execution_timezone="UTC",
                default_status=dg.DefaultScheduleStatus.RUNNING,
                description=description,
            )(requests)
        )

    def _request(
        self,
        key: str,
        group: Group,
        tasks: Sequence[Task],
        *,
        release: str | None = None,
        job: str | None = None,
        order: int = 0,
    ) -> dg.RunRequest:
        return dg.RunRequest(
            run_key=key,
            asset_selection=[dg.AssetKey(key) for key in self._keys(tasks)],
            run_config=self._run_config(tasks),
            partition_key=release,
            job_name=job,
            tags=_run_tags(group, tasks)
            | {"dagster/priority": str(order)}
            | ({tags.RELEASE: release} if release else {}),
        )

    def _keys(self, tasks: Iterable[Task]) -> list[list[str]]:
        keys = {key: None for task in tasks for key in self._selects(task).assets}
        return [key.split("/") for key in keys]

    def _run_config(self, tasks: Iterable[Task]) -> dict[str, Any]:
        """Return the options of all tasks in one configuration; of an asset that two tasks name, the first's."""
        ops: dict[str, Any] = {}
        for task in tasks:
            for op, options in self._selects(task).run_config().get("ops", {}).items():
                ops.setdefault(op, options)
        return {"ops": ops, "loggers": run_log.CHOSEN}

    def _selects(self, task: Task) -> Selects:
        selected: Selects = self.commands.selects(task.command, task.args)  # type: ignore[assignment]
        return selected


def _run_tags(group: Group, tasks: Iterable[Task]) -> dict[str, str]:
    commands = ",".join(dict.fromkeys(task.command for task in tasks))
    # Tags are indexed: PostgreSQL refuses values past 2.7 kB.
    found = {tags.GROUP: group.job_name, tags.COMMAND: commands[:1000]}
    return found | ({tags.STOP_ON_FAILURE: "true"} if group.stop_on_failure else {})


def _release_tag(release: str | None) -> dict[str, str]:
    return {tags.RELEASE: release} if release else {}


def _cron(group: Group) -> str:
    return f"{group.default_time.minute} {group.default_time.hour} * * *"
