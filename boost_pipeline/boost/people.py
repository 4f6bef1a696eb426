"""The people that meta/libraries.json names as authors and maintainers.

One string may name one person or several, with or without an address, and addresses are written to hide from
robots: "Name <user -at- host>". Here belongs how such a string is read. That two spellings mean one person is
for identities to find out, so a name stays as it is written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_BEFORE_ADDRESS: Final = re.compile(r"([^<]*)(?:<([^>]*)>?)?")
_HIDDEN_ADDRESS: Final = re.compile(r"(.*\S) ?- ?at ?- ?(\S.*)")
_ADDRESS: Final = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_HIDDEN_SIGNS: Final = ((re.compile(r" ?-dot- ?"), "."), (re.compile(r" ?-underscore- ?"), "_"))
_SEPARATOR: Final = re.compile(
    r"""  [;,.]?[ ](?:now[ ]|currently[ ])?maintained[ ]by[ ]   # "A; now maintained by B"
        | [ ]?,(?![ ]?(?:Jr|Sr|II|III|IV)\b)[ ]?(?:and[ ])?   # but "James E. King, III" is one person
        | [ ]?[;&][ ]?(?:and[ ])?
        | [ ]and[ ]
        | [ ](?=et\.?[ ]al\b)
    """,
    re.VERBOSE,
)
# Articles count in lower case only: "An" and "The" are given names.
_NOBODY: Final = re.compile(r"(?:an?|the) .*|(?i:et\.? al|(?:many )?others|(?:other |various )?contributors)")
_FULL_STOP: Final = re.compile(r"(?<!\b\w)(?<!\bJr)(?<!\bSr)\.$")


@dataclass(frozen=True, slots=True)
class Person:
    """A person as a library names them: `raw` is the whole original string, which may name others as well."""

    raw: str
    name: str
    email: str | None = None


def read_people(value: str) -> tuple[Person, ...]:
    """Return the people that one string of `authors` or `maintainers` names, in their order.

    An address belongs to the name before it. "et al", "others" and "a University of Notre Dame team" are
    nobody. Someone who gives only an address is named by it.

    >>> [person.name for person in read_people("John Maddock, Steve Cleary, et al")]
    ['John Maddock', 'Steve Cleary']
    >>> read_people("Niall Douglas <s -at- nedprod -dot- com>")[0].email
    's@nedprod.com'
    """
    people = []
    for text, address in _BEFORE_ADDRESS.findall(" ".join(value.split())):
        names = list(_names(text))
        email = read_address(address)
        if email and not names:
            names = [email]
        people += [Person(value, name, read_address(name)) for name in names[:-1]]
        people += [Person(value, name, email or read_address(name)) for name in names[-1:]]
    return tuple(people)


def _names(text: str) -> Iterator[str]:
    for part in _SEPARATOR.split(text):
        name = _FULL_STOP.sub("", part.strip(" >")).strip()
        if name and not _NOBODY.fullmatch(name):
            yield name


def read_address(text: str) -> str | None:
    """Return the address that a text is, in plain or in hidden form, or None when it is none.

    >>> read_address("user -at- example.org"), read_address(" - at - ")
    ('user@example.org', None)
    """
    address = " ".join(text.split())
    if "@" not in address and (match := _HIDDEN_ADDRESS.fullmatch(address)):
        address = "@".join(match.groups())
        for hidden, sign in _HIDDEN_SIGNS:
            address = hidden.sub(sign, address)
    return address if _ADDRESS.fullmatch(address) else None
