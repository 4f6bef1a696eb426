"""The pruned schema is a part of GitHub's public one, and all of it is answered."""

from __future__ import annotations

from importlib.resources import files

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    get_named_type,
    parse,
    validate,
    validate_schema,
)

from boost_pipeline.sample.github import schema
from boost_pipeline.sample.github.fields import FIELDS
from boost_pipeline_tests.sample.github.conftest import Client
from boost_pipeline_tests.sample.github.prune_schema import prune
from boost_pipeline_tests.sample.github.public_schema import OutOfReach, fetch


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> GraphQLSchema:
    """GitHub's public schema."""
    try:
        return fetch(tmp_path_factory.mktemp("schema"))
    except OutOfReach as reason:
        pytest.skip(str(reason))


def test_the_pruned_schema_is_a_valid_schema():
    text = (files("boost_pipeline.sample.github") / "schema.graphql").read_text(encoding="utf-8")

    assert validate_schema(build_schema(text)) == []


def test_every_field_has_a_resolver_and_every_resolver_a_field():
    types = {
        name: set(kind.fields)
        for name, kind in schema.load().type_map.items()
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__")
    }

    assert types == {name: set(fields) for name, fields in FIELDS.items()}


@pytest.mark.slow
def test_every_type_and_field_is_in_the_public_schema_with_the_same_type(full):
    for name, kind in schema.load().type_map.items():
        public = full.type_map[name]
        assert type(public) is type(kind)
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field, definition in kind.fields.items():
                assert str(definition.type) == str(public.fields[field].type), f"{name}.{field}"
                ours = {key: str(argument.type) for key, argument in definition.args.items()}
                theirs = {key: str(argument.type) for key, argument in public.fields[field].args.items()}
                assert ours.items() <= theirs.items(), f"{name}.{field}"
            assert {i.name for i in kind.interfaces} <= {i.name for i in public.interfaces}
        elif isinstance(kind, GraphQLInputObjectType):
            assert {key: str(f.type) for key, f in kind.fields.items()}.items() <= {
                key: str(f.type) for key, f in public.fields.items()
            }.items()
        elif isinstance(kind, GraphQLEnumType):
            assert set(kind.values) <= set(public.values)
        elif isinstance(kind, GraphQLUnionType):
            assert {get_named_type(t).name for t in kind.types} <= {t.name for t in public.types}


@pytest.mark.slow
def test_pruning_the_public_schema_again_gives_the_same_fields(full):
    """An enum may have grown since; types, fields and arguments come from the table of resolvers."""
    again = build_schema(prune(full), assume_valid=True)

    assert set(again.type_map) == set(schema.load().type_map)


@pytest.mark.slow
def test_a_query_that_the_emulator_takes_is_one_that_github_takes(full):
    document = parse(
        """query($name: String!) { repository(owner: "boostorg", name: $name) { pullRequests(first: 1) {
        nodes { timelineItems(first: 9, itemTypes: [MERGED_EVENT]) { nodes { ... on MergedEvent { actor { login } } }
        } } } } }"""
    )

    assert validate(schema.load(), document) == []
    assert validate(full, document) == []


def test_a_query_for_what_the_emulator_lacks_is_refused_and_not_answered_wrongly(client: Client):
    error = client.refused("{ viewer { gists(first: 1) { totalCount } } }")

    assert "gists" in error["message"]
