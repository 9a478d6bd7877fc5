"""How the web process is served. What it answers is in lastresort.py and behind it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from service import logs
from service.settings import CHECKOUT, Settings, SettingsError

TARGET = "service.lastresort:application"


@dataclass(frozen=True, slots=True)
class Serving:
    """Where and with how much the web process serves."""

    host: str
    port: int
    processes: int
    threads: int
    """Requests side by side in one process; started as they are needed. A client that sends half a text holds one
    for as long as it likes, and so does each open tab of the phone page."""
    patience: int
    """Seconds that a stop waits for requests under way; an open phone page never ends by itself."""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Serving:
        """Settings that are wrong are no reason not to serve: then the last resort answers, and says why."""
        production = environ.get("NIGHTLIGHT_ENV", "").strip() != "development"
        try:
            settings = Settings.read(environ)
            port, processes = settings.port, settings.web_processes
        except SettingsError:
            port, processes = port_of(environ), 1
        if production:
            return cls("0.0.0.0", port, processes, threads=64, patience=8)  # noqa: S104 (Twilio comes from outside)
        return cls("127.0.0.1", port, processes, threads=32, patience=1)


def port_of(environ: Mapping[str, str]) -> int:
    """The port where the settings as a whole cannot be read."""
    port = environ.get("PORT", "").strip()
    return int(port) if port.isdecimal() and 0 < int(port) < 65536 else 5000


def main() -> None:
    logs.configure("web")
    serving = Serving.of(os.environ)
    Granian(
        TARGET,
        address=serving.host,
        port=serving.port,
        interface=Interfaces.WSGI,
        workers=serving.processes,
        blocking_threads=serving.threads,
        respawn_failed_workers=True,
        respawn_interval=5.0,  # seconds that a new process gets to stand before the old one goes (SIGHUP)
        workers_kill_timeout=serving.patience,
        websockets=False,
        log_level=LogLevels.error,  # its warning about many threads is meant for other work than waiting
        working_dir=CHECKOUT,
        log_dictconfig={"handlers": {}, "loggers": {"_granian": {"propagate": True}}},
    ).serve()


if __name__ == "__main__":
    main()
