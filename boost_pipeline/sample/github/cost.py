"""What a GraphQL query costs and asks for, before it is run, by the formulas that GitHub documents.

Points: the requests needed to fill each unique connection, if every page came full, divided by 100, rounded, at least
one. Nodes: how many all connections together may return, at most 500,000. See
https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)
from graphql.execution.values import get_argument_values, get_directive_values
from graphql.type import GraphQLIncludeDirective, GraphQLInterfaceType, GraphQLSkipDirective

MOST_NODES: Final = 500_000
MOST_RECORDS: Final = 100


class TooMuch(Exception):  # noqa: N818
    """A query that GitHub refuses to run: `kind` is the type of the error it answers with."""

    def __init__(self, kind: str, message: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.kind = kind
        self.path = path


@dataclass(frozen=True, slots=True)
class Cost:
    """Points of the hourly budget, nodes at most, and requests as GitHub counts them."""

    points: int
    nodes: int
    requests: int


def measure(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: dict[str, Any],
) -> Cost:
    """Return the cost of a query.

    Raises:
        TooMuch: a connection without `first` or `last`, with more than 100, or more than 500,000 nodes in all.
    """
    assert schema.query_type
    counter = _Counter(schema, fragments, variables)
    counter.walk(schema.query_type, [operation.selection_set], 1, ("query",))
    if counter.nodes > MOST_NODES:
        raise TooMuch(
            "MAX_NODE_LIMIT_EXCEEDED",
            f"This query requests up to {counter.nodes:,} possible nodes which exceeds the maximum limit of "
            f"{MOST_NODES:,}.",
        )
    # Half a point counts as a whole one; Python's round() would go to the even number.
    return Cost(max(1, (counter.requests + 50) // 100), counter.nodes, counter.requests)


class _Counter:
    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], variables: dict[str, Any]
    ) -> None:
        self._schema, self._fragments, self._variables = schema, fragments, variables
        self.nodes = 0
        self.requests = 0

    def walk(
        self, kind: GraphQLNamedType, selections: list[SelectionSetNode], times: int, path: tuple[str, ...]
    ) -> None:
        """Count what a selection on a type asks for, when it is made `times` times."""
        fields: dict[tuple[str, str], list[FieldNode]] = {}
        for selection in selections:
            for owner, node in self._fields(kind, selection):
                fields.setdefault((owner.name, (node.alias or node.name).value), []).append(node)
        for (owner_name, key), nodes in fields.items():
            self._field(self._schema.type_map[owner_name], nodes, times, (*path, key))

    def _fields(
        self, kind: GraphQLNamedType, selection: SelectionSetNode
    ) -> Iterator[tuple[GraphQLNamedType, FieldNode]]:
        for node in selection.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield kind, node
                continue
            fragment: Any = self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            condition = fragment.type_condition
            inner = self._schema.type_map[condition.name.value] if condition else kind
            yield from self._fields(inner, fragment.selection_set)

    def _included(self, node: Any) -> bool:
        assert isinstance(node, FieldNode | FragmentSpreadNode | InlineFragmentNode)
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def _field(self, owner: GraphQLNamedType, nodes: list[FieldNode], times: int, path: tuple[str, ...]) -> None:
        name = nodes[0].name.value
        selections = [node.selection_set for node in nodes if node.selection_set]
        if not selections or not isinstance(owner, GraphQLObjectType | GraphQLInterfaceType):
            return
        definition = owner.fields[name]
        kind = get_named_type(definition.type)
        arguments = get_argument_values(definition, nodes[0], self._variables)
        if kind.name.endswith("Connection"):
            times = self._connection(kind, selections, arguments, times, path)
        elif isinstance(arguments.get("ids"), list):
            times *= len(arguments["ids"])
        self.walk(kind, selections, times, path)

    def _connection(
        self,
        kind: GraphQLNamedType,
        selections: list[SelectionSetNode],
        arguments: Mapping[str, Any],
        times: int,
        path: tuple[str, ...],
    ) -> int:
        self.requests += times
        records = arguments.get("first") if arguments.get("first") is not None else arguments.get("last")
        asked = {node.name.value for selection in selections for _, node in self._fields(kind, selection)}
        if records is None:
            if not asked & {"nodes", "edges"}:
                return times  # totalCount alone needs no page
            raise TooMuch(
                "MISSING_PAGINATION_BOUNDARIES",
                f"You must provide a `first` or `last` value to properly paginate the `{path[-1]}` connection.",
                path,
            )
        if not 0 <= records <= MOST_RECORDS:
            side = "first" if arguments.get("first") is not None else "last"
            raise TooMuch(
                "EXCESSIVE_PAGINATION",
                f"Requesting {records} records on the `{path[-1]}` connection exceeds the `{side}` limit of "
                f"{MOST_RECORDS} records.",
                path,
            )
        self.nodes += times * records
        return int(times * records)
