"""The few statements that the two databases spell differently."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection


def upsert(tx: Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say what to do on a conflict."""
    return postgresql.insert(table) if tx.dialect.name == "postgresql" else sqlite.insert(table)


def insert_new(tx: Connection, table: sa.Table, **values: object) -> bool:
    """Whether the row is new. One that is there stays as it is."""
    insert = upsert(tx, table).values(**values).on_conflict_do_nothing()
    return tx.execute(insert, execution_options={"preserve_rowcount": True}).rowcount == 1


def lock_sender(tx: Connection, sender: str) -> None:
    """One transaction at a time for each sender; SQLite has one writer anyway."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(sender, 0))))
