"""One process that is kept running: started, looked at, started again, ended. Which ones there are, others know."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from service.supervisor.roster import Known, birth

DELAYS = (0.1, 0.3, 0.5, 2.0, 5.0, 10.0, 30.0)
"""Seconds before the first, second … start in a row; the last one stays. It is never given up."""
WELL_AFTER = 10.0
"""Seconds that a process has to live for its next end to count as the first again."""


class Child:
    """Its own session, so that Ctrl-C reaches it through us, in order, and its processes end as one group."""

    def __init__(
        self, name: str, command: Sequence[str], *, cwd: Path, environ: Mapping[str, str], output: Path | None = None
    ) -> None:
        self.name = name
        self._command = command
        self._cwd = cwd
        self._environ = environ
        self._output = output
        """Where what it prints goes; None: where ours goes."""
        self._process: subprocess.Popen[bytes] | None = None
        self._adopted: Known | None = None
        self._began = 0.0
        self._ends_in_a_row = 0

    @property
    def pid(self) -> int:
        known = self._process or self._adopted
        return known.pid if known else 0

    @property
    def lives(self) -> bool:
        if self._process:
            return self._process.poll() is None
        return bool(self._adopted and self._adopted.lives)

    def start(self, now: float) -> None:
        self._signal_group(signal.SIGKILL)  # else a server's workers that outlived it would share its port for ever
        self._began, self._adopted, self._process = now, None, None
        with suppress(OSError):  # no memory or no disk for it now counts as an end, and it is tried again
            self._process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        with (self._output or Path(os.devnull)).open("wb") as output:
            return subprocess.Popen(
                self._command,
                cwd=self._cwd,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=output if self._output else None,
                stderr=output if self._output else None,
                start_new_session=True,
            )

    def adopt(self, pid: int, now: float) -> None:
        """Look after a process that an earlier run has started."""
        self._began, self._adopted = now, Known(pid, birth(pid) or "")

    def ended(self, now: float) -> float:
        """Note an end, ask what it started to end too; returns when it may be started again."""
        self._signal_group(signal.SIGTERM)
        if now - self._began > WELL_AFTER:
            self._ends_in_a_row = 0
        delay = DELAYS[min(self._ends_in_a_row, len(DELAYS) - 1)]
        self._ends_in_a_row += 1
        return now + delay

    def how_it_ended(self) -> str:
        code = self._process.returncode if self._process else None
        if code is None:
            return "gone"
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit {code}"

    def ask_to_end(self) -> None:
        if self.lives:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """It, and whatever of its group outlived it."""
        self._signal_group(signal.SIGKILL)
        if self._process:
            self._process.wait(timeout=5)

    def _signal_group(self, number: signal.Signals) -> None:
        if self.pid:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)
