"""Twilio as the tests see it: what it may answer, what it was asked, and which texts it took. How, others know."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

MESSAGES = "/2010-04-01/Accounts/{account}/Messages.json"
SILENCE = 3.0
"""Seconds: longer than a hurried line waits for an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of a send request, and whether the text is on its way whatever the answer says."""

    name: str
    takes: bool = False
    status: int = 201
    code: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    breaks: str = ""
    """How the connection ends instead of an answer: "reset", "empty" or "garbage"."""
    delay: float = 0.0
    """Seconds before the answer."""


TAKEN = Answer("taken", takes=True)
SLOW = Answer("taken, slowly", takes=True, delay=0.4)
THROTTLED = Answer("429", status=429, code=20429, headers={"Retry-After": "20"})
BROKEN = Answer("500", status=500, code=20500)
BROKEN_BUT_TAKEN = Answer("500, but taken", takes=True, status=500, code=20500)
OVERLOADED = Answer("503", status=503, code=20503)
RESET = Answer("reset", breaks="reset")
RESET_BUT_TAKEN = Answer("reset, but taken", takes=True, breaks="reset")
EMPTY_BUT_TAKEN = Answer("no answer, but taken", takes=True, breaks="empty")
GARBAGE_BUT_TAKEN = Answer("garbage, but taken", takes=True, breaks="garbage")
SILENT = Answer("silent", delay=SILENCE)
SILENT_BUT_TAKEN = Answer("silent, but taken", takes=True, delay=SILENCE)
REVOKED = Answer("credentials revoked", status=401, code=20003)

MAGIC = {
    "+15005550001": Answer("no such number", status=400, code=21211),
    "+15005550002": Answer("no route", status=400, code=21612),
    "+15005550003": Answer("country not allowed", status=400, code=21408),
    "+15005550004": Answer("opted out at Twilio", status=400, code=21610),
    "+15005550009": Answer("not a mobile", status=400, code=21614),
}
"""Twilio's own magic numbers, which belong to nobody."""


@dataclass(frozen=True, slots=True)
class Request:
    """A send request that reached Twilio."""

    id: str
    at: float
    """When it came, in seconds since 1970 by this machine's clock."""
    to: str
    row: str
    """The follow-up's id, which its status address carries; empty where it carries none."""
    form: Mapping[str, str]
    took: bool
    sid: str


class StandIn(Protocol):
    """Either of the two that there are."""

    name: str
    url: str
    """For TWILIO_API_URL."""

    def answer(self, numbers: Collection[str], answer: Answer) -> None:
        """From now on, requests to these numbers are answered so."""

    def mend(self) -> None:
        """From now on, everything is taken again, but for the magic numbers."""

    def requests(self) -> list[Request]:
        """All so far, in the order in which they came: the oracle for "exactly once"."""

    def show(self, number: str, messages: list[dict[str, object]]) -> None:
        """What a listing of the texts to that number shows from now on."""

    def close(self) -> None: ...


def request_of(id_: str, at: float, body: str, *, took: bool, sid: str) -> Request:
    form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
    query = parse_qs(urlsplit(form.get("StatusCallback", "")).query)
    return Request(id_, at, form.get("To", ""), query.get("row", [""])[0], form, took, sid)


def message(account: str, sid: str, form: Mapping[str, str], created_at: datetime) -> dict[str, object]:
    """A text of ours, as Twilio shows it after it took it."""
    path = f"/2010-04-01/Accounts/{account}/Messages/{sid}"
    created = format_datetime(created_at.replace(microsecond=0))
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": form.get("Body", ""),
        "date_created": created,
        "date_sent": None,
        "date_updated": created,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": form.get("From"),
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "sid": sid,
        "status": "queued",
        "subresource_uris": {"media": f"{path}/Media.json"},
        "to": form.get("To"),
        "uri": f"{path}.json",
    }


def error(answer: Answer) -> dict[str, object]:
    more = f"https://www.twilio.com/docs/errors/{answer.code}"
    return {"code": answer.code, "message": answer.name, "more_info": more, "status": answer.status}


def page(account: str, messages: list[dict[str, object]]) -> dict[str, object]:
    path = MESSAGES.format(account=account)
    return {
        "messages": messages,
        "end": max(0, len(messages) - 1),
        "first_page_uri": f"{path}?PageSize=50&Page=0",
        "next_page_uri": None,
        "previous_page_uri": None,
        "page": 0,
        "page_size": 50,
        "start": 0,
        "uri": path,
    }
