"""The include directives of one C or C++ file: a light lexer, and what boostdep would make of the same file.

Two readings of a file are kept apart. A compiler's: a directive may be spread over lines and mixed with comments,
and what stands in a comment or in a string is none. boostdep's, which takes a file line by line and knows neither.
Neither of them looks at conditional compilation, nor at `import`. Whose header a target is belongs to
`dependencies`; which files are read, to `source_files`.

Nearly every file needs no lexer: where each directive stands on one line of its own, and text searches prove that
none of them can be within a comment or a string, both readings are the same.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

LONGEST_TARGET: Final = 1_000
"""Characters; a longer target or macro is left out."""

_NEWLINE: Final = 0x0A

# A backslash at the end of a line joins it with the next; blanks between are allowed since C++23 and by GCC and Clang.
_SPLICE: Final = re.compile(rb"\\[ \t\f\v]*+(?:\r\n?|\n)")
# Every "#" that may begin an include directive: group 1 and 2 are a literal operand on the same line, 3 is a macro,
# none of them is what the lexer has to look at. A search for one literal byte runs at the speed of memchr.
_CANDIDATE: Final = re.compile(
    rb"""\#[ \t]*+(?:
        include(?:
            [ \t]*+(?:<([^>\r\n]{1,1000}+)> | "([^"\r\n]{1,1000}+)")
          | [ \t]++([A-Za-z_](?:[^\r\n/\\]|/(?![/*\\])){0,999}+)(?=[\r\n])
        )?
      | (?=[\\\f\v] | i[nclud]*+\\ | /\\ | /\*(?!(?:[^*/\\]|\*(?!/)|/(?!\*))*+\*/[ \t]*+[\r\n]))
    )""",
    re.VERBOSE,
)
# The same for nearly every file: its include directives begin lines and have a literal operand, which is group 1. A
# match without it is a "#" that may begin any other.
_SIMPLE: Final = re.compile(
    rb"""\#(?:
        (?<=\n\#)[ \t]*+include[ \t]*+(<[^<>"\r\n]{1,1000}+>|"[^<>"\r\n]{1,1000}+")
      | [ \t]*+(?:include | [\\\f\v] | i[nclud]*+\\ | /[\\*])
    )""",
    re.VERBOSE,
)
_SPLICED_DIRECTIVE: Final = re.compile(rb"\\(?:(?<=[/R]\\)[ \t\f\v]*+[\r\n]|[ \t\f\v]*+\r?\n\#)")
_DIGRAPH: Final = re.compile(rb"%(?=:[ \t]*+[i/\\\f\v]|\\)")
_COMMENT_BEGIN: Final = re.compile(rb"\*(?<=/\*)")
_RAW_STRING_BEGIN: Final = re.compile(rb'"(?<=R")')
_LINE_OF_BOOSTDEP: Final = re.compile(rb'^[ \t]*+#[ \t]*+include[ \t]*+(?:<([^>\n]*+)|"([^"\n]*+))', re.MULTILINE)

# The lexer's text: a newline is \n, and a NUL byte stands for each splice, so that it may stand between any two.
_COMMENT: Final = rb"/\0*+\*.*?(?:\*\0*+/|\Z)"
_WHOLE_COMMENT: Final = re.compile(_COMMENT, re.DOTALL)
_SPLIT_WORD: Final = re.compile(rb"[includ]\0++[nclude]")
_BLANK: Final = rb"(?>[ \t\f\v\0]++|" + _COMMENT + rb")*+"
_TOKEN: Final = re.compile(
    rb"/\0*+/[^\n]*+|" + _COMMENT + rb"|\#|%\0*+:"
    rb'|"(?:[^"\\\n]|\\\0*+[^\n])*+(?:"[A-Za-z0-9_\0]*+)?'
    rb"|'(?:[^'\\\n]|\\\0*+[^\n])*+(?:'[A-Za-z0-9_\0]*+)?",
    re.DOTALL,
)
_DIRECTIVE: Final = re.compile(
    _BLANK + rb"\0*+".join(b"i n c l u d e".split()) + rb"(?:\0*+_\0*+n\0*+e\0*+x\0*+t)?(?!\0*+[A-Za-z0-9_])"
    rb"(?:" + _BLANK + rb'(<[^>\n]++>|"[^"\n]++")|(?=' + _BLANK + rb"([A-Za-z_](?:[^/\n]|"
    rb"(?>" + _COMMENT + rb")|/(?!\0*+/))*+)))?",
    re.DOTALL,
)
_RAW_STRING: Final = re.compile(rb'"([^ ()\\\t\v\f\n\0]{0,16})\((?:.*?\)\1"[A-Za-z0-9_\0]*+|.*)', re.DOTALL)
_RAW_PREFIXES: Final = frozenset({b"R", b"u8R", b"uR", b"UR", b"LR"})
_NUMBER: Final = re.compile(rb"(?:'\0*+[0-9A-Za-z_]|[0-9A-Za-z_.\0])++")
_NUMBER_BYTES: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz.\0"


class Includes(NamedTuple):
    """What one file includes; each target and macro once, in the order of the file.

    Attributes:
        targets: What stands between <> or "" of the directives that a compiler would see.
        commented: What boostdep takes for a target and a compiler nowhere in the file: it stands in a comment or a
            string, or lacks its closing delimiter.
        spliced: Those of `targets` that boostdep does not see: spread over lines, mixed with comments, include_next,
            spelt with %:, behind a byte order mark, a form feed or a lone carriage return.
        macros: The operands that are no literal, as `BOOST_PP_ITERATE()`.
        line_count: Lines, the last one also without a newline.
        byte_count: The size of the file.
    """

    targets: tuple[str, ...]
    commented: tuple[str, ...]
    spliced: tuple[str, ...]
    macros: tuple[str, ...]
    line_count: int
    byte_count: int


def scan(content: bytes) -> Includes:
    r"""Read the include directives of a file, whatever bytes it holds.

    A NUL byte is a blank, as it is for compilers; what is not UTF-8 becomes U+FFFD.

    >>> found = scan(b'/*\n#include <a.hpp>\n*/ #include "b.hpp"\n#include FILE\n')
    >>> found.targets, found.commented, found.spliced, found.macros
    (('b.hpp',), ('a.hpp',), ('b.hpp',), ('FILE',))
    """
    text = content.replace(b"\0", b" ") if b"\0" in content else content
    macros: tuple[str, ...] = ()
    commented: tuple[str, ...] = ()
    spliced: tuple[str, ...] = ()
    simple = _simple_targets(text)
    if simple is not None:
        targets = simple
    elif plain := _plain_operands(text):
        targets, macros = map(_decoded, plain)
    else:
        operands = list(_lexed_operands(text))
        targets = _decoded([operand[1:-1] for operand in operands if operand[0] in b'<"'])
        macros = _decoded([operand for operand in operands if operand[0] not in b'<"'])
        seen = _targets_of_boostdep(text)
        commented, spliced = _without(seen, targets), _without(targets, seen)
    line_count = content.count(b"\n") + (content[-1:] not in {b"", b"\n"})
    return Includes(targets, commented, spliced, macros, line_count, len(content))


def boostdep_targets(includes: Includes) -> set[str]:
    """Return the targets that boostdep reads in the file."""
    return {*includes.targets, *includes.commented}.difference(includes.spliced)


def _decoded(texts: list[bytes]) -> tuple[str, ...]:
    """Return each text once; none of them holds a newline."""
    if not texts:
        return ()
    found = dict.fromkeys(b"\n".join(texts).decode(errors="replace").split("\n"))
    return tuple(text for text in found if 0 < len(text) <= LONGEST_TARGET)


def _without(texts: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    left_out = frozenset(others)
    return tuple(text for text in texts if text not in left_out)


def _targets_of_boostdep(text: bytes) -> tuple[str, ...]:
    """Return the distinct targets on the lines that boostdep reads.

    An operand that is not closed on its line extends to the end of it. One with a carriage return names no file
    of any repository and is left out.
    """
    found = (angle or quoted for angle, quoted in _LINE_OF_BOOSTDEP.findall(text))
    return _decoded([target for target in found if target and b"\r" not in target])


def _simple_targets(text: bytes) -> tuple[str, ...] | None:
    """Return the targets of a file whose include directives look as nearly all do; None if some may not."""
    operands = _SIMPLE.findall(b"\n" + text if text.startswith(b"#") else text)
    if not operands:
        return None if b"%" in text and _DIGRAPH.search(text) else ()
    if (
        b"" in operands
        or _RAW_STRING_BEGIN.search(text)
        or (b"\\" in text and _SPLICED_DIRECTIVE.search(text))
        or (b"%" in text and _DIGRAPH.search(text))
    ):
        return None
    begin = _COMMENT_BEGIN.search(text) if b"*" in text else None
    while begin:
        # The end of "/*/" may begin a comment, too: who knows what its own beginning was.
        end = text.find(b"*/", begin.end())
        if _SIMPLE.search(text, begin.end(), end if end >= 0 else len(text)):
            return None
        begin = _COMMENT_BEGIN.search(text, end) if end >= 0 else None
    names = b"\n".join(operands).translate(None, b'<>"')
    return tuple(dict.fromkeys(names.decode(errors="replace").split("\n")))


def _plain_operands(text: bytes) -> tuple[list[bytes], list[bytes]] | None:
    """Return the targets and the macros of all include directives; None if it takes the lexer to tell."""
    if b"%" in text and _DIGRAPH.search(text):
        return None
    targets: list[bytes] = []
    macros: list[bytes] = []
    lines: list[int] = []
    done = 0
    for match in _CANDIDATE.finditer(text):
        line = match.start()
        if line and text[line - 1] != _NEWLINE:
            line = done + len(text[done:line].rstrip(b" \t"))
            if line and text[line - 1] != _NEWLINE:
                if _may_begin_a_line(text, line):
                    return None
                done = match.end()
                continue
        group = match.lastindex
        if not group:
            return None
        (macros if group == 3 else targets).append(match[group])
        lines.append(line)
        done = match.end()
    if lines and not (_are_outside_comments(text, lines) and _are_outside_literals(text, lines)):
        return None
    return targets, [b" ".join(macro.split()) for macro in macros]


def _may_begin_a_line(text: bytes, at: int) -> bool:
    """Whether a directive may stand at `at`, although no newline is before it."""
    if text[at - 1] == ord("/"):  # the end of a comment, perhaps with a splice before the slash
        return text[at - 2] in b"*\r\n"
    return text[at - 1] in b"\r\f\v" or (at == 3 and text.startswith(b"\xef\xbb\xbf"))


def _are_outside_comments(text: bytes, lines: list[int]) -> bool:
    """Whether it is certain that none of the lines, given by where they start, is within a block comment."""
    begin = _COMMENT_BEGIN.search(text, 0, lines[-1])
    for line in lines if begin else ():
        # The first of several beginnings counts. That of "/*/" may be one, too: who knows what the first was.
        while begin and begin.start() < line:
            end = text.find(b"*/", begin.end(), line)
            if end < 0:
                return False
            begin = _COMMENT_BEGIN.search(text, end, lines[-1])
    return True


def _are_outside_literals(text: bytes, lines: list[int]) -> bool:
    """Whether it is certain that none of the lines continues another one, or is within a raw string."""
    if _RAW_STRING_BEGIN.search(text, 0, lines[-1]):
        return False
    starts = set(lines)
    # Behind "/" and "R" a splice may hide the beginning of a comment or of a raw string.
    return not any(
        splice.end() in starts or text[splice.start() - 1] in b"/R" for splice in _SPLICE.finditer(text, 0, lines[-1])
    )


def _lexed_operands(text: bytes) -> Iterator[bytes]:
    """Yield the operand of each include directive that a compiler would see, without splices and comments."""
    text = text.removeprefix(b"\xef\xbb\xbf")
    text = _SPLICE.sub(b"\0", text).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    last = len(text) if _SPLIT_WORD.search(text) else text.rfind(b"include")
    at, first_on_line = 0, True
    while (token := _TOKEN.search(text, at)) and token.start() < last:
        gap = text[at : token.start()]
        _, newline, before = gap.rpartition(b"\n")
        first_on_line = (first_on_line or bool(newline)) and not before.strip(b" \t\f\v\0")
        at = token.end()
        kind = token[0][0]
        if kind == ord("/"):  # a comment, behind which a directive may begin
            continue
        if kind in b"#%":
            directive = _DIRECTIVE.match(text, at) if first_on_line else None
            if directive:
                at = directive.end()
                if directive.lastindex:
                    yield _without_comments(directive[directive.lastindex])
        else:
            at = _end_of_literal(text, token, gap)
        first_on_line = False


def _without_comments(operand: bytes) -> bytes:
    if operand[0] in b'<"':
        return operand.replace(b"\0", b"")
    operand = _WHOLE_COMMENT.sub(b" ", operand)
    return b" ".join(operand.replace(b"\0", b"").split())


def _end_of_literal(text: bytes, token: re.Match[bytes], gap: bytes) -> int:
    """Return where the string, character or number ends whose quote the token begins with."""
    word = gap[len(gap.rstrip(_NUMBER_BYTES)) :].replace(b"\0", b"")
    if token[0][0] == ord('"'):
        raw = _RAW_STRING.match(text, token.start()) if word.rpartition(b".")[2] in _RAW_PREFIXES else None
        return raw.end() if raw else token.end()
    # A quote within a number separates its digits.
    number = _NUMBER.match(text, token.start()) if word.lstrip(b".")[:1].isdigit() else None
    return number.end() if number else token.end()
