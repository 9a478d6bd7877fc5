"""How a process starts: what it makes by then stays, and it asks no database that is not ready. It starts nothing."""

from __future__ import annotations

import fcntl
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def all_of_it_stays() -> Iterator[None]:
    """Nothing made inside is ever looked through for garbage: that took a third of a start.

    Later it would stop every text for a tenth of a second, and in a forked process copy every page that is shared.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def migration(var: Path) -> Iterator[None]:
    """While this machine's database is brought up to date; whoever is to use it may start, and waits for the end."""
    with _migration_lock(var).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def wait_for_migration(var: Path) -> None:
    """Return once no migration is under way, however it ended: the lock goes with whoever holds it."""
    with suppress(FileNotFoundError), _migration_lock(var).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)


def _migration_lock(var: Path) -> Path:
    return var / "run" / "migration"
