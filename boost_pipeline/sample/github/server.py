"""The HTTP server: who asks, what is left of the budget, what goes wrong; and a log of all that was asked.

REST is at `url`, GraphQL at `graphql_url`; the layout of GitHub Enterprise (/api/v3 and /api/graphql) works too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import formatdate
from threading import Lock, RLock, Thread
from types import TracebackType
from typing import Any, Final, Self

from boost_pipeline.sample.github import graphql
from boost_pipeline.sample.github.apps import Apps
from boost_pipeline.sample.github.faults import Fault, FaultPlan
from boost_pipeline.sample.github.http import Reply, Request, error, etag
from boost_pipeline.sample.github.limits import Budget, Limits, Standing, Violation, fingerprint
from boost_pipeline.sample.github.listener import Listener
from boost_pipeline.sample.github.rest import Rest
from boost_pipeline.sample.github.world import World

SAMPLE_TOKEN: Final = "sample-token"  # noqa: S105 - opens nothing
_SECONDARY: Final = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID."
)


_WRONG: Final = "Something went wrong while executing your query."
_TIMEOUT: Final = "This may be the result of a timeout, or it could be a GitHub bug."


@dataclass(frozen=True, slots=True)
class Call:
    """A line of the log. `status` is 0 where no answer was sent; `points` are of the primary budget."""

    number: int
    method: str
    path: str
    query: str
    fingerprint: str
    status: int
    resource: str
    points: int
    at: float
    fault: Fault | None
    size: int
    conditional: bool


class GitHubEmulator:
    """GitHub on loopback, over a world, while the `with` block lasts.

    `calls` is the log, `most_at_once` the most requests that were under way at one time.
    """

    def __init__(
        self,
        world: World,
        *,
        tokens: Mapping[str, Budget] | None = None,
        faults: FaultPlan | None = None,
        clock: Callable[[], float] = time.time,
        enforce_secondary: bool = False,
        installations: Mapping[int, Budget] | None = None,
        before: Callable[[int], None] | None = None,
        alter: Callable[[int, Any], Any] | None = None,
        port: int = 0,
    ) -> None:
        """Prepare; nothing listens yet.

        Args:
            world: What there is. Change it between requests, or from `before`.
            tokens: Token → budget; by default one, `SAMPLE_TOKEN`.
            faults: What goes wrong.
            clock: Seconds of the epoch, for budgets and the Date header; dates of the content are the world's.
            enforce_secondary: Refuse what is over the secondary limit, besides noting it in `violations`.
            installations: Installation of a GitHub App → budget of the tokens that it gets.
            before: Called with the number of each request before it is answered.
            alter: Given the number of a request and the JSON of its answer, returns what is sent instead.
            port: Where to listen; 0 for any free one.
        """
        self.world = world
        self.calls: list[Call] = []
        self.clock = clock
        self.limits = Limits(tokens if tokens is not None else {SAMPLE_TOKEN: Budget()}, clock)
        self._faults = faults or FaultPlan()
        self._enforce = enforce_secondary
        self._apps = Apps(dict(installations or {}), self.limits, clock)
        self._before = before
        self._alter = alter
        self._port = port
        self._rest = Rest(world)
        self._lock = RLock()
        self._counting = Lock()
        self._number = 0
        self._at_once = 0
        self.most_at_once = 0
        self._asked: dict[str | None, int] = {}
        self._server: Listener | None = None

    @property
    def url(self) -> str:
        """The base of REST."""
        assert self._server, "GitHubEmulator answers within its with block"
        return self._server.url

    @property
    def graphql_url(self) -> str:
        """Where GraphQL is."""
        return f"{self.url}/graphql"

    @property
    def enterprise_url(self) -> str:
        """The base of REST in the layout of GitHub Enterprise; GraphQL is at /api/graphql beside it."""
        return f"{self.url}/api/v3"

    @property
    def violations(self) -> list[Violation]:
        """The minutes in which a token made more requests than the secondary limit allows."""
        return self.limits.violations

    @property
    def points(self) -> dict[str, int]:
        """Resource → points spent by all tokens so far."""
        found: dict[str, int] = {}
        for call in self.calls:
            found[call.resource] = found.get(call.resource, 0) + call.points
        return found

    def __enter__(self) -> Self:
        self._server = Listener(self._port, self.answer, self.clock, self._faults.slow_seconds)
        Thread(target=self._server.serve_forever, args=(0.02,), name="github-emulator", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            self._server.stop()

    # ---- one request ----

    def answer(self, request: Request, raw_query: str) -> tuple[Reply, bytes, Fault | None]:
        """Answer a request and log it; the fault is what the connection has to do to the answer."""
        with self._counting:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return self._answer(request, raw_query)
        finally:
            with self._counting:
                self._at_once -= 1

    def _answer(self, request: Request, raw_query: str) -> tuple[Reply, bytes, Fault | None]:
        with self._lock:
            self._number += 1
            number, token = self._number, request.token
            self._asked[token] = self._asked.get(token, 0) + 1
            if token and self._asked[token] > self._faults.revoked.get(token, self._asked[token]):
                self.limits.revoke(token)
        if self._before:
            self._before(number)
        fault = self._faults.fault(number)
        with self._lock, self.world.guard:
            reply, content = self._reply(request, fault, number)
            line = Call(
                number,
                request.method,
                request.path,
                raw_query,
                fingerprint(request.token),
                0 if fault is Fault.RESET else reply.status,
                reply.resource,
                reply.points,
                self.clock(),
                fault,
                len(content),
                "if-none-match" in request.headers,
            )
            self.calls.append(line)
        return reply, content, fault

    def _reply(self, request: Request, fault: Fault | None, number: int) -> tuple[Reply, bytes]:
        is_graphql = request.path == "/graphql"
        resource = "graphql" if is_graphql else "core"
        if fault is Fault.REVOKE and request.token:
            self.limits.revoke(request.token)
        if fault is Fault.EXHAUST:
            self.limits.exhaust(request.token, resource)
        refused = self._refused(request, resource) or self._broken(fault, is_graphql)
        if refused:
            return self._finished(request, replace(refused, resource=resource, points=0))
        reply = self._graphql(request) if is_graphql else self._routed(request)
        if self._alter and reply.status == 200:
            reply = replace(reply, value=self._alter(number, reply.value))
        reply, content = self._finished(request, reply)
        if fault is Fault.PARTIAL and isinstance(reply.value.get("data"), dict):
            return self._finished(request, _partial(reply), spend=False)
        return reply, content

    def _routed(self, request: Request) -> Reply:
        return self._apps.answer(request) or self._limit_page(request) or self._rest.answer(request)

    def _refused(self, request: Request, resource: str) -> Reply | None:
        """Return the answer for somebody who may not ask, or may not ask now."""
        token = request.token
        if not request.headers.get("user-agent"):
            return error(
                403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header"
            )
        if self._apps.is_for(request):
            return None
        if token is not None and not self.limits.knows(token):
            return error(401, "Bad credentials")
        if token is None and resource == "graphql":
            return error(401, "This endpoint requires you to be authenticated.")
        write = request.method != "GET" and resource != "graphql"
        if not self.limits.count(token, resource, 5 if write else 1) and self._enforce:
            return self._secondary(Fault.SECONDARY)
        if request.path != "/rate_limit" and not self.limits.standing(token, resource).remaining:
            return self._exhausted(token, resource)
        return None

    def _exhausted(self, token: str | None, resource: str) -> Reply:
        who = "user ID 1" if token else "127.0.0.1"
        message = f"API rate limit exceeded for {who}. (See the documentation for details.)"
        if resource == "graphql":
            return Reply(200, {"errors": [{"type": "RATE_LIMITED", "message": message}]})
        return error(403, message)

    def _secondary(self, fault: Fault) -> Reply:
        seconds = self._faults.retry_after
        if fault is Fault.SECONDARY_DATE:
            return replace(
                error(429, _SECONDARY), headers={"Retry-After": formatdate(self.clock() + seconds, usegmt=True)}
            )
        headers = {} if fault is Fault.SECONDARY_BARE else {"Retry-After": str(seconds)}
        return replace(error(403, _SECONDARY), headers=headers)

    def _broken(self, fault: Fault | None, is_graphql: bool) -> Reply | None:  # noqa: FBT001
        """Return the answer of a GitHub that does not work, or None."""
        if fault is None:
            return None
        if fault in (Fault.SECONDARY, Fault.SECONDARY_DATE, Fault.SECONDARY_BARE):
            return self._secondary(fault)
        if fault is Fault.LIMIT_BARE:
            return error(403, "API rate limit exceeded for user ID 1.")
        if fault is Fault.SECONDARY_200:
            told = {"errors": [{"type": "RATE_LIMITED", "message": _SECONDARY}]}
            return Reply(200, told) if is_graphql else self._secondary(Fault.SECONDARY)
        if fault is Fault.ERRORS and is_graphql:
            return Reply(200, {"data": None, "errors": [{"message": f"{_WRONG} {_TIMEOUT}"}]})
        if fault is Fault.ACCEPTED:
            return Reply(202, {})
        if fault in (Fault.ERRORS, Fault.PARTIAL) and not is_graphql:
            return error(502, "Server Error")
        return error(int(fault), "Server Error") if fault.value.isdecimal() else None

    def _graphql(self, request: Request) -> Reply:
        if request.method != "POST":
            return replace(error(404, "Not Found"), resource="graphql")
        try:
            value = json.loads(request.body)
        except ValueError:
            return replace(error(400, "Problems parsing JSON"), resource="graphql")
        budget = self.limits.tokens[request.token] if request.token else Budget()
        query = graphql.read(value, budget.scopes)
        if isinstance(query, graphql.Answer):
            return Reply(query.status, query.body, resource="graphql")
        if self._faults.heaviest is not None and query.cost.nodes > self._faults.heaviest:
            return Reply(502, {"data": None, "errors": [{"message": f"{_WRONG} {_TIMEOUT}"}]}, resource="graphql")
        standing = self.limits.standing(request.token, "graphql")
        rate = graphql.Rate(
            standing.limit,
            standing.used + query.cost.points,
            datetime.fromtimestamp(standing.reset, UTC),
            query.cost.points,
            query.cost.nodes,
        )
        context = graphql.Context(self.world, budget.login or "", rate, withheld=self._faults.refused)
        answer = graphql.run(query, context)
        return Reply(answer.status, answer.body, resource="graphql", points=query.cost.points)

    def _limit_page(self, request: Request) -> Reply | None:
        if request.path != "/rate_limit":
            return None
        standings = {
            name: self.limits.standing(request.token, name) for name in ("core", "search", "graphql", "code_search")
        }
        told = {name: _told(standing) for name, standing in standings.items()}
        return Reply(200, {"resources": told, "rate": told["core"]}, points=0)

    def _finished(self, request: Request, reply: Reply, *, spend: bool = True) -> tuple[Reply, bytes]:
        """Add the headers that every answer has, turn an unchanged one into 304, and take the points."""
        content = reply.content()
        headers = dict(reply.headers)
        if reply.status == 200 and request.method == "GET":
            headers["ETag"] = etag(content, request.token)
            headers["Cache-Control"] = "private, max-age=60, s-maxage=60"
            if headers["ETag"] in request.headers.get("if-none-match", ""):
                points = 1 if request.token is None else 0
                reply, content = replace(reply, status=304, value=None, points=points), b""
        if spend:
            self.limits.spend(request.token, reply.resource, reply.points)
        standing = self.limits.standing(request.token, reply.resource)
        headers |= {
            "X-RateLimit-Limit": str(standing.limit),
            "X-RateLimit-Remaining": str(standing.remaining),
            "X-RateLimit-Used": str(standing.used),
            "X-RateLimit-Reset": str(standing.reset),
            "X-RateLimit-Resource": standing.resource,
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Request-Id": f"EMUL:{self._number:04X}",
        }
        return replace(reply, headers=headers), content


def _told(standing: Standing) -> dict[str, int]:
    return {
        "limit": standing.limit,
        "used": standing.used,
        "remaining": standing.remaining,
        "reset": standing.reset,
    }


def _partial(reply: Reply) -> Reply:
    data = dict(reply.value["data"])
    lost = next((name for name in reversed(data) if name != "rateLimit"), None)
    if lost is not None:
        data[lost] = None
    return replace(reply, value={"data": data, "errors": [{"path": [lost], "message": _WRONG}]})
