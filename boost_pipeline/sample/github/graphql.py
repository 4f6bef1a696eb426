"""GraphQL requests: read, validated, priced and run; the answer is what GitHub would send with status 200 or 400."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, TypeGuard

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    MiddlewareManager,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    execute,
    parse,
    validate,
    visit,
)
from graphql.execution.values import get_variable_values

from boost_pipeline.sample.github import schema
from boost_pipeline.sample.github.connections import BadCursor
from boost_pipeline.sample.github.cost import Cost, TooMuch, measure
from boost_pipeline.sample.github.faults import Refused
from boost_pipeline.sample.github.world import World

_DOCUMENTATION: Final = "https://docs.github.com/graphql"


@dataclass(frozen=True, slots=True)
class Rate:
    """The budget after this query, as `rateLimit` tells it."""

    limit: int
    used: int
    reset_at: datetime
    cost: int
    nodes: int

    @property
    def remaining(self) -> int:
        """The points that are left."""
        return max(0, self.limit - self.used)


class Refusal(Exception):  # noqa: N818
    """An error of one field, with GitHub's type for it; its neighbours are answered."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(slots=True)
class Context:
    """What resolvers may ask for: the world, who asks, the budget; and where they leave errors of list members."""

    world: World
    viewer: str
    rate: Rate
    refusal: type[Refusal] = Refusal
    noted: list[dict[str, Any]] = field(default_factory=list)
    withheld: Sequence[Refused] = ()

    def not_found(self, message: str) -> Refusal:
        """Return the error for a thing that is not there."""
        return Refusal("NOT_FOUND", message)

    def refused(self, kind: str, message: str) -> Refusal:
        """Return an error of another type."""
        return Refusal(kind, message)

    def note(self, error: Refusal, info: Any, index: int) -> None:
        """Leave an error for one member of the list that a field returns."""
        self.noted.append({"type": error.kind, "path": [*info.path.as_list(), index], "message": str(error)})


@dataclass(frozen=True, slots=True)
class Query:
    """A query that can be run: what it asks for, with which variables, at what price."""

    document: DocumentNode
    variables: dict[str, Any]
    raw_variables: dict[str, Any]
    name: str | None
    cost: Cost


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body."""

    status: int
    body: dict[str, Any]


SCOPES: Final = {"Team": "read:org"}
"""Type → the scope that a token needs for its fields."""


def read(request: Any, scopes: Collection[str] = ()) -> Query | Answer:
    """Read and price the JSON body of a request; what GitHub would not run comes back as its answer.

    A field that needs a scope which is not among `scopes` spoils the whole query, whether anything has it or not.
    """
    if not isinstance(request, dict) or not isinstance(request.get("query"), str):
        return Answer(
            400,
            {
                "message": "A query attribute must be specified and must be a string.",
                "documentation_url": _DOCUMENTATION,
            },
        )
    document, errors = _document(request["query"])
    if document is None:
        return Answer(200, {"errors": errors})
    if lacking := [told for scope, told in _scoped(request["query"]) if scope not in scopes]:
        return Answer(200, {"errors": [{"type": "INSUFFICIENT_SCOPES", "message": told} for told in lacking]})
    operation = _operation(document, request.get("operationName"))
    if operation is None:
        return Answer(200, {"errors": [{"message": "An operation name is required"}]})
    raw = request.get("variables") or {}
    variables = get_variable_values(schema.load(), operation.variable_definitions or (), raw)
    if isinstance(variables, list):
        return Answer(200, {"errors": [_told(error) for error in variables]})
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    try:
        cost = measure(schema.load(), operation, fragments, variables)
    except TooMuch as error:
        return Answer(200, {"errors": [{"type": error.kind, "path": list(error.path), "message": str(error)}]})
    return Query(document, variables, raw, operation.name.value if operation.name else None, cost)


def run(query: Query, context: Context) -> Answer:
    """Run a query."""
    result = execute(
        schema.load(),
        query.document,
        context_value=context,
        variable_values=query.raw_variables,
        operation_name=query.name,
        is_awaitable=_never,
        middleware=MiddlewareManager(_refusing) if context.withheld else None,
    )
    assert isinstance(result, ExecutionResult), "no resolver is a coroutine"
    body: dict[str, Any] = {"data": result.data}
    errors = [_told(error) for error in result.errors or ()] + context.noted
    return Answer(200, {**body, "errors": errors} if errors else body)


def _never(_: Any) -> TypeGuard[Any]:
    """Say that no value is awaitable: asking graphql-core's own way takes a tenth of the time of a query."""
    return False


@lru_cache(maxsize=256)
def _document(text: str) -> tuple[DocumentNode | None, list[dict[str, Any]]]:
    try:
        document = parse(text)
    except GraphQLError as error:
        return None, [_told(error)]
    errors = validate(schema.load(), document)
    if errors:
        return None, [_told(error) for error in errors]
    return document, []


@lru_cache(maxsize=256)
def _scoped(text: str) -> tuple[tuple[str, str], ...]:
    """Return the scopes that a valid query needs, with what GitHub says where one lacks."""
    info, found = TypeInfo(schema.load()), list[tuple[str, str]]()

    class Fields(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            parent = info.get_parent_type()
            scope = SCOPES.get(parent.name) if parent else None
            if scope and node.name.value != "__typename":
                told = (
                    "Your token has not been granted the required scopes to execute this query. The "
                    f"'{node.name.value}' field requires one of the following scopes: ['{scope}']. Please modify your "
                    "token's scopes at: https://github.com/settings/tokens."
                )
                found.append((scope, told))

    visit(parse(text), TypeInfoVisitor(info, Fields()))
    return tuple(found)


def _refusing(resolve: Callable[..., Any], thing: Any, info: Any, **arguments: Any) -> Any:
    """Answer a field, unless it is refused."""
    name = f"{info.parent_type.name}.{info.field_name}"
    for refused in info.context.withheld:
        if refused.field == name and refused.meets(thing):
            raise Refusal(refused.kind, refused.message)
    return resolve(thing, info, **arguments)


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    found = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name:
        return next((node for node in found if node.name and node.name.value == name), None)
    return found[0] if len(found) == 1 else None


def _told(error: GraphQLError) -> dict[str, Any]:
    told: dict[str, Any] = {"message": error.message}
    if error.locations:
        told["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path:
        told["path"] = error.path
    if isinstance(error.original_error, Refusal):
        told |= {"type": error.original_error.kind} if error.original_error.kind else {}
    elif isinstance(error.original_error, BadCursor):
        told["type"] = "INVALID_CURSOR_ARGUMENTS"
    elif error.original_error is not None and not isinstance(error.original_error, GraphQLError):
        raise error.original_error  # a fault of the emulator: never an answer
    return told
