"""The stand-in for Twilio, asked by Twilio's own client: what the line sends lands on the phone and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from twilio.base.exceptions import TwilioRestException

if TYPE_CHECKING:
    from conftest import ALine

MAYA, OWEN = "+12125550142", "+447700900142"


def test_a_follow_up_is_taken_as_twilio_takes_it(line: ALine) -> None:
    sent = line.twilio().messages.create(to=MAYA, from_="+15005550006", body="How are you today? €")
    assert (sent.status, sent.direction, sent.to, sent.from_) == ("queued", "outbound-api", MAYA, "+15005550006")
    assert (sent.num_segments, sent.body) == ("1", "How are you today? €")
    assert sent.sid.startswith("SM")
    assert sent.date_created.tzinfo is not None


def test_the_line_is_told_that_a_follow_up_arrived(line: ALine) -> None:
    address = f"{line.settings.public_url}/sms/status?row=7"
    sent = line.twilio().messages.create(to=MAYA, from_="+15005550006", body="hi", status_callback=address)
    path, form = line.statuses.get(timeout=5)
    assert path == "/sms/status?row=7"
    assert {"MessageSid": sent.sid, "MessageStatus": "delivered", "signed": "True"}.items() <= form.items()
    assert line.twilio().messages(sent.sid).fetch().status == "delivered"


def test_evidence_is_found_by_recipient_newest_first_and_over_several_pages(line: ALine) -> None:
    sids = [line.follow_up(f"number {index}") for index in range(5)]
    line.follow_up(to=OWEN)
    assert [found.sid for found in line.twilio().messages.list(to=MAYA, page_size=2)] == sids[::-1]
    assert [found.sid for found in line.twilio().messages.list(to=MAYA, limit=2)] == sids[:2:-1]


def test_both_sides_of_a_conversation_are_kept_until_they_are_deleted(line: ALine) -> None:
    line.text("heroin")
    client = line.twilio()
    (answer,), (text,) = client.messages.list(to=MAYA), client.messages.list(from_=MAYA)
    assert (answer.direction, text.direction, text.status) == ("outbound-reply", "inbound", "received")
    assert client.messages(text.sid).delete()
    assert client.messages.list(from_=MAYA) == []
    with pytest.raises(TwilioRestException) as gone:
        client.messages(text.sid).fetch()
    assert (gone.value.status, gone.value.code) == (404, 20404)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"to": "+15005550001"}, 21211),
        ({"to": "+15005550002"}, 21612),
        ({"to": "+15005550003"}, 21408),
        ({"to": "+15005550004"}, 21610),
        ({"to": "+15005550009"}, 21614),
        ({"to": "banana"}, 21211),
        ({"to": ""}, 21604),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"from_": ""}, 21603),
    ],
)
def test_what_twilio_would_refuse_is_refused_with_its_code(line: ALine, asked: dict[str, str], code: int) -> None:
    with pytest.raises(TwilioRestException) as refused:
        line.twilio().messages.create(**({"to": MAYA, "from_": "+15005550006", "body": "hi"} | asked))
    assert (refused.value.status, refused.value.code) == (400, code)
    assert line.twilio().messages.list() == []


def test_a_wrong_token_sends_nothing(line: ALine) -> None:
    with pytest.raises(TwilioRestException) as refused:
        line.twilio("another").messages.create(to=MAYA, from_="+15005550006", body="hi")
    assert (refused.value.status, refused.value.code) == (401, 20003)
    assert line.get(f"/phone/twilio/2010-04-01/Accounts/{line.settings.account_sid}.json").status_code == 401


def test_somebody_elses_account_is_not_here(line: ALine) -> None:
    with pytest.raises(TwilioRestException) as refused:
        line.twilio().api.accounts("AC" + "f" * 32).fetch()
    assert refused.value.code == 20404


def test_a_filter_that_would_be_ignored_is_refused(line: ALine) -> None:
    page = f"/phone/twilio/2010-04-01/Accounts/{line.settings.account_sid}/Messages.json"
    token = (line.settings.account_sid, line.settings.auth_tokens[0])
    refused = line.session.get(line.url + page, params={"DateSent": "2027-01-01"}, auth=token, timeout=10)
    assert refused.status_code == 400
    assert "DateSent" in refused.json()["message"]


def test_the_account_and_its_balance_can_be_looked_at(line: ALine) -> None:
    account = line.twilio().api.accounts(line.settings.account_sid)
    assert account.fetch().status == "active"
    assert account.balance.fetch().currency == "USD"
