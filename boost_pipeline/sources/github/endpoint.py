"""Where the API is, and which addresses belong to it: no request, and no token, goes anywhere else.

What an answer's headers Link and Location lead to is taken only below the API's own address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from boost_pipeline.errors import SettingsError

_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[^,;<>]+)*)")
_NEXT = re.compile(r";\s*rel\s*=\s*\"?(?:[^\";]*\s)?next(?:\s[^\";]*)?\"?\s*(?:;|$)", re.IGNORECASE)
_LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|::1")
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of the API.

    Attributes:
        rest: of the REST API, such as "https://api.github.com" or "https://github.example.org/api/v3".
        graphql: of the GraphQL API.
    """

    rest: str
    graphql: str

    @classmethod
    def read(cls, api_url: str) -> Endpoint:
        """Read the setting.

        Raises:
            SettingsError: no request could go there, or not without showing the token to others.
        """
        url = api_url.rstrip("/")
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise SettingsError("GITHUB_API_URL is no URL; https://api.github.com is the usual one.") from None
        if parts.scheme not in _PORTS or not host or parts.query or parts.fragment:
            raise SettingsError("GITHUB_API_URL is no http(s) URL; https://api.github.com is the usual one.")
        if parts.username is not None or parts.password is not None:
            raise SettingsError("GITHUB_API_URL holds a user name; take it out, and set GITHUB_TOKEN.")
        if parts.scheme == "http" and not _LOOPBACK.fullmatch(host):
            raise SettingsError("GITHUB_API_URL is not encrypted, so that all can read the token; use https.")
        graphql = url.removesuffix("/v3") if url.endswith("/api/v3") else url
        return cls(url, f"{graphql}/graphql")

    def url(self, path: str) -> str | None:
        """Return the URL of a path, or a URL of the API as it is; None if it leads elsewhere."""
        return self._own(path if "://" in path.split("?", maxsplit=1)[0] else f"{self.rest}/{path.lstrip('/')}")

    def follow(self, url: str, target: str) -> str | None:
        """Return what `target`, found in an answer from `url`, leads to; None if it leads elsewhere."""
        try:
            return self._own(urljoin(url, target))
        except ValueError:
            return None

    def path(self, url: str) -> str:
        """Return the path of a URL of the API, without the parameters."""
        return url.removeprefix(self.rest).split("?", maxsplit=1)[0]

    def _own(self, url: str) -> str | None:
        try:
            parts, own = urlsplit(url), urlsplit(self.rest)
            same = _origin(parts) == _origin(own)
        except ValueError:
            return None
        if not same or parts.username is not None or parts.password is not None:
            return None
        inside = parts.path == own.path or parts.path.startswith(f"{own.path}/")
        has_dots = re.search(r"(?:^|/)(?:\.|%2e){1,2}(?:/|$)", parts.path, re.IGNORECASE)
        return url if inside and not has_dots and url.isascii() and url.isprintable() else None


def next_link(header: str) -> str | None:
    """Return the target of rel="next" in a Link header.

    >>> next_link('<https://api.github.com/x?page=1>; rel="prev", <https://api.github.com/x?page=3>; rel="next"')
    'https://api.github.com/x?page=3'
    """
    for target, parameters in _LINK.findall(header):
        if _NEXT.search(parameters):
            return str(target)
    return None


def host_of(url: str) -> str:
    """Return the host of a URL, for messages."""
    try:
        return urlsplit(url).hostname or "nowhere"
    except ValueError:
        return "nowhere"


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
