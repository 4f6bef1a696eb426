"""How much is asked at once: page sizes by what GitHub says a query costs, and REST or GraphQL by what is cheaper.

A query costs the requests that its lists would take, over a hundred, rounded to the nearest whole, at least one point
(https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api). So a page is best just
below a half: one point buys up to 149 requests. Comments are read by REST, a hundred for a point, wherever in the
repository they are; as lists of their items each item would cost a request, whether it has comments or not.
"""

from __future__ import annotations

from dataclasses import dataclass

ISSUE_LISTS = 4
"""Lists that are asked for within an issue: labels, assignees, timeline, and the count of comments."""

PULL_REQUEST_LISTS = 5
"""Reviews as well."""

_REQUESTS_FOR_A_POINT = 149
_LARGEST = 100


@dataclass(frozen=True, slots=True)
class PageSizes:
    """How many issues and pull requests one query asks for; 0: none."""

    issues: int
    pull_requests: int

    @property
    def points(self) -> int:
        """What the query costs.

        >>> PageSizes(37, 0).points, PageSizes(16, 16).points, PageSizes(100, 100).points
        (1, 1, 9)
        """
        requests = sum(
            1 + size * lists
            for size, lists in ((self.issues, ISSUE_LISTS), (self.pull_requests, PULL_REQUEST_LISTS))
            if size
        )
        return max(1, (requests + 50) // 100)

    def smaller(self) -> PageSizes:
        """Return half of it, for a query that was too much for GitHub."""
        return PageSizes((self.issues + 1) // 2, (self.pull_requests + 1) // 2)

    @property
    def is_smallest(self) -> bool:
        """There is nothing to halve any more."""
        return max(self.issues, self.pull_requests) <= 1


def page_sizes(*, issues: bool, pull_requests: bool) -> PageSizes:
    """Return the most that one point buys.

    >>> page_sizes(issues=True, pull_requests=False)
    PageSizes(issues=37, pull_requests=0)
    >>> page_sizes(issues=True, pull_requests=True)
    PageSizes(issues=16, pull_requests=16)
    """
    lists = ISSUE_LISTS * issues + PULL_REQUEST_LISTS * pull_requests
    size = min(_LARGEST, (_REQUESTS_FOR_A_POINT - issues - pull_requests) // lists) if lists else 0
    return PageSizes(size * issues, size * pull_requests)
