"""Which processes a run has started, on disk, so that the next run finds what a killed one left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Known:
    """A process that cannot be mistaken for a later one with the same number."""

    pid: int
    born: str

    @property
    def lives(self) -> bool:
        return birth(self.pid) == self.born

    def end(self, patience: float) -> None:
        """Ask it to end, and after `patience` seconds end it and all that it started."""
        _send(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + patience
        while self.lives and time.monotonic() < deadline:
            time.sleep(0.05)
        if self.lives:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)


class Roster:
    """A file of names and processes. One run writes it at a time; the run's lock sees to that."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Known] = {}

    def left_behind(self) -> dict[str, Known]:
        """What an earlier run has noted and still lives. A file that cannot be read means nothing."""
        try:
            noted = json.loads(self._path.read_text())
            known = {name: Known(int(pid), str(born)) for name, (pid, born) in noted.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}
        return {name: process for name, process in known.items() if process.lives}

    def note(self, name: str, pid: int) -> None:
        self._known[name] = Known(pid, birth(pid) or "")
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps({name: [known.pid, known.born] for name, known in self._known.items()}))
        draft.replace(self._path)

    def forget_all(self) -> None:
        self._path.unlink(missing_ok=True)


def birth(pid: int) -> str | None:
    """When a living process began, in words that no other process with this number has; None for a dead one."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return None if Path("/proc/self").exists() else _birth_by_ps(pid)
    state, *fields = stat.rpartition(")")[2].split()  # a name in brackets comes before, and may hold a space
    return None if state in "ZX" else f"{_boot()}-{fields[18]}"


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _birth_by_ps(pid: int) -> str | None:
    """Where there is no /proc, as on a Mac."""
    asked = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or None


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
