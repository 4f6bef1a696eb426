"""The client of GitHub's REST and GraphQL APIs: paths and queries in, parsed answers out.

How a request gets its answer is known to `requester`; which fields an answer has, to whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from boost_pipeline.errors import SettingsError
from boost_pipeline.redaction import Redactor
from boost_pipeline.sources.github import graphql, statuses
from boost_pipeline.sources.github.answers import Answer, GraphQLAnswer, read_etag, write_etag
from boost_pipeline.sources.github.app_token import AppCredentials, AppToken
from boost_pipeline.sources.github.clock import Clock, SystemClock
from boost_pipeline.sources.github.costs import Cost, Costs
from boost_pipeline.sources.github.endpoint import Endpoint, host_of, next_link
from boost_pipeline.sources.github.failures import AGAIN, BadAnswer, Elsewhere, Missing, plain
from boost_pipeline.sources.github.limits import Limits
from boost_pipeline.sources.github.pace import Pace
from boost_pipeline.sources.github.rate_limits import Resource
from boost_pipeline.sources.github.raw_pages import RawPages, RawRequest
from boost_pipeline.sources.github.requester import Request, Requester, Response, Wait
from boost_pipeline.sources.github.statuses import Limit
from boost_pipeline.sources.github.tokens import Renewing, Token, TokenBudget
from boost_pipeline.sources.github.transport import Exchange, Parameters

_REDIRECTS = 5


class GitHub:
    """GitHub's API; threads may share it. Nothing is opened before the first request.

    Args:
        api_url: "https://api.github.com", or "https://<host>/api/v3" of a GitHub Enterprise.
        tokens: personal tokens and apps. Without any, REST works with 60 requests an hour, and GraphQL not at all.
        raw: where answers are kept as they came; None keeps none.
        limits: how much to ask, wait and read.
        clock: the time.
        redactor: learns every token, so that no log shows it.
        on_wait: called, from whatever thread, when work is to wait long, for a progress bar to show.
        pace: the governor's level, shared with other processes; None is our own.

    Raises:
        SettingsError: the URL is none that a token may be sent to.
    """

    def __init__(
        self,
        *,
        api_url: str = "https://api.github.com",
        tokens: Sequence[Token | AppCredentials] = (),
        raw: RawPages | None = None,
        limits: Limits | None = None,
        clock: Clock | None = None,
        redactor: Redactor | None = None,
        on_wait: Callable[[Wait], None] | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._endpoint = Endpoint.read(api_url)
        self._clock = clock or SystemClock()
        self._raw = raw
        credentials = [_credential(token, redactor or Redactor()) for token in tokens]
        self._requester = Requester(self._endpoint, credentials, limits or Limits(), self._clock, on_wait, pace)

    def get(
        self, path: str, params: Parameters | None = None, *, etag: str | None = None, label: str | None = None
    ) -> Answer:
        """Ask the REST API for one thing, or for one page of a list.

        Args:
            path: such as "/repos/boostorg/asio"; an `Answer.next_url` is taken, too.
            params: of the path.
            etag: of an earlier `Answer` to the same; if nothing changed since, the answer is "not modified".
            label: names the raw page; the path does without it.

        Raises:
            RateLimited: all budgets are spent for longer than we may wait.
            NoAnswer: none came, however often we asked.
            TokenRejected, Forbidden: the tokens are no good, or not for this.
            NotFound, Gone, LegallyBlocked: it is not there.
            Rejected: GitHub does not understand the request.
            Elsewhere: the answer is on another host.
            BadAnswer, TooLong: what came is damaged, or no answer at all.
        """
        url = self._endpoint.url(path)
        if url is None:
            raise Elsewhere(f"GitHub, {plain(path)}: no address of the API; a developer looks at the request.")
        what = self._endpoint.path(url)
        preferred, known = read_etag(etag)
        request = Request(what, Resource.of_path(what), "GET", url, params, etag=known, preferred=preferred)
        source = RawRequest(label or what, "GET", what, dict(parse_qsl(urlsplit(url).query)) | dict(params or {}))
        for _ in range(1 + _REDIRECTS):
            moved_to = None if request.url == url else self._endpoint.path(request.url)
            response, body = self._ask(request, source, moved_to)
            if response.exchange.status not in statuses.REDIRECTS:
                return self._answer(response, body, source, moved_to, etag)
            request = self._redirected(request, response.exchange)
        raise Elsewhere(f"GitHub, {what}: more than {_REDIRECTS} redirects in a row; {AGAIN}.")

    def pages(self, path: str, params: Parameters | None = None, *, label: str | None = None) -> Iterator[Answer]:
        """Yield the pages of a list or a search, as GitHub links them; `Answer.items` has their entries.

        Raises:
            BadAnswer: the pages lead round in a circle, or to another host.
            BoostPipelineError: as `get`.
        """
        seen: set[str] = set()
        following: str | None = path
        while following is not None:
            answer = self.get(following, params, label=label or path)
            yield answer
            seen |= {following, answer.final_url}
            following, params = answer.next_url, None
            if following in seen:
                raise BadAnswer(f"GitHub, {answer.path}: the pages lead round in a circle; {AGAIN}.")

    def graphql(self, query: str, variables: Mapping[str, Any], *, label: str) -> GraphQLAnswer:
        """Ask the GraphQL API; the query should ask for `rateLimit { cost }`, as nothing else tells its cost.

        Args:
            query: with a name: "query Issues($owner: String!) { … }".
            variables: of the query.
            label: names the raw page.

        Raises:
            ValueError: it is no query: nothing is ever written.
            SettingsError: there is no token.
            QueryTooHeavy: GitHub does not work it out; ask for a smaller page.
            RateLimited, NoAnswer, TokenRejected, Forbidden, Rejected, BadAnswer, TooLong: as `get`.
        """
        name = graphql.query_name(query) or label
        if self._requester.pool.is_anonymous:
            raise SettingsError("GitHub's GraphQL API answers nobody without a token; set GITHUB_TOKEN.")
        what = f"query {name}"
        payload = {"query": query, "variables": dict(variables)}

        def read(response: Response) -> Limit | tuple[Exchange, GraphQLAnswer]:
            exchange = response.exchange
            body = graphql.parse(exchange, what)
            cost = graphql.cost(body)
            self._requester.count(Cost(points=cost))
            if (limit := graphql.limit(body)) is not None:
                return limit
            data, errors = graphql.read(body, exchange, what)
            return exchange, GraphQLAnswer(data, errors, cost, None)

        request = Request(what, Resource.graphql, "POST", self._endpoint.graphql, payload=payload)
        exchange, answer = self._requester.ask(request, read)
        page = self._keep(RawRequest(label, "POST", "/graphql", variables, name), exchange, None)
        return replace(answer, page=page)

    def budget(self) -> list[TokenBudget]:
        """Return what is known of every budget of every token, without asking."""
        return self._requester.pool.budget()

    def refresh_budget(self) -> list[TokenBudget]:
        """Ask what is left of every budget, which costs none of it, and return it.

        Raises:
            NoAnswer: none came.
        """
        self._requester.ask_budgets()
        return self.budget()

    def costs(self) -> Costs:
        """Return what was spent so far, by asset."""
        return self._requester.ledger.costs()

    @contextmanager
    def accounted(self, asset: str) -> Iterator[None]:
        """Count what is asked inside the block, by whichever thread, to `asset`: one asset at a time."""
        before, self._requester.asset = self._requester.asset, asset
        try:
            yield
        finally:
            self._requester.asset = before

    def abort(self) -> None:
        """Stop all work for good, from any thread: whatever waits, or asks from now on, raises `Aborted`."""
        self._requester.abort()

    def close(self) -> None:
        """Close the connections."""
        self._requester.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, request: Request, source: RawRequest, moved_to: str | None) -> tuple[Response, Any]:
        def read(response: Response) -> tuple[Response, Any]:
            try:
                body = statuses.read(response.exchange, request.what, conditional=request.etag is not None)
            except Missing:
                if statuses.message(response.exchange):  # else it is a page of some server before GitHub
                    self._keep(source, response.exchange, moved_to)
                raise
            return response, body

        return self._requester.ask(request, read)

    def _redirected(self, request: Request, exchange: Exchange) -> Request:
        target = self._endpoint.follow(exchange.url, exchange.headers.get("Location", ""))
        if target is None:
            host = plain(host_of(exchange.headers.get("Location", "")))
            raise Elsewhere(f"GitHub, {request.what}: it moved to {host}, which is not asked; see what it is now.")
        return replace(request, url=target, params=None)

    def _answer(
        self, response: Response, body: Any, source: RawRequest, moved_to: str | None, etag: str | None
    ) -> Answer:
        exchange = response.exchange
        target = next_link(exchange.headers.get("Link", ""))
        next_url = None if target is None else self._endpoint.follow(exchange.url, target)
        if target is not None and next_url is None:
            host = plain(host_of(target))
            raise BadAnswer(
                f"GitHub, {source.path}: the next page is at {host}, which is not asked; check GITHUB_API_URL."
            )
        not_modified = exchange.status == 304
        return Answer(
            path=source.path,
            status=exchange.status,
            body=body,
            etag=write_etag(response.fingerprint, exchange.headers.get("ETag")) or (etag if not_modified else None),
            not_modified=not_modified,
            final_url=exchange.url,
            page=None if body is None else self._keep(source, exchange, moved_to),
            moved_to=moved_to,
            next_url=next_url,
        )

    def _keep(self, source: RawRequest, exchange: Exchange, moved_to: str | None) -> str | None:
        if self._raw is None:
            return None
        now = self._clock.now()
        return self._raw.keep(source, exchange.body, status=exchange.status, fetched_at=now, moved_to=moved_to)


def _credential(token: Token | AppCredentials, redactor: Redactor) -> Token | Renewing:
    if isinstance(token, Token):
        redactor.add(token.value)
        return token
    redactor.add(token.private_key)
    return AppToken(token, redactor.add)
