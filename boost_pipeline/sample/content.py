"""What the files of the sample hold, and how a day's work changes them.

A text never holds one line twice where edits reach it, so that any diff counts an edit alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TypeVar

from boost_pipeline.sample.history import File

_T = TypeVar("_T")

_NOTICE = "// Part of a sample, made by code: not a file of Boost."
_FUNCTION = "inline int "
_CODE_FOLDERS = ("include", "src", "test", "example")


def choose(options: Sequence[_T], *key: object) -> _T:
    """Choose one of `options` by `key`: the same one on every machine, with every version of Python."""
    digest = hashlib.sha256(repr(key).encode()).digest()
    return options[int.from_bytes(digest[:8], "big") % len(options)]


def code(path: str, includes: Sequence[str]) -> File:
    """Return a C++ file of the form that Boost's have.

    Args:
        path: From the root of the repository; the include guard is made of it.
        includes: What stands between the angle brackets; a text with a blank, a quote or a # is a whole line.
    """
    lines = [_NOTICE, "// Distributed under the Boost Software License, Version 1.0."]
    guard = _word(path.removeprefix("include/")).upper()
    header = path.startswith("include/")
    if header:
        lines += [f"#ifndef {guard}", f"#define {guard}"]
    lines += [word if set(word) & set(' "#') else f"#include <{word}>" for word in includes]
    lines += [f"namespace {_word(PurePosixPath(path).stem)} {{", *_function(path, 0), "} // namespace"]
    if header:
        lines.append(f"#endif // {guard}")
    return text(*lines)


def text(*lines: str) -> File:
    """Return a text file of these lines."""
    return File("".join(f"{line}\n" for line in lines).encode())


def binary(seed: str, size: int = 400) -> File:
    """Return a file that git takes for binary."""
    blocks = (hashlib.sha256(f"{seed} {n}".encode()).digest() for n in range(size // 32))
    return File(b"\x89SAMPLE\0" + b"".join(blocks))


def is_code(path: str, file: File) -> bool:
    """Whether the edits below fit this file."""
    return path.partition("/")[0] in _CODE_FOLDERS and b"\n} // namespace\n" in file.content


def add_function(path: str, file: File, number: int) -> File:
    """Add a function of two lines; `number` makes it the only one of its name."""
    head, end, tail = file.content.partition(b"} // namespace\n")
    return file._replace(content=head + text(*_function(path, number)).content + end + tail)


def change_function(path: str, file: File, number: int) -> File:
    """Change one line."""
    lines = file.content.split(b"\n")
    at = choose(_functions(lines), path, number)
    lines[at] = lines[at].replace(b"; }", b" + %d; }" % number)
    return file._replace(content=b"\n".join(lines))


def drop_function(path: str, file: File, number: int) -> File:
    """Remove a function; of a file with fewer than three, none, but one is added instead."""
    lines = file.content.split(b"\n")
    functions = _functions(lines)
    if len(functions) < 3:
        return add_function(path, file, number)
    at = choose(functions, path, number)
    return file._replace(content=b"\n".join(lines[: at - 1] + lines[at + 1 :]))


def _functions(lines: list[bytes]) -> list[int]:
    return [at for at, line in enumerate(lines) if line.startswith(_FUNCTION.encode())]


def _function(path: str, number: int) -> tuple[str, str]:
    name = f"{_word(PurePosixPath(path).stem)}_{number}"
    return f"// {name}: adds {number}", f"{_FUNCTION}{name}(int value) {{ return value + {number}; }}"


def _word(name: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name)
