"""Somebody texts from the phone page: it reaches the line as Twilio would bring it, and the answer comes back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import ALine

SID = "SM0123456789abcdef0123456789abcdef"


def test_a_text_reaches_the_line_signed_and_in_twilios_words(line: ALine) -> None:
    assert line.text("heroin", country="US", state="NY", zip="10025", sid=SID).status_code == 200
    (form,) = line.texts
    expected = {"MessageSid": SID, "SmsSid": SID, "From": "+12125550142", "Body": "heroin", "NumMedia": "0"}
    place = {"FromCountry": "US", "FromState": "NY", "FromZip": "10025", "To": line.settings.sender}
    assert (expected | place | {"AccountSid": line.settings.account_sid, "NumSegments": "1"}).items() <= form.items()


def test_the_person_sees_the_answer_and_why_it_was_given(line: ALine) -> None:
    line.says(
        "<Response><Message>One &amp; only.</Message><Message><Body>Two.</Body></Message></Response>",
        Level="none", Route="topic:heroin", Reason="keyword", Segments="2", Release="0123456789ab",
    )  # fmt: skip
    told = line.text("heroin").json()
    assert [(answer["text"], answer["segments"]) for answer in told["answers"]] == [("One & only.", 1), ("Two.", 1)]
    assert told["why"] == {
        "level": "none", "route": "topic:heroin", "reason": "keyword", "segments": "2", "release": "0123456789ab",
    }  # fmt: skip


def test_a_silence_of_the_line_is_an_answer_without_messages(line: ALine) -> None:
    line.says("<Response/>", Route="quiet:thanks")
    assert line.text("ok thanks").json() == {"answers": [], "why": {"route": "quiet:thanks"}}


def test_a_picture_without_words_is_a_text_too(line: ALine) -> None:
    line.text("", media=2)
    (form,) = line.texts
    assert form["MessageSid"].startswith("MM")
    assert {"NumMedia": "2", "Body": "", "MediaContentType1": "image/jpeg"}.items() <= form.items()


def test_a_text_that_is_sent_anew_keeps_its_name(line: ALine) -> None:
    line.text(sid=SID)
    line.text(sid=SID)
    assert [form["MessageSid"] for form in line.texts] == [SID, SID]


def test_emoji_accents_and_long_texts_arrive_as_they_were_typed(line: ALine) -> None:
    words = "no puedo más 😔 & <ayuda>\n" * 50
    line.text(words)
    assert line.texts[0]["Body"] == words


@pytest.mark.parametrize(
    ("body", "status", "mimetype", "sentence"),
    [
        ("<Response>", 200, "text/xml", "is not XML"),
        ("<html/>", 200, "text/xml", "is not TwiML"),
        ("<Response/>", 200, "text/html", "does not say text/xml"),
        ("oh no", 500, "text/html", "answered 500"),
        ("no", 403, "text/html", "refused the signature"),
        ("away", 302, "text/xml", "answered 302"),
    ],
)
def test_what_twilio_would_drop_is_told_in_a_sentence(
    line: ALine, body: str, status: int, mimetype: str, sentence: str
) -> None:
    line.says(body, status, mimetype)
    refused = line.text()
    assert refused.status_code == 502
    assert sentence in refused.json()["error"]


def test_an_answer_that_points_elsewhere_is_not_followed(line: ALine) -> None:
    line.says("away", 302)
    line.answer.headers["Location"] = f"{line.url}/phone"
    assert "answered 302" in line.text().json()["error"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": "12125550142"},
        {"from": None},
        {"text": "x" * 1601},
        {"text": 7},
        {"text": "\ud83d"},
        {"sid": "SM1"},
        {"country": "usa"},
        {"state": "N" * 21},
        {"zip": "<b>"},
        {"media": 11},
        {"media": True},
    ],
)
def test_a_misshapen_text_goes_nowhere(line: ALine, wrong: dict[str, object]) -> None:
    refused = line.text(**wrong)
    assert refused.status_code == 400
    assert refused.json()["error"].endswith(".")
    assert line.texts == []


def test_what_is_not_an_object_and_what_is_too_large_go_nowhere(line: ALine) -> None:
    address = f"{line.url}/phone/texts"
    assert line.session.post(address, json=["hi"], timeout=10).status_code == 400
    assert line.session.post(address, data="{", headers={"Content-Type": "application/json"}).status_code == 400
    assert line.session.post(address, json={"text": "x" * 20_000}, timeout=10).status_code == 413
    assert line.texts == []


def test_the_page_learns_what_is_planned_and_hurries_it(line: ALine) -> None:
    waiting = line.get("/phone/follow-ups", number="+12125550142").json()
    assert waiting == [{"what": "check in", "due_at": "2027-01-04T17:05:00+00:00", "zone": "America/New_York"}]
    assert line.get("/phone/follow-ups", number="+447700900142").json() == []
    hurried = line.session.post(f"{line.url}/phone/hurry", json={"from": "+12125550142"}, timeout=10)
    assert hurried.json() == {"hurried": 1}
    assert line.hurried == ["+12125550142"]


def test_the_line_is_told_that_an_answer_arrived_where_it_asked(line: ALine) -> None:
    line.says('<Response><Message action="/sms/status?a=1">Hello.</Message></Response>')
    answer = line.text().json()["answers"][0]
    address, form = line.statuses.get(timeout=5)
    assert address == "/sms/status?a=1"
    expected = {"MessageSid": answer["sid"], "MessageStatus": "delivered", "To": "+12125550142", "signed": "True"}
    assert expected.items() <= form.items()


def test_a_text_too_many_at_once_is_refused_before_they_block_one_another(line: ALine) -> None:
    line.hold()
    with ThreadPoolExecutor(12) as people:
        waiting = [people.submit(line.text) for _ in range(12)]
        refused = [one.result() for one in islice(as_completed(waiting), 4)]
        line.go_on()
    assert all("Too many texts" in one.json()["error"] for one in refused)
    assert [one.result().status_code for one in waiting].count(200) == 8


class TestUnderAPublicAddress:
    """A tunnel in front of a development line: signed for the public address, carried on this machine all the same."""

    @pytest.fixture
    def environment(self, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # nobody listens: what took it would fail
        monkeypatch.setenv("NO_PROXY", "")
        return environment | {"PUBLIC_URL": "https://line.example.org/base", "TWILIO_AUTH_TOKEN": "new,old"}

    def test_a_text_is_signed_for_it_and_stays_on_this_machine(self, line: ALine) -> None:
        assert line.text("hi").status_code == 200
        assert line.texts[0]["Body"] == "hi"

    def test_an_address_that_is_not_the_lines_own_is_not_called(self, line: ALine) -> None:
        ours, messages = line.settings.public_url, line.twilio().messages
        disguised = f"{ours}@127.0.0.1:{line.settings.port}/sms/status?no"
        for address in ("https://elsewhere.example.org/x", disguised, f"{ours}/sms/status?yes"):
            messages.create(to="+12125550142", from_="+15005550006", body="hi", status_callback=address)
        assert line.statuses.get(timeout=5)[0] == "/sms/status?yes"
