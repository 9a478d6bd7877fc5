"""`python -m service person`: one person's rows, an opt-out or a deletion by hand. It prints no number."""

from __future__ import annotations

import getpass
import sys
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from service.desk import explained
from service.policy.conversation import Effect, Forget, MessageSid, OptOut, PhoneNumber, Revocation
from service.policy.ledger import Entry
from service.policy.local_time import country_of
from service.records import Records
from service.sealing import Sealer
from service.sessions import Sessions, SessionsUnavailable

BY_HAND = "by-hand"
"""Stands where a playbook's release stands in what a text leaves behind."""


class NoNumber(Exception):
    """What was given is not a number as one dials it. It is not repeated."""


def ask(given: TextIO) -> PhoneNumber:
    """From the terminal, unseen, or the first line of standard input: an argument would stay in a shell's history."""
    typed = getpass.getpass("Number, as +1...: ") if given is sys.stdin and given.isatty() else given.readline()
    number = PhoneNumber(typed.strip().replace(" ", "").replace("-", ""))
    if not number.startswith("+") or not country_of(number):
        raise NoNumber("Not a phone number with its country code: write + and the country's digits first.")
    return number


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept about people, and the hand that changes it."""

    records: Records
    sessions: Sessions
    sealer: Sealer

    def do(self, what: str, number: PhoneNumber, now: datetime) -> str:
        """show, opt-out or delete."""
        if what == "show":
            return self._looked_up(number)
        return self._opted_out(number, now) if what == "opt-out" else self._deleted(number, now)

    def _looked_up(self, number: PhoneNumber) -> str:
        sender = self.sealer.key_of(number)
        opted_out = f"opted out: {'yes' if self.records.of(sender).opted_out else 'no'}"
        rows = self.records.follow_ups_of(sender)
        return "\n\n".join([opted_out, *(f"{row.id}\n{explained(self.records, row.id)}" for row in rows)])

    def _opted_out(self, number: PhoneNumber, now: datetime) -> str:
        """As if they had texted STOP now; nothing confirms it to them."""
        self._apply(number, OptOut(Revocation.REQUEST), now)
        return "Opted out. Nothing that was planned will be sent; a text of their own is still answered."

    def _deleted(self, number: PhoneNumber, now: datetime) -> str:
        """As if they had texted DELETE and YES now."""
        self._apply(number, Forget(), now)
        try:
            self.sessions.forget(self.sealer.key_of(number))
        except SessionsUnavailable:
            return "Deleted, but for what Redis remembers, which goes within a day. Twilio is asked in ten minutes."
        return "Deleted. Twilio is asked to delete its copies in ten minutes. An opt-out and proof of consent stay."

    def _apply(self, number: PhoneNumber, effect: Effect, now: datetime) -> None:
        message = self.sealer.hash_sid(MessageSid(f"{BY_HAND}/{uuid.uuid4().hex}"))
        entry = Entry(message, self.sealer.key_of(number), self.sealer.seal(number), (effect,), BY_HAND, now)
        self.records.apply(entry)
