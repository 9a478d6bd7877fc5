"""Server-sent events: follow-ups on their way to the page as they come. What a follow-up says is the line's."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

from service.phone.mailbox import Mailbox, Message

RETRY_MS = 200
"""How soon a browser comes back when a stream ends."""


class TooManyStreams(Exception):
    """Each open stream holds one of the server's threads, and no more may be held."""


class Streams:
    """Opens streams, at most `most` at once.

    A stream ends by itself after `lasts` seconds and the browser comes back for the rest: a server that stops waits for
    its open answers (granian took 29 s for one), and somebody has pressed Ctrl-C. A closed page is noticed at the next
    heartbeat.
    """

    def __init__(self, mailbox: Mailbox, *, most: int = 12, lasts: float = 5.0, heartbeat: float = 1.0) -> None:
        self._mailbox, self._lasts, self._heartbeat = mailbox, lasts, heartbeat
        self._free = threading.BoundedSemaphore(most)

    def open(self, number: str, bookmark: str) -> Stream:
        """Everything sent to `number` after the bookmark, then what comes. Raise TooManyStreams."""
        if not self._free.acquire(blocking=False):
            raise TooManyStreams
        return Stream(self._chunks(number, self._mailbox.position(bookmark)), self._free)

    def _chunks(self, number: str, position: int) -> Iterator[str]:
        ends_at = time.monotonic() + self._lasts
        yield f"retry: {RETRY_MS}\nid: {self._mailbox.bookmark(position)}\n\n"
        patience = 0.0
        while time.monotonic() < ends_at:
            messages = self._mailbox.follow_ups(number, position, patience)
            for message in messages:
                position = message.position
                yield _event(message, self._mailbox.bookmark(position))
            if not messages:
                yield ": still here\n\n"
            patience = self._heartbeat


class Stream:
    """The open answer. Gives its place back when it is closed, also one that was never read."""

    def __init__(self, chunks: Iterator[str], free: threading.BoundedSemaphore) -> None:
        self._chunks, self._free = chunks, free
        self._open = True

    def __iter__(self) -> Iterator[str]:
        return self._chunks

    def close(self) -> None:
        if self._open:
            self._open = False
            self._free.release()


def _event(message: Message, bookmark: str) -> str:
    told = {
        "sid": message.sid,
        "text": message.text,
        "segments": message.segments,
        "at": message.created_at.isoformat(timespec="seconds"),
    }
    return f"id: {bookmark}\ndata: {json.dumps(told)}\n\n"
