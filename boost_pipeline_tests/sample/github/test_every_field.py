"""Every field of every type is answered, for everything in the sample."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_non_null_type,
)

from boost_pipeline.sample.github import schema
from boost_pipeline.sample.github.fields.timeline import EVENT_TYPES, event_node_id
from boost_pipeline.sample.github.model import ReviewThread
from boost_pipeline.sample.github.repository import RepositoryState
from boost_pipeline_tests.sample.github.conftest import Client

NODES = [
    name
    for name, kind in schema.load().type_map.items()
    if isinstance(kind, GraphQLObjectType) and any(interface.name == "Node" for interface in kind.interfaces)
]


def everything(kind: GraphQLObjectType, depth: int) -> str:
    """Return a selection of all fields of a type, and of the types below it."""
    chosen = [
        # An alias of their own, because fields of one name may have two types in two fragments.
        f"{kind.name}_{name}: {name}{_arguments(field)}{_below(field, depth)}"
        for name, field in kind.fields.items()
        if not any(is_non_null_type(argument.type) for argument in field.args.values())
    ]
    return " ".join(chosen)


def _arguments(field: GraphQLField) -> str:
    return "(first: 3)" if "first" in field.args else ""


def _below(field: GraphQLField, depth: int) -> str:
    kind = get_named_type(field.type)
    if is_leaf_type(kind):
        return ""
    if depth == 0 or isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
        return " { __typename }"
    assert isinstance(kind, GraphQLObjectType)
    return f" {{ __typename {everything(kind, depth - 1)} }}"


def node_ids(state: RepositoryState) -> list[str]:
    things: list[Any] = [state.facts, *state.items.values(), *state.discussions.values(), *state.comments]
    things += [review for review in state.reviews if review.state != "PENDING"]
    things += [ReviewThread(comment) for comment in state.review_comments if comment.in_reply_to is None]
    things += [
        *state.review_comments,
        *state.labels.values(),
        *state.milestones.values(),
        *list(state.commits.values())[:30],
    ]
    ids = [thing.node_id for thing in things]
    return ids + [event_node_id(event) for event in state.events if event.kind in EVENT_TYPES]


@pytest.mark.parametrize("repository", ["config", "smart_ptr", "geometry", "core", "headers"])
def test_every_field_of_everything_in_a_repository_is_answered(client: Client, repository):
    fragments = " ".join(
        f"... on {name} {{ {everything(schema.load().type_map[name], 1)} }}"  # type: ignore[arg-type]
        for name in NODES
        if name != "Query"
    )
    query = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ __typename {fragments} }} }}"
    world = client.emulator.world
    ids = node_ids(world.repository(repository)) + [account.node_id for account in world.accounts.values()]
    seen = set()
    for start in range(0, len(ids), 10):
        found = client.ask(query, ids=ids[start : start + 10])["nodes"]
        seen |= {node["__typename"] for node in found}

    assert {"Repository", "User", "Bot", "Organization", "Mannequin"} <= seen


def test_the_sample_has_most_kinds_of_events(client: Client):
    kinds = {event.kind for state in client.emulator.world.repositories.values() for event in state.events}

    assert kinds >= {
        "assigned",
        "closed",
        "comment_deleted",
        "committed",
        "convert_to_draft",
        "converted_to_discussion",
        "cross-referenced",
        "head_ref_force_pushed",
        "labeled",
        "locked",
        "mentioned",
        "merged",
        "milestoned",
        "ready_for_review",
        "renamed",
        "reopened",
        "review_dismissed",
        "review_requested",
        "subscribed",
        "transferred",
        "unassigned",
        "unlabeled",
        "unlocked",
    }
