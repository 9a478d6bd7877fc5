"""What the clock looks after: rows that got stuck, rows that nobody knows about, and how the whole ledger stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from service.policy.conversation import FollowUpId, Language, SenderKey
from service.policy.ledger import (
    IN_FLIGHT,
    LISTINGS,
    SETTLED,
    Event,
    Standing,
    State,
    Transition,
    UnsettledFollowUp,
    listing_due,
)
from service.records.ledger import Happened, record_all
from service.records.rows import is_state, locked, move, put
from service.records.tables import follow_ups, transitions

QUEUE_PATIENCE = timedelta(seconds=30)
CLAIM_PATIENCE = timedelta(seconds=60)
"""Longer than a send can take, with its time-outs."""

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows a sweep moved, and why."""

    stranded: int
    lost: int
    expired: int


def sweep(tx: Connection, now: datetime) -> Swept:
    c = follow_ups.c
    stranded = _oldest(tx, c.changed_at, is_state({State.QUEUED}), c.changed_at < now - QUEUE_PATIENCE)
    lost = _oldest(tx, c.changed_at, is_state({State.CLAIMED}), c.changed_at < now - CLAIM_PATIENCE)
    moved_stranded = move(tx, stranded, Event.STRAND, now, reason="no_claim")
    moved_lost = move(tx, lost, Event.LOSE, now, reason="no_outcome")
    return Swept(len(moved_stranded), len(moved_lost), sum(_expire(tx, now, urgent) for urgent in (True, False)))


def _expire(tx: Connection, now: datetime, urgent: bool) -> int:
    c = follow_ups.c
    late = (is_state({State.PLANNED}), c.urgent.is_(urgent), c.due_at <= now, c.expires_at <= now)
    return len(move(tx, _oldest(tx, c.due_at, *late), Event.EXPIRE, now, reason="too_late"))


def _oldest(tx: Connection, moment: sa.Column[datetime], *where: sa.ColumnElement[bool]) -> list[sa.Row[Any]]:
    """A batch, in the order of the index. What another clock has in hand is left to it."""
    some = sa.select(follow_ups.c.id, follow_ups.c.state).where(*where).order_by(moment).limit(_BATCH)
    return list(tx.execute(some.with_for_update(skip_locked=True)))


# Evidence for the unknown ones


def unsettled(tx: Connection, now: datetime, limit: int) -> list[UnsettledFollowUp]:
    c = follow_ups.c
    waited = (sa.and_(c.listings == done, c.claimed_at <= now - wait) for done, wait in enumerate(LISTINGS))
    rows = tx.execute(
        sa.select(follow_ups).where(is_state({State.UNKNOWN}), sa.or_(*waited)).order_by(c.claimed_at).limit(limit)
    )
    return [
        UnsettledFollowUp(
            FollowUpId(row.id),
            row.sealed_number,
            row.reply,
            Language(row.language),
            row.claimed_at,
            row.listings,
            _others(tx, row),
        )
        for row in rows
    ]


def _others(tx: Connection, row: sa.Row[Any]) -> frozenset[str]:
    """Only what the provider itself tied to another row, by its answer or its report. What was merely found in a
    listing may have been this one."""
    c = follow_ups.c
    theirs = sa.select(c.provider_sid).where(c.sender == row.sender, c.id != row.id, c.provider_sid.is_not(None))
    return frozenset(tx.scalars(theirs)) if row.sender else frozenset()


def found_nothing(tx: Connection, id_: FollowUpId, now: datetime) -> State | None:
    found = locked(tx, follow_ups.c.id == id_, is_state({State.UNKNOWN}))
    if not found or not listing_due(found[0].claimed_at, found[0].listings, now):
        return None
    listings = found[0].listings + 1
    if listings == len(LISTINGS):
        return record_all(tx, [Happened(id_, Event.DISPROVE, now, reason=f"{listings}_listings")])[0]
    put(tx, [{"row": id_, "listings": listings}])
    return State.UNKNOWN


# How it stands


def lag(tx: Connection, now: datetime) -> timedelta:
    c = follow_ups.c
    planned = [sa.and_(is_state({State.PLANNED}), c.urgent.is_(urgent)) for urgent in (True, False)]
    waiting = [*planned, is_state({State.QUEUED})]
    oldest = [tx.scalar(sa.select(sa.func.min(c.due_at)).where(where, c.expires_at > now)) for where in waiting]
    return max((now - due_at for due_at in oldest if due_at is not None and due_at < now), default=timedelta())


def states(tx: Connection, settled_since: datetime | None) -> dict[State, int]:
    c = follow_ups.c
    lately = () if settled_since is None else (c.changed_at >= settled_since,)
    planned = tx.scalar(sa.select(sa.func.count()).select_from(follow_ups).where(is_state({State.PLANNED})))
    by_state = sa.select(c.state, sa.func.count()).group_by(c.state)
    begun = (by_state.where(is_state(SETTLED), *lately), by_state.where(is_state({State.QUEUED, *IN_FLIGHT})))
    counted = {State(name): n for which in begun for name, n in tx.execute(which)}
    return dict.fromkeys(State, 0) | counted | {State.PLANNED: planned or 0}


def oldest_unknown(tx: Connection, now: datetime) -> timedelta | None:
    oldest = tx.scalar(sa.select(sa.func.min(follow_ups.c.changed_at)).where(is_state({State.UNKNOWN})))
    return None if oldest is None else now - oldest


def follow_ups_of(tx: Connection, sender: SenderKey) -> list[Standing]:
    rows = tx.execute(sa.select(follow_ups).where(follow_ups.c.sender == sender).order_by(follow_ups.c.due_at))
    return [standing(row) for row in rows]


def standing(row: sa.Row[Any]) -> Standing:
    return Standing(
        FollowUpId(row.id),
        row.plan,
        row.step,
        row.reply,
        State(row.state),
        row.due_at,
        row.expires_at,
        row.zone,
        row.attempts,
        row.changed_at,
        row.provider_sid,
    )


def hurry(tx: Connection, sender: SenderKey, now: datetime) -> int:
    rows = follow_ups.update().where(follow_ups.c.sender == sender, is_state({State.PLANNED}))
    return tx.execute(rows.values(due_at=now, from_hour=0, until_hour=24)).rowcount


def story(tx: Connection, id_: FollowUpId) -> list[Transition]:
    lines = tx.execute(sa.select(transitions).where(transitions.c.follow_up == id_).order_by(transitions.c.id))
    return [
        Transition(
            line.at, State(line.before) if line.before else None, line.event, State(line.after), line.reason, line.code
        )
        for line in lines
    ]
