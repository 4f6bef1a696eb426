"""The emulated part of GitHub's GraphQL schema, with its fields bound to what answers them.

`schema.graphql` is a pruned copy of GitHub's public schema, as npm's @octokit/graphql-schema carries it (MIT); the
tests hold the script that prunes it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    StringValueNode,
    ValueNode,
    build_schema,
)

from boost_pipeline.sample.github.fields import FIELDS, items, nodes, people, repositories, timeline
from boost_pipeline.sample.github.fields.timeline import type_of
from boost_pipeline.sample.github.model import (
    Account,
    Comment,
    Commit,
    Discussion,
    Event,
    Issue,
    Label,
    License,
    Milestone,
    PullRequest,
    Review,
    ReviewComment,
    ReviewThread,
)
from boost_pipeline.sample.github.repository import RepositoryState

ROOMS: Final = (items, nodes, people, repositories, timeline)
"""The modules that register fields; importing them is what does it."""

_TYPES: Final = {
    PullRequest: "PullRequest",
    Issue: "Issue",
    RepositoryState: "Repository",
    ReviewComment: "PullRequestReviewComment",
    ReviewThread: "PullRequestReviewThread",
    Discussion: "Discussion",
    Commit: "Commit",
    Label: "Label",
    Milestone: "Milestone",
    License: "License",
}


@cache
def load() -> GraphQLSchema:
    """Return the schema."""
    text = files("boost_pipeline.sample.github").joinpath("schema.graphql").read_text(encoding="utf-8")
    schema = build_schema(text, assume_valid=True)
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__"):
            _bind(kind)
        elif isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            kind.resolve_type = lambda thing, *_: type_name(thing)
        elif isinstance(kind, GraphQLScalarType) and name in ("DateTime", "GitTimestamp"):
            # Assigned as graphql-core's own documentation does it, for schemas that are built from a text.
            kind.serialize = _say_time  # type: ignore[method-assign, assignment]
            kind.parse_value = _read_time  # type: ignore[method-assign, assignment]
            kind.parse_literal = _read_literal  # type: ignore[method-assign, assignment]
    return schema


def _bind(kind: GraphQLObjectType) -> None:
    for name, field in kind.fields.items():
        field.resolve = FIELDS[kind.name][name].resolve
        for argument, definition in field.args.items():
            definition.out_name = re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", argument)


def type_name(thing: Any) -> str:
    """Return the name of the GraphQL type that an object is shown as."""
    if isinstance(thing, Account):
        return thing.kind
    if isinstance(thing, Event | Comment | Review):
        return type_of(thing)
    return _TYPES[type(thing)]


def _say_time(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _read_time(text: Any) -> datetime:
    if not isinstance(text, str):
        raise ValueError(f"{text!r} is no ISO 8601 date.")  # noqa: TRY004 - what graphql-core expects of a scalar
    when = datetime.fromisoformat(text)
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _read_literal(node: ValueNode, _: Any = None) -> datetime:
    return _read_time(node.value if isinstance(node, StringValueNode) else None)
