"""REST: paths, what they list or show, pages with Link headers, and where the moved and the gone are.

Links name repositories by their number (/repositories/7590001/issues?page=2), as on github.com.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from boost_pipeline.sample.github.event_payloads import TIMELINE_ONLY, EventPayloads
from boost_pipeline.sample.github.http import Reply, Request, error
from boost_pipeline.sample.github.model import Comment, Issue, PullRequest, ReviewComment
from boost_pipeline.sample.github.payloads import Payloads
from boost_pipeline.sample.github.remark_payloads import RemarkPayloads
from boost_pipeline.sample.github.repository import RepositoryState
from boost_pipeline.sample.github.world import World

DEEPEST: Final = 40_000
"""How far back a list can be paged through before GitHub answers 422."""

_PER_PAGE: Final = 30
_MOST_PER_PAGE: Final = 100
_REPOSITORY: Final = re.compile(r"/(?:repos/([^/]+)/([^/]+)|repositories/(\d+))(/.*)?")


class _Problem(Exception):  # noqa: N818
    """A reply that ends a request early."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


Show = Callable[[Any], Any]


class Rest:
    """REST over a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, request: Request) -> Reply:
        """Answer a request for something that REST has."""
        try:
            return _Answer(self._world, request).reply()
        except _Problem as problem:
            return problem.reply


class _Answer:
    """One request, half answered."""

    def __init__(self, world: World, request: Request) -> None:
        self._world = world
        self._request = request
        self._payloads = Payloads(world, request.base)
        self._words = RemarkPayloads(world, self._payloads)
        self._events = EventPayloads(world, self._payloads, self._words, request.base)
        self._path = request.path.rstrip("/")

    def reply(self) -> Reply:
        if self._request.method != "GET":
            return error(404, "Not Found")
        if found := _REPOSITORY.fullmatch(self._path):
            return self._in_repository(found)
        return self._account() or error(404, "Not Found")

    # ---- accounts and lists of repositories ----

    def _account(self) -> Reply | None:
        world, show = self._world, self._payloads.whole_user
        if self._path == "/user":
            if self._request.token is None:
                return error(401, "Requires authentication")
            users = (account for account in world.accounts.values() if account.kind == "User")
            return Reply(200, show(next(users, world.accounts[min(world.accounts)])))
        if found := re.fullmatch(r"/users/([^/]+)", self._path):
            account = world.login(found[1])
            return Reply(200, show(account)) if account else None
        if found := re.fullmatch(r"/user/(\d+)", self._path):
            account = world.account(int(found[1]))
            return Reply(200, show(account)) if account else None
        if found := re.fullmatch(r"/(?:orgs|users)/([^/]+)/repos", self._path):
            return self._repositories(found[1])
        return None

    def _repositories(self, owner: str) -> Reply | None:
        if self._world.login(owner) is None:
            return None
        found = [
            state
            for state in self._world.repositories.values()
            if state.facts.owner.lower() == owner.lower() and not state.facts.blocked
        ]
        order = self._one_of("sort", ("created", "updated", "pushed", "full_name"), "created")
        key: Mapping[str, Callable[[RepositoryState], Any]] = {
            "created": lambda state: state.facts.created_at,
            "updated": lambda state: state.facts.updated_at,
            "pushed": lambda state: state.facts.pushed_at,
            "full_name": lambda state: state.facts.full_name.lower(),
        }
        found.sort(key=key[order], reverse=self._descending("asc" if order == "full_name" else "desc"))
        return self._page(found, self._payloads.repository, self._path)

    # ---- inside a repository ----

    def _in_repository(self, found: re.Match[str]) -> Reply:
        owner, name, number, rest = found.groups()
        state = self._world.repositories.get(int(number)) if number else self._world.find(owner, name)
        rest = rest or ""
        if state is None:
            return error(404, "Not Found")
        if name and f"{owner}/{name}".lower() != state.facts.full_name.lower():
            return self._moved(f"/repositories/{state.facts.id}{rest}")
        if state.facts.blocked:
            block = {
                "reason": "dmca",
                "created_at": "2019-01-01T00:00:00Z",
                "html_url": "https://github.com/github/dmca",
            }
            return error(451, "Repository access blocked", block=block)
        for pattern, method in _ROUTES:
            if match := pattern.fullmatch(rest):
                reply: Reply = method(self, state, *map(int, match.groups()))
                return reply
        if match := re.fullmatch(r"/commits/([0-9a-f]+)", rest):
            return self._commit(state, match[1])
        return error(404, "Not Found")

    def _moved(self, path: str) -> Reply:
        query = f"?{urlencode(self._request.query)}" if self._request.query else ""
        url = f"{self._request.base}{path}{query}"
        told = {"message": "Moved Permanently", "url": url, "documentation_url": "https://docs.github.com/rest"}
        return Reply(301, told, {"Location": url})

    def _repository(self, state: RepositoryState) -> Reply:
        return Reply(200, self._payloads.whole_repository(state))

    def _languages(self, state: RepositoryState) -> Reply:
        return Reply(200, dict(state.facts.languages))

    def _topics(self, state: RepositoryState) -> Reply:
        return Reply(200, {"names": list(state.facts.topics)})

    def _releases(self, state: RepositoryState) -> Reply:
        """List the releases, the newest first; drafts are for those who may push."""
        found = sorted((r for r in state.releases.values() if r.published_at), key=lambda r: r.created_at, reverse=True)
        return self._listed(state, found, lambda release: self._payloads.release(state, release))

    def _commit(self, state: RepositoryState, sha: str) -> Reply:
        commit = state.commits.get(sha)
        if commit is None:
            return error(422, f"No commit found for SHA: {sha}")
        return Reply(200, self._words.commit(state, commit))

    # ---- lists ----

    def _issues(self, state: RepositoryState) -> Reply:
        items = self._filtered(list(state.items.values()), default="open")
        order = self._one_of("sort", ("created", "updated", "comments"), "created")
        key: Mapping[str, Callable[[Issue], Any]] = {
            "created": lambda item: (item.created_at, item.number),
            "updated": lambda item: (item.updated_at, item.number),
            "comments": lambda item: (state.comments.count(item.number), item.number),
        }
        items.sort(key=key[order], reverse=self._descending("desc"))
        return self._listed(state, items, lambda item: self._payloads.issue(state, item))

    def _pulls(self, state: RepositoryState) -> Reply:
        pulls: list[PullRequest] = self._filtered(state.pulls(), default="open", with_since=False)
        order = self._one_of("sort", ("created", "updated", "popularity", "long-running"), "created")
        key: Mapping[str, Callable[[PullRequest], Any]] = {
            "created": lambda pull: (pull.created_at, pull.number),
            "updated": lambda pull: (pull.updated_at, pull.number),
            "popularity": lambda pull: (state.comments.count(pull.number), pull.number),
            "long-running": lambda pull: (pull.created_at, pull.number),
        }
        pulls = sorted(pulls, key=key[order], reverse=self._descending("desc" if order == "created" else "asc"))
        return self._listed(state, pulls, lambda pull: self._payloads.pull(state, pull))

    def _filtered(self, items: list[Any], *, default: str, with_since: bool = True) -> list[Any]:
        wanted = self._one_of("state", ("open", "closed", "all"), default)
        since = self._since() if with_since else None
        return [item for item in items if wanted in (item.state, "all") and (since is None or item.updated_at >= since)]

    def _all_comments(self, state: RepositoryState) -> Reply:
        return self._remarks(state, list(state.comments), lambda comment: self._words.comment(state, comment))

    def _all_review_comments(self, state: RepositoryState) -> Reply:
        shown = [comment for comment in state.review_comments if self._is_submitted(state, comment)]
        return self._remarks(state, shown, lambda comment: self._words.review_comment(state, comment))

    def _remarks(self, state: RepositoryState, things: Sequence[Comment | ReviewComment], show: Show) -> Reply:
        """List comments of a whole repository; the direction counts only beside a sort, as documented."""
        since = self._since()
        order = self._one_of("sort", ("created", "updated"), "")
        chosen = [thing for thing in things if since is None or thing.updated_at >= since]
        chosen.sort(key=lambda thing: (thing.updated_at if order == "updated" else thing.created_at, thing.id))
        if order and self._descending("desc"):
            chosen.reverse()
        return self._listed(state, chosen, show)

    def _is_submitted(self, state: RepositoryState, comment: ReviewComment) -> bool:
        review = state.reviews.find(comment.review)
        return review is None or review.state != "PENDING"

    def _all_events(self, state: RepositoryState) -> Reply:
        events = [event for event in state.events if event.kind not in TIMELINE_ONLY]
        events.sort(key=lambda event: event.id, reverse=True)
        return self._listed(state, events, lambda event: self._events.listed(state, event))

    def _listed(self, state: RepositoryState, things: Sequence[Any], show: Show) -> Reply:
        tail = re.sub(r"^/(?:repos/[^/]+/[^/]+|repositories/\d+)", "", self._path)
        return self._page(things, show, f"/repositories/{state.facts.id}{tail}")

    # ---- one item ----

    def _issue(self, state: RepositoryState, number: int) -> Reply:
        return Reply(200, self._payloads.whole_issue(state, self._item(state, number)))

    def _pull(self, state: RepositoryState, number: int) -> Reply:
        return Reply(200, self._payloads.whole_pull(state, self._pull_item(state, number)))

    def _item(self, state: RepositoryState, number: int) -> Issue:
        gap = state.gaps.get(number)
        if gap and gap.to:
            tail = self._path.partition(f"/issues/{number}")[2]
            raise _Problem(self._moved(f"/repositories/{gap.to[0]}/issues/{gap.to[1]}{tail}"))
        if gap:
            raise _Problem(error(410, "This issue was deleted"))
        if (item := state.items.get(number)) is None:
            raise _Problem(error(404, "Not Found"))
        return item

    def _pull_item(self, state: RepositoryState, number: int) -> PullRequest:
        item = state.items.get(number)
        if not isinstance(item, PullRequest):
            raise _Problem(error(404, "Not Found"))
        return item

    def _comments(self, state: RepositoryState, number: int) -> Reply:
        self._item(state, number)
        since = self._since()
        found = [c for c in state.comments.of(number) if since is None or c.updated_at >= since]
        return self._listed(state, found, lambda comment: self._words.comment(state, comment))

    def _comment(self, state: RepositoryState, key: int) -> Reply:
        comment = state.comments.find(key)
        return Reply(200, self._words.comment(state, comment)) if comment else error(404, "Not Found")

    def _item_events(self, state: RepositoryState, number: int) -> Reply:
        self._item(state, number)
        events = [event for event in state.events.of(number) if event.kind not in TIMELINE_ONLY]
        return self._listed(state, events, lambda event: self._events.event(state, event))

    def _timeline(self, state: RepositoryState, number: int) -> Reply:
        self._item(state, number)
        things = state.timeline(number)
        return self._listed(state, things, lambda thing: self._events.timeline(state, thing))

    def _reviews(self, state: RepositoryState, number: int) -> Reply:
        self._pull_item(state, number)
        reviews = [review for review in state.reviews.of(number) if review.state != "PENDING"]
        return self._listed(state, reviews, lambda review: self._words.review(state, review))

    def _review_comments(self, state: RepositoryState, number: int) -> Reply:
        self._pull_item(state, number)
        shown = [c for c in state.review_comments.of(number) if self._is_submitted(state, c)]
        return self._remarks(state, shown, lambda comment: self._words.review_comment(state, comment))

    # ---- the query, and pages ----

    def _one_of(self, name: str, options: tuple[str, ...], default: str) -> str:
        value = self._request.query.get(name, default)
        return value if value in options else default

    def _descending(self, default: str) -> bool:
        return self._one_of("direction", ("asc", "desc"), default) == "desc"

    def _since(self) -> datetime | None:
        text = self._request.query.get("since")
        if not text:
            return None
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            raise _Problem(error(422, "Validation Failed", errors=[{"field": "since", "code": "invalid"}])) from None
        return when if when.tzinfo else when.replace(tzinfo=UTC)

    def _number(self, name: str, default: int) -> int:
        text = self._request.query.get(name, "")
        return int(text) if text.isdecimal() and int(text) > 0 else default

    def _page(self, things: Sequence[Any], show: Show, path: str) -> Reply:
        size, page = min(self._number("per_page", _PER_PAGE), _MOST_PER_PAGE), self._number("page", 1)
        if page * size > DEEPEST:
            return error(422, "In order to keep the API fast for everyone, pagination is limited for this resource.")
        last = max(1, -(-len(things) // size))
        pages: dict[str, int] = {}
        if page > 1:
            pages |= {"prev": min(page - 1, last)}
        if page < last:
            pages |= {"next": page + 1, "last": last}
        if page > 1:
            pages |= {"first": 1}
        links = ", ".join(f'<{self._link(path, number)}>; rel="{rel}"' for rel, number in pages.items())
        shown = [show(thing) for thing in things[(page - 1) * size : page * size]]
        return Reply(200, shown, {"Link": links} if links else {})

    def _link(self, path: str, page: int) -> str:
        return f"{self._request.base}{path}?{urlencode({**self._request.query, 'page': page})}"


_ROUTES: Final[tuple[tuple[re.Pattern[str], Callable[..., Reply]], ...]] = tuple(
    (re.compile(pattern), method)
    for pattern, method in (
        ("", _Answer._repository),  # noqa: SLF001 - the table of the class's own methods
        ("/languages", _Answer._languages),  # noqa: SLF001
        ("/topics", _Answer._topics),  # noqa: SLF001
        ("/releases", _Answer._releases),  # noqa: SLF001
        ("/issues", _Answer._issues),  # noqa: SLF001
        ("/issues/comments", _Answer._all_comments),  # noqa: SLF001
        (r"/issues/comments/(\d+)", _Answer._comment),  # noqa: SLF001
        ("/issues/events", _Answer._all_events),  # noqa: SLF001
        (r"/issues/(\d+)", _Answer._issue),  # noqa: SLF001
        (r"/issues/(\d+)/comments", _Answer._comments),  # noqa: SLF001
        (r"/issues/(\d+)/events", _Answer._item_events),  # noqa: SLF001
        (r"/issues/(\d+)/timeline", _Answer._timeline),  # noqa: SLF001
        ("/pulls", _Answer._pulls),  # noqa: SLF001
        ("/pulls/comments", _Answer._all_review_comments),  # noqa: SLF001
        (r"/pulls/(\d+)", _Answer._pull),  # noqa: SLF001
        (r"/pulls/(\d+)/comments", _Answer._review_comments),  # noqa: SLF001
        (r"/pulls/(\d+)/reviews", _Answer._reviews),  # noqa: SLF001
    )
)
