"""Whoever breaks off the faults is left with nothing that still runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from service.settings import CHECKOUT
from tests.processes.runs import eventually

pytestmark = pytest.mark.processes


def living_with(word: bytes) -> list[Path]:
    """Processes whose environment holds the word."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            found += [process] if word in (process / "environ").read_bytes() else []
        except OSError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc tells whose processes are left")
def test_faults_that_are_broken_off_leave_no_process_behind(tmp_path: Path) -> None:
    log = tmp_path / "log"
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    with log.open("wb") as said:
        faults = subprocess.Popen([sys.executable, "-m", "tests.faults.chaos"], cwd=CHECKOUT, env=environ, stdout=said)
    ours = str(tmp_path).encode()
    try:
        eventually(lambda: b"FAULT_SEED" in log.read_bytes() and len(living_with(ours)) > 1, 60)
        faults.send_signal(signal.SIGTERM)
        assert faults.wait(60) == 128 + signal.SIGTERM
        eventually(lambda: not living_with(ours), 5)
    finally:
        for process in living_with(ours):
            os.kill(int(process.name), signal.SIGKILL)
