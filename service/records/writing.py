"""The few statements that the two databases spell differently. Each is built once: building one costs more than it."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection


def upsert(dialect: str, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say what to do on a conflict."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert_new(tx: Connection, table: sa.Table, **values: object) -> bool:
    """Whether the row is new. One that is there stays as it is."""
    return tx.execute(_new(tx.dialect.name, table), values).rowcount == 1


@cache
def _new(dialect: str, table: sa.Table) -> sa.Insert:
    return upsert(dialect, table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def lock_sender(tx: Connection, sender: str) -> None:
    """One transaction at a time for each sender; SQLite has one writer anyway."""
    if tx.dialect.name == "postgresql":
        tx.execute(_LOCK, {"sender": sender})


_LOCK = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(sa.bindparam("sender", type_=sa.Text), 0)))
