"""A line that cannot stand, and is tried again until it can."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest

from service.app import create_app
from service.settings import Settings


class NoClock(Exception):
    pass


def no_clock() -> datetime:
    raise NoClock


def test_a_start_that_fails_leaves_nothing_running_behind(settings: Settings) -> None:
    before = set(threading.enumerate())

    with pytest.raises(NoClock):
        create_app(settings, no_clock)

    assert {one.name for one in threading.enumerate() if one not in before} == set()
