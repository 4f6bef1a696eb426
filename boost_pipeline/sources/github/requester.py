"""One request until it has an answer: a token, a turn, the exchange, and all that again where GitHub asks for it.

What a request asks for, and which addresses there are, is known to `client`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from boost_pipeline.sources.github import statuses
from boost_pipeline.sources.github.clock import Clock
from boost_pipeline.sources.github.costs import NO_ASSET, Cost, Ledger
from boost_pipeline.sources.github.endpoint import Endpoint
from boost_pipeline.sources.github.failures import Aborted, BadAnswer, NoAnswer, NotFound, RateLimited, TokenRejected
from boost_pipeline.sources.github.governor import Governor
from boost_pipeline.sources.github.limits import Limits
from boost_pipeline.sources.github.pace import Pace
from boost_pipeline.sources.github.rate_limits import RateLimitHeaders, Resource, read_budgets
from boost_pipeline.sources.github.statuses import Limit
from boost_pipeline.sources.github.tokens import Holder, Lease, Renewing, Token, TokenPool
from boost_pipeline.sources.github.transport import Exchange, Parameters, Transport

if TYPE_CHECKING:
    from tenacity import RetryCallState, Retrying

_log = logging.getLogger(__name__)

T = TypeVar("T")

_BUDGETS = "/rate_limit"
_WRITE_POINTS = 5
_LONGEST_BACKOFF = 60.0
_WORTH_TELLING = 5.0
"""Seconds; shorter pauses are the pace of every day."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait of all work, or of most.

    Attributes:
        until: by our clock.
        seconds: until then.
        reason: such as "GitHub: every budget of core is spent".
    """

    until: datetime
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    Attributes:
        what: names it in messages.
        resource: whose budget it takes from.
        method: GET, or POST for a query.
        url: of the API.
        params: of the URL.
        payload: of a query.
        etag: of what we have.
        preferred: fingerprint of the token that the ETag holds for.
    """

    what: str
    resource: Resource
    method: str
    url: str
    params: Parameters | None = None
    payload: Mapping[str, Any] | None = None
    etag: str | None = None
    preferred: str | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that ran into no limit, and the fingerprint of the token that it came for."""

    exchange: Exchange
    fingerprint: str


@dataclass(slots=True)
class _Patience:
    """How long one request may still wait for budgets."""

    left: timedelta


class Requester:
    """Asks; threads may share it.

    Args:
        endpoint: where the API is.
        credentials: tokens and apps.
        limits: how much to ask, wait and read.
        clock: the time.
        on_wait: called when work is to wait for a budget, for a pause that GitHub asks for, or long for its pace.
        pace: shared with other processes; None is our own.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Sequence[Token | Renewing],
        limits: Limits,
        clock: Clock,
        on_wait: Callable[[Wait], None] | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._limits = limits
        self._clock = clock
        self._on_wait = on_wait
        self._governor = Governor(
            limits.points_per_minute, limits.concurrent, monotonic=clock.monotonic, sleep=self._keep_pace, pace=pace
        )
        self._transport = Transport(limits)
        self._waiting = threading.Lock()
        self._stopped = threading.Event()
        self.pool = TokenPool(credentials)
        self.ledger = Ledger()
        self.asset = NO_ASSET

    def ask(self, request: Request, read: Callable[[Response], T | Limit]) -> T:
        """Ask until `read` makes something of the answer, and return that.

        Args:
            request: what is asked for.
            read: given an answer that is no limit by its status; it may find one in the body and return it. What it
                raises ends the work, but for `NoAnswer` and `BadAnswer`, after which we ask again.

        Raises:
            RateLimited: all budgets are spent for longer than we may wait.
            NoAnswer, BadAnswer: however often we asked.
            TokenRejected: GitHub accepts none of the tokens.
            Aborted: the work was stopped.
        """
        patience = _Patience(self._limits.max_wait)
        return self._retrying(request.what)(lambda: self._attempt(request, read, patience))

    def ask_budgets(self) -> None:
        """Ask what is left of every budget, which costs none of it.

        Raises:
            NoAnswer, BadAnswer: however often we asked.
        """
        for holder in self.pool.holders:
            if not holder.rejected:
                self._retrying("the budgets")(self._ask_budgets_of, holder)

    def count(self, cost: Cost) -> None:
        """Add to the costs of the asset that is being worked on."""
        self.ledger.add(self.asset, cost)

    def abort(self) -> None:
        """Stop all work for good."""
        self._stopped.set()
        self._clock.wake()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _attempt(self, request: Request, read: Callable[[Response], T | Limit], patience: _Patience) -> T:
        while True:
            lease = self._lease(request, patience)
            told = None
            try:
                exchange = self._exchange(request, lease)
                told = RateLimitHeaders.read(exchange.headers, self._clock.now())
                limit = statuses.limit(exchange, told)
                outcome: T | Limit = self._read(exchange, lease, read) if limit is None else limit
                if not isinstance(outcome, Limit):
                    self.pool.accepted(lease)
                    return outcome
                self._set_aside(lease, outcome, told)
            except _Refused:
                pass  # noted, so that the next round takes another token, or says that there is none
            finally:
                self.pool.give_back(lease, told)
            self.count(Cost(retries=1))

    def _read(self, exchange: Exchange, lease: Lease, read: Callable[[Response], T | Limit]) -> T | Limit:
        if exchange.status == 401:
            self._refuse(lease, exchange)
        return read(Response(exchange, lease.holder.fingerprint))

    def _lease(self, request: Request, patience: _Patience) -> Lease:
        while True:
            self._go_on()
            found = self.pool.take(request.resource, self._clock.now(), request.preferred)
            if isinstance(found, Lease):
                return found
            reason = "it asks for a pause" if found.is_asked else f"every budget of {request.resource} is spent"
            self._wait(found.until, f"GitHub: {reason}", patience)

    def _wait(self, until: datetime, reason: str, patience: _Patience) -> None:
        began = self._clock.now()
        if until - began > patience.left:
            raise RateLimited(self._too_long(until, reason), until)
        with self._waiting:  # one waits, the others wait for that one
            left = until - self._clock.now()
            if left > timedelta(0):
                wait = Wait(until, left.total_seconds(), reason)
                self._go_on()
                self._tell(wait)
                self._sleep(wait.seconds)
                self.count(Cost(slept_seconds=wait.seconds))
        patience.left -= self._clock.now() - began

    def _keep_pace(self, seconds: float) -> None:
        if seconds >= _WORTH_TELLING:  # by other processes, or by a low limit
            until = self._clock.now() + timedelta(seconds=seconds)
            self._tell(Wait(until, seconds, f"GitHub: {self._limits.points_per_minute} points a minute are used up"))
        self._sleep(seconds)

    def _tell(self, wait: Wait) -> None:
        _log.warning("%s; going on in %.0f s, at %s UTC", wait.reason, wait.seconds, f"{wait.until:%Y-%m-%d %H:%M:%S}")
        if self._on_wait is not None:
            self._on_wait(wait)

    def _exchange(self, request: Request, lease: Lease) -> Exchange:
        authorization = self._authorization(lease.holder)
        with self._governor.turn():
            self.count(Cost(requests=1))
            exchange = self._transport.send(
                request.method,
                request.url,
                what=request.what,
                authorization=authorization,
                params=request.params,
                payload=request.payload,
                etag=request.etag,
            )
        not_modified = exchange.status == 304
        is_free = not_modified and authorization is not None
        points = 0 if is_free or request.resource is Resource.graphql else 1
        self.count(Cost(bytes=exchange.received, not_modified=int(not_modified), points=points))
        return exchange

    def _authorization(self, holder: Holder) -> str | None:
        match holder.credential:
            case None:
                return None
            case Token(value=value):
                return f"Bearer {value}"
            case renewing:
                try:
                    return f"Bearer {renewing.value(self._post, self._clock.now())}"
                except TokenRejected as error:
                    self.pool.reject(holder)
                    if not self.pool.has_accepted:
                        raise
                    _log.warning("%s The other tokens are used.", error)
                    raise _Refused from None

    def _post(self, path: str, authorization: str) -> Exchange:
        with self._governor.turn(_WRITE_POINTS):
            self.count(Cost(requests=1))
            exchange = self._transport.send(
                "POST", f"{self._endpoint.rest}{path}", what=path, authorization=authorization
            )
        self.count(Cost(bytes=exchange.received))
        return exchange

    def _refuse(self, lease: Lease, exchange: Exchange) -> NoReturn:
        holder = lease.holder
        if isinstance(holder.credential, Renewing):
            holder.credential.forget()
        said = statuses.message(exchange) or "no reason given"
        if self.pool.refused(lease):
            _log.warning("GitHub does not accept %s (401, %s); it is not used any more.", holder.label, said)
        raise _Refused

    def _set_aside(self, lease: Lease, limit: Limit, told: RateLimitHeaders) -> None:
        now = self._clock.now()
        if limit is Limit.primary and told.window is not None and told.window.reset_at > now:
            self.pool.spent(lease, told.window)
        else:
            self.pool.throttled(lease, now, told.retry_at)
        _log.info("GitHub sets %s aside for %s: %s", lease.holder.label, lease.resource, limit.value)

    def _ask_budgets_of(self, holder: Holder) -> None:
        request = Request(_BUDGETS, Resource.core, "GET", f"{self._endpoint.rest}{_BUDGETS}")
        self._go_on()
        lease = self.pool.check_out(holder, Resource.core, self._clock.now())
        told = None
        try:
            exchange = self._exchange(request, lease)
            told = RateLimitHeaders.read(exchange.headers, self._clock.now())
            limit = statuses.limit(exchange, told)
            if limit is not None:
                self._set_aside(lease, limit, told)
                return
            body = self._read(exchange, lease, lambda response: statuses.read(response.exchange, _BUDGETS))
            self.pool.learn(holder, read_budgets(body, exchange.headers, self._clock.now()))
        except (_Refused, NotFound):
            return  # noted; or a GitHub Enterprise without limits
        finally:
            self.pool.give_back(lease, told)

    def _retrying(self, what: str) -> Retrying:
        from tenacity import (  # slow
            Retrying,
            retry_if_exception_type,
            stop_after_attempt,
            wait_exponential,
            wait_random,
        )

        first = self._limits.backoff

        def before_sleep(state: RetryCallState) -> None:
            seconds = state.next_action.sleep if state.next_action else 0.0
            # Why is told by the error, once, if no attempt succeeds.
            _log.info("GitHub, %s: attempt %d follows in %.1f s", what, state.attempt_number + 1, seconds)
            self.count(Cost(retries=1, slept_seconds=seconds))

        return Retrying(
            stop=stop_after_attempt(self._limits.attempts),
            wait=wait_exponential(multiplier=first, max=_LONGEST_BACKOFF) + wait_random(0, first),
            retry=retry_if_exception_type((NoAnswer, BadAnswer)),
            before_sleep=before_sleep,
            sleep=self._sleep,
            reraise=True,
        )

    def _sleep(self, seconds: float) -> None:
        self._go_on()
        self._clock.sleep(seconds)
        self._go_on()

    def _go_on(self) -> None:
        if self._stopped.is_set():
            raise Aborted("The work on GitHub was stopped; the next run goes on from here.")

    def _too_long(self, until: datetime, reason: str) -> str:
        minutes = self._limits.max_wait.total_seconds() / 60
        mend = "set GITHUB_TOKEN for more" if self.pool.is_anonymous else "the next run goes on from here"
        return f"{reason} until {until:%Y-%m-%d %H:%M} UTC, and we wait for {minutes:g} minutes at most; {mend}."


class _Refused(Exception):  # noqa: N818 - no failure, only a way out
    """The token was not accepted; that is noted in the pool."""
