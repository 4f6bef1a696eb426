import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from boost_pipeline.boost.includes import LONGEST_TARGET, boostdep_targets, scan


def targets(text):
    return scan(text.encode()).targets


# What a compiler sees


@pytest.mark.parametrize(
    "line",
    [
        "#include <a/b.hpp>",
        '#include "a/b.hpp"',
        "#include<a/b.hpp>",
        '#include"a/b.hpp"',
        " \t#\t include\t<a/b.hpp>",
        "#include <a/b.hpp> // why",
        "#include <a/b.hpp> /* why",
        "#include <a/b.hpp>\r",
    ],
)
@pytest.mark.parametrize("around", ["{}", "{}\n", "// c\n{}\n#endif\n", "/* c\n c */\n{}\n", "#if 0\n{}\n#endif\n"])
def test_a_directive_on_one_line_is_seen_by_the_compiler_and_by_boostdep(line, around):
    found = scan(around.format(line).encode())

    assert found.targets == ("a/b.hpp",)
    assert boostdep_targets(found) == {"a/b.hpp"}
    assert found.commented == found.spliced == found.macros == ()


@pytest.mark.parametrize(
    "text",
    [
        "/* c */ #include <a.hpp>\n",
        "/* c\n c */ #include <a.hpp>\n",
        "# /* c */ include <a.hpp>\n",
        "# /* c\n */ include <a.hpp>\n",
        "#include /* c */ <a.hpp>\n",
        "#include/**/<a.hpp>\n",
        "# \\\n include <a.hpp>\n",
        "#inc\\\nlude <a.hpp>\n",
        "#include \\\r\n <a.hpp>\n",
        "#include \\ \t\n <a.hpp>\n",
        "/\\\n* #include <b.hpp> */ #include <a.hpp>\n",
        "/* c *\\\n/ #include <a.hpp>\n",
        "/* c *\\\r\n\\\n/# include <a.hpp>\n",
        "#/* c *\\\n/ include <a.hpp>\n",
        "#include_next <a.hpp>\n",
        "%:include <a.hpp>\n",
        "%:/**/include <a.hpp>\n",
        "\ufeff#include <a.hpp>\n",
        "\f#include <a.hpp>\n",
        "#\vinclude <a.hpp>\n",
        "int a;\r#include <a.hpp>\r",
        "int a; // c\r#include <a.hpp>\r",
    ],
)
def test_a_directive_that_is_spread_over_lines_or_spelt_otherwise_is_seen_by_the_compiler_alone(text):
    found = scan(text.encode())

    assert found.targets == found.spliced == ("a.hpp",)
    assert boostdep_targets(found) == set()


def test_of_a_target_that_is_spread_over_lines_boostdep_reads_the_first_line():
    found = scan(b"#include <a.\\\nhpp>\n")

    assert (found.targets, found.spliced, boostdep_targets(found)) == (("a.hpp",), ("a.hpp",), {"a.\\"})


@pytest.mark.parametrize(
    "text",
    [
        "/*\n#include <a.hpp>\n*/\n",
        "/* c *//* \n#include <a.hpp>\n*/\n",
        "// /* c\n/*\n#include <a.hpp>\n*/\n",
        "/*/\n#include <a.hpp>\n*/\n",
        's = "/*" /*/\n#include <a.hpp>\n*/;\n',
        "/*\n#include <a.hpp>\n",
        "// c \\\n#include <a.hpp>\n",
        "// c \\\r\n#include <a.hpp>\n",
        "/\\\n/ c \\\n#include <a.hpp>\n",
        "/\\\n* c\n#include <a.hpp>\n*/\n",
        '"c \\\n#include <a.hpp>\n";\n',
        "#define A \\\n#include <a.hpp>\n",
        'R"(\n#include <a.hpp>\n)";\n',
        'u8R"x(\n)"\n#include <a.hpp>\n)x";\n',
        'R"(\n#include <a.hpp>\n',
        'R\\\n"(\n#include <a.hpp>\n)";\n',
        "int a = 1'000; /*\n#include <a.hpp>\n*/\n",
        "int a; /*\n*/ int b; /* \n#include <a.hpp>\n*/\n",
        "#include <a.hpp",
        '#include "a.hpp',
    ],
)
def test_what_only_a_reader_of_lines_takes_for_a_directive_is_commented(text):
    found = scan(text.encode())

    assert found.targets == ()
    assert found.commented == ("a.hpp",)
    assert boostdep_targets(found) == {"a.hpp"}


@pytest.mark.parametrize(
    "text",
    [
        "// #include <a.hpp>\n",
        "/* #include <a.hpp> */\n",
        " * #include <a.hpp>\n",
        "int a; #include <a.hpp>\n",
        "int a; /* c\n */ #include <a.hpp>\n",
        '"#include <a.hpp>"\n',
        "##include <a.hpp>\n",
        "include <a.hpp>\n",
        "#includes <a.hpp>\n",
        "#include_nexts <a.hpp>\n",
        "#import <a.hpp>\n",
        "import <a.hpp>;\n",
        "#if __has_include(<a.hpp>)\n",
        "#include\n<a.hpp>\n",
        "#include <>\n",
        "#\0i\0n\0c\0l\0u\0d\0e\0 <a.hpp>\n",
    ],
)
def test_what_is_no_directive_is_seen_by_nobody(text):
    found = scan(text.encode())

    assert found.targets == found.commented == found.macros == ()


@pytest.mark.parametrize(
    "before",
    [
        's = "/*";',
        'c = \'"\'; s = "/*";',
        "c = '\\''; s = \"/*\";",
        "// it's /* c",
        "#error don't /* c",
        "// libs/*/include/*.hpp",
        "int a = 1'000'000;",
        "u8'a'; L'/*';",
        's = "\\"/*";',
        's = R"(/*)" "";',
        's = u8R"x(/* )" )x";',
        'FOOR"(";',
        's = R"(\n" \' /* \n)";',
        's = "a \\\n /* ";',
        "/* c \\\n */",
        "/**/ /***/ /*/*/",
        "# /* c\n * c */",
        "# define A /* c */\n",
    ],
)
def test_a_literal_or_comment_before_hides_no_directive(before):
    assert targets(f"{before}\n#include <a.hpp>\n") == ("a.hpp",)


def test_a_target_comes_once_in_the_order_of_the_file():
    assert targets('#include <b>\n#include "a"\n#include "b"\n# include <c>\n#include <a>\n') == ("b", "a", "c")


def test_a_target_with_a_directive_anywhere_in_the_file_is_not_commented():
    found = scan(b"/*\n#include <a>\n#include <b>\n*/\n#include <a>\n")

    assert (found.targets, found.commented) == (("a",), ("b",))


def test_a_target_that_boostdep_sees_in_a_comment_is_not_spliced():
    found = scan(b"/*\n#include <a>\n*/ #include <a>\n")

    assert (found.targets, found.spliced, boostdep_targets(found)) == (("a",), (), {"a"})


def test_a_header_name_is_no_code():
    assert targets("#include <it's/*.hpp>\n#include <a//b.hpp>\n") == ("it's/*.hpp", "a//b.hpp")


@pytest.mark.parametrize(
    ("text", "macro"),
    [
        ("#include BOOST_PP_ITERATE()\n", "BOOST_PP_ITERATE()"),
        ("#  include\tFOO_HPP  // c\n", "FOO_HPP"),
        ("#include FOO( a, \\\n  b ) /* c */\n", "FOO( a, b )"),
        ("#include/**/FOO", "FOO"),
        ("#include FOO(a/b) /* c\n c */\n", "FOO(a/b)"),
        ("#include_next FOO\r\n", "FOO"),
    ],
)
def test_an_operand_that_is_no_literal_is_a_macro(text, macro):
    assert scan(text.encode()).macros == (macro,)
    assert scan(text.encode()).targets == ()


def test_a_macro_in_a_comment_is_none():
    assert scan(b"/*\n#include FOO\n*/\n").macros == ()


def test_conditional_compilation_is_ignored():
    assert targets("#if 0\n#include <a>\n#else\n#include <b>\n#endif\n") == ("a", "b")


# Bytes of all kinds


@pytest.mark.parametrize("name", ["a" * 1000, "é" * 1000])
@pytest.mark.parametrize("line", ["#include <{}>\n", "#include /**/ <{}>\n", "/*\n#include <{}>\n*/", "#include {}\n"])
def test_a_name_longer_than_the_bound_is_left_out(name, line):
    assert len(name) == LONGEST_TARGET

    def names(text):
        found = scan(text.encode())
        return len(found.targets + found.commented + found.macros)

    assert names(line.format(name)) == (name.isascii() or "{}>" in line)
    assert names(line.format(name + "a")) == 0


def test_what_is_not_utf_8_becomes_a_replacement_character():
    assert scan(b"#include <a\xff.hpp>\n#include <\xc3>\n#include /**/ <\xc3>").targets == ("a\ufffd.hpp", "\ufffd")


def test_a_nul_byte_is_a_blank():
    assert targets("#\0include\0<a\0b>\n") == ("a b",)


@pytest.mark.parametrize(
    ("content", "lines"), [(b"", 0), (b"a", 1), (b"a\n", 1), (b"a\n\nb", 3), (b"a\r\nb\r\n", 2), (b"\0\n", 1)]
)
def test_lines_and_bytes_are_counted(content, lines):
    assert (scan(content).line_count, scan(content).byte_count) == (lines, len(content))


PIECES = [
    *("#", "include", "_next", "<", ">", '"', "'", "/", "*", "\\", "\n", "\r", " ", "\t", "\f", "(", ")", "R", "1"),
    *("\0", "\ufeff", "%:", "x.hpp", "/*", "*/", "//", "\\\n", "\\\r\n", 'R"(', ')"', "#include <a>", "é", "a"),
    *("#include", '\n#include "c"\n', " #/**/include FOO()", "#inc\\\nlude <d>", "\n#include <b>\n"),
]
wild_text = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=300) | wild_text.map(str.encode) | wild_text.map(lambda text: text.encode("utf-16")))
def test_any_bytes_are_read(content):
    found = scan(content)

    assert found.byte_count == len(content)
    for texts in (found.targets, found.commented, found.spliced, found.macros):
        assert len(set(texts)) == len(texts)
        assert not any("\0" in text or "\n" in text or "\r" in text or not text for text in texts)
    assert set(found.spliced) <= set(found.targets)
    assert not set(found.commented) & set(found.targets)


PATTERNS = [
    *("#include ", "#include <", "#/*", "/*", "#include /* ", "'", '"', "1'", "\\\n", "#\\\n", "%:", 'R"(', "/\\\n"),
    *(
        "#include <a>",
        "\n#include <a>/*",
        "\n/**/#include <a>",
        "\n#include FOO(/",
        " ",
        "i\\\n",
        "*/",
        "\n#include <a",
    ),
    *("#", "#/**/", "#include\\\n", "/*/", "\n#include <a>", "\n# "),
]


@pytest.mark.parametrize("begin", ["#include <first>\n", "/* c */ #include <first>\n"])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_megabyte_of_a_pattern_is_read_in_one_go(begin, pattern):
    """Work that grows with the square of the size would take hours here."""
    content = (begin + pattern * (1_000_000 // len(pattern))).encode()

    assert scan(content).targets[0] == "first"


# Two other readings of the same text, slow and plain


def read_line_by_line(text):
    """What boostdep reads: each line by itself."""
    found = set()
    for line in text.replace("\0", " ").split("\n"):
        rest = line.lstrip(" \t")
        if not rest.startswith("#"):
            continue
        rest = rest[1:].lstrip(" \t")
        if not rest.startswith("include"):
            continue
        rest = rest[len("include") :].lstrip(" \t")
        if rest[:1] in ("<", '"') and len(rest) >= 2:
            found.add(rest[1:].split(">" if rest[0] == "<" else '"')[0])
    return {target for target in found if target and "\r" not in target}


@settings(deadline=None, max_examples=500)
@given(wild_text)
def test_the_set_of_boostdep_is_that_of_a_reader_of_lines(text):
    assert boostdep_targets(scan(text.encode())) == read_line_by_line(text)


class Reader:
    """Reads a file character by character, in the phases of translation of the C++ standard."""

    def __init__(self, text):
        text = text.removeprefix("\ufeff").replace("\0", " ").replace("\r\n", "\n").replace("\r", "\n")
        self.text = ""
        self.joined = set()  # where characters stand that followed a splice
        at = 0
        while at < len(text):
            if splice := re.match(r"\\[ \t\f\v]*\n", text[at:]):
                at += splice.end()
                self.joined.add(len(self.text))
            else:
                self.text += text[at]
                at += 1
        self.at = 0
        self.found = []

    def has(self, *starts):
        return any(self.text.startswith(start, self.at) for start in starts)

    def read(self):
        first = True
        while self.at < len(self.text):
            if self.has("\n"):
                first, self.at = True, self.at + 1
            elif not self.skip_blank():
                if first and self.has("#", "%:"):
                    self.at += 1 if self.has("#") else 2
                    self.directive()
                else:
                    self.other()
                first = False
        return list(dict.fromkeys(self.found))

    def skip_blank(self):
        """Skip one blank or comment, if there is one."""
        if self.has(" ", "\t", "\f", "\v"):
            self.at += 1
        elif self.has("//"):
            self.at = self.behind("\n", self.at) - self.text.endswith("\n", 0, self.behind("\n", self.at))
        elif self.has("/*"):
            self.at = self.behind("*/", self.at + 2)
        else:
            return False
        return True

    def behind(self, end, at):
        found = self.text.find(end, at)
        return len(self.text) if found < 0 else found + len(end)

    def word(self):
        start = self.at
        while self.at < len(self.text) and (
            (self.text[self.at].isascii() and self.text[self.at].isalnum()) or self.has("_")
        ):
            self.at += 1
        return self.text[start : self.at]

    def directive(self):
        while self.skip_blank():
            pass
        start = self.at
        if self.word() not in ("include", "include_next"):
            self.at = start
            return
        while self.skip_blank():
            pass
        for begin, end in ("<>", '""'):
            if self.has(begin) and end in self.text[self.at + 1 :].split("\n")[0]:
                target = self.text[self.at + 1 : self.text.index(end, self.at + 1)]
                if target:
                    self.found.append(target)
                    self.at += len(target) + 2
                return

    def other(self):
        if self.has('"', "'"):
            self.quoted(self.text[self.at])
            return
        word = self.word()
        if not word:
            self.at += 1
        elif word[0].isdigit():
            self.at += len(re.match(r"([0-9A-Za-z_.]|'[0-9A-Za-z_])*", self.text[self.at :])[0])
        elif self.has('"') and word in ("R", "u8R", "uR", "UR", "LR"):
            self.raw()

    def quoted(self, quote):
        self.at += 1
        while self.at < len(self.text) and not self.has(quote, "\n"):
            self.at += 2 if self.has("\\") and self.text[self.at + 1 : self.at + 2] not in ("", "\n") else 1
        if self.has(quote):
            self.at += 1
            self.word()

    def raw(self):
        begin = re.match(r'"([^ ()\\\t\v\f\n]{0,16})\(', self.text[self.at :])
        if not begin or self.joined & {*range(self.at + 1, self.at + begin.end())}:
            self.quoted('"')
            return
        end = f'){begin[1]}"'
        at = self.text.find(end, self.at + begin.end())
        while at >= 0 and self.joined & {*range(at + 1, at + len(end))}:
            at = self.text.find(end, at + 1)
        self.at = len(self.text) if at < 0 else at + len(end)
        self.word()


@settings(deadline=None, max_examples=500)
@given(wild_text)
@example("#include<\\\n>")
@example("//\\\n\\\n#include <a>\n#include <b>")
@example('"a"R"(\n#include <a>\n)"\n#include <b>\n')
def test_the_targets_are_those_of_a_reader_of_characters(text):
    assert list(targets(text)) == Reader(text).read()


SHOWN = [
    *("#include <{}>\n", '  # include "{}"\r\n', "#include <{}> // c\n", "/* c */ #include <{}>\n"),
    *("#inc\\\nlude <{}>\n", "%:include <{}>\n", "#include <{}> /* c\n c */\n"),
]
HIDDEN = [
    *("/*\n#include <{}>\n*/\n", "// #include <{}>\n", 'R"(\n#include <{}>\n)";\n', '"\\\n#include <{}>";\n'),
    *("//\\\n#include <{}>\n", "#define A \\\n#include <{}>\n"),
]
CODE = ["int a = 1'0;\n", "// it's /*\n", 's = "/*";\n', "# /* c\n*/\n", "#define A(b) \\\n  b\n", "c = '\"';\n"]
names = st.sampled_from(["a", "b/c.hpp", "boost/d.hpp", "e", "f.h"])


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(SHOWN + HIDDEN + CODE), names), max_size=12))
def test_of_known_directives_just_those_outside_of_comments_and_strings_are_targets(chunks):
    text = "".join(shape.format(name) for shape, name in chunks)

    assert list(targets(text)) == list(dict.fromkeys(name for shape, name in chunks if shape in SHOWN))
