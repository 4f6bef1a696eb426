"""Accounts: users, bots, organizations and mannequins, and who wrote a commit."""

from __future__ import annotations

from typing import Any

from boost_pipeline.sample.github.connections import Listing
from boost_pipeline.sample.github.fields import attributes, connection, connection_types, constants, field, first_ones
from boost_pipeline.sample.github.model import Account

_ACTORS = "User Bot Organization Mannequin EnterpriseUserAccount"

attributes(_ACTORS, id="node_id", createdAt="created_at")
attributes("User Bot Organization Mannequin", databaseId="id")
attributes("User Organization EnterpriseUserAccount", name="name")
attributes("Team", id="node_id", databaseId="id", name="name", slug="slug")
field("Team", "combinedSlug")(lambda team, _: team.slug)
constants("User", email="")
field("Mannequin", "email")(lambda account, _: next(iter(account.emails), None))
field(_ACTORS, "login")(lambda account, _: login(account))
field(_ACTORS, "url")(lambda account, _: f"https://github.com{_path(account)}")
field(_ACTORS, "resourcePath")(lambda account, _: _path(account))
field(_ACTORS, "avatarUrl")(lambda account, _: f"https://avatars.githubusercontent.com/u/{account.id}?v=4")
connection_types(["User", "GitActor"])

attributes("GitActor", name="name", email="email", date="at")
field("GitActor", "user")(lambda who, info: _user(who.email, info))


def login(account: Account) -> str:
    """Return the login as GraphQL spells it: without the "[bot]" that REST adds."""
    return account.login.removesuffix("[bot]") if account.kind == "Bot" else account.login


def _path(account: Account) -> str:
    return f"/apps/{login(account)}" if account.kind == "Bot" else f"/{account.login}"


def _user(email: str, info: Any) -> Account | None:
    account: Account | None = info.context.world.email(email)
    return account if account and account.kind == "User" else None


@field("Query", "user", "login")
def _find_user(_: Any, info: Any, login: str) -> Account:
    return _found(info, "a User", login, kinds=("User",))


@field("Query", "organization", "login")
def _find_organization(_: Any, info: Any, login: str) -> Account:
    return _found(info, "an Organization", login, kinds=("Organization",))


@field("Query", "repositoryOwner", "login")
def _find_owner(_: Any, info: Any, login: str) -> Account | None:
    account: Account | None = info.context.world.login(login)
    return account if account and account.kind in ("User", "Organization") else None


@field("Query", "viewer")
def _viewer(_: Any, info: Any) -> Account:
    world = info.context.world
    account: Account = world.login(info.context.viewer) or world.login(world.owner)
    return account


def _found(info: Any, what: str, login: str, *, kinds: tuple[str, ...]) -> Account:
    account: Account | None = info.context.world.login(login)
    if account is None or account.kind not in kinds:
        raise info.context.not_found(f"Could not resolve to {what} with the login of '{login}'.")
    return account


@connection("Issue PullRequest", "participants")
def _participants(item: Any, info: Any) -> Listing:
    world, state = info.context.world, info.context.world.repositories[item.repository]
    wrote = [item, *state.comments.of(item.number), *state.reviews.of(item.number)]
    accounts = dict.fromkeys(world.account(thing.author) for thing in wrote)
    return first_ones(account for account in accounts if account and account.kind == "User")


@connection("Issue PullRequest", "assignees")
def _assignees(item: Any, info: Any) -> Listing:
    accounts = map(info.context.world.account, item.assignees)
    return first_ones(account for account in accounts if account and account.kind == "User")
