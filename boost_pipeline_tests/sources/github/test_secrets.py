"""Planted tokens: none of them is to be found in anything that the client leaves behind."""

import logging
import traceback
from pathlib import Path

import pytest

from boost_pipeline.errors import BoostPipelineError
from boost_pipeline.redaction import Redactor
from boost_pipeline.sources.github import AppCredentials, RawPages, Token
from boost_pipeline_tests.sources.github.scripted_host import Reply

PLANTED = "hunter2-planted-token"  # of no form that gives it away


def test_nothing_shows_a_token_in_its_repr(world):
    app = AppCredentials("1", "2", PLANTED)
    github = world.client(Token(PLANTED, "GITHUB_TOKEN"), app)
    github._requester._transport._opened().headers.copy()

    shown = [
        repr(thing)
        for thing in (
            app,
            Token(PLANTED, "GITHUB_TOKEN"),
            github,
            github._requester,
            github._requester.pool,
            github._requester.pool.holders,
            github._requester._transport._opened(),
            github._requester._transport._opened().headers,
            github.budget(),
            github.costs(),
        )
    ]

    assert PLANTED not in "".join(shown)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(401, {"message": f"no {PLANTED}"}),
        Reply(403),
        Reply(404),
        Reply(500),
        Reply(301, headers={"Location": "https://evil.example"}),
        Reply(fault="reset"),
        Reply(body=b"{", cut=0),
        Reply(body=b"<html>"),
    ],
)
def test_no_error_log_line_or_traceback_shows_a_token(world, host, caplog, reply):
    redactor = Redactor()
    caplog.handler.addFilter(redactor)
    caplog.set_level(logging.DEBUG)
    github = world.client(Token(PLANTED, "GITHUB_TOKEN"), limits={"attempts": 2}, redactor=redactor)
    host.otherwise = reply

    with pytest.raises(BoostPipelineError) as raised:
        github.get("/x", {"per_page": 1})

    assert host.tokens[0] == PLANTED
    assert PLANTED not in "".join(traceback.format_exception(raised.value))
    assert PLANTED not in caplog.text
    assert "/x" in caplog.text  # the HTTP library logs


def test_no_raw_page_holds_a_token(world, host, tmp_path):
    github = world.client(Token(PLANTED, "GITHUB_TOKEN"), raw=RawPages(tmp_path))
    host.plan = [Reply(body=[{"id": 1}]), Reply(body={"data": {}}), Reply(404, {"message": "Not Found"})]

    github.get("/x", {"a": 1})
    github.graphql("query Q { a }", {"b": 2}, label="q")
    with pytest.raises(BoostPipelineError):
        github.get("/y")

    kept = b"".join(path.read_bytes() for path in Path(tmp_path).rglob("*") if path.is_file())
    assert b'"path":"/y"' in kept
    assert PLANTED.encode() not in kept
    assert b"uthorization" not in kept


def test_no_url_holds_a_token(world, host):
    github = world.client(Token(PLANTED, "GITHUB_TOKEN"))

    answer = github.get("/x", {"a": 1})

    assert PLANTED not in answer.final_url
    assert PLANTED not in str(host.asked[0].params)
