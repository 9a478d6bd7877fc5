"""What has to hold before anything is started, each with its one sentence for the person at the terminal."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO

from service import embedded, private
from service.settings import CHECKOUT

MEMORY = Path("/dev/shm")  # noqa: S108 (what is made in it is ours, 0700)
VALKEY_PATIENCE = 5.0
MIGRATION_PATIENCE = 120.0


class CannotRun(Exception):
    """Why nothing was started, or stayed: one sentence."""


def only_run(var: Path) -> IO[str]:
    """A lock that is held until it is closed, or the process is gone, however it went."""
    try:
        (var / "run").mkdir(parents=True, exist_ok=True)
        lock = (var / "run" / "lock").open("w")
    except OSError as error:
        raise CannotRun(
            f"{var} cannot be written ({error.strerror}). Make it writable, or set NIGHTLIGHT_VAR."
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise CannotRun(f"Nightlight already runs on {var}. End that run, or set NIGHTLIGHT_VAR and PORT.") from None
    return lock


def free_port(host: str, port: int) -> None:
    """Asked here because the server would not notice: it shares its port with whoever shares theirs."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            why = error.strerror
            raise CannotRun(f"Port {port} cannot be used ({why}). Set PORT to another, or end what has it.") from None


def metrics_folder(var: Path) -> Path:
    """Where the processes share their figures: in memory, where the system has a place for that.

    A process that first touches a page of such a file while the disk is full is killed (SIGBUS), and texts with it.
    """
    in_memory = MEMORY / private.name_for(var)
    return in_memory if os.access(MEMORY, os.W_OK) and _may_be_ours(in_memory) else var / "metrics"


def _may_be_ours(folder: Path) -> bool:
    """Whether nobody else has made something of that name."""
    try:
        return private.is_ours_alone(folder)
    except OSError:
        return True


def empty_folder(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def answering_valkey(path: Path) -> None:
    deadline = time.monotonic() + VALKEY_PATIENCE
    while not embedded.answers(path):
        if time.monotonic() > deadline:
            raise CannotRun("The embedded Valkey does not answer. Look at var/run/valkey.log, or set REDIS_URL.")
        time.sleep(0.02)


def database_problem(migrate: Sequence[str], environ: Mapping[str, str]) -> str:
    """Brings the tables to this version. Empty where they are; else a sentence, with the last one that was said."""
    try:
        ended = subprocess.run(
            migrate,
            cwd=CHECKOUT,
            env=environ,
            capture_output=True,
            text=True,
            timeout=MIGRATION_PATIENCE,
            check=False,
            start_new_session=True,  # Ctrl-C must not break a migration off
        )
    except subprocess.TimeoutExpired:
        return "The database does not answer. Start it, or look at DATABASE_URL."
    if ended.returncode == 0:
        return ""
    said = ended.stderr.strip().splitlines() or ["no reason was given."]
    return f"The database cannot be used: {said[-1]} Start it, or look at DATABASE_URL."
