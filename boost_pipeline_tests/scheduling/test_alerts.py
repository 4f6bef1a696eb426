"""Alerts: every failed run is told once to each webhook, whatever is down meanwhile."""

import json
import subprocess
import sys
from collections.abc import Iterator
from traceback import TracebackException
from typing import Any

import dagster as dg
import pytest
from dagster._utils.error import SerializableErrorInfo

from boost_pipeline.collectors.checks import asset_check, verdict
from boost_pipeline.errors import SettingsError, SourceError, SourceRefused, SourceUnavailable
from boost_pipeline.scheduling import alerts
from boost_pipeline.scheduling.alerts import Cursor, failure_alerts
from boost_pipeline.settings import Settings
from boost_pipeline.sources import webhook
from boost_pipeline_tests.sources.webhook_host import SECRET, WebhookHost, webhook_host


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def host() -> Iterator[WebhookHost]:
    with webhook_host() as host:
        yield host


@pytest.fixture
def sensor(host, instance, tmp_path, monkeypatch) -> "Ticking":
    """The sensor of one webhook, after its first tick."""
    monkeypatch.chdir(tmp_path)
    return Ticking(instance, webhook=host.url)


class Ticking:
    """A sensor as the daemon runs it: the cursor is kept if the tick does not fail."""

    def __init__(self, instance: dg.DagsterInstance, **urls: str) -> None:
        names = {"webhook": "BOOST_WEBHOOK_URL", "slack": "SLACK_WEBHOOK_URL", "discord": "DISCORD_WEBHOOK_URL"}
        (self.sensor,) = failure_alerts(settings(**{names[service]: url for service, url in urls.items()}))
        self.instance = instance
        self.cursor: str | None = None
        self.tick()

    def tick(self) -> str:
        context = dg.build_sensor_context(instance=self.instance, cursor=self.cursor)
        result: Any = self.sensor(context)
        self.cursor = result.cursor
        return str(result.skip_reason.skip_message)


def settings(**values: str) -> Settings:
    return Settings.model_validate({"BOOST_WEB_URL": "https://boost.example.org/", **values})


def fail(instance: dg.DagsterInstance, error: str = "gone", name: str = "libraries", **tags: str) -> str:
    """Run an asset that fails; return the id of the run."""

    @dg.asset(name=name, key_prefix="boost")
    def failing() -> None:
        raise SourceRefused(error)

    tags = {f"boost/{tag}": value for tag, value in tags.items()}
    return dg.materialize([failing], instance=instance, raise_on_error=False, tags=tags).run_id


def test_no_sensor_without_a_webhook():
    assert failure_alerts(settings()) == []


def test_a_sensor_for_each_webhook():
    found = failure_alerts(settings(SLACK_WEBHOOK_URL="https://a/", DISCORD_WEBHOOK_URL="https://b/"))

    assert [sensor.name for sensor in found] == ["failure_alerts_slack", "failure_alerts_discord"]
    assert {sensor.default_status for sensor in found} == {dg.DefaultSensorStatus.RUNNING}
    assert dg.Definitions(sensors=found).resolve_all_job_defs() is not None


def test_a_failed_run_is_told_once(sensor, instance, host):
    run = fail(instance, "boost/asio is gone", group="github", command="run_boost_library_tracker")

    sensor.tick()
    sensor.tick()

    link = f"https://boost.example.org/runs/{run}"
    assert host.lines == [f"• github · run_boost_library_tracker · boost/libraries: boost/asio is gone {link}"]


def test_success_is_not_told(sensor, instance, host):
    @dg.asset
    def working() -> None: ...

    dg.materialize([working], instance=instance)
    sensor.tick()

    assert host.requests == 0


def test_failures_before_the_first_tick_are_not_told(instance, host):
    fail(instance)
    fail(instance, "another")

    sensor = Ticking(instance, webhook=host.url)
    sensor.tick()
    assert host.messages == []

    fail(instance, "new")
    sensor.tick()
    assert len(host.lines) == 1
    assert "new" in host.lines[0]


def test_equal_failures_are_summed_up_and_the_rest_listed(sensor, instance, host):
    for _ in range(3):
        last = fail(instance, "no answer", group="github")
    fail(instance, "no answer", group="docs")
    fail(instance, "no answer", name="commits", group="github")

    sensor.tick()

    assert len(host.messages) == 1
    assert host.messages[0]["text"].startswith("boost-pipeline: 5 failures\n")
    assert [(f["group"], f["asset"], f["times"]) for f in host.messages[0]["failures"]] == [
        ("github", "boost/libraries", 3),
        ("docs", "boost/libraries", 1),
        ("github", "boost/commits", 1),
    ]
    assert "(3 times, last " in host.lines[0]
    assert host.lines[0].endswith(last)


def test_each_failed_step_of_a_run_is_told(sensor, instance, host):
    @dg.asset
    def one() -> None:
        raise dg.Failure(description="2 of 9 repositories\nfailed")

    @dg.multi_asset(specs=[dg.AssetSpec("b"), dg.AssetSpec("a")])
    def several():
        raise ValueError("boom")

    dg.materialize([one, several], instance=instance, raise_on_error=False)
    sensor.tick()

    told = {failure["asset"]: failure["error"] for failure in host.messages[0]["failures"]}
    assert told == {"one": "2 of 9 repositories failed", "a, b": "ValueError: boom"}


def test_a_failed_check_is_told_with_its_asset_and_a_warning_is_not(sensor, instance, host):
    severity = dg.AssetCheckSeverity.ERROR

    @dg.asset(key=["code", "commits"])
    def commits() -> None: ...

    @asset_check(asset=["code", "commits"], name="equal")
    def equal() -> dg.AssetCheckResult:
        return verdict(["asio has 5, git counts 6"], 9, severity=severity)

    dg.materialize([commits, equal], instance=instance, raise_on_error=False)
    sensor.tick()
    severity = dg.AssetCheckSeverity.WARN
    dg.materialize([commits, equal], instance=instance)
    sensor.tick()

    (failure,) = [failure for message in host.messages for failure in message["failures"]]
    assert failure["asset"] == "code/commits"
    assert failure["error"] == "code/commits fails its check equal: asio has 5, git counts 6"


def test_a_run_that_was_ended_from_outside_is_told_with_its_job(sensor, instance, host):
    @dg.job
    def github() -> None: ...

    run = instance.create_run_for_job(github)
    instance.report_run_failed(run, "The process of this run is gone.")
    sensor.tick()

    assert host.lines == [f"• github: The process of this run is gone. https://boost.example.org/runs/{run.run_id}"]


def test_a_run_that_started_early_and_fails_late_is_told(sensor, instance, host):
    @dg.job
    def early() -> None: ...

    run = instance.create_run_for_job(early)
    fail(instance)
    sensor.tick()
    instance.report_run_failed(run, "late")
    sensor.tick()

    assert [failure["error"] for message in host.messages for failure in message["failures"]] == ["gone", "late"]


def test_a_failed_run_that_is_tagged_afterwards_is_not_told_again(sensor, instance, host):
    run = fail(instance)
    sensor.tick()

    instance.add_run_tags(run, {"dagster/did_retry": "true"})
    sensor.tick()

    assert len(host.messages) == 1


def test_a_webhook_that_is_down_fails_the_tick_and_loses_nothing(sensor, instance, host):
    fail(instance, "first")
    before = sensor.cursor
    host.answers = [503] * 2

    with pytest.raises(SourceUnavailable, match=r"^The webhook answered 503; it is told again at the next check\.$"):
        sensor.tick()

    assert (host.messages, sensor.cursor) == ([], before)
    fail(instance, "second")
    sensor.tick()
    assert [failure["error"] for failure in host.messages[0]["failures"]] == ["first", "second"]


@pytest.mark.parametrize("status", [404, 503])
def test_what_dagster_keeps_of_a_failed_tick_holds_no_secret(sensor, instance, host, status):
    fail(instance)
    host.answers = [status] * 2

    with pytest.raises(SourceError) as error:
        sensor.tick()

    kept = SerializableErrorInfo.from_traceback(TracebackException.from_exception(error.value)).to_string()
    assert f"The webhook answered {status}" in kept
    assert SECRET not in kept


def test_a_webhook_that_is_down_does_not_hold_up_another(sensor, instance, host):
    with webhook_host() as down:
        other = Ticking(instance, slack=down.url)
        fail(instance)
        down.answers = [404]

        sensor.tick()
        with pytest.raises(SourceRefused, match="The Slack webhook answered 404"):
            other.tick()
        sensor.tick()
        other.tick()

        assert (len(host.messages), len(down.messages)) == (1, 1)


def test_what_a_message_told_is_not_told_again_if_the_one_after_it_fails(sensor, instance, host, monkeypatch):
    for number in range(3):
        fail(instance, f"{number} " + "x" * 300, group=str(number))
    monkeypatch.setitem(webhook._LIMITS, webhook.Service.webhook, 600)
    host.answers = [200, 404]

    assert sensor.tick().startswith("Failed runs told: 1, waiting: 2. The webhook answered 404")
    sensor.tick()

    assert [failure["group"] for message in host.messages for failure in message["failures"]] == ["0", "1", "2"]


def test_more_failures_than_a_tick_can_tell_are_told_by_the_next(sensor, instance, host, monkeypatch):
    monkeypatch.setattr(alerts, "_AT_ONCE", 2)
    for number in range(5):
        fail(instance, str(number))

    for _ in range(4):
        sensor.tick()

    assert [[f["error"] for f in message["failures"]] for message in host.messages] == [["0", "1"], ["2", "3"], ["4"]]


def test_a_slow_webhook_is_told_the_rest_at_the_next_tick(sensor, instance, host, monkeypatch):
    for number in range(3):
        fail(instance, f"{number} " + "x" * 300)
    monkeypatch.setitem(webhook._LIMITS, webhook.Service.webhook, 600)
    monkeypatch.setattr(alerts, "_PATIENCE", -1)

    assert sensor.tick() == "Failed runs told: 1, waiting: 2."
    assert sensor.tick() == "Failed runs told: 1, waiting: 1."


def test_an_event_that_is_committed_late_is_told():
    cursor = Cursor(0).advanced([5000, 5002], [])

    assert cursor.after < 5001
    assert cursor.told == {5000, 5002}


def test_what_waits_is_never_passed_by():
    cursor = Cursor(10, frozenset({12})).advanced([90_000], [20, 30])

    assert cursor == Cursor(19, frozenset({90_000}))


def test_the_cursor_never_goes_back_and_does_not_grow():
    cursor = Cursor(10_000)
    for event in range(10_001, 20_000):
        cursor = cursor.advanced([event], [])

    assert cursor.after == 19_999 - 1000
    assert len(cursor.told) == 1000
    assert Cursor.read(cursor.write()) == cursor


@pytest.mark.parametrize("text", ["nonsense", "[]", "{}", '{"after": "x", "told": []}', '{"after": 1, "told": 2}'])
def test_a_damaged_cursor_is_told_with_the_mend(text):
    with pytest.raises(SettingsError, match="clear it on the sensor's page"):
        Cursor.read(text)


def test_the_cursor_holds_no_secret(sensor, instance):
    fail(instance)
    sensor.tick()

    assert SECRET not in sensor.cursor
    assert set(json.loads(sensor.cursor)) == {"after", "told"}


def test_a_webhook_that_is_no_url_is_an_error_that_does_not_repeat_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ValueError, match="SLACK_WEBHOOK_URL") as error:
        settings(SLACK_WEBHOOK_URL=f"hooks.slack.com/{SECRET}")

    assert all(SECRET not in problem["msg"] for problem in error.value.errors())


def test_links_point_at_the_web_ui_of_this_machine_by_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert settings(BOOST_WEB_URL="", BOOST_WEB_PORT="4000").web_url == "http://127.0.0.1:4000"


def test_importing_a_webhook_does_not_wait_for_the_http_client():
    code = "import boost_pipeline.sources.webhook, sys; sys.exit('requests' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
