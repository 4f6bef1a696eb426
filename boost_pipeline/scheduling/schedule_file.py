"""Reading schedule.yaml: every rule of the file, and a line with the mend for each that is broken.

docs/schedule.md tells the rules to people and `json_schema` to editors. The format is that of
boost-data-collector, whose files work as they are; where it let a slip pass, the slip is an error here.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from yaml.nodes import Node

from boost_pipeline.errors import BoostPipelineError, ScheduleError
from boost_pipeline.scheduling.marked_yaml import (
    MAX_SIZE,
    Document,
    Fields,
    base_60,
    described,
    is_empty,
    is_text,
    key_name,
)
from boost_pipeline.scheduling.schedule import (
    LAST_DAY,
    LONGEST_INTERVAL,
    WEEKDAYS,
    Group,
    Kind,
    Schedule,
    Task,
    read_weekday,
)
from boost_pipeline.scheduling.wording import nearest, shown

GROUP_KEYS: Final = ("default_time", "tasks", "stop_on_failure")
WHEN_KEYS: Final = {
    Kind.weekly: ("on", "day_of_week"),
    Kind.monthly: ("on", "day_of_month"),
    Kind.interval: ("minutes",),
}
TASK_KEYS: Final = ("command", "schedule", "on", "day_of_week", "day_of_month", "minutes", "enabled", "args")
TIME: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]"


class Selection(Protocol):
    """What a command with its arguments asks for; two are equal if the same work would be done twice."""

    @property
    def assets(self) -> Collection[str]:
        """The keys of the assets, such as boost/releases."""
        ...

    def __hash__(self) -> int: ...


class Commands(Protocol):
    """The commands that a task may name."""

    def known(self) -> Collection[str]:
        """Return the names of the collectors."""
        ...

    def coming(self) -> Collection[str]:
        """Return the predecessor's names that have no collector here yet; such a task is left out with a warning."""
        ...

    def selects(self, command: str, args: Sequence[str]) -> Selection:
        """Return what a known command with these arguments asks for.

        Raises:
            BoostPipelineError: the command does not take these arguments; in one line.
        """
        ...


def read_schedule(path: Path, commands: Commands) -> Schedule:
    """Read a schedule file.

    Raises:
        ScheduleError: the file is missing, cannot be read, or is wrong; one line for each problem.
    """
    name = str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_SIZE + 1)  # a device or a log named by mistake may have no end
    except OSError as error:
        mend = "create it, or name another with BOOST_COLLECTOR_SCHEDULE_YAML"
        raise ScheduleError(f"The schedule file {name} cannot be read: {error.strerror}; {mend}.") from None
    return parse_schedule(Document(name).decode(data), commands, name=name)


def parse_schedule(text: str, commands: Commands, *, name: str = "schedule.yaml") -> Schedule:
    """Read the text of a schedule file; `name` is what its problems begin with.

    Raises:
        ScheduleError: one line for each problem, which are in its `problems` too.
    """
    document = Document(name)
    groups = tuple(_Reader(document, commands).groups(document.compose(text)))
    document.raise_problems()
    return Schedule(groups, tuple(sorted(set(document.warnings))))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns nodes into groups and tasks; what is None or left out has been reported."""

    document: Document
    commands: Commands

    def groups(self, root: Node | None) -> Iterator[Group]:
        if root is None:
            self.document.stop(1, 1, "the file is empty; it needs groups, each with a default_time and tasks")
        top = self.document.fields(root, "the file", ("groups",))
        if top is None:
            return
        node = self.document.required(top, "groups", "the file", "add groups, each with default_time and tasks")
        if node is None:
            return
        pairs = self.document.pairs(node, "groups")
        if pairs == []:
            self.document.problem(node, "groups is empty; add a group with a default_time and tasks")
        jobs: dict[str, str] = {}
        for key, value in pairs or ():
            name = self.document.text(key, "the name of a group")
            if name is not None and not name.strip():
                self.document.problem(key, "the name of a group is blank; name it, as in github")
            group = self.group(name or key_name(key) or "", key, value)
            if group and name:
                self.one_job_each(group, key, jobs)
                yield group

    def one_job_each(self, group: Group, key: Node, jobs: dict[str, str]) -> None:
        """Report two groups whose Dagster jobs would have one name; `jobs` are those of the groups before."""
        names = {group.job_name, *([group.release_job_name] if group.enabled(Kind.on_release) else [])}
        for job in sorted(names & jobs.keys()):
            other, this = shown(jobs[job]), shown(group.name)
            self.document.problem(key, f"the groups {other} and {this} both make the Dagster job {job}; rename one")
        jobs |= dict.fromkeys(names, group.name)

    def group(self, name: str, key: Node, node: Node) -> Group | None:
        what = f"group {shown(name)}"
        fields = self.document.fields(node, what, GROUP_KEYS)
        if fields is None:
            return None
        time = self.time(fields, what)
        flag = fields.get("stop_on_failure")
        stop = self.document.flag(flag, f"stop_on_failure of {what}") if flag else False
        tasks = self.document.required(fields, "tasks", what, "add tasks, a list; [] if there are none")
        items = self.document.items(tasks, f"tasks of {what}") if tasks else None
        read = [self.task(item, f"tasks[{number}] of {what}") for number, item in enumerate(items or ())]
        if time is None:
            return None
        return Group(name, time, tuple(filter(None, read)), bool(stop), key.start_mark.line + 1)

    def time(self, fields: Fields, what: str) -> dt.time | None:
        node = self.document.required(fields, "default_time", what, 'add one in UTC, such as default_time: "16:20"')
        if node is None:
            return None
        number = base_60(node)
        if number is not None:
            mend = f"quote it: {shown(node.value)}"
            self.document.problem(node, f"default_time of {what} is read by YAML as the number {number}; {mend}")
            return None
        text = self.document.text(node, f"default_time of {what}")
        if text is None:
            return None
        if not re.fullmatch(TIME, text):
            self.document.problem(node, f"default_time {shown(text)} of {what} is no time of day; {_time_mend(text)}")
            return None
        return dt.time.fromisoformat(text)

    def task(self, node: Node, what: str) -> Task | None:
        fields = self.document.fields(node, what, TASK_KEYS)
        if fields is None:
            return None
        command = self.command(fields, what)
        what = f"{command} ({what})" if command else what
        kind = self.kind(fields, what)
        when = self.when(fields, kind, what) if kind else None
        flag = fields.get("enabled")
        enabled = self.document.flag(flag, f"enabled of {what}") if flag else True
        args = self.args(fields, what)
        if command is None or kind is None or when is None or enabled is None or args is None:
            return None
        if command not in self.commands.known():
            return None
        try:
            self.commands.selects(command, args)
        except BoostPipelineError as error:
            self.document.problem(fields.get("args") or node, str(error))
            return None
        mark = node.start_mark
        return Task(command, kind, *when, enabled, args, mark.line + 1, mark.column + 1)

    def command(self, fields: Fields, what: str) -> str | None:
        node = self.document.required(fields, "command", what, "add the name of a collector")
        command = self.document.text(node, f"command of {what}") if node else None
        if node is None or command is None or command in self.commands.known():
            return command
        if command in self.commands.coming():
            self.document.warning(node, f"{command} has no collector here yet; the task is left out until there is one")
            return command
        near = nearest(command, [*self.commands.known(), *self.commands.coming()])
        mend = f"did you mean {near}?" if near else "`boost-pipeline collectors` lists those there are"
        self.document.problem(node, f"{what} names the unknown collector {shown(command)}; {mend}")
        return None

    def kind(self, fields: Fields, what: str) -> Kind | None:
        kinds = ", ".join(Kind)
        node = self.document.required(fields, "schedule", what, f"add one of {kinds}")
        if node is None:
            return None
        word = node.value if is_text(node) else ""
        if word in set(Kind):
            return Kind(word)
        near = nearest(word.lower(), list(Kind))
        mend = f"did you mean {near}?" if near else f"it is one of {kinds}"
        self.document.problem(node, f"schedule of {what} cannot be {described(node)}; {mend}")
        return None

    def when(self, fields: Fields, kind: Kind, what: str) -> tuple[int | None, int | None, int | None] | None:
        """Return weekday, day and minutes, of which at most one is not None."""
        keys = WHEN_KEYS.get(kind, ())
        for key in ("on", "day_of_week", "day_of_month", "minutes"):
            if key not in keys and (unread := fields.get(key)):
                self.document.warning(unread, f"{key} of {what} is not read, as the schedule is {kind}; remove it")
        if not keys:
            return (None, None, None)
        node = self.chosen(fields, kind, what)
        if node is None:
            return None
        if kind is Kind.weekly:
            weekday = self.weekday(node, what)
            return None if weekday is None else (weekday, None, None)
        if kind is Kind.monthly:
            day = self.document.number(node, f"the day of the month of {what}", LAST_DAY)
            return None if day is None else (None, day, None)
        minutes = self.document.number(node, f"minutes of {what}", LONGEST_INTERVAL)
        return None if minutes is None else (None, None, minutes)

    def chosen(self, fields: Fields, kind: Kind, what: str) -> Node | None:
        """Return the value that says when: of `on` and its alias the first that is there.

        An empty `on` gives way to day_of_week but not to day_of_month, as in the predecessor.
        """
        key, *aliases = WHEN_KEYS[kind]
        node = fields.get(key)
        alias = next((fields.values[name] for name in aliases if name in fields.values), None)
        if node is None or (kind is Kind.weekly and is_empty(node) and alias):
            node, alias = alias, None
        if node is None and key not in fields.misspelt and not fields.misspelt.intersection(aliases):
            example = {Kind.weekly: "on: monday", Kind.monthly: "on: 15", Kind.interval: "minutes: 30"}[kind]
            self.document.problem(fields.node, f"{what} is {kind} and does not say when; add {example}")
        if alias is not None:
            self.document.warning(alias, f"{aliases[0]} of {what} is not read beside {key}; remove one of them")
        return node

    def weekday(self, node: Node, what: str) -> int | None:
        text = node.value if is_text(node) else ""
        weekday = read_weekday(text)
        if weekday is None:
            near = nearest(text.strip().lower(), WEEKDAYS)
            mend = f"did you mean {near}?" if near else "write one day, such as monday or mon"
            self.document.problem(node, f"the day of the week of {what} cannot be {described(node)}; {mend}")
        return weekday

    def args(self, fields: Fields, what: str) -> tuple[str, ...] | None:
        node = fields.get("args")
        if node is None:
            return ()
        items = self.document.items(node, f"args of {what}")
        if items is None:
            return None
        args = [self.document.text(item, f"args[{number}] of {what}") for number, item in enumerate(items)]
        texts = tuple(arg for arg in args if arg is not None)
        return texts if len(texts) == len(args) else None


def _time_mend(text: str) -> str:
    """Say how to write a time of day, in full if it is plain which one is meant."""
    lenient = re.fullmatch(r"\s*\+?([0-9]{1,2})\s*:\s*\+?([0-9]{1,2})\s*", text)
    full = ":".join(part.zfill(2) for part in lenient.groups()) if lenient else ""
    return f'write "{full}"' if re.fullmatch(TIME, full) else 'write it as "HH:MM", from "00:00" to "23:59"'
