"""The line's real processes on a clock that goes faster than the world, and may leap: a day passes in minutes.

`python -m tests.faults.hurried web|worker|clock`, with FAULTS_CLOCK naming the clock's file. What they do is the
service's own; of theirs are only the time, and a patience with Twilio that fits it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from werkzeug.serving import make_server

from service import logs
from service.app import create_app
from service.gateway import Gateway
from service.settings import Settings
from service.wiring import Parts
from workers import pool
from workers.__main__ import work
from workers.clock import tick

PATIENCE_WITH_TWILIO = 1.0
"""Seconds of the world, for the ten of a line that is not hurried."""
WORKERS = 2
"""In the one pool that the supervisor looks after."""


class HurriedClock:
    """One file, read by every process at every look: all see the same time, and a leap at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def starting(cls, path: Path, at: datetime, pace: float) -> HurriedClock:
        clock = cls(path)
        clock._write(pace, [(time.time(), at.timestamp())])
        return clock

    def __call__(self) -> datetime:
        return self.at(time.time())

    def at(self, world: float) -> datetime:
        """The line's time at a moment of the world."""
        pace, leaps = self._read()
        since, was = next((leap for leap in reversed(leaps) if leap[0] <= world), leaps[0])
        return datetime.fromtimestamp(was + (world - since) * pace, UTC)

    @property
    def pace(self) -> float:
        return self._read()[0]

    def leap(self, by: timedelta) -> None:
        now, (pace, leaps) = time.time(), self._read()
        self._write(pace, [*leaps, (now, (self.at(now) + by).timestamp())])

    def _read(self) -> tuple[float, list[tuple[float, float]]]:
        pace, leaps = json.loads(self._path.read_text())
        return pace, leaps

    def _write(self, pace: float, leaps: list[tuple[float, float]]) -> None:
        """`leaps`: since when in the world it was which time here."""
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps([pace, leaps]))
        draft.replace(self._path)


def parts(settings: Settings, clock: HurriedClock, *, watched: bool = True) -> Parts:
    gateway = Gateway(
        settings.account_sid,
        settings.auth_tokens[0],
        sender=settings.sender,
        api_url=settings.twilio_api_url,
        patience=PATIENCE_WITH_TWILIO,
    )
    return replace(Parts.for_worker(settings, clock, watched=watched), gateway=gateway)


def main(role: str) -> None:
    logs.configure(role)
    settings, clock = Settings.read(os.environ), HurriedClock(Path(os.environ["FAULTS_CLOCK"]))
    if role == "web":
        make_server("127.0.0.1", settings.port, create_app(settings, clock), threaded=True).serve_forever()
    elif role == "worker":
        shared = parts(settings, clock, watched=False)
        pool.keep([lambda: work(shared)] * WORKERS)
    else:
        tick(parts(settings, clock), clock.pace)


if __name__ == "__main__":
    main(sys.argv[1])
