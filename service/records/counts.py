"""Numbers and marks: daily counts, answers that never arrived, heartbeats, the pepper's fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from service.policy.counting import CountKey, DailyCount
from service.policy.ledger import MessageKey
from service.records.tables import counts, flushes, heartbeats, peppers, undelivered_answers
from service.records.writing import insert_new, upsert

_NEVER_ARRIVED = frozenset({"undelivered", "failed"})


def add_counts(tx: Connection, flush_id: str, added: Mapping[CountKey, int], at: datetime) -> bool:
    if not insert_new(tx, flushes, id=flush_id, at=at):
        return False
    rows = [{**asdict(key), "answers": answers} for key, answers in added.items()]
    if rows:
        tx.execute(_adding(tx.dialect.name), rows)
    return True


@cache
def _adding(dialect: str) -> sa.Insert:
    insert = upsert(dialect, counts)
    total = counts.c.answers + insert.excluded.answers
    return insert.on_conflict_do_update(index_elements=list(counts.primary_key), set_={"answers": total})


def daily_counts(tx: Connection, month: str) -> list[DailyCount]:
    days = sa.select(counts).where(counts.c.day.startswith(f"{month}-", autoescape=True))
    rows = tx.execute(days.order_by(*counts.primary_key))
    return [DailyCount(CountKey(*row[:-1]), row.answers) for row in rows]


def delivery(
    tx: Connection, message: MessageKey, reply: str, level: str, status: str, code: int | None, at: datetime
) -> bool:
    if status not in _NEVER_ARRIVED:
        return False
    return insert_new(
        tx, undelivered_answers, message=message, reply=reply, level=level, status=status, code=code, at=at
    )


def beat(tx: Connection, name: str, at: datetime) -> None:
    tx.execute(_beating(tx.dialect.name), {"name": name, "at": at})


@cache
def _beating(dialect: str) -> sa.Insert:
    insert = upsert(dialect, heartbeats)
    return insert.on_conflict_do_update(index_elements=[heartbeats.c.name], set_={"at": insert.excluded.at})


def beats(tx: Connection) -> dict[str, datetime]:
    return {row.name: row.at for row in tx.execute(sa.select(heartbeats))}


def pepper_fingerprint(tx: Connection, fingerprint: str) -> bool:
    insert_new(tx, peppers, id=1, fingerprint=fingerprint)
    return tx.scalar(sa.select(peppers.c.fingerprint)) == fingerprint
