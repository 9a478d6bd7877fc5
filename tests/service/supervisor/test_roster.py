"""A run was killed: the next one finds its processes, and never somebody else's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.supervisor.roster import Known, Roster, birth

SLEEPS = "import time; time.sleep(60)"
DOES_NOT_END = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); {SLEEPS}"


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def started(processes: list[subprocess.Popen[bytes]], program: str) -> subprocess.Popen[bytes]:
    processes.append(subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, start_new_session=True))
    return processes[-1]


def test_the_next_run_finds_what_still_lives_and_nothing_else(
    processes: list[subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    living, dead = started(processes, SLEEPS), started(processes, SLEEPS)
    roster = Roster(tmp_path / "processes.json")
    roster.note("web", living.pid)
    roster.note("worker", dead.pid)
    dead.kill()
    dead.wait()

    left = Roster(tmp_path / "processes.json").left_behind()

    assert {name: known.pid for name, known in left.items()} == {"web": living.pid}


def test_a_stranger_that_got_the_number_of_a_dead_process_is_let_alone(tmp_path: Path) -> None:
    (tmp_path / "processes.json").write_text(json.dumps({"web": [os.getpid(), "before that"]}))

    assert Roster(tmp_path / "processes.json").left_behind() == {}


@pytest.mark.parametrize("noted", ["", "{", "[]", '{"web": 1}', '{"web": ["x", "y"]}', "null"])
def test_notes_that_were_broken_by_the_end_mean_nothing(noted: str, tmp_path: Path) -> None:
    (tmp_path / "processes.json").write_text(noted)

    assert Roster(tmp_path / "processes.json").left_behind() == {}


def test_a_dead_process_that_nobody_has_buried_counts_as_dead(processes: list[subprocess.Popen[bytes]]) -> None:
    process = started(processes, "")
    assert process.stdout
    process.stdout.read()
    time.sleep(0.1)

    assert birth(process.pid) is None


def test_a_process_that_does_not_end_when_asked_is_ended(processes: list[subprocess.Popen[bytes]]) -> None:
    process = started(processes, DOES_NOT_END)
    assert process.stdout
    process.stdout.readline()
    known = Known(process.pid, birth(process.pid) or "")

    known.end(patience=0.1)

    assert process.wait(5) == -signal.SIGKILL
