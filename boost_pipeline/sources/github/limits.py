"""How much the client may ask, wait and read; each number has its reason here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one client.

    Attributes:
        points_per_minute: that go out at most, in any minute. GitHub's secondary limit is 900 points for REST and more
            for GraphQL; a read is one point. Several tokens share it, as GitHub also watches the address.
        concurrent: requests at once. GitHub asks for few (it forbids more than 100); at an answer time of 200 ms, four
            are needed to reach 900 a minute.
        max_wait: how long one request may wait for budgets to come back, all waits together. A budget comes back after
            an hour at most.
        attempts: how often to ask a host that fails, limits aside.
        backoff: seconds before the second attempt; twice as long, and some jitter, before each further one.
        connect_timeout: seconds until the connection stands.
        read_timeout: seconds of silence. GitHub itself gives up on a request after ten.
        body_timeout: seconds until the whole answer is there.
        max_body: bytes of one answer, unpacked.
    """

    points_per_minute: int = 900
    concurrent: int = 4
    max_wait: timedelta = timedelta(minutes=65)
    attempts: int = 6
    backoff: float = 1.0
    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    body_timeout: float = 120.0
    max_body: int = 64 * 1024 * 1024
