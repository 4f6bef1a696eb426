"""Which fields of GitHub's GraphQL schema the emulator has, and how each is answered.

The modules of this package register resolvers in `FIELDS`; the pruned copy of the schema beside this package holds
exactly these fields with exactly these arguments, so a query that asks for more is refused and not answered wrongly.
A resolver takes the object, graphql-core's info, and the arguments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from operator import attrgetter
from typing import Any, Final, NamedTuple

from boost_pipeline.sample.github.connections import Connection, Listing, Paging, page

Resolver = Callable[..., Any]
PAGING: Final = ("first", "after", "last", "before")


class Field(NamedTuple):
    """How a field is answered, and the arguments that it understands."""

    resolve: Resolver
    arguments: tuple[str, ...] = ()


FIELDS: Final[dict[str, dict[str, Field]]] = defaultdict(dict)
"""Type → field → how it is answered."""

INTERFACES: Final[dict[str, tuple[str, ...]]] = {
    "Node": ("id",),
    "Actor": ("login", "url", "avatarUrl", "resourcePath"),
    "RepositoryOwner": ("id", "login", "url", "avatarUrl", "resourcePath", "repositories", "repository"),
    "GitObject": ("id", "oid", "abbreviatedOid"),
    "Comment": ("id", "author", "authorAssociation", "body", "createdAt", "updatedAt", "lastEditedAt"),
    "RepositoryNode": ("repository",),
    "Closable": ("closed", "closedAt"),
    "Lockable": ("locked", "activeLockReason"),
    "Assignable": ("assignees",),
    "Labelable": ("labels",),
}
"""Interface → the fields of it that are kept; a type has an interface if it has all of these."""


def field(types: str, name: str, *arguments: str) -> Callable[[Resolver], Resolver]:
    """Register a resolver for a field of one type or of several (separated by blanks)."""

    def register(resolve: Resolver) -> Resolver:
        for type_name in types.split():
            FIELDS[type_name][name] = Field(resolve, arguments)
        return resolve

    return register


def attributes(types: str, **names: str) -> None:
    """Register fields that are attributes of the object: `createdAt="created_at"`."""
    for name, attribute in names.items():
        field(types, name)(_attribute(attribute))


def constants(types: str, **values: Any) -> None:
    """Register fields that say the same of every object."""
    for name, value in values.items():
        field(types, name)(partial(_say, value))


def _say(value: Any, _thing: Any, _info: Any) -> Any:
    return value


def _attribute(attribute: str) -> Resolver:
    get = attrgetter(attribute)
    return lambda thing, _: get(thing)


def connection(types: str, name: str, *arguments: str) -> Callable[[Callable[..., Listing]], Callable[..., Listing]]:
    """Register a connection: the resolver returns all that is in it, and paging is done here."""

    def register(listing: Callable[..., Listing]) -> Callable[..., Listing]:
        """Make the resolver the field of that name, paged."""

        def resolve(
            thing: Any,
            info: Any,
            first: int | None = None,
            after: str | None = None,
            last: int | None = None,
            before: str | None = None,
            **others: Any,
        ) -> Connection:
            return page(listing(thing, info, **others), Paging(first, after, last, before))

        field(types, name, *PAGING, *arguments)(resolve)
        return listing

    return register


def connection_types(names: Iterable[str]) -> None:
    """Register the fields that all connections and their edges and pages have; `Issue` is for IssueConnection."""
    for name in names:
        field(f"{name}Connection", "nodes")(lambda page, _: page.nodes)
        field(f"{name}Connection", "edges")(lambda page, _: [(page, node) for node in page.nodes])
        field(f"{name}Connection", "totalCount")(lambda page, _: len(page.listing.things))
        field(f"{name}Connection", "pageInfo")(lambda page, _: page)
        field(f"{name}Edge", "node")(lambda edge, _: edge[1])
        field(f"{name}Edge", "cursor")(lambda edge, _: edge[0].cursor(edge[1]))


def state_of(thing: Any, info: Any) -> Any:
    """Return the state of the repository that a thing is in."""
    return info.context.world.repositories[thing.repository]


def first_ones(things: Iterable[Any]) -> Listing:
    """Return a listing of few things in the order that they have."""
    places = list(enumerate(things))
    return Listing([thing for _, thing in places], _Places({id(thing): place for place, thing in places}))


class _Places:
    """The place of each thing as its sort key."""

    def __init__(self, places: dict[int, int]) -> None:
        self._places = places

    def __call__(self, thing: Any) -> tuple[int]:
        return (self._places[id(thing)],)


field("PageInfo", "hasNextPage")(lambda page, _: page.has_next)
field("PageInfo", "hasPreviousPage")(lambda page, _: page.has_previous)
field("PageInfo", "endCursor")(lambda page, _: page.cursor(page.nodes[-1]) if page.nodes else None)
field("PageInfo", "startCursor")(lambda page, _: page.cursor(page.nodes[0]) if page.nodes else None)
