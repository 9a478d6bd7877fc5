"""Texts as Twilio would post them: forms, numbers that belong to nobody, signatures by the official validator."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlencode

from phonenumbers.tzdata import TIMEZONE_DATA

from service.gateway import Signatures
from service.settings import DEVELOPMENT_ACCOUNT, DEVELOPMENT_SENDER

_ZONES = {"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Phoenix"}
_AREAS = tuple(sorted(prefix[1:] for prefix, zones in TIMEZONE_DATA.items() if len(prefix) == 4 and {*zones} <= _ZONES))
NUMBERS = len(_AREAS) * 100
"""555-0100 to 555-0199 of each area code are kept for fiction."""

_PATH = "/sms"


def number(of: int) -> str:
    """The of-th sender; after NUMBERS of them the first comes again."""
    line, area = divmod(of % NUMBERS, len(_AREAS))
    return f"+1{_AREAS[area]}55501{line:02d}"


def sid() -> str:
    return f"SM{uuid.uuid4().hex}"


def form(sender: str, text: str, *, media: int = 0, account: str = DEVELOPMENT_ACCOUNT) -> dict[str, str]:
    """Twenty fields, as Twilio has for a text from a number of the United States."""
    message = sid()
    return {
        "AccountSid": account,
        "ApiVersion": "2010-04-01",
        "Body": text,
        "From": sender,
        "FromCity": "",
        "FromCountry": "US",
        "FromState": "",
        "FromZip": "",
        "MessageSid": message,
        "MessagingServiceSid": "MG" + "0" * 32,
        "NumMedia": str(media),
        "NumSegments": "1",
        "SmsMessageSid": message,
        "SmsSid": message,
        "SmsStatus": "received",
        "To": DEVELOPMENT_SENDER,
        "ToCity": "",
        "ToCountry": "US",
        "ToState": "",
        "ToZip": "",
    }


def encoded(fields: Mapping[str, str]) -> str:
    return urlencode(fields, errors="replace")


def write_posts(path: Path, texts: Iterable[str], many: int, signatures: Signatures, first: int = 0) -> None:
    """One signed post a line, each from the next number: its signature, a tab, the form."""
    with path.open("w") as file:
        for place, text in enumerate(itertools.islice(itertools.cycle(texts), many)):
            fields = form(number(first + place), text)
            file.write(f"{signatures.sign(_PATH, fields)}\t{encoded(fields)}\n")
