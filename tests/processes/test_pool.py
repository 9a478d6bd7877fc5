"""Clock and workers of one image: each that ends is replaced, all end when asked, and they share their memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.processes.runs import eventually
from tests.stores import Valkey

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
ALL = WORKERS + 1
MOST_MEGABYTES = 140
"""Of clock, workers and their keeper, each page divided among those who share it. Alone, each would take half of it."""


def children(pid: int) -> set[int]:
    with suppress(FileNotFoundError):
        return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    return set()


def named(keeper: subprocess.Popen[bytes], name: str) -> set[int]:
    return {pid for pid in children(keeper.pid) if Path(f"/proc/{pid}/comm").read_text().strip() == name}


def megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


@pytest.fixture
def keeper(sqlite_url: str, valkey: Valkey, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    environ = {
        "NIGHTLIGHT_ENV": "development",
        "NIGHTLIGHT_VAR": str(tmp_path),
        "DATABASE_URL": sqlite_url,
        "REDIS_URL": valkey.url,
        "WORKER_CONCURRENCY": str(WORKERS),
    }
    process = subprocess.Popen([sys.executable, "-m", "workers"], cwd=ROOT, env=environ, stderr=subprocess.DEVNULL)
    eventually(lambda: len(children(process.pid)) == ALL)
    yield process
    for pid in [*children(process.pid), process.pid]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait(10)


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="no /proc tells about memory here")
def test_clock_and_workers_are_replaced_end_when_asked_and_share_their_memory(
    keeper: subprocess.Popen[bytes], valkey: Valkey
) -> None:
    eventually(lambda: valkey.client.scard("rq:workers") == WORKERS)
    eventually(lambda: (len(named(keeper, "clock")), len(named(keeper, "worker"))) == (1, WORKERS))
    assert sum(map(megabytes, [keeper.pid, *children(keeper.pid)])) < MOST_MEGABYTES

    for name in ("clock", "worker"):
        killed = min(named(keeper, name))
        os.kill(killed, signal.SIGKILL)
        eventually(lambda killed=killed: killed not in children(keeper.pid) and len(children(keeper.pid)) == ALL)
    eventually(lambda: (len(named(keeper, "clock")), len(named(keeper, "worker"))) == (1, WORKERS))

    left = children(keeper.pid)
    keeper.send_signal(signal.SIGTERM)
    assert keeper.wait(20) == 0
    assert not [pid for pid in left if Path(f"/proc/{pid}").exists()]
