"""The GitHub source: a client of its REST and GraphQL APIs, which waits, asks again, and counts what it costs.

`client` is what collectors use, made by `opening`; `requester` brings a request to its answer. For that: `tokens` and
`app_token` (who asks), `governor` and `pace` (how fast), `limits` (how much), `transport` (over HTTP), `endpoint`
(where). What comes: `statuses`, `rate_limits` and `graphql` read it, `failures` are the errors, `answers` the results.
What stays: `raw_pages` and `costs`. Requests, tenacity, PyJWT and zstandard are imported where they are first needed.
"""

from boost_pipeline.sources.github.answers import Answer, GraphQLAnswer, GraphQLError, read_errors
from boost_pipeline.sources.github.app_token import AppCredentials
from boost_pipeline.sources.github.client import GitHub
from boost_pipeline.sources.github.clock import Clock, SystemClock
from boost_pipeline.sources.github.costs import Cost, Costs
from boost_pipeline.sources.github.failures import (
    Aborted,
    BadAnswer,
    Elsewhere,
    Forbidden,
    Gone,
    LegallyBlocked,
    Missing,
    NoAnswer,
    NotFound,
    QueryTimeout,
    QueryTooHeavy,
    RateLimited,
    Rejected,
    TokenRejected,
    TooLong,
)
from boost_pipeline.sources.github.limits import Limits
from boost_pipeline.sources.github.opening import app_credentials, open_github
from boost_pipeline.sources.github.pace import SharedPace
from boost_pipeline.sources.github.rate_limits import Resource
from boost_pipeline.sources.github.raw_pages import Pruned, RawPage, RawPages, RawRequest
from boost_pipeline.sources.github.requester import Wait
from boost_pipeline.sources.github.tokens import Token, TokenBudget

__all__ = [
    "Aborted",
    "Answer",
    "AppCredentials",
    "BadAnswer",
    "Clock",
    "Cost",
    "Costs",
    "Elsewhere",
    "Forbidden",
    "GitHub",
    "Gone",
    "GraphQLAnswer",
    "GraphQLError",
    "LegallyBlocked",
    "Limits",
    "Missing",
    "NoAnswer",
    "NotFound",
    "Pruned",
    "QueryTimeout",
    "QueryTooHeavy",
    "RateLimited",
    "RawPage",
    "RawPages",
    "RawRequest",
    "Rejected",
    "Resource",
    "SharedPace",
    "SystemClock",
    "Token",
    "TokenBudget",
    "TokenRejected",
    "TooLong",
    "Wait",
    "app_credentials",
    "open_github",
    "read_errors",
]
