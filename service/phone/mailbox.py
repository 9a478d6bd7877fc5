"""The messages that the stand-in for Twilio keeps, in memory. Who may read them and how they travel is not here."""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum


class Direction(StrEnum):
    """In Twilio's words, which its REST answers carry."""

    INBOUND = "inbound"
    REPLY = "outbound-reply"  # travelled in the answer to the webhook
    OUTBOUND = "outbound-api"  # the line sent it on its own: a follow-up


@dataclass(frozen=True, slots=True)
class Message:
    """One message of either direction. The mailbox gives it its `position`, which counts from 1."""

    sid: str
    direction: Direction
    sender: str
    recipient: str
    text: str
    segments: int
    media_count: int = 0
    status: str = "queued"
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    position: int = 0


class Mailbox:
    """Holds the newest `most` messages; the oldest goes first. Safe to use from several threads."""

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self._messages: OrderedDict[str, Message] = OrderedDict()
        self._changed = threading.Condition()
        self._position = 0
        self._name = secrets.token_hex(4)  # tells this run's positions from those of the run before

    def keep(self, message: Message) -> Message:
        """The message as kept. The same sid again changes nothing: a text that is sent anew is the same text."""
        with self._changed:
            if message.sid in self._messages:
                return self._messages[message.sid]
            self._position += 1
            kept = replace(message, position=self._position)
            self._messages[kept.sid] = kept
            if len(self._messages) > self._most:
                self._messages.popitem(last=False)
            self._changed.notify_all()
            return kept

    def find(self, sid: str) -> Message | None:
        with self._changed:
            return self._messages.get(sid)

    def forget(self, sid: str) -> bool:
        """Whether it was there."""
        with self._changed:
            return self._messages.pop(sid, None) is not None

    def mark(self, sid: str, status: str) -> None:
        with self._changed:
            if sid in self._messages:
                self._messages[sid] = replace(self._messages[sid], status=status)

    def between(self, *, sender: str = "", recipient: str = "") -> list[Message]:
        """Newest first. An empty number stands for any."""
        with self._changed:
            kept = list(reversed(self._messages.values()))
        return [m for m in kept if sender in ("", m.sender) and recipient in ("", m.recipient)]

    def follow_ups(self, number: str, after: int, patience: float) -> list[Message]:
        """What the line sent to `number` on its own after that position. Waits for the first, `patience` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._follow_ups(number, after), patience)
            return self._follow_ups(number, after)

    def _follow_ups(self, number: str, after: int) -> list[Message]:
        return [
            message
            for message in self._messages.values()
            if message.position > after and message.recipient == number and message.direction is Direction.OUTBOUND
        ]

    def bookmark(self, position: int) -> str:
        """A position that a reader can come back with, also after this process has been replaced."""
        return f"{self._name}-{position}"

    def position(self, bookmark: str) -> int:
        """Of "now", the end. 0, the beginning, where the bookmark is of another run or not one of ours."""
        if bookmark == "now":
            return self._position
        ours = re.fullmatch(rf"{self._name}-([0-9]{{1,12}})", bookmark)
        return int(ours[1]) if ours else 0
