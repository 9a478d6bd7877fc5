"""Values with defaults, so that a test says only what it is about."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from service.policy.conversation import (
    FollowUpId,
    InboundMessage,
    Kind,
    Language,
    MessageSid,
    PhoneNumber,
    SenderKey,
)
from service.policy.ledger import DueFollowUp

A_NUMBER = PhoneNumber("+12125550142")
ANOTHER_NUMBER = PhoneNumber("+13125550143")
AN_AFTERNOON = datetime(2026, 11, 18, 19, 30, tzinfo=UTC)
"""A Wednesday, 14:30 in New York."""

ACCOUNT = "AC" + "0" * 32
TOKEN = "0" * 32

_numbers = itertools.count(1)


def a_sid() -> MessageSid:
    return MessageSid(f"SM{next(_numbers):032x}")


def a_text(text: str, **different: Any) -> InboundMessage:
    """A text from New York, this afternoon."""
    usual = InboundMessage(
        sid=a_sid(), sender=A_NUMBER, text=text, received_at=AN_AFTERNOON, country="US", state="NY", zip="10001"
    )
    return replace(usual, **different)


def a_due_one(**different: Any) -> DueFollowUp:
    """A check-in that is due at 10:00 in New York, in a worker's hand."""
    due_at = datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("America/New_York"))
    usual = DueFollowUp(
        id=FollowUpId("any"),
        sender=SenderKey("any"),
        sealed_number="",
        plan="check_in",
        step=1,
        reply="follow_up-check_in",
        language=Language("en"),
        due_at=due_at,
        expires_at=due_at + timedelta(hours=12),
        zone="America/New_York",
        window=(8, 21),
        after_danger=Kind.SUICIDE,
        attempts=1,
        claimed_at=due_at,
        opted_out=False,
    )
    return replace(usual, **different)


def a_form(text: str, **different: str) -> dict[str, str]:
    """Twilio's form for a text, as it sends it for a short code."""
    return {
        "ToCountry": "US",
        "ToState": "",
        "SmsMessageSid": (sid := a_sid()),
        "NumMedia": "0",
        "ToCity": "",
        "FromZip": "10001",
        "SmsSid": sid,
        "FromState": "NY",
        "SmsStatus": "received",
        "FromCity": "NEW YORK",
        "Body": text,
        "FromCountry": "US",
        "To": "+15005550006",
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": A_NUMBER,
        "ApiVersion": "2010-04-01",
        **different,
    }
