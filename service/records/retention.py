"""How long each thing is kept, and what is asked of the provider to delete. The numbers stand in docs/data.md too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from service.policy.ledger import SETTLED
from service.records.rows import is_state, remove
from service.records.tables import applied, consents, deletions, flushes, follow_ups, opt_outs, undelivered_answers

SEALED_NUMBER = timedelta(days=7)
"""After the follow-up's last change, once nothing is left to do for it."""
FOLLOW_UP = timedelta(days=90)
APPLIED = timedelta(days=90)
"""No repeated delivery and no spool is that old."""
UNDELIVERED = timedelta(days=90)
CONSENT = timedelta(days=5 * 365 + 2)
ENDED = timedelta(days=7)
"""Marks of somebody who has not opted out: only needed while an older text may still be in a spool."""

_BATCH = 500
_ANOTHER_TRY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Deletion:
    """Somebody asked us to delete: the provider's copies of the texts from and to this number have to go."""

    id: str
    sealed_number: str


def due_deletions(tx: Connection, now: datetime, limit: int) -> list[Deletion]:
    due = sa.select(deletions).where(deletions.c.next_at <= now).order_by(deletions.c.next_at).limit(limit)
    rows = tx.execute(due.with_for_update(skip_locked=True)).all()
    ids = [row.id for row in rows]
    tx.execute(deletions.update().where(deletions.c.id.in_(ids)).values(next_at=now + _ANOTHER_TRY))
    return [Deletion(row.id, row.sealed_number) for row in rows]


def deletion_done(tx: Connection, id_: str) -> None:
    tx.execute(deletions.delete().where(deletions.c.id == id_))


def purge(tx: Connection, now: datetime) -> int:
    """One small batch of each kind; how many rows it touched. Zero: nothing is left to purge."""
    return (
        _strip_numbers(tx, now)
        + _drop_follow_ups(tx, now)
        + _drop_older(tx, applied, applied.c.at < now - APPLIED)
        + _drop_older(tx, flushes, flushes.c.at < now - APPLIED)
        + _drop_older(tx, undelivered_answers, undelivered_answers.c.at < now - UNDELIVERED)
        + _drop_older(tx, consents, consents.c.at < now - CONSENT)
        + _drop_older(tx, opt_outs, *_bare_marks(now))
    )


def _strip_numbers(tx: Connection, now: datetime) -> int:
    c = follow_ups.c
    old = sa.select(c.id).where(is_state(SETTLED), c.changed_at < now - SEALED_NUMBER, c.sealed_number.is_not(None))
    return tx.execute(follow_ups.update().where(c.id.in_(old.limit(_BATCH))).values(sealed_number=None)).rowcount


def _drop_follow_ups(tx: Connection, now: datetime) -> int:
    old = sa.select(follow_ups.c.id).where(is_state(SETTLED), follow_ups.c.changed_at < now - FOLLOW_UP).limit(_BATCH)
    ids = list(tx.scalars(old))
    remove(tx, ids)
    return len(ids)


def _drop_older(tx: Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    key = sa.tuple_(*table.primary_key)
    some = sa.select(*table.primary_key).where(*where).limit(_BATCH)
    return tx.execute(table.delete().where(key.in_(some))).rowcount


def _bare_marks(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """An opt-out is kept for ever, also one that START has ended: its story may be asked for."""
    c = opt_outs.c
    old = [sa.or_(moment.is_(None), moment < now - ENDED) for moment in (c.ended_at, c.in_at)]
    return c.out_at.is_(None), *old
