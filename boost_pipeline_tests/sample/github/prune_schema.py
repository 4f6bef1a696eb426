"""Prune GitHub's public GraphQL schema to what the emulator answers.

    python -m boost_pipeline_tests.sample.github.prune_schema

writes boost_pipeline/sample/github/schema.graphql: the fields of `FIELDS` with the arguments that they understand, the
interfaces of `INTERFACES`, the input fields of `INPUTS`, and the types that these need. Descriptions are left out.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_specified_scalar_type,
)

from boost_pipeline.sample.github import schema
from boost_pipeline.sample.github.fields import FIELDS, INTERFACES
from boost_pipeline_tests.sample.github.public_schema import fetch

INPUTS = {"IssueFilters": ("labels", "since", "states")}
"""Input type → the fields of it that the emulator understands; of others, all."""


def prune(full: GraphQLSchema) -> str:
    """Return the pruned schema as text, types by name."""
    needed: dict[str, str] = {}
    waiting = [*FIELDS, *INTERFACES]
    while waiting:
        name = waiting.pop()
        kind = full.type_map[name]
        if name in needed or is_specified_scalar_type(kind):
            continue
        needed[name], used = _printed(kind)
        waiting += used
    return "\n\n".join(needed[name] for name in sorted(needed)) + "\n"


def _printed(kind: GraphQLNamedType) -> tuple[str, list[str]]:
    if isinstance(kind, GraphQLScalarType):
        return f"scalar {kind.name}", []
    if isinstance(kind, GraphQLEnumType):
        return f"enum {kind.name} {{\n" + "".join(f"  {value}\n" for value in kind.values) + "}", []
    if isinstance(kind, GraphQLUnionType):
        members = [member.name for member in kind.types if member.name in FIELDS]
        return f"union {kind.name} = " + " | ".join(members), members
    if isinstance(kind, GraphQLInputObjectType):
        return _input(kind)
    assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    return _fields(kind)


def _input(kind: GraphQLInputObjectType) -> tuple[str, list[str]]:
    kept = {name: field for name, field in kind.fields.items() if name in INPUTS.get(kind.name, kind.fields)}
    lines = "".join(f"  {name}: {field.type}\n" for name, field in kept.items())
    return f"input {kind.name} {{\n{lines}}}", [get_named_type(field.type).name for field in kept.values()]


def _fields(kind: GraphQLObjectType | GraphQLInterfaceType) -> tuple[str, list[str]]:
    own = FIELDS.get(kind.name) or dict.fromkeys(INTERFACES[kind.name])
    unknown = own.keys() - kind.fields.keys()
    assert not unknown, f"GitHub's {kind.name} has no {', '.join(sorted(unknown))}"
    used, lines = [], []
    for name in sorted(own):
        field = kind.fields[name]
        wanted = own[name].arguments if own[name] else _arguments(kind, name)
        missing = set(wanted) - field.args.keys()
        assert not missing, f"GitHub's {kind.name}.{name} has no {', '.join(sorted(missing))}"
        arguments = [f"{key}: {argument.type}" for key, argument in field.args.items() if key in wanted]
        used += [get_named_type(argument.type).name for key, argument in field.args.items() if key in wanted]
        used.append(get_named_type(field.type).name)
        lines.append(f"  {name}{'(' + ', '.join(arguments) + ')' if arguments else ''}: {field.type}\n")
    word = "interface" if isinstance(kind, GraphQLInterfaceType) else "type"
    interfaces = [i.name for i in kind.interfaces if i.name in INTERFACES and own.keys() >= set(INTERFACES[i.name])]
    implements = f" implements {' & '.join(interfaces)}" if interfaces else ""
    return f"{word} {kind.name}{implements} {{\n{''.join(lines)}}}", used


def _arguments(kind: GraphQLObjectType | GraphQLInterfaceType, name: str) -> tuple[str, ...]:
    """Return the arguments that all kept types understand for a field of their interface."""
    types = [fields[name].arguments for type_name, fields in FIELDS.items() if name in fields and _has(type_name, kind)]
    return tuple(sorted(set.intersection(*map(set, types)))) if types else ()


def _has(type_name: str, interface: GraphQLNamedType) -> bool:
    return FIELDS[type_name].keys() >= set(INTERFACES[interface.name])


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        pruned = prune(fetch(Path(folder)))
    Path(schema.__file__).with_name("schema.graphql").write_text(pruned, encoding="utf-8")
