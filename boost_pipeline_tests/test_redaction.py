"""Redaction: planted secrets, wherever a log record can carry them."""

import io
import json
import logging
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boost_pipeline.redaction import Redactor

SECRET = "hunter2/planted secret"
WORDS = "planted" + " secret"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nabc=\n-----END RSA PRIVATE KEY-----"


@pytest.fixture
def redactor() -> Redactor:
    return Redactor([SECRET])


@pytest.fixture
def logged(redactor: Redactor) -> Callable[..., str]:
    """Log by a logger whose handler has the redactor; return what the handler wrote."""

    def logged(*arguments: object, **options: object) -> str:
        stream = io.StringIO()
        logger = logging.Logger("planted")  # noqa: LOG001 - one that no other test knows
        logger.addHandler(logging.StreamHandler(stream))
        redactor.install(logger)
        logger.handlers[0].setFormatter(logging.Formatter("%(message)s %(planted)s", defaults={"planted": ""}))
        logger.error(*arguments, **options)
        return stream.getvalue()

    return logged


@pytest.mark.parametrize(
    "arguments",
    [
        (f"the token is {SECRET}",),
        ("the token is %s", SECRET),
        ("the token is %(token)s", {"token": SECRET}),
        ("the token is %r", [SECRET]),
        (Exception(SECRET),),
        ("%s", Exception(SECRET)),
        ("%d is no number", SECRET),
        ("too few %s %s", SECRET),
        ("too many", SECRET),
    ],
)
def test_no_message_holds_a_secret(logged, capsys, arguments):
    written = logged(*arguments)

    assert "***" in written
    assert WORDS not in written + capsys.readouterr().err


def test_no_exception_holds_a_secret(logged):
    error = KeyError("no answer")
    error.__cause__ = ValueError(f"GET https://host/?token={SECRET}")

    written = logged("failed", exc_info=error)

    assert "token=***" in written
    assert "KeyError: 'no answer'" in written
    assert WORDS not in written


def test_no_handler_is_given_the_exception_to_format_anew(redactor):
    error = ValueError(SECRET)
    record = logging.LogRecord("x", logging.ERROR, "f", 1, "m", (), (ValueError, error, None))

    redactor.filter(record)

    assert record.exc_info is None
    assert "ValueError: ***" in record.exc_text


def test_no_further_field_or_stack_holds_a_secret(logged):
    assert WORDS not in logged("m", extra={"planted": f"token {SECRET}"}, stack_info=True)


def test_a_record_without_a_secret_stays_as_it_is(redactor):
    argument = object()
    info = (ValueError, ValueError("harmless"), None)
    record = logging.LogRecord("x", logging.ERROR, "f", 1, "%s", (argument,), info)

    assert redactor.filter(record)

    assert (record.msg, record.args, record.exc_info) == ("%s", (argument,), info)


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("https://me:pass@github.com/x", "https://***@github.com/x"),
        ("postgresql://me:p%40ss@host/db and http://tok@h/", "postgresql://***@host/db and http://***@h/"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("b'authorization: token abc\\r\\nHost'", "b'authorization: token ***\\r\\nHost'"),
        ("{'Authorization': 'Basic eDp5', 'a': 1}", "{'Authorization': 'Basic ***', 'a': 1}"),
        ('"Proxy-Authorization": "abc"', '"Proxy-Authorization": "***"'),
        ("ghp_abcdefgh12345678, gho_abcdefgh1 ghs_abcdefgh1 ghu_abcdefgh1 ghr_abcdefgh1", "***, *** *** *** ***"),
        ("ghs_12345678_eyJhbGciOi.eyJpc3MiOi.sig-nature", "***"),
        ("github_pat_11ABC_defghijkl", "***"),
        ("xoxb-1234-abcd xoxc-12345678 xoxd-12345678 xapp-1-abcdef", "*** *** *** ***"),
        ("eyJhbGciOiJSUzI1.eyJpc3MiOiIx.c2ln_-", "***"),
        (f"key: {PEM} end", "key: *** end"),
        (f"{PEM!r}", "'***'"),
        (PEM[:50], "***"),
        ("-----BEGIN PRIVATE KEY-----\nMII", "***"),
    ],
)
def test_what_looks_like_a_secret_is_blotted_out(text, redacted):
    assert Redactor().redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "https://github.com/boostorg/asio/issues/1?q=a@b",
        "mailto:me@example.org",
        "authorization was refused",
        "ghp_short and the light_pat",
        "-----BEGIN CERTIFICATE-----",
        "git@github.com:boostorg/boost.git",
    ],
)
def test_what_is_no_secret_stays(text):
    assert Redactor().redact(text) == text


@given(
    secret=st.text(min_size=4).filter(lambda s: len(s.strip()) >= 4 and "*" not in s), before=st.text(), after=st.text()
)
def test_a_known_secret_is_found_in_every_spelling(secret, before, after):
    redactor = Redactor([secret])
    secret = secret.strip()

    for spelling in (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1]):
        assert secret not in redactor.redact(f"{before} {spelling} {after}".replace(secret, spelling))
        assert "***" in redactor.redact(f"{before} {spelling} {after}")


def test_a_secret_that_holds_another_is_blotted_out_as_a_whole():
    assert Redactor(["abcd", "abcd-efgh"]).redact("abcd-efgh abcd") == "*** ***"


def test_a_secret_in_a_url_is_found(redactor):
    assert (
        redactor.redact("https://host/hunter2%2Fplanted%20secret?t=hunter2/planted%20secret")
        == "https://host/***?t=***"
    )


@pytest.mark.parametrize("secret", ["", "  ", "abc"])
def test_what_is_too_short_to_be_a_secret_does_not_spoil_every_text(secret):
    assert Redactor([secret]).redact("abc def") == "abc def"


def test_a_redactor_does_not_show_its_secrets(redactor):
    assert "hunter2" not in repr(redactor)


def test_installing_it_again_changes_nothing(redactor):
    logger = logging.Logger("x")  # noqa: LOG001 - as above
    logger.addHandler(logging.NullHandler())

    redactor.install(logger, logger)

    assert logger.handlers[0].filters == [redactor]
