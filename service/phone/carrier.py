"""The way between the phone and the line: Twilio's forms, signed, over HTTP to this machine and to nowhere else."""

from __future__ import annotations

import contextlib
import threading
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin

import requests
from twilio.request_validator import RequestValidator

from service.phone.deliveries import Deliveries
from service.phone.mailbox import Direction, Mailbox, Message
from service.phone.texts import Text, new_sid
from service.policy import segments
from service.settings import Settings

CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 15.0
"""Seconds, as Twilio has them by default."""

AT_ONCE = 8
"""Texts on their way. Each holds two of the server's threads, its own and the line's: with more, all might wait."""

EXPLANATIONS = ("level", "kind", "route", "reason", "segments", "release", "unverified")
"""What the line says in development about an answer, each in its header `X-Nightlight-…`."""

Form = Mapping[str, str]


class NotAnswered(Exception):
    """The text got no answer that Twilio could have passed on. The message is a sentence for the phone's holder."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back for one text. No messages is a silence, and `why` names its reason."""

    messages: tuple[Message, ...]
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Reply:
    """One <Message> of the line's TwiML."""

    text: str
    action: str


class Carrier:
    """Brings texts to the line and tells it what became of its own."""

    def __init__(self, settings: Settings, mailbox: Mailbox) -> None:
        self._account = settings.account_sid
        self._line_number = settings.sender or "+15005550006"
        self._public = settings.public_url
        self._local = f"http://127.0.0.1:{settings.port}"
        self._signer = RequestValidator(settings.auth_tokens[0])
        self._mailbox = mailbox
        self._deliveries = Deliveries(self._report_delivery)
        self._way = threading.BoundedSemaphore(AT_ONCE)

    def bring(self, text: Text) -> Answered:
        """Raise NotAnswered where Twilio would have had nothing to pass on."""
        self._mailbox.keep(_inbound(text, self._line_number))
        if not self._way.acquire(blocking=False):
            raise NotAnswered("Too many texts are on their way. Send this one again in a moment.")
        try:
            response = self._post(f"{self._public}/sms", self._form(text))
        finally:
            self._way.release()
        _demand_an_answer(response)
        why = {name: response.headers.get(f"X-Nightlight-{name}", "") for name in EXPLANATIONS}
        return Answered(tuple(self._kept(reply, text) for reply in _replies(response.text)), why)

    def deliver_soon(self, message: Message, callback: str) -> None:
        """The message counts as delivered; if `callback` is an address of the line, the line is told. Best effort."""
        self._deliveries.put(message, callback)

    def _report_delivery(self, message: Message, callback: str) -> None:
        self._mailbox.mark(message.sid, "delivered")
        if not callback:
            return
        ends = {"From": message.sender, "To": message.recipient}
        arrived = {"MessageStatus": "delivered", "SmsStatus": "delivered"}
        done = {"RawDlrDoneDate": datetime.now(UTC).strftime("%y%m%d%H%M")}
        with contextlib.suppress(NotAnswered):  # Twilio, too, asks once and goes on
            self._post(callback, self._names(message.sid) | ends | arrived | done)

    def _kept(self, reply: _Reply, text: Text) -> Message:
        kept = self._mailbox.keep(outbound(Direction.REPLY, self._line_number, text.sender, reply.text))
        self.deliver_soon(kept, urljoin(f"{self._public}/sms", reply.action) if reply.action else "")
        return kept

    def _names(self, sid: str) -> dict[str, str]:
        return {"MessageSid": sid, "SmsSid": sid, "AccountSid": self._account, "ApiVersion": "2010-04-01"}

    def _form(self, text: Text) -> dict[str, str]:
        said = {"From": text.sender, "To": self._line_number, "Body": text.text, "NumMedia": str(text.media_count)}
        place = {"FromCountry": text.country, "FromState": text.state, "FromZip": text.zip, "FromCity": ""}
        rest = {
            "SmsMessageSid": text.sid,
            "SmsStatus": "received",
            "NumSegments": str(max(1, segments.count(text.text).segments)),
            "ToCountry": "US",
        }
        return self._names(text.sid) | said | place | rest | self._media(text)

    def _media(self, text: Text) -> dict[str, str]:
        """Addresses of pictures that are nowhere: the line counts them and never fetches one."""
        form = {}
        for index in range(text.media_count):
            form[f"MediaContentType{index}"] = "image/jpeg"
            form[f"MediaUrl{index}"] = f"https://api.twilio.com/2010-04-01/Accounts/{self._account}/Media/{index}"
        return form

    def _post(self, url: str, form: Form) -> requests.Response:
        """Signed for the public address, sent to the local one. An address that is not the line's own is refused."""
        if not url.startswith(f"{self._public}/"):
            raise NotAnswered("The line named an address that is not its own. Nothing leaves this machine.")
        signature = {"X-Twilio-Signature": self._signer.compute_signature(url, dict(form))}
        with requests.Session() as session:
            session.trust_env = False  # a proxy of the environment would carry the text off this machine
            try:
                return session.post(
                    self._local + url.removeprefix(self._public),
                    data=form,
                    headers=signature | {"User-Agent": "TwilioProxy/1.1"},
                    timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
                    allow_redirects=False,
                )
            except requests.Timeout:
                raise NotAnswered("The line took longer than Twilio waits, so a person would get nothing.") from None
            except requests.RequestException:
                raise NotAnswered("The line does not answer. It may be starting, or stopped.") from None


def outbound(direction: Direction, sender: str, recipient: str, text: str) -> Message:
    """A message of the line, named as Twilio would."""
    return Message(new_sid(), direction, sender, recipient, text, segments.count(text).segments)


def _inbound(text: Text, line_number: str) -> Message:
    parts = segments.count(text.text).segments
    return Message(
        text.sid, Direction.INBOUND, text.sender, line_number, text.text, parts, text.media_count, status="received"
    )


def _demand_an_answer(response: requests.Response) -> None:
    if response.status_code == 403:
        raise NotAnswered("The line refused the signature: it was started with another PUBLIC_URL or auth token.")
    if not 200 <= response.status_code < 300:
        raise NotAnswered(f"The line answered {response.status_code}, so a person would get nothing.")
    if response.headers.get("Content-Type", "").partition(";")[0] not in ("text/xml", "application/xml"):
        raise NotAnswered("The line's answer does not say text/xml, so Twilio would drop it.")


def _replies(twiml: str) -> tuple[_Reply, ...]:
    try:
        root = ET.fromstring(twiml)  # noqa: S314 (the line's own answer, from this machine)
    except ET.ParseError:
        raise NotAnswered("The line's answer is not XML, so Twilio would drop it.") from None
    if root.tag != "Response":
        raise NotAnswered("The line's answer is not TwiML, so Twilio would drop it.")
    found = (_Reply("".join(message.itertext()), message.get("action", "")) for message in root.findall("Message"))
    return tuple(reply for reply in found if reply.text)
