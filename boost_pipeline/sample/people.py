"""The cast: who writes, commits and maintains in the sample. All of them are invented, all addresses are reserved.

One person may have several spellings and addresses, and several persons one address, as in Boost's own history.
"""

from datetime import datetime, timedelta, timezone
from typing import Final, NamedTuple

from boost_pipeline.sample.history import Signature


class Person(NamedTuple):
    """A name and an address, and how many hours their clock is ahead of UTC."""

    name: str
    email: str
    zone: float = 0

    def at(self, when: datetime) -> Signature:
        """Sign at a point in time, on this person's own clock."""
        return Signature(self.name, self.email, when.astimezone(timezone(timedelta(hours=self.zone))))


JANE: Final = Person("Jane Doe", "jane.doe@example.org", -5)
JANE_AT_HOME: Final = Person("jane", "jane@example.com", -5)
JANE_SHORT: Final = Person("j. doe", "Jane.Doe@example.org", -4)
"""Jane Doe three times: two addresses, one of them in two cases."""

JUERGEN: Final = Person("Jürgen Beispiel", "juergen@example.org", 1)
JUERGEN_ASCII: Final = Person("Juergen Beispiel", "juergen@example.org", 2)
"""One address, two spellings of a name outside ASCII."""

MAX: Final = Person("Max Mustermann", "team@example.com", 1)
ERIKA: Final = Person("Erika Mustermann", "team@example.com", 1)
"""Two persons, one address."""

ADA: Final = Person("Ada Sample", "ada.sample@example.org")
FULANO: Final = Person("Fulano de Tal", "4242+fulano@users.noreply.example.com", -3)
JAN: Final = Person("Jan Modaal", "jan.modaal@example.org", 2)
TARO: Final = Person("Taro Yamada-Sample", "taro@example.com", 9)
OLA: Final = Person("Ola Nordmann-Placeholder", "ola@example.org", 1)
INDIRA: Final = Person("Indira Placeholder", "indira@example.com", 5.5)
NOBODY: Final = Person("nobody", "nobody@example.org")
"""Commits that the conversion from Subversion could give to nobody."""

MANAGER: Final = Person("Sample Release Manager", "release.manager@example.org", -7)
WEB: Final = Person("Sample Web", "noreply@example.com")
"""The committer of merges that are made on the web site of a host."""

BOT: Final = Person("sample-commitbot", "commitbot@example.org")
"""Moves the superproject's gitlinks."""
