"""Who is on the emulated GitHub: accounts for the people of the sample, bots, and accounts with a history."""

from __future__ import annotations

from typing import Final

from boost_pipeline.sample import people as who
from boost_pipeline.sample.github.world import World
from boost_pipeline.sample.releases import utc

MEMBERS: Final = ("janedoe", "ada-sample", "indira-p", "jan-modaal", "tarosample")
"""Maintainers: their comments and reviews are a MEMBER's."""

VISITORS: Final = ("fulano-sample", "mustermann", "jbeispiel", "erika-m", "ola-n", "curious-reader", "goner")
"""People who come with questions and changes; ola-n takes another login later, goner leaves GitHub."""

CI_BOT: Final = "sample-ci[bot]"
DEPENDABOT: Final = "dependabot[bot]"
IMPORTED: Final = "imported-from-trac"
FULANO_ID: Final = 4242
"""The number in Fulano's noreply address."""

DEPENDABOT_ID: Final = 49699333


def assemble(world: World) -> None:
    """Add all accounts to a world."""
    born = utc("2011-03-04")
    for login, people in {
        "janedoe": (who.JANE, who.JANE_AT_HOME, who.JANE_SHORT),
        "ada-sample": (who.ADA,),
        "indira-p": (who.INDIRA,),
        "jan-modaal": (who.JAN,),
        "tarosample": (who.TARO,),
        "mustermann": (who.MAX,),
        "jbeispiel": (who.JUERGEN,),
        "erika-m": (),
        "ola-n": (who.OLA,),
        "curious-reader": (),
        "goner": (),
        "sample-release-manager": (who.MANAGER,),
    }.items():
        emails = tuple(dict.fromkeys(person.email.lower() for person in people))
        world.add_account(login, name=people[0].name if people else None, emails=emails, created_at=born)
    world.add_account("fulano-sample", id=FULANO_ID, name=who.FULANO.name, emails=(who.FULANO.email,), created_at=born)
    world.add_account(DEPENDABOT, kind="Bot", id=DEPENDABOT_ID, created_at=utc("2013-11-01"))
    world.add_account(CI_BOT, kind="Bot", created_at=utc("2013-11-01"))
    world.add_account(IMPORTED, kind="Mannequin", name="Imported Person", created_at=born)


def association(login: str) -> str:
    """Return what somebody is to the repositories."""
    return "MEMBER" if login in MEMBERS else "CONTRIBUTOR"
