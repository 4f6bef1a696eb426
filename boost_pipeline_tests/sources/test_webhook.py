"""Webhooks: what each service is sent, and how an answer that is no success is told."""

import logging
import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boost_pipeline.errors import SourceRefused, SourceUnavailable
from boost_pipeline.sources.webhook import Alert, Service, Webhook
from boost_pipeline_tests.sources.webhook_host import SECRET, WebhookHost, webhook_host

AT = datetime(2026, 2, 28, 6, 50, tzinfo=UTC)


@pytest.fixture
def host() -> Iterator[WebhookHost]:
    with webhook_host() as host:
        yield host


def alert(error: str = "boost/asio: gone", *, group: str | None = "github", times: int = 1) -> Alert:
    return Alert(group, "run_boost_library_tracker", "boost/libraries", error, times, AT, "http://web/runs/1")


def texts(service: Service, *alerts: Alert) -> list[str]:
    key = "content" if service is Service.discord else "text"
    return [message.payload[key] for message in Webhook(service, "http://127.0.0.1/").messages(alerts)]


def test_a_line_says_group_task_asset_error_and_link():
    (text,) = texts(Service.webhook, alert())

    assert text.splitlines() == [
        "boost-pipeline: 1 failure",
        "• github · run_boost_library_tracker · boost/libraries: boost/asio: gone http://web/runs/1",
    ]


def test_what_failed_several_times_says_how_often_and_when_last():
    (text,) = texts(Service.webhook, alert(times=3))

    assert text.startswith("boost-pipeline: 3 failures\n")
    assert "gone (3 times, last 2026-02-28 06:50 UTC) http" in text


def test_any_other_webhook_gets_the_failures_as_data():
    (message,) = Webhook(Service.webhook, "http://127.0.0.1/").messages([alert(times=2, group=None)])

    assert message.payload["failures"] == [
        {
            "group": None,
            "task": "run_boost_library_tracker",
            "asset": "boost/libraries",
            "error": "boost/asio: gone",
            "times": 2,
            "last": "2026-02-28T06:50:00+00:00",
            "link": "http://web/runs/1",
        }
    ]


def test_slack_shows_hostile_text_as_it_is_and_calls_nobody():
    (text,) = texts(Service.slack, alert("<!channel> & `code` @here\nnext\x1b[31m\u202e\ud800"))

    assert "&lt;!channel&gt; &amp; 'code' @\u200bhere next [31m <http://web/runs/1>" in text


def test_discord_shows_hostile_text_as_it_is_and_calls_nobody():
    (message,) = Webhook(Service.discord, "http://127.0.0.1/").messages([alert("@everyone <@1> [a](b) `x` **b**")])

    shown = r"@everyone \<@1\> \[a\](b) \`x\` \*\*b\*\* http://web/runs/1".replace("@", "@\u200b")
    assert shown in message.payload["content"]
    assert message.payload["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize("service", Service)
@given(errors=st.lists(st.text(), max_size=60), filler=st.sampled_from(["", "`" * 400, "\N{PILE OF POO}" * 400]))
def test_long_lists_are_split_within_the_limit_and_nothing_is_dropped(service, errors, filler):
    alerts = [alert(error + filler, group=str(number)) for number, error in enumerate(errors)]

    messages = Webhook(service, "http://127.0.0.1/").messages(alerts)

    assert [each for message in messages for each in message.alerts] == alerts
    for message, text in zip(messages, texts(service, *alerts), strict=True):
        assert len(text.encode("utf-16-le")) // 2 <= (2000 if service is Service.discord else 40_000)
        assert len(text.splitlines()) == 1 + len(message.alerts)


def post(host: WebhookHost, service: Service = Service.slack) -> None:
    webhook = Webhook(service, host.url)
    webhook.post(webhook.messages([alert()])[0])


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_overloaded_service_is_asked_once_more(host, status):
    host.answers = [status]

    post(host)

    assert (len(host.messages), host.requests) == (1, 2)


def test_a_service_that_stays_overloaded_is_unavailable(host):
    host.answers = [503] * 9

    with pytest.raises(SourceUnavailable, match=r"^The Slack webhook answered 503; it is told again"):
        post(host)

    assert host.requests == 2


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_a_refusal_is_told_with_the_setting_to_mend(host, status):
    host.answers = [status]

    with pytest.raises(SourceRefused, match=f"^The Discord webhook answered {status}: .* DISCORD_WEBHOOK_URL"):
        post(host, Service.discord)

    assert host.requests == 1


def test_a_redirect_is_not_followed(host):
    host.answers = [307]
    host.headers = {"Location": host.url}

    with pytest.raises(SourceRefused, match="The webhook answered 307, a redirect, which is not followed"):
        post(host, Service.webhook)

    assert host.requests == 1


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize(
    ("address", "error", "said"),
    [
        ("http://127.0.0.1:{port}/", SourceUnavailable, "cannot be reached"),
        ("https://{host}/", SourceUnavailable, "no TLS certificate"),
        ("http://[::1/", SourceRefused, "mend SLACK_WEBHOOK_URL"),
        ("ftp://127.0.0.1/", SourceRefused, "mend SLACK_WEBHOOK_URL"),
        ("http://127.0.0.1:99999/", SourceRefused, "mend SLACK_WEBHOOK_URL"),
    ],
)
def test_no_error_names_the_address(host, address, error, said):
    url = address.format(port=closed_port(), host=f"127.0.0.1:{host.server_port}") + SECRET
    webhook = Webhook(Service.slack, url)

    with pytest.raises(error, match=said) as raised:
        webhook.post(webhook.messages([alert()])[0])

    assert SECRET not in str(raised.value)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    assert "\n" not in str(raised.value)


def test_no_log_names_the_address(host, caplog):
    host.answers = [500]
    caplog.set_level(logging.DEBUG)

    post(host)

    assert SECRET not in caplog.text
    assert SECRET not in repr(Webhook(Service.slack, host.url))


def test_what_others_ask_for_is_logged_as_before(host, caplog):
    import requests

    post(host)
    caplog.set_level(logging.DEBUG)

    requests.post(host.url, json={}, timeout=5)

    assert SECRET in caplog.text
