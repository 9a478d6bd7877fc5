"""The clock goes on whatever is away, and does not stand half."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

from service.records import RecordsUnavailable
from service.settings import CHECKOUT
from tests.stores import Valkey
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


IMPATIENT = """
import os, signal, sys
from workers import clock
def ask(*_):
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:  # it listens: on a busy machine that takes seconds
        os.kill(os.getpid(), signal.SIGTERM)
signal.signal(signal.SIGALRM, ask)
signal.setitimer(signal.ITIMER_REAL, 2, 0.0002)
code = clock.main()
signal.setitimer(signal.ITIMER_REAL, 0)
sys.exit(code)
"""


def test_a_clock_that_is_asked_to_end_again_and_again_ends(sqlite_url: str, valkey: Valkey, tmp_path: Path) -> None:
    usual = {"NIGHTLIGHT_ENV": "development", "NIGHTLIGHT_VAR": str(tmp_path)}
    stores = {"DATABASE_URL": sqlite_url, "REDIS_URL": valkey.url}
    with subprocess.Popen([sys.executable, "-c", IMPATIENT], cwd=CHECKOUT, env=usual | stores) as clock:
        try:
            assert clock.wait(20) == 0
        finally:
            clock.kill()
