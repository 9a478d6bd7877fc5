"""Both stand-ins for Twilio do the same, and Twilio's own OpenAPI agrees with them and with what the line sends."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from werkzeug.serving import make_server

from service.gateway import Gateway, SendFailed
from service.policy.conversation import PhoneNumber
from service.policy.ledger import Outcome
from service.settings import Settings
from tests.builders import A_NUMBER, ACCOUNT, ANOTHER_NUMBER, TOKEN
from tests.conftest import Texter
from tests.faults import others, twilio
from tests.faults.others import Prism, WireMock
from tests.faults.small import SmallTwilio
from tests.faults.twilio import Answer, StandIn
from tests.stores import Valkey

pytestmark = pytest.mark.xdist_group("stand-ins")

A_STATUS_URL = "https://line.example.org/sms/status?row=a-row"


@pytest.fixture(scope="module")
def wiremock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WireMock]:
    if lacking := others.missing():
        pytest.skip(f"the stand-in that others wrote: {lacking}")
    stand_in = WireMock(ACCOUNT, tmp_path_factory.mktemp("wiremock"))
    yield stand_in
    stand_in.close()


@pytest.fixture(scope="module")
def small() -> Iterator[SmallTwilio]:
    stand_in = SmallTwilio(ACCOUNT)
    yield stand_in
    stand_in.close()


@pytest.fixture(params=["small", "wiremock"])
def stand_in(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    chosen: StandIn = request.getfixturevalue(request.param)
    yield chosen
    chosen.mend()


@pytest.fixture(scope="module")
def prism_before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Prism]]:
    """Twilio's OpenAPI in front of whatever answers at that address."""
    if lacking := others.missing():
        pytest.skip(f"Twilio's OpenAPI: {lacking}")
    started: list[Prism] = []

    def start(url: str) -> Prism:
        started.append(Prism(url, tmp_path_factory.mktemp("prism")))
        return started[-1]

    yield start
    for prism in started:
        prism.close()


def a_gateway(url: str) -> Gateway:
    return Gateway(ACCOUNT, TOKEN, sender="+15005550006", api_url=url, patience=1.5)


def send(url: str, to: PhoneNumber = A_NUMBER) -> tuple[Outcome | None, int | None]:
    """How the line understands the answer: an outcome and a code, or neither where it was taken."""
    try:
        a_gateway(url).send(to, "Hello.\n¿Qué tal? {}\"'", status_url=A_STATUS_URL, validity=timedelta(hours=4))
    except SendFailed as failed:
        return failed.outcome, failed.code
    return None, None


# The stand-ins


@pytest.mark.parametrize(
    ("answer", "understood"),
    [
        (twilio.TAKEN, (None, None)),
        (twilio.SLOW, (None, None)),
        (twilio.THROTTLED, (Outcome.RETRY, 20429)),
        (twilio.REVOKED, (Outcome.RETRY, 20003)),
        (twilio.BROKEN, (Outcome.UNKNOWN, 20500)),
        (twilio.OVERLOADED, (Outcome.UNKNOWN, 20503)),
        (twilio.BROKEN_BUT_TAKEN, (Outcome.UNKNOWN, 20500)),
        (twilio.RESET, (Outcome.UNKNOWN, None)),
        (twilio.EMPTY_BUT_TAKEN, (Outcome.UNKNOWN, None)),
        (twilio.GARBAGE_BUT_TAKEN, (Outcome.UNKNOWN, None)),
        (twilio.SILENT_BUT_TAKEN, (Outcome.UNKNOWN, None)),
    ],
    ids=lambda value: value.name if isinstance(value, Answer) else "",
)
def test_what_the_line_makes_of_an_answer_never_depends_on_whether_the_text_left(
    stand_in: StandIn, answer: Answer, understood: tuple[Outcome | None, int | None]
) -> None:
    before = len(stand_in.requests())
    stand_in.answer([A_NUMBER], answer)

    assert send(stand_in.url) == understood
    noted = until(lambda: stand_in.requests()[before:])
    assert [(one.to, one.row, one.took) for one in noted] == [(A_NUMBER, "a-row", answer.takes)]


@pytest.mark.parametrize(("number", "answer"), twilio.MAGIC.items(), ids=lambda value: getattr(value, "name", ""))
def test_a_magic_number_is_refused_as_twilio_refuses_it(stand_in: StandIn, number: PhoneNumber, answer: Answer) -> None:
    outcome, code = send(stand_in.url, number)

    assert code == answer.code
    assert outcome is (Outcome.OPTED_OUT if code == 21610 else Outcome.FINAL)


def test_a_fault_strikes_those_whom_it_is_meant_for(stand_in: StandIn) -> None:
    stand_in.answer([A_NUMBER], twilio.BROKEN)
    assert send(stand_in.url, ANOTHER_NUMBER) == (None, None)

    stand_in.mend()
    assert send(stand_in.url) == (None, None)


def test_twilio_says_how_long_to_wait(stand_in: StandIn) -> None:
    stand_in.answer([A_NUMBER], twilio.THROTTLED)

    with pytest.raises(SendFailed) as failed:
        a_gateway(stand_in.url).send(A_NUMBER, "Hello.", status_url=A_STATUS_URL, validity=timedelta(hours=1))

    assert failed.value.retry_after == timedelta(seconds=20)


def test_a_listing_shows_what_was_taken_and_what_was_not_is_not_there(stand_in: StandIn) -> None:
    now = datetime.now(UTC)
    form = {"To": A_NUMBER, "From": "+15005550006", "Body": "Hello."}
    stand_in.show(A_NUMBER, [twilio.message(ACCOUNT, "SM" + "a" * 32, form, now)])
    gateway = a_gateway(stand_in.url)

    assert gateway.has_sent(A_NUMBER, now)
    assert not gateway.has_sent(A_NUMBER, now, but_not={"SM" + "a" * 32})
    assert not gateway.has_sent(A_NUMBER, now + timedelta(seconds=2))
    assert not gateway.has_sent(ANOTHER_NUMBER, now)
    stand_in.show(A_NUMBER, [])
    assert not gateway.has_sent(A_NUMBER, now)


# Twilio's own OpenAPI


def test_what_the_line_sends_and_what_the_stand_ins_answer_is_what_twilio_describes(
    small: SmallTwilio, wiremock: WireMock, prism_before: Callable[[str], Prism]
) -> None:
    for stand_in in (small, wiremock):
        guarded = prism_before(stand_in.url)

        assert send(guarded.url) == (None, None)
        malformed = {
            "a status address that is none": {"StatusCallback": "nowhere"},
            "a validity in words": {"ValidityPeriod": "soon"},
            "a service that is none": {"MessagingServiceSid": "XX1"},
        }
        before = len(stand_in.requests())
        assert [asked(guarded.url, **form) for form in malformed.values()] == [422, 422, 422]
        assert asked(guarded.url, account="AC1") == 422
        assert len(stand_in.requests()) == before, "none of it came through"


def test_the_phone_page_answers_as_twilio_describes(
    settings_for: Callable[..., Settings],
    texter_of: Callable[[Settings], Texter],
    valkey: Valkey,
    prism_before: Callable[[str], Prism],
) -> None:
    app = texter_of(settings_for(REDIS_URL=valkey.url)).app
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    guarded = prism_before(f"http://127.0.0.1:{server.port}/phone/twilio")

    assert send(guarded.url) == (None, None)
    server.shutdown()
    thread.join()
    server.server_close()


def asked(url: str, account: str = ACCOUNT, **different: str) -> int:
    form = {"To": A_NUMBER, "From": "+15005550006", "Body": "Hello.", "StatusCallback": A_STATUS_URL, **different}
    path = twilio.MESSAGES.format(account=account)
    return requests.post(f"{url}{path}", data=form, auth=(ACCOUNT, TOKEN), timeout=10).status_code


def until(found: Callable[[], list[twilio.Request]]) -> list[twilio.Request]:
    """A request that nobody waited for is in the journal once it has been answered all the same."""
    end = time.monotonic() + 20
    while not found() and time.monotonic() < end:
        time.sleep(0.1)
    return found()


def test_the_packages_of_the_stand_in_are_pinned_and_name_no_registry() -> None:
    lock = Path(__file__).with_name("package-lock.json").read_text()

    assert len(re.findall(r'"integrity": "sha512-', lock)) == len(
        re.findall(r'^    "node_modules/', lock, re.MULTILINE)
    )
    assert '"resolved"' not in lock
