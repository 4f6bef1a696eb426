"""A host that fails: what is asked again, what is not, and what is told in the end."""

import gzip

import pytest

from boost_pipeline.errors import SettingsError, SourceUnavailable
from boost_pipeline.sources.github import (
    BadAnswer,
    Gone,
    LegallyBlocked,
    Missing,
    NoAnswer,
    NotFound,
    Rejected,
    TooLong,
)
from boost_pipeline_tests.sources.github.scripted_host import Reply, closed_port

LONG = {"text": "x" * 5000}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500),
        Reply(502, b"<html>Bad gateway</html>"),
        Reply(503),
        Reply(504),
        Reply(408),
        Reply(202),
        Reply(fault="reset"),
        Reply(body=LONG, cut=100),
        Reply(body=LONG, cut=0),
        Reply(body=LONG, gzipped=True, cut=20),
        Reply(body=LONG, chunked=True, cut=300),
        Reply(body=gzip.compress(b"x" * 5000)[:-9], headers={"Content-Encoding": "gzip"}),
        Reply(headers={"Content-Encoding": "br"}),
        Reply(body=b"<html>Unicorn!</html>"),
        Reply(body=b""),
        Reply(body=b'{"half": '),
        Reply(body=b'"text"'),
        Reply(body=b"null"),
        Reply(body=b'{"n": NaN}'),
        Reply(body=b"[" * 100_000),
        Reply(body=b'{"n": ' + b"9" * 5000 + b"}"),
        Reply(body=b"\xff\xfe{}"),
        Reply(body=b"not gzip", headers={"Content-Encoding": "gzip"}),
    ],
    ids=lambda reply: f"{reply.status}-{reply.fault}-{reply.cut}-{str(reply.body)[:12]}",
)
def test_what_fails_once_is_asked_again(host, github, clock, reply):
    host.plan = [reply, Reply(body={"id": 7})]

    assert github.get("/x").object() == {"id": 7}

    cost = github.costs().total
    assert (cost.requests, cost.retries) == (2, 1)
    assert cost.slept_seconds == pytest.approx(sum(clock.slept))
    assert 1 <= clock.slept[0] <= 2


def test_a_host_that_is_silent_is_asked_again(world, host):
    github = world.client("ghp_one", limits={"read_timeout": 0.1})
    host.plan = [Reply(fault="hang"), Reply(body={"id": 7})]

    assert github.get("/x").object() == {"id": 7}


def test_an_answer_that_trickles_is_given_up(world, host):
    github = world.client("ghp_one", limits={"body_timeout": 0.05, "attempts": 1})
    host.plan = [Reply(body=LONG, fault="trickle")]

    with pytest.raises(NoAnswer, match=r"^GitHub, /x: the answer trickles, and was given up; the next run tries again"):
        github.get("/x")


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (
            Reply(503, {"message": "Down\nfor\x1b maintenance"}),
            NoAnswer,
            r"the host failed \(503, Down for maintenance\)",
        ),
        (Reply(202), NoAnswer, r"it is still being worked out \(202\)"),
        (Reply(fault="reset"), NoAnswer, r"no connection \(reset\)"),
        (Reply(body=LONG, cut=100), BadAnswer, "the answer broke off"),
        (Reply(body=b"<html>"), BadAnswer, "the answer is no JSON"),
        (Reply(body=b"7"), BadAnswer, "the answer is neither object nor list"),
    ],
)
def test_what_fails_each_time_is_told_after_the_last_attempt(host, github, clock, reply, error, said):
    host.otherwise = reply

    with pytest.raises(error, match=rf"^GitHub, /x: {said}.*; the next run tries again.$"):
        github.get("/x")

    assert len(host.asked) == 6
    assert len(clock.slept) == 5


def test_pauses_grow_with_some_jitter(host, github, clock):
    host.otherwise = Reply(500)

    with pytest.raises(NoAnswer):
        github.get("/x")

    for number, pause in enumerate(clock.slept):
        assert 2**number <= pause <= 2**number + 1


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, NotFound), (410, Gone), (451, LegallyBlocked), (422, Rejected), (400, Rejected), (409, Rejected)],
)
def test_what_is_not_given_is_told_at_once(host, github, clock, status, error):
    host.plan = [Reply(status, {"message": "No"}, {"X-GitHub-Request-Id": "ABCD:1234"})]

    with pytest.raises(error, match=rf"^GitHub, /x: .* \({status}, No \(request ABCD:1234\)\); "):
        github.get("/x")

    assert (len(host.asked), clock.slept) == (1, [])
    assert github.costs().total.points == 1


def test_whatever_is_missing_can_be_caught_as_such_and_what_is_rejected_says_its_status(host, github):
    for status in (404, 410, 451):
        host.plan = [Reply(status)]
        with pytest.raises(Missing):
            github.get("/x")
    host.plan = [Reply(422)]

    with pytest.raises(Rejected) as raised:
        github.get("/x")

    assert raised.value.status == 422


def test_an_answer_without_end_is_not_read(world, host):
    github = world.client("ghp_one", limits={"max_body": 2 << 20})
    host.plan = [Reply(body=b'"' + b"x" * (3 << 20) + b'"', gzipped=True)]

    with pytest.raises(TooLong, match=r"more than 2 MiB"):
        github.get("/x")

    assert len(host.asked) == 1


def test_a_long_message_of_the_host_is_cut(host, github):
    host.plan = [Reply(404, {"message": "\u202e\ud800" + "x" * 10_000})]

    with pytest.raises(NotFound) as raised:
        github.get("/x")

    assert len(str(raised.value)) < 400
    assert str(raised.value).isprintable()
    assert "\n" not in str(raised.value)


def test_nobody_at_the_address_is_told(world):
    github = world.client("ghp_one", api_url=f"http://127.0.0.1:{closed_port()}")

    with pytest.raises(NoAnswer, match=r"^GitHub, /x: no connection \(refused\); the next run tries again.$"):
        github.get("/x")


def test_an_unknown_host_is_told(world):
    github = world.client("ghp_one", api_url="https://github.invalid", limits={"attempts": 1})

    with pytest.raises(SourceUnavailable, match=r"the host's name is unknown"):
        github.get("/x")


def test_a_host_without_a_trusted_certificate_is_not_asked_again(world, host, clock):
    github = world.client("ghp_one", api_url=f"https://127.0.0.1:{host.server_port}")

    with pytest.raises(SettingsError, match=r"no certificate that can be trusted; check GITHUB_API_URL"):
        github.get("/x")

    assert clock.slept == []


def test_no_error_of_ours_holds_one_of_the_library(host, github):
    host.otherwise = Reply(fault="reset")

    with pytest.raises(NoAnswer) as raised:
        github.get("/x")

    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
