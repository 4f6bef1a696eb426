"""YAML with the line and column of every value, all its mistakes gathered, and bounds that no file can break.

Here belongs what holds for any YAML file that people write by hand; what a schedule means is `schedule_file`.
The nodes of PyYAML are read instead of its Python objects: an object no longer knows where it stood, that `on` was
written where it holds True, that 970 was 16:10, or that a key came twice.
"""

import codecs
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final, NoReturn

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from boost_pipeline.errors import ScheduleError
from boost_pipeline.scheduling.schedule import Problem
from boost_pipeline.scheduling.wording import nearest, shown

# Two thousand tasks fit. Aliases count each time they are used, or nine lines could mean a billion values.
MAX_SIZE: Final = 256 * 1024
MAX_VALUES: Final = 20_000
MAX_DEPTH: Final = 20

_TAG: Final = "tag:yaml.org,2002:"
_STRING, _INTEGER, _BOOLEAN, _NULL, _MERGE = (_TAG + name for name in ("str", "int", "bool", "null", "merge"))
_MAPPING, _SEQUENCE = _TAG + "map", _TAG + "seq"
_KINDS: Final = {
    "str": "the text",
    "bool": "the boolean",
    "int": "the number",
    "float": "the number",
    "timestamp": "the date",
}
_TRUE: Final = frozenset({"yes", "true", "on"})
_FALSE: Final = frozenset({"no", "false", "off"})
_LONGEST_NUMBER: Final = 12
_LONGEST_CAUSE: Final = 300
_TOO_DEEP: Final = f"more than {MAX_DEPTH} levels"


class _Loader(yaml.SafeLoader):
    """Composes nodes; stops at a file that is too deep or has too many values."""

    depth = 0
    values = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        self.depth += 1
        self.values += 1
        if self.depth > MAX_DEPTH or self.values > MAX_VALUES:
            excess = _TOO_DEEP if self.depth > MAX_DEPTH else f"more than {MAX_VALUES} values"
            raise yaml.MarkedYAMLError(problem=excess, problem_mark=self.get_mark())
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping whose keys are known: the values by key, and the keys that are most likely misspelt."""

    node: Node
    values: dict[str, Node]
    misspelt: frozenset[str]

    def get(self, key: str) -> Node | None:
        """Return the value of `key`, or None."""
        return self.values.get(key)


@dataclass(slots=True)
class Document:
    """A YAML file while it is read: hands out its values, checks their types, and keeps what is wrong with them.

    `what` names a value in messages: `default_time of group "github"`. A method that returns None has said why.
    """

    name: str
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    _visited: int = 0

    def decode(self, data: bytes) -> str:
        """Return the text of a file in UTF-8, with or without a byte order mark.

        Raises:
            ScheduleError: it is not UTF-8, or it is larger than any schedule.
        """
        self._check_size(len(data))
        data = data.removeprefix(codecs.BOM_UTF8)
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            line, column = _end_of(data[: error.start].decode())
            self.stop(line, column, f"the byte {data[error.start]:#04x} is not UTF-8; save the file as UTF-8")

    def compose(self, text: str) -> Node | None:
        """Return the root of the document, or None if the text holds nothing but comments.

        Raises:
            ScheduleError: the text is not YAML, or it is larger than any schedule.
        """
        self._check_size(len(text))
        loader = None
        try:
            loader = _Loader(text)
            return loader.get_single_node()
        except yaml.MarkedYAMLError as error:
            cause = ", ".join(filter(None, (error.context, error.problem)))[:_LONGEST_CAUSE]
            line, column = _place(error.problem_mark or error.context_mark)
            self.stop(line, column, f"YAML cannot be read here: {cause}; mend this line or the one above")
        except yaml.reader.ReaderError as error:
            line, column = _end_of(text[: error.position])
            self.stop(line, column, f"the character {error.character:#x} has no place in a YAML file; remove it")
        except (ValueError, OverflowError) as error:  # numbers in escapes and directives, which PyYAML does not check
            line, column = _place(loader.get_mark() if loader else None)
            self.stop(line, column, f"YAML cannot be read here: {error}; mend this line")
        finally:
            if loader:
                loader.dispose()

    def problem(self, node: Node, message: str) -> None:
        """Keep a mistake at the place of `node`."""
        self.problems.append(_problem(*_place(node.start_mark), message))

    def warning(self, node: Node, message: str) -> None:
        """Keep what the author should know, at the place of `node`."""
        self.warnings.append(_problem(*_place(node.start_mark), message))

    def stop(self, line: int, column: int, message: str) -> NoReturn:
        """Add a mistake that nothing can be read after, and raise all.

        Raises:
            ScheduleError: always.
        """
        self.problems.append(_problem(line, column, message))
        self.raise_problems()
        raise AssertionError

    def raise_problems(self) -> None:
        """Raise what was found, if anything, in the order of the file.

        Raises:
            ScheduleError: a line for each problem.
        """
        if self.problems:
            problems = sorted(set(self.problems))
            raise ScheduleError("\n".join(each.told(self.name) for each in problems), problems)

    def pairs(self, node: Node, what: str) -> list[tuple[Node, Node]] | None:
        """Return the keys and values of a mapping, with those that `<<` merges into it; of two equal keys the first."""
        if not isinstance(node, MappingNode) or node.tag != _MAPPING:
            self.problem(node, f"{what} must be a mapping, not {described(node)}")
            return None
        return list(self._merged(node, 0).values())

    def _merged(self, node: MappingNode, depth: int) -> dict[str, tuple[Node, Node]]:
        if depth > MAX_DEPTH:
            self._too_large(node, _TOO_DEEP)
        own: dict[str, tuple[Node, Node]] = {}
        for key, value in node.value:
            self._visit(key)
            name = key_name(key)
            if name is None:
                self.problem(key, f"a key must be a word, not {described(key)}")
            elif name in own:
                line, _ = _place(own[name][0].start_mark)
                self.problem(key, f"the key {shown(name)} stands here again after line {line}; keep one of the two")
            else:
                own[name] = (key, value)
        merge = own.pop("<<") if "<<" in own and own["<<"][0].tag == _MERGE else None
        if merge is None:
            return own
        merged: dict[str, tuple[Node, Node]] = {}
        for source in merge[1].value if isinstance(merge[1], SequenceNode) else [merge[1]]:
            self._visit(source)
            if isinstance(source, MappingNode):
                merged = self._merged(source, depth + 1) | merged
            else:
                self.problem(
                    source, f"<< takes a mapping, as *daily does where &daily marks one, not {described(source)}"
                )
        return merged | own

    def fields(self, node: Node, what: str, known: Collection[str]) -> Fields | None:
        """Return the values of a mapping that has only `known` keys; others are mistakes."""
        pairs = self.pairs(node, what)
        if pairs is None:
            return None
        values: dict[str, Node] = {}
        misspelt = set()
        for key, value in pairs:
            name = key_name(key) or ""
            if name in known:
                values[name] = value
                continue
            near = nearest(name, known)
            misspelt.add(near)
            mend = f"did you mean {near}?" if near else f"the keys are {', '.join(known)}"
            self.problem(key, f"{what} has the unknown key {shown(name)}; {mend}")
        return Fields(node, values, frozenset(filter(None, misspelt)))

    def required(self, fields: Fields, key: str, what: str, mend: str) -> Node | None:
        """Return the value of a key that must be there; a misspelt one has been reported already."""
        value = fields.get(key)
        if value is None and key not in fields.misspelt:
            self.problem(fields.node, f"{what} has no {key}; {mend}")
        return value

    def items(self, node: Node, what: str) -> Iterator[Node] | None:
        """Return the items of a list."""
        if not isinstance(node, SequenceNode) or node.tag != _SEQUENCE:
            self.problem(node, f"{what} must be a list, not {described(node)}")
            return None
        return (self._visit(item) for item in node.value)

    def text(self, node: Node, what: str) -> str | None:
        """Return a text; a number, a date or a word that YAML takes for something else must be quoted."""
        if not is_text(node):
            quote = f"; quote it: {shown(node.value)}" if isinstance(node, ScalarNode) and node.value else ""
            self.problem(node, f"{what} must be text, not {described(node)}{quote}")
            return None
        if "\0" in node.value or not _is_unicode(node.value):
            self.problem(node, f"{what} holds a character that no program takes as an argument; remove it")
            return None
        return str(node.value)

    def flag(self, node: Node, what: str) -> bool | None:
        """Return a boolean: true or false, or yes, no, on, off as YAML 1.1 has it."""
        word = node.value.lower() if isinstance(node, ScalarNode) and node.tag == _BOOLEAN else None
        if word not in _TRUE | _FALSE:
            self.problem(node, f"{what} must be true or false, not {described(node)}")
            return None
        return word in _TRUE

    def number(self, node: Node, what: str, highest: int) -> int | None:
        """Return a whole number from 1 to `highest`, written in decimal digits or as text that holds such digits."""
        digits = _decimal(node)
        if digits is None:
            self.problem(
                node, f"{what} must be a whole number from 1 to {highest} in plain digits, not {described(node)}"
            )
            return None
        value = int(digits) if len(digits) <= _LONGEST_NUMBER else 0
        if not 1 <= value <= highest:
            self.problem(node, f"{what} must be from 1 to {highest}, not {shown(digits)[1:-1]}")
            return None
        return value

    def _check_size(self, size: int) -> None:
        if size > MAX_SIZE:
            self.stop(1, 1, f"the file is larger than {MAX_SIZE // 1024} KiB; a schedule never is: shorten it")

    def _visit(self, node: Node) -> Node:
        self._visited += 1
        if self._visited > MAX_VALUES:
            self._too_large(node, f"more than {MAX_VALUES} values, aliases counted each time")
        return node

    def _too_large(self, node: Node, excess: str) -> NoReturn:
        self.stop(*_place(node.start_mark), f"the file has {excess}; a schedule never does: shorten it")


def key_name(key: Node) -> str | None:
    """Return the word that a key was written as, or None for a list or mapping as key.

    YAML 1.1 reads an unquoted `on` as true; as a key it is the word.
    """
    if not isinstance(key, ScalarNode):
        return None
    return "on" if key.tag == _BOOLEAN and key.value.lower() == "on" else str(key.value)


def is_text(node: Node) -> bool:
    """Tell whether YAML reads the value as text."""
    return isinstance(node, ScalarNode) and node.tag == _STRING


def is_empty(node: Node) -> bool:
    """Tell whether the value is null or a text without a character."""
    return isinstance(node, ScalarNode) and (node.tag == _NULL or (node.tag == _STRING and not node.value))


def base_60(node: Node) -> int | None:
    """Return the number that YAML 1.1 makes of a time of day without quotes, 970 of 16:10, or None."""
    if not isinstance(node, ScalarNode) or node.tag != _INTEGER:
        return None
    time = re.fullmatch("([0-9]{1,2}):([0-9]{2})", node.value)
    return int(time[1]) * 60 + int(time[2]) if time else None


def described(node: Node) -> str:
    """Name what YAML reads, for the end of "must be a list, not …"."""
    if not isinstance(node, ScalarNode):
        kind = "a list" if isinstance(node, SequenceNode) else "a mapping"
        return kind if node.tag in {_SEQUENCE, _MAPPING} else f"{kind} with the tag {shown(node.tag)}"
    if node.tag == _NULL:
        return "nothing"
    kind = _KINDS.get(node.tag.removeprefix(_TAG), "the tagged value")
    return f"{kind} {shown(node.value)}" if node.tag == _STRING else f"{kind} {shown(node.value)[1:-1]}"


def _decimal(node: Node) -> str | None:
    """Return the digits of a decimal number, with its sign, or None.

    As text, "015" is 15 for the predecessor; unquoted it is 13 for YAML 1.1 and 15 for its author, so it is refused.
    """
    if not isinstance(node, ScalarNode) or node.tag not in {_STRING, _INTEGER}:
        return None
    text, form = (node.value.strip(), "[0-9]+") if node.tag == _STRING else (node.value, "0|[1-9][0-9]*")
    return text if re.fullmatch(f"[-+]?({form})", text) else None


def _place(mark: yaml.Mark | None) -> tuple[int, int]:
    """Return line and column, counted from 1."""
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _end_of(text: str) -> tuple[int, int]:
    """Return line and column of what follows `text`."""
    return text.count("\n") + 1, len(text) - text.rfind("\n")


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _problem(line: int, column: int, message: str) -> Problem:
    """Make a problem of one line; the words may be another module's."""
    return Problem(line, column, " ".join(part.strip() for part in message.splitlines()))
