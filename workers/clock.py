"""The clock: `python -m workers.clock`. Hands over what is due each second, and does the upkeep beside it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from service import logs
from service.logs import log
from service.records import RecordsUnavailable
from service.settings import Settings, SettingsError

if TYPE_CHECKING:
    from service.wiring import Parts

TICK = timedelta(seconds=1)
SWEEP = timedelta(seconds=5)
UPKEEP = timedelta(seconds=10)
EXAMINATION = timedelta(days=1)
LOOK_EVERY = 0.1
"""Seconds until a signal is heeded."""
SETTLING_IN = timedelta(minutes=2)
"""The first examination waits until all processes of a start have come up."""


def main() -> int:
    logs.configure("clock")
    try:
        settings = Settings.read(os.environ)
    except SettingsError as error:
        print("\n".join(error.problems), file=sys.stderr)
        return 1
    from service.wiring import Parts

    tick(Parts.for_worker(settings))
    return 0


def tick(parts: Parts, pace: float = 1.0) -> None:
    """Until SIGTERM or Ctrl-C. `pace` is how much faster than the world `parts.clock` goes."""
    from service import doctor

    ended, asked = threading.Event(), list[int]()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Not `ended.set()`: a handler may interrupt whoever holds the event's lock, and would wait for it for ever.
        signal.signal(number, lambda number, _: asked.append(number))
    beside = [
        _repeated("hand_over", TICK / pace, parts.follow_ups.hand_over, ended),
        _repeated("sweep", SWEEP / pace, parts.follow_ups.sweep, ended),
        # Beside the tick, because it asks Twilio, which may take its time.
        _repeated("upkeep", UPKEEP / pace, parts.upkeep.round, ended),
        _repeated("doctor", EXAMINATION, lambda: doctor.tell(parts.examine(), parts.alerts), ended, after=SETTLING_IN),
    ]
    log.info("started", name="clock")
    while not asked and not ended.wait(LOOK_EVERY):
        pass
    ended.set()
    for thread in beside:
        thread.join(timeout=5)


def _repeated(
    name: str, every: timedelta, do: Callable[[], object], ended: threading.Event, after: timedelta = timedelta()
) -> threading.Thread:
    thread = threading.Thread(target=_beside, args=(every, do, ended, after), name=name, daemon=True)
    thread.start()
    return thread


def _beside(every: timedelta, do: Callable[[], object], ended: threading.Event, after: timedelta) -> None:
    """A bug here ends the whole clock, which is then started again: one without its sweep would not be noticed."""
    try:
        _repeat(every, do, ended, after)
    except Exception:
        log.exception("clock_ends", name=threading.current_thread().name)
        ended.set()


def _repeat(every: timedelta, do: Callable[[], object], ended: threading.Event, after: timedelta = timedelta()) -> None:
    ended.wait(after.total_seconds())
    while not ended.is_set():
        try:
            do()
        except RecordsUnavailable:
            log.warning("records_unavailable", name=threading.current_thread().name)
        ended.wait(every.total_seconds())


if __name__ == "__main__":
    sys.exit(main())
