"""Starts what is measured: the line as `python -m service run` does, and others on the same server. Ends it too."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import redis

from service.settings import CHECKOUT, Settings

PATIENCE = 60.0
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_KEY = "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="
"""Seals the numbers of senders that are nobody."""


def end_what_was_started() -> None:
    """From now on SIGTERM ends this process as an error does: what it has started ends with it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class Server:
    """One thing that answers posts. A context: it runs inside the block."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    port: int
    log: Path
    ready_at: str = "/sms"
    took: float = 0.0
    """Seconds from the start until it answered."""
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/sms"

    def __enter__(self) -> Server:
        started = time.perf_counter()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=CHECKOUT,
                env={**os.environ, **self.environ},
                stdout=log,
                stderr=log,
                start_new_session=True,  # else Ctrl-C ends it before its last texts are answered
            )
        try:
            self._wait(started)
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        self.took = time.perf_counter() - started
        return self

    def _wait(self, started: float) -> None:
        while not self._answers():
            if not self._process or self._process.poll() is not None or time.perf_counter() - started > PATIENCE:
                raise RuntimeError(f"{self.name} does not run: {self.log.read_text()[-2000:]}")
            time.sleep(0.02)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is None:
            return
        theirs = self.processes()
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            for pid in theirs:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()

    def processes(self) -> list[int]:
        """Its own number, and those of all that it started."""
        parents = {int(pid.name): _parent(pid) for pid in Path("/proc").iterdir() if pid.name.isdecimal()}
        found = [self._process.pid] if self._process else []
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found

    def _answers(self) -> bool:
        """Also with 403 or 405, but not while the last resort stands in."""
        try:
            with _DIRECT.open(f"http://127.0.0.1:{self.port}{self.ready_at}", timeout=5) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            return error.code < 500
        except OSError:
            return False


def _parent(pid: Path) -> int:
    try:
        return int((pid / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def line_environ(var: Path, port: int, **more: str) -> dict[str, str]:
    """Production's settings for a line that only this machine can reach, and that reaches nobody."""
    cleared = dict.fromkeys((name for name in os.environ if name.startswith(("NIGHTLIGHT", "TWILIO", "REDIS"))), "")
    return {
        **cleared,
        "NIGHTLIGHT_ENV": "production",
        "NIGHTLIGHT_VAR": str(var),
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": "",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "0" * 32,
        "TWILIO_FROM": "+15005550006",
        "TWILIO_API_URL": "http://127.0.0.1:9",  # nobody listens there
        "NIGHTLIGHT_KEYS": _KEY,
        "NIGHTLIGHT_PEPPER": "of senders that are nobody " * 2,
        "WEB_CONCURRENCY": "2",
        **more,
    }


def the_line(var: Path, **more: str) -> Server:
    """All of it: two web processes, a worker, the clock, its own Valkey and SQLite."""
    port = free_port()
    return Server(
        "the line",
        [sys.executable, "-m", "service", "run"],
        line_environ(var, port, **more),
        port,
        var / "line.log",
        ready_at="/readyz",
    )


def on_granian(name: str, target: str, folder: Path, python: str = sys.executable, **environ: str) -> Server:
    """Any WSGI application on the server that the line uses, with as many processes."""
    port = free_port()
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "2"]
    command = [python, "-m", "granian", *options, "--log-level", "error", target]
    return Server(name, command, {"PYTHONPATH": str(CHECKOUT), **environ}, port, folder / f"{target.split(':')[0]}.log")


def settings_of(line: Server) -> Settings:
    return Settings.read(line.environ)


def forget_sessions(line: Server) -> None:
    """So that every round begins with strangers."""
    redis.Redis.from_url(settings_of(line).redis_address).flushall()
