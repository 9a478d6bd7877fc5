"""Follow-ups from YES to the phone: real rows, a real queue, a real worker, Twilio's API as the phone stands in for it."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from werkzeug.serving import make_server

from service.policy.conversation import FollowUpId, PhoneNumber, Revocation
from service.policy.ledger import DueFollowUp, Event, State
from service.settings import Settings
from service.wiring import Parts
from tests.builders import A_NUMBER, ACCOUNT, ANOTHER_NUMBER
from tests.conftest import Texter
from tests.entries import a_follow_up, yes
from tests.stores import Valkey
from workers import jobs

UNREACHABLE = PhoneNumber("+15005550001")
"""Twilio's magic number of somebody who cannot be texted (21211)."""
OPTED_OUT_AT_TWILIO = PhoneNumber("+15005550004")
"""Twilio's magic number of somebody who sent STOP (21610)."""


@dataclass
class House:
    """A line that listens, so that its worker can send to its phone."""

    texter: Texter
    parts: Parts
    url: str

    def work(self) -> None:
        """What clock and worker do in one round."""
        self.parts.follow_ups.sweep()
        self.parts.follow_ups.hand_over()
        self.take_jobs()

    def take_jobs(self) -> None:
        jobs.serve(self.parts.follow_ups)
        self.parts.queue.worker().work(burst=True)

    def agree(self, number: PhoneNumber = A_NUMBER) -> FollowUpId:
        """Somebody in a crisis says YES to the check-in."""
        self.texter.text("i want to die", From=number)
        self.texter.text("YES", From=number)
        return self.rows(number)[-1]

    def rows(self, number: PhoneNumber = A_NUMBER) -> list[FollowUpId]:
        return [standing.id for standing in self.parts.records.follow_ups_of(self.parts.sealer.key_of(number))]

    def state(self, row: FollowUpId, number: PhoneNumber = A_NUMBER) -> State:
        standings = self.parts.records.follow_ups_of(self.parts.sealer.key_of(number))
        return next(standing.state for standing in standings if standing.id == row)

    def hurry(self, number: PhoneNumber = A_NUMBER) -> None:
        self.parts.records.hurry(self.parts.sealer.key_of(number), datetime.now(UTC))

    def phone(self, number: PhoneNumber = A_NUMBER) -> list[str]:
        """The check-ins that have reached the phone."""
        return [
            message.body
            for message in self.parts.gateway._client.messages.list(to=number)
            if "api" in message.direction
        ]


@pytest.fixture
def house(
    settings_for: Callable[..., Settings], texter_of: Callable[[Settings], Texter], valkey: Valkey
) -> Iterator[House]:
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    settings = settings_for(REDIS_URL=valkey.url, PORT=str(server.port))
    texter = texter_of(settings)
    server.app = texter.app
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    parts = Parts.for_worker(settings)
    yield House(texter, parts, f"http://127.0.0.1:{server.port}")
    server.shutdown()
    thread.join()
    server.server_close()
    parts.close()


def test_a_check_in_that_somebody_wanted_reaches_the_phone(house: House) -> None:
    row = house.agree()
    house.work()
    assert house.phone() == []  # not due before tomorrow

    house.hurry()
    house.work()

    assert len(house.phone()) == 1
    assert house.state(row) in {State.SENT, State.DELIVERED}


def test_a_check_in_is_not_sent_after_stop(house: House) -> None:
    row = house.agree()
    house.hurry()
    house.texter.text("STOP")

    house.work()

    assert house.phone() == []
    assert house.state(row) is State.CANCELLED


def test_a_stop_that_comes_while_the_check_in_is_in_the_queue_wins(house: House) -> None:
    row = house.agree()
    house.hurry()
    house.parts.follow_ups.hand_over()
    house.texter.text("STOP")

    house.take_jobs()

    assert house.phone() == []
    assert house.state(row) is State.CANCELLED


def test_a_danger_text_moves_the_check_in_and_does_not_cancel_it(house: House) -> None:
    row = house.agree()
    house.hurry()
    house.texter.text("i still want to die")

    house.work()

    standing = house.parts.records.follow_ups_of(house.parts.sealer.key_of(A_NUMBER))[0]
    assert house.phone() == []
    assert house.state(row) is State.PLANNED
    assert standing.due_at >= datetime.now(UTC) + timedelta(hours=11, minutes=59)


def test_a_job_that_runs_twice_sends_once(house: House) -> None:
    row = house.agree()
    house.hurry()
    house.parts.follow_ups.hand_over()

    house.parts.follow_ups.send([row])
    house.parts.follow_ups.send([row])
    house.take_jobs()

    assert len(house.phone()) == 1


def test_a_worker_that_stood_still_with_a_claim_does_not_send(house: House) -> None:
    row = house.agree()
    house.hurry()
    house.parts.follow_ups.hand_over()
    [due] = house.parts.records.claim([row], datetime.now(UTC) - timedelta(seconds=41))

    assert house.parts.follow_ups._send_one(due) == "lapsed"
    assert house.phone() == []


def test_a_flushed_redis_delays_a_check_in_and_loses_none(house: House, valkey: Valkey) -> None:
    row = house.agree()
    house.hurry()
    house.parts.follow_ups.hand_over()
    valkey.client.flushall()
    house.work()
    assert house.phone() == []

    # Half a minute later the sweep sees that no worker came.
    house.parts.records.sweep(datetime.now(UTC) + timedelta(seconds=31))
    house.work()

    assert len(house.phone()) == 1
    assert house.state(row) in {State.SENT, State.DELIVERED}


def test_a_number_that_cannot_be_texted_is_not_tried_again(house: House) -> None:
    row = house.agree(UNREACHABLE)
    house.hurry(UNREACHABLE)

    house.work()

    assert house.state(row, UNREACHABLE) is State.REFUSED


def test_a_stop_that_only_twilio_heard_counts_here_too(house: House) -> None:
    row = house.agree(OPTED_OUT_AT_TWILIO)
    house.hurry(OPTED_OUT_AT_TWILIO)

    house.work()

    assert house.state(row, OPTED_OUT_AT_TWILIO) is State.REFUSED
    assert house.parts.records.opted_out(house.parts.sealer.key_of(OPTED_OUT_AT_TWILIO))


def test_a_429_slows_everything_for_as_long_as_twilio_asks_and_loses_nothing(
    house: House, settings_for: Callable[..., Settings], valkey: Valkey
) -> None:
    def impatient(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("429 TOO MANY REQUESTS", [("Retry-After", "30"), ("Content-Type", "application/json")])
        return [b'{"code": 20429, "message": "Too many requests", "status": 429}']

    row = house.agree()
    house.hurry()
    twilio = make_server("127.0.0.1", 0, impatient)
    threading.Thread(target=twilio.serve_forever, daemon=True).start()
    parts = Parts.for_worker(settings_for(REDIS_URL=valkey.url, TWILIO_API_URL=f"http://127.0.0.1:{twilio.port}"))
    now = datetime.now(UTC)
    [due] = parts.records.hand_over(now, rate=100)

    parts.follow_ups.send([due])

    [standing] = parts.records.follow_ups_of(parts.sealer.key_of(A_NUMBER))
    assert (standing.id, standing.state) == (row, State.PLANNED)
    assert standing.due_at >= now + timedelta(seconds=30)
    another = house.agree(ANOTHER_NUMBER)
    house.hurry(ANOTHER_NUMBER)
    assert parts.records.hand_over(now + timedelta(seconds=29), rate=100) == []
    assert parts.records.hand_over(now + timedelta(seconds=32), rate=100) == [another, row]
    twilio.shutdown()
    twilio.server_close()
    parts.close()


def test_a_send_whose_answer_was_lost_is_found_at_twilio_and_not_sent_again(house: House) -> None:
    row = house.agree()
    house.hurry()
    house.parts.follow_ups.hand_over()
    due = house.parts.records.claim([row], datetime.now(UTC))[0]
    house.parts.gateway.send(A_NUMBER, "hello", status_url=f"{house.url}/nowhere", validity=timedelta(minutes=5))
    house.parts.records.record(row, Event.LOSE, datetime.now(UTC), attempt=due.attempts)

    later = datetime.now(UTC) + timedelta(minutes=3)
    for unsettled in house.parts.records.unsettled(later):
        house.parts.follow_ups._settle_one(unsettled)

    assert house.state(row) is State.SENT
    assert len(house.phone()) == 1


@pytest.mark.parametrize("wrong", [timedelta(minutes=50), timedelta(minutes=-50)], ids=["ahead", "behind"])
def test_a_send_is_found_at_twilio_although_this_machines_clock_is_wrong(house: House, wrong: timedelta) -> None:
    row = house.agree()
    house.hurry()
    house.parts.follow_ups.hand_over()
    here = datetime.now(UTC) + wrong
    [due] = house.parts.records.claim([row], here)
    house.parts.gateway.send(A_NUMBER, "hello", status_url=f"{house.url}/nowhere", validity=timedelta(minutes=5))
    house.parts.records.record(row, Event.LOSE, here, attempt=due.attempts)

    for unsettled in house.parts.records.unsettled(here + timedelta(minutes=3)):
        house.parts.follow_ups._settle_one(unsettled)

    assert house.state(row) is State.SENT


def test_an_earlier_check_in_is_not_taken_for_the_one_that_nobody_knows_about(house: House) -> None:
    house.agree()
    house.hurry()
    house.work()
    [before] = house.rows()
    house.parts.records.record(before, Event.DELIVER, datetime.now(UTC))
    second = a_follow_up("second", plan="caring", due_at=datetime.now(UTC))
    sealer = house.parts.sealer
    agreed = yes(second, sender=sealer.key_of(A_NUMBER), at=datetime.now(UTC))
    house.parts.records.apply(replace(agreed, sealed_number=sealer.seal(A_NUMBER)))
    row = second.id
    house.parts.records.hand_over(datetime.now(UTC), rate=100)
    [due] = house.parts.records.claim([row], datetime.now(UTC))
    house.parts.records.record(row, Event.LOSE, datetime.now(UTC), attempt=due.attempts)

    for unsettled in house.parts.records.unsettled(datetime.now(UTC) + timedelta(minutes=3)):
        assert len(unsettled.others) == 1
        house.parts.follow_ups._settle_one(unsettled)

    assert house.state(row) is State.UNKNOWN


def test_nothing_goes_out_under_another_pepper(
    house: House, settings_for: Callable[..., Settings], valkey: Valkey
) -> None:
    house.agree()
    house.parts.follow_ups.hand_over()  # nothing is due yet; it notes the fingerprint
    house.hurry()
    other = Parts.for_worker(
        settings_for(REDIS_URL=valkey.url, NIGHTLIGHT_PEPPER="another pepper, thirty-two characters")
    )

    assert other.follow_ups.hand_over() == 0
    assert (other.settings.var / "alerts" / "pepper").exists()
    other.close()
    assert house.parts.follow_ups.hand_over() == 1  # it was due all the same


def test_nothing_goes_out_while_a_stop_may_wait_in_the_spool(house: House) -> None:
    house.agree()
    house.hurry()
    folder = house.parts.settings.var / "spool"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "1-a.json").write_text("{}")

    assert house.parts.follow_ups.hand_over() == 0


def test_a_check_ins_answer_is_understood_as_one(house: House) -> None:
    house.agree()
    house.hurry()
    house.work()

    low = house.texter.text("1")

    assert "988" in (low or "")
    assert low != house.texter.text("menu")


def test_the_worker_runs_only_what_we_sealed(house: House, valkey: Valkey) -> None:
    row = house.agree()
    house.hurry()
    house.parts.follow_ups.hand_over()
    job = next(key for key in valkey.client.keys("rq:job:*"))
    valkey.client.hset(job, "data", json.dumps(["os.getpid", None, [], {}]))

    house.take_jobs()

    assert house.state(row) is State.QUEUED


def test_deletion_removes_what_is_kept_but_the_opt_out_and_asks_twilio_too(house: House) -> None:
    house.agree()
    house.texter.text("DELETE")
    house.texter.text("YES")

    assert house.rows() == []
    later = datetime.now(UTC) + timedelta(minutes=11)
    assert len(house.parts.records.due_deletions(later)) == 1


def test_a_signed_status_tells_what_became_of_a_check_in(house: House) -> None:
    row = house.agree()
    house.hurry()
    house.parts.follow_ups.hand_over()
    house.parts.records.claim([row], datetime.now(UTC))
    form = {"MessageSid": "SM" + "d" * 32, "AccountSid": ACCOUNT, "MessageStatus": "delivered"}

    house.texter.post(form, path=f"/sms/status?row={row}")
    house.texter.post({**form, "MessageStatus": "sent"}, path=f"/sms/status?row={row}")

    assert house.state(row) is State.DELIVERED
    assert Revocation.PROVIDER not in [line.reason for line in house.parts.records.story(row)]


def test_the_line_says_what_is_planned_to_the_phone(house: House) -> None:
    house.agree()

    with urllib.request.urlopen(f"{house.url}/phone/follow-ups?number=%2B12125550142") as answer:
        planned = json.load(answer)

    assert [follow_up["what"] for follow_up in planned] == ["check in"]


def claimed_by_a_worker(house: House) -> DueFollowUp:
    """A check-in that waits in a worker's hands for its turn."""
    row = house.agree()
    house.hurry()
    house.parts.follow_ups.hand_over()
    [due] = house.parts.records.claim([row], datetime.now(UTC))
    return due


@pytest.mark.parametrize("text", ["STOP", "please stop texting me", "DELETE"])
def test_a_stop_that_comes_while_a_worker_has_the_check_in_still_wins(house: House, text: str) -> None:
    due = claimed_by_a_worker(house)
    house.texter.text(text)
    house.texter.text("YES") if text == "DELETE" else None

    assert house.parts.follow_ups._send_one(due) == Event.DROP
    assert house.phone() == []


def test_a_danger_text_that_comes_while_a_worker_has_the_check_in_still_moves_it(house: House) -> None:
    due = claimed_by_a_worker(house)
    house.texter.text("i still want to die")

    assert house.parts.follow_ups._send_one(due) == Event.POSTPONE
    assert house.phone() == []


def test_a_worker_whose_claim_was_given_up_does_not_send_whatever_its_clock_says(house: House) -> None:
    due = claimed_by_a_worker(house)
    house.parts.records.record(due.id, Event.LOSE, datetime.now(UTC), attempt=due.attempts)

    assert house.parts.follow_ups._send_one(due) == "lapsed"
    assert house.phone() == []


def test_a_check_in_in_a_workers_hands_waits_while_the_spool_may_hold_a_stop(house: House) -> None:
    due = claimed_by_a_worker(house)
    folder = house.parts.settings.var / "spool"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "1-a.json").write_text("{}")

    assert house.parts.follow_ups._send_one(due) == Event.RETRY
    assert house.phone() == []
