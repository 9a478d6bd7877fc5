"""Twilio's side: the account, the money, who acts on STOP, where texts go and what catches them if we are away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Protocol

from service.doctor.finding import Finding, State
from service.gateway import Gateway, ProviderUnavailable
from service.settings import Settings

LOW_BALANCE = Decimal(20)
TOLL_FREE = ("+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888")


class Inbound(Protocol):
    """What Twilio has been told to do with a text to our number."""

    @property
    def url(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def fallback_url(self) -> str: ...


def account(gateway: Gateway) -> Iterator[Finding]:
    try:
        status, balance = gateway.account()
    except ProviderUnavailable as error:
        mend = "Compare TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN with Twilio's console; 20003 means they do not match."
        yield Finding("account", State.FAIL, f"Twilio could not be asked about the account ({error}).", mend)
        return
    if status == "active":
        yield Finding("account", State.OK, "The Twilio account is active.")
    else:
        mend = "Nothing is sent or received: write to Twilio's support."
        yield Finding("account", State.FAIL, f"The Twilio account is {status}.", mend)
    yield _balance(balance)


def _balance(balance: str) -> Finding:
    amount = _number(balance)
    if amount is None:
        return Finding("balance", State.WARN, "The balance could not be read.", "Look at it in Twilio's console.")
    if amount >= LOW_BALANCE:
        return Finding("balance", State.OK, f"The balance is {balance}.")
    state = State.FAIL if amount <= 0 else State.WARN
    return Finding("balance", state, f"The balance is {balance}.", "Pay in, and turn on automatic recharge.")


def _number(balance: str) -> Decimal | None:
    try:
        return Decimal(balance.split()[0])
    except (InvalidOperation, IndexError):
        return None


def stop(settings: Settings) -> Finding:
    """Who acts on STOP. It decides whether a text in danger after STOP can be answered at all."""
    ours = settings.opt_outs == "ours"
    if not settings.production:
        return Finding("stop", State.OK, "In development nobody acts on STOP before us.")
    if settings.messaging_service_sid:
        return _as_set(ours, "Twilio acts on STOP if the messaging service has Advanced Opt-Out, which no API tells.")
    if settings.sender.startswith(TOLL_FREE):
        return _stopped_before_us(ours, "On a toll-free number the network acts on STOP, and nobody can change that.")
    if settings.sender.startswith("+"):
        return _as_set(ours, "On a long number Twilio acts on STOP, unless its support has turned that off.")
    if ours:
        return Finding("stop", State.OK, "On a short code of its own STOP is ours: danger is answered after it too.")
    mend = "Set NIGHTLIGHT_OPT_OUTS=ours."
    return Finding("stop", State.WARN, "On a short code of its own Twilio does not act on STOP, and we do not.", mend)


def _as_set(ours: bool, who: str) -> Finding:
    setting = "ours" if ours else "twilio"
    mend = f"See in Twilio's console, and text STOP to be sure, that NIGHTLIGHT_OPT_OUTS={setting} is true."
    return Finding("stop", State.WARN, who, mend)


def _stopped_before_us(ours: bool, who: str) -> Finding:
    if ours:
        return Finding("stop", State.FAIL, who, "Set NIGHTLIGHT_OPT_OUTS=twilio, so that the STOP text says so.")
    return Finding("stop", State.OK, f"{who} The STOP text says so.")


def inbound(settings: Settings, ask: Callable[[], Inbound]) -> Iterator[Finding]:
    try:
        found = ask()
    except ProviderUnavailable as error:
        mend = "See that TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID belongs to this account."
        yield Finding("webhook", State.FAIL, f"Twilio does not tell where texts go ({error}).", mend)
        return
    wanted = f"{settings.public_url}/sms"
    if (found.url.partition("#")[0], found.method) == (wanted, "POST"):
        yield Finding("webhook", State.OK, f"Twilio posts texts to {wanted}.")
    else:
        mend = f"Set the number's, or the service's, webhook to {wanted} with POST; docs/going-live.md has the rest."
        yield Finding("webhook", State.FAIL, "Twilio takes texts elsewhere than to this line.", mend)
    yield _fallback(settings, found.fallback_url)


def _fallback(settings: Settings, url: str) -> Finding:
    mend = "Set it to a TwiML Bin with the crisis text: Twilio keeps it, so it answers while this line is away."
    if not url:
        return Finding(
            "fallback", State.FAIL, "There is no fallback: while this line is away, texts get silence.", mend
        )
    if url.startswith(settings.public_url):
        return Finding(
            "fallback", State.FAIL, "The fallback is this line itself, which is away when it is needed.", mend
        )
    return Finding("fallback", State.OK, "Twilio has a fallback that does not need this line.")


def uninspected(settings: Settings) -> Iterator[Finding]:
    if settings.production:
        mend = f"See in Twilio's console that texts go to {settings.public_url}/sms, and that there is a fallback."
        yield Finding("webhook", State.WARN, "Where Twilio takes texts was not looked at.", mend)
