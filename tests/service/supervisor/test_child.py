"""A process that ends is started again, patiently and for ever."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.supervisor.child import DELAYS, WELL_AFTER, Child
from service.supervisor.roster import birth

SLEEPS = "import time; print(flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}"
PARENT = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {!r}]); time.sleep(60)"
"""What it starts says, by a line, that it stands."""


def eventually(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def child_of(tmp_path: Path) -> Iterator[Callable[[str], Child]]:
    made: list[Child] = []

    def child(program: str) -> Child:
        command = (sys.executable, "-c", program)
        made.append(Child("toy", command, cwd=tmp_path, environ=dict(os.environ), output=tmp_path / "said"))
        return made[-1]

    yield child
    for child_ in made:
        child_.kill()


def test_a_process_that_ended_once_is_started_again_at_once(child_of: Callable[[str], Child]) -> None:
    child = child_of("raise SystemExit(3)")
    child.start(now=100.0)
    eventually(lambda: not child.lives)

    assert child.ended(now=100.5) < 101.0
    assert child.how_it_ended() == "exit 3"


def test_a_process_that_cannot_live_is_tried_ever_more_seldom_and_never_given_up(
    child_of: Callable[[str], Child],
) -> None:
    child = child_of("")

    waited = [child.ended(now=1.0) - 1.0 for _ in range(20)]

    assert waited == sorted(waited)
    assert waited[-1] == DELAYS[-1] <= 30


def test_a_process_that_had_lived_well_is_started_again_at_once_whatever_was_before(
    child_of: Callable[[str], Child],
) -> None:
    child = child_of("")
    for _ in range(5):
        child.ended(now=1.0)

    now = 2.0 + WELL_AFTER
    assert child.ended(now) == now + DELAYS[0]


def test_a_program_that_is_not_there_counts_as_an_end_and_stops_nobody_else(tmp_path: Path) -> None:
    child = Child("toy", ("/nowhere",), cwd=tmp_path, environ={})

    child.start(now=0.0)

    assert not child.lives
    assert child.how_it_ended() == "gone"


def test_the_signal_that_ended_a_process_is_named(child_of: Callable[[str], Child]) -> None:
    child = child_of("import time; time.sleep(60)")
    child.start(now=0.0)

    os.kill(child.pid, signal.SIGKILL)
    eventually(lambda: not child.lives)

    assert child.how_it_ended() == "signal SIGKILL"


def test_what_a_dead_server_has_started_is_asked_to_end_too(child_of: Callable[[str], Child], tmp_path: Path) -> None:
    child = child_of(PARENT.format(SLEEPS))
    child.start(now=0.0)
    eventually(lambda: (tmp_path / "said").read_text())
    grandchild = _only_child_of(child.pid)

    os.kill(child.pid, signal.SIGKILL)
    eventually(lambda: not child.lives)
    child.ended(now=0.1)

    eventually(lambda: not birth(grandchild))


def test_what_does_not_end_with_a_dead_server_does_not_share_its_port_with_the_next(
    child_of: Callable[[str], Child], tmp_path: Path
) -> None:
    child = child_of(PARENT.format(STUBBORN))
    child.start(now=0.0)
    eventually(lambda: (tmp_path / "said").read_text())
    grandchild = _only_child_of(child.pid)

    os.kill(child.pid, signal.SIGKILL)
    eventually(lambda: not child.lives)
    child.ended(now=0.1)
    child.start(now=0.2)

    eventually(lambda: not birth(grandchild))


def _only_child_of(pid: int) -> int:
    (found,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(found)
