"""Leaves a broken store alone for a moment, so that an outage costs an answer nothing. Knows no store."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta


class Breaker:
    """Shut while all is well. After a failure it is open for `rest`; then one caller at a time may try.

    Thread-safe. With `rest` zero it never opens.
    """

    def __init__(self, rest: timedelta, clock: Callable[[], float] = time.monotonic) -> None:
        self._rest = rest.total_seconds()
        self._clock = clock
        self._lock = threading.Lock()
        self._closed_from: float | None = None

    def may_try(self) -> bool:
        """Whether to ask the store. A caller who may must tell what came of it: `succeeded` or `failed`."""
        if self._closed_from is None:
            return True
        with self._lock:
            now = self._clock()
            if self._closed_from is None or now >= self._closed_from:
                # This caller tries; the others go on without, as if it had failed.
                self._closed_from = None if self._closed_from is None else now + self._rest
                return True
            return False

    def succeeded(self) -> None:
        if self._closed_from is not None:
            with self._lock:
                self._closed_from = None

    def failed(self) -> None:
        if self._rest > 0:
            with self._lock:
                self._closed_from = self._clock() + self._rest
