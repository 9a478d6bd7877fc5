"""The clock goes on whatever is away, and does not stand half."""

from __future__ import annotations

import threading
from datetime import timedelta

from service.records import RecordsUnavailable
from workers.clock import _repeated

MOMENT = timedelta(milliseconds=1)


def test_a_clock_whose_sweep_breaks_ends_whole_and_is_started_again() -> None:
    ended = threading.Event()

    def broken() -> None:
        raise ValueError("a bug")

    _repeated("sweep", MOMENT, broken, ended).join(timeout=10)

    assert ended.is_set()


def test_a_clock_goes_on_while_sql_is_away() -> None:
    ended, looks = threading.Event(), []

    def away() -> None:
        looks.append("a look")
        if len(looks) == 3:
            ended.set()
        raise RecordsUnavailable("away")

    _repeated("sweep", MOMENT, away, ended).join(timeout=10)

    assert len(looks) == 3
