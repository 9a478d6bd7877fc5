"""One SQL database: its engine, its transactions, its failures. What is written in them is not here."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from service.breaker import Breaker

_THREADS = 32
"""More than any process of ours uses at once, so that nobody waits for a connection."""

_LOOK_AGAIN = 0.001
"""Seconds between two looks whether another process has done writing."""


class RecordsUnavailable(Exception):
    """The database did not take or give it. Nothing is known about a write: ask again, or spool it."""


class RecordsRefused(RecordsUnavailable):
    """The database will never take this value. Asking again is of no use."""


class Database:
    """Thread-safe. Every exception that leaves it is RecordsUnavailable, and carries no value of any row."""

    def __init__(self, url: str, *, busy_timeout: float, rest: timedelta) -> None:
        self.url = _full(url)
        self.engine, self._error = _engine(self.url, busy_timeout)
        self.has_one_writer = self.engine.dialect.name == "sqlite"
        self._turn = _Turn(busy_timeout, f"{self.url.database}-turn").taken if self.has_one_writer else nullcontext
        # A deferred transaction that reads and then writes fails at once where another one wrote in between, whatever
        # the time-out.
        self._begin = "BEGIN IMMEDIATE" if self.has_one_writer else "BEGIN"
        self._breaker = Breaker(rest)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """No transaction: each question is answered as things stand when it is asked."""
        with self._guarded(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, kept when the block ends, undone when it raises."""
        with self._guarded(), self._turn(), self.engine.begin() as connection:
            connection.exec_driver_sql(self._begin)
            yield connection

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        if not self._breaker.may_try():
            raise RecordsUnavailable("the database failed a moment ago and is left alone")
        try:
            yield
        except (DataError, IntegrityError) as error:
            self._breaker.succeeded()
            raise RecordsRefused(f"the database refuses a value: {type(error.orig).__name__}") from None
        except (SQLAlchemyError, self._error, OSError) as error:
            self._breaker.failed()
            cause = getattr(error, "orig", None) or error
            raise RecordsUnavailable(f"the database cannot be used: {type(cause).__name__}") from None
        self._breaker.succeeded()


class _Turn:
    """SQLite has one writer. Threads and processes wait in line here; SQLite would let them race, with ever longer
    pauses before they look again, while whoever has just written writes on."""

    def __init__(self, patience: float, path: str) -> None:
        self._patience, self._path = patience, path
        self._threads = threading.Lock()

    @contextmanager
    def taken(self) -> Iterator[None]:
        until = time.monotonic() + self._patience
        if not self._threads.acquire(timeout=self._patience):
            raise sqlite3.OperationalError("another thread writes")
        try:
            with self._before_other_processes(until):
                yield
        finally:
            self._threads.release()

    @contextmanager
    def _before_other_processes(self, until: float) -> Iterator[None]:
        # Opened each time: one that a fork shares would hold nobody off.
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while not _locks(file):
                if time.monotonic() > until:
                    raise sqlite3.OperationalError("another process writes")
                time.sleep(_LOOK_AGAIN)
            yield
        finally:
            os.close(file)


def _locks(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _full(url: str) -> URL:
    parsed = make_url(url)
    if parsed.get_backend_name() in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _engine(url: URL, patience: float) -> tuple[Engine, type[Exception]]:
    """The engine, whose connections begin no transaction by themselves, and what its driver raises.

    It listens to no event of its own: with a single one, SQLAlchemy looks for listeners five times a statement.
    """
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, patience), sqlite3.Error
    from service.records import postgresql  # its driver takes eight megabytes, which SQLite does without

    return postgresql.engine(url, patience, _THREADS), postgresql.DriverError


def _sqlite(url: URL, busy_timeout: float) -> Engine:
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        pool_size=_THREADS,
        pool_timeout=busy_timeout,
        connect_args={"timeout": busy_timeout, "isolation_level": None},
    )

    @event.listens_for(engine.pool, "connect")
    def set_up(connection: sqlite3.Connection, record: object) -> None:
        _write_ahead(connection, busy_timeout)
        connection.execute("PRAGMA synchronous=FULL")

    return engine


def _write_ahead(connection: sqlite3.Connection, patience: float) -> None:
    """Two processes that make a new file's log at once: SQLite refuses one of them, and does not wait first."""
    until = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)


def make_folder(url: URL) -> None:
    """A SQLite file that only its owner may read, in a folder that is there."""
    if url.get_backend_name() == "sqlite" and url.database:
        path = Path(url.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
