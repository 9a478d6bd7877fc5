"""How the web process is served. What it answers is in lastresort.py and behind it."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from service import starting
from service.settings import CHECKOUT, Settings, SettingsError

TARGET = "service.lastresort:application"
LOADING_TIME = 10.0
"""Seconds that loading what the processes share may take; after that each loads for itself."""


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
    from granian import Granian  # here, for the supervisor asks where we serve, and serves nothing
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from service import logs

    logs.configure("web")
    serving = Serving.of(os.environ)
    server = Granian(
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
    )
    if sys.platform == "linux":  # elsewhere a forked process may not use what its parent has loaded
        multiprocessing.set_start_method("fork", force=True)
        server.on_startup(share)
    server.on_startup(_wait_for_migration)
    server.on_reload(share_no_more)
    server.serve()


def share() -> None:
    """Load once, in the process that the others are forked from, what each of them needs."""
    loading = threading.Thread(target=_load, name="load", daemon=True)
    loading.start()
    loading.join(LOADING_TIME)
    if loading.is_alive():
        share_no_more()  # a process forked now would find the import locks taken, for ever


def share_no_more() -> None:
    """New processes load for themselves. Asked for by SIGHUP, which is to bring new code into force."""
    multiprocessing.set_start_method("spawn", force=True)


def _wait_for_migration() -> None:
    with suppress(SettingsError, OSError):
        starting.wait_for_migration(Settings.read(os.environ).var)


def _load() -> None:
    with suppress(BaseException), starting.all_of_it_stays():  # it fails again in each, whose outermost layer says why
        from service import app, playbook  # noqa: F401 (app, which imports all)

        settings = Settings.read(os.environ)
        playbook.load(settings.home, production=settings.production)


if __name__ == "__main__":
    main()
