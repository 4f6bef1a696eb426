"""The people that meta/libraries.json names as authors and maintainers.

One string may name one person or several, with or without an address, and addresses are written to hide from
robots: "Name <user -at- host>". Here belongs how such a string is read, and that no address stays in a name. That two
spellings mean one person is for identities to find out, so a name stays as it is written, but for "Family, Given".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_BEFORE_ADDRESS: Final = re.compile(r"([^<]*)(?:<([^>]*)>?)?")
_BRACKETED_SIGN: Final = re.compile(r" ?(?:\[ ?(\w+) ?\]|\( ?(\w+) ?\)|\{ ?(\w+) ?\}|< ?(\w+) ?>) ?")
_SIGNS: Final = {"at", "dot", "underscore"}
_IN_PARENTHESES: Final = re.compile(r"\(([^()<>]*)\)")
_ADDRESS_THEN_NAME: Final = re.compile(r"<?([^\s@<>(),;]+@[^\s@<>(),;]+)>? ?\(([^()@<>]+)\)")
_BARE_ADDRESS: Final = re.compile(
    r"""  [^\s@<>(),;]*@[^\s<>(),;]*
        | [\w.+%-]+[ ]?-[ ]?(?i:at)[ ]?-[ ]?[\w-]+(?:(?:\.|[ ]?-[ ]?(?i:dot)[ ]?-[ ]?)[\w-]+)+
        | \b[a-z0-9._+%-]+[ ]at[ ][a-z0-9-]+(?:(?:\.|[ ]dot[ ])[a-z0-9-]+)+
    """,
    re.VERBOSE,
)
_HIDDEN_ADDRESS: Final = re.compile(r"(.*\S) ?- ?at ?- ?(\S.*)", re.IGNORECASE)
_SPELLED_ADDRESS: Final = re.compile(r"([^\s@]+(?: dot [^\s@]+)*) at ([^\s@]+(?:(?:\.| dot )[^\s@]+)+)", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_HIDDEN_SIGNS: Final = (
    (re.compile(r" ?- ?dot ?- ?| dot ", re.IGNORECASE), "."),
    (re.compile(r" ?- ?underscore ?- ?", re.IGNORECASE), "_"),
)
_URL: Final = re.compile(r"(?:https?://|www\.)[^\s<>(),;]*")
_FAMILY_THEN_GIVEN: Final = re.compile(
    r"((?:[a-z]\S* )*[^\s,]+), ?([^\s,]+(?: [^\s,]+){0,2})(, ?(?:Jr|Sr|II|III|IV)\b\.?)?"
)
_SUFFIX: Final = re.compile(r"(?:Jr|Sr|II|III|IV|Ltd|Inc|Corp|LLC|GmbH)\b.*")
_SEPARATOR: Final = re.compile(
    r"""  [;,.]?[ ](?:now[ ]|currently[ ])?maintained[ ]by[ ]   # "A; now maintained by B"
        | [ ]?,[ ]?and[ ]
        | ^and[ ]
        | [ ]?[;&][ ]?(?:and[ ])?
        | [ ]and[ ]
        | [ ](?=et\.?[ ]al\b)
    """,
    re.VERBOSE,
)
_COMMA: Final = re.compile(
    r" ?,(?! ?(?:Jr|Sr|II|III|IV|Ltd|Inc|Corp|LLC|GmbH)\b) ?"
)  # "James E. King, III" is one person
# Articles count in lower case only: "An" and "The" are given names.
_NOBODY: Final = re.compile(r"(?:an?|the) .*|(?i:et\.? al|(?:many )?others|(?:other |various )?contributors)")
_FULL_STOP: Final = re.compile(r"(?<!\b\w)(?<!\bJr)(?<!\bSr)(?<!\bLtd)(?<!\bInc)(?<!\bCorp)\.$")


@dataclass(frozen=True, slots=True)
class Person:
    """A person as a library names them: `raw` is the whole original string, which may name others as well."""

    raw: str
    name: str
    email: str | None = None


def read_people(value: str) -> tuple[Person, ...]:
    """Return the people that one string of `authors` or `maintainers` names, in their order.

    An address belongs to the name before it, and stays in no name. "et al", "others" and "a University of Notre Dame
    team" are nobody. Someone who gives only an address is named by what stands before its "@".

    >>> [person.name for person in read_people("John Maddock, Steve Cleary, et al")]
    ['John Maddock', 'Steve Cleary']
    >>> read_people("Niall Douglas <s -at- nedprod -dot- com>")[0].email
    's@nedprod.com'
    """
    people: list[Person] = []
    for text, address in _parts(value):
        names = list(_names(text))
        email = read_address(address)
        if email and not names and not (people and not text.strip()):  # a second address is not a second person
            names = [email.partition("@")[0]]
        elif not names and address.startswith("@"):
            names = [name for name in [address.strip("@ ")] if name and "@" not in name]
        people += [Person(value, name) for name in names[:-1]]
        people += [Person(value, name, email) for name in names[-1:]]
    return tuple(people)


def _parts(value: str) -> Iterator[tuple[str, str]]:
    """Yield the text before each address with that address, in whatever brackets it stands, and the text behind."""
    text = " ".join(_BRACKETED_SIGN.sub(_sign, value.replace('"', " ")).split())
    text = _IN_PARENTHESES.sub(lambda match: f"<{match[1]}>" if _leads_elsewhere(match[1]) else match[0], text)
    text = _ADDRESS_THEN_NAME.sub(r"\2 <\1>", text)
    for before, bracketed in _BEFORE_ADDRESS.findall(text):
        start = 0
        for bare in _BARE_ADDRESS.finditer(before):
            yield before[start : bare.start()], bare[0]
            start = bare.end()
        yield before[start:], bracketed


def _sign(match: re.Match[str]) -> str:
    word = next(word for word in match.groups() if word)
    return f" -{word.lower()}- " if word.lower() in _SIGNS else match[0]


def _leads_elsewhere(text: str) -> bool:
    """Whether what stands in parentheses is an address, of whatever kind, and no part of a name."""
    return read_address(text) is not None or "@" in text or _URL.search(text) is not None


def _names(text: str) -> Iterator[str]:
    for group in _SEPARATOR.split(_URL.sub("", text).lstrip(" ,")):
        if match := _FAMILY_THEN_GIVEN.fullmatch(group.strip()):
            family, given, suffix = match.groups(default="")
            parts = [group] if _SUFFIX.fullmatch(given) else [f"{given} {family}{suffix}"]
        else:
            parts = _COMMA.split(group)
        for part in parts:
            name = _FULL_STOP.sub("", part.strip(" >:|/-\u2013\u2014")).strip()
            if name and not _NOBODY.fullmatch(name):
                yield name


def read_address(text: str) -> str | None:
    """Return the address that a text is, in plain or in hidden form, or None when it is none.

    >>> read_address("user -at- example.org"), read_address("user AT example DOT org"), read_address(" - at - ")
    ('user@example.org', 'user@example.org', None)
    """
    address = _BRACKETED_SIGN.sub(_sign, " ".join(text.split())).removeprefix("mailto:")
    hidden = _HIDDEN_ADDRESS.fullmatch(address) or _SPELLED_ADDRESS.fullmatch(address)
    if "@" not in address and hidden:
        address = "@".join(hidden.groups())
        for pattern, sign in _HIDDEN_SIGNS:
            address = pattern.sub(sign, address)
    return address if _ADDRESS.fullmatch(address) else None
