"""What a commit in git is, is what a `Commit` says: whatever bytes people ever put into names, paths and dates."""

import subprocess
from datetime import UTC, datetime

import pytest

from boost_pipeline.errors import SourceCorrupt, SourceUnavailable
from boost_pipeline.sources.git import FileChange
from boost_pipeline_tests.sources.git.origin import git

LINES = b"".join(b"line %d\n" % number for number in range(20))

CONFIGURATION = """
[log]
    showSignature = true
    showRoot = false
    follow = true
    diffMerges = m
    date = relative
    decorate = full
[diff]
    renames = false
    renameLimit = 1
    noprefix = true
    external = /bin/false
    submodule = log
    ignoreSubmodules = all
    orderFile = /dev/null
[core]
    quotePath = false
[color]
    ui = always
[i18n]
    logOutputEncoding = latin1
[format]
    pretty = oneline
    notes = *
[trailer]
    separators = =
[trailer "A"]
    key = Renamed
"""


def files(mirror, sha=None):
    commits = {commit.sha: commit for commit in mirror.log()}
    return commits[sha].files if sha else next(iter(commits.values())).files


def only(mirror):
    (commit,) = mirror.log()
    return commit


class TestFields:
    def test_all_of_an_ordinary_commit(self, mirrored, origin):
        parent = origin.commit({b"a": b"1\n"})
        sha = origin.commit(
            {b"a": b"1\n2\n"},
            parent,
            message=b"Fix a\nand b\n\nBecause.\n\nSigned-off-by: Ann <ann@example.org>\nFixes: #1\n",
        )

        commit = next(mirrored().log())

        assert commit.sha == sha
        assert commit.parents == (parent,)
        assert (commit.author_name, commit.author_email) == ("Ann Author", "ann@example.org")
        assert (commit.authored_at, commit.author_offset) == (datetime.fromtimestamp(1000000000, UTC), 120)
        assert (commit.committer_name, commit.committer_email) == ("Cora Committer", "cora@example.org")
        assert commit.committed_at == datetime.fromtimestamp(1000000060, UTC)
        assert commit.subject == "Fix a and b"
        assert commit.message == ("Fix a\nand b\n\nBecause.\n\nSigned-off-by: Ann <ann@example.org>\nFixes: #1\n")
        assert commit.trailers == (("Signed-off-by", "Ann <ann@example.org>"), ("Fixes", "#1"))
        assert commit.files == [FileChange("a", None, "M", 1, 0)]

    def test_trailers_are_unfolded_repeated_and_may_be_empty(self, mirrored, origin):
        message = b"S\n\nAcked-by: A\nAcked-by: B: C\nNote: one\n  two\nEmpty:\n(cherry picked from commit 1)\n"
        origin.commit(message=message)

        commit = only(mirrored())

        assert commit.trailers == (("Acked-by", "A"), ("Acked-by", "B: C"), ("Note", "one two"), ("Empty", ""))
        assert commit.message == message.decode()

    @pytest.mark.parametrize(
        "message",
        [
            b"",
            b"\n\n\nLate\n",
            b"no line break",
            b"\x01" + b"a" * 40 + b"\n\n\n",
            b":100644 100644 " + b"0" * 40 + b" M\n1\t2\tfile\n",
            b"Not: a trailer\n\nText\n",
            b"S\n\nKey: value\n\n\nText\n",
            b"windows\r\nline\r\n\r\nbreaks\r\n",
        ],
    )
    def test_a_message_survives_as_it_was_written(self, mirrored, origin, message):
        first = origin.commit({b"a": b""})
        origin.commit({b"b": b""}, first, message=message)

        newest, oldest = mirrored().log()

        assert newest.message == message.decode()
        assert oldest.sha == first
        assert newest.parents == (first,)

    @pytest.mark.parametrize(
        ("message", "subject"),
        [
            (b"", ""),
            (b"\n\n", ""),
            (b"\nLate\n", "Late"),
            (b"a\rb\x0bc\xe2\x80\xa8d\n", "a b c d"),
            (b"one\ntwo\n\nthree", "one two"),
        ],
    )
    def test_a_subject_is_one_line(self, mirrored, origin, message, subject):
        origin.commit(message=message)

        assert only(mirrored()).subject == subject

    def test_text_that_is_not_utf_8_is_kept_byte_by_byte(self, mirrored, origin):
        origin.raw_commit(
            author=b"Andr\xe9 <a\xff@x> 1000000000 +0000",
            committer="Dürr <d@x> 1000000000 +0000".encode(),
            message=b"caf\xe9\n\n\xed\xa0\x80\n\nBy: \xfc\n",
        )

        commit = only(mirrored())

        assert (commit.author_name, commit.author_email) == ("Andr\xe9", "a\xff@x")
        assert commit.committer_name == "Dürr"
        assert commit.subject == "caf\xe9"
        assert commit.message.encode("latin-1") == b"caf\xe9\n\n\xed\xa0\x80\n\nBy: \xfc\n"
        assert commit.trailers == (("By", "\xfc"),)

    def test_a_commit_that_names_its_encoding_is_read_in_it(self, mirrored, origin):
        origin.raw_commit(
            author="Пётр <p@x> 1000000000 +0000".encode("koi8-r"),
            extra=b"encoding KOI8-R\n",
            message="тема\n".encode("koi8-r"),
        )

        commit = only(mirrored())

        assert (commit.author_name, commit.subject, commit.message) == ("Пётр", "тема", "тема\n")

    @pytest.mark.parametrize(
        ("author", "name", "email"),
        [
            (b" <> 1000000000 +0000", "", ""),
            (b"<a@b> 1000000000 +0000", "", "a@b"),
            (b"A <> 1000000000 +0000", "A", ""),
            (b"A <a b\tc> 1000000000 +0000", "A", "a b\tc"),
            (b"A\0B <a\0@b> 1000000000 +0000", "AB", "a@b"),
        ],
    )
    def test_odd_authors(self, mirrored, origin, author, name, email):
        origin.raw_commit(author=author)

        commit = only(mirrored())

        assert (commit.author_name, commit.author_email) == (name, email)
        assert commit.authored_at == datetime.fromtimestamp(1000000000, UTC)

    def test_a_message_ends_at_a_nul_as_in_git_itself(self, mirrored, origin):
        origin.raw_commit(message=b"be\0fore\n")

        commit = only(mirrored())

        assert (commit.subject, commit.message) == ("be", "be")

    def test_no_field_holds_a_nul(self, mirrored, origin):
        origin.raw_commit(author=b"A\0 <\0> 1 +0000", committer=b"\0", message=b"\0\n\nA: \0\n")

        assert "\\x00" not in repr(only(mirrored()))


class TestDates:
    @pytest.mark.parametrize(
        ("date", "at", "offset"),
        [
            (b"0 +0000", datetime(1970, 1, 1, tzinfo=UTC), 0),
            (b"0 -0330", datetime(1970, 1, 1, tzinfo=UTC), -210),
            (b"-86400 +0100", datetime(1969, 12, 31, tzinfo=UTC), 60),
            (b"-62135596800 +0000", datetime(1, 1, 1, tzinfo=UTC), 0),
            (b"-62135596801 +0000", None, 0),
            (b"4102444800 +0530", datetime(2100, 1, 1, tzinfo=UTC), 330),
            (b"253402300799 +0000", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), 0),
            (b"253402300800 +0200", None, 120),
            (b"99999999999999999999999999 +0200", None, 120),
            (b"1000000000 +51800", datetime.fromtimestamp(1000000000, UTC), 0),
            (b"1000000000 -9999", datetime.fromtimestamp(1000000000, UTC), 0),
            (b"1000000000", datetime.fromtimestamp(1000000000, UTC), 0),
            (b"yesterday", None, 0),
            (b"", None, 0),
        ],
    )
    def test_a_date_is_exact_or_none(self, mirrored, origin, date, at, offset):
        origin.raw_commit(author=b"A <a@b> " + date, committer=b"C <c@d> " + date)

        mirror = mirrored()

        commit = only(mirror)
        assert (commit.authored_at, commit.author_offset, commit.committed_at) == (at, offset, at)
        assert (commit.author_name, commit.committer_email) == ("A", "c@d")
        assert [node.committed_at for node in mirror.history()] == [at]

    def test_a_date_that_git_cannot_print_leaves_the_re_encoded_name(self, mirrored, origin):
        origin.raw_commit(author="Пётр <p@x> -1 +0000".encode("koi8-r"), extra=b"encoding KOI8-R\n")

        assert only(mirrored()).author_name == "Пётр"


class TestFileChanges:
    def test_added_modified_and_deleted(self, mirrored, origin):
        first = origin.commit({b"kept": b"", b"changed": b"1\n2\n", b"gone": b"1\n2\n3\n"})
        second = origin.commit({b"kept": b"", b"changed": b"1\n3\n4\n", b"new": b"x\n"}, first)

        assert files(mirrored(), second) == [
            FileChange("changed", None, "M", 2, 1),
            FileChange("gone", None, "D", 0, 3),
            FileChange("new", None, "A", 1, 0),
        ]

    def test_the_first_commit_adds_its_files(self, mirrored, origin):
        origin.commit({b"a/b": b"1\n", b"c": b""})

        assert files(mirrored()) == [FileChange("a/b", None, "A", 1, 0), FileChange("c", None, "A", 0, 0)]

    def test_renamed_with_and_without_edits(self, mirrored, origin):
        first = origin.commit({b"old/same": LINES, b"old/edited": LINES + b"end\n", b"z": b"z\n"})
        second = origin.commit({b"new/same": LINES, b"new/edited": LINES + b"END\n", b"z": b"y\n"}, first)

        assert files(mirrored(), second) == [
            FileChange("new/edited", "old/edited", "R", 1, 1),
            FileChange("new/same", "old/same", "R", 0, 0),
            FileChange("z", None, "M", 1, 1),
        ]

    def test_binary_files_have_no_lines(self, mirrored, origin):
        first = origin.commit({b"b": b"\0\1\2" * 50 + b"x"})
        second = origin.commit({b"c": b"\0\1\2" * 50 + b"y"}, first)

        mirror = mirrored()

        assert files(mirror, first) == [FileChange("b", None, "A", None, None)]
        assert files(mirror, second) == [FileChange("c", "b", "R", None, None)]

    def test_links_modes_and_kinds(self, mirrored, origin):
        first = origin.commit({b"script": b"x\n", b"turned": b"x\n"})
        second = origin.commit(
            {
                b"link": ("120000", origin.blob(b"script")),
                b"script": ("100755", origin.blob(b"x\n")),
                b"turned": ("120000", origin.blob(b"script")),
            },
            first,
        )

        assert files(mirrored(), second) == [
            FileChange("link", None, "A", 1, 0),
            FileChange("script", None, "M", 0, 0),
            FileChange("turned", None, "T", 1, 1),
        ]

    def test_bumps_of_submodules_are_changes_even_if_gitmodules_hides_them(self, mirrored, origin):
        hide = b'[submodule "x"]\n\tpath = libs/x\n\turl = ../x.git\n\tignore = all\n'
        first = origin.commit({b".gitmodules": hide, b"libs/x": ("160000", "1" * 40)})
        second = origin.commit({b".gitmodules": hide, b"libs/x": ("160000", "2" * 40)}, first)

        assert files(mirrored(), second) == [FileChange("libs/x", None, "M", 1, 1)]

    def test_attributes_do_not_turn_text_into_binary(self, mirrored, origin):
        origin.commit({b".gitattributes": b"*.html binary\n", b"a.html": b"1\n2\n"})

        assert FileChange("a.html", None, "A", 2, 0) in files(mirrored())

    def test_empty_commits_and_merges_have_no_files(self, mirrored, origin):
        base = origin.commit({b"a": b"1"})
        empty = origin.commit({b"a": b"1"}, base, message=b"empty", branch=None)
        side = origin.commit({b"a": b"1", b"b": b"2"}, base, branch=None)
        merge = origin.commit({b"a": b"3", b"b": b"2"}, empty, side, base, message=b"octopus")

        commits = {commit.sha: commit for commit in mirrored().log()}

        assert commits[empty].files == []
        assert commits[merge].files == []
        assert commits[merge].parents == (empty, side, base)
        assert len(commits[side].files) == 1

    def test_a_commit_without_a_tree_of_its_own(self, mirrored, origin):
        origin.commit({b"a": b"1"})
        origin.commit(None, branch="empty")

        assert sorted(len(commit.files) for commit in mirrored().log()) == [0, 1]


class TestPaths:
    @pytest.mark.parametrize(
        ("path", "text"),
        [
            (b"new\nline", "new\nline"),
            (b"tab\there", "tab\there"),
            (b"\ttab", "\ttab"),
            (b'mid"dle', 'mid"dle'),
            (b'"quoted"', r'"\"quoted\""'),
            (b"back\\slash", "back\\slash"),
            (b"\x01" + b"a" * 40, "\x01" + "a" * 40),
            (b"\x01" + b"a" * 40 + b"\n", "\x01" + "a" * 40 + "\n"),
            (b":100644 100644 0 0 M", ":100644 100644 0 0 M"),
            (b"\n:100644", "\n:100644"),
            (b"1\t2\tx", "1\t2\tx"),
            (b"-\t-\t", "-\t-\t"),
            ("größe".encode(), "größe"),
            (b"gr\xf6\xdfe", r'"gr\366\337e"'),
            (b"\xed\xa0\x80", r'"\355\240\200"'),
            (b"\x7f \xff", r'"\177 \377"'),
            (b" ", " "),
        ],
    )
    def test_a_path_is_only_a_path(self, mirrored, origin, path, text):
        first = origin.commit({path: LINES, b"~other": b"1\n"})
        second = origin.commit({b"renamed": LINES, b"~other": b"2\n"}, first)
        third = origin.commit({path: LINES + b"x\n", b"~other": b"3\n"}, second)

        mirror = mirrored()

        other = FileChange("~other", None, "M", 1, 1)
        assert set(files(mirror, third)) == {FileChange(text, "renamed", "R", 1, 0), other}
        assert set(files(mirror, second)) == {FileChange("renamed", text, "R", 0, 0), other}
        assert FileChange(text, None, "A", 20, 0) in files(mirror, first)

    def test_a_path_that_is_not_utf_8_is_what_git_prints(self, mirrored, origin):
        raw = bytes(range(1, 256)).replace(b"/", b"")
        origin.commit({raw: b""})

        mirror = mirrored()

        assert files(mirror)[0].path == git(mirror.path, "ls-tree", "--name-only", "develop")

    def test_two_paths_never_become_one(self, mirrored, origin):
        paths = [b"\xff", b'"\\377"', b"\xc3\xbf", b'"\xc3\xbf"', b'"\\303\\277"']
        origin.commit(dict.fromkeys(paths, b""))

        assert len({change.path for change in files(mirrored())}) == len(paths)

    def test_a_commit_of_a_hundred_thousand_files_is_read(self, mirrored, origin):
        count = 100_000
        start = b"blob\nmark :1\ndata 2\nx\n\ncommit refs/heads/develop\ncommitter C <c@d> 1 +0000\ndata 1\nx\n"
        names = [f"folder{number % 100}/{number}" for number in range(count)]
        stream = start + b"".join(f"M 100644 :1 {name}\n".encode() for name in names)
        origin.git("fast-import", "--quiet", stdin=stream)

        commit = only(mirrored())

        assert len(commit.files) == len(set(commit.files)) == count
        assert set(commit.files) == {FileChange(name, None, "A", 1, 0) for name in names}


class TestWhichCommits:
    def test_children_come_before_their_parents_over_all_branches_tags_and_roots(self, mirrored, origin):
        root = origin.commit({b"a": b"1"}, branch=None)
        other_root = origin.commit({b"b": b"1"}, branch="gh-pages")
        left = origin.commit({b"a": b"2"}, root, branch=None)
        right = origin.commit({b"a": b"3"}, root, branch=None)
        merge = origin.commit({b"a": b"4"}, left, right, branch="develop")
        tagged = origin.commit({b"a": b"5"}, root, branch=None)
        origin.tag("boost-1.0.0", tagged, annotated=True)

        mirror = mirrored()

        commits = list(mirror.log())
        assert {commit.sha for commit in commits} == {root, other_root, left, right, merge, tagged}
        place = {commit.sha: number for number, commit in enumerate(commits)}
        assert all(place[commit.sha] < place[parent] for commit in commits for parent in commit.parents)
        assert mirror.count_commits() == len(commits) == 6
        assert [(n.sha, n.parents, n.committed_at) for n in mirror.history()] == [
            (commit.sha, commit.parents, commit.committed_at) for commit in commits
        ]

    def test_excluded_commits_and_their_ancestors_are_left_out(self, mirrored, origin):
        first = origin.commit({b"a": b"1"})
        second = origin.commit({b"a": b"2"}, first)
        third = origin.commit({b"a": b"3"}, second)

        mirror = mirrored()

        assert [commit.sha for commit in mirror.log(exclude=[second])] == [third]
        assert list(mirror.log(exclude=[third])) == []

    def test_an_excluded_commit_that_the_mirror_lacks_excludes_nothing(self, mirrored, origin):
        sha = origin.commit()

        assert [commit.sha for commit in mirrored().log(exclude=["1" * 40])] == [sha]

    def test_more_excluded_commits_than_a_pipe_holds(self, mirrored, origin):
        sha = origin.commit()

        lacking = [f"{number:040x}" for number in range(1, 5000)]

        assert list(mirrored().log(exclude=[*lacking, sha])) == []

    def test_extra_commits_are_read_with_what_they_descend_from(self, mirrors, origin):
        first = origin.commit({b"a": b"1"})
        lost = origin.commit({b"a": b"2"}, first, branch=None)
        pinned = origin.commit({b"a": b"3"}, lost, branch=None)
        mirrors.refresh("lib", wanted=[pinned])
        mirror = mirrors.mirror("lib")

        assert [commit.sha for commit in mirror.log(extra=[pinned])] == [pinned, lost, first]
        assert [node.sha for node in mirror.history(extra=[pinned])] == [pinned, lost, first]
        assert mirror.count_commits(extra=[pinned]) == 3
        assert mirror.count_commits() == 1

    def test_an_extra_commit_that_the_mirror_lacks_is_passed_over(self, mirrored, origin):
        sha = origin.commit()

        mirror = mirrored()

        assert [commit.sha for commit in mirror.log(extra=["1" * 40])] == [sha]
        assert mirror.count_commits(extra=["1" * 40]) == 1

    def test_a_tag_of_something_else_than_a_commit_adds_none(self, mirrored, origin):
        sha = origin.commit({b"a": b"1"})
        origin.tag("blob", origin.blob(b"x"))
        origin.tag("tree", origin.git("rev-parse", f"{sha}^{{tree}}"), annotated=True)

        assert [commit.sha for commit in mirrored().log()] == [sha]


class TestSurroundings:
    def test_the_configuration_of_the_user_changes_nothing(self, mirrored, origin, user_config, monkeypatch):
        first = origin.commit({b"old": LINES, b"\xc3\xa9": b"1\n"})
        origin.commit({b"new": LINES, b"\xc3\xa9": b"1 \n"}, first, message=b"S\n\nX-Key= v\nA: b\n")
        mirror = mirrored()
        plain = list(mirror.log())
        monkeypatch.delenv("GIT_CONFIG_NOSYSTEM")
        (user_config.parent / ".config/git").mkdir(parents=True)
        (user_config.parent / ".config/git/attributes").write_text("* binary\n")
        mailmap = user_config.parent / "mailmap"
        mailmap.write_text("Other <other@example.org> <ann@example.org>\n")
        user_config.write_text(CONFIGURATION + f"[mailmap]\n\tfile = {mailmap}\n")
        monkeypatch.setenv("GIT_EXTERNAL_DIFF", "/bin/false")
        monkeypatch.setenv("GIT_DIFF_OPTS", "-u0")
        monkeypatch.setenv("LANG", "de_DE.UTF-8")
        monkeypatch.setenv("TZ", "Asia/Kolkata")

        assert list(mirror.log()) == plain

    def test_replacements_and_grafts_change_nothing(self, mirrored, origin):
        first = origin.commit({b"a": b"1"})
        second = origin.commit({b"a": b"2"}, first)
        mirror = mirrored()

        git(mirror.path, "replace", "--graft", second)

        assert [commit.sha for commit in mirror.log()] == [second, first]


class TestDamage:
    """A log that stops early looks like a short history; it must never end in silence."""

    @pytest.fixture
    def history(self, mirrors, origin):
        sha = None
        shas = []
        for number in range(5):
            sha = origin.commit({b"a": b"%d\n" % number, b"b": b"%d\n" % number}, *([sha] if sha else []))
            shas.append(sha)
        mirrors.refresh("lib")
        mirror = mirrors.mirror("lib")
        # Loose objects can be damaged one by one.
        packs = [path.read_bytes() for path in sorted(mirror.path.glob("objects/pack/*.pack"))]
        for path in mirror.path.glob("objects/pack/*"):
            path.unlink()
        for pack in packs:
            git(mirror.path, "unpack-objects", "-q", stdin=pack)
        return mirror, shas

    @staticmethod
    def loose(mirror, name):
        sha = git(mirror.path, "rev-parse", name)
        return mirror.path / "objects" / sha[:2] / sha[2:]

    @pytest.mark.parametrize("what", ["{}:a", "{}^{{tree}}", "{}"])
    @pytest.mark.parametrize("how", ["lost", "empty", "garbage"])
    def test_a_damaged_object_in_the_middle_raises(self, history, what, how):
        mirror, shas = history
        path = self.loose(mirror, what.format(shas[2]))
        content = path.read_bytes()
        path.unlink()
        if how != "lost":
            path.write_bytes(b"" if how == "empty" else bytes(byte ^ 0x55 for byte in content))

        read = []
        with pytest.raises(SourceCorrupt, match=r"^lib: the mirror is damaged \(.*\); remove .*lib\.git to have it"):
            read.extend(mirror.log())

        assert len(read) < 5

    def test_a_damaged_commit_ends_the_graph_and_the_count_with_an_error(self, history):
        mirror, shas = history
        self.loose(mirror, shas[0]).unlink()

        with pytest.raises(SourceCorrupt):
            list(mirror.history())
        with pytest.raises(SourceCorrupt):
            mirror.count_commits()

    def test_a_mirror_that_was_never_cloned_is_no_empty_history(self, mirrors):
        with pytest.raises(SourceCorrupt, match="not a git repository"):
            list(mirrors.mirror("lib").log())

    def test_a_git_that_is_killed_is_no_damage(self, mirrored, origin, monkeypatch, tmp_path):
        origin.commit()
        mirror = mirrored()
        folder = tmp_path / "bin"
        folder.mkdir()
        real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
        (folder / "git").write_text(f'#!/bin/sh\ncase "$*" in *--numstat*) kill -9 $$;; esac\nexec {real} "$@"\n')
        (folder / "git").chmod(0o755)
        monkeypatch.setenv("PATH", str(folder), prepend=":")

        with pytest.raises(SourceUnavailable, match="ended by signal 9"):
            list(mirror.log())


def test_a_log_that_is_left_early_ends_its_git(mirrored, origin):
    first = origin.commit({b"a": b"1"})
    origin.commit({b"a": b"2"}, first)
    mirror = mirrored()
    children = mirror._git._children

    log = mirror.log()
    next(log)
    running = list(children._running)
    log.close()

    assert len(running) == 1
    assert running[0].returncode is not None
    assert children._running == set()
