import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boost_pipeline.boost.gitmodules import (
    Submodule,
    is_library,
    module_name,
    read_gitmodules,
    repository_of,
    shown_url,
)
from boost_pipeline.errors import SourceCorrupt

# Reading


def test_an_entry_of_the_superproject_is_read():
    text = """\
[submodule "lockfree"]
\tpath = libs/lockfree
\turl = ../lockfree.git
\tfetchRecurseSubmodules = on-demand
\tbranch = .
[submodule "hana"]
\tpath = libs/hana
\turl = ../hana.git
"""
    read = read_gitmodules(text)

    assert read.submodules == (
        Submodule("lockfree", "libs/lockfree", "../lockfree.git", "."),
        Submodule("hana", "libs/hana", "../hana.git", None),
    )
    assert read.problems == ()


def test_the_repository_of_a_submodule_named_by_its_path_comes_from_its_url():
    text = '[submodule "libs/hana"]\npath = libs/hana\nurl = ../hana.git\n'
    (hana,) = read_gitmodules(text).submodules

    assert hana.name == "libs/hana"
    assert repository_of(hana.url) == ("boostorg", "hana")
    assert module_name(hana.path) == "hana"


def test_a_later_value_of_a_key_wins_also_in_a_later_section():
    text = '[submodule "a"]\npath = libs/x\nurl = ../a.git\npath = libs/a\n[submodule "a"]\nurl = ../b.git\n'

    assert read_gitmodules(text).submodules == (Submodule("a", "libs/a", "../b.git"),)


@pytest.mark.parametrize(
    ("lines", "missing"),
    [
        ("url = ../a.git", "path"),
        ("path = libs/a", "url"),
        ("path\nurl = ../a.git", "path"),
        ('path = ""\nurl =', "path and url"),
        ("branch = .", "path and url"),
    ],
)
def test_an_entry_without_path_or_url_is_left_out_and_reported(lines, missing):
    read = read_gitmodules(f'[submodule "a"]\n{lines}\n[submodule "b"]\npath = libs/b\nurl = ../b.git\n')

    assert read.submodules == (Submodule("b", "libs/b", "../b.git"),)
    assert read.problems == (f"submodule 'a' has no {missing}",)


@pytest.mark.parametrize("path", ["../x", "libs/../../x", "/etc", "libs//x", "libs/x/", "./x", "--upload-pack=x"])
def test_a_path_outside_of_the_repository_is_left_out_and_reported(path):
    read = read_gitmodules(f'[submodule "a"]\npath = {path}\nurl = ../a.git\n')

    assert read.submodules == ()
    assert read.problems == ("submodule 'a' has a path that is not below the root of the repository",)


@pytest.mark.parametrize("value", ["x\0y", '"x\\ny"', "x\ud800"])
@pytest.mark.parametrize("key", ["path", "url", "branch"])
def test_a_value_that_no_table_holds_is_left_out_and_reported(key, value):
    read = read_gitmodules(f'[submodule "a"]\npath = libs/a\nurl = ../a.git\n{key} = {value}\n')

    assert read.submodules == ()
    assert read.problems == ("submodule 'a' has a value with characters that cannot be printed",)


@pytest.mark.parametrize("key", ["path", "url"])
def test_a_path_or_url_of_endless_length_is_left_out_and_reported(key):
    value = "/".join(["libs", "x" * 5000])
    read = read_gitmodules(f'[submodule "a"]\npath = libs/a\nurl = ../a.git\n{key} = {value}\n')

    assert read.submodules == ()
    assert read.problems == ("submodule 'a' has a path or url of more than 4096 characters",)


def test_of_two_submodules_at_one_path_the_later_wins_and_the_other_is_reported():
    text = '[submodule "a"]\npath = libs/x\nurl = ../a.git\n[submodule "b"]\npath = libs/x\nurl = ../b.git\n'
    read = read_gitmodules(text)

    assert read.submodules == (Submodule("b", "libs/x", "../b.git"),)
    assert read.problems == ("submodule 'a' has the path of 'b'",)


def test_other_sections_are_none_of_our_business():
    assert read_gitmodules("[core]\npath = x\n[submodule]\npath = libs/a\nurl = ../a.git\n").submodules == ()


def test_a_problem_is_one_line_whatever_the_name():
    name = "x\a" * 1000
    (problem,) = read_gitmodules(f'[submodule "{name}"]\npath = libs/a\n').problems

    assert problem.isprintable()
    assert len(problem) < 250


def test_broken_syntax_is_an_error_because_an_unread_module_is_no_missing_one():
    with pytest.raises(SourceCorrupt):
        read_gitmodules('[submodule "a"]\npath = libs/a\nurl = ../a.git\n[submodule "b"\n')


def test_an_empty_file_has_no_submodules():
    assert read_gitmodules("").submodules == ()


# The repository behind a url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("../smart_ptr.git", ("boostorg", "smart_ptr")),
        ("../numeric_conversion.git", ("boostorg", "numeric_conversion")),
        ("../smart_ptr", ("boostorg", "smart_ptr")),
        ("../../cppalliance/int128.git", ("cppalliance", "int128")),
        ("https://github.com/boostorg/hana.git", ("boostorg", "hana")),
        ("https://github.com/ldionne/hana", ("ldionne", "hana")),
        ("git@github.com:boostorg/hana.git", ("boostorg", "hana")),
        (f"../{'x' * 100}.git", ("boostorg", "x" * 100)),
        ("../hana/", ("boostorg", "hana")),
        ("../hana.git//", ("boostorg", "hana")),
        ("./../hana.git", ("boostorg", "hana")),
        (".././hana.git", ("boostorg", "hana")),
        ("../old/../hana.git", ("boostorg", "hana")),
        ("../../BoostOrg/hana", ("boostorg", "hana")),
        ("../h%61na%2egit", ("boostorg", "hana")),
        ("https://user@github.com/boostorg/hana.git", ("boostorg", "hana")),
        ("https://user:secret@github.com/boostorg/hana.git", ("boostorg", "hana")),
        ("https://ann@example.org@github.com/boostorg/hana.git", ("boostorg", "hana")),
        ("https://GitHub.com/BoostOrg/hana.GIT", ("boostorg", "hana")),
        ("HTTPS://github.com./boostorg//hana/", ("boostorg", "hana")),
        ("https://www.github.com/boostorg/hana", ("boostorg", "hana")),
        ("https://github.com:443/boostorg/hana", ("boostorg", "hana")),
        ("https://github.com:/boostorg/hana", ("boostorg", "hana")),
        ("http://github.com/boostorg/hana.git", ("boostorg", "hana")),
        ("http://github.com:80/boostorg/hana.git", ("boostorg", "hana")),
        ("git://github.com/boostorg/hana.git", ("boostorg", "hana")),
        ("git://github.com:9418/boostorg/hana.git", ("boostorg", "hana")),
        ("ssh://git@github.com/boostorg/hana.git", ("boostorg", "hana")),
        ("ssh://git@github.com:22/boostorg/hana.git", ("boostorg", "hana")),
        ("ssh://git@ssh.github.com:443/boostorg/hana.git", ("boostorg", "hana")),
        ("git+ssh://git@github.com/boostorg/hana.git", ("boostorg", "hana")),
        ("org-1234@github.com:boostorg/hana.git", ("boostorg", "hana")),
        ("github.com:boostorg/hana", ("boostorg", "hana")),
        ("git@github.com:/boostorg/hana.git", ("boostorg", "hana")),
        ("[git@github.com:22]:boostorg/hana.git", ("boostorg", "hana")),
    ],
)
def test_a_url_names_a_repository(url, expected):
    assert repository_of(url) == expected


@pytest.mark.parametrize(
    "line", ['url = "../hana.git"', 'url = ../ha"na".git ; home', "\tURL=../hana.git\t# home", "url = ../ha\\\nna.git"]
)
def test_a_url_may_be_written_as_the_syntax_of_git_allows(line):
    (hana,) = read_gitmodules(f'[submodule "hana"]\npath = libs/hana\n{line}\n').submodules

    assert repository_of(hana.url) == ("boostorg", "hana")


def test_a_relative_url_belongs_to_the_owner_of_the_superproject():
    assert repository_of("../hana.git", owner="a-fork") == ("a-fork", "hana")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hana",
        "hana.git",
        "./hana.git",
        "../.git",
        "../..",
        "../../hana.git",
        "../../../o/x.git",
        "../a/b.git",
        "../-x.git",
        "../.x.git",
        "../a..b.git",
        "../a b.git",
        "../a%20b.git",
        "../a%2fb.git",
        "../%2e%2e/x.git",
        "../../boostorg%2fx.git",
        "../..//x.git",
        "/srv/git/x.git",
        "C:\\git\\x.git",
        "..\\x.git",
        "file://github.com/o/x.git",
        "https://github.com/o/x.git?y=1",
        "https://github.com/o/x.git#y",
        "https://github.com/o/../../x.git",
        "https://github.com:8443/o/x.git",
        "ssh://git@github.com:o/x.git",
        "https://example.org#@github.com/o/x.git",
        "https://example.org\\@github.com/o/x.git",
        "https://notgithub.com/o/x.git",
        "https://gist.github.com/o/x.git",
        "git@github.com@example.org:o/x.git",
        "[git@example.org:22]:o/x.git",
        "[git@github.com:22:o/x.git",
        "ext::git@github.com:o/x.git",
        "ext::sh -c touch% x github.com:o/x.git",
        "--upload-pack=touch x@github.com:o/x.git",
        "-oProxyCommand=x@github.com:o/x.git",
        "../" * 100_000,
        "../é.git",
        "../x.git\n",
        f"../{'x' * 101}.git",
        "https://github.com/o",
        "https://github.com/o/x/y",
        "https://github.com/-o/x.git",
        "https://github.com/../x.git",
        "https://github.com@example.org/o/x.git",
        "https://gitlab.com/o/x.git",
        "git@github.com:x.git",
        "git@example.org:o/x.git",
        "file:///o/x.git",
        "ext::sh -c x",
        "--upload-pack=x",
    ],
)
def test_any_other_url_names_none(url):
    assert repository_of(url) is None


@settings(deadline=None)
@given(st.text() | st.from_regex(r"((\.?\./)+|https://.*github\.com/|git@github\.com:)[^/]*(/.*)?"))
def test_a_repository_has_a_name_that_is_safe_in_a_path_and_on_a_command_line(url):
    for name in repository_of(url) or ():
        assert set(name) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
        assert name[0] not in "-."
        assert ".." not in name
        assert 1 <= len(name) <= 100


def test_a_message_shows_no_password_of_a_url_and_stays_one_line():
    assert shown_url("https://ann:s3cret@example.org/x.git") == "'https://example.org/x.git'"
    assert shown_url("a\nb") == "'a\\nb'"
    assert len(shown_url("x" * 10_000)) < 250


# Modules


@pytest.mark.parametrize(
    ("path", "name", "library"),
    [
        ("libs/smart_ptr", "smart_ptr", True),
        ("libs/numeric/conversion", "numeric/conversion", True),
        ("libs/numeric/odeint", "numeric/odeint", True),
        ("tools/boostdep", "tools/boostdep", False),
        ("tools/build", "tools/build", False),
        ("more", "more", False),
        ("libstdc/x", "libstdc/x", False),
    ],
)
def test_libraries_are_named_below_libs_and_everything_else_by_its_path(path, name, library):
    assert module_name(path) == name
    assert is_library(path) is library
