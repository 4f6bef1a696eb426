"""The environment and configuration of our git processes; no other place sets a variable for them.

A command that reads a mirror sees nothing of the machine's configuration, for `log.showSignature`, `diff.renames`
and many more would change its answers. One that talks to the host keeps it, for proxies and certificates are there.
"""

from __future__ import annotations

import base64
import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

_ALWAYS = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_DEFAULT_HASH": "sha1",
    "GIT_DEFAULT_REF_FORMAT": "files",
}
_ISOLATED = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    # For git before 2.32, which does not know GIT_CONFIG_GLOBAL, and for the user's attributes, which need no
    # configuration to be read.
    "HOME": os.devnull,
    "XDG_CONFIG_HOME": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_FLUSH": "0",  # or git log writes, and wakes us, once a commit
}
_USERS_NETWORK = ("GIT_ALLOW_PROTOCOL", "GIT_CONFIG_", "GIT_HTTP_", "GIT_PROXY_", "GIT_SSH", "GIT_SSL_")

ISOLATED_CONFIG = (
    "safe.directory=*",
    # Some versions read .gitattributes from HEAD of a bare repository, and count fewer lines then.
    f"attr.tree={_EMPTY_TREE}",
)
NETWORK_CONFIG = (
    "core.hooksPath=/dev/null",
    "fetch.fsckObjects=false",  # old repositories do not pass
    "transfer.fsckObjects=false",
    # A pack appears at once and whole; loose objects of a killed fetch would lack their ancestors.
    "fetch.unpackLimit=1",
    "fetch.writeCommitGraph=false",  # it would name commits of a fetch that is undone
    "http.lowSpeedLimit=1",  # bytes a second; a host that computes sends about as many to keep the line open
    "http.lowSpeedTime=120",
)


@dataclass(frozen=True, slots=True)
class Host:
    """Where the repositories are, and what lets us in.

    Attributes:
        url: the folder of the repositories, without a password.
        credentials: "user:password" of HTTP's basic authentication.
    """

    url: str
    credentials: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, url: str, token: str | None) -> Host:
        """Take the password out of an HTTP URL, as git would write the URL to command lines and messages."""
        match = re.fullmatch(r"(https?://)(?:([^/]*)@)?(.*)", url)
        if match is None:
            return cls(url)
        scheme, user_info, rest = match.groups()
        if token:
            return cls(scheme + rest, f"x-access-token:{token}")
        user, _, password = unquote(user_info or "").partition(":")
        return cls(scheme + rest, f"{user}:{password}" if user_info else None)

    @property
    def secrets(self) -> list[str]:
        """What no message may hold."""
        if self.credentials is None:
            return []
        user, _, password = self.credentials.partition(":")
        return [self._basic(), password or user]

    def _basic(self) -> str:
        return base64.b64encode((self.credentials or "").encode()).decode()

    def configuration(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return the variables that make git send the credentials; they follow the settings in `inherited`."""
        if self.credentials is None:
            return {}
        count = inherited.get("GIT_CONFIG_COUNT", "")
        number = int(count) if count.isdecimal() else 0
        return {
            "GIT_CONFIG_COUNT": str(number + 1),
            f"GIT_CONFIG_KEY_{number}": f"http.{self.url}.extraHeader",
            f"GIT_CONFIG_VALUE_{number}": f"Authorization: Basic {self._basic()}",
        }


def isolated() -> dict[str, str]:
    """Return the environment of a command that only reads or changes a mirror."""
    return _inherited() | _ALWAYS | _ISOLATED


def network(host: Host) -> dict[str, str]:
    """Return the environment of a command that talks to `host`; nothing else gets to see the credentials."""
    environment = _inherited(_USERS_NETWORK) | _ALWAYS
    ssh = environment.get("GIT_SSH_COMMAND") or shlex.quote(environment.get("GIT_SSH") or "ssh")
    environment["GIT_SSH_COMMAND"] = f"{ssh} -oBatchMode=yes -oConnectTimeout=30"
    return environment | host.configuration(environment)


def _inherited(kept: tuple[str, ...] = ()) -> dict[str, str]:
    """Our own environment; of git's variables, which could lead to another repository, only those `kept`."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_")
        or name == "GIT_EXEC_PATH"
        or (name.startswith(kept) and name != "GIT_CONFIG_PARAMETERS")
    }
