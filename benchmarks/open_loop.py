"""How long people wait at a given rate: posts leave when they are due, and each wait counts from when it was due.

So a server that stalls is charged for everybody who came meanwhile. Plain sockets, since the loader shares the
machine with what it measures.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds from when a post was due to its whole answer, sorted."""

    milliseconds: tuple[float, ...]
    wrong: int
    """Answers that were not 200 with TwiML."""

    def at(self, share: float) -> float:
        return self.milliseconds[min(len(self.milliseconds) - 1, int(share * len(self.milliseconds)))]


def request(host: str, signature: str, form: str) -> bytes:
    head = (
        f"POST /sms HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Twilio-Signature: {signature}\r\nContent-Length: {len(form)}\r\n\r\n"
    )
    return (head + form).encode()


class _Connection:
    """One keep-alive connection; at most one post at a time."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.due = 0.0
        self._read = b""

    def post(self, content: bytes, due: float) -> None:
        self.due, self._read = due, b""
        self.socket.sendall(content)

    def answer(self) -> bytes | None:
        """The whole answer, once it is there."""
        chunk = self.socket.recv(65536)
        if not chunk:
            raise ConnectionError("the server hung up")
        self._read += chunk
        head, found, body = self._read.partition(b"\r\n\r\n")
        if not found:
            return None
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return self._read if len(body) >= length else None


def waits(url: str, posts: Iterable[bytes], rate: float, *, connections: int = 64) -> Waits:
    """Posts them all, `rate` a second."""
    parts = urlsplit(url)
    selector, idle = selectors.DefaultSelector(), deque[_Connection]()
    for _ in range(connections):
        connection = _Connection(parts.hostname or "", parts.port or 80)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        idle.append(connection)
    waiting, start, took, wrong = deque(posts), time.perf_counter(), [], 0
    many, sent = len(waiting), 0
    while len(took) < many:
        while waiting and idle and (due := start + sent / rate) <= time.perf_counter():
            idle.popleft().post(waiting.popleft(), due)
            sent += 1
        until = start + sent / rate - time.perf_counter() if waiting and idle else None
        for key, _ in selector.select(until if until is None else max(0.0, until)):
            answer = key.data.answer()
            if answer is not None:
                took.append((time.perf_counter() - key.data.due) * 1000)
                wrong += not (answer.startswith(b"HTTP/1.1 200") and b"<Response" in answer)
                idle.append(key.data)
    for key in list(selector.get_map().values()):
        key.data.socket.close()
    return Waits(tuple(sorted(took)), wrong)
