"""What an export leaves out unless e-mail addresses are asked for: columns of addresses, and addresses within texts.

Names stay: an export without them would not say who wrote Boost.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from boost_pipeline.reports.relations import Relation

MASK: Final = "<e-mail>"
"""What stands where an address stood."""

ADDRESS: Final = r"[[:alnum:]._%+-]+@[[:alnum:]-]+(\.[[:alnum:]-]+)*\.[[:alpha:]]{2,}"
"""An address as PostgreSQL's regular expressions find it; `icon@2.png` and `@name` are none."""

_EMAIL_COLUMN = re.compile(r"(^|_)e?mails?(_address(es)?)?$")
_ALWAYS_ADDRESSES = frozenset({("library_people", "raw")})
"""Texts that name a person by address in forms that no expression finds: `me -at- example.org`."""

_NAMES = frozenset(
    {
        ("accounts", "name"),
        ("author_identities", "name"),
        ("commits", "author_name"),
        ("commits", "committer_name"),
        ("library_people", "name"),
    }
)
"""Names of people: addresses that are spelled out in them are left out, as on pages (function shown_name)."""

_NEVER_MASKED = re.compile(r"(^|_)(path|message_id)$")
"""Keys of files and messages, which look like addresses and are none."""

_TEXTS = re.compile(r"(text|character varying|character|citext)(\(\d+\))?")


def without_emails(relation: Relation) -> Relation:
    """Return the relation without its columns of e-mail addresses, and with its texts masked."""
    return replace(
        relation,
        columns=tuple(
            replace(
                column,
                masked=bool(_TEXTS.fullmatch(column.type)) and not _NEVER_MASKED.search(column.name),
                is_name=(relation.name, column.name) in _NAMES,
            )
            for column in relation.columns
            if not _EMAIL_COLUMN.search(column.name) and (relation.name, column.name) not in _ALWAYS_ADDRESSES
        ),
    )
