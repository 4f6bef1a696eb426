"""Which authors of commits are one person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boost_pipeline.boost.identities import Identity, people


def groups(*identities: Identity) -> set[frozenset[Identity]]:
    found: dict[str, set[Identity]] = {}
    for identity, person in people(identities).items():
        found.setdefault(person, set()).add(identity)
    return {frozenset(one) for one in found.values()}


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        (Identity("Ada", "ada@x.org"), Identity("Countess", "ADA@x.org"), True),
        (Identity("Ada Lovelace", "ada@x.org"), Identity(" ada  LOVELACE", "ada@y.org"), True),
        (Identity("Andre\u0301 B", "a@x.org"), Identity("Andr\xe9 B", "b@x.org"), True),
        (Identity("Ada", "ada@x.org"), Identity("Ada", "ada@y.org"), False),
        (Identity("Ada L", "ada@x.org"), Identity("Ben M", "ben@x.org"), False),
        (Identity("ada", "ada@x.org", 7), Identity("al", "ada@y.org", 7), True),
        (Identity("Unknown Author", "a@x.org"), Identity("unknown author", "b@x.org"), False),
        (Identity("Boost Commits", "a@x.org"), Identity("Boost Commits", "b@x.org"), False),
        (Identity("Ada", ""), Identity("Ben", ""), False),
        (Identity("Ada", "root@localhost"), Identity("Ben", "root@localhost"), False),
        (Identity("Person 1", "a@x.org"), Identity("Person 1", "b@x.org"), False),
        (Identity("Travis Bot", "ada@x.org", is_bot=True), Identity("Ada L", "ada@x.org"), False),
        (Identity("Ada L", "ci@x.org", is_bot=True), Identity("Ada L", "ada@x.org"), False),
    ],
)
def test_one_person_has_an_account_an_address_or_a_full_name_in_common(one, other, are_one):
    assert (len(groups(one, other)) == 1) is are_one


def test_what_hangs_together_through_others_is_one_person():
    chain = [
        Identity("Ada Lovelace", "ada@home"),
        Identity("Ada Lovelace", "ada@work"),
        Identity("Countess L", "ADA@work"),
        Identity("Countess L", "c@x.org", 5),
        Identity("al", "al@y.org", 5),
    ]

    assert groups(*chain) == {frozenset(chain)}


@given(st.permutations([Identity(f"N {n % 7}x", f"a{n % 5}@x", n % 3 or None) for n in range(30)]))
def test_the_order_does_not_matter(order):
    assert people(order) == people(sorted(order, key=str))
