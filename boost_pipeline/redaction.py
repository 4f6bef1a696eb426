"""No secret leaves by a log: known secrets, and what looks like one, are blotted out in every record.

Which secrets there are is known to whoever reads or is issued them: they call `Redactor.add`. This module imports
nothing of ours.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import traceback
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

BLOT: Final = "***"
_SHORTEST = 4  # characters; a shorter secret would blot out half of every text

_PATTERNS: Final = (
    # What a URL names before its host.
    (re.compile(r"(?<=://)[^/@\s\"'<>]+@"), f"{BLOT}@"),
    # A header, in any spelling that Python prints it in.
    (
        re.compile(
            r"(?i)\b((?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?(?:(?:basic|bearer|token|digest)\s+)?)[^\s\"',;\\}]+"
        ),
        rf"\1{BLOT}",
    ),
    # Tokens of GitHub, Slack, and signed statements (JWT), by their own marks.
    (re.compile(r"\b(?:gh[a-z]_|github_pat_)[A-Za-z0-9_]{8,}(?:[.-][\w-]+)*"), BLOT),
    (re.compile(r"\b(?:xox[a-z]|xapp)-[A-Za-z0-9-]{6,}"), BLOT),
    (re.compile(r"\beyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]*"), BLOT),
    (
        re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.DOTALL),
        BLOT,
    ),
)


class Redactor(logging.Filter):
    """Knows the secrets, and blots them out of texts and log records; threads may share it.

    As a filter of a handler it lets every record pass, without the secrets of its message, arguments, exception, stack
    and further fields.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        for secret in secrets:
            self.add(secret)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._known)} spellings)"

    def add(self, secret: str) -> None:
        """Learn a secret, with the spellings that it takes in URLs, in JSON and in Python's `repr`."""
        secret = secret.strip()
        if len(secret) < _SHORTEST:
            return
        spellings = {secret, quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
        with self._lock:
            self._known |= spellings
            longest_first = sorted(self._known, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def redact(self, text: str) -> str:
        """Return the text without secrets.

        >>> Redactor(["hunter22"]).redact("https://me:hunter22@host/ wants hunter22")
        'https://***@host/ wants ***'
        """
        if self._pattern is not None:
            text = self._pattern.sub(BLOT, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        """Blot out what is secret in the record; it always passes."""
        self._redact_message(record)
        self._redact_exception(record)
        for name, value in list(vars(record).items()):
            if isinstance(value, str) and name not in ("msg", "exc_text"):
                setattr(record, name, self.redact(value))
        return True

    def install(self, *loggers: logging.Logger) -> None:
        """Filter what the handlers of these loggers write; doing it again changes nothing."""
        for logger in loggers:
            for handler in logger.handlers:
                handler.addFilter(self)

    def _redact_message(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
        except Exception:  # that logging would complain about with the arguments as they are
            record.msg, record.args = self.redact(f"{record.msg!s} {record.args!r}"), ()
            return
        if (redacted := self.redact(message)) != message:
            record.msg, record.args = redacted, ()

    def _redact_exception(self, record: logging.LogRecord) -> None:
        text = record.exc_text
        if text is None and record.exc_info and record.exc_info[0] is not None:
            text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
        if text is not None and (redacted := self.redact(text)) != text:
            # A handler would format the exception itself anew.
            record.exc_text, record.exc_info = redacted, None
