"""An engineer asks what is wrong with the line, and is told how to mend it."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from werkzeug.serving import make_server

from service import doctor
from service.alerts import Alerts
from service.app import create_app
from service.doctor import Finding, State, probes, provider
from service.gateway import ProviderUnavailable
from service.lastresort import LastResort
from service.settings import Settings
from service.wiring import Parts
from tests.service.test_settings import in_production
from tests.stores import Valkey


def free_port() -> int:
    with closing(socket.socket()) as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@contextmanager
def serving(app: WSGIApplication, port: int) -> Iterator[None]:
    server = make_server("127.0.0.1", port, app, threaded=True)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield
    server.shutdown()
    server.server_close()


@pytest.fixture
def own_settings(settings_for: Callable[..., Settings], valkey: Valkey) -> Settings:
    return settings_for(REDIS_URL=valkey.url, PORT=str(free_port()))


def found(findings: Sequence[Finding] | Iterator[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


@pytest.fixture
def line(own_settings: Settings) -> Iterator[Parts]:
    """A whole line on its own address, its stand-in for Twilio included."""
    parts = Parts.for_worker(own_settings)
    with serving(create_app(own_settings).wsgi_app, own_settings.port):
        yield parts
    parts.close()


def test_a_healthy_line_is_found_so_but_for_what_does_not_run_in_a_test(line: Parts) -> None:
    line.records.beat("clock", datetime.now(UTC))

    findings = found(doctor.examine(line))

    assert {name for name, finding in findings.items() if finding.is_wrong} == {"line", "workers"}
    assert "No worker" in findings["line"].what
    assert {"answers", "forgery", "account", "balance", "stop", "redis", "database", "pepper", "clock"} < set(findings)


def test_a_line_on_this_machine_is_found_from_behind_a_proxy(line: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    (finding,) = probes.answering(line.settings)

    assert finding.state is State.OK


def test_a_clock_that_was_never_started_is_found(line: Parts) -> None:
    assert found(doctor.examine(line))["clock"].is_wrong


def test_an_examination_leaves_no_person_behind(line: Parts) -> None:
    doctor.examine(line)

    assert not any(line.records.states().values())
    assert not line.spool.waiting()


def test_a_line_that_is_down_is_found_with_how_to_mend_it(own_settings: Settings) -> None:
    (finding,) = probes.answering(own_settings)

    assert finding.is_wrong
    assert "PUBLIC_URL" in finding.mend
    assert probes.forgery(own_settings).state is State.WARN


def test_a_line_that_was_started_with_another_token_is_found(line: Parts) -> None:
    (finding,) = probes.answering(replace(line.settings, auth_tokens=("rotated",)))

    assert finding.is_wrong
    assert "TWILIO_AUTH_TOKEN" in finding.mend


def page(status: str, content_type: str = "text/html") -> WSGIApplication:
    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response(status, [("Content-Type", content_type)])
        return [b"<p>Welcome to a proxy</p>"]

    return app


@pytest.mark.parametrize("status", ["200 OK", "301 Moved", "404 Not Found", "502 Bad Gateway"])
def test_a_proxy_that_answers_in_the_place_of_the_line_is_found(own_settings: Settings, status: str) -> None:
    with serving(page(status), own_settings.port):
        (answer,) = probes.answering(own_settings)
        forgery = probes.forgery(own_settings)

    assert answer.is_wrong
    assert forgery.is_wrong


def test_a_line_in_last_resort_mode_is_found_with_its_reason(own_settings: Settings) -> None:
    class Wrong(Exception):
        problems = ("PORT is wrong.",)

    def build() -> tuple[WSGIApplication, None]:
        raise Wrong

    layer = LastResort(build)
    layer.wait(5)
    with serving(layer, own_settings.port):
        (finding,) = probes.readiness(own_settings)

    assert finding.is_wrong
    assert "PORT is wrong." in finding.what


def test_stores_that_are_away_are_found(settings_for: Callable[..., Settings], tmp_path: Path) -> None:
    away = settings_for(
        REDIS_URL=f"unix://{tmp_path}/nobody.sock", DATABASE_URL=f"sqlite:///{tmp_path}/no/such/folder.db"
    )
    parts = Parts.for_worker(replace(away, public_url=f"http://127.0.0.1:{free_port()}"))
    try:
        wrong = {name for name, finding in found(doctor.examine(parts)).items() if finding.is_wrong}
    finally:
        parts.close()

    assert {"redis", "database", "workers"} < wrong


def test_opt_outs_that_another_pepper_has_hidden_are_found(line: Parts) -> None:
    line.records.pepper_fingerprint("of another pepper")

    finding = found(doctor.examine(line))["pepper"]

    assert finding.is_wrong
    assert "NIGHTLIGHT_PEPPER" in finding.mend


@pytest.mark.parametrize(
    ("sender", "opt_outs", "state"),
    [
        ("98765", "ours", State.OK),
        ("98765", "twilio", State.WARN),
        ("+18005550006", "ours", State.FAIL),
        ("+18005550006", "twilio", State.OK),
        ("+15005550006", "ours", State.WARN),
        ("", "ours", State.WARN),
    ],
)
def test_whether_danger_after_stop_can_be_answered_is_found(sender: str, opt_outs: str, state: State) -> None:
    service = "" if sender else "MG" + "c3" * 16
    environ = in_production(TWILIO_FROM=sender, TWILIO_MESSAGING_SERVICE_SID=service, NIGHTLIGHT_OPT_OUTS=opt_outs)

    assert provider.stop(Settings.read(environ)).state is state


@dataclass(frozen=True)
class Told:
    """What Twilio says it does with a text to us."""

    url: str = "https://line.example.org/sms#rc=2&rp=all"
    method: str = "POST"
    fallback_url: str = "https://handler.twilio.com/twiml/EH0"


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        (Told(), set()),
        (Told(url="https://demo.twilio.com/welcome/sms/reply"), {"webhook"}),
        (Told(method="GET"), {"webhook"}),
        (Told(fallback_url=""), {"fallback"}),
        (Told(fallback_url="https://line.example.org/sms"), {"fallback"}),
    ],
)
def test_texts_that_go_elsewhere_or_into_silence_are_found(told: Told, wrong: set[str]) -> None:
    findings = found(provider.inbound(Settings.read(in_production()), lambda: told))

    assert {name for name, finding in findings.items() if finding.is_wrong} == wrong


def test_a_number_that_is_not_in_the_account_is_found() -> None:
    def ask() -> Told:
        raise ProviderUnavailable("20404")

    (finding,) = provider.inbound(Settings.read(in_production()), ask)

    assert finding.is_wrong
    assert "TWILIO_FROM" in finding.mend


def test_where_twilio_was_not_asked_an_engineer_is_told_to_look() -> None:
    (finding,) = provider.uninspected(Settings.read(in_production()))

    assert finding.state is State.WARN


class Account:
    """A gateway as far as money goes."""

    def __init__(self, status: str, balance: str) -> None:
        self._told = status, balance

    def account(self) -> tuple[str, str]:
        return self._told


@pytest.mark.parametrize(
    ("status", "balance", "states"),
    [
        ("active", "100.00 USD", {"account": State.OK, "balance": State.OK}),
        ("active", "5.00 USD", {"account": State.OK, "balance": State.WARN}),
        ("active", "-0.10 USD", {"account": State.OK, "balance": State.FAIL}),
        ("active", "None None", {"account": State.OK, "balance": State.WARN}),
        ("suspended", "100.00 USD", {"account": State.FAIL, "balance": State.OK}),
    ],
)
def test_an_account_that_will_soon_send_nothing_is_found(status: str, balance: str, states: dict[str, State]) -> None:
    findings = found(provider.account(Account(status, balance)))

    assert {name: finding.state for name, finding in findings.items()} == states


def test_only_what_is_wrong_wakes_somebody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    findings = (
        Finding("redis", State.FAIL, "Redis does not answer.", "Start it."),
        Finding("balance", State.WARN, "The balance is low.", "Pay in."),
    )

    doctor.tell(findings, Alerts(None, tmp_path))

    assert [marker.name for marker in (tmp_path / "alerts").iterdir()] == ["doctor-redis"]
    assert "Start it." in capsys.readouterr().out


def test_the_table_has_what_to_do_under_what_was_found() -> None:
    table = doctor.as_table(
        [Finding("redis", State.FAIL, "Redis does not answer.", "Start it."), Finding("stop", State.OK, "Ours.")]
    )

    assert table.splitlines() == [
        "FAIL  redis  Redis does not answer.",
        "             → Start it.",
        "OK    stop   Ours.",
    ]


def test_a_machine_reads_the_same() -> None:
    (finding,) = json.loads(doctor.as_json([Finding("redis", State.FAIL, "Away.", "Start it.")]))

    assert finding == {"name": "redis", "state": "fail", "what": "Away.", "mend": "Start it."}
