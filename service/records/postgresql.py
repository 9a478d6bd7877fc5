"""The engine of a PostgreSQL database: every wait on its server is bounded. Imported only where one is used."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg.abc import PQGen
from sqlalchemy import event
from sqlalchemy.engine import URL, Dialect, Engine
from sqlalchemy.exc import DisconnectionError

T = TypeVar("T")

DriverError = psycopg.Error


class _Bounded(psycopg.Connection[Any]):
    """Gives up on a server that neither answers nor hangs up, which its own time-outs cannot notice."""

    patience = 1.0

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        try:
            return super().wait(gen, interval, timeout or self.patience)
        except psycopg.errors._WaitTimeout:
            self.close()
            raise psycopg.OperationalError("no answer in time") from None


def engine(url: URL, patience: float, threads: int) -> Engine:
    milliseconds = int(patience * 1000)
    made = sa.create_engine(
        url,
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",  # until a transaction is begun: a single question needs none
        pool_size=threads,
        pool_timeout=patience,
        connect_args={
            "connect_timeout": 2,
            "options": f"-c statement_timeout={milliseconds * 2} -c lock_timeout={milliseconds * 2}",
        },
    )

    @event.listens_for(made, "do_connect")
    def connect(dialect: Dialect, record: object, args: Any, parameters: Any) -> _Bounded:
        connection = _within(patience * 2, lambda: _Bounded.connect(*args, **parameters))
        connection.patience = patience * 3
        return connection

    @event.listens_for(made.pool, "checkout")
    def check(connection: _Bounded, record: object, proxy: object) -> None:
        # An idle connection on which something came in was hung up; asking the server would be a wait more.
        idle = select.poll()
        idle.register(connection.fileno(), select.POLLIN)
        if idle.poll(0):
            raise DisconnectionError

    return made


def _within(seconds: float, connect: Callable[[], _Bounded]) -> _Bounded:
    """The driver bounds neither the look-up of a name nor, below two seconds, the connecting. A thread can be left."""
    outcome: Future[_Bounded] = Future()

    def run() -> None:
        try:
            connection = connect()
        except Exception as error:
            outcome.set_exception(error) if outcome.set_running_or_notify_cancel() else None
        else:
            outcome.set_result(connection) if outcome.set_running_or_notify_cancel() else connection.close()

    threading.Thread(target=run, name="records-connect", daemon=True).start()
    try:
        return outcome.result(seconds)
    except TimeoutError:
        if outcome.cancel():
            raise psycopg.OperationalError("no connection in time") from None
        return outcome.result()
