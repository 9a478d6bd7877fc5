"""The thread that reports deliveries, so that no sender waits for it. What is reported is the carrier's."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable

from service.phone.mailbox import Message

Report = Callable[[Message, str], None]


class Deliveries:
    """Reports one after the other. With `most` waiting, the next is forgotten: Twilio, too, promises no report."""

    def __init__(self, report: Report, most: int = 1000) -> None:
        self._report = report
        self._waiting: queue.Queue[tuple[Message, str]] = queue.Queue(most)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, message: Message, callback: str) -> None:
        with self._starting:  # at the first message and not before: a thread does not live through a fork
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="phone-deliveries", daemon=True)
                self._thread.start()
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait((message, callback))

    def _work(self) -> None:
        while True:
            self._report(*self._waiting.get())
