"""Twilio, and nobody else knows it: its forms, its signatures, its TwiML, its API. Provider words end here."""

from __future__ import annotations

import hmac
import logging
import re
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from xml.sax.saxutils import escape, quoteattr

import requests
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from service.policy.conversation import InboundMessage, MessageSid, PhoneNumber
from service.policy.ledger import Outcome, classify

PATIENCE_WITH_TWILIO = 10
"""Seconds for one request. The library's own default is to wait for ever."""

CONNECTIONS = 32
"""Kept open: more than any process asks by. The library keeps six on two cores, and whoever is left greets anew."""

TOO_MANY_REQUESTS = 20429
"""Twilio's error code of a 429."""

_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")

logging.getLogger("twilio.http_client").setLevel(logging.WARNING)  # below, it logs numbers in query strings


class Misshapen(Exception):
    """A signed form that is no text: fields missing, doubled or of a shape that Twilio does not send."""


Form = Mapping[str, Sequence[str]]
"""Every field with all its values, as they came."""


# What Twilio answers by itself where it, and not we, keeps the opt-outs: single words, in any case.
_ANSWERED_BY_TWILIO = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"), "STOP"),
    **dict.fromkeys(("START", "UNSTOP"), "START"),
    **dict.fromkeys(("HELP", "INFO"), "HELP"),
}


def parse_inbound(
    form: Form, account_sid: str, received_at: datetime, *, twilio_keeps_opt_outs: bool = False
) -> InboundMessage:
    """The text in Twilio's form. Raise Misshapen where a field that matters is missing, doubled or malformed.

    The signature covers names and values run together, so "Bod=yhi" is signed like "Body=hi": shapes are checked
    after the signature, and nothing is done about a form that does not have them.
    """
    if _one(form, "AccountSid") != account_sid:
        raise Misshapen("AccountSid")
    sid, sender = _one(form, "MessageSid"), _one(form, "From")
    if not _SID.fullmatch(sid) or not sender or not _one(form, "To"):
        raise Misshapen("MessageSid, From or To")
    text = _one(form, "Body")
    by_twilio = _ANSWERED_BY_TWILIO.get(text.strip().upper(), "") if twilio_keeps_opt_outs else ""
    return InboundMessage(
        sid=MessageSid(sid),
        sender=PhoneNumber(sender),
        text=text,
        received_at=received_at,
        country=_at_most_one(form, "FromCountry").upper()[:2],
        state=_at_most_one(form, "FromState"),
        zip=_at_most_one(form, "FromZip"),
        media_count=_count(_at_most_one(form, "NumMedia")),
        carrier_answered=_at_most_one(form, "OptOutType") or by_twilio,
        yes_is_start=twilio_keeps_opt_outs and text.strip().upper() == "YES",
    )


def _one(form: Form, field: str) -> str:
    values = form.get(field, ())
    if len(values) != 1:
        raise Misshapen(field)
    return values[0]


def _at_most_one(form: Form, field: str) -> str:
    return _one(form, field) if field in form else ""


def _count(value: str) -> int:
    return int(value) if re.fullmatch(r"[0-9]{1,2}", value) else 0


class DeliveryStatus(StrEnum):
    """How far a text of ours has come, in the order of time. UNKNOWN keeps what Twilio may add one day."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    UNKNOWN = "unknown"


_STATUSES = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending"), DeliveryStatus.QUEUED),
    "sent": DeliveryStatus.SENT,
    **dict.fromkeys(("delivered", "read", "partially_delivered"), DeliveryStatus.DELIVERED),
    **dict.fromkeys(("undelivered", "failed", "canceled"), DeliveryStatus.UNDELIVERED),
}


@dataclass(frozen=True, slots=True)
class StatusReport:
    """A delivery status as it came in."""

    sid: MessageSid
    status: DeliveryStatus
    word: str
    """Twilio's own word, kept for UNKNOWN."""
    code: int | None


def parse_status(form: Form, account_sid: str) -> StatusReport:
    """Raise Misshapen where it is no status."""
    if _one(form, "AccountSid") != account_sid or not _SID.fullmatch(_one(form, "MessageSid")):
        raise Misshapen("AccountSid or MessageSid")
    word = _at_most_one(form, "MessageStatus") or _at_most_one(form, "SmsStatus")
    code = _at_most_one(form, "ErrorCode")
    return StatusReport(
        MessageSid(_one(form, "MessageSid")),
        _STATUSES.get(word, DeliveryStatus.UNKNOWN),
        word,
        int(code) if re.fullmatch(r"[0-9]{1,6}", code) else None,
    )


class _Fields(dict[str, Sequence[str]]):
    """A form as the validator reads it: a field that came twice is signed with both its values."""

    def getall(self, field: str) -> Sequence[str]:
        return self[field]


class Signatures:
    """Who may post: whoever signed with one of our tokens over the address that we gave to Twilio."""

    def __init__(self, public_url: str, auth_tokens: Iterable[str]) -> None:
        self._public_url = public_url
        self._validators = [RequestValidator(token) for token in auth_tokens]

    def are_right(self, path: str, form: Form, signature: str) -> bool:
        """`path` with its query as Twilio called it. The Host header has no say: anybody can send one."""
        url, params = self._public_url + path, _Fields(form)
        return any(
            # As we would sign it; or, as the library tries too, with the port named that goes without saying.
            hmac.compare_digest(validator.compute_signature(url, params).encode(), signature.encode())
            or validator.validate(url, params, signature)
            for validator in self._validators
        )

    def sign(self, path: str, form: Mapping[str, str]) -> str:
        """As Twilio signs, with the newest token: for the line's own probes."""
        signature: str = self._validators[0].compute_signature(self._public_url + path, form)
        return signature


def twiml(text: str | None, status_path: str = "") -> str:
    """The answer as Twilio wants it; `status_path` is where it tells what became of the text. None is silence."""
    if text is None:
        return '<?xml version="1.0" encoding="UTF-8"?><Response/>'
    action = f' action={quoteattr(status_path)} method="POST"' if status_path else ""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response><Message{action}>{escape(text)}</Message></Response>'


class SendFailed(Exception):
    """A send request did not end in a sid. `outcome` says whether the text may have left, and whether to ask again."""

    def __init__(self, outcome: Outcome, code: int | None, retry_after: timedelta | None = None) -> None:
        super().__init__(f"{outcome} ({code})")
        self.outcome = outcome
        self.code = code
        self.retry_after = retry_after

    @property
    def too_fast(self) -> bool:
        """Whether it was refused for the rate alone (429), which the next ones would be too."""
        return self.outcome is Outcome.RETRY and (self.code == TOO_MANY_REQUESTS or self.retry_after is not None)


@dataclass(frozen=True, slots=True)
class InboundAddresses:
    """What Twilio has been told to do with a text to us. Empty strings where it has been told nothing."""

    url: str
    method: str
    fallback_url: str


class ProviderUnavailable(Exception):
    """Twilio could not be asked. Nothing is known, nothing was changed."""


class _HttpClient(TwilioHttpClient):  # type: ignore[misc]
    """The library's client, which also keeps what it drops: how long Twilio asks to wait after a 429."""

    def __init__(self, *, direct: bool, patience: float) -> None:
        # One attempt a request: a retry inside the library would hide that the first may have left.
        super().__init__(timeout=patience)
        self._last = threading.local()
        if not direct:
            # Asked once: for each request, it would be read through again.
            environ = self.session.merge_environment_settings("https://api.twilio.com", {}, None, None, None)
            self.session.proxies, self.session.verify = environ["proxies"], environ["verify"]
        self.session.trust_env = False
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))

    def request(self, *args: object, **kwargs: object) -> Response:
        self._last.response = None
        self._last.response = super().request(*args, **kwargs)
        return self._last.response

    def retry_after(self) -> timedelta | None:
        """What the answer to this thread's last request asks for, in seconds; None where it says nothing."""
        response = getattr(self._last, "response", None)
        value = (response.headers or {}).get("Retry-After", "") if response else ""
        return timedelta(seconds=int(value)) if re.fullmatch(r"[0-9]{1,5}", value) else None


class Gateway:
    """Twilio's API. Thread-safe. Foreign exceptions are replaced: their texts may hold a number."""

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        sender: str,
        messaging_service_sid: str = "",
        api_url: str | None,
        patience: float = PATIENCE_WITH_TWILIO,
    ) -> None:
        self._from = {"messaging_service_sid": messaging_service_sid} if messaging_service_sid else {"from_": sender}
        # A stand-in is on this machine: a proxy of the environment would carry people's texts away from it.
        self._http = _HttpClient(direct=api_url is not None, patience=patience)
        self._client = Client(account_sid, auth_token, http_client=self._http)
        if api_url:
            self._client.api.base_url = api_url
        self._account_sid = account_sid

    def prepare(self) -> None:
        """Have loaded what the first request needs: a hundred modules of Twilio's, 7 MB, which a fork may share."""
        _ = self._client.messages

    def send(self, to: PhoneNumber, text: str, *, status_url: str, validity: timedelta) -> MessageSid:
        """Send one text. Raise SendFailed; with Outcome.UNKNOWN it may have left all the same."""
        try:
            message = self._client.messages.create(
                to=to,
                body=text,
                status_callback=status_url,
                validity_period=int(validity.total_seconds()),
                **self._from,
            )
        except TwilioException as error:
            status, code = getattr(error, "status", None), getattr(error, "code", None)
            raise SendFailed(classify(status, code), code, self._http.retry_after()) from None
        except (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError):
            raise SendFailed(Outcome.RETRY, None) from None
        except requests.ConnectionError as error:
            raise SendFailed(Outcome.RETRY if _never_connected(error) else Outcome.UNKNOWN, None) from None
        except (requests.RequestException, ValueError):  # a time-out, or an answer that is no JSON
            raise SendFailed(Outcome.UNKNOWN, None) from None
        if not message.sid:
            raise SendFailed(Outcome.UNKNOWN, None)
        return MessageSid(message.sid)

    def has_sent(self, number: PhoneNumber, since: datetime, but_not: Collection[str] = ()) -> bool:
        """Whether Twilio lists a text by the API to that number since then, those ids apart. Raise ProviderUnavailable.

        Whichever it is: a text too few harms less than one too many. Answers do not count, they go out as replies.
        Listed without a filter by date: that is the date of sending, which a queued message does not have yet.
        """
        with _asking():
            listed = self._client.messages.list(to=number, limit=50)
        ours = (one for one in listed if str(one.direction).endswith("outbound-api") and one.sid not in but_not)
        whole_second = since.replace(microsecond=0)
        return any(one.date_created is not None and one.date_created >= whole_second for one in ours)

    def delete_copies(self, number: PhoneNumber) -> int:
        """Delete Twilio's copies of what went to and came from the number; how many. Raise ProviderUnavailable."""
        with _asking():
            copies = [
                *self._client.messages.list(to=number, limit=1000),
                *self._client.messages.list(from_=number, limit=1000),
            ]
            for copy in copies:
                copy.delete()
        return len(copies)

    def account(self) -> tuple[str, str]:
        """The account's status and balance, as Twilio words them. Raise ProviderUnavailable."""
        with _asking():
            account = self._client.api.accounts(self._account_sid).fetch()
            balance = self._client.api.accounts(self._account_sid).balance.fetch()
        return str(account.status), f"{balance.balance} {balance.currency}"

    def inbound(self) -> InboundAddresses:
        """Where Twilio takes texts to our number, short code or service. Raise ProviderUnavailable."""
        with _asking():
            if service_sid := self._from.get("messaging_service_sid"):
                service = self._client.messaging.v1.services(service_sid).fetch()
                return InboundAddresses(
                    service.inbound_request_url or "", service.inbound_method or "", service.fallback_url or ""
                )
            sender = self._from["from_"]
            numbers = (
                self._client.incoming_phone_numbers.list(phone_number=sender, limit=1)
                if sender.startswith("+")
                else self._client.short_codes.list(short_code=sender, limit=1)
            )
        if not numbers:
            raise ProviderUnavailable("the account has no such number")
        return InboundAddresses(
            numbers[0].sms_url or "", numbers[0].sms_method or "", numbers[0].sms_fallback_url or ""
        )


class _asking:  # noqa: N801 (reads as a statement)
    """Whatever goes wrong between us and Twilio inside this block is ProviderUnavailable."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, TwilioException | requests.RequestException | ValueError):
            raise ProviderUnavailable(f"{type(error).__name__} {getattr(error, 'code', '')}".strip()) from None


def _never_connected(error: requests.ConnectionError) -> bool:
    """Whether the connection was not even made: refused, no route, no name. A reset later on is another matter."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return type(reason).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")
