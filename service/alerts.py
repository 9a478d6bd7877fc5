"""Shouting at engineers: each alert once an hour, over all processes. It needs neither Redis nor SQL, but a folder."""

from __future__ import annotations

import fcntl
import os
import re
import threading
import time
from datetime import timedelta
from pathlib import Path

import requests

from service.logs import log, without_numbers

ONCE_IN = timedelta(hours=1)
TIMEOUT = 5.0
PAUSES = (0.0, 2.0, 10.0)
"""Seconds before each try to post."""


class Alerts:
    """Where `url` is None, an alert is a log line alone."""

    def __init__(self, url: str | None, var: Path, *, pauses: tuple[float, ...] = PAUSES) -> None:
        self._url = url
        self._folder = var / "alerts"
        self._pauses = pauses
        self._said: dict[str, float] = {}

    def alert(self, key: str, what: str, mend: str, once_in: timedelta = ONCE_IN) -> bool:
        """Say what is wrong and what to do, unless `key` was said within `once_in`. At once; True if it is said.

        Neither sentence may hold a person's number or words; what looks like a number is taken out all the same.
        """
        if not self._is_due(key, once_in):
            return False
        what, mend = without_numbers(what), without_numbers(mend)
        log.error("alert", key=key, what=what, mend=mend)
        if self._url:
            text = {"text": f"Nightlight: {what} {mend}"}
            threading.Thread(target=self._post, args=(self._url, key, text), name="alert", daemon=True).start()
        return True

    def _is_due(self, key: str, once_in: timedelta) -> bool:
        """True for one caller in that time. Where no marker can be kept, for one in each process: better than never."""
        try:
            return self._is_due_anywhere(key, once_in)
        except OSError:
            last, self._said[key] = self._said.get(key), time.monotonic()
            return last is None or self._said[key] - last > once_in.total_seconds()

    def _is_due_anywhere(self, key: str, once_in: timedelta) -> bool:
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._marker(key).open("a") as marker:
            fcntl.flock(marker, fcntl.LOCK_EX)
            known = os.fstat(marker.fileno())
            if known.st_size and time.time() - known.st_mtime < once_in.total_seconds():
                return False
            marker.truncate(0)
            marker.write("said\n")
        return True

    def _marker(self, key: str) -> Path:
        return self._folder / re.sub(r"[^A-Za-z0-9_.-]", "_", key)[:100]

    def _post(self, url: str, key: str, text: dict[str, str]) -> None:
        for pause in self._pauses:
            time.sleep(pause)
            if _posted(url, text):
                return
        log.error("alert not delivered", key=key)
        self._marker(key).unlink(missing_ok=True)  # so that the next time is not held back by a shout nobody heard


def _posted(url: str, text: dict[str, str]) -> bool:
    try:
        return requests.post(url, json=text, timeout=TIMEOUT, allow_redirects=False).status_code < 300
    except requests.RequestException:
        return False
