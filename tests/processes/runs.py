"""`python -m service run` as a test sees it: real processes on a port and a folder of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from service.settings import Settings
from service.supervisor.roster import birth
from service.supervisor.running import PROCFILE

TOY = Path(__file__).with_name("toy.py")
TOYS = {"web": "web", "worker": "waits", "clock": "waits"}
RUN = """
import os, sys
from pathlib import Path
from service.supervisor import run
sys.exit(run(os.environ, procfile=Path(sys.argv[1]), migrate=(sys.executable, "-c", sys.argv[2])))
"""


def free_port() -> int:
    with closing(socket.socket()) as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def eventually(what: Callable[[], object], seconds: float = 30.0) -> float:
    """Wait until `what` holds; returns how long that took."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds, "it did not come to pass"
        time.sleep(0.02)
    return time.monotonic() - began


class Runs:
    """Starts runs on one folder, and leaves no process behind."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder = folder
        self.var = folder / "var"
        self.port = free_port()
        usual = {"NIGHTLIGHT_ENV": "development", "NIGHTLIGHT_VAR": str(self.var), "PORT": str(self.port)}
        self.environ = {"PATH": os.environ["PATH"], **usual, **environ}
        self._started: list[Run] = []
        self._seen: set[int] = set()

    def start(self, toys: dict[str, str] | None = TOYS, migration: str = "pass", **environ: str) -> Run:
        """None instead of toys: the real Procfile."""
        if toys is None:
            return self._start(PROCFILE, migration, environ)
        return self.start_python({name: f"{TOY} {role}" for name, role in toys.items()}, migration, **environ)

    def start_python(self, commands: dict[str, str], migration: str = "pass", **environ: str) -> Run:
        """Processes by name, each with what follows `python`."""
        procfile = self.folder / "Procfile"
        procfile.write_text("".join(f"{name}: python {command}\n" for name, command in commands.items()))
        return self._start(procfile, migration, environ)

    def _start(self, procfile: Path, migration: str, environ: dict[str, str]) -> Run:
        run = Run(self, [RUN, str(procfile), migration], {**self.environ, **environ}, len(self._started))
        self._started.append(run)
        return run

    def pids(self) -> dict[str, int]:
        try:
            noted = json.loads((self.var / "run" / "processes.json").read_text())
        except (OSError, ValueError):
            return {}
        pids = {name: pid for name, (pid, _) in noted.items()}
        self._seen |= set(pids.values())
        return pids

    def living(self) -> set[int]:
        """Of all processes that were ever noted, those that live."""
        self.pids()
        return {pid for pid in self._seen if birth(pid)}

    def end(self) -> None:
        for run in self._started:
            run.process.kill()
            run.process.wait()
        for pid in self.living():
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        if self.var.is_dir():
            shutil.rmtree(Settings.read(self.environ).embedded_socket.parent, ignore_errors=True)


class Run:
    def __init__(self, runs: Runs, arguments: list[str], environ: dict[str, str], count: int) -> None:
        self._runs = runs
        self._said = runs.folder / f"said-{count}"
        self._complained = runs.folder / f"complained-{count}"
        with self._said.open("wb") as said, self._complained.open("wb") as complained:
            self.process = subprocess.Popen(
                [sys.executable, "-c", *arguments], env=environ, stdout=said, stderr=complained, start_new_session=True
            )

    @property
    def said(self) -> str:
        return self._said.read_text()

    @property
    def complained(self) -> str:
        return self._complained.read_text()

    def says(self, words: str, seconds: float = 30.0) -> float:
        return eventually(lambda: words in self.said or self._must_run(), seconds)

    def is_up(self) -> Run:
        self.says("The line is up")
        self._runs.pids()
        return self

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def ends(self, seconds: float = 15.0) -> int:
        return self.process.wait(seconds)

    def _must_run(self) -> bool:
        assert self.process.poll() is None, self.complained
        return False
