"""Twilio's forms, signatures and TwiML, with the signature vectors of the official client."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.gateway import (
    DeliveryStatus,
    Misshapen,
    Signatures,
    parse_inbound,
    parse_status,
    twiml,
)
from service.policy.replies import Message, render
from tests.builders import ACCOUNT, TOKEN, a_form

NOW = datetime(2026, 11, 18, tzinfo=UTC)
LINE = "https://line.example.org"


def fields(form: dict[str, str], **more: list[str]) -> dict[str, list[str]]:
    return {**{name: [value] for name, value in form.items()}, **more}


class TestSignatures:
    # The official client's own vectors, from the tests of twilio-python (request_validator).
    VECTOR = Signatures("https://mycompany.com", ["12345"])
    ADDRESS = "/myapp.php?foo=1&bar=2"
    PARAMS = fields(
        {
            "CallSid": "CA1234567890ABCDE",
            "Digits": "1234",
            "From": "+14158675309",
            "To": "+18005551212",
            "Caller": "+14158675309",
        }
    )

    @pytest.fixture
    def ours(self) -> Signatures:
        return Signatures(LINE, [TOKEN])

    def test_what_the_official_client_signs_is_believed(self) -> None:
        assert self.VECTOR.are_right(self.ADDRESS, self.PARAMS, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")

    def test_so_is_what_was_signed_with_the_port_in_the_address(self) -> None:
        assert self.VECTOR.are_right(self.ADDRESS, self.PARAMS, "kvajT1Ptam85bY51eRf/AJRuM3w=")

    def test_so_is_a_form_with_a_doubled_field(self) -> None:
        doubled = {"Sid": ["CA123"], "SidAccount": ["AC123"], "Digits": ["5678", "1234"]}

        assert self.VECTOR.are_right(self.ADDRESS, doubled, "IK+Dwps556ElfBT0I3Rgjkr1wJU=")

    def test_a_form_that_we_signed_is_believed(self, ours: Signatures) -> None:
        form = a_form("hi")

        assert ours.are_right("/sms", fields(form), ours.sign("/sms", form))

    def test_either_token_is_believed_while_they_rotate(self) -> None:
        form = a_form("hi")
        both = Signatures(LINE, ["1" * 32, TOKEN])

        assert both.are_right("/sms", fields(form), Signatures(LINE, [TOKEN]).sign("/sms", form))

    @pytest.mark.parametrize("signature", ["", "x", "AAAA", "\u20ac", "=" * 100])
    def test_a_missing_or_malformed_signature_is_not_believed(self, ours: Signatures, signature: str) -> None:
        assert not ours.are_right("/sms", fields(a_form("hi")), signature)

    def test_a_signature_for_another_address_is_not_believed(self, ours: Signatures) -> None:
        form = a_form("hi")
        elsewhere = Signatures("https://elsewhere.example.org", [TOKEN]).sign("/sms", form)

        assert not ours.are_right("/sms", fields(form), elsewhere)

    def test_a_changed_word_is_not_believed(self, ours: Signatures) -> None:
        form = a_form("hi")
        signature = ours.sign("/sms", form)

        assert not ours.are_right("/sms", fields({**form, "Body": "ho"}), signature)


class TestForms:
    def test_a_text_is_read_with_where_its_number_is_from(self) -> None:
        message = parse_inbound(fields(a_form("hello")), ACCOUNT, NOW)

        assert (message.text, message.country, message.state, message.zip) == ("hello", "US", "NY", "10001")

    def test_a_picture_without_words_is_a_text(self) -> None:
        message = parse_inbound(fields(a_form("", NumMedia="1", MessageSid="MM" + "a" * 32)), ACCOUNT, NOW)

        assert (message.text, message.media_count) == ("", 1)

    @pytest.mark.parametrize("field", ["MessageSid", "AccountSid", "From", "To", "Body"])
    def test_a_form_without_what_matters_is_misshapen(self, field: str) -> None:
        form = fields(a_form("hi"))
        del form[field]

        with pytest.raises(Misshapen):
            parse_inbound(form, ACCOUNT, NOW)

    def test_a_letter_moved_from_value_to_name_is_misshapen_though_signed_alike(self) -> None:
        ours, form = Signatures(LINE, [TOKEN]), a_form("hi")
        moved = {("Bodyh" if name == "Body" else name): ("i" if name == "Body" else v) for name, v in form.items()}

        assert ours.sign("/sms", moved) == ours.sign("/sms", form)
        with pytest.raises(Misshapen):
            parse_inbound(fields(moved), ACCOUNT, NOW)

    def test_a_doubled_field_is_misshapen(self) -> None:
        with pytest.raises(Misshapen):
            parse_inbound(fields(a_form("hi"), Body=["hi", "ho"]), ACCOUNT, NOW)

    @pytest.mark.parametrize("sid", ["", "SM1", "XX" + "0" * 32, "SM" + "0" * 33])
    def test_a_message_id_of_another_shape_is_misshapen(self, sid: str) -> None:
        with pytest.raises(Misshapen):
            parse_inbound(fields(a_form("hi", MessageSid=sid)), ACCOUNT, NOW)

    @pytest.mark.parametrize(("text", "answered"), [("Stop ", "STOP"), ("HELP", "HELP"), ("help me", ""), ("yes", "")])
    def test_where_twilio_keeps_the_opt_outs_its_words_are_answered_already(self, text: str, answered: str) -> None:
        form = fields(a_form(text))

        assert parse_inbound(form, ACCOUNT, NOW, twilio_keeps_opt_outs=True).carrier_answered == answered
        assert parse_inbound(form, ACCOUNT, NOW).carrier_answered == ""

    def test_advanced_opt_out_says_what_it_has_answered(self) -> None:
        assert parse_inbound(fields(a_form("arret", OptOutType="STOP")), ACCOUNT, NOW).carrier_answered == "STOP"

    def test_an_unknown_status_is_kept_with_its_word(self) -> None:
        form = {"AccountSid": ACCOUNT, "MessageSid": "SM" + "0" * 32, "MessageStatus": "teleported"}

        report = parse_status(fields(form), ACCOUNT)

        assert (report.status, report.word) == (DeliveryStatus.UNKNOWN, "teleported")

    def test_an_error_code_is_read_as_a_number(self) -> None:
        form = {"AccountSid": ACCOUNT, "MessageSid": "SM" + "0" * 32, "MessageStatus": "failed", "ErrorCode": "30007"}

        report = parse_status(fields(form), ACCOUNT)

        assert (report.status, report.code) == (DeliveryStatus.UNDELIVERED, 30007)


class TestTwiml:
    def test_silence_is_an_empty_response(self) -> None:
        assert len(ElementTree.fromstring(twiml(None))) == 0

    def test_the_answer_asks_for_its_status(self) -> None:
        message = ElementTree.fromstring(twiml("hi", f"{LINE}/sms/status?reply=menu&level=none")).find("Message")

        assert message is not None
        assert message.get("action") == f"{LINE}/sms/status?reply=menu&level=none"

    @given(st.text(alphabet=st.characters(), min_size=1, max_size=2000))
    def test_whatever_an_operator_writes_twilio_can_read_it(self, text: str) -> None:
        message = Message(lines=((f"A line. {text}",),))

        answer = render(["any"], {"any": message}, {})

        root = ElementTree.fromstring(twiml(answer).encode())
        assert (root.tag, [child.tag for child in root]) == ("Response", ["Message"])
        assert 0 < len(root[0].text or "") <= 1600
