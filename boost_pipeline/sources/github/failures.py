"""What GitHub refuses or fails to do, as errors: one line with the thing asked for, the reason and the mend.

    SourceUnavailable       no answer: the next run tries again
    ├── NoAnswer            no connection, no answer in time, a 5xx, a 202 that never became a 200
    │   └── QueryTimeout    a GraphQL query that GitHub gave up on each time; it is a QueryTooHeavy, too
    ├── QueryTooHeavy       a GraphQL query that is too much for GitHub: ask for a smaller page
    ├── RateLimited         all budgets are spent; carries `retry_at`
    └── Aborted             the work was stopped by `GitHub.abort`
    SourceRefused
    ├── TokenRejected       a 401 for every token
    ├── Forbidden           a 403 that is no limit
    ├── Missing             the thing is not there, for a reason that may be kept
    │   ├── NotFound        404: deleted, private, or it never was
    │   ├── Gone            410: deleted
    │   └── LegallyBlocked  451: taken down
    ├── Rejected            422 and other 4xx, or a GraphQL query that GitHub does not accept; carries `status`
    └── Elsewhere           a redirect that leads to another host, or an address that is none of the API
    SourceCorrupt
    ├── BadAnswer           truncated, no JSON, or JSON of another shape
    └── TooLong             more than we read

Which answer means what belongs to `statuses` and `graphql`.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime

from boost_pipeline.errors import SourceCorrupt, SourceRefused, SourceUnavailable

AGAIN = "the next run tries again"
_LONGEST = 200


class NoAnswer(SourceUnavailable):
    """No answer, or one that says to come back later."""


class QueryTooHeavy(SourceUnavailable):
    """GitHub does not work the query out; one with a smaller page it may."""


class QueryTimeout(QueryTooHeavy, NoAnswer):
    """GitHub gave up on the query; often it does not the next time, else a smaller page helps."""


class RateLimited(SourceUnavailable):
    """Every token is spent, and comes back later than we may wait.

    Attributes:
        retry_at: when the first one comes back.
    """

    category = "rate_limit"

    def __init__(self, message: str, retry_at: datetime) -> None:
        super().__init__(message)
        self.retry_at = retry_at


class Aborted(SourceUnavailable):
    """The work was stopped."""


class TokenRejected(SourceRefused):
    """GitHub does not accept a token, or any of them."""

    category = "auth"


class Forbidden(SourceRefused):
    """The token may not read this."""


class Missing(SourceRefused):
    """What was asked for is not there."""


class NotFound(Missing):
    """It was deleted, is private, or never was."""


class Gone(Missing):
    """It was deleted, or the feature is switched off for the repository."""


class LegallyBlocked(Missing):
    """It was taken down for legal reasons."""


class Rejected(SourceRefused):
    """GitHub does not accept the request as it is.

    Attributes:
        status: of the answer; 200 for a GraphQL query.
    """

    category = "validation"

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Elsewhere(SourceRefused):
    """What is asked for, or where the answer sends us, is no address of the API."""


class BadAnswer(SourceCorrupt):
    """What came is not what the API promises."""


class TooLong(SourceCorrupt):
    """The answer is longer than any that we ask for."""


def plain(text: object) -> str:
    """Return what GitHub says as a short line without control, direction or surrogate characters."""
    visible = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in str(text)[: 10 * _LONGEST])
    line = " ".join(visible.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
