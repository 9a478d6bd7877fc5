"""A whole line as a stranger runs it: `python -m service run` in a folder of its own, texted over HTTP."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from service.settings import CHECKOUT, Settings

PATIENCE = 45.0
"""Seconds; the machine may be busy with the other tests."""


class Running:
    """One run. Its phone page stands in for Twilio, so what the page lists is what people got."""

    def __init__(self, var: Path, **environ: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.environ = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("TWILIO", "NIGHTLIGHT", "REDIS"))
            },
            "NIGHTLIGHT_ENV": "development",
            "NIGHTLIGHT_VAR": str(var),
            "PORT": str(port),
            **environ,
        }
        self.url = f"http://127.0.0.1:{port}"
        self.log = var / "log"
        var.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "service", "run"], cwd=CHECKOUT, env=self.environ, stdout=log, stderr=log
            )
        self.until(self.is_up)
        self.settings = Settings.read(self.environ)

    def is_up(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"it ended: {self.log.read_text()[-2000:]}")
        try:
            ready = requests.get(f"{self.url}/readyz", timeout=2).json()
        except (requests.RequestException, ValueError):
            return False
        return bool(ready["ready"]) and ready["degraded"] == []

    def until(self, true: Callable[[], bool], patience: float = PATIENCE) -> None:
        end = time.monotonic() + patience
        while not true():
            assert time.monotonic() < end, f"it did not come about in {patience} s"
            time.sleep(0.1)

    def readyz(self) -> str:
        return requests.get(f"{self.url}/readyz", timeout=5).text

    def text(self, text: str, number: str) -> str:
        """The answer on the phone page."""
        posted = {"from": number, "country": "US", "state": "NY", "text": text}
        answers = requests.post(f"{self.url}/phone/texts", json=posted, headers={"Origin": self.url}, timeout=20).json()
        return "\n".join(answer["text"] for answer in answers["answers"])

    def hurry(self, number: str) -> int:
        headers = {"Origin": self.url}
        return int(
            requests.post(f"{self.url}/phone/hurry", json={"from": number}, headers=headers, timeout=20).json()[
                "hurried"
            ]
        )

    def check_ins(self, number: str) -> int:
        """How many check-ins have reached the phone."""
        account, token = self.settings.account_sid, self.settings.auth_tokens[0]
        listed = requests.get(
            f"{self.url}/phone/twilio/2010-04-01/Accounts/{account}/Messages.json",
            params={"To": number},
            auth=(account, token),
            timeout=20,
        ).json()
        return sum(message["direction"] == "outbound-api" for message in listed["messages"])

    def pids(self, *words: str) -> list[int]:
        """The run's own processes whose command line holds all the words."""
        listed = subprocess.run(["ps", "-eo", "pid,args", "-ww"], capture_output=True, text=True, check=True).stdout
        ours = str(self.settings.embedded_socket) if "valkey-server" in words else ""
        rows = (line.strip().split(" ", 1) for line in listed.splitlines()[1:])
        return [
            int(pid)
            for pid, args in rows
            if all(w in args for w in words) and ours in args and self._is_ours(int(pid), ours)
        ]

    def named(self, name: str) -> list[int]:
        """The run's own processes that call themselves so."""
        return [pid for pid in self.pids("-m workers") if Path(f"/proc/{pid}/comm").read_text().strip() == name]

    def _is_ours(self, pid: int, ours: str) -> bool:
        if ours:
            return True
        try:
            environ = Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            return False
        return f"NIGHTLIGHT_VAR={self.environ['NIGHTLIGHT_VAR']}".encode() in environ

    def stop(self) -> int:
        """As Ctrl-C does; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=30)


@contextmanager
def a_run(var: Path, **environ: str) -> Iterator[Running]:
    running = Running(var, **environ)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()
