import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boost_pipeline.boost.people import Person, read_people


def names(value):
    return [person.name for person in read_people(value)]


# One person


@pytest.mark.parametrize(
    "name",
    [
        "Emil Dotchevski",
        "Joaquín M López Muñoz",
        "Hervé Brönnimann",
        "Korina Šimičević",
        "Ion Gaztañaga",
        "christopher Kormanyos",
        "Vicente J. Botet Escriba",
        "T. Zachary Laine",
        "K. Noel Belcourt",
        "Ralf Grosse-Kunstleve",
        "Jean-Louis Leroy",
        "Paul Fultz II",
        "James E. King III",
        "James E. King, III",
        "Jeffrey Lee Hellrung Jr.",
        "Sammy Davis, Jr.",
        "Ken Griffey Sr.",
        "Joel de Guzman",
        "Anders Sandberg",
        "An Nguyen",
        "The Anh Tran",
        "Peter D.",
    ],
)
def test_a_bare_name_is_one_person_and_stays_as_it_is(name):
    assert read_people(name) == (Person(name, name, None),)


@pytest.mark.parametrize(
    ("raw", "name", "email"),
    [
        ("Glen Fernandes <x -at- live.com>", "Glen Fernandes", "x@live.com"),
        ("Alan de Freitas <x@gmail.com>", "Alan de Freitas", "x@gmail.com"),
        ("Thomas Witt <x - at - acm.org>", "Thomas Witt", "x@acm.org"),
        ("Jim King <x -at - apache.org>", "Jim King", "x@apache.org"),
        ("Christophe Henry <x -at-  googlemail.com>", "Christophe Henry", "x@googlemail.com"),
        ("Niall Douglas <x -at- nedprod -dot- com>", "Niall Douglas", "x@nedprod.com"),
        ("A B <a -dot- b -underscore- c -at- d -dot- org>", "A B", "a.b_c@d.org"),
        ("A B <a-dot-b-at-d-dot-org>", "A B", "a.b@d.org"),
        ("Barend Gehrels<x -at- xs4all.nl>", "Barend Gehrels", "x@xs4all.nl"),
        ("James E. King, III <x -at- apache.org>", "James E. King, III", "x@apache.org"),
        ("John Fletcher <X.Y -at- Aston.ac.uk>", "John Fletcher", "X.Y@Aston.ac.uk"),
        ("  A \t B  < x@y.org > ", "A B", "x@y.org"),
        ("A B <x@y.org", "A B", "x@y.org"),
        ("A B <meet-at-noon@y.org>", "A B", "meet-at-noon@y.org"),
        ("A B <meet-at-noon -at- y.org>", "A B", "meet-at-noon@y.org"),
        ("A B <x -AT- y -DOT- org>", "A B", "x@y.org"),
        ("A B <x-AT-y.org>", "A B", "x@y.org"),
        ("A B <x at y.org>", "A B", "x@y.org"),
        ("A B <x AT y DOT org>", "A B", "x@y.org"),
        ("A B <x [at] y.org>", "A B", "x@y.org"),
        ("A B <x(at)y(dot)org>", "A B", "x@y.org"),
        ("A B <x {at} y.org>", "A B", "x@y.org"),
        ("A B <mailto:x@y.org>", "A B", "x@y.org"),
        ("A B (x@y.org)", "A B", "x@y.org"),
        ("A B (x -at- y.org)", "A B", "x@y.org"),
        ("A B (x at y.org)", "A B", "x@y.org"),
        ("A B (x (at) y (dot) org)", "A B", "x@y.org"),
        ("A B x@y.org", "A B", "x@y.org"),
        ("A B - x@y.org", "A B", "x@y.org"),
        ("A B, x -at- y.org", "A B", "x@y.org"),
        ("x@y.org (A B)", "A B", "x@y.org"),
        ("A B (Nick) <x@y.org>", "A B (Nick)", "x@y.org"),
        ("A B <x@y.org> <z@y.org>", "A B", "x@y.org"),
        ("A B <x at users.noreply.github.com>", "A B", "x@users.noreply.github.com"),
        ("Berg, Jan <x@y.org>", "Jan Berg", "x@y.org"),
        ("van der Berg, Jan Piet <x@y.org>", "Jan Piet van der Berg", "x@y.org"),
        ("King, James E., III <x@y.org>", "James E. King, III", "x@y.org"),
        ('"Berg, Jan" <x@y.org>', "Jan Berg", "x@y.org"),
        ("Example Ltd.", "Example Ltd.", None),
        ("Example, Inc.", "Example, Inc.", None),
        ("A B <https://github.com/a-b>", "A B", None),
        ("A B - http://example.org", "A B", None),
        ("A B <@a-b>", "A B", None),
    ],
)
def test_an_address_is_read_in_plain_and_in_hidden_form(raw, name, email):
    assert read_people(raw) == (Person(raw, name, email),)


@pytest.mark.parametrize("raw", ["A B < - at - >", "A B <>", "A B <ask on the list>", "A B <x@y@z>"])
def test_what_is_no_address_is_none(raw):
    assert read_people(raw) == (Person(raw, "A B", None),)


@pytest.mark.parametrize("raw", ["<x@y.org>", "x@y.org"])
def test_someone_who_gives_only_an_address_is_named_by_its_first_part(raw):
    assert read_people(raw) == (Person(raw, "x", "x@y.org"),)


def test_someone_who_gives_only_an_account_is_named_by_it():
    assert read_people("@nat-example") == (Person("@nat-example", "nat-example", None),)


# Nobody


@pytest.mark.parametrize("raw", ["", "  ", "< - at - >", "et al", "et al.", "others", ",;", "a team", "<", ">"])
def test_nobody_is_named(raw):
    assert read_people(raw) == ()


# Several


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("John Maddock, Steve Cleary, et al", ["John Maddock", "Steve Cleary"]),
        ("John Maddock et al.", ["John Maddock"]),
        ("John Maddock , Jens Maurer .", ["John Maddock", "Jens Maurer"]),
        ("Dave Abrahams and others", ["Dave Abrahams"]),
        ("Dave Abrahams, and many others.", ["Dave Abrahams"]),
        ("Jeremy Siek and a University of Notre Dame team.", ["Jeremy Siek"]),
        ("Jeremy Siek, Doug Gregor, and a University of Notre Dame team.", ["Jeremy Siek", "Doug Gregor"]),
        (
            "Jeremy Siek and a University of Notre Dame team; now maintained by Andrew Sutton and Jeremiah Willcock.",
            ["Jeremy Siek", "Andrew Sutton", "Jeremiah Willcock"],
        ),
        ("Paul Moore, maintained by Peter Dimov", ["Paul Moore", "Peter Dimov"]),
        ("Sammy Davis, Jr., and James E. King, III", ["Sammy Davis, Jr.", "James E. King, III"]),
        ("Smith, Jones, et al", ["Smith", "Jones"]),
        ("Berg, Jan; Powell, Gary", ["Jan Berg", "Gary Powell"]),
        ("Berg, Jan <x@y.org>, Powell, Gary <z@y.org>", ["Jan Berg", "Gary Powell"]),
        ("Jan Berg <x@y.org> and Gary Powell (z at y.org) & Darin Adler", ["Jan Berg", "Gary Powell", "Darin Adler"]),
        ("Gary Powell & Jaakko Järvi; Darin Adler", ["Gary Powell", "Jaakko Järvi", "Darin Adler"]),
    ],
)
def test_one_string_may_name_several_people(raw, expected):
    assert names(raw) == expected


def test_each_of_several_people_keeps_the_whole_string():
    raw = "John Maddock, Howard Hinnant, et al"

    assert {person.raw for person in read_people(raw)} == {raw}


def test_an_address_belongs_to_the_name_before_it():
    raw = "A One, B Two <b -at- two.org>, C Three <c@three.org> and D Four"

    assert [(person.name, person.email) for person in read_people(raw)] == [
        ("A One", None),
        ("B Two", "b@two.org"),
        ("C Three", "c@three.org"),
        ("D Four", None),
    ]


# Anything


pieces = st.sampled_from(
    [
        *"aA,.;&<>@- \n",
        " and ",
        "-at-",
        "-dot-",
        "et al",
        " maintained by ",
        "Jr.",
        "@",
        "(",
        ")",
        "[at]",
        " at ",
        "x@y.org",
    ]
)


@settings(deadline=None)
@given(st.text() | st.lists(pieces).map("".join))
def test_any_string_gives_people_with_a_name(raw):
    for person in read_people(raw):
        assert person.raw == raw
        assert person.name
        assert person.name == " ".join(person.name.split())
        assert "@" not in person.name
        assert person.email is None or (person.email.count("@") == 1 and " " not in person.email)
